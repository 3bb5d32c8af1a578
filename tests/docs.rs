//! What the documents point at is there: files that they name, and links.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// Documents of today; decisions and the list of changes speak of what was.
const TODAY: [&str; 5] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs", "training"];
const OF_THEIR_TIME: &str = "docs/decisions";
/// What is named as a file: `search/recall.rs`.
const KINDS: [&str; 7] = [".rs", ".js", ".py", ".tsv", ".md", ".toml", ".html"];

/// Files below a folder of the repository, without what is built or fetched.
fn files(folder: &str) -> Vec<PathBuf> {
    let made = ["target", "node_modules", ".git"];
    let walk = WalkDir::new(crate::at(folder));
    let kept = walk.into_iter().filter_entry(|entry| !made.contains(&&*entry.file_name().to_string_lossy()));
    kept.filter_map(Result::ok).map(walkdir::DirEntry::into_path).filter(|path| path.is_file()).collect()
}

/// Every `left`…`right` in a text, without the two.
fn between<'a>(text: &'a str, left: &str, right: &str) -> impl Iterator<Item = &'a str> {
    text.split(left).skip(1).filter_map(move |rest| rest.split_once(right)).map(|(inside, _)| inside)
}

#[test]
fn what_the_documents_point_at_is_there() {
    let all: Vec<String> =
        files("").iter().map(|path| format!("/{}", path.to_string_lossy().replace('\\', "/"))).collect();
    let of_their_time = crate::at(OF_THEIR_TIME);
    let mut seen = 0;
    let mut missing = Vec::new();
    for document in TODAY.into_iter().flat_map(files) {
        if document.extension().is_none_or(|kind| kind != "md") || document.starts_with(&of_their_time) {
            continue;
        }
        let text = fs::read_to_string(&document).unwrap();
        let is_path = |name: &&str| {
            let plain = |letter: char| letter.is_ascii_alphanumeric() || "./_-".contains(letter);
            name.contains('/') && name.chars().all(plain) && KINDS.iter().any(|kind| name.ends_with(kind))
        };
        for name in text.split('`').skip(1).step_by(2).filter(is_path) {
            seen += 1;
            let end = format!("/{}", name.trim_start_matches('/'));
            if !all.iter().any(|path| path.ends_with(&end)) {
                missing.push(format!("{}: {name}", document.display()));
            }
        }
        for link in between(&text, "](", ")").filter(|link| !link.contains(':')) {
            seen += 1;
            let file = link.split('#').next().unwrap_or_default();
            if !document.parent().unwrap_or(Path::new("")).join(file).exists() {
                missing.push(format!("{}: ({link})", document.display()));
            }
        }
    }
    assert!(seen > 100, "only {seen} files and links were found");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
