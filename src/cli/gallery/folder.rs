//! A wall out of a folder of anybody's pictures.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hearsight::gallery::Picture;

use crate::cli::Failure;

/// Endings of the files that are taken for pictures.
const ENDINGS: [&str; 6] = ["jpg", "jpeg", "png", "webp", "gif", "bmp"];

/// The pictures of a folder and of the folders in it, in the order of their paths, each named by its file.
pub fn pictures(folder: &Path) -> Result<Vec<(Picture, PathBuf)>, Failure> {
    let mut paths = Vec::new();
    gather(folder, &mut paths)?;
    paths.sort();
    if paths.is_empty() {
        return Err(format!(
            "{}: there is no picture in this folder. Name one with {} files.",
            folder.display(),
            ENDINGS.join(", ")
        )
        .into());
    }
    let mut taken = BTreeSet::new();
    let named = paths.into_iter().map(|path| {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let title = title(&stem);
        let mut id = slug(&stem);
        let mut number = 2;
        while !taken.insert(id.clone()) {
            id = format!("{}-{number}", slug(&stem));
            number += 1;
        }
        let group =
            path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
        let file = format!("images/{id}.jpg");
        let alt = title.clone();
        (Picture { id, title, alt, group, file, ..Picture::default() }, path)
    });
    Ok(named.collect())
}

fn gather(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| format!("{}: {error}. Check the path.", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        if path.is_dir() {
            gather(&path, paths)?;
        } else if ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str())) {
            paths.push(path);
        }
    }
    Ok(())
}

/// A file's name as words: "IMG_two-dogs" becomes "IMG two dogs".
fn title(stem: &str) -> String {
    let words: Vec<&str> = stem.split(['_', '-', ' ']).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { stem.to_owned() } else { words.join(" ") }
}

/// A name that is safe in addresses and on every file system.
fn slug(stem: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let slug: String = stem.chars().map(safe).collect();
    let slug = slug.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    if slug.is_empty() { "picture".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_their_words_and_no_two_alike() {
        let folder = std::env::temp_dir().join(format!("hearsight-folder-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("trip")).unwrap();
        for name in ["Two_dogs.JPG", "two-dogs.png", "notes.txt", "trip/Über.webp"] {
            std::fs::write(folder.join(name), b"").unwrap();
        }
        let found = pictures(&folder).unwrap();
        let names: Vec<[&str; 3]> = found.iter().map(|(p, _)| [&*p.id, &*p.title, &*p.file]).collect();
        assert_eq!(
            names,
            [
                ["two-dogs", "Two dogs", "images/two-dogs.jpg"],
                ["ber", "Über", "images/ber.jpg"],
                ["two-dogs-2", "two dogs", "images/two-dogs-2.jpg"],
            ]
        );
        assert_eq!(found[1].0.group, "trip");
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(pictures(&folder).unwrap_err().to_string().contains("Check the path"));
    }
}
