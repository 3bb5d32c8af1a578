//! What stands in the place of the commands that train, measure and convert where they were not built.

use super::Failure;

/// Whatever they are given.
#[derive(clap::Args)]
pub struct Arguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    #[allow(dead_code, reason = "it is taken, not read")]
    rest: Vec<std::ffi::OsString>,
}

pub fn run(_: &Arguments) -> Result<(), Failure> {
    Err(not_built())
}

/// Says how to have it built, with the words that were typed.
pub fn not_built() -> Failure {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words = words.join(" ");
    format!(
        "This takes minutes more to build, so it is left out until you ask for it. \
         Run `cargo run --release --features lab -- {words}`."
    )
    .into()
}
