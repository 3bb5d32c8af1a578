//! Weights tensor by tensor, in bites of any size, so that nobody has to hold a whole file.

use std::collections::BTreeMap;

use burn::tensor::Device;
use half::f16;
use half::slice::HalfFloatSliceExt;
use safetensors::{Dtype, tensor::TensorView};

use super::{Convolutions, Vgg16, Vgg16Error, Vgg16Header, vgg16_tensors};
use crate::poster::half_linear::HalfLinear;

/// What our own checkpoint calls itself.
pub(super) const FORMAT: &str = "hearsight-vgg16-1";
/// The layer from fc2 to the 1000 classes of ImageNet: of no use here, so it may be there and is dropped.
const CLASSES: &str = "classifier.6.";

/// How a file stores numbers, low byte first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// Single precision.
    F32,
    /// Half precision.
    F16,
}

impl Number {
    /// Bytes of one number.
    pub fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 => 2,
        }
    }
}

/// A tensor as a file announces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// In torchvision's words.
    pub name: String,
    /// Weights `[out, in, ...]`, biases `[out]`.
    pub shape: Vec<usize>,
    /// How its numbers are stored.
    pub number: Number,
}

/// Takes the weights in any order and keeps them in f16.
#[derive(Debug)]
pub struct Vgg16Loader {
    tensors: BTreeMap<String, Filling>,
}

#[derive(Debug)]
struct Filling {
    number: Number,
    shape: Vec<usize>,
    /// What has come so far.
    values: Vec<f16>,
}

impl Filling {
    fn numbers(&self) -> usize {
        self.shape.iter().product()
    }
}

impl Vgg16Loader {
    /// Begins with what the file announces, so that a wrong file is refused before it is read.
    ///
    /// # Errors
    /// [`Vgg16Error`] names the first tensor that is unknown, of another shape, or missing.
    pub fn new(stored: impl IntoIterator<Item = Stored>) -> Result<Self, Vgg16Error> {
        let expected: BTreeMap<_, _> = vgg16_tensors().into_iter().collect();
        let mut tensors = BTreeMap::new();
        for Stored { name, shape, number } in stored.into_iter().filter(|tensor| Self::takes(&tensor.name)) {
            match expected.get(&name) {
                None => return Err(Vgg16Error::Unknown(name)),
                Some(expected) if *expected != shape => {
                    return Err(Vgg16Error::Shape { name, found: shape, expected: expected.clone() });
                }
                Some(_) => tensors.insert(name, Filling { number, shape, values: Vec::new() }),
            };
        }
        match expected.into_keys().find(|name| !tensors.contains_key(name)) {
            Some(name) => Err(Vgg16Error::Missing(name)),
            None => Ok(Self { tensors }),
        }
    }

    /// Takes a whole safetensors file: our own checkpoint, or torchvision's weights.
    ///
    /// # Errors
    /// [`Vgg16Error`] for a file that is broken or of another network.
    pub fn read(bytes: &[u8]) -> Result<Self, Vgg16Error> {
        let header = Vgg16Header::read(bytes, bytes.len() as u64)?;
        let mut loader = Self::new(header.tensors())?;
        for piece in header.pieces(usize::MAX) {
            loader.push(&piece.name, &bytes[piece.start..piece.end])?;
        }
        Ok(loader)
    }

    /// Whether a tensor of this name has to be handed in; those of the class layer need not be.
    pub fn takes(name: &str) -> bool {
        !name.starts_with(CLASSES)
    }

    /// Takes the next bytes of a tensor, whole numbers, as they are stored.
    ///
    /// # Errors
    /// [`Vgg16Error`] for bytes beyond the tensor's end, and for numbers that f16 cannot hold.
    pub fn push(&mut self, name: &str, bytes: &[u8]) -> Result<(), Vgg16Error> {
        let number = match self.tensors.get(name) {
            Some(tensor) => tensor.number,
            None => return Err(Vgg16Error::Unknown(name.to_owned())),
        };
        if !bytes.len().is_multiple_of(number.size()) {
            return Err(Vgg16Error::Missing(name.to_owned()));
        }
        match number {
            Number::F16 => self.add(name, bytes.as_chunks().0.iter().map(|bytes| f16::from_le_bytes(*bytes))),
            Number::F32 => {
                let wide: Vec<f32> =
                    bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
                self.push_values(name, &wide)
            }
        }
    }

    /// Takes the next numbers of a tensor.
    ///
    /// # Errors
    /// As [`Vgg16Loader::push`].
    pub fn push_values(&mut self, name: &str, values: &[f32]) -> Result<(), Vgg16Error> {
        let mut narrow = vec![f16::ZERO; values.len()];
        narrow.convert_from_f32_slice(values);
        self.add(name, narrow.into_iter())
    }

    fn add(&mut self, name: &str, values: impl ExactSizeIterator<Item = f16>) -> Result<(), Vgg16Error> {
        let Some(tensor) = self.tensors.get_mut(name) else {
            return Err(Vgg16Error::Unknown(name.to_owned()));
        };
        let (numbers, held) = (tensor.numbers(), tensor.values.len());
        if held + values.len() > numbers {
            return Err(Vgg16Error::Cut { found: (held + values.len()) as u64, expected: numbers as u64 });
        }
        // Room for all of it at once: growing fc1 bit by bit would need it twice.
        tensor.values.reserve_exact(numbers - held);
        tensor.values.extend(values);
        let finite = tensor.values[held..].iter().all(|value| value.is_finite());
        if finite { Ok(()) } else { Err(Vgg16Error::NotFinite(name.to_owned())) }
    }

