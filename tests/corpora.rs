//! Corpora that others made, read as they are downloaded, and what is said of each thing that is missing.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hearsight::gallery::{Pair, read_pairs};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures");

/// A copy of a fixture for one test, under a name of its own.
struct Copy(PathBuf);

impl Copy {
    fn of(fixture: &str, name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpora").join(name);
        let _ = std::fs::remove_dir_all(&folder);
        copy(&Path::new(FIXTURES).join(fixture), &folder);
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn remove(&self, name: &str) {
        let path = self.0.join(name);
        if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        std::fs::rename(self.0.join(from), self.0.join(to)).unwrap();
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.0.join(file)).unwrap();
        assert!(text.contains(from));
        std::fs::write(self.0.join(file), text.replace(from, to)).unwrap();
    }

    /// The rows that `hearsight corpus` writes, and what it prints.
    fn pairs(&self, corpus: &str, options: &[&str]) -> (Vec<Pair>, String) {
        let out = self.path("made/pairs.tsv");
        let arguments = ["corpus", "--corpus", &self.path(corpus), "--force", "--out", &out];
        let output = hearsight(&[&arguments, options].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let pairs = read_pairs(&std::fs::read(&out).unwrap(), None).unwrap();
        for pair in &pairs {
            assert!(self.0.join("made").join(&pair.image).is_file(), "{}", pair.image);
            assert!(self.0.join("made").join(&pair.audio).is_file(), "{}", pair.audio);
        }
        (pairs, String::from_utf8(output.stdout).unwrap())
    }

    /// The one sentence of a failure.
    fn failure(&self, corpus: &str, options: &[&str]) -> String {
        let output = hearsight(&[&["corpus", "--corpus", &self.path(corpus)], options].concat());
        assert!(!output.status.success());
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.starts_with("hearsight: ") && text.trim_end().lines().count() == 1, "{text}");
        text
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, target).unwrap();
        }
    }
}

fn hearsight(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearsight"));
    command.current_dir(crate::ROOT).args(arguments).output().unwrap()
}

