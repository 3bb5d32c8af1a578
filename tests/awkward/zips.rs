//! Zips of every tool: what of them can be read is, and each thing that cannot is named.

use std::collections::BTreeMap;

use hearsight::gallery::{ArchiveError, EntryError, Paths, read_pairs, tables, unpack};

use super::{assert_says, fixture};

fn zip(name: &str) -> Vec<u8> {
    std::fs::read(fixture("zip").join(format!("{name}.zip"))).unwrap()
}

/// The picture and the sound of each row, and what was left out and why.
type Lesson = (Vec<(String, String)>, Vec<(String, EntryError)>);

/// The recordings of a lesson, as the page takes them: (picture, file) of each row whose file is there; and what was left out.
fn lesson(name: &str) -> Lesson {
    let unpacked = unpack(&zip(name)).unwrap();
    let files: BTreeMap<&str, &[u8]> =
        unpacked.files.iter().map(|file| (file.name.as_str(), &file.bytes[..])).collect();
    let paths = Paths::of(files.keys().copied());
    let table = tables(files.keys().copied())
        .into_iter()
        .find_map(|table| Some((table, read_pairs(files[table], None).ok()?)));
    let (table, rows) = table.unwrap();
    let folder = &table[..table.rfind('/').map_or(0, |at| at + 1)];
    let found = rows.iter().filter_map(|row| {
        let image = paths.find(folder, &row.image).unwrap_or(&row.image);
        let audio = paths.find(folder, &row.audio)?;
        assert!(files[audio].starts_with(b"RIFF"), "{audio}");
        Some((image.to_owned(), audio.to_owned()))
    });
    (found.collect(), unpacked.left_out.into_iter().map(|left_out| (left_out.name, left_out.why)).collect())
}

#[test]
fn one_recording_is_found_however_it_was_packed() {
    for name in [
        "plain",
        "stored",
        "folders",
        "backslashes",
        "zip64",
        "data-descriptors",
        "deflate64",
        "exe-in-front",
        "macosx-first",
        "nfd-names",
        "nfd-table",
        "dot-slash",
        "capitals",
        "of-a-spreadsheet",
        "cp437",
    ] {
        let (found, left_out) = lesson(name);
        assert_eq!((found.len(), left_out.len()), (1, 0), "{name}: {found:?} {left_out:?}");
    }
}

#[test]
fn a_file_that_cannot_be_had_is_named_and_costs_no_other() {
    let (found, left_out) = lesson("one-entry-lzma");
    assert_eq!(
        (found.len(), left_out),
        (1, vec![("manual.pdf".into(), EntryError::Compression("LZMA".into()))])
    );
    let (found, left_out) = lesson("absolute-and-up");
    assert_eq!((found.len(), left_out), (1, vec![("../../evil.wav".into(), EntryError::Outside)]));
}

#[test]
fn a_zip_that_cannot_be_had_says_what_to_do() {
    let refused = |name: &str| unpack(&zip(name)).unwrap_err();
    assert_says(&refused("encrypted").to_string(), &["password", "without one"]);
    assert_says(&refused("bzip2").to_string(), &["compression", "bzip2", "Deflate"]);
    assert_says(&refused("lzma").to_string(), &["compression", "LZMA"]);
    assert_says(&refused("cut").to_string(), &["cut off"]);
    assert!(matches!(unpack(b"Rar!\x1a\x07\x00 and so on"), Err(ArchiveError::Other("RAR"))));
    assert!(matches!(unpack(b""), Err(ArchiveError::Empty)));
}

#[test]
fn pictures_of_one_name_in_two_folders_are_two() {
    let (found, _) = lesson("one-name");
    let expected = [("cats/1.jpg", "1.wav"), ("dogs/1.jpg", "2.wav")];
    assert_eq!(found, expected.map(|(image, audio)| (image.to_owned(), audio.to_owned())));
}
