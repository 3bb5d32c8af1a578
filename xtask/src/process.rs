//! Starting other programs: with the project's tools first on PATH, and their output shown while it comes.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Error, Result};

/// Where `cargo install --root` puts what this project needs, so that nothing of the user's own is replaced.
pub fn tools(root: &Path) -> PathBuf {
    root.join("target/tools")
}

/// Where cargo put this program, and puts the others that belong to the project.
pub fn built() -> PathBuf {
    env::current_exe().ok().and_then(|program| Some(program.parent()?.to_path_buf())).unwrap_or_default()
}

/// A command that runs in the repository's root.
pub fn command(root: &Path, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root).env("PATH", search_path(root));
    // `cargo run` describes xtask in these; a build below would take them for its own and build again.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command
}

/// The same cargo that started us.
pub fn cargo(root: &Path) -> Command {
    command(root, env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs to the end; the output goes to the terminal.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(start_error(command))?;
    if status.success() { Ok(()) } else { Err(Error::Command { command: describe(command) }) }
}

/// Runs to the end, shows each line as it comes and hands it to `line` too. Says whether the command succeeded.
pub fn run_reading(command: &mut Command, mut line: impl FnMut(&str)) -> Result<bool> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(start_error(command))?;
    if let Some(output) = child.stdout.take() {
        let mut output = BufReader::new(output);
        let mut bytes = Vec::new();
        while output.read_until(b'\n', &mut bytes).map_err(start_error(command))? > 0 {
            let mut terminal = std::io::stdout().lock();
            // A terminal that went away must not end the tests.
            let _ = terminal.write_all(&bytes).and_then(|()| terminal.flush());
            line(&String::from_utf8_lossy(&bytes));
            bytes.clear();
        }
    }
    Ok(child.wait().map_err(start_error(command))?.success())
}

/// What a command prints; its complaints go to the terminal.
pub fn answer(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().map_err(start_error(command))?;
    if !output.status.success() {
        return Err(Error::Command { command: describe(command) });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What a command prints, or nothing when it cannot be started or fails.
pub fn ask(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Where a program is found, with the project's tools first.
pub fn find(root: &Path, program: &str) -> Option<PathBuf> {
    env::split_paths(&search_path(root)).map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn search_path(root: &Path) -> std::ffi::OsString {
    let rest = env::var_os("PATH").unwrap_or_default();
    let folders = [built(), tools(root).join("bin")].into_iter().chain(env::split_paths(&rest));
    // Joining fails only for a folder with a colon in its name; then the user's own PATH must do.
    env::join_paths(folders).unwrap_or(rest)
}

fn start_error(command: &Command) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let program = command.get_program().to_string_lossy().into_owned();
    move |source| Error::Start { program, source }
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
