//! The project's chores: `cargo xtask serve | publish | check | test | fuzz | fixtures`.

mod error;
mod files;
mod fixtures;
mod fuzz;
mod install;
mod licences;
mod package;
mod process;
mod publish;
mod serve;
mod test;
mod wasm;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Result;
use crate::install::Tool;
use crate::wasm::Profile;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The project's chores", version)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Build the page and serve it on this machine
    Serve {
        /// The port to serve on
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Serve what was built before
        #[arg(long)]
        no_build: bool,
        /// Serve a folder that `publish` made
        #[arg(long, conflicts_with = "no_build")]
        folder: Option<PathBuf>,
    },
    /// Build the page and copy it, with all that a web server needs, into a folder
    Publish {
        /// The folder, empty or not there yet
        #[arg(long)]
        out: PathBuf,
        /// Copy what was built before
        #[arg(long)]
        no_build: bool,
    },
    /// Look whether a change holds so far: layout, lints, types, unit tests; up to the first that fails
    Check,
    /// Check and test everything; the last line says how many passed and failed
    Test {
        /// Also what takes too long for every change: all stories on WebGPU in software, and wasm-pack as its users type it
        #[arg(long)]
        full: bool,
        /// Run only these steps
        #[arg(long, value_delimiter = ',', value_name = "STEP,STEP")]
        only: Vec<test::Step>,
    },
    /// List again what others wrote of the page's program, with the licences
    Licences,
    /// Try out every reader of foreign bytes with inputs that find new ways through it; installs a nightly compiler
    Fuzz {
        /// Seconds for each target
        #[arg(long, default_value_t = 60)]
        seconds: u32,
        /// The targets, all when none is named
        targets: Vec<String>,
    },
    /// Make the reference data of the tests again, with independent implementations in Python
    Fixtures {
        /// Only the scripts whose file name contains this
        name: Option<String>,
    },
}

fn main() -> ExitCode {
    if let Some(folder) = std::env::var_os(test::AS_RUSTDOC) {
        return test::as_rustdoc(folder);
    }
    let root = root();
    let outcome = match Arguments::parse().chore {
        Chore::Serve { port, no_build, folder } => {
            serve(&root, port, no_build, folder.as_deref()).map(|()| true)
        }
        Chore::Publish { out, no_build } => publish(&root, &out, no_build).map(|()| true),
        Chore::Check => Ok(test::check(&root)),
        Chore::Test { only, full } => Ok(test::run(&root, &only, full)),
        Chore::Licences => licences::make(&root).map(|()| true),
        Chore::Fuzz { seconds, targets } => fuzz::fuzz(&root, seconds, &targets),
        Chore::Fixtures { name } => fixtures::make(&root, name.as_deref()).map(|()| true),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(root: &Path, port: u16, no_build: bool, folder: Option<&Path>) -> Result<()> {
    // The port comes first: nobody should wait for a build only to learn that it is taken.
    let listener = serve::listen(port)?;
    if !no_build && folder.is_none() {
        build(root, Profile::Dev)?;
    }
    let server = serve::start(folder.unwrap_or(root), listener)?;
    println!("hearsight is at {} (Ctrl+C ends it).", server.address());
    server.wait()
}

fn publish(root: &Path, out: &Path, no_build: bool) -> Result<()> {
    for tool in [Tool::Node, Tool::NpmPackages] {
        install::ensure(root, tool)?;
    }
    if !no_build {
        build(root, Profile::Page)?;
    }
    let bytes = publish::publish(root, out, publish::join_modules)?;
    println!(
        "{} holds the page, {:.1} MB: copy it to any web server with https.",
        out.display(),
        bytes as f64 / 1e6
    );
    Ok(())
}

fn build(root: &Path, profile: Profile) -> Result<()> {
    for tool in [Tool::WasmTarget, Tool::WasmBindgen] {
        install::ensure(root, tool)?;
    }
    wasm::build_page(root, profile, |_| ())
}

/// The repository's root: the folder above this crate.
fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}
