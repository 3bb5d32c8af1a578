//! The steps that compile: clippy is the compiler of what is tested, so that nothing is read twice.

use std::env;
use std::ffi::OsString;
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::Instant;

use super::Done;
use super::counts::Counts;
use super::watch::Watch;
use crate::error::{Error, Result};
use crate::install;
use crate::process::{built, cargo, run, run_reading};
use crate::wasm::{self, cargo_wasm};

/// Everything that is built for this machine. Not the whole workspace: the chores' dependencies would change the features of
/// shared crates and build burn again. Without kernels for AVX-512, which few have and all would compile.
const NATIVE: [&str; 7] = [
    "--package",
    "hearsight",
    "--package",
    "hearsight-cli",
    "--package",
    "hearsight-lab",
    "--no-default-features",
];
/// To optimise burn's back-end takes longer than all tests together gain by it.
const NOT_OPTIMISED: &str = "profile.dev.package.burn-flex.opt-level=0";
/// The library and its tests in the browser.
const WEB: [&str; 6] = ["--package", "hearsight", "--test", "web", "--target", wasm::TARGET];
/// Where cargo is told that this program is its rustdoc: the value says which folder the pages go to.
pub const AS_RUSTDOC: &str = "HEARSIGHT_RUSTDOC";

/// The chores, and the loops that threads share: natively the library has none.
const APART: [&str; 6] =
    ["--package", "xtask", "--package", "hearsight-kernels", "--features", "hearsight-kernels/threads"];

/// The tests of what no other step is built with, with every warning an error.
pub fn xtask(root: &Path) -> Result<Done> {
    let start = Instant::now();
    // As programs too: what only tests call is otherwise never seen to be idle.
    for package in ["xtask", "bindgen"] {
        run(native(root).args(["build", "--quiet", "--package", package]))?;
    }
    let building = start.elapsed();
    let mut done = cargo_tests(|| native(root), &[&["test"], &APART[..]].concat(), &[])?;
    done.compiling += building;
    Ok(done)
}

/// The code without warnings, natively: what is tested later is compiled here.
pub fn clippy(root: &Path) -> Result<Done> {
    compiled(native(root).arg("test").args(NATIVE).arg("--no-run"))
}

pub fn unit(root: &Path) -> Result<Done> {
    let arguments = [&["test"], &NATIVE[..], &["--lib", "--bins", "--no-fail-fast"]].concat();
    cargo_tests(|| native(root), &arguments, &[])
}

pub fn native_tests(root: &Path) -> Result<Done> {
    let arguments = [&["test"], &NATIVE[..], &["--lib", "--bins", "--tests", "--no-fail-fast"]].concat();
    cargo_tests(|| native(root), &arguments, &[])
}

/// In the browser, where the list in clippy.toml holds.
pub fn clippy_wasm(root: &Path) -> Result<Done> {
    let mut build = cargo_wasm(root);
    linted(&mut build, &[]);
    compiled(build.arg("test").args(WEB).arg("--no-run"))
}

/// pkg/, of the library as it was linted for the browser.
pub fn page(root: &Path) -> Result<Done> {
    let start = Instant::now();
    wasm::build_page(root, wasm::Profile::Dev, |build| linted(build, &[]))?;
    Ok(Done { counts: Counts::PASSED, compiling: start.elapsed(), ..Done::default() })
}

pub fn web(root: &Path, full: bool) -> Result<Done> {
    let driver = install::chromedriver(root).ok_or_else(|| Error::Missing {
        name: "chromedriver".into(),
        advice: "name it in the variable CHROMEDRIVER".into(),
    })?;
    let tests = || {
        let mut tests = cargo_wasm(root);
        linted(&mut tests, &[]);
        tests.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner");
        tests.env("CHROMEDRIVER", &driver).env("WASM_BINDGEN_TEST_ONLY_WEB", "1");
        tests
    };
    let ignored: &[&str] = if full { &["--", "--include-ignored"] } else { &[] };
    cargo_tests(tests, &[&["test"], &WEB[..]].concat(), ignored)
}

