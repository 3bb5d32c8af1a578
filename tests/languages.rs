//! Every failure that can reach a visitor has a sentence in every language. English is the failure's own.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where failures get their names: what stands in quotes there and looks like a code is one.
const NAMED: [&str; 1] = ["src/engine/error.rs"];
/// Where the browser's door names its own: the first argument of these.
const DOOR: &str = "src/web";
const RAISED: [&str; 3] = ["failure(", "detailed(", " => ("];
const LANGUAGES: [&str; 3] = ["de", "fr", "es"];

fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Codes in a source: strings in kebab-case that are the first argument of what raises a failure.
fn codes(source: &str, into: &mut BTreeSet<String>) {
    for raised in RAISED {
        for (at, _) in source.match_indices(raised) {
            let rest = source[at + raised.len()..].trim_start();
            let Some(code) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) else { continue };
            if code.contains('-')
                && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            {
                into.insert(code.to_owned());
            }
        }
    }
}

#[test]
fn every_failure_has_a_sentence_in_every_language() {
    let mut found = BTreeSet::new();
    for path in NAMED {
        codes(&read(path), &mut found);
    }
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(DOOR)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            codes(&read(path), &mut found);
        }
    }
    for known in
        ["no-speech", "too-long", "bad-taught-version", "microphone-denied", "large-archive", "not-recording"]
    {
        assert!(
            found.contains(known),
            "{known} is raised and was not found: this test reads the sources wrongly"
        );
    }
    for language in LANGUAGES {
        let texts = read(format!("www/texts/{language}.js"));
        let missing: Vec<_> = found.iter().filter(|code| !texts.contains(&format!("\"{code}\": "))).collect();
        assert!(missing.is_empty(), "{language} says nothing of {missing:?}");
    }
}
