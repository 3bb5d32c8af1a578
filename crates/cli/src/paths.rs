//! Files that tables name, found as their writers meant them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hearsight::gallery::{Pair, readings, spelled};

use super::Failure;

/// Finds the files of a table; what a folder holds is read once, and only where a name is not there as it is written.
#[derive(Default)]
pub struct Finder {
    /// Names in a folder, by their spelling and by that without capitals.
    folders: BTreeMap<PathBuf, Arc<BTreeMap<String, Vec<String>>>>,
}

impl Finder {
    /// The cell as it must be written to be found in `folder`; as it is where there is no such file.
    pub fn find(&mut self, folder: &Path, cell: &str) -> Result<String, Failure> {
        if cell.contains("://") && !cell.starts_with("file://") {
            return Err(format!(
                "{cell} is an address on the web. Download it, and name the file in the table."
            )
            .into());
        }
        if cell.trim().is_empty() {
            return Ok(String::new());
        }
        for reading in readings(cell) {
            if !reading.is_empty() && folder.join(&reading).exists() {
                return Ok(plain(folder, reading));
            }
        }
        let found = readings(cell).iter().find_map(|reading| self.walk(folder, reading));
        Ok(found.unwrap_or_else(|| cell.to_owned()))
    }

    /// Follows a path part by part, each by any of its spellings.
    fn walk(&mut self, folder: &Path, path: &str) -> Option<String> {
        let path = spelled(path);
        let mut way = if path.starts_with('/') { PathBuf::from("/") } else { PathBuf::new() };
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let here = folder.join(&way);
            if here.join(part).exists() {
                way.push(part);
                continue;
            }
            let names = self.names(&here);
            let only =
                |name: &str| names.get(name).filter(|names| names.len() == 1).map(|names| names[0].clone());
            way.push(only(part).or_else(|| only(&part.to_lowercase()))?);
        }
        way.to_str().map(str::to_owned)
    }

    fn names(&mut self, folder: &Path) -> Arc<BTreeMap<String, Vec<String>>> {
        let read = || {
            let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
            let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
            for name in entries.filter_map(|entry| entry.file_name().into_string().ok()) {
                let spelled = spelled(&name);
                let folded = spelled.to_lowercase();
                if folded != spelled {
                    names.entry(folded).or_default().push(name.clone());
                }
                names.entry(spelled).or_default().push(name);
            }
            Arc::new(names)
        };
        Arc::clone(self.folders.entry(folder.to_owned()).or_insert_with(read))
    }
}

/// One file has one path: without detours, where these lead to the same.
fn plain(folder: &Path, path: String) -> String {
    let short = spelled(&path);
    if short == path || short.is_empty() {
        return path;
    }
    let real = |path: &str| folder.join(path).canonicalize().ok();
    if real(&short).is_some() && real(&short) == real(&path) { short } else { path }
}

/// Rows of a table with the paths that are on the disk.
pub fn found(folder: &Path, pairs: &mut [Pair]) -> Result<(), Failure> {
    let mut finder = Finder::default();
    found_in(&mut finder, folder, folder, pairs)
}

/// The same, where pictures and clips lie in folders of their own.
pub fn found_in(finder: &mut Finder, images: &Path, audio: &Path, pairs: &mut [Pair]) -> Result<(), Failure> {
    for pair in pairs {
        pair.image = finder.find(images, &pair.image)?;
        pair.audio = finder.find(audio, &pair.audio)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_all_its_spellings() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("Clips/x")).unwrap();
        for name in ["Clips/scho\u{308}n.ogg", "Clips/a.ogg", "a.ogg", "A.ogg", "100%.ogg"] {
            std::fs::write(folder.path().join(name), b"").unwrap();
        }
        let mut finder = Finder::default();
        let mut find = |cell: &str| finder.find(folder.path(), cell).unwrap();
        for cell in [
            "Clips/sch\u{f6}n.ogg",
            ".\\clips\\SCH\u{d6}N.OGG",
            "Clips/scho%CC%88n.ogg",
            " ./Clips/x/../scho\u{308}n.ogg",
        ] {
            assert_eq!(find(cell), "Clips/scho\u{308}n.ogg", "{cell}");
        }
        assert_eq!(
            ["a.ogg", "./A.ogg", "100%.ogg", "100%25.ogg"].map(&mut find),
            ["a.ogg", "A.ogg", "100%.ogg", "100%.ogg"]
        );
        assert_eq!(["gone.ogg", "A.OGG", ""].map(&mut find), ["gone.ogg", "A.OGG", ""]);
        let error = finder.find(folder.path(), "https://example.org/a.ogg").unwrap_err().to_string();
        assert!(error.contains("Download it"), "{error}");
    }
}
