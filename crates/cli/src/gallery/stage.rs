//! A gallery that appears when it is whole. It is written beside its folder first; a run that stops half-way leaves what was
//! there as it was, and the next one finds what it had made (`made.rs`). Only files of an earlier gallery are replaced.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use hearsight::gallery::Manifest;

use super::made;
use crate::{Failure, files};

/// Names what is not finished yet.
const UNFINISHED: &str = "unfinished";

/// Folders in which a gallery has files of its own.
const OWN: [&str; 2] = ["images/", "captions/"];
/// Files of a gallery besides those.
const LISTS: [&str; 4] = [files::INDEX, files::MANIFEST, files::CAPTIONS, files::CAPTION_INDEX];

/// A gallery in the making.
pub struct Stage {
    /// The folder that it shall be in.
    out: PathBuf,
    /// Where it is written.
    scratch: PathBuf,
    /// Held as long as this run writes.
    lock: PathBuf,
    _locked: File,
    /// Paths relative to the gallery of what is in it already.
    earlier: BTreeSet<String>,
    is_finished: bool,
}

impl Stage {
    /// Begins a gallery that will have these files; `sources` are what it is made from.
    pub fn begin<'a>(
        out: &Path,
        new: impl Iterator<Item = &'a str>,
        sources: &BTreeSet<PathBuf>,
        force: bool,
    ) -> Result<Self, Failure> {
        let real = out.canonicalize().unwrap_or_else(|_| out.to_owned());
        let earlier = earlier(&real);
        for file in new.chain(LISTS) {
            let path = real.join(file);
            let Ok(there) = path.canonicalize() else { continue };
            if sources.contains(&there) {
                let path = out.join(file);
                return Err(format!("{} is one of the files that the gallery is made from, and would be replaced. Name another folder with --out.", path.display()).into());
            }
            if !force && !earlier.contains(file) {
                let path = out.join(file);
                return Err(format!("{} is there already and is not of an earlier gallery. Name another folder with --out, or replace it with --force.", path.display()).into());
            }
        }
        let name = real.file_name().map_or("gallery".into(), |name| name.to_string_lossy().into_owned());
        let beside = files::folder_of(&real).join(format!(".{name}.{UNFINISHED}"));
        let lock = beside.with_extension("lock");
        let named = |error: std::io::Error| {
            format!("{}: {error}. Name a folder that can be written with --out.", out.display())
        };
        std::fs::create_dir_all(files::folder_of(&real)).map_err(named)?;
        let locked = File::create(&lock).map_err(named)?;
        if let Err(TryLockError::WouldBlock) = locked.try_lock() {
            return Err(
                format!("{} is being written by another run. Wait for its end.", out.display()).into()
            );
        }
        std::fs::create_dir_all(&beside).map_err(named)?;
        // What an earlier run left that was stopped, but for the pictures that it had made.
        for entry in std::fs::read_dir(&beside).map_err(named)?.flatten() {
            if entry.file_name() != made::LIST && entry.file_name() != made::COPIES {
                let _ = std::fs::remove_dir_all(entry.path());
                let _ = std::fs::remove_file(entry.path());
            }
        }
        Ok(Self { out: real, scratch: beside, lock, _locked: locked, earlier, is_finished: false })
    }

    /// The folder that the gallery shall be in.
    pub fn out(&self) -> &Path {
        &self.out
    }

    /// The folder that it is written in.
    pub fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// The list of what the finished gallery was made of; it lies beside it, since it is nobody's business who sees the gallery.
    pub fn list(&self) -> PathBuf {
        self.scratch.with_extension("made")
    }

    /// Gives a file that was made already its place in the gallery; until that is finished, it stays where it was too.
    pub fn place(&self, made: &Path, file: &str) -> Result<(), Failure> {
        let path = self.scratch.join(file);
        let named = |error: std::io::Error| format!("{}: {error}", path.display());
        std::fs::create_dir_all(files::folder_of(&path)).map_err(named)?;
        Ok(files::link(made, &path).map_err(named)?)
    }

    /// Writes a file of the gallery.
    pub fn write(&self, file: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.scratch.join(file);
        let named = |error: std::io::Error| format!("{}: {error}", path.display());
        std::fs::create_dir_all(files::folder_of(&path)).map_err(named)?;
        Ok(std::fs::write(&path, bytes).map_err(named)?)
    }

    /// Lets the spoken captions of an earlier gallery stay where all of them are about pictures of the new one; gives their index.
    pub fn keep_captions(&mut self, manifest: &Manifest) -> Option<Vec<u8>> {
        let (list, _) = files::captions(&self.out).ok()??;
        let known: BTreeSet<&str> = manifest.pictures.iter().map(|picture| picture.id.as_str()).collect();
        if !list.captions.iter().all(|caption| known.contains(&*caption.picture)) {
            return None;
        }
        let stay = list
            .captions
            .iter()
            .map(|caption| caption.file.as_str())
            .chain([files::CAPTIONS, files::CAPTION_INDEX]);
        for file in stay {
            self.earlier.remove(file);
        }
        std::fs::read(self.out.join(files::CAPTION_INDEX)).ok()
    }

    /// Puts the files where they belong, the list last, and removes what an earlier gallery has besides them.
    pub fn finish(mut self, sources: &BTreeSet<PathBuf>) -> Result<(), Failure> {
        let mut new = BTreeSet::new();
        gather(&self.scratch, "", &mut new)?;
        new.retain(|file| file != made::LIST && !file.starts_with(&format!("{}/", made::COPIES)));
        let (lists, mut order): (Vec<String>, Vec<String>) =
            new.iter().cloned().partition(|file| LISTS.contains(&file.as_str()));
        order.extend(lists.iter().filter(|file| *file != files::MANIFEST).cloned());
        order.extend(lists.into_iter().filter(|file| file == files::MANIFEST));
        for file in &order {
            let (from, to) = (self.scratch.join(file), self.out.join(file));
            let named = |error: std::io::Error| format!("{}: {error}", to.display());
            std::fs::create_dir_all(files::folder_of(&to)).map_err(named)?;
            if std::fs::rename(&from, &to).is_err() {
                // The folder lies on another disk than the one that it is in.
                files::write(&to, &std::fs::read(&from).map_err(named)?)?;
            }
        }
        for file in self.earlier.difference(&new) {
            let path = self.out.join(file);
            if !path.canonicalize().is_ok_and(|path| sources.contains(&path)) {
                // What is not there need not be removed.
                let _ = std::fs::remove_file(path);
            }
        }
        self.is_finished = true;
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Pictures that were made are taken up by the next run; nothing depends on the rest any more.
        let made = std::fs::metadata(self.scratch.join(made::LIST)).map_or(0, |about| about.len());
        if self.is_finished || made <= 1 {
            let _ = std::fs::remove_dir_all(&self.scratch);
        }
        let _ = std::fs::remove_file(&self.lock);
    }
}

/// The files of the gallery that a folder holds; none where it holds none.
pub fn earlier(out: &Path) -> BTreeSet<String> {
    let Ok(manifest) = files::manifest(out) else { return BTreeSet::new() };
    let captions = files::captions(out).ok().flatten();
    let captions = captions.into_iter().flat_map(|(list, _)| list.captions).map(|caption| caption.file);
    let files =
        manifest.pictures.iter().flat_map(|picture| picture.files().map(str::to_owned)).chain(captions);
    // A list that names other files of the folder is not believed.
    let own = files.filter(|file| OWN.iter().any(|folder| file.starts_with(folder)));
    own.chain(LISTS.map(str::to_owned)).collect()
}

/// Paths of the files of a folder, relative to it, with `/` between.
fn gather(folder: &Path, way: &str, files: &mut BTreeSet<String>) -> Result<(), Failure> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{way}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            gather(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name);
        }
    }
    Ok(())
}
