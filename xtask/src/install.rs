//! What must be on the machine: looked for first, installed only when it is not there, with one line saying why.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::error::{Error, Result};
use crate::process::{ask, cargo, command, find, run, tools};
use crate::wasm::TARGET;

/// Held by who installs what another step may want too: apt and npm take one at a time.
static INSTALLING: Mutex<()> = Mutex::new(());

const WASM_PACK: &str = "0.15.1";
const CARGO_FUZZ: &str = "0.13.1";
const CARGO_ABOUT: &str = "0.9.3";
/// The browser that webdriver.json names.
pub const CHROMIUM: &str = "/usr/bin/chromium";
/// The same without windows: a visit costs a processor a third less.
const HEADLESS_SHELL: &str = "chromium-headless-shell";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    Rustfmt,
    Clippy,
    WasmTarget,
    RustSource,
    WasmBindgen,
    WasmPack,
    CargoFuzz,
    Cmake,
    Node,
    NpmPackages,
    Chromium,
    Python,
    CargoAbout,
}

/// Looks for a tool and installs it when it is missing.
pub fn ensure(root: &Path, tool: Tool) -> Result<()> {
    match tool {
        Tool::Rustfmt => component(root, "rustfmt", "it checks the layout of the code"),
        Tool::Clippy => component(root, "clippy", "it finds mistakes that compile"),
        Tool::WasmTarget => wasm_target(root),
        Tool::RustSource => rust_source(root),
        Tool::WasmBindgen => wasm_bindgen(root),
        Tool::WasmPack => wasm_pack(root),
        Tool::CargoFuzz => cargo_fuzz(root),
        Tool::Cmake => {
            apt(root, "cmake", &["cmake"], "the Opus decoder of the command line is C and built with it")
        }
        Tool::Node => match (find(root, "node"), find(root, "npm")) {
            (Some(_), Some(_)) => Ok(()),
            _ => Err(missing("Node", "install Node 20 or newer from https://nodejs.org, with npm")),
        },
        Tool::NpmPackages => {
            ensure(root, Tool::Node)?;
            npm_packages(root)
        }
        Tool::Chromium => {
            if !Path::new(CHROMIUM).is_file() || chromedriver(root).is_none() {
                apt_install(
                    root,
                    &["chromium", "chromium-driver"],
                    "the tests of the page run in a real browser",
                )?;
            }
            // A machine that has no such package tells its stories in Chromium itself.
            let _ = apt(root, HEADLESS_SHELL, &[HEADLESS_SHELL], "most stories need no window");
            Ok(())
        }
        Tool::Python => python(root),
        Tool::CargoAbout => cargo_about(root),
    }
}

/// The driver through which wasm-bindgen's tests steer Chromium: what CHROMEDRIVER says, or what is on PATH.
pub fn chromedriver(root: &Path) -> Option<std::path::PathBuf> {
    std::env::var_os("CHROMEDRIVER")
        .map(Into::into)
        .filter(|path: &std::path::PathBuf| path.is_file())
        .or_else(|| find(root, "chromedriver"))
}

fn component(root: &Path, name: &str, why: &str) -> Result<()> {
    let binary = if name == "clippy" { "cargo-clippy" } else { name };
    if ask(command(root, binary).arg("--version")).is_some() {
        return Ok(());
    }
    say(name, why);
    rustup(root, &["component", "add", name], name)
}

fn wasm_target(root: &Path) -> Result<()> {
    if in_sysroot(root, &format!("{TARGET}/lib")) {
        return Ok(());
    }
    say(TARGET, "the page's Rust is compiled for it");
    rustup(root, &["target", "add", TARGET], TARGET)
}

fn rust_source(root: &Path) -> Result<()> {
    if in_sysroot(root, "src/rust/library/Cargo.lock") {
        return Ok(());
    }
    say("rust-src", "the standard library is compiled with atomics for threads");
    rustup(root, &["component", "add", "rust-src"], "rust-src")
}

/// Whether something came with the compiler, or was added to it.
fn in_sysroot(root: &Path, path: &str) -> bool {
    ask(command(root, "rustc").args(["--print", "sysroot"]))
        .is_some_and(|sysroot| Path::new(&sysroot).join("lib/rustlib").join(path).exists())
}

fn rustup(root: &Path, arguments: &[&str], name: &str) -> Result<()> {
    if find(root, "rustup").is_none() {
        return Err(missing(
            name,
            "install it the way Rust was installed on this machine, or take Rust from https://rustup.rs",
        ));
    }
    run(command(root, "rustup").args(arguments))
}

/// wasm-bindgen must be the very version in Cargo.lock, so it is built with the rest of the workspace.
fn wasm_bindgen(root: &Path) -> Result<()> {
    run(cargo(root).args(["build", "--quiet", "--package", "bindgen"]))
}

fn wasm_pack(root: &Path) -> Result<()> {
    if has_version(root, "wasm-pack", WASM_PACK) {
        return Ok(());
    }
    say(&format!("wasm-pack {WASM_PACK}"), "it is tried as its users type it");
    // It only starts other programs, so a debug build of it is as good and compiles faster.
    let quickly = ["--debug", "--config", "profile.dev.debug=0"];
    cargo_install(root, "wasm-pack", WASM_PACK, &[&quickly[..], &["--locked"]].concat())
        .or_else(|_| cargo_install(root, "wasm-pack", WASM_PACK, &quickly))
}

