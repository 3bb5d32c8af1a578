//! Every failure that can reach a visitor has a sentence in every language. English is the failure's own.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where the engine's failures get their names.
const NAMED: &str = "src/engine/error.rs";
/// Where the browser's door names its own.
const DOOR: &str = "src/web";
const LANGUAGES: [&str; 3] = ["de", "fr", "es"];

fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Codes in a source: strings in kebab-case that stand first of several in brackets.
fn codes(source: &str, into: &mut BTreeSet<String>) {
    for (at, _) in source.match_indices('(') {
        let Some(rest) = source[at + 1..].trim_start().strip_prefix('"') else { continue };
        let Some((code, rest)) = rest.split_once('"') else { continue };
        let is_kebab = code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if is_kebab && code.contains('-') && rest.starts_with(',') {
            into.insert(code.to_owned());
        }
    }
}

#[test]
fn every_failure_has_a_sentence_in_every_language() {
    let mut found = BTreeSet::new();
    codes(&read(NAMED), &mut found);
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(DOOR)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            codes(&read(path), &mut found);
        }
    }
    // Of each place one: else this test reads the sources wrongly.
    for known in ["no-speech", "bad-taught-version", "microphone-denied", "large-archive", "not-recording"] {
        assert!(found.contains(known), "{known} was not found");
    }
    for language in LANGUAGES {
        let texts = read(format!("www/texts/{language}.js"));
        let missing: Vec<_> = found.iter().filter(|code| !texts.contains(&format!("\"{code}\": "))).collect();
        assert!(missing.is_empty(), "{language} says nothing of {missing:?}");
    }
}
