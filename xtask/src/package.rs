//! What makes an npm package of pkg/: its description, its README and the licences, all from what the repository says of itself.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::licences;
use crate::process::{ask, cargo};

/// Copied beside the program; npm packs a README unasked.
const LICENCES: [&str; 3] = ["LICENSE-APACHE", "LICENSE-MIT", licences::LIST];

/// Writes pkg/package.json and copies what belongs beside it.
pub fn describe(root: &Path) -> Result<()> {
    let mut metadata = cargo(root);
    metadata.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let text = ask(&mut metadata)
        .ok_or_else(|| Error::Check("`cargo metadata` does not say what Cargo.toml holds.".into()))?;
    let metadata: Value =
        serde_json::from_str(&text).map_err(|error| Error::Check(format!("`cargo metadata`: {error}.")))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let about = packages.into_iter().find(|package| package["name"] == "hearsight").unwrap_or(&Value::Null);
    let folder = root.join("pkg");
    for (from, to) in
        LICENCES.map(|licence| (licence, licence)).into_iter().chain([("docs/package.md", "README.md")])
    {
        let path = root.join(from);
        fs::copy(&path, folder.join(to)).map_err(Error::file(&path))?;
    }
    let path = folder.join("package.json");
    fs::write(&path, format!("{:#}\n", package(about))).map_err(Error::file(&path))
}

/// npm's description of what cargo describes so.
fn package(about: &Value) -> Value {
    let program = ["hearsight_bg.wasm", "hearsight.js", "hearsight.d.ts"];
    let files: Vec<&str> = program.into_iter().chain(LICENCES).collect();
    json!({
        "name": about["name"],
        "type": "module",
        "version": about["version"],
        "description": about["description"],
        "collaborators": about["authors"],
        "license": about["license"],
        "keywords": about["keywords"],
        "main": "hearsight.js",
        "types": "hearsight.d.ts",
        "sideEffects": ["./snippets/*"],
        "files": files,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn npm_is_told_what_cargo_was_told() {
        let about = json!({ "name": "hearsight", "version": "1.2.3", "license": "MIT", "authors": ["a"], "keywords": ["b"] });
        let package = package(&about);
        assert_eq!((&package["name"], &package["version"]), (&json!("hearsight"), &json!("1.2.3")));
        assert_eq!((&package["license"], &package["collaborators"]), (&json!("MIT"), &json!(["a"])));
        let files = package["files"].as_array().unwrap();
        assert!(files.contains(&package["main"]) && files.contains(&package["types"]));
    }
}
