//! The page's Rust: src/ compiled to pkg/ by cargo and wasm-bindgen, and left alone while nothing it is made from has changed.

use std::fs::{self, File};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::SystemTime;

use crate::error::{Error, Result};
use crate::install::{self, Tool};
use crate::process::{built, cargo, command, run};
use crate::{licences, package};

pub const TARGET: &str = "wasm32-unknown-unknown";

/// What pkg/ is made from.
const INPUTS: [&str; 7] = [
    "src",
    "crates/kernels",
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
    "docs/package.md",
    licences::LIST,
];
/// What its types come from, and what makes it a package.
const DESCRIBED: [&str; 2] = ["pkg/hearsight.d.ts", "pkg/package.json"];
/// What the page loads from a program's folder.
const LOADED: [&str; 2] = ["hearsight_bg.wasm", "hearsight.js"];
/// The package's program, with WebGPU.
const PACKAGE: Program = Program { folder: "pkg", threads: false };
/// The one for the processor, which the page starts with where it may not have threads.
const CPU: Program = Program { folder: "pkg/cpu", threads: false };
/// The one that the page starts with where it may have them.
const THREADS: Program = Program { folder: "pkg/threads", threads: true };
/// Bytes of memory that threads can share: a browser sets them aside from the beginning. www/opened.js asks whether it can.
const SHARED_MEMORY: usize = 2 << 30;
/// What the linker is told besides of a program whose memory is shared.
const SHARED: [&str; 7] = [
    "--shared-memory",
    "--import-memory",
    "--export=__wasm_init_tls",
    "--export=__tls_size",
    "--export=__tls_align",
    "--export=__tls_base",
    "--export=__heap_base",
];
/// Says that what lies in pkg/ is the program to publish.
const PUBLISHED: &str = "pkg/.published";

/// How the program is compiled, by cargo's profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// As what is tested: in minutes, and for this machine.
    Dev,
    /// Small and fast, for visitors.
    Page,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Page => "page",
        }
    }

    /// What cargo is told of a program. That for the processor comes to visitors without WebGPU's crates; to try, it shares
    /// compiled crates with the package's.
    fn features(self, program: Program) -> &'static [&'static str] {
        match (self, program) {
            (_, PACKAGE) => &[],
            (_, THREADS) => &["--no-default-features", "--features", "threads"],
            (Self::Dev, _) => &["--no-default-features", "--features", "shared"],
            (Self::Page, _) => &["--no-default-features"],
        }
    }

    /// Its folder below that of the target.
    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Page => "page",
        }
    }
}

/// One of pkg/'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Program {
    folder: &'static str,
    /// Whether threads can share its memory. For this the standard library is compiled anew, with atomics.
    threads: bool,
}

/// Those that this machine can build.
fn programs(root: &Path) -> Vec<Program> {
    let mut programs = vec![PACKAGE, CPU];
    match install::ensure(root, Tool::RustSource) {
        Ok(()) => programs.push(THREADS),
        Err(error) => println!("The page will have no threads. {error}"),
    }
    programs
}

