//! The steps, in order of speed. Each installs what it needs, runs, and counts its tests; a check counts as one.

use std::ffi::OsStr;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use clap::ValueEnum;

use super::counts::Counts;
use crate::error::{Error, Result};
use crate::install::{self, Tool};
use crate::process::{cargo, command, find, run, run_reading};
use crate::{fixtures, licences, serve, wasm};

const WASM: [&str; 2] = ["--target", "wasm32-unknown-unknown"];
/// Never on the page: the native store and runtimes, and the shader compiler that the browser has itself.
const BANNED: [&str; 4] = ["turso", "tokio", "rayon", "naga"];
/// A search engine (its local mode is the engine itself, in memory) and the reader of Parquet files.
const COLLECTION: [&str; 2] = ["pyarrow==26.0.1", "qdrant-client==1.20.0"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Step {
    Format,
    Guard,
    Xtask,
    Clippy,
    ClippyWasm,
    Docs,
    Native,
    Collection,
    Page,
    Types,
    Web,
    E2e,
}

impl Step {
    pub fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Guard => "guard",
            Self::Xtask => "xtask",
            Self::Clippy => "clippy",
            Self::ClippyWasm => "clippy-wasm",
            Self::Docs => "docs",
            Self::Native => "native",
            Self::Collection => "collection",
            Self::Page => "page",
            Self::Types => "types",
            Self::Web => "web",
            Self::E2e => "e2e",
        }
    }

    pub fn purpose(self) -> &'static str {
        match self {
            Self::Format => "the layout of the code is rustfmt's",
            Self::Guard => "nothing that cannot run in a browser is in the page's dependencies",
            Self::Xtask => "the tests of these chores",
            Self::Clippy => "the code without warnings, natively",
            Self::ClippyWasm => "the code without warnings in the browser, and no call that traps there",
            Self::Docs => "the documentation builds without warnings, natively and for the browser",
            Self::Native => "unit and integration tests on this machine",
            Self::Collection => "a collection in shards, searched by an engine from the registries",
            Self::Page => "the page builds",
            Self::Types => "the page's JavaScript keeps the types it names",
            Self::Web => "the wasm boundary in Chromium",
            Self::E2e => "a visitor's way through the page in Chromium",
        }
    }

    fn needs(self) -> &'static [Tool] {
        match self {
            Self::Format => &[Tool::Rustfmt],
            Self::Guard | Self::Xtask => &[],
            Self::Clippy => &[Tool::Clippy, Tool::Cmake],
            Self::ClippyWasm => &[Tool::Clippy, Tool::WasmTarget],
            Self::Docs => &[Tool::Cmake, Tool::WasmTarget],
            Self::Native | Self::Collection => &[Tool::Cmake],
            Self::Page => &[Tool::WasmTarget, Tool::WasmBindgen, Tool::WasmPack],
            Self::Types => &[Tool::NpmPackages, Tool::WasmTarget, Tool::WasmBindgen, Tool::WasmPack],
            Self::Web => &[Tool::WasmTarget, Tool::WasmBindgen, Tool::WasmPack, Tool::Chromium],
            Self::E2e => {
                &[Tool::NpmPackages, Tool::Chromium, Tool::WasmTarget, Tool::WasmBindgen, Tool::WasmPack]
            }
        }
    }

    pub fn run(self, root: &Path) -> Result<Counts> {
        for tool in self.needs() {
            install::ensure(root, *tool)?;
        }
        match self {
            Self::Format => check(cargo(root).args(["fmt", "--all", "--check"])),
            Self::Guard => guard(root),
            Self::Xtask => cargo_tests(cargo(root).args(["test", "--package", "xtask"])),
            Self::Clippy => clippy(root),
            Self::ClippyWasm => clippy_wasm(root),
            Self::Docs => docs(root),
            // Not the whole workspace: xtask's dependencies would change the features of shared crates and build burn again.
            Self::Native => cargo_tests(without_lto(cargo(root)).args([
                "test",
                "--release",
                "--package",
                "hearsight",
                "--no-fail-fast",
            ])),
            Self::Collection => {
                let python = fixtures::python(root, "collection", &COLLECTION)?;
                check(without_lto(command(root, python)).arg(root.join("tests/collection.py")))
            }
            Self::Page => wasm::build_page(root).map(|()| Counts::PASSED),
            Self::Types => types(root),
            Self::Web => web(root),
            Self::E2e => e2e(root),
        }
    }
}

/// For all that is built for this machine, and only tested: a quarter less to compile. The page's program keeps it, and is a
/// tenth faster.
fn without_lto(mut command: Command) -> Command {
    command.env("CARGO_PROFILE_RELEASE_LTO", "off");
    command
}

fn check(command: &mut Command) -> Result<Counts> {
    run(command).map(|()| Counts::PASSED)
}

fn cargo_tests(command: &mut Command) -> Result<Counts> {
    let mut counts = Counts::default();
    let succeeded = run_reading(command, |line| counts.read_cargo_line(line))?;
    Ok(counts.judged(succeeded))
}

fn guard(root: &Path) -> Result<Counts> {
    let tree = licences::tree(root)?;
    let found = banned(&tree);
    if found.is_empty() {
        return Ok(Counts::PASSED);
    }
    let names = found.join(", ");
    Err(Error::Check(format!(
        "The page would contain {names}; `cargo tree --target {} --invert {}` says why.",
        WASM[1], found[0]
    )))
}

