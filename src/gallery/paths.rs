//! Paths as their writers meant them. One file may be spelled in several ways: macOS writes an accent apart from its letter,
//! Windows writes `\` and does not tell capitals apart, and a shell adds `./`.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

/// What systems leave in folders and archives beside people's own files, in lower case.
const LITTER: [&str; 11] = [
    "__macosx",
    "@eadir",
    "#recycle",
    "#snapshot",
    "$recycle.bin",
    "system volume information",
    "lost+found",
    ".ds_store",
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
];
/// How tables end, the likeliest first.
const TABLES: [&str; 4] = ["tsv", "csv", "tab", "txt"];
/// The customary name of the table of a lesson, without its ending.
const TABLE: &str = "pairs";

/// Whether a system made this file or folder for itself: Finder's, Explorer's and the like.
pub fn is_litter(path: &str) -> bool {
    parts(path).any(|part| {
        part.starts_with("._") || part.starts_with("~$") || LITTER.contains(&&*part.to_lowercase())
    })
}

/// Whether a file or folder, or one that it lies in, is litter or meant to be unseen.
pub fn is_hidden(path: &str) -> bool {
    is_litter(path) || parts(path).any(|part| part.starts_with('.') && !matches!(part, "." | ".."))
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split(['/', '\\'])
}

/// The names that may be a lesson's table, the likeliest first: those called `pairs` (or `pairs (1)`), or else all tables; of
/// these, the uppermost.
pub fn tables<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found: Vec<_> = names
        .into_iter()
        .filter(|name| !is_hidden(name))
        .filter_map(|name| {
            let last = parts(name).last()?.to_lowercase();
            let (stem, ending) = last.rsplit_once('.')?;
            let ending = TABLES.iter().position(|known| *known == ending)?;
            let called = is_called_pairs(stem);
            // Other text files are notes and licences.
            (called || TABLES[ending] != "txt").then_some(((!called, parts(name).count()), ending, name))
        })
        .collect();
    found.sort_unstable();
    let likeliest = found.first().map(|(kind, ..)| *kind);
    found.into_iter().filter(|(kind, ..)| Some(*kind) == likeliest).map(|(.., name)| name).collect()
}

/// What stands behind the name is what systems add to a second one.
fn is_called_pairs(stem: &str) -> bool {
    stem.strip_prefix(TABLE).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// A path by which two spellings of it are known to be the same: accents joined, `/` between folders, no `.` and no way up
/// that can be gone.
pub fn spelled(path: &str) -> String {
    let joined: String = path.trim().nfc().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let mut way: Vec<&str> = Vec::new();
    for part in parts(&joined) {
        match part.trim() {
            "" | "." => {}
            ".." if way.last().is_some_and(|last| *last != "..") => drop(way.pop()),
            part => way.push(part),
        }
    }
    let root = if joined.starts_with('/') { "/" } else { "" };
    format!("{root}{}", way.join("/"))
}

/// What a cell that names a file may mean: as it stands, as an address writes it, and without the disk that it lay on.
pub fn readings(cell: &str) -> Vec<String> {
    let plain = cell.trim();
    let plain = plain.strip_prefix("file://").unwrap_or(plain);
    let mut readings = vec![cell.to_owned(), spelled(plain)];
    if let Some(decoded) = percent_decoded(plain) {
        readings.push(spelled(&decoded));
    }
    let elsewhere: Vec<_> = readings.iter().filter_map(|reading| rootless(reading)).collect();
    readings.extend(elsewhere);
    readings.dedup();
    readings
}

/// A path from the top without the top: `C:\` or `/`; none where it begins nowhere.
fn rootless(path: &str) -> Option<String> {
    let drive = path.as_bytes();
    let rest =
        if drive.len() > 2 && drive[0].is_ascii_alphabetic() && drive[1] == b':' { &path[2..] } else { path };
    rest.starts_with(['/', '\\']).then(|| spelled(rest).trim_start_matches('/').to_owned())
}

/// A path without the `%20` of addresses; none where there is nothing to decode.
fn percent_decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut parts = path.split('%');
    bytes.extend(parts.next()?.bytes());
    let mut decoded = false;
    for part in parts {
        match part.get(..2).and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend(part[2..].bytes());
                decoded = true;
            }
            None => {
                bytes.push(b'%');
                bytes.extend(part.bytes());
            }
        }
    }
    String::from_utf8(bytes).ok().filter(|_| decoded)
}

/// Paths of files, found by any of their spellings.
pub struct Paths<'a> {
    exact: BTreeMap<&'a str, &'a str>,
    spelled: BTreeMap<String, Vec<&'a str>>,
    /// The same without capitals.
    folded: BTreeMap<String, Vec<&'a str>>,
}

