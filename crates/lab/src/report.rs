//! `report`: measures what ships and writes it down.

mod augmentation;
mod matchmap;
mod page;
mod pictures;
mod quality;
mod regions;
mod teach;
mod trust;
mod units;
mod voices;

use std::path::PathBuf;

use hearsight_cli::{Failure, files};
use serde::Serialize;

/// Measure what ships, and write it down.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

/// What is measured, and where it is written down.
#[derive(clap::Args)]
struct Measure {
    /// Folder of the model.
    #[arg(long, default_value = files::MODEL)]
    model: PathBuf,
    /// Folder of the gallery.
    #[arg(long, default_value = "www/gallery")]
    gallery: PathBuf,
    /// Folder of the report.
    #[arg(long, default_value = "reports")]
    report: PathBuf,
}

impl Measure {
    /// Writes a report's figures and its page, whose path is given.
    fn write(&self, name: &str, figures: &impl Serialize, page: &str) -> Result<PathBuf, Failure> {
        let path = self.report.join(name).with_extension("md");
        files::write(&path.with_extension("json"), serde_json::to_string_pretty(figures)?.as_bytes())?;
        files::write(&path, page.as_bytes())?;
        Ok(path)
    }
}

#[derive(clap::Subcommand)]
enum What {
    /// Recall on all development sets, by voice and by what was heard in training.
    Quality(quality::Arguments),
    /// What each change of the augmentation buys: small trainings without it.
    Augmentation(augmentation::Arguments),
    /// What is found for a picture: itself when it comes changed, pictures like it, and what was said of it.
    Pictures(pictures::Arguments),
    /// Whether the strip of a matchmap peaks inside the right word.
    Matchmap(matchmap::Arguments),
    /// Word-like units: what the moments of speech fall into, and which words and picture regions they are.
    Units(units::Arguments),
    /// Lessons as visitors give them: what they bring and what they make it forget.
    Teach(teach::Arguments),
    /// Whose voice works worse: the same sentences by many voices.
    Voices(voices::Arguments),
}

/// The command that makes a report, as its reader would type it.
fn command_line() -> String {
    std::iter::once("cargo lab".to_owned()).chain(std::env::args().skip(1)).collect::<Vec<_>>().join(" ")
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.what {
        What::Quality(arguments) => quality::run(arguments),
        What::Pictures(arguments) => pictures::run(arguments),
        What::Augmentation(arguments) => augmentation::run(arguments),
        What::Matchmap(arguments) => matchmap::run(arguments),
        What::Units(arguments) => units::run(arguments),
        What::Teach(arguments) => teach::run(arguments),
        What::Voices(arguments) => voices::run(arguments),
    }
}
