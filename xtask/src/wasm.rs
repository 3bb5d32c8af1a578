//! The page's Rust: src/ compiled to pkg/ by wasm-pack, and left alone while nothing it is made from has changed.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use crate::error::{Error, Result};
use crate::licences;
use crate::process::{command, run};

/// What pkg/ is made from.
const INPUTS: [&str; 6] =
    ["src", "Cargo.toml", "Cargo.lock", ".cargo/config.toml", "docs/package.md", licences::LIST];
/// What the page loads from it, what its types come from, and what makes it a package.
const OUTPUTS: [&str; 4] =
    ["pkg/hearsight_bg.wasm", "pkg/hearsight.js", "pkg/hearsight.d.ts", "pkg/package.json"];

/// Builds pkg/ when it is not newer than everything it is made from.
pub fn build_page(root: &Path) -> Result<()> {
    if is_fresh(root)? {
        println!("The page is built already: nothing in src/ has changed since.");
        return Ok(());
    }
    println!("Building the page; the first time this takes a quarter of an hour, later seconds.");
    let start = SystemTime::now();
    let options = ["--release", "--mode", "no-install"];
    run(wasm_pack(root).args(["build", "--target", "web", "--out-dir", "pkg"]).args(options))?;
    // Dated from the start, so that an edit made during the build is not missed by the next one.
    for output in OUTPUTS.map(|output| root.join(output)) {
        let file = File::options().write(true).open(&output).map_err(Error::file(&output))?;
        file.set_modified(start).map_err(Error::file(&output))?;
    }
    Ok(())
}

/// wasm-pack with the flags of .cargo/config.toml, so that page and tests share every compiled crate.
pub fn wasm_pack(root: &Path) -> Command {
    let mut wasm_pack = command(root, "wasm-pack");
    // Its notes, and its look for a newer version of itself, say nothing about the page.
    wasm_pack.args(["--log-level", "error"]);
    // RUSTFLAGS from outside would replace simd128 there, and wasm-pack reads the target from this variable.
    wasm_pack.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS").env_remove("CARGO_BUILD_TARGET");
    wasm_pack
}

/// Whether every output is newer than every input.
fn is_fresh(root: &Path) -> Result<bool> {
    let mut oldest_output = None;
    for output in OUTPUTS {
        let Ok(written) = fs::metadata(root.join(output)).and_then(|file| file.modified()) else {
            return Ok(false);
        };
        oldest_output = Some(oldest_output.map_or(written, |oldest: SystemTime| oldest.min(written)));
    }
    for input in INPUTS {
        if newest(&root.join(input))? >= oldest_output {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The latest change in a file or folder; a folder's own time tells of files that were removed.
fn newest(path: &Path) -> Result<Option<SystemTime>> {
    let Ok(data) = fs::metadata(path) else {
        return Ok(None);
    };
    let mut newest_yet = Some(data.modified().map_err(Error::file(path))?);
    if data.is_dir() {
        for entry in fs::read_dir(path).map_err(Error::file(path))? {
            newest_yet = newest_yet.max(newest(&entry.map_err(Error::file(path))?.path())?);
        }
    }
    Ok(newest_yet)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn written(root: &Path, file: &str, seconds: u64) {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path)
            .unwrap()
            .set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .unwrap();
    }

    #[test]
    fn the_page_is_built_again_when_an_input_changes_or_an_output_is_missing() {
        let root = std::env::temp_dir().join(format!("hearsight-xtask-fresh-{}", std::process::id()));
        let later = 4_000_000_000; // beyond the folders' own times, which are now
        written(&root, "src/lib.rs", 10);
        assert!(!is_fresh(&root).unwrap());
        written(&root, "pkg/hearsight_bg.wasm", later);
        assert!(!is_fresh(&root).unwrap());
        written(&root, "pkg/hearsight.js", later);
        written(&root, "pkg/hearsight.d.ts", later);
        assert!(!is_fresh(&root).unwrap());
        written(&root, "pkg/package.json", later);
        assert!(is_fresh(&root).unwrap());
        written(&root, "src/deep/below.rs", later + 1);
        assert!(!is_fresh(&root).unwrap());
        fs::remove_dir_all(root).unwrap();
    }
}
