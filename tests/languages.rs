//! Every failure that can reach a visitor has a sentence in every language (English is the failure's own), and what the page says of
//! its network in each is what was measured.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where the engine's failures get their names.
const NAMED: &str = "src/engine/error.rs";
/// Where the browser's door names its own.
const DOOR: &str = "src/web";
const LANGUAGES: [&str; 3] = ["de", "fr", "es"];

fn read(path: impl AsRef<Path>) -> String {
    let path = crate::at(path);
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
    for entry in fs::read_dir(crate::at(DOOR)).unwrap() {
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

#[test]
fn the_network_that_ships_is_described_by_its_report() {
    let report: serde_json::Value = serde_json::from_str(&read("reports/quality.json")).unwrap();
    let set = report["sets"].as_array().unwrap().iter().find(|set| set["name"] == "gallery index").unwrap();
    let recall = &set["audio_to_image"];
    let percent = |value: &serde_json::Value| format!("{:.0}", value.as_f64().unwrap() * 100.0);
    let figures = [
        set["images"].to_string(),
        set["clips"].to_string(),
        percent(&recall["r10"]),
        percent(&recall["r10_interval"][0]),
        percent(&recall["r10_interval"][1]),
    ];
    for file in ["index.html", "www/texts/en.js", "www/texts/de.js", "www/texts/fr.js", "www/texts/es.js"] {
        let texts = read(file);
        let facts = texts.lines().find(|line| line.contains("shippedFacts")).unwrap();
        let said: Vec<_> = facts.split(|c: char| !c.is_ascii_digit()).collect();
        let missing: Vec<_> = figures.iter().filter(|figure| !said.contains(&figure.as_str())).collect();
        assert!(missing.is_empty(), "{file} does not say {missing:?}");
    }
}
