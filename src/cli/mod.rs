//! The commands, one file each: read files, call the engine, print.
#![allow(clippy::disallowed_methods)] // Files, clocks and waiting are what a command line is for.

/// Everything that a command prints goes through here: the standard macros panic where nobody reads (see `output.rs`).
macro_rules! print {
    ($($text:tt)*) => { $crate::cli::output::print(format_args!($($text)*)) };
}
macro_rules! println {
    () => { $crate::cli::output::print(format_args!("\n")) };
    ($($text:tt)*) => { $crate::cli::output::print(format_args!("{}\n", format_args!($($text)*))) };
}
macro_rules! eprintln {
    ($($text:tt)*) => { $crate::cli::output::warn(format_args!($($text)*)) };
}

mod audio;
#[cfg(feature = "lab")]
mod cache;
#[cfg(feature = "lab")]
mod chart;
mod corpus;
mod embed;
mod evaluate;
mod files;
mod gallery;
mod held_out;
#[cfg(feature = "lab")]
mod import;
mod output;
mod paths;
#[cfg(feature = "lab")]
mod pool;
#[cfg(feature = "lab")]
mod report;
#[cfg(feature = "lab")]
mod reproduce;
mod search;
mod teach;
#[cfg(feature = "lab")]
mod train;
#[cfg(not(feature = "lab"))]
mod without_lab;
mod work;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use hearsight::engine::readable;
#[cfg(not(feature = "lab"))]
use {without_lab as import, without_lab as report, without_lab as reproduce, without_lab as train};

/// What a command may fail with: printed as one sentence.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Reads a value by the name that it has in reports.
fn named<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|error| error.to_string())
}

/// Speak, and a gallery of pictures re-orders itself.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Rank a gallery's pictures for a spoken clip.
    Search(search::Arguments),
    /// Measure recall on a corpus of pictures and clips.
    Evaluate(evaluate::Arguments),
    /// Check a corpus: what it holds, and what is missing.
    Corpus(corpus::Arguments),
    /// Print the vector of a clip or a picture.
    Embed(embed::Arguments),
    /// Build a gallery: pictures, manifest and index.
    Gallery(gallery::Arguments),
    /// Bring weights that others have trained into hearsight's form.
    Import(import::Arguments),
    /// Teach the network recordings of pictures, as the page does in the tab.
    Teach(teach::Arguments),
    /// Train the network that ships.
    Train(train::Arguments),
    /// Measure what ships, and write it down.
    Report(report::Arguments),
    /// Train the poster's systems and their controls side by side, and report how they compare.
    Reproduce(reproduce::Arguments),
}

/// Runs the command of the process's arguments.
pub fn run() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Search(arguments) => search::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Corpus(arguments) => corpus::run(&arguments),
        Command::Embed(arguments) => embed::run(&arguments),
        Command::Gallery(arguments) => gallery::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Teach(arguments) => teach::run(&arguments),
        Command::Train(arguments) => train::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Reproduce(arguments) => reproduce::run(&arguments),
    };
    match result.and_then(|()| output::failure().map_or(Ok(()), |failure| Err(failure.into()))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hearsight: {}", readable(&error.to_string()));
            ExitCode::FAILURE
        }
    }
}
