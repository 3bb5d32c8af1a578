//! What stands in the place of the commands that train, measure and convert where they were not built.

use super::Failure;

pub const NOT_BUILT: &str = "This takes minutes more to build, so it is left out until you ask for it: \
                         `cargo run --release --features lab -- …` with the same words behind.";

/// Whatever they are given.
#[derive(clap::Args)]
pub struct Arguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    rest: Vec<std::ffi::OsString>,
}

pub fn run(Arguments { rest: _ }: &Arguments) -> Result<(), Failure> {
    Err(NOT_BUILT.into())
}
