//! Wav files whose sizes are unknown or wrong, made whole.
//!
//! Who streams a recording writes its head before its length is known: sizes of 0 or of `ffffffff`, RF64, or what was
//! right for the first block. Players believe the samples and not the sizes, and so do we: of the chunks only `fmt ` and
//! `data` are kept, and `data` ends where the file does.

/// Sizes from here on are written by programs that do not know them.
const UNKNOWN: u64 = 0x7f00_0000;

/// The number of a form with more in it.
const EXTENSIBLE: u16 = 0xfffe;

/// How samples are coded, by the number in `fmt `.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WavCodec {
    /// Samples as they are, or companded, or in ADPCM's blocks.
    Samples,
    /// The frames of an mp3 file.
    Mp3,
    /// What is not read here, by the name that people know.
    Other(&'static str),
}

/// A wav file that says the truth about itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Wav {
    /// The file: a head, `fmt `, `data`.
    pub file: Vec<u8>,
    /// Where `data` begins in it.
    pub data: usize,
    /// How its samples are coded.
    pub codec: WavCodec,
    /// Samples a second that it claims.
    pub rate: u32,
    /// Channels that it claims.
    pub channels: u16,
    /// Seconds that `data` promised and the file does not hold.
    pub missing_seconds: f64,
}

/// What of the chunks matters.
#[derive(Default)]
struct Chunks<'a> {
    format: Option<&'a [u8]>,
    data: Option<&'a [u8]>,
    missing: u64,
}

/// Reads the chunks of a wav file and writes them with sizes that are right; none where it is no wav file, or has no samples.
pub fn whole_wav(bytes: &[u8]) -> Option<Wav> {
    if !is_wav(bytes) {
        return None;
    }
    let Chunks { format: Some(format), data: Some(data), missing } = chunks(bytes) else { return None };
    let number = |at: usize| format.get(at..at + 2).map(|two| u16::from_le_bytes([two[0], two[1]]));
    let long = |at: usize| Some(u32::from(number(at)?) | u32::from(number(at + 2)?) << 16);
    let (rate, bytes_a_second, block) = (long(4)?, long(8)?, usize::from(number(12)?));
    let channels = number(2)?;
    let codec = codec(match number(0)? {
        // The code stands first in a longer one.
        EXTENSIBLE => number(24)?,
        code => code,
    });
    let whole = if block > 0 { data.len() - data.len() % block } else { data.len() };
    let data = &data[..whole];
    let mut file = b"RIFF....WAVEfmt ".to_vec();
    file.extend(u32::try_from(format.len()).ok()?.to_le_bytes());
    let start = file.len();
    file.extend(format);
    if number(0)? == EXTENSIBLE
        && number(20)
            .zip(number(22))
            .is_some_and(|(a, b)| a.count_ones() + b.count_ones() != u32::from(channels))
    {
        // A mask of places for other channels than there are names none.
        file[start + 20..start + 24].fill(0);
    }
    file.resize(file.len() + format.len() % 2, 0);
    file.extend(b"data");
    file.extend(u32::try_from(data.len()).ok()?.to_le_bytes());
    let start = file.len();
    file.extend(data);
    let size = u32::try_from(file.len() - 8).ok()?;
    file[4..8].copy_from_slice(&size.to_le_bytes());
    let missing_seconds = missing as f64 / f64::from(bytes_a_second.max(1));
    Some(Wav { file, data: start, codec, rate, channels, missing_seconds })
}

fn is_wav(bytes: &[u8]) -> bool {
    let [head, form] = [0..4, 8..12].map(|part| bytes.get(part).unwrap_or_default());
    matches!(head, b"RIFF" | b"RF64" | b"BW64") && form == b"WAVE"
}

fn codec(code: u16) -> WavCodec {
    match code {
        // PCM, Microsoft's ADPCM, floats, A-law, mu-law, IMA's ADPCM.
        1 | 2 | 3 | 6 | 7 | 0x11 => WavCodec::Samples,
        0x55 => WavCodec::Mp3,
        0x31 | 0x32 => WavCodec::Other("GSM 6.10"),
        0x50 => WavCodec::Other("MPEG audio"),
        0x40 | 0x45 | 0x64 | 0x65 => WavCodec::Other("G.726"),
        0x160..=0x163 => WavCodec::Other("Windows Media Audio"),
        0xff | 0x1600..=0x1610 => WavCodec::Other("AAC"),
        0x2000 => WavCodec::Other("AC-3"),
        0x674f..=0x6771 => WavCodec::Other("Vorbis in a wav"),
        _ => WavCodec::Other("an unknown codec"),
    }
}

fn chunks(bytes: &[u8]) -> Chunks<'_> {
    let mut found = Chunks::default();
    let (mut at, mut long_size) = (12, None);
    while let Some((name, size)) = head(bytes, at) {
        let start = at + 8;
        let rest = bytes.len() - start;
        let body = &bytes[start..start + size.min(rest as u64) as usize];
        match name {
            b"ds64" => {
                long_size = body.get(8..16).and_then(|size| Some(u64::from_le_bytes(size.try_into().ok()?)))
            }
            b"fmt " => found.format = found.format.or(Some(body)),
            b"data" if found.data.is_none() => {
                let size = if size == u64::from(u32::MAX) { long_size.unwrap_or(size) } else { size };
                let length = data_length(bytes, start, size);
                found.data = Some(&bytes[start..start + length]);
                found.missing = if size < UNKNOWN { size.saturating_sub(length as u64) } else { 0 };
                at = start + length;
                at += usize::from(length % 2 == 1 && is_chunk(bytes, at + 1));
                continue;
            }
            _ => {}
        }
        let Some(end) = start.checked_add(size as usize).filter(|end| *end <= bytes.len()) else { break };
        // A chunk of odd length is followed by one more byte, which some programs forget.
        at = if size % 2 == 1 && (is_chunk(bytes, end + 1) || !is_chunk(bytes, end)) { end + 1 } else { end };
    }
    found
}

