//! A wall out of a folder of anybody's pictures.
//!
//! Each picture is taken once, however many links lead to it. What systems keep for themselves (hidden folders, thumbnails, bins)
//! is passed over, and so is the gallery that is made; what looks like a picture and cannot be read is named.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use hearsight::gallery::{Picture, is_hidden};
use walkdir::{DirEntry, WalkDir};

use super::stage::earlier;
use crate::{Failure, files};

/// Endings of the files that are taken for pictures.
const ENDINGS: [&str; 8] = ["jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp"];
/// Endings of pictures that are not read here: a user who has them wants to know.
const UNREAD: [&str; 27] = [
    "heic", "heif", "hif", "avif", "tif", "tiff", "dng", "raw", "cr2", "cr3", "nef", "arw", "orf", "rw2",
    "raf", "pef", "srw", "svg", "psd", "jxl", "jp2", "j2k", "ico", "tga", "jxr", "xcf", "pcx",
];
/// How readable pictures begin, for files without an ending.
const BEGINNINGS: [&[u8]; 4] = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM"];
/// So many of one kind are named one by one; of more the number is said.
const NAMED: usize = 20;
/// Longest id; with its folder and ending it is a name that every file system takes.
const LONGEST_ID: usize = 100;

/// The pictures of a folder and of the folders in it, in the order of their paths, each named by its file; the gallery in `out` is
/// none of them.
pub fn pictures(folder: &Path, out: &Path) -> Result<Vec<(Picture, PathBuf)>, Failure> {
    std::fs::read_dir(folder).map_err(|error| format!("{}: {error}. Check the path.", folder.display()))?;
    let mut found = gather(folder, out);
    found.paths.sort();
    for (path, why) in found.left_out.iter().take(NAMED) {
        eprintln!("left out: {}: {why}", path.display());
    }
    if found.left_out.len() > NAMED {
        eprintln!("left out: {} more like these.", found.left_out.len() - NAMED);
    }
    if found.paths.is_empty() {
        let unread = if found.left_out.is_empty() { "" } else { " that can be read" };
        let (folder, endings) = (folder.display(), ENDINGS.join(", "));
        return Err(format!(
            "{folder}: there is no picture{unread} in this folder. Name one with {endings} files."
        )
        .into());
    }
    let mut taken = BTreeSet::new();
    let named = found.paths.into_iter().map(|path| {
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
        let alt = title.clone();
        let parts = path.strip_prefix(folder).unwrap_or(&path).iter().map(|part| part.to_string_lossy());
        let origin = parts.collect::<Vec<_>>().join("/");
        let picture = Picture { id, title, alt, group, origin, ..Picture::default() };
        (picture.with_files("jpg"), path)
    });
    Ok(named.collect())
}

/// What a walk through a folder finds.
#[derive(Default)]
struct Found {
    paths: Vec<PathBuf>,
    left_out: Vec<(PathBuf, String)>,
}

