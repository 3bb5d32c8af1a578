//! `hearsight corpus`: what a corpus holds, what of it is missing, and the same as our table.

mod flickr8k_audio;
mod places;
mod read;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use hearsight::gallery::{Pair, write_pairs};

use super::{Failure, files};
pub use source::Source;

/// Check a corpus: what it holds, and what is missing.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    source: Source,
    /// Write the rows whose files are there as a table of pairs, with paths relative to it.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Replace a file that is there already.
    #[arg(long, requires = "out")]
    force: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if let Some(out) = &arguments.out {
        files::may_write(out, arguments.force)?;
    }
    let corpus = arguments.source.read()?;
    let (present, missing) = corpus.present()?;
    println!("{}: {}", corpus.kind(), counts(&present));
    let mut splits: BTreeMap<&str, Vec<Pair>> = BTreeMap::new();
    for pair in &present {
        splits.entry(&pair.split).or_default().push(pair.clone());
    }
    for (split, pairs) in &splits {
        println!("  {split}: {}", counts(pairs));
    }
    println!("missing: {missing}");
    let without = |cell: fn(&Pair) -> &str| present.iter().filter(|pair| cell(pair).is_empty()).count();
    let [text, speaker, picture] = [without(|p| &p.text), without(|p| &p.voice), without(|p| &p.image)];
    println!("rows without text: {text}, without speaker: {speaker}, without picture: {picture}");
    if let Some(out) = &arguments.out {
        let folder = files::folder_of(out);
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        files::write(out, &write_pairs(&corpus.relative_to(folder, &present)?)?)?;
        println!("{} rows in {}", present.len(), out.display());
    }
    Ok(())
}

fn counts(pairs: &[Pair]) -> String {
    let count = |cell: fn(&Pair) -> &str| {
        pairs.iter().map(cell).filter(|cell| !cell.is_empty()).collect::<BTreeSet<_>>().len()
    };
    let (pictures, clips, speakers) = (count(|p| &p.image), count(|p| &p.audio), count(|p| &p.voice));
    format!("{pictures} pictures, {clips} clips, {speakers} speakers")
}

/// A folder and the one that it lies in.
fn around(folder: &Path) -> [PathBuf; 2] {
    // A path that ends in a name is cut, so that what lies beside a link is found.
    let above = folder.file_name().map_or(folder.join(".."), |_| files::folder_of(folder).to_owned());
    [folder.to_owned(), above]
}

/// Where one of a corpus's folders may be: the one that was named, or some; each under the usual names.
fn candidates(named: Option<&Path>, around: &[PathBuf], usual: &[&str]) -> Vec<PathBuf> {
    let around = named.map_or(around.to_vec(), |named| vec![named.to_owned()]);
    around.iter().flat_map(|folder| usual.iter().map(|name| under(folder, name))).collect()
}

/// Joined without a slash at the end.
fn under(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).components().collect()
}

/// The first folder that holds any of these files.
fn holding<'a>(folders: &[PathBuf], files: impl Iterator<Item = &'a str> + Clone) -> Option<PathBuf> {
    folders.iter().find(|folder| folder.is_dir() && files.clone().any(|f| folder.join(f).is_file())).cloned()
}
