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
    // wasm-pack copies the licences after it has written into package.json which ones there are.
    let package = root.join("pkg");
    fs::create_dir_all(&package).map_err(Error::file(&package))?;
    for licence in ["LICENSE-APACHE", "LICENSE-MIT", licences::LIST] {
        let path = root.join(licence);
        fs::copy(&path, package.join(licence)).map_err(Error::file(&path))?;
    }
    run(wasm_pack(root).args(["build", "--target", "web", "--out-dir", "pkg"]).args(options))?;
    let program = root.join(OUTPUTS[0]);
    let bytes = fs::read(&program).map_err(Error::file(&program))?;
    let smaller = without_names(&bytes).ok_or_else(|| Error::Content {
        path: program.clone(),
        problem: "it is no WebAssembly; delete pkg/ and build again".into(),
    })?;
    fs::write(&program, smaller).map_err(Error::file(&program))?;
    // Dated from the start, so that an edit made during the build is not missed by the next one.
    for output in OUTPUTS.map(|output| root.join(output)) {
        let file = File::options().write(true).open(&output).map_err(Error::file(&output))?;
        file.set_modified(start).map_err(Error::file(&output))?;
    }
    Ok(())
}

/// The program without the names of its functions, which are a quarter of what a visitor would download. (Cargo's `strip` does
/// the same, but for the command line and the tests too, where a trap is to say where it was.)
fn without_names(program: &[u8]) -> Option<Vec<u8>> {
    const HEADER: usize = 8;
    let mut kept = program.get(..HEADER).filter(|header| header.starts_with(b"\0asm"))?.to_vec();
    let mut at = HEADER;
    while at < program.len() {
        let (size, body) = length(program, at + 1)?;
        let end = body.checked_add(size)?;
        let section = program.get(at..end)?;
        // Of the sections without a number, the one of this name.
        if !(section[0] == 0 && program[body..end].starts_with(b"\x04name")) {
            kept.extend(section);
        }
        at = end;
    }
    Some(kept)
}

/// A length in LEB128, seven bits a byte and the low ones first, and where what follows it begins.
fn length(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut value = 0;
    for shift in (0..32).step_by(7) {
        let byte = *bytes.get(at)?;
        at += 1;
        value |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some((value, at));
        }
    }
    None
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
    fn a_program_loses_its_names_and_nothing_else() {
        let header = *b"\0asm\x01\0\0\0";
        let mut long = vec![0, 0x85, 0x01];
        long.extend(b"\x04name");
        long.extend([7; 128]);
        let (types, producers) = ([1, 2, 9, 9], *b"\0\x0b\x09producers\0");
        let program = [&header[..], &types, &long, &producers].concat();
        assert_eq!(without_names(&program).unwrap(), [&header[..], &types, &producers].concat());
        assert_eq!(without_names(&header).unwrap(), header);
        for cut in [0, 5, header.len() + 1, program.len() - 1] {
            assert!(without_names(&program[..cut]).is_none(), "{cut}");
        }
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
