//! Files as people have them, not as they should be: what neighbouring products' users met, and more of each kind. Each test holds
//! the right outcome; `tests/fixtures/make_awkward.py` made what cannot be made in a line here.

mod folders;
mod identity;
mod output;
mod pictures;
mod sound;
mod tables;
mod zips;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::ROOT;

/// What a command did.
struct Done {
    succeeded: bool,
    /// What it printed.
    out: String,
    /// What it said beside that.
    said: String,
}

impl Done {
    #[track_caller]
    fn well(self) -> Self {
        assert!(self.succeeded, "{}", self.said);
        self
    }

    /// The sentence of a failure.
    #[track_caller]
    fn refused(self) -> String {
        assert!(!self.succeeded, "{}{}", self.out, self.said);
        let sentence = self.said.lines().last().unwrap_or_default().to_owned();
        assert!(sentence.starts_with("hearsight: ") && sentence.ends_with('.'), "{}", self.said);
        sentence
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearsight"));
    command.current_dir(ROOT).args(arguments);
    command
}

fn hearsight(arguments: &[&str]) -> Done {
    let Output { status, stdout, stderr } = command(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let done = Done { succeeded: status.success(), out: text(stdout), said: text(stderr) };
    assert!(!done.said.contains("panicked"), "{}", done.said);
    done
}

fn fixture(name: &str) -> PathBuf {
    crate::at("tests/fixtures/awkward").join(name)
}

/// A folder of its own for one test, which goes with it.
struct Folder(tempfile::TempDir);

impl Folder {
    /// With these files: what is a picture by its ending is one.
    fn with(files: &[&str]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for file in files {
            folder.put(file, &if file.ends_with(".txt") { b"text".to_vec() } else { picture("judo-match") });
        }
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn at(&self, name: &str) -> String {
        self.path().join(name).to_str().unwrap().to_owned()
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// All files in it with their content, by their paths; links are not followed.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let name = entry.path().strip_prefix(self.path()).unwrap().to_str().unwrap().to_owned();
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    files.push((name, std::fs::read(entry.path()).unwrap()));
                }
            }
        }
        files.sort();
        files
    }
}

/// A photograph of the gallery that ships; its format shows in its bytes.
fn picture(name: &str) -> Vec<u8> {
    std::fs::read(crate::at(format!("www/gallery/images/{name}.webp"))).unwrap()
}

/// A spoken caption of a photograph.
fn clip(name: &str) -> String {
    format!("{ROOT}/www/examples/{name}_6.ogg")
}

/// Makes a gallery of a folder.
fn gallery(from: &str, out: &str, more: &[&str]) -> Done {
    hearsight(&[&["gallery", "--from", from, "--out", out], more].concat())
}

/// Where the pictures of a gallery came from.
fn origins(out: &Path) -> Vec<String> {
    let list: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("gallery.json")).unwrap()).unwrap();
    let pictures = list["pictures"].as_array().unwrap().iter();
    pictures.map(|picture| picture["origin"].as_str().unwrap_or_default().to_owned()).collect()
}

#[track_caller]
fn assert_says(text: &str, parts: &[&str]) {
    assert!(parts.iter().all(|part| text.contains(part)), "{text}");
}
