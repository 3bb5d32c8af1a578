//! The one error of the chores: each says in a sentence what to do.

use std::io;
use std::path::{Path, PathBuf};

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{name} is missing and cannot be installed from here: {advice}.")]
    Missing { name: String, advice: String },
    #[error("`{program}` could not be started: {source}.")]
    Start { program: String, source: io::Error },
    #[error("`{command}` failed; its own message is above.")]
    Command { command: String },
    #[error("{path} could not be read or written: {source}.")]
    File { path: PathBuf, source: io::Error },
    #[error("{path} is not what it should be: {problem}.")]
    Content { path: PathBuf, problem: String },
    #[error(
        "Port {port} is used by another program; end that one, or choose another port with `cargo xtask serve --port {}`.",
        if *port < u16::MAX { port + 1 } else { 8080 }
    )]
    PortInUse { port: u16 },
    #[error("The server stopped: {0}.")]
    Server(io::Error),
    #[error("{0}")]
    Check(String),
}

impl Error {
    /// For `map_err`: a file that could not be read or written.
    pub fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::File { path: path.to_path_buf(), source }
    }
}