/// The banned crates in a list of "name vVersion" lines; naga-types, say, is not naga.
fn banned(tree: &str) -> Vec<&'static str> {
    BANNED.into_iter().filter(|name| tree.lines().any(|line| line.split(' ').next() == Some(name))).collect()
}

/// In the release profile, which shares the build scripts and macros that the tests need anyway.
fn clippy(root: &Path) -> Result<Counts> {
    // What traps in the browser is fine here; clippy.toml's list is for the wasm build.
    let lints = ["--", "-D", "warnings", "-A", "clippy::disallowed-methods"];
    let hearsight = ["clippy", "--release", "--package", "hearsight", "--all-targets"];
    run(without_lto(cargo(root)).args(hearsight).args(lints))?;
    // `cargo clippy` would read all of xtask's dependencies once more; as a compiler, clippy takes those that xtask was built with.
    for profile in ["dev", "test"] {
        let mut xtask = cargo(root);
        xtask.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver");
        run(xtask.args(["rustc", "--package", "xtask", "--profile", profile]).args(lints))?;
    }
    Ok(Counts::PASSED)
}

fn clippy_wasm(root: &Path) -> Result<Counts> {
    // The flags are those of .cargo/config.toml, as in every other wasm build.
    let mut clippy = cargo(root);
    clippy.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    check(
        clippy
            .args(["clippy", "--release", "--package", "hearsight", "--lib", "--test", "web*"])
            .args(WASM)
            .args(["--", "-D", "warnings"]),
    )
}

/// In the release profile, whose dependencies clippy has checked already.
fn docs(root: &Path) -> Result<Counts> {
    let doc = |mut doc: Command, target: &[&str]| {
        doc.env("RUSTDOCFLAGS", "-D warnings").env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        run(doc.args(["doc", "--no-deps", "--release", "--package", "hearsight", "--lib"]).args(target))
    };
    doc(without_lto(cargo(root)), &[])?;
    doc(cargo(root), &WASM)?;
    Ok(Counts::PASSED)
}

fn types(root: &Path) -> Result<Counts> {
    let project =
        [root.join("tsconfig.json"), root.join("www/tsconfig.json")].into_iter().find(|path| path.is_file());
    let project = project.ok_or_else(|| {
        Error::Check("There is no tsconfig.json, at the root or in www/, to check with.".into())
    })?;
    let compiler = npm_program(root, "tsc")?;
    // The page's code names the types of pkg/.
    wasm::build_page(root)?;
    run(command(root, &compiler).args(["--noEmit", "--project"]).arg(project))?;
    // The example is for readers, so it is not held to the strict rules, but to the package's types.
    check(command(root, compiler).args(["--noEmit", "--project", "docs/example"]))
}

fn npm_program(root: &Path, name: &str) -> Result<PathBuf> {
    let programs =
        ["node_modules/.bin", "tests/e2e/node_modules/.bin"].map(|folder| root.join(folder).join(name));
    programs.into_iter().find(|path| path.is_file()).ok_or_else(|| Error::Missing {
        name: name.into(),
        advice: "add its npm package to the devDependencies in package.json".into(),
    })
}

fn web(root: &Path) -> Result<Counts> {
    let driver = install::chromedriver(root).ok_or_else(|| Error::Missing {
        name: "chromedriver".into(),
        advice: "name it in the variable CHROMEDRIVER".into(),
    })?;
    let mut tests = wasm::wasm_pack(root);
    tests
        .args(["test", "--headless", "--chrome", "--release", "--mode", "no-install", "--chromedriver"])
        .arg(driver);
    // From here on the options are cargo's: tests/web*.rs only, the others are native.
    cargo_tests(tests.arg(root).args(["--test", "web*"]))
}

fn e2e(root: &Path) -> Result<Counts> {
    let files = e2e_files(&root.join("tests/e2e"))?;
    if files.is_empty() {
        return Ok(Counts::default().judged(true));
    }
    wasm::build_page(root)?;
    let server = serve::start(root, serve::listen(0)?)?;
    // Two reporters: one to read while it runs, one to count from.
    let report = root.join("target/e2e.tap");
    let node = find(root, "node").unwrap_or_else(|| "node".into());
    let mut tests = command(root, node);
    // A browser with its engine keeps two cores busy.
    let at_once = (thread::available_parallelism().map_or(1, NonZero::get) / 2).clamp(1, 3);
    tests.env("BASE_URL", server.address()).arg("--test").arg(format!("--test-concurrency={at_once}"));
    tests.args(["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=tap"]);
    tests.arg(format!("--test-reporter-destination={}", report.display())).args(files);
    let succeeded =
        tests.status().map_err(|source| Error::Start { program: "node".into(), source })?.success();
    let text = fs::read_to_string(&report).map_err(Error::file(&report))?;
    Ok(Counts::from_tap(&text).judged(succeeded))
}

/// Named one by one: what `node --test` makes of a folder differs from version to version.
fn e2e_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        let path = entry.map_err(Error::file(folder))?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if name.ends_with(".test.js") || name.ends_with(".test.mjs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guard_goes_by_whole_names() {
        assert_eq!(banned("hearsight v0.1.0 (/here)\nnaga-types v30.0.1\nserde v1.0.229 (*)\n"), [""; 0]);
        assert_eq!(banned("naga v30.0.1\ntokio v1.54.1 (*)\ntokio-util v0.7.20\n"), ["tokio", "naga"]);
    }

    #[test]
    fn every_step_is_called_what_the_command_line_calls_it() {
        for step in Step::value_variants() {
            assert_eq!(step.to_possible_value().unwrap().get_name(), step.name());
        }
    }
}
