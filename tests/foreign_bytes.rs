//! Every reader of foreign bytes, without a fuzzer: inputs that were kept (right files, and what fuzzing found), right files
//! cut, turned and spliced, and bytes at random. What each must do stands beside the fuzz targets, which share it.

#[path = "../fuzz/src/lib.rs"]
mod readers;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::Index;

/// Whether it found something to read.
type Reader = fn(&[u8]) -> bool;

const READERS: [(&str, Reader); 12] = [
    ("archive", readers::archive),
    ("audio", readers::audio),
    ("flickr8k_audio", readers::flickr8k_audio),
    ("frames", readers::frames),
    ("index", readers::index),
    ("manifest", readers::manifest),
    ("pairs", readers::pairs),
    ("picture", readers::picture),
    ("places", readers::places),
    ("systems", readers::systems),
    ("taught", readers::taught),
    ("vgg16", readers::vgg16),
];

fn root() -> &'static Path {
    Path::new(crate::ROOT)
}

/// The inputs of a reader, by their names.
fn inputs(reader: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let folder = root().join("tests/fixtures/fuzz").join(reader);
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn every_input_that_was_kept_is_read_or_refused_with_a_sentence() {
    for (name, reader) in READERS {
        let mut read = 0;
        for (path, bytes) in inputs(name) {
            eprintln!("{}", path.display());
            read += usize::from(reader(&bytes));
        }
        // A right file of a system has megabytes; tests/systems.rs reads one.
        assert!(read > 0 || name == "systems", "{name} reads none of its files, so nothing is tested");
    }
}

#[test]
fn files_of_every_kind_of_sound_and_picture_are_read() {
    for reader in ["audio", "picture"] {
        let read = READERS.iter().find(|(name, _)| *name == reader).unwrap().1;
        // Those that fuzzing found are named after their content.
        for (path, bytes) in inputs(reader).into_iter().filter(|(path, _)| path.extension().is_some()) {
            assert!(read(&bytes), "{} is not read", path.display());
        }
    }
}

#[test]
fn every_reader_has_a_target_and_every_target_a_reader() {
    let mut targets: Vec<String> = fs::read_dir(root().join("fuzz/fuzz_targets"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    targets.sort();
    assert_eq!(targets, READERS.map(|(name, _)| name));
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    for (name, _) in READERS {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
    }
}

#[test]
fn a_file_that_is_cut_anywhere_does_no_harm() {
    for (name, reader) in READERS {
        for (_, bytes) in inputs(name) {
            for length in (0..bytes.len()).step_by(64).chain(bytes.len().saturating_sub(8)..bytes.len()) {
                reader(&bytes[..length]);
            }
        }
    }
}

/// What may happen to a file on its way.
#[derive(Clone, Debug)]
enum Harm {
    Flip(Index, u8),
    Number(Index, u32),
    Repeat(Index, Index),
    Remove(Index, Index),
    Splice(Index, Index, Index),
}

fn harm() -> impl Strategy<Value = Harm> {
    let at = any::<Index>;
    let numbers = prop_oneof![any::<u32>(), Just(0), Just(u32::MAX), Just(i32::MAX as u32), Just(1 << 31)];
    prop_oneof![
        (at(), 0..8_u8).prop_map(|(at, bit)| Harm::Flip(at, bit)),
        (at(), numbers).prop_map(|(at, number)| Harm::Number(at, number)),
        (at(), at()).prop_map(|(from, to)| Harm::Repeat(from, to)),
        (at(), at()).prop_map(|(from, to)| Harm::Remove(from, to)),
        (at(), at(), at()).prop_map(|(from, to, at)| Harm::Splice(from, to, at)),
    ]
}

/// Does to `bytes` what happens to them; `other` is another file of the kind.
fn suffer(bytes: &mut Vec<u8>, other: &[u8], harm: &Harm) {
    let between = |one: &Index, two: &Index, length: usize| {
        let (one, two) = (one.index(length), two.index(length));
        one.min(two)..one.max(two)
    };
    if bytes.is_empty() || other.is_empty() {
        return;
    }
    match harm {
        Harm::Flip(at, bit) => {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        Harm::Number(at, number) => {
            let at = at.index(bytes.len());
            bytes.iter_mut().skip(at).zip(number.to_le_bytes()).for_each(|(byte, new)| *byte = new);
        }
        Harm::Repeat(from, to) => {
            let part = bytes[between(from, to, bytes.len())].to_vec();
            bytes.splice(0..0, part);
        }
        Harm::Remove(from, to) => drop(bytes.drain(between(from, to, bytes.len()))),
        Harm::Splice(from, to, at) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, other[between(from, to, other.len())].iter().copied());
        }
    }
}

fn harmed(reader: usize, case: (Index, Index, Vec<Harm>)) {
    let (name, read) = READERS[reader];
    let files: Vec<Vec<u8>> = inputs(name).into_values().collect();
    let (one, other, harms) = case;
    let (mut bytes, other) = (one.get(&files).clone(), other.get(&files));
    harms.iter().for_each(|harm| suffer(&mut bytes, other, harm));
    read(&bytes);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_that_was_harmed_does_none(
        reader in 0..READERS.len(),
        one in any::<Index>(),
        other in any::<Index>(),
        harms in prop::collection::vec(harm(), 1..6),
    ) {
        harmed(reader, (one, other, harms));
    }

    #[test]
    fn bytes_at_random_do_no_harm(
        reader in 0..READERS.len(),
        file in any::<Index>(),
        head in 0..24_usize,
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let (name, read) = READERS[reader];
        let files: Vec<Vec<u8>> = inputs(name).into_values().collect();
        // Behind a right beginning, or most readers would stop at once.
        let bytes: Vec<u8> = file.get(&files).iter().take(head).copied().chain(bytes).collect();
        read(&bytes);
    }
}