/// Recall figures of a corpus, as JSON, and what is said beside them.
fn evaluate(arguments: &[&str]) -> (serde_json::Value, String) {
    let output = hearsight(&[&["evaluate", "--json"], arguments].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    (serde_json::from_slice(&output.stdout).unwrap(), said)
}

#[track_caller]
fn assert_says(sentence: &str, parts: &[&str]) {
    assert!(parts.iter().all(|part| sentence.contains(part)), "{sentence}");
}

#[test]
fn flickr8k_audio_becomes_pairs() {
    let copy = Copy::of("flickr8k_audio", "flickr-pairs");
    for corpus in ["flickr_audio", "."] {
        let (pairs, said) = copy.pairs(corpus, &[]);
        assert_eq!(pairs.len(), 6);
        let expected = Pair {
            image: "../Flicker8k_Dataset/1000000002_0b0b0b0b0b.jpg".into(),
            audio: "../flickr_audio/wavs/1000000002_0b0b0b0b0b_4.wav".into(),
            text: "A tone of picture 2 , caption 4 .".into(),
            language: "en".into(),
            voice: "83".into(),
            split: "dev".into(),
        };
        assert_eq!(pairs[2], expected);
        let all = "Flickr8k Audio: 3 pictures, 6 clips, 2 speakers";
        assert_says(&said, &[all, "\n  train: 1 pictures, 2 clips", "missing: 0 clips, 0 pictures\n"]);
    }
    let (test, _) = copy.pairs("flickr_audio", &["--split", "test"]);
    assert!(test.len() == 2 && test.iter().all(|pair| pair.split == "test"));
}

#[test]
fn flickr8k_audio_says_what_is_missing() {
    let missing = |name: &str| {
        let copy = Copy::of("flickr8k_audio", "flickr-missing");
        copy.remove(name);
        copy.failure("flickr_audio", &[])
    };
    assert_says(&missing("flickr_audio/wav2capt.txt"), &["no wav2capt.txt", "Name the folder"]);
    assert_says(&missing("flickr_audio/wav2spk.txt"), &["no wav2spk.txt", "Add the file"]);
    assert_says(&missing("flickr_audio/wavs"), &["None of the 6 clips", "--audio-root"]);
    assert_says(&missing("Flicker8k_Dataset"), &["None of the pictures", "--images"]);
    assert_says(&missing("Flickr8k_text"), &["The official splits", "--splits"]);
    let list = "Flickr_8k.devImages.txt";
    assert_says(&missing(&format!("Flickr8k_text/{list}")), &[list, "the split dev", "Add the file"]);

    let copy = Copy::of("flickr8k_audio", "flickr-no-split");
    assert_says(&copy.failure("flickr_audio", &["--split", "val"]), &["\"val\"", "dev, test, train"]);
    assert_says(&copy.failure("flickr_audio", &["--images", "nowhere"]), &["nowhere is not a folder"]);
    assert_says(&copy.failure("nowhere", &[]), &["nowhere", "Check the path"]);
    std::fs::write(copy.0.join("flickr_audio/wav2spk.txt"), [0xff, 0xfe]).unwrap();
    assert_says(&copy.failure("flickr_audio", &[]), &["wav2spk.txt: this is not UTF-8 text"]);
}

#[test]
fn an_incomplete_flickr8k_audio_is_read_and_counted() {
    let copy = Copy::of("flickr8k_audio", "flickr-incomplete");
    copy.remove("flickr_audio/wavs/1000000003_0c0c0c0c0c_4.wav");
    copy.remove("Flicker8k_Dataset/1000000001_0a0a0a0a0a.jpg");
    copy.remove("Flickr8k_text/Flickr8k.token.txt");
    copy.replace("Flickr8k_text/Flickr_8k.devImages.txt", "1000000002_0b0b0b0b0b.jpg\n", "");
    copy.replace("flickr_audio/wav2spk.txt", "1000000003_0c0c0c0c0c_1.wav 7\n", "");
    let (pairs, said) = copy.pairs("flickr_audio", &[]);
    let splits: Vec<&str> = pairs.iter().map(|pair| pair.split.as_str()).collect();
    assert_eq!(splits, ["none", "none", "test"]);
    assert_says(&said, &["missing: 1 clips, 1 pictures (the first: ", "0c_4.wav)"]);
    assert_says(&said, &["rows without text: 3, without speaker: 1"]);
    assert_says(&copy.failure("flickr_audio", &["--split", "train"]), &["None of the pictures", "--images"]);
}

#[test]
fn flickr8k_audio_may_lie_apart() {
    let copy = Copy::of("flickr8k_audio", "flickr-apart");
    std::fs::create_dir(copy.0.join("elsewhere")).unwrap();
    copy.rename("flickr_audio/wavs", "elsewhere/sound");
    copy.rename("Flicker8k_Dataset", "elsewhere/photographs");
    copy.rename("Flickr8k_text", "elsewhere/lists");
    let [audio, images, lists] =
        ["sound", "photographs", "lists"].map(|n| copy.path(&format!("elsewhere/{n}")));
    let (pairs, _) =
        copy.pairs("flickr_audio", &["--audio-root", &audio, "--images", &images, "--splits", &lists]);
    assert_eq!(pairs.len(), 6);
}

#[test]
fn places_becomes_pairs() {
    let copy = Copy::of("places", "places-pairs");
    let (pairs, said) = copy.pairs("metadata/val.json", &[]);
    let expected = Pair {
        image: "../images/f/forest_path/00000003.jpg".into(),
        audio: "../wavs/4/utt_A3EXAMPLE-004.wav".into(),
        text: "the same path".into(),
        language: "en".into(),
        voice: "A3EXAMPLE".into(),
        split: "val".into(),
    };
    assert_eq!((pairs.len(), &pairs[1]), (2, &expected));
    assert_says(&said, &["Places Audio Captions: 1 pictures, 2 clips, 2 speakers"]);
    for folder in ["metadata", "."] {
        let (both, _) = copy.pairs(folder, &[]);
        assert_eq!((both.len(), both[0].split.as_str(), both[3].split.as_str()), (4, "train", "val"));
    }
    let (train, _) = copy.pairs("metadata", &["--split", "train"]);
    assert_eq!(train.len(), 2);
    copy.rename("metadata/val.json", "metadata/english.json");
    let (named, _) = copy.pairs("metadata/english.json", &["--split", "dev"]);
    assert!(named.iter().all(|pair| pair.split == "dev"));
}

#[test]
fn places_base_paths_are_relative_to_the_json_or_named() {
    let copy = Copy::of("places", "places-bases");
    copy.rename("images", "photographs");
    copy.rename("wavs", "sound");
    assert_says(
        &copy.failure("metadata/val.json", &[]),
        &["None of the clips is in /authors/placesaudio", "--audio-root"],
    );
    let (json, images) = ("metadata/val.json", copy.path("photographs"));
    copy.replace(json, "/authors/placesaudio/", "../sound");
    copy.replace(json, "wavs/", "");
    assert_says(&copy.failure(json, &[]), &["None of the pictures is in /authors/places205", "--images"]);
    assert_eq!(copy.pairs(json, &["--images", &images]).0.len(), 2);
    let audio = copy.path("images-are-not-here");
    std::fs::create_dir(&audio).unwrap();
    assert_says(&copy.failure(json, &["--audio-root", &audio]), &["None of the clips", &audio]);
}

#[test]
fn places_says_what_is_missing() {
    let broken = |from: &str, to: &str| {
        let copy = Copy::of("places", "places-missing");
        copy.replace("metadata/val.json", from, to);
        copy.failure("metadata/val.json", &[])
    };
    assert_says(&broken("\"data\"", "\"rows\""), &["val.json", "no rows under \"data\""]);
    assert_says(&broken("\"wav\": \"wavs/4", "\"w\": \"wavs/4"), &["Row 2", "A3EXAMPLE-004", "\"wav\""]);
    assert_says(&broken("\"image\"", "\"picture\""), &["Row 1", "A1EXAMPLE-003", "\"image\""]);
    assert_says(&broken("]", ""), &["val.json", "not the JSON of Places"]);

    let copy = Copy::of("places", "places-no-split");
    assert_says(
        &copy.failure("metadata/val.json", &["--split", "train"]),
        &["\"train\"", "name one of: val."],
    );
    assert_says(
        &copy.failure("metadata/val.json", &["--splits", &copy.path("images")]),
        &["for Flickr8k Audio"],
    );
    copy.remove("wavs/4");
    let (pairs, said) = copy.pairs("metadata/val.json", &[]);
    assert_eq!(pairs.len(), 1);
    assert_says(&said, &["missing: 1 clips, 0 pictures", "utt_A3EXAMPLE-004.wav"]);
}

#[test]
fn both_are_measured() {
    let copy = Copy::of("flickr8k_audio", "flickr-evaluate");
    let (figures, said) = evaluate(&["--corpus", &copy.path("flickr_audio")]);
    assert_eq!((&figures["images"], &figures["clips"]), (&3.into(), &6.into()));
    assert!(said.is_empty(), "{said}");
    copy.remove("flickr_audio/wavs/1000000003_0c0c0c0c0c_4.wav");
    let (test, said) = evaluate(&["--corpus", &copy.path("flickr_audio"), "--split", "test"]);
    assert_eq!((&test["images"], &test["clips"]), (&1.into(), &1.into()));
    assert_says(&said, &["rows left out: 1; missing: 1 clips"]);
    let clip = copy.0.join("flickr_audio/wavs/1000000002_0b0b0b0b0b_1.wav");
    std::fs::write(&clip, &std::fs::read(&clip).unwrap()[..44]).unwrap();

    // The table that is made of it gives the same figures.
    let (pairs, _) = copy.pairs("flickr_audio", &[]);
    assert_eq!(pairs.len(), 4);
    let (table, _) = evaluate(&["--corpus", &copy.path("made/pairs.tsv")]);
    let (own, _) = evaluate(&["--corpus", &copy.path("flickr_audio")]);
    assert_eq!(table, own);
    let places = format!("{FIXTURES}/places/metadata");
    assert_eq!(evaluate(&["--corpus", &places, "--split", "val"]).0["clips"], 2);
}

#[test]
fn a_table_comes_back_as_it_went() {
    let copy = Copy::of("flickr8k_audio", "table");
    let (pairs, _) = copy.pairs("flickr_audio", &[]);
    copy.rename("made", "first");
    let (again, said) = copy.pairs("first/pairs.tsv", &[]);
    assert_says(&said, &["Table of pairs: 3 pictures, 6 clips"]);
    let name = |pair: &Pair| Path::new(&pair.audio).file_name().unwrap().to_owned();
    assert_eq!(again.iter().map(name).collect::<Vec<_>>(), pairs.iter().map(name).collect::<Vec<_>>());
    assert_eq!(again[0].text, pairs[0].text);
    assert_says(&copy.failure("first/pairs.tsv", &["--split", "val"]), &["no rows", "dev, test, train"]);
}
