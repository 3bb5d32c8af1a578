//! A safetensors file by its first bytes alone: what is in it, and which bytes to fetch.

use safetensors::{Dtype, tensor::Metadata};

use super::loader::FORMAT;
use super::{Number, Stored, Vgg16Error, Vgg16Loader};

/// The bytes in front of the header: its length, 64 bits, low byte first.
const LENGTH: usize = 8;
/// VGG16 needs 3 kB of header; a larger length is a sign of another kind of file.
const LONGEST: u64 = 1 << 20;

/// Bytes `start..end` of the file, which hold the next numbers of a tensor.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Piece {
    /// The tensor.
    pub name: String,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// What a file announces.
#[derive(Debug)]
pub struct Vgg16Header {
    tensors: Vec<(Stored, usize)>,
}

impl Vgg16Header {
    /// How many bytes [`Vgg16Header::read`] needs, by the first 8 of a file.
    ///
    /// # Errors
    /// [`Vgg16Error::Unreadable`] when it is no safetensors file.
    pub fn bytes(start: &[u8]) -> Result<usize, Vgg16Error> {
        let length = start.first_chunk::<LENGTH>().map(|bytes| u64::from_le_bytes(*bytes));
        match length {
            Some(length) if length <= LONGEST => Ok(LENGTH + length as usize),
            _ => Err(Vgg16Error::Unreadable),
        }
    }

    /// Reads the header, the file's first bytes; `size` is that of the whole file.
    ///
    /// # Errors
    /// [`Vgg16Error`] when it is no safetensors file, cut off, one of hearsight's other files, or in numbers of
    /// other formats than f32 and f16.
    pub fn read(header: &[u8], size: u64) -> Result<Self, Vgg16Error> {
        let end = Self::bytes(header)?;
        let text = header.get(LENGTH..end).ok_or(Vgg16Error::Unreadable)?;
        let file: Metadata = serde_json::from_slice(text).map_err(|_| Vgg16Error::Unreadable)?;
        let format = file.metadata().as_ref().and_then(|metadata| metadata.get("format"));
        // Other programs write other formats ("pt", say); only our own names mean anything.
        if let Some(other) = format.filter(|format| format.starts_with("hearsight-") && *format != FORMAT) {
            return Err(Vgg16Error::Kind(other.clone()));
        }
        let expected = (end + file.data_len()) as u64;
        if expected != size {
            return Err(Vgg16Error::Cut { found: size, expected });
        }
        let mut tensors = Vec::new();
        for name in file.offset_keys().into_iter().filter(|name| Vgg16Loader::takes(name)) {
            let info = file.info(&name).ok_or(Vgg16Error::Unreadable)?;
            let number = match info.dtype {
                Dtype::F32 => Number::F32,
                Dtype::F16 => Number::F16,
                other => return Err(Vgg16Error::Number { name, found: format!("{other:?}") }),
            };
            tensors.push((Stored { name, shape: info.shape.clone(), number }, end + info.data_offsets.0));
        }
        Ok(Self { tensors })
    }

    /// The tensors, in the file's order.
    pub fn tensors(&self) -> impl Iterator<Item = Stored> {
        self.tensors.iter().map(|(stored, _)| stored.clone())
    }

    /// What to read, in the file's order and in pieces of at most `largest` bytes; the class layer is left out.
    pub fn pieces(&self, largest: usize) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (Stored { name, shape, number }, start) in &self.tensors {
            let end = start + shape.iter().product::<usize>() * number.size();
            let step = (largest / number.size()).max(1) * number.size();
            for start in (*start..end).step_by(step) {
                pieces.push(Piece { name: name.clone(), start, end: end.min(start.saturating_add(step)) });
            }
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(json: &str) -> Vec<u8> {
        [&(json.len() as u64).to_le_bytes()[..], json.as_bytes()].concat()
    }

    const TWO: &str = r#"{"b":{"dtype":"F16","shape":[5],"data_offsets":[8,18]},
        "a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;

    #[test]
    fn pieces_cover_each_tensor_in_whole_numbers() {
        let header = file(TWO);
        let (at, read) = (header.len(), Vgg16Header::read(&header, header.len() as u64 + 18).unwrap());
        let pieces: Vec<_> = read.pieces(5).into_iter().map(|p| (p.name, p.start - at, p.end - at)).collect();
        let expected = [("a", 0, 4), ("a", 4, 8), ("b", 8, 12), ("b", 12, 16), ("b", 16, 18)];
        assert_eq!(pieces, expected.map(|(name, start, end)| (name.to_owned(), start, end)));
    }

    #[test]
    fn what_is_wrong_is_told_before_the_file_is_read() {
        let header = file(TWO);
        assert!(matches!(Vgg16Header::read(&header, 99), Err(Vgg16Error::Cut { found: 99, .. })));
        let other = file(r#"{"__metadata__":{"format":"hearsight-speech-1"}}"#);
        assert!(matches!(Vgg16Header::read(&other, other.len() as u64), Err(Vgg16Error::Kind(_))));
        let doubles = file(r#"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#);
        assert!(matches!(
            Vgg16Header::read(&doubles, doubles.len() as u64 + 8),
            Err(Vgg16Error::Number { .. })
        ));
        for length in 0..header.len() {
            assert!(matches!(Vgg16Header::read(&header[..length], 200), Err(Vgg16Error::Unreadable)));
        }
        assert!(matches!(Vgg16Header::bytes(b"\x80\x02\x8a\x0al\xfc\x9cF"), Err(Vgg16Error::Unreadable)));
    }
}
