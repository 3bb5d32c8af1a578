//! The lab's commands, for who types them here: making and measuring what ships is a program of its own, with minutes more to
//! compile.

use super::Failure;

/// What the lab does, whatever it is given.
#[derive(clap::Subcommand)]
pub enum Command {
    #[command(hide = true)]
    Collection(Anything),
    #[command(hide = true)]
    Import(Anything),
    #[command(hide = true)]
    Train(Anything),
    #[command(hide = true)]
    Report(Anything),
    #[command(hide = true)]
    Reproduce(Anything),
}

#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub struct Anything {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<std::ffi::OsString>,
}

/// Says how to have it done, with the words that were typed.
pub fn in_the_lab() -> Failure {
    let words: Vec<String> = std::env::args().skip(1).collect();
    format!("That is done by the lab. Run `cargo lab {}` in the repository.", words.join(" ")).into()
}