fn gather(folder: &Path, out: &Path) -> Found {
    let out = out.canonicalize().ok();
    let home = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let folder_is_out = out.as_ref() == Some(&home);
    // Copies that an earlier run made.
    let copies = |gallery: &Path| -> BTreeSet<PathBuf> {
        earlier(gallery).into_iter().filter_map(|file| gallery.join(file).canonicalize().ok()).collect()
    };
    let own = out.as_deref().map(copies).unwrap_or_default();
    let is_out = |entry: &DirEntry| {
        !folder_is_out
            && entry.file_type().is_dir()
            && out.is_some()
            && entry.path().canonicalize().ok() == out
    };
    let mut found = Found::default();
    let (mut files, mut folders, mut links) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    let mut add = |found: &mut Found, path: &Path| {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if !own.contains(&real) && files.insert(real) {
            found.paths.push(path.to_owned());
        }
    };
    // What links lead to comes after what lies in the folder itself, so that each picture has its own path; no folder is entered twice.
    let mut ways = VecDeque::from([folder.to_owned()]);
    while let Some(way) = ways.pop_front() {
        if way.canonicalize().is_ok_and(|real| !folders.insert(real)) {
            continue;
        }
        let enters = |entry: &DirEntry| {
            let is_dir = entry.file_type().is_dir();
            entry.depth() == 0
                || !is_hidden(&entry.file_name().to_string_lossy())
                    && !is_out(entry)
                    && !is_other_gallery(entry)
                    && (!is_dir || entry.path().canonicalize().map_or(true, |real| folders.insert(real)))
        };
        for entry in WalkDir::new(&way).sort_by_file_name().into_iter().filter_entry(enters) {
            let path = match &entry {
                Ok(entry) => entry.path(),
                Err(error) => error.path().unwrap_or(&way),
            };
            let about = entry
                .as_ref()
                .map_err(|error| error.io_error().map_or("it cannot be read".into(), ToString::to_string));
            let about = about.and_then(|_| std::fs::metadata(path).map_err(|error| error.to_string()));
            match about {
                Ok(about) if about.is_dir() => {
                    let leads_on = |real: PathBuf| Some(&real) != out.as_ref() && !home.starts_with(&real);
                    if path.is_symlink() && path != way && path.canonicalize().is_ok_and(leads_on) {
                        ways.push_back(path.to_owned());
                    }
                }
                Ok(about) => match taken(path, about.is_file()) {
                    Taken::Picture if path.is_symlink() => links.push(path.to_owned()),
                    Taken::Picture => add(&mut found, path),
                    Taken::LeftOut(why) => found.left_out.push((path.to_owned(), why)),
                    Taken::Other => {}
                },
                Err(why) if entry.is_err() || !matches!(taken(path, true), Taken::Other) => {
                    found.left_out.push((path.to_owned(), format!("{why}.")));
                }
                // A link to something else that is gone.
                Err(_) => {}
            }
        }
    }
    links.iter().for_each(|path| add(&mut found, path));
    // A folder that is a gallery too has pictures of its own, or else its copies are what was meant.
    let copies = copies(folder);
    let is_copy = |path: &PathBuf| path.canonicalize().is_ok_and(|real| copies.contains(&real));
    if found.paths.iter().any(|path| !is_copy(path)) {
        found.paths.retain(|path| !is_copy(path));
    }
    found
}

/// What a file is to a gallery.
enum Taken {
    Picture,
    LeftOut(String),
    Other,
}

/// By its name, or by its first bytes where its name says nothing.
fn taken(path: &Path, is_file: bool) -> Taken {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some(ending) if UNREAD.contains(&ending) => Taken::LeftOut(format!(
            "{} pictures cannot be read here. Save it as JPEG.",
            ending.to_uppercase()
        )),
        Some(ending) if !ENDINGS.contains(&ending) => Taken::Other,
        Some(_) if !is_file => Taken::LeftOut("this is a pipe or a device and no file.".into()),
        None if !is_file || !begins_as_picture(path) => Taken::Other,
        _ => Taken::Picture,
    }
}

/// Whether a folder is a gallery that was made before: copies of pictures, not pictures.
fn is_other_gallery(entry: &DirEntry) -> bool {
    let has = |name: &str| entry.path().join(name).is_file();
    let is_gallery = entry.file_type().is_dir() && has(files::MANIFEST) && has(files::INDEX);
    if is_gallery {
        eprintln!("left out: {}: this folder is a gallery.", entry.path().display());
    }
    is_gallery
}

/// Whether a file without an ending is a picture by its first bytes.
fn begins_as_picture(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = std::fs::File::open(path)
        .and_then(|file| std::io::Read::read_to_end(&mut std::io::Read::take(file, 12), &mut start));
    let is_webp = start.starts_with(b"RIFF") && start.ends_with(b"WEBP");
    read.is_ok() && (is_webp || BEGINNINGS.iter().any(|beginning| start.starts_with(beginning)))
}