    /// The network, with its filters on `device` and its matrices in f16 beside it.
    ///
    /// # Errors
    /// [`Vgg16Error::Missing`] names a tensor that has not come whole.
    pub fn finish(mut self, device: &Device) -> Result<Vgg16, Vgg16Error> {
        self.check_whole()?;
        let mut layers = Vec::new();
        for (name, _) in vgg16_tensors().into_iter().filter(|(name, _)| name.ends_with(".weight")) {
            let bias = self.take(&name.replace(".weight", ".bias"))?;
            layers.push((self.take(&name)?, bias));
        }
        let wide = |values: &[f16]| values.iter().map(|value| value.to_f32()).collect::<Vec<_>>();
        let matrices = layers.split_off(layers.len() - 2);
        let filters = layers.iter().map(|(weight, bias)| (wide(weight), wide(bias)));
        let convolutions = Convolutions::new(filters, device);
        let mut matrices = matrices.into_iter().map(|(weight, bias)| HalfLinear::new(weight, bias));
        match (matrices.next(), matrices.next()) {
            (Some(fc1), Some(fc2)) => Ok(Vgg16 { convolutions, fc1, fc2 }),
            _ => Err(Vgg16Error::Unreadable),
        }
    }

    /// Our own checkpoint: safetensors in f16, 269 MB.
    ///
    /// # Errors
    /// [`Vgg16Error::Missing`] names a tensor that has not come whole.
    pub fn write(&self) -> Result<Vec<u8>, Vgg16Error> {
        self.check_whole()?;
        let bytes = |values: &[f16]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        let stored: Vec<_> =
            self.tensors.iter().map(|(name, t)| (name, &t.shape, bytes(&t.values))).collect();
        let views = stored.iter().map(|(name, shape, bytes)| {
            Ok((
                name.as_str(),
                TensorView::new(Dtype::F16, shape.to_vec(), bytes).map_err(|_| Vgg16Error::Unreadable)?,
            ))
        });
        let metadata = [("format".to_owned(), FORMAT.to_owned())].into_iter().collect();
        safetensors::serialize(views.collect::<Result<Vec<_>, _>>()?, Some(metadata))
            .map_err(|_| Vgg16Error::Unreadable)
    }

    fn check_whole(&self) -> Result<(), Vgg16Error> {
        let short = self.tensors.iter().find(|(_, tensor)| tensor.values.len() < tensor.numbers());
        short.map_or(Ok(()), |(name, _)| Err(Vgg16Error::Missing(name.clone())))
    }

    fn take(&mut self, name: &str) -> Result<Vec<f16>, Vgg16Error> {
        let tensor = self.tensors.remove(name).ok_or_else(|| Vgg16Error::Missing(name.to_owned()))?;
        Ok(tensor.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced() -> Vec<Stored> {
        vgg16_tensors().into_iter().map(|(name, shape)| Stored { name, shape, number: Number::F32 }).collect()
    }

    fn refused(stored: Vec<Stored>) -> String {
        Vgg16Loader::new(stored).unwrap_err().to_string()
    }

    #[test]
    fn another_network_is_refused_by_the_tensor_that_gives_it_away() {
        let mut other = announced();
        other[0].shape = vec![64, 3, 11, 11];
        let sentence = refused(other);
        assert!(
            sentence.contains("features.0.weight has the shape [64, 3, 11, 11] instead of [64, 3, 3, 3]")
        );
        let mut other = announced();
        other.remove(27);
        assert!(refused(other).contains("classifier.0.bias is missing"));
        let mut other = announced();
        other.push(Stored { name: "features.1.running_mean".into(), shape: vec![64], number: Number::F32 });
        assert!(refused(other).contains("features.1.running_mean does not belong"));
    }

    #[test]
    fn the_class_layer_is_dropped() {
        let mut whole = announced();
        whole.push(Stored { name: "classifier.6.weight".into(), shape: vec![7, 4096], number: Number::F16 });
        assert_eq!(Vgg16Loader::new(whole).unwrap().tensors.len(), 30);
    }

    #[test]
    fn bytes_are_counted_and_numbers_checked() {
        let mut loader = Vgg16Loader::new(announced()).unwrap();
        loader.push("features.0.bias", &[0; 4 * 60]).unwrap();
        assert!(matches!(loader.check_whole(), Err(Vgg16Error::Missing(_))));
        loader.push("features.0.bias", &[0; 4 * 4]).unwrap();
        assert!(matches!(loader.push("features.0.bias", &[0; 4]), Err(Vgg16Error::Cut { .. })));
        assert!(matches!(loader.push("features.0.weight", &[0; 3]), Err(Vgg16Error::Missing(_))));
        assert!(matches!(loader.push_values("features.0.weight", &[1e5]), Err(Vgg16Error::NotFinite(_))));
        assert!(matches!(loader.push("features.9.bias", &[]), Err(Vgg16Error::Unknown(_))));
    }
}
