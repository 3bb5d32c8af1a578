//! Recordings as files: one wav a clip, and all of a lesson in one zip.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// More files than this are no lesson.
pub const MOST_FILES: usize = 10_000;
/// Bytes that all files of an archive may have together, unpacked.
pub const MOST_BYTES: u64 = 512 << 20;

/// What can be wrong with an archive.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Not a zip file, cut off, or packed in a way that is not read here.
    #[error("This zip file cannot be read ({0}). Pack the folder again.")]
    Unreadable(String),
    /// More than a lesson holds: it may be a zip bomb.
    #[error("This zip file unpacks to more than {} files or {} MB. Split it into smaller ones.", MOST_FILES, MOST_BYTES >> 20)]
    TooMuch,
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

/// Packs files.
///
/// # Errors
/// [`ArchiveError::Unreadable`] when the format refuses, for two files of one name say.
pub fn pack(files: &[ArchiveFile]) -> Result<Vec<u8>, ArchiveError> {
    let refused = |error: &dyn std::fmt::Display| ArchiveError::Unreadable(error.to_string());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for file in files {
        zip.start_file(&file.name, options).map_err(|e| refused(&e))?;
        zip.write_all(&file.bytes).map_err(|e| refused(&e))?;
    }
    Ok(zip.finish().map_err(|e| refused(&e))?.into_inner())
}

/// Unpacks the files of an archive, within limits; folders, and paths that lead out of it or nowhere, are left out.
///
/// # Errors
/// [`ArchiveError`].
pub fn unpack(bytes: &[u8]) -> Result<Vec<ArchiveFile>, ArchiveError> {
    let refused = |error: &dyn std::fmt::Display| ArchiveError::Unreadable(error.to_string());
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| refused(&e))?;
    if zip.len() > MOST_FILES {
        return Err(ArchiveError::TooMuch);
    }
    let (mut files, mut left) = (Vec::new(), MOST_BYTES);
    for number in 0..zip.len() {
        let file = zip.by_index(number).map_err(|e| refused(&e))?;
        let Some(path) = file.enclosed_name().filter(|_| file.is_file()) else { continue };
        let name = path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
        // "a/.." stays inside, but names nothing.
        if name.is_empty() {
            continue;
        }
        // What the archive says of its sizes may be a lie: what comes out counts.
        let mut bytes = Vec::new();
        file.take(left + 1).read_to_end(&mut bytes).map_err(|e| refused(&e))?;
        left = left.checked_sub(bytes.len() as u64).ok_or(ArchiveError::TooMuch)?;
        files.push(ArchiveFile { name, bytes });
    }
    Ok(files)
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

    #[test]
    fn what_is_packed_is_unpacked() {
        let files = [file("pairs.tsv", b"image\taudio\n"), file("clips/a b.wav", &[7; 5000])];
        let zip = pack(&files).unwrap();
        assert!(zip.len() < 1000);
        assert_eq!(unpack(&zip).unwrap(), files);
    }

    #[test]
    fn a_cut_archive_and_one_that_leads_out_are_harmless() {
        let zip = pack(&[file("../../etc/passwd", b"x"), file("a/..", b"z"), file("good", b"y")]).unwrap();
        assert_eq!(unpack(&zip).unwrap(), [file("good", b"y")]);
        for length in 0..zip.len() {
            assert!(matches!(unpack(&zip[..length]), Err(ArchiveError::Unreadable(_))), "{length}");
        }
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
