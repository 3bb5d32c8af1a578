//! `report matchmap`: whether the strip of a matchmap peaks where it should.
//!
//! A caption is asked against a picture that it was not made for, but whose captions share exactly one of its words: there the
//! strip (what each moment adds to the score) should peak, for nothing else is said about that picture. Chance is the word's
//! share of the clip.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use hearsight::engine::{MOMENTS_PER_SECOND, trimmed_from};
use hearsight::gallery::read_pairs;
use hearsight::network::SIDE;
use hearsight::picture::Pixels;
use hearsight::search::{Matchmap, bootstrap};
use hearsight::sound::SAMPLE_RATE;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::command_line;
use super::units::{Said, said};
use hearsight_cli::work::in_parallel;
use hearsight_cli::{Failure, audio, files};

/// Words of this many letters and more; shorter ones are mostly articles and prepositions.
const LETTERS: usize = 4;
/// A word in the captions of more than this share of the pictures says little about one.
const COMMON: f64 = 0.1;
const SEED: u64 = 2018;

/// Peaks of matchmaps.
#[derive(clap::Args)]
pub struct Arguments {
    /// Table of when each word is said: audio, word, start, end in seconds (training/make_word_times.py makes it).
    #[arg(long, default_value = "data/words/words.tsv")]
    words: PathBuf,
    /// Pairs of the same clips with their pictures.
    #[arg(long, default_value = "data/words/pairs.tsv")]
    pairs: PathBuf,
    /// Pairs of a clip and a picture that are asked.
    #[arg(long, default_value_t = 2000)]
    asked: usize,
    /// Folder of the model.
    #[arg(long, default_value = "www/models")]
    model: PathBuf,
    /// Folder of the report.
    #[arg(long, default_value = "reports")]
    report: PathBuf,
}

#[derive(Serialize)]
struct Report {
    command: String,
    clips: usize,
    pictures: usize,
    asked: usize,
    /// Share of the strips whose peak lies inside the shared word.
    inside: f64,
    /// 95 % bootstrap interval over the clips.
    interval: [f64; 2],
    /// Mean share of the clip that the shared word takes.
    chance: f64,
}

/// A clip, a picture that shares one word with it, and when that word is said.
struct Question {
    clip: usize,
    picture: usize,
    start: f64,
    end: f64,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let said = said(&arguments.words)?;
    let pairs = read_pairs(&files::read(&arguments.pairs)?, None)?;
    let mut times: BTreeMap<&str, Vec<&Said>> = BTreeMap::new();
    said.iter().for_each(|said| times.entry(&said.audio).or_default().push(said));
    let images: BTreeSet<&str> = pairs.iter().map(|pair| pair.image.as_str()).collect();
    let images: Vec<&str> = images.into_iter().collect();
    let mut words: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for pair in &pairs {
        words.entry(&pair.image).or_default().extend(telling(&pair.text));
    }
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    words.values().flatten().for_each(|word| *count.entry(word).or_default() += 1);
    let is_common = |word: &str| count[word] as f64 > COMMON * images.len() as f64;

    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut questions = Vec::new();
    for (clip, pair) in pairs.iter().enumerate() {
        let Some(times) = times.get(pair.audio.as_str()) else { continue };
        let own = telling(&pair.text);
        let mut sharing: Vec<(usize, &&Said)> = Vec::new();
        for (picture, image) in images.iter().enumerate().filter(|(_, image)| **image != pair.image) {
            let shared: Vec<&String> = own.iter().filter(|word| words[image].contains(*word)).collect();
            if let [word] = shared[..]
                && !is_common(word)
                && let [time] = times.iter().filter(|said| &said.word == word).collect::<Vec<_>>()[..]
            {
                sharing.push((picture, time));
            }
        }
        if !sharing.is_empty() {
            let (picture, time) = sharing[rng.random_range(0..sharing.len())];
            questions.push(Question { clip, picture, start: time.start, end: time.end });
        }
    }
    questions.shuffle(&mut rng);
    questions.truncate(arguments.asked);

    let (speech, network) = (files::speech(&arguments.model)?, files::picture(&arguments.model)?);
    let folder = files::folder_of(&arguments.pairs);
    let regions = in_parallel("pictures", &images, |image| {
        let pixels = Pixels::decode(&files::read(&folder.join(image))?, SIDE)?;
        Ok(pollster::block_on(network.shares(&pixels))?)
    })?;
    let answers = in_parallel("matchmaps", &questions, |question| {
        let samples = audio::read(&folder.join(&pairs[question.clip].audio))?;
        let (from, part) = trimmed_from(&samples)?;
        let start = from as f64 / SAMPLE_RATE as f64;
        let map = Matchmap::new(&pollster::block_on(speech.shares(&part))?, &regions[question.picture]);
        let strip = map.by_moment();
        let peak = (0..strip.len()).max_by(|&a, &b| strip[a].total_cmp(&strip[b])).unwrap_or(0);
        let time = start + (peak as f64 + 0.5) / MOMENTS_PER_SECOND;
        let inside = question.start <= time && time < question.end;
        Ok((inside, (question.end - question.start) * MOMENTS_PER_SECOND / map.moments as f64))
    })?;
    let share = |drawn: &[usize]| {
        drawn.iter().filter(|&&at| answers[at].0).count() as f64 / drawn.len().max(1) as f64
    };
    let [interval] = bootstrap(answers.len(), |drawn| [share(drawn)]);
    let report = Report {
        command: command_line(),
        clips: pairs.len(),
        pictures: images.len(),
        asked: answers.len(),
        inside: share(&(0..answers.len()).collect::<Vec<_>>()),
        interval,
        chance: answers.iter().map(|answer| answer.1).sum::<f64>() / answers.len().max(1) as f64,
    };
    let path = |name: &str| arguments.report.join(name);
    files::write(&path("matchmap.json"), serde_json::to_string_pretty(&report)?.as_bytes())?;
    let text = format!(
        "# Why this picture: does the strip peak inside the right word?\n\nMade by `{}`; [matchmap.json](matchmap.json) has the figures.\n\n\
         {} of {} dev captions, spoken by a voice that was never heard in training, are each asked against one of {} pictures that they \
         were not made for and that share exactly one telling word with them (four letters or more, in the captions of at most a tenth of \
         the pictures). The strip under the spectrogram says what each moment of the clip adds to the score; it peaks inside the shared \
         word in **{:.1} %** of the cases [{:.1}, {:.1}]; chance, the word's share of the clip, is {:.1} %.\n",
        report.command,
        report.asked,
        report.clips,
        report.pictures,
        100.0 * report.inside,
        100.0 * report.interval[0],
        100.0 * report.interval[1],
        100.0 * report.chance,
    );
    files::write(&path("matchmap.md"), text.as_bytes())?;
    print!("{text}");
    Ok(())
}

/// The different words of a text that may tell what it is about.
fn telling(text: &str) -> BTreeSet<String> {
    text.split(' ').filter(|word| word.len() >= LETTERS).map(str::to_owned).collect()
}