impl<'a> Paths<'a> {
    /// Of these files.
    pub fn of(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut paths = Self { exact: BTreeMap::new(), spelled: BTreeMap::new(), folded: BTreeMap::new() };
        for name in names {
            if paths.exact.insert(name, name).is_none() {
                let spelled = spelled(name);
                paths.folded.entry(spelled.to_lowercase()).or_default().push(name);
                paths.spelled.entry(spelled).or_default().push(name);
            }
        }
        paths
    }

    /// The file that a cell of a table in `folder` (which ends with `/` or is empty) means: relative to that folder, or to the top.
    /// None where there is none, or several that are meant equally.
    pub fn find(&self, folder: &str, cell: &str) -> Option<&'a str> {
        if cell.trim().is_empty() {
            return None;
        }
        let readings = readings(cell);
        for folder in [folder, ""] {
            let whole: Vec<String> = readings.iter().map(|reading| format!("{folder}{reading}")).collect();
            let exact = whole.iter().find_map(|path| self.exact.get(path.as_str()).copied());
            let only =
                |names: Option<&Vec<&'a str>>| names.filter(|names| names.len() == 1).map(|names| names[0]);
            let found = exact
                .or_else(|| whole.iter().find_map(|path| only(self.spelled.get(&spelled(path)))))
                .or_else(|| {
                    whole.iter().find_map(|path| only(self.folded.get(&spelled(path).to_lowercase())))
                });
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_is_found_by_all_its_spellings() {
        let names = ["lesson/clips/scho\u{308}n.wav", "lesson/My Cat.JPG", "top.wav", "a.wav", "A.wav"];
        let paths = Paths::of(names);
        let found = |cell: &str| paths.find("lesson/", cell);
        for cell in [
            "clips/sch\u{f6}n.wav",
            "./clips/scho\u{308}n.wav",
            ".\\clips\\sch\u{f6}n.wav",
            "clips/x/../SCH\u{d6}N.wav",
        ] {
            assert_eq!(found(cell), Some(names[0]), "{cell}");
        }
        for cell in [
            "My Cat.JPG",
            "my cat.jpg",
            " My%20Cat.JPG",
            "My\u{a0}Cat.JPG",
            "../lesson/My Cat.JPG",
            "lesson/My Cat.JPG",
        ] {
            assert_eq!(found(cell), Some(names[1]), "{cell}");
        }
        assert_eq!(found("top.wav"), Some("top.wav"));
        assert_eq!([found("a.wav"), found("A.wav"), found("A.WAV")], [Some("a.wav"), Some("A.wav"), None]);
        assert_eq!([found(""), found("b.wav"), found("..")], [None; 3]);
    }

    #[test]
    fn the_table_is_the_one_that_is_meant() {
        let names = [
            "__MACOSX/lesson/._pairs.tsv",
            ".~lock.pairs.tsv#",
            "annotations.tsv",
            "old/x/pairs.tsv",
            "lesson/Pairs.TSV",
            "other/pairs (1).csv",
            "lesson/pairs_of_shoes.tsv",
            "a.jpg",
        ];
        assert_eq!(tables(names), ["lesson/Pairs.TSV", "other/pairs (1).csv"]);
        assert_eq!(tables(["a/b.tsv", "c.csv", "d.tsv", "a.txt"]), ["d.tsv", "c.csv"]);
        assert_eq!(tables(["a/pairs.txt", "licence.txt"]), ["a/pairs.txt"]);
        assert!(tables(["a.jpg", "licence.txt"]).is_empty());
    }

    #[test]
    fn what_systems_leave_is_known() {
        for litter in [
            "__MACOSX/a/._x.jpg",
            "a/._x.jpg",
            "a/.DS_Store",
            "Thumbs.db",
            "a\\Desktop.ini",
            "@eaDir/x.jpg/y.jpg",
            "~$pairs.xlsx",
        ] {
            assert!(is_litter(litter) && is_hidden(litter), "{litter}");
        }
        for hidden in [".thumbnails/a.jpg", "a/.git/b.png"] {
            assert!(!is_litter(hidden) && is_hidden(hidden), "{hidden}");
        }
        for own in ["a.jpg", "./a.jpg", "../a.jpg", "a..b.jpg", "macosx/a.jpg"] {
            assert!(!is_hidden(own), "{own}");
        }
    }

    #[test]
    fn a_path_is_spelled_in_one_way() {
        assert_eq!(spelled(" .\\a//b/./c/../d.wav "), "a/b/d.wav");
        assert_eq!(spelled("../../a"), "../../a");
        assert_eq!(spelled("/a/b"), "/a/b");
        assert_eq!(rootless("C:\\a\\b.wav").as_deref(), Some("a/b.wav"));
        assert_eq!(rootless("/a/b.wav").as_deref(), Some("a/b.wav"));
        assert_eq!(rootless("a/b:c.wav"), None);
        assert_eq!(percent_decoded("100%.wav"), None);
        assert_eq!(percent_decoded("100%25%zz.wav").as_deref(), Some("100%%zz.wav"));
    }
}