fn cargo_about(root: &Path) -> Result<()> {
    if has_version(root, "cargo-about", CARGO_ABOUT) {
        return Ok(());
    }
    say(&format!("cargo-about {CARGO_ABOUT}"), "it finds the licences of the crates in the page's program");
    cargo_install(root, "cargo-about", CARGO_ABOUT, &["--locked", "--features", "cli"])
}

fn cargo_fuzz(root: &Path) -> Result<()> {
    if ask(command(root, "rustup").args(["run", "nightly", "rustc", "--version"])).is_none() {
        say("a nightly compiler", "fuzzing needs the sanitizers, which no other has");
        rustup(root, &["toolchain", "install", "nightly", "--profile", "minimal"], "nightly")?;
    }
    if find(root, "cargo-fuzz")
        .and_then(|path| ask(command(root, path).args(["--version"])))
        .is_some_and(|answer| answer.ends_with(CARGO_FUZZ))
    {
        return Ok(());
    }
    say(&format!("cargo-fuzz {CARGO_FUZZ}"), "it builds and runs the fuzz targets");
    cargo_install(root, "cargo-fuzz", CARGO_FUZZ, &["--debug", "--locked"])
}

fn cargo_install(root: &Path, name: &str, version: &str, options: &[&str]) -> Result<()> {
    run(cargo(root).args(["install", name, "--version", version, "--root"]).arg(tools(root)).args(options))
}

/// Whether the program that would be started is of this version: "wasm-pack 0.15.1".
fn has_version(root: &Path, program: &str, version: &str) -> bool {
    find(root, program)
        .and_then(|path| ask(command(root, path).arg("--version")))
        .is_some_and(|answer| answer.split_whitespace().nth(1) == Some(version))
}

fn npm_packages(root: &Path) -> Result<()> {
    let _one = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    for folder in [root.to_path_buf(), root.join("tests/e2e")] {
        if !folder.join("package.json").is_file() {
            continue;
        }
        let wanted = read_json(&folder.join("package.json"))?;
        let lock_file = folder.join("package-lock.json");
        let lock = if lock_file.is_file() { read_json(&lock_file)? } else { Value::Null };
        if npm_missing(&wanted, &lock, |name| {
            read_json(&folder.join("node_modules").join(name).join("package.json")).ok()
        }) {
            say(
                "the npm packages of package.json",
                "they check the page's JavaScript and steer the browser in the tests",
            );
            let how = if lock.is_null() { "install" } else { "ci" };
            run(command(&folder, "npm").args([how, "--no-audit", "--no-fund"]))?;
        }
    }
    Ok(())
}

/// Whether a package that package.json asks for is not installed, or not in the version of the lock file.
fn npm_missing(wanted: &Value, lock: &Value, installed: impl Fn(&str) -> Option<Value>) -> bool {
    ["dependencies", "devDependencies"].iter().filter_map(|kind| wanted[kind].as_object()).flatten().any(
        |(name, _)| {
            let Some(found) = installed(name) else { return true };
            let locked = &lock["packages"][format!("node_modules/{name}")]["version"];
            !locked.is_null() && *locked != found["version"]
        },
    )
}

fn read_json(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).map_err(Error::file(path))?;
    serde_json::from_str(&text)
        .map_err(|error| Error::Content { path: path.to_path_buf(), problem: error.to_string() })
}

fn python(root: &Path) -> Result<()> {
    // Debian splits venv's half from Python itself.
    if ask(command(root, "python3").args(["-c", "import ensurepip, venv"])).is_some() {
        return Ok(());
    }
    apt_install(
        root,
        &["python3", "python3-venv"],
        "the reference data come from independent implementations in Python",
    )
}

fn apt(root: &Path, program: &str, packages: &[&str], why: &str) -> Result<()> {
    if find(root, program).is_some() { Ok(()) } else { apt_install(root, packages, why) }
}

fn apt_install(root: &Path, packages: &[&str], why: &str) -> Result<()> {
    let names = packages.join(" and ");
    let is_root = ask(command(root, "id").arg("-u")).as_deref() == Some("0");
    if find(root, "apt-get").is_none() || !(is_root || find(root, "sudo").is_some()) {
        return Err(missing(
            &names,
            "install it with the package manager of this machine, then run this again",
        ));
    }
    let _one = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    say(&names, why);
    let apt_get = |arguments: &[&str]| {
        let mut apt_get = command(root, if is_root { "env" } else { "sudo" });
        // Another installation may be under way.
        run(apt_get
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"])
            .args(arguments))
    };
    // A fresh machine has no package lists yet; a list that cannot be refreshed may still be good enough.
    let _ = apt_get(&["update", "-q"]);
    let install = ["install", "-y", "-q", "--no-install-recommends"];
    apt_get(&[&install, packages].concat())
}

fn missing(name: &str, advice: &str) -> Error {
    Error::Missing { name: name.to_owned(), advice: advice.to_owned() }
}

fn say(what: &str, why: &str) {
    println!("Installing {what}: {why}.");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn npm_packages_count_as_missing_when_absent_or_of_another_version() {
        let wanted = json!({ "devDependencies": { "typescript": "^5" } });
        let lock = json!({ "packages": { "node_modules/typescript": { "version": "5.9.3" } } });
        let found = |version: &str| Some(json!({ "version": version }));
        assert!(npm_missing(&wanted, &lock, |_| None));
        assert!(npm_missing(&wanted, &lock, |_| found("5.0.0")));
        assert!(!npm_missing(&wanted, &lock, |_| found("5.9.3")));
        assert!(!npm_missing(&wanted, &Value::Null, |_| found("5.0.0")));
        assert!(!npm_missing(&json!({}), &lock, |_| None));
    }
}
