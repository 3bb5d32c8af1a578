//! `report augmentation`: what each change of the augmentation buys.
//!
//! Small trainings on captioned clips, alike but for the changes that their views have; then the held-out captions find
//! their pictures, heard as they are and heard with all changes.

use std::fmt::Write as _;
use std::path::PathBuf;

use burn::tensor::Device;
use hearsight::learn::{Recipe, Session, speech_head};
use hearsight::network::DIMENSIONS;
use hearsight::search::{Difference, Direction, Ranks, paired_difference};
use hearsight::sound::Change;
use serde::Serialize;

use super::command_line;
use super::page::share;
use crate::train::lesson::{self, Sources, Views};
use hearsight_cli::held_out::HELD_OUT;
use hearsight_cli::{Failure, files, work};

/// An ablation of the augmentation.
#[derive(clap::Args)]
pub struct Arguments {
    /// Tab-separated pairs of captioned training speech.
    #[arg(long, default_value = "data/corpus/pairs.tsv")]
    corpus: PathBuf,
    /// The first clips of the table that are learned from or held out.
    #[arg(long)]
    clips: Option<usize>,
    /// Sentence embeddings of the same texts.
    #[arg(long, default_value = "data/texts.safetensors")]
    texts: PathBuf,
    /// Folder of the frozen networks in f16.
    #[arg(long, default_value = "training/weights")]
    weights: PathBuf,
    /// Folder of the model whose picture network speech is to meet.
    #[arg(long, default_value = files::MODEL)]
    pictures: PathBuf,
    /// Folder for features that are computed once.
    #[arg(long, default_value = "data/augmentation")]
    cache: PathBuf,
    /// Steps of each training.
    #[arg(long, default_value_t = 200)]
    steps: usize,
    /// Share of the clips that are heard as an augmented view.
    #[arg(long, default_value_t = 0.6)]
    augmented: f64,
    /// Folder of the report.
    #[arg(long, default_value = "reports")]
    report: PathBuf,
}

/// A training and what it found.
#[derive(Serialize)]
struct Row {
    name: String,
    /// Held-out captions as they were spoken.
    clean: Direction,
    /// The same with all changes.
    changed: Direction,
    /// R@10 of that, less R@10 of the training with all changes.
    difference: Difference,
    #[serde(skip)]
    ranks: Ranks,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let encoder = lesson::frozen(&arguments.weights)?;
    let without = |left_out: &[Change]| -> Vec<Change> {
        Change::ALL.into_iter().filter(|change| !left_out.contains(change)).collect()
    };
    let settings = [("all changes".to_owned(), without(&[])), ("none".to_owned(), Vec::new())].into_iter();
    let settings = settings
        .chain(Change::ALL.map(|change| (format!("without {change:?}").to_lowercase(), without(&[change]))));
    let mut rows: Vec<Row> = Vec::new();
    for (name, changes) in settings {
        let sources = Sources {
            corpus: &arguments.corpus,
            pictures: &arguments.pictures,
            texts: &arguments.texts,
            cache: &arguments.cache,
            views: Views { changes, share: arguments.augmented, hold_out: HELD_OUT },
        };
        let (lesson, held_out) = sources.prepare(&encoder, arguments.clips)?;
        let changed = sources.changed(&encoder, arguments.clips, &held_out, &Change::ALL)?;
        let lesson_size = (lesson.clips.len(), lesson.pictures.len() / DIMENSIONS);
        let recipe = Recipe { steps: arguments.steps, ..Recipe::default() };
        let mut session = Session::new(lesson, recipe, Device::flex().autodiff());
        let bar = work::bar(arguments.steps, "training");
        while !session.finished() {
            pollster::block_on(session.step())?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        let head = speech_head(&session.checkpoint()?.0, &Device::flex())?;
        let clean = pollster::block_on(held_out.ranks(&head, session.lesson()))?.figures().audio_to_image;
        let ranks = pollster::block_on(changed.ranks(&head, session.lesson()))?;
        let all = rows.first().map_or(&ranks, |row| &row.ranks);
        let difference = paired_difference(&[&ranks.audio_to_image], &[&all.audio_to_image], 10);
        let row = Row { name, clean, changed: ranks.figures().audio_to_image, difference, ranks };
        println!("{}: R@10 {:.3} clean, {:.3} changed", row.name, row.clean.r10, row.changed.r10);
        rows.push(row);
        write(arguments, &rows, lesson_size)?;
    }
    Ok(())
}

/// Writes what is known so far: a long report shall not be lost for its last row.
fn write(arguments: &Arguments, rows: &[Row], size: (usize, usize)) -> Result<(), Failure> {
    let text = markdown(arguments, rows, size);
    files::write(
        &arguments.report.join("augmentation.json"),
        serde_json::to_string_pretty(&rows)?.as_bytes(),
    )?;
    files::write(&arguments.report.join("augmentation.md"), text.as_bytes())
}

fn markdown(arguments: &Arguments, rows: &[Row], (learned, pool): (usize, usize)) -> String {
    let mut text = format!(
        "# What each change of the augmentation buys\n\nMade by `{}`: small trainings ({} steps on {learned} \
         captioned clips, {:.0} % of them heard as an augmented view), alike but for the changes. Then {} held-out captions look for \
         their picture among {pool}: as they were spoken, and with all changes (gain, speed, pitch, room, noise, band, mask). R@10 in % \
         with 95 % bootstrap intervals over pictures; the last column is paired, against all changes.\n\n\
         | views | R@10, as spoken | R@10, changed | difference, changed |\n|---|---|---|---|\n",
        command_line(),
        arguments.steps,
        100.0 * arguments.augmented,
        rows.first().map_or(0, |row| row.ranks.clips),
    );
    for Row { name, clean, changed, difference, .. } in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} |",
            share(clean.r10, clean.r10_interval),
            share(changed.r10, changed.r10_interval),
            share(difference.mean, difference.interval)
        );
    }
    text
}
