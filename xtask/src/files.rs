//! The list of the page's files, each with its length and SHA-256: what the service worker keeps, and what it checks.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The list's own name, beside index.html.
pub const LIST: &str = "files.json";
/// Beside index.html too; the browser itself looks after it, so it is in no list.
pub const SERVICE_WORKER: &str = "service-worker.js";
/// What the page is made of; each a file or a folder at the root.
const PARTS: [&str; 3] = ["index.html", "www", "pkg"];
/// The headers of every answer; a browser keeps them with the files.
pub const POLICY: &str = include_str!("../../docs/hosting/_headers");

/// What is fetched only where it is wanted, and kept from then on: two systems that a visitor may choose (P2 is shown by the
/// lesson), and the programs with WebGPU and with threads.
const CHOSEN: [&str; 4] =
    ["www/models/systems/p0.", "www/models/systems/p1.", "pkg/hearsight", "pkg/threads/"];
/// Pictures and sounds of the gallery, named by the folders they lie in.
const GALLERY: [&str; 2] = ["www/gallery/images/", "www/gallery/captions/"];
/// A gallery above this many bytes is kept picture by picture, as they are looked at: nobody asked for all of it.
const LARGEST_GALLERY: u64 = 200_000_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Relative to the root, with slashes.
    pub path: String,
    pub bytes: u64,
    /// Of the content, in lowercase hexadecimal.
    pub sha256: String,
}

/// Makes lists, and remembers what it has read until a file's date or length changes.
#[derive(Default)]
pub struct Lister {
    known: Mutex<HashMap<PathBuf, (SystemTime, u64, String)>>,
}

impl Lister {
    /// Every file that a browser asks for, sorted by path.
    pub fn list(&self, root: &Path) -> Result<Vec<Listed>> {
        let mut files = Vec::new();
        for path in everything(root)?.into_iter().filter(|path| is_asked_for(path)) {
            files.push(self.look(root, path)?);
        }
        Ok(files)
    }

    fn look(&self, root: &Path, path: String) -> Result<Listed> {
        let file = root.join(&path);
        let data = fs::metadata(&file).map_err(Error::file(&file))?;
        let modified = data.modified().map_err(Error::file(&file))?;
        let known = |known: &HashMap<PathBuf, (SystemTime, u64, String)>| {
            known.get(&file).filter(|(date, bytes, _)| *date == modified && *bytes == data.len()).cloned()
        };
        if let Some((_, bytes, sha256)) = known(&self.lock()) {
            return Ok(Listed { path, bytes, sha256 });
        }
        let content = fs::read(&file).map_err(Error::file(&file))?;
        let sha256 = hexadecimal(&Sha256::digest(&content));
        let bytes = content.len() as u64;
        self.lock().insert(file, (modified, bytes, sha256.clone()));
        Ok(Listed { path, bytes, sha256 })
    }

    /// What is remembered is true whoever panicked meanwhile.
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, (SystemTime, u64, String)>> {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The list as it is served, one file a line. `development` has browsers prefer what is on the disk.
pub fn to_json(files: &[Listed], development: bool) -> String {
    let gallery: u64 = files.iter().filter(|file| is_gallery(&file.path)).map(|file| file.bytes).sum();
    let lines: Vec<String> = files
        .iter()
        .map(|Listed { path, bytes, sha256 }| {
            let mut line = json!({ "path": path, "bytes": bytes, "sha256": sha256 });
            if CHOSEN.iter().any(|chosen| path.starts_with(chosen))
                || gallery > LARGEST_GALLERY && is_gallery(path)
            {
                line["asked"] = true.into();
            }
            line.to_string()
        })
        .collect();
    let policy = hexadecimal(&Sha256::digest(POLICY));
    let development = if development { "\"development\": true,\n" } else { "" };
    format!("{{\n{development}\"policy\": \"{policy}\",\n\"files\": [\n{}\n]\n}}\n", lines.join(",\n"))
}

/// The paths of all files of the page that are not hidden, sorted; none where a part is missing.
pub fn everything(root: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for part in PARTS {
        if root.join(part).exists() {
            walk(root, part.into(), &mut found)?;
        }
    }
    found.sort();
    Ok(found)
}

fn walk(root: &Path, path: String, found: &mut Vec<String>) -> Result<()> {
    let here = root.join(&path);
    if !here.is_dir() {
        found.push(path);
        return Ok(());
    }
    for entry in fs::read_dir(&here).map_err(Error::file(&here))? {
        let name = entry.map_err(Error::file(&here))?.file_name();
        // A name that is no text cannot be asked for either.
        if let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) {
            walk(root, format!("{path}/{name}"), found)?;
        }
    }
    Ok(())
}

/// Types, notes and the package's description lie beside what the page loads, for people and other programs.
fn is_asked_for(path: &str) -> bool {
    let beside = [".d.ts", ".md", "pkg/package.json"].into_iter().any(|end| path.ends_with(end));
    let licence = path.rsplit('/').next().is_some_and(|name| name.starts_with("LICENSE"));
    !beside && !licence
}

fn is_gallery(path: &str) -> bool {
    GALLERY.into_iter().any(|folder| path.starts_with(folder))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of files, gone in the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str, files: &[(&str, &str)]) -> Self {
            let root =
                std::env::temp_dir().join(format!("hearsight-xtask-list-{name}-{}", std::process::id()));
            let folder = Self(root);
            for (path, content) in files {
                folder.write(path, content);
            }
            folder
        }