/// Bytes that the samples really have, where their chunk claims `size`.
fn data_length(bytes: &[u8], start: usize, size: u64) -> usize {
    let rest = bytes.len() - start;
    let Some(end) = usize::try_from(size).ok().and_then(|size| start.checked_add(size)) else { return rest };
    if end >= bytes.len() {
        return rest;
    }
    let more = bytes.len() - end;
    // Sizes that were never set again are smaller than what follows, and what follows is no chunk.
    let is_followed = more < 8 || [0, end % 2].iter().any(|pad| is_chunk(bytes, end + pad));
    if is_followed || size as usize > more { size as usize } else { rest }
}

/// Name and claimed size of the chunk that begins here.
fn head(bytes: &[u8], at: usize) -> Option<(&[u8; 4], u64)> {
    let (name, rest) = bytes.get(at..)?.split_first_chunk::<4>()?;
    Some((name, u64::from(u32::from_le_bytes(*rest.first_chunk()?))))
}

/// Whether there is something here that looks like a chunk within the file.
fn is_chunk(bytes: &[u8], at: usize) -> bool {
    head(bytes, at).is_some_and(|(name, size)| {
        name.iter().all(|byte| (0x20..0x7f).contains(byte))
            && (size <= (bytes.len() - at) as u64 || name == b"data")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: &[u8] = b"\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0";

    fn chunk(name: &[u8; 4], size: u32, body: &[u8]) -> Vec<u8> {
        [name, &size.to_le_bytes()[..], body].concat()
    }

    /// A file of these chunks behind its head.
    fn file(head: &[u8; 4], parts: &[Vec<u8>]) -> Vec<u8> {
        [&chunk(head, u32::MAX, b"WAVE")[..], &parts.concat()].concat()
    }

    fn samples(bytes: &[u8]) -> (Vec<u8>, f64) {
        let wav = whole_wav(bytes).unwrap();
        assert_eq!(whole_wav(&wav.file).unwrap().file, wav.file, "it says the truth");
        (wav.file[wav.data..].to_vec(), wav.missing_seconds)
    }

    #[test]
    fn samples_are_believed_and_not_sizes() {
        let format = chunk(b"fmt ", 16, FORMAT);
        let sound: Vec<u8> = (0..200).collect();
        for size in [200, 0, 10, u32::MAX, 0x7fff_f000, 0x8000_0000] {
            let (found, missing) = samples(&file(b"RIFF", &[format.clone(), chunk(b"data", size, &sound)]));
            assert_eq!((found.len(), missing), (200, 0.0), "{size}");
        }
        let (found, missing) =
            samples(&file(b"RIFF", &[format.clone(), chunk(b"data", 200 + 16_000, &sound)]));
        assert_eq!((found.len(), missing), (200, 0.5));
        let long =
            [chunk(b"ds64", 28, &[&[0; 8][..], &200_u64.to_le_bytes(), &[0; 12]].concat()), format.clone()]
                .concat();
        let tag = chunk(b"LIST", 4, b"INFO");
        assert_eq!(
            samples(&file(b"RF64", &[long, chunk(b"data", u32::MAX, &sound), tag.clone()])).0.len(),
            200
        );
        // What follows is no sound.
        assert_eq!(
            samples(&file(b"RIFF", &[format.clone(), chunk(b"data", 200, &sound), tag.clone()])).0.len(),
            200
        );
        assert_eq!(samples(&file(b"RIFF", &[format, chunk(b"data", 0, b""), tag])).0.len(), 0);
    }

    #[test]
    fn an_odd_chunk_may_have_its_pad_or_not() {
        let rest = [chunk(b"fmt ", 16, FORMAT), chunk(b"data", 4, b"abcd")].concat();
        for odd in [chunk(b"LIST", 3, b"abc"), chunk(b"LIST", 3, b"abc\0")] {
            assert_eq!(samples(&file(b"RIFF", &[odd, rest.clone()])).0, b"abcd");
        }
    }

    #[test]
    fn what_it_holds_is_named() {
        let with = |code: u16| {
            let format = [&code.to_le_bytes()[..], &FORMAT[2..]].concat();
            whole_wav(&file(b"RIFF", &[chunk(b"fmt ", 16, &format), chunk(b"data", 4, b"abcd")]))
                .unwrap()
                .codec
        };
        assert_eq!([with(1), with(0x55)], [WavCodec::Samples, WavCodec::Mp3]);
        assert_eq!(with(0x31), WavCodec::Other("GSM 6.10"));
        assert_eq!(whole_wav(b"RIFF....AVI fmt "), None);
        assert_eq!(whole_wav(b"RIFF"), None);
    }
}
