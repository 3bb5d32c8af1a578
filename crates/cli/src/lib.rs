//! The commands, one file each: read files, call the engine, print. What the lab uses too is public: sound and tables from
//! files, progress, the printing that never panics.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::disallowed_methods)] // Files, clocks and waiting are what a command line is for.

/// Everything that a command prints goes through here: the standard macros panic where nobody reads (see `output.rs`).
#[macro_export]
macro_rules! print {
    ($($text:tt)*) => { $crate::output::print(format_args!($($text)*)) };
}
#[macro_export]
macro_rules! println {
    () => { $crate::output::print(format_args!("\n")) };
    ($($text:tt)*) => { $crate::output::print(format_args!("{}\n", format_args!($($text)*))) };
}
#[macro_export]
macro_rules! eprintln {
    ($($text:tt)*) => { $crate::output::warn(format_args!($($text)*)) };
}

pub mod audio;
pub mod corpus;
mod elsewhere;
mod embed;
mod evaluate;
pub mod files;
pub mod gallery;
pub mod held_out;
pub mod output;
mod paths;
pub mod pool;
mod search;
pub mod teach;
pub mod work;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What a command may fail with: printed as one sentence.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Reads a value by the name that it has in reports.
pub fn named<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|error| error.to_string())
}

/// Speak, and a gallery of pictures re-orders itself.
#[derive(Parser)]
#[command(name = "hearsight", version, about)]
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
    /// Teach the network recordings of pictures, as the page does in the tab.
    Teach(teach::Arguments),
    #[command(flatten)]
    Elsewhere(elsewhere::Command),
}

/// Runs the command of the process's arguments.
pub fn run() -> ExitCode {
    output::finish(match Arguments::parse().command {
        Command::Search(arguments) => search::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Corpus(arguments) => corpus::run(&arguments),
        Command::Embed(arguments) => embed::run(&arguments),
        Command::Gallery(arguments) => gallery::run(&arguments),
        Command::Teach(arguments) => teach::run(&arguments),
        Command::Elsewhere(_) => Err(elsewhere::in_the_lab()),
    })
}
