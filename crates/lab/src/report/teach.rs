//! `report teach`: lessons as visitors give them, what they bring and what they cost.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use hearsight::engine::About;
use hearsight::gallery::{Pair, read_pairs};
use hearsight::search::{Difference, Direction, paired_difference};
use serde::Serialize;

use super::command_line;
use super::page::share;
use hearsight_cli::pool::Pool;
use hearsight_cli::teach::{Choices, recordings, teach, wall};
use hearsight_cli::{Failure, files};

/// Lessons: what they bring and what they cost.
#[derive(clap::Args)]
pub struct Arguments {
    /// Tables of lessons: train rows are taught, dev rows are asked about the same pictures (training/make_lessons.py).
    #[arg(long = "lesson", required = true, num_args = 1..)]
    lessons: Vec<PathBuf>,
    /// Clips of the gallery's pictures, named by file stem: are they still found?
    #[arg(long, default_value = "../shared/data/gallery/pairs.tsv")]
    spoken: PathBuf,
    /// Words of other pictures: are they still found?
    #[arg(long, default_value = "data/lessons/old-words.tsv")]
    words: PathBuf,
    /// Folder of the model.
    #[arg(long, default_value = files::MODEL)]
    model: PathBuf,
    #[command(flatten)]
    choices: Choices,
    /// Folder for what was taught.
    #[arg(long, default_value = "data/taught")]
    taught: PathBuf,
    /// Folder of the report.
    #[arg(long, default_value = "reports")]
    report: PathBuf,
}

/// A lesson and what came of it.
#[derive(Serialize)]
struct Row {
    name: String,
    /// Wall clock of all of it, decoding included.
    seconds: f64,
    #[serde(flatten)]
    about: About,
    /// Other clips about the taught pictures.
    asked: Option<Change>,
    /// The gallery's clips, against its index.
    spoken: Change,
    /// The same, with the taught pictures on the wall.
    wall: Change,
    /// Words of pictures that were not taught.
    words: Change,
}

/// Speech to picture, before a lesson and after it.
#[derive(Serialize)]
struct Change {
    pictures: usize,
    clips: usize,
    before: Direction,
    after: Direction,
    /// Of R@10, paired.
    difference: Difference,
}

/// Clips with the pictures that they are searched in.
struct Set {
    folder: PathBuf,
    pairs: Vec<Pair>,
    gallery: Option<PathBuf>,
}

impl Set {
    fn read(table: &Path, gallery: Option<&Path>) -> Result<Self, Failure> {
        let pairs = read_pairs(&files::read(table)?, None)?;
        Ok(Self { folder: files::folder_of(table).to_owned(), pairs, gallery: gallery.map(Path::to_owned) })
    }

    /// The rows of a split; all pictures stay.
    fn only(&self, split: &str) -> Vec<Pair> {
        self.pairs.iter().filter(|pair| pair.split == split).cloned().collect()
    }

    fn pool(&self, model: &Path) -> Result<Pool, Failure> {
        Pool::embed(model, &self.folder, &self.pairs, self.gallery.as_deref())
    }
}

