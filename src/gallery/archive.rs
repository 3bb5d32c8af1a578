//! Recordings as files: one wav a clip, and all of a lesson in one zip.

use std::collections::BTreeSet;
use std::io::{Cursor, Read, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::is_litter;

/// More files than this are no lesson.
pub const MOST_FILES: usize = 10_000;
/// Bytes that all files of an archive may have together, unpacked.
pub const MOST_BYTES: u64 = 512 << 20;

/// How other archives begin.
const OTHERS: [(usize, &[u8], &str); 7] = [
    (0, b"Rar!", "RAR"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ", "xz"),
    (0, b"xar!", "xar"),
    (257, b"ustar", "tar"),
];

/// What can be wrong with an archive.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Damaged.
    #[error("This zip file cannot be read ({0}). Pack the folder again.")]
    Unreadable(String),
    /// It begins as a zip and has no end.
    #[error("This zip file is cut off. Download or copy it again.")]
    Cut,
    /// Nothing at all.
    #[error("This zip file is empty. Download or copy it again.")]
    Empty,
    /// Another kind of archive, by its name.
    #[error("This is a {0} archive, not a zip file. Pack the folder as a zip file.")]
    Other(&'static str),
    /// Every file in it is locked.
    #[error("This zip file is locked with a password. Pack the folder again without one.")]
    Encrypted,
    /// Every file in it is packed in a way that is not read here.
    #[error(
        "This zip file uses a compression that is not read here ({0}). Pack the folder again with the usual one (Deflate)."
    )]
    Compression(String),
    /// More than a lesson holds: it may be a zip bomb.
    #[error("This zip file unpacks to more than {} files or {} MB. Split it into smaller ones.", MOST_FILES, MOST_BYTES >> 20)]
    TooMuch,
    /// Two files of one name, or a name that no zip may have.
    #[error("{0:?} cannot stand in a zip file: two files have this name, or it is too long. Rename one.")]
    Unpackable(String),
    /// The sound cannot be written.
    #[error("This recording cannot be written as a wav file ({0}).")]
    Unwritable(String),
}

/// A file of an archive: its path, with `/` between folders, and its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveFile {
    /// The path.
    pub name: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// What an archive holds, as far as it can be had.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    /// The files.
    pub files: Vec<ArchiveFile>,
    /// Those that cannot be had: they cost only themselves.
    pub left_out: Vec<LeftOut>,
}

/// A file that stayed in its archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its path.
    pub name: String,
    /// What is wrong with it.
    pub why: EntryError,
}

/// Why one file of an archive cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// It is locked.
    #[error("It is locked with a password. Pack it without one.")]
    Encrypted,
    /// Packed in a way that is not read here.
    #[error("It uses a compression that is not read here ({0}). Pack it with the usual one (Deflate).")]
    Compression(String),
    /// Its bytes are not what the archive says.
    #[error("It is damaged. Pack it again.")]
    Damaged,
    /// Its path leads out of the archive.
    #[error("Its path leads out of the zip file. Pack the folder again.")]
    Outside,
}

impl EntryError {
    /// A stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted-entry",
            Self::Compression(_) => "compression-entry",
            Self::Damaged => "damaged-entry",
            Self::Outside => "outside-entry",
        }
    }
}

/// Packs files.
///
/// # Errors
/// [`ArchiveError::Unpackable`] for two files of one name.
pub fn pack(files: &[ArchiveFile]) -> Result<Vec<u8>, ArchiveError> {
    let refused = |error: &dyn std::fmt::Display| ArchiveError::Unreadable(error.to_string());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for file in files {
        zip.start_file(&file.name, options).map_err(|_| ArchiveError::Unpackable(file.name.clone()))?;
        zip.write_all(&file.bytes).map_err(|e| refused(&e))?;
    }
    Ok(zip.finish().map_err(|e| refused(&e))?.into_inner())
}

