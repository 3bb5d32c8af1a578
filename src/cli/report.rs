//! `hearsight report`: measures what ships and writes it down.

mod page;
mod quality;
mod trust;

use super::Failure;

/// Measure what ships, and write it down.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Recall on all development sets, by voice and by what was heard in training.
    Quality(quality::Arguments),
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.what {
        What::Quality(arguments) => quality::run(arguments),
    }
}