impl Change {
    /// What the pool of a network and that of the same one after a lesson answer to these clips.
    fn between(before: &Pool, after: &Pool, asked: &[Pair]) -> Result<Self, Failure> {
        let (before, after) = (before.ranks(asked.iter())?, after.ranks(asked.iter())?);
        Ok(Self {
            pictures: after.images,
            clips: after.clips,
            before: before.figures().audio_to_image,
            after: after.figures().audio_to_image,
            difference: paired_difference(&[&after.audio_to_image], &[&before.audio_to_image], 10),
        })
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { model, choices, .. } = arguments;
    let spoken = Set::read(&arguments.spoken, Some(&choices.gallery))?;
    let words = Set::read(&arguments.words, None)?;
    let (spoken_before, words_before) = (spoken.pool(model)?, words.pool(model)?);
    let mut rows = Vec::new();
    for table in &arguments.lessons {
        let name = table.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let lesson = Set::read(table, None)?;
        let (taught_pairs, asked_pairs) = (lesson.only("train"), lesson.only("dev"));
        let start = Instant::now();
        let index = wall(model, &choices.gallery, &lesson.folder, &taught_pairs)?;
        let taught = teach(model, index.clone(), &recordings(&lesson.folder, &taught_pairs), choices, &name)?;
        let seconds = start.elapsed().as_secs_f64();
        let file = arguments.taught.join(format!("{name}.hearsight"));
        files::write(&file, &taught.write()?)?;
        let asked = if asked_pairs.is_empty() {
            None
        } else {
            Some(Change::between(&lesson.pool(model)?, &lesson.pool(&file)?, &asked_pairs)?)
        };
        let (spoken_after, words_after) = (spoken.pool(&file)?, words.pool(&file)?);
        let wall = [&spoken_before, &spoken_after].map(|pool| pool.among(&index));
        let wall = Change::between(&wall[0], &wall[1], &spoken.pairs)?;
        let spoken = Change::between(&spoken_before, &spoken_after, &spoken.pairs)?;
        let words = Change::between(&words_before, &words_after, &words.pairs)?;
        rows.push(Row { name, seconds, about: taught.about, asked, spoken, wall, words });
        write(arguments, &rows)?;
    }
    Ok(())
}

/// Writes what is known so far: a long report shall not be lost for its last row.
fn write(arguments: &Arguments, rows: &[Row]) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(rows)?;
    files::write(&arguments.report.join("teach.json"), json.as_bytes())?;
    files::write(&arguments.report.join("teach.md"), markdown(rows).as_bytes())
}

fn markdown(rows: &[Row]) -> String {
    let mut text = format!(
        "# What a lesson brings, and what it costs\n\nMade by `{}`; [teach.json](teach.json) has every figure, knob and loss. \
         Speech to picture, in %, with 95 % bootstrap intervals over pictures. The lessons are those of \
         `training/make_lessons.py`: one clip of each picture (names: five), by one voice; nothing of them was ever in a training of \
         what ships.\n\n\
         ## The taught pictures\n\nThe recordings, heard otherwise: each once, with a change of speed, pitch, room, noise and \
         band limits that was not taught, among the taught pictures.\n\n\
         | lesson | recordings | pictures | R@1 before | after | R@10 before | after | seconds, one core |\n|---|---|---|---|---|---|---|---|\n",
        command_line(),
    );
    // Writing to a string cannot fail.
    for row in rows {
        let (Some(before), Some(after)) = (row.about.before.taught, row.about.after.taught) else { continue };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {:.0} |",
            row.name,
            after.clips,
            after.pictures,
            share(before.r1, before.r1_interval),
            share(after.r1, after.r1_interval),
            share(before.r10, before.r10_interval),
            share(after.r10, after.r10_interval),
            row.seconds
        );
    }
    text.push_str(
        "\nClips that were not taught, about the taught pictures: of French, another speaker who says the same words; of names, \
         the taught voice in other warps, and another voice.\n\n| lesson | clips | pictures | R@1 before | after | R@10 before | after |\n|---|---|---|---|---|---|---|\n",
    );
    for (row, asked) in rows.iter().filter_map(|row| Some((row, row.asked.as_ref()?))) {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} |",
            row.name,
            asked.clips,
            asked.pictures,
            first(&asked.before),
            first(&asked.after),
            ten(&asked.before),
            ten(&asked.after)
        );
    }
    text.push_str(
        "\n## What it forgot\n\nR@10 of what the network knew before: the gallery's clips (two dev voices, captions that \
         were never rehearsed) against the shipped index; the same with the taught pictures beside it on the wall; and English words by a \
         human voice among their own drawings. The differences are paired.\n\n\
         | lesson | gallery before | after | difference | whole wall before | after | difference | words before | after | difference |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let _ = write!(text, "| {} |", row.name);
        for change in [&row.spoken, &row.wall, &row.words] {
            let difference = share(change.difference.mean, change.difference.interval);
            let _ = write!(text, " {} | {} | {difference} |", ten(&change.before), ten(&change.after));
        }
        text.push('\n');
    }
    text
}

fn first(figures: &Direction) -> String {
    share(figures.r1, figures.r1_interval)
}

fn ten(figures: &Direction) -> String {
    share(figures.r10, figures.r10_interval)
}