/// A file's name as words, in one line: "IMG_two-dogs" becomes "IMG two dogs".
fn title(stem: &str) -> String {
    let between = |c: char| c == '_' || c == '-' || c.is_whitespace() || c.is_control();
    let words: Vec<&str> = stem.split(between).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { stem.to_owned() } else { words.join(" ") }
}

/// A name that is safe in addresses and on every file system.
fn slug(stem: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let slug: String = stem.chars().take(LONGEST_ID).map(safe).collect();
    let slug = slug.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    if slug.is_empty() { "picture".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_of_words() {
        assert_eq!(
            ["IMG_two-dogs", "new\nline", "tab\t a", "_"].map(title),
            ["IMG two dogs", "new line", "tab a", "_"]
        );
    }

    fn made(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::create_dir_all(files::folder_of(&folder.path().join(name))).unwrap();
            std::fs::write(folder.path().join(name), b"\xff\xd8\xff").unwrap();
        }
        folder
    }

    fn origins(folder: &Path, out: &Path) -> Vec<String> {
        pictures(folder, out).unwrap().into_iter().map(|(picture, _)| picture.origin).collect()
    }

    #[test]
    fn files_are_named_by_their_words_and_no_two_alike() {
        let long = "n".repeat(200);
        let folder =
            made(&["Two_dogs.JPG", "two-dogs.png", "notes.txt", "trip/Über.webp", &format!("z/{long}.jpg")]);
        let found = pictures(folder.path(), Path::new("nowhere")).unwrap();
        let names: Vec<[&str; 4]> =
            found.iter().map(|(p, _)| [&*p.id, &*p.title, &*p.file, &*p.origin]).collect();
        assert_eq!(
            names[..3],
            [
                ["two-dogs", "Two dogs", "images/two-dogs.jpg", "Two_dogs.JPG"],
                ["ber", "Über", "images/ber.jpg", "trip/Über.webp"],
                ["two-dogs-2", "two dogs", "images/two-dogs-2.jpg", "two-dogs.png"],
            ]
        );
        assert_eq!((found[1].0.group.as_str(), names[3][0].len()), ("trip", LONGEST_ID));
        let gone = pictures(Path::new("nowhere"), Path::new("out")).unwrap_err().to_string();
        assert!(gone.contains("Check the path"), "{gone}");
    }

    #[test]
    fn what_systems_keep_is_passed_over() {
        let hidden = [
            ".thumbnails/a.jpg",
            "@eaDir/a.jpg/b.jpg",
            ".git/c.png",
            "#recycle/d.jpg",
            "__MACOSX/e.jpg",
            "._f.jpg",
        ];
        let folder = made(&[&hidden[..], &["own.jpg", "trip/without", "trip/clip.wav"]].concat());
        assert_eq!(origins(folder.path(), Path::new("nowhere")), ["own.jpg", "trip/without"]);
        let hidden = folder.path().join(".thumbnails");
        assert_eq!(origins(&hidden, Path::new("nowhere")), ["a.jpg"], "named itself, it is meant");
    }

    #[cfg(unix)]
    #[test]
    fn each_picture_is_taken_once_by_its_own_name() {
        use std::os::unix::fs::symlink;
        let folder = made(&["real/a.jpg", "z.jpg"]);
        let link = |to: &str, name: &str| symlink(to, folder.path().join(name)).unwrap();
        link(".", "back");
        link(".", "again");
        link("real", "before");
        link("real/a.jpg", "b.jpg");
        link("gone.jpg", "gone.jpg");
        // As many ways as there are orders of these folders.
        for number in 0..12 {
            std::fs::create_dir(folder.path().join(format!("{number}"))).unwrap();
            (0..12).for_each(|other| link(&format!("../{other}"), &format!("{number}/to-{other}")));
        }
        assert_eq!(origins(folder.path(), Path::new("nowhere")), ["real/a.jpg", "z.jpg"]);
    }
}