/// Unpacks the files of an archive, within limits, and says of each that cannot be had why; folders, links and what systems
/// leave are passed over.
///
/// # Errors
/// [`ArchiveError`] where there is nothing to be had.
pub fn unpack(bytes: &[u8]) -> Result<Unpacked, ArchiveError> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| no_zip(bytes, &error))?;
    if zip.len() > MOST_FILES {
        return Err(ArchiveError::TooMuch);
    }
    let (mut unpacked, mut left) = (Unpacked::default(), MOST_BYTES);
    for number in 0..zip.len() {
        let Ok((name, encrypted)) = entry(&mut zip, number) else {
            let why = EntryError::Damaged;
            unpacked.left_out.push(LeftOut { name: format!("{}", number + 1), why });
            continue;
        };
        let Some(name) = name else { continue };
        let content = match inside(&name) {
            None => Err(EntryError::Outside),
            Some(path) if path.is_empty() || is_litter(&path) => continue,
            Some(_) if encrypted => Err(EntryError::Encrypted),
            Some(path) => {
                content(&mut zip, number, &mut left)?.map(|bytes| ArchiveFile { name: path, bytes })
            }
        };
        match content {
            Ok(file) => unpacked.files.push(file),
            Err(why) => unpacked.left_out.push(LeftOut { name, why }),
        }
    }
    if !unpacked.files.is_empty() || unpacked.left_out.is_empty() {
        return Ok(unpacked);
    }
    let why: BTreeSet<&str> = unpacked.left_out.iter().map(|left_out| left_out.why.code()).collect();
    match &unpacked.left_out[0].why {
        EntryError::Encrypted => Err(ArchiveError::Encrypted),
        EntryError::Compression(method) if why.len() == 1 => Err(ArchiveError::Compression(method.clone())),
        // There is nothing else in it.
        EntryError::Outside if why.len() == 1 => Ok(unpacked),
        _ => Err(ArchiveError::Unreadable("none of its files can be unpacked".into())),
    }
}

/// Name of an entry, unless it is a folder or a link, and whether it is locked.
fn entry(zip: &mut ZipArchive<Cursor<&[u8]>>, number: usize) -> Result<(Option<String>, bool), ZipError> {
    let file = zip.by_index_raw(number)?;
    let name = file.name()?.into_owned();
    // Windows' own folders end with its own separator.
    let is_file = file.is_file() && !name.ends_with(['/', '\\']);
    Ok((is_file.then_some(name), file.encrypted()))
}

/// Content of an entry; what the archive says of its sizes may be a lie: what comes out counts.
fn content(
    zip: &mut ZipArchive<Cursor<&[u8]>>,
    number: usize,
    left: &mut u64,
) -> Result<Result<Vec<u8>, EntryError>, ArchiveError> {
    let Ok(file) = zip.by_index(number) else { return Ok(Err(EntryError::Damaged)) };
    let mut bytes = Vec::new();
    let read = file.take(*left + 1).read_to_end(&mut bytes);
    *left = left.checked_sub(bytes.len() as u64).ok_or(ArchiveError::TooMuch)?;
    // How it is packed is only looked at when it is read.
    let why = |error: std::io::Error| match error.get_ref().and_then(|error| error.downcast_ref()) {
        Some(ZipError::CompressionMethodNotSupported(method)) => {
            EntryError::Compression(compression(*method))
        }
        _ => EntryError::Damaged,
    };
    Ok(read.map(|_| bytes).map_err(why))
}

/// Names of the methods of the zip format (APPNOTE 4.4.5).
fn compression(method: u16) -> String {
    let name = match method {
        1 => "Shrink",
        2..=5 => "Reduce",
        6 => "Implode",
        12 => "bzip2",
        14 => "LZMA",
        93 => "Zstandard",
        95 => "xz",
        98 => "PPMd",
        _ => return format!("method {method}"),
    };
    name.to_owned()
}

