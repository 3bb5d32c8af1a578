//! The lab: what ships is trained, measured and converted here, one file a command. `cargo lab` runs it.
#![allow(clippy::disallowed_methods)] // Files, clocks and waiting are what a command line is for.

#[macro_use]
extern crate hearsight_cli;

mod cache;
mod chart;
mod collection;
mod import;
mod report;
mod reproduce;
mod shard;
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use hearsight_cli::output;

/// Train, measure and convert what hearsight ships.
#[derive(Parser)]
#[command(name = "hearsight-lab", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Embed a part of a large collection for a search engine (docs/collections.md).
    Collection(collection::Arguments),
    /// Bring weights that others have trained into hearsight's form.
    Import(import::Arguments),
    /// Train the network that ships.
    Train(train::Arguments),
    /// Measure what ships, and write it down.
    Report(report::Arguments),
    /// Train the poster's systems and their controls side by side, and report how they compare.
    Reproduce(reproduce::Arguments),
}

fn main() -> ExitCode {
    output::finish(match Arguments::parse().command {
        Command::Collection(arguments) => collection::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Train(arguments) => train::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Reproduce(arguments) => reproduce::run(&arguments),
    })
}