/// Builds pkg/ when it is not newer than everything it is made from. A program to publish will do where one to try is asked for.
pub fn build_page(root: &Path, profile: Profile, compiler: impl Fn(&mut Command)) -> Result<()> {
    let programs = programs(root);
    if is_fresh(root, profile, &programs)? {
        println!("The page is built already: nothing in src/ has changed since.");
        return Ok(());
    }
    println!("Building the page; the first time this takes minutes, later seconds.");
    let start = SystemTime::now();
    let published = root.join(PUBLISHED);
    if published.exists() {
        fs::remove_file(&published).map_err(Error::file(&published))?;
    }
    let older = root.join(THREADS.folder);
    if !programs.contains(&THREADS) && older.exists() {
        fs::remove_dir_all(&older).map_err(Error::file(&older))?;
    }
    thread::scope(|scope| {
        let mut joining = Vec::new();
        for program in &programs {
            let compiled = compile(root, profile, *program, &compiler)?;
            // The next one takes its place.
            let kept = compiled.with_file_name(program.folder.replace('/', "-")).with_extension("wasm");
            fs::copy(&compiled, &kept).map_err(Error::file(&compiled))?;
            joining.push(scope.spawn(move || join(root, &kept, *program)));
        }
        joining.into_iter().try_for_each(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })?;
    package::describe(root)?;
    if profile == Profile::Page {
        fs::write(&published, "").map_err(Error::file(&published))?;
    }
    // Dated from the start, so that an edit made during the build is not missed by the next one.
    for output in outputs(&programs).map(|output| root.join(output)) {
        let file = File::options().write(true).open(&output).map_err(Error::file(&output))?;
        file.set_modified(start).map_err(Error::file(&output))?;
    }
    Ok(())
}

/// A program as cargo leaves it.
fn compile(
    root: &Path,
    profile: Profile,
    program: Program,
    compiler: impl Fn(&mut Command),
) -> Result<PathBuf> {
    let mut build = cargo_wasm(root);
    compiler(&mut build);
    build.args(["build", "--package", "hearsight", "--lib", "--target", TARGET, "--profile", profile.name()]);
    build.args(profile.features(program));
    let mut target = target_folder();
    if program.threads {
        // Other flags for every crate: in a folder of their own both are kept.
        target.push("threads");
        build.args(["-Z", "build-std=std,panic_abort", "--target-dir"]).arg(&target);
        // As the standard library comes to the other programs.
        for library in ["core", "alloc", "std", "compiler_builtins", "dlmalloc"] {
            build.arg("--config").arg(format!("profile.dev.package.{library}.opt-level=3"));
        }
        // Cargo and the compiler take that and atomics as settled only in a nightly; this one is what all else is compiled with.
        build.env("RUSTC_BOOTSTRAP", "1").env("CARGO_ENCODED_RUSTFLAGS", with_threads());
    }
    run(&mut build)?;
    Ok(target.join(TARGET).join(profile.folder()).join("hearsight.wasm"))
}

/// The compiler's flags for a program with threads, as cargo takes them.
fn with_threads() -> String {
    let mut flags = vec!["-Ctarget-feature=+simd128,+atomics,+bulk-memory,+mutable-globals".to_owned()];
    flags.extend(SHARED.map(|flag| format!("-Clink-arg={flag}")));
    flags.push(format!("-Clink-arg=--max-memory={SHARED_MEMORY}"));
    flags.join("\x1f")
}

/// A program as the page loads it, with its JavaScript.
fn join(root: &Path, compiled: &Path, program: Program) -> Result<()> {
    // Without the names of its functions, which are a quarter of what a visitor would download.
    let mut join = command(root, built().join("wasm-bindgen"));
    join.args(["--target", "web", "--remove-name-section", "--out-name", "hearsight"]);
    join.args(["--out-dir", program.folder]);
    // Others' types are the package's.
    if program != PACKAGE {
        join.arg("--no-typescript");
    }
    run(join.arg(compiled))
}

/// What is built of these programs.
fn outputs(programs: &[Program]) -> impl Iterator<Item = String> {
    let loaded = programs.iter().flat_map(|program| LOADED.map(|file| format!("{}/{file}", program.folder)));
    DESCRIBED.map(str::to_owned).into_iter().chain(loaded)
}

/// Cargo with the flags of .cargo/config.toml, so that page and tests share every compiled crate.
pub fn cargo_wasm(root: &Path) -> Command {
    let mut cargo = cargo(root);
    // RUSTFLAGS from outside would replace simd128 there.
    cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS").env_remove("CARGO_BUILD_TARGET");
    // No browser is told the lines.
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "none");
    cargo
}

/// Cargo's folder for what it builds: this program lies in one of a profile below it.
fn target_folder() -> PathBuf {
    built().parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Whether every output is newer than every input, and small enough for what it is wanted for.
fn is_fresh(root: &Path, profile: Profile, programs: &[Program]) -> Result<bool> {
    if profile == Profile::Page && !root.join(PUBLISHED).is_file() {
        return Ok(false);
    }
    let mut oldest_output = None;
    for output in outputs(programs) {
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
        let is_fresh = |root: &Path, profile| super::is_fresh(root, profile, &[PACKAGE, CPU, THREADS]);
        assert!(!is_fresh(&root, Profile::Dev).unwrap());
        written(&root, "pkg/hearsight_bg.wasm", later);
        assert!(!is_fresh(&root, Profile::Dev).unwrap());
        written(&root, "pkg/hearsight.js", later);
        written(&root, "pkg/hearsight.d.ts", later);
        assert!(!is_fresh(&root, Profile::Dev).unwrap());
        written(&root, "pkg/package.json", later);
        assert!(!is_fresh(&root, Profile::Dev).unwrap());
        written(&root, "pkg/cpu/hearsight_bg.wasm", later);
        written(&root, "pkg/cpu/hearsight.js", later);
        assert!(!is_fresh(&root, Profile::Dev).unwrap());
        assert!(super::is_fresh(&root, Profile::Dev, &[PACKAGE, CPU]).unwrap(), "no more can be built here");
        written(&root, "pkg/threads/hearsight_bg.wasm", later);
        written(&root, "pkg/threads/hearsight.js", later);
        assert!(is_fresh(&root, Profile::Dev).unwrap());
        assert!(!is_fresh(&root, Profile::Page).unwrap(), "what was built to try is not published");
        written(&root, PUBLISHED, later);
        assert!(is_fresh(&root, Profile::Dev).unwrap() && is_fresh(&root, Profile::Page).unwrap());
        written(&root, "src/deep/below.rs", later + 1);
        assert!(!is_fresh(&root, Profile::Dev).unwrap());
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn the_page_asks_for_as_much_memory_as_threads_are_linked_with() {
        const PAGE: usize = 65_536;
        let opened = include_str!("../../www/opened.js").replace('_', "");
        assert!(opened.contains(&format!("MEMORY = {};", SHARED_MEMORY / PAGE)));
    }
}