        fn write(&self, path: &str, content: &str) {
            let path = self.0.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn paths(files: &[Listed]) -> Vec<&str> {
        files.iter().map(|file| file.path.as_str()).collect()
    }

    #[test]
    fn what_a_browser_asks_for_is_listed_and_nothing_else() {
        let folder = Folder::new(
            "paths",
            &[
                ("index.html", "<!doctype html>"),
                ("service-worker.js", ""),
                ("Cargo.toml", "secret"),
                ("src/lib.rs", ""),
                ("www/app.js", ""),
                ("www/types.d.ts", ""),
                ("www/.env", "secret"),
                ("www/models/README.md", ""),
                ("www/models/speech.safetensors", ""),
                ("www/gallery/images/ä b.webp", ""),
                ("pkg/.gitignore", "*"),
                ("pkg/package.json", "{}"),
                ("pkg/LICENSE-MIT", ""),
                ("pkg/hearsight.js", ""),
                ("pkg/hearsight.d.ts", ""),
                ("pkg/snippets/one/inline0.js", ""),
            ],
        );
        assert_eq!(
            paths(&Lister::default().list(&folder.0).unwrap()),
            [
                "index.html",
                "pkg/hearsight.js",
                "pkg/snippets/one/inline0.js",
                "www/app.js",
                "www/gallery/images/ä b.webp",
                "www/models/speech.safetensors",
            ]
        );
    }

    #[test]
    fn a_file_is_known_by_its_content_and_read_again_when_it_changes() {
        let folder = Folder::new("content", &[("index.html", "abc")]);
        let lister = Lister::default();
        let [first] = &lister.list(&folder.0).unwrap()[..] else { panic!("one file") };
        // The example of FIPS 180-4.
        assert_eq!(first.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(first.bytes, 3);
        assert_eq!(lister.list(&folder.0).unwrap(), std::slice::from_ref(first), "known");

        folder.write("index.html", "abd");
        let later = SystemTime::now() + std::time::Duration::from_secs(10);
        fs::File::options()
            .write(true)
            .open(folder.0.join("index.html"))
            .unwrap()
            .set_modified(later)
            .unwrap();
        assert_ne!(lister.list(&folder.0).unwrap()[0].sha256, first.sha256, "same length, another date");
    }

    #[test]
    fn the_list_says_what_waits_until_it_is_asked_for() {
        let file = |path: &str, bytes| Listed { path: path.into(), bytes, sha256: "00".into() };
        let asked = |files: &[Listed], development| {
            let list: serde_json::Value = serde_json::from_str(&to_json(files, development)).unwrap();
            assert_eq!(list["development"].as_bool().unwrap_or(false), development);
            assert_eq!(list["policy"].as_str().unwrap().len(), 64);
            let files = list["files"].as_array().unwrap().iter();
            files.map(|file| file["asked"].as_bool().unwrap_or(false)).collect::<Vec<_>>()
        };
        let system = file("www/models/systems/p0.safetensors", 9);
        let picture = |bytes| file("www/gallery/images/a.webp", bytes);
        let sound = file("www/gallery/captions/a.opus", 1);
        let page = file("index.html", 300_000_000);
        let programs = [file("pkg/cpu/hearsight_bg.wasm", 1), file("pkg/hearsight_bg.wasm", 1)];
        assert_eq!(asked(&programs, false), [false, true]);
        let some = [page.clone(), system.clone(), picture(LARGEST_GALLERY - 1), sound.clone()];
        assert_eq!(asked(&some, false), [false, true, false, false]);
        let many = [page, system, picture(LARGEST_GALLERY), sound];
        assert_eq!(asked(&many, true), [false, true, true, true], "a gallery too large to be kept unasked");
    }
}