/// The documentation of the library. Cargo would read every dependency once more for it; to test the examples in it, it hands
/// rustdoc what is compiled already, and rustdoc is this program.
pub fn docs(root: &Path) -> Result<Done> {
    let start = Instant::now();
    let rustdoc = |mut cargo: Command, folder: &str, more: &[&str]| {
        cargo.env("RUSTDOC", built().join("xtask")).env(AS_RUSTDOC, root.join("target").join(folder));
        run(cargo.args(["test", "--doc", "--quiet"]).args(more))
    };
    rustdoc(native(root), "doc", &NATIVE)?;
    let mut web = cargo_wasm(root);
    linted(&mut web, &[]);
    rustdoc(web, "doc-web", &["--package", "hearsight", "--target", wasm::TARGET])?;
    Ok(Done { counts: Counts::PASSED, compiling: start.elapsed(), ..Done::default() })
}

/// rustdoc, called by cargo to test the examples of the library: makes its pages instead, without a warning, into `folder`.
pub fn as_rustdoc(folder: OsString) -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let mut rustdoc = Command::new("rustdoc");
    if arguments.iter().any(|argument| argument == "--test") {
        rustdoc.args(without_tests(arguments)).args(["-D", "warnings", "--out-dir"]).arg(folder);
    } else {
        rustdoc.args(arguments);
    }
    match rustdoc.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Leaves out what is for tests alone, and the library itself, which they would be linked with.
fn without_tests(arguments: Vec<OsString>) -> Vec<OsString> {
    let mut kept = Vec::new();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        if ["--test-run-directory", "--test-args", "--test-runtool", "--test-runtool-arg"].contains(&&*text) {
            arguments.next();
        } else if text != "--test" {
            kept.push(argument);
        }
    }
    let name = kept.iter().skip_while(|kept| *kept != "--crate-name").nth(1).cloned().unwrap_or_default();
    let itself = format!("{}=", name.to_string_lossy());
    while let Some(at) = kept.iter().position(|kept| kept.to_string_lossy().starts_with(&itself)) {
        kept.drain(at.saturating_sub(1)..=at);
    }
    kept
}

/// Cargo with clippy as the compiler of the workspace, for this machine. What traps in the browser is fine here.
fn native(root: &Path) -> Command {
    let mut cargo = cargo(root);
    cargo.args(["--config", NOT_OPTIMISED]);
    linted(&mut cargo, &["-A", "clippy::disallowed-methods"]);
    cargo
}

/// Has clippy compile what belongs to the workspace, every warning an error; the dependencies are compiled as ever, and shared.
fn linted(cargo: &mut Command, more: &[&str]) {
    // How `cargo clippy` itself hands on the lints.
    let lints = [&["-D", "warnings"], more].concat().join("__CLIPPY_HACKERY__");
    cargo.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver").env("CLIPPY_ARGS", lints);
}

fn compiled(build: &mut Command) -> Result<Done> {
    let start = Instant::now();
    run(build)?;
    Ok(Done { counts: Counts::PASSED, compiling: start.elapsed(), ..Done::default() })
}

/// Compiles tests and runs them, the two timed apart.
fn cargo_tests(cargo: impl Fn() -> Command, arguments: &[&str], more: &[&str]) -> Result<Done> {
    let start = Instant::now();
    run(cargo().args(arguments).arg("--no-run"))?;
    let compiling = start.elapsed();
    let at_once = if arguments.contains(&wasm::TARGET) {
        1
    } else {
        thread::available_parallelism().map_or(1, NonZero::get)
    };
    let mut watch = Watch::new(at_once);
    let mut counts = Counts::default();
    let succeeded = run_reading(
        cargo().args(arguments).args(more).env("RUST_TEST_THREADS", at_once.to_string()),
        |line| {
            counts.read_cargo_line(line);
            watch.read(line);
        },
    )?;
    Ok(Done { counts: counts.judged(succeeded), compiling, tests: watch.times() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rustdoc_gets_what_pages_are_made_of() {
        let tests = "--crate-name hearsight --test src/lib.rs --test-run-directory /here --extern burn=a.rlib --extern hearsight=b.rlib -L c";
        let kept = without_tests(tests.split(' ').map(OsString::from).collect());
        let kept: Vec<_> = kept.iter().map(|argument| argument.to_str().unwrap()).collect();
        assert_eq!(kept.join(" "), "--crate-name hearsight src/lib.rs --extern burn=a.rlib -L c");
    }
}