/// A path without a drive, a root and detours, with `/` between folders; none where it leads out.
fn inside(name: &str) -> Option<String> {
    let path = name.replace('\\', "/");
    let path = path
        .split_once(":/")
        .map_or(path.as_str(), |(drive, rest)| if drive.len() == 1 { rest } else { &path });
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part if part.contains('\0') => return None,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// What it is that is no zip file.
fn no_zip(bytes: &[u8], error: &ZipError) -> ArchiveError {
    let begins = |(at, first, _): &&(usize, &[u8], &str)| bytes.get(*at..at + first.len()) == Some(first);
    match OTHERS.iter().find(begins) {
        _ if bytes.is_empty() => ArchiveError::Empty,
        Some((_, _, kind)) => ArchiveError::Other(kind),
        None if bytes.starts_with(b"PK\x03\x04") => ArchiveError::Cut,
        None => ArchiveError::Unreadable(error.to_string()),
    }
}

/// A wav file of a mono clip, 16 bits.
///
/// # Errors
/// [`ArchiveError::Unwritable`] when it is too long for one.
pub fn wav(samples: &[f32], sample_rate: u32) -> Result<Vec<u8>, ArchiveError> {
    let refused = |error: hound::Error| ArchiveError::Unwritable(error.to_string());
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut file, spec).map_err(refused)?;
    for sample in samples {
        writer
            .write_sample((sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)).round() as i16)
            .map_err(refused)?;
    }
    writer.finalize().map_err(refused)?;
    Ok(file.into_inner())
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn file(name: &str, bytes: &[u8]) -> ArchiveFile {
        ArchiveFile { name: name.into(), bytes: bytes.to_vec() }
    }

    /// A zip whose entries have this number where their compression stands, and these flags.
    fn with(zip: &[u8], method: u16, flags: u16) -> Vec<u8> {
        let mut zip = zip.to_vec();
        for (head, at) in [(&b"PK\x03\x04"[..], 6), (b"PK\x01\x02", 8)] {
            let places: Vec<usize> =
                zip.windows(4).enumerate().filter(|(_, four)| *four == head).map(|(at, _)| at).collect();
            for place in places {
                zip[place + at..place + at + 2].copy_from_slice(&flags.to_le_bytes());
                zip[place + at + 2..place + at + 4].copy_from_slice(&method.to_le_bytes());
            }
        }
        zip
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let files = [file("pairs.tsv", b"image\taudio\n"), file("clips/a b.wav", &[7; 5000])];
        let zip = pack(&files).unwrap();
        assert!(zip.len() < 1000);
        assert_eq!(unpack(&zip).unwrap().files, files);
        let twice = pack(&[file("a/Photo.jpg", b"1"), file("a/Photo.jpg", b"2")]).unwrap_err().to_string();
        assert!(twice.starts_with("\"a/Photo.jpg\" cannot stand"), "{twice}");
    }

    #[test]
    fn a_cut_archive_and_one_that_leads_out_are_harmless() {
        let names = [
            "../../etc/passwd",
            "a/..",
            "/rooted",
            "C:\\clips\\1.wav",
            "good",
            "__MACOSX/._good",
            "Thumbs.db",
        ];
        let zip = pack(&names.map(|name| file(name, b"y"))).unwrap();
        let unpacked = unpack(&zip).unwrap();
        assert_eq!(unpacked.files, ["rooted", "clips/1.wav", "good"].map(|name| file(name, b"y")));
        assert_eq!(unpacked.left_out, [LeftOut { name: names[0].into(), why: EntryError::Outside }]);
        for length in 4..zip.len() {
            assert!(matches!(unpack(&zip[..length]), Err(ArchiveError::Cut)), "{length}");
        }
        assert!(matches!(unpack(b""), Err(ArchiveError::Empty)));
        assert!(matches!(unpack(b"Rar!\x1a\x07\0....."), Err(ArchiveError::Other("RAR"))));
        assert!(matches!(unpack(b"no archive"), Err(ArchiveError::Unreadable(_))));
    }

    #[test]
    fn what_cannot_be_unpacked_costs_only_itself() {
        let zip = pack(&[file("a.wav", &[1; 90])]).unwrap();
        for (method, name) in [(12, "bzip2"), (14, "LZMA"), (77, "method 77")] {
            let error = unpack(&with(&zip, method, 0)).unwrap_err().to_string();
            assert!(error.contains("compression") && error.contains(name), "{error}");
        }
        let locked = unpack(&with(&zip, 8, 1)).unwrap_err().to_string();
        assert!(locked.contains("password"), "{locked}");

        // The second of two has another checksum than its content.
        let mut zip = pack(&[file("a.wav", &[1; 90]), file("b.wav", &[2; 90])]).unwrap();
        let second = zip.windows(4).rposition(|four| four == b"PK\x03\x04").unwrap();
        let central = zip.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
        zip[second + 14] ^= 1;
        zip[central + 16] ^= 1;
        let unpacked = unpack(&zip).unwrap();
        assert_eq!(unpacked.files, [file("a.wav", &[1; 90])]);
        assert_eq!(unpacked.left_out, [LeftOut { name: "b.wav".into(), why: EntryError::Damaged }]);
    }

    #[test]
    fn a_zip_bomb_is_refused_before_it_fills_the_memory() {
        let million = vec![0; 64 << 20];
        let files: Vec<ArchiveFile> = (0..9).map(|number| file(&number.to_string(), &million)).collect();
        let bomb = pack(&files).unwrap();
        assert!(bomb.len() < 2 << 20);
        assert!(matches!(unpack(&bomb), Err(ArchiveError::TooMuch)));
    }

    #[test]
    fn a_wav_file_holds_the_clip() {
        let bytes = wav(&[0.0, 1.0, -2.0], 48_000).unwrap();
        assert_eq!(&bytes[..4], b"RIFF");
        let samples: Vec<i16> =
            hound::WavReader::new(&bytes[..]).unwrap().samples().map(Result::unwrap).collect();
        assert_eq!(samples, [0, i16::MAX, -i16::MAX]);
    }
}
