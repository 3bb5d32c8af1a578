//! What the commands print. A reader who has seen enough (`| head -1`) is no failure of ours: what is printed after it left is
//! dropped, and the work goes on to its end, since its files are wanted all the same.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write, stderr, stdout};
use std::process::ExitCode;
use std::sync::Mutex;

use hearsight::engine::readable;

use super::Failure;

/// Why something could not be printed, other than that nobody reads it.
static FAILED: Mutex<Option<String>> = Mutex::new(None);

/// Prints text on the standard output.
pub fn print(text: Arguments) {
    let mut out = stdout().lock();
    let written = out.write_fmt(text).and_then(|()| out.flush());
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
        && let Ok(mut failed) = FAILED.lock()
    {
        failed.get_or_insert_with(|| error.to_string());
    }
}

/// Prints a line on the standard error; if nobody hears it, nobody can be told so.
pub fn warn(text: Arguments) {
    let _ = writeln!(stderr().lock(), "{text}");
}

/// Ends a program: a failure is one sentence on the standard error.
pub fn finish(result: Result<(), Failure>) -> ExitCode {
    match result.and_then(|()| failure().map_or(Ok(()), |failure| Err(failure.into()))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            warn(format_args!("hearsight: {}", readable(&error.to_string())));
            ExitCode::FAILURE
        }
    }
}

/// Why not all was printed, where the user must know: a full disk behind `>` say.
fn failure() -> Option<String> {
    FAILED
        .lock()
        .ok()?
        .take()
        .map(|error| format!("The output could not be written ({error}). Check where it goes."))
}
