//! `report units`: the word-like units that the network reads, judged as Harwath and Glass (2017) judge clusters.
//!
//! A unit is named by the word that it is read in most often; purity, coverage and F1 say how well it stands for that word. Texts
//! only name and judge here; the units were learned from pieces of transcripts, so their spellings can be judged too, as words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use hearsight::engine::{HeardUnit, words};
use hearsight::gallery::read_table;
use serde::{Deserialize, Serialize};

use super::{Measure, command_line, regions};
use hearsight_cli::work::in_parallel;
use hearsight_cli::{Failure, audio, files};

/// A word counts when it is said at least this often: rarer ones say nothing about F1.
const OFTEN: usize = 8;
/// F1 above which a word is found, as in the paper.
const FOUND: f64 = 0.5;
/// A unit is often read a little late: a word counts as being said for so many seconds more.
const LATE: f64 = 0.2;
/// Units whose picture regions are shown.
const SHOWN: usize = 16;

/// Word-like units of the network that ships.
#[derive(clap::Args)]
pub struct Arguments {
    /// Table of when each word is said: audio, word, start, end in seconds (training/make_word_times.py makes it).
    #[arg(long, default_value = "data/words/words.tsv")]
    words: PathBuf,
    #[command(flatten)]
    measured: Measure,
}

/// A word that is said.
#[derive(Deserialize)]
pub struct Said {
    pub audio: String,
    pub word: String,
    pub start: f64,
    pub end: f64,
}

/// A unit that was read in a clip.
struct Heard {
    unit: usize,
    /// Number of the word that was being said; none in a pause.
    said: Option<usize>,
}

/// All that was read in the clips of a table.
#[derive(Default)]
struct Listened {
    heard: Vec<Heard>,
    /// What each unit that was read means, and its spelling.
    units: BTreeMap<usize, (Vec<f32>, String)>,
    /// Words that were said, and of these, those that are read wrong, left out or added.
    words: usize,
    errors: usize,
}

/// A unit with a word that it is read in.
#[derive(Clone, Serialize)]
struct Unit {
    word: String,
    /// The piece of a word that it was learned from.
    spelling: String,
    /// How often the word is said.
    said: usize,
    /// How often the unit is read.
    read: usize,
    /// Share of these in which it is the word.
    purity: f64,
    /// Share of the word's utterances in which the unit is read.
    coverage: f64,
    f1: f64,
    #[serde(skip)]
    unit: usize,
}

#[derive(Serialize)]
struct Report {
    command: String,
    clips: usize,
    /// How often a unit is read.
    read: usize,
    /// Different units that are read.
    units_read: usize,
    /// Share of all that are read in their unit's word.
    purity: f64,
    /// The same when they are dealt to the units at random.
    purity_of_chance: f64,
    /// Words to change, add or leave out, of all that are said, if the spellings were a transcript.
    word_errors: f64,
    /// Words that are said often enough to be judged.
    words: usize,
    /// Of these, words with an F1 above one half.
    found: usize,
    /// The best unit of each word, by F1.
    units: Vec<Unit>,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let said = said(&arguments.words)?;
    let listened = listen(arguments, &said)?;
    if listened.heard.is_empty() {
        return Err("This network reads no units. `cargo lab import reader` brings some.".into());
    }
    let best = best_of_each_word(&units(&said, &listened));
    let heard = &listened.heard;
    let report = Report {
        command: command_line(),
        clips: said.iter().map(|said| &said.audio).collect::<BTreeSet<_>>().len(),
        read: heard.len(),
        units_read: listened.units.len(),
        purity: purity(&said, heard),
        purity_of_chance: {
            // They are in the order of the clips; a stride coprime to their number deals them evenly.
            let stride = (heard.len() / 2..).find(|stride| heard.len() % stride != 0).unwrap_or(1);
            let dealt =
                |at: usize| Heard { unit: heard[(at * stride) % heard.len()].unit, said: heard[at].said };
            purity(&said, &(0..heard.len()).map(dealt).collect::<Vec<_>>())
        },
        word_errors: listened.errors as f64 / listened.words.max(1) as f64,
        words: judged(&said),
        found: best.iter().filter(|unit| unit.f1 > FOUND && unit.said >= OFTEN).count(),
        units: best,
    };
    let shown: Vec<&Unit> = report.units.iter().filter(|unit| unit.said >= OFTEN).take(SHOWN).collect();
    let meanings: Vec<&[f32]> = shown.iter().map(|unit| listened.units[&unit.unit].0.as_slice()).collect();
    let folder = arguments.measured.report.join("units");
    let seen = regions::show(&arguments.measured.model, &arguments.measured.gallery, &meanings, &folder)?;
    let page = arguments.measured.write("units", &report, &markdown(&report, &shown, &seen))?;
    println!("{} of {} words found; written to {}", report.found, report.words, page.display());
    Ok(())
}

/// The words of a table that training/make_word_times.py made.
pub fn said(table: &Path) -> Result<Vec<Said>, Failure> {
    read_table(&files::read(table)?).map_err(|error| format!("{}: {error}", table.display()).into())
}

/// Units of all clips of the table, each with the word that was being said.
fn listen(arguments: &Arguments, said: &[Said]) -> Result<Listened, Failure> {
    let network = files::speech(&arguments.measured.model)?;
    let folder = files::folder_of(&arguments.words);
    let mut by_clip: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    said.iter().enumerate().for_each(|(number, said)| by_clip.entry(&said.audio).or_default().push(number));
    let clips: Vec<(&str, Vec<usize>)> = by_clip.into_iter().collect();
    let read = in_parallel("units", &clips, |(clip, _)| {
        Ok(pollster::block_on(network.units(&audio::read(&folder.join(clip))?))?)
    })?;
    let mut listened = Listened::default();
    for ((_, numbers), units) in clips.iter().zip(read) {
        let spoken: Vec<&str> = numbers.iter().map(|&number| said[number].word.as_str()).collect();
        listened.words += spoken.len();
        listened.errors += errors(&words(units.iter().map(|unit| unit.spelling.as_str())), &spoken);
        for unit in units {
            listened.heard.push(Heard { unit: unit.number, said: being_said(said, numbers, &unit) });
            listened.units.entry(unit.number).or_insert((unit.meaning, unit.spelling));
        }
    }
    Ok(listened)
}

/// Which of a clip's words was being said when a unit was read: in its middle, or a little before.
fn being_said(said: &[Said], numbers: &[usize], unit: &HeardUnit) -> Option<usize> {
    let time = f64::midpoint(unit.start, unit.end);
    let begun = numbers.iter().copied().filter(|&number| said[number].start <= time);
    let last = begun.max_by(|&a, &b| said[a].start.total_cmp(&said[b].start));
    last.filter(|&number| time < said[number].end + LATE)
}

/// Words to change, add or leave out (Levenshtein 1966).
fn errors(read: &[String], said: &[&str]) -> usize {
    let mut row: Vec<usize> = (0..=read.len()).collect();
    for (place, word) in said.iter().enumerate() {
        let mut before = row[0];
        row[0] = place + 1;
        for (at, other) in read.iter().enumerate() {
            let changed = before + usize::from(other != word);
            before = row[at + 1];
            row[at + 1] = changed.min(before + 1).min(row[at] + 1);
        }
    }
    row[read.len()]
}

/// How many different words are said often enough.
fn judged(said: &[Said]) -> usize {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    said.iter().for_each(|said| *count.entry(&said.word).or_default() += 1);
    count.values().filter(|&&count| count >= OFTEN).count()
}

/// Each unit with each word that it is read in.
fn units(said: &[Said], listened: &Listened) -> Vec<Unit> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    said.iter().for_each(|said| *times.entry(&said.word).or_default() += 1);
    let mut read: BTreeMap<usize, usize> = BTreeMap::new();
    let mut members: BTreeMap<(usize, &str), (usize, BTreeSet<usize>)> = BTreeMap::new();
    for heard in &listened.heard {
        *read.entry(heard.unit).or_default() += 1;
        if let Some(number) = heard.said {
            let entry = members.entry((heard.unit, &said[number].word)).or_default();
            entry.0 += 1;
            entry.1.insert(number);
        }
    }
    let unit = |((unit, word), (times_read, utterances)): ((usize, &str), (usize, BTreeSet<usize>))| {
        let purity = times_read as f64 / read[&unit] as f64;
        let coverage = utterances.len() as f64 / times[word] as f64;
        let f1 = 2.0 * purity * coverage / (purity + coverage);
        let spelling = listened.units.get(&unit).map_or_else(String::new, |(_, spelling)| spelling.clone());
        Unit {
            word: word.to_owned(),
            spelling,
            said: times[word],
            read: read[&unit],
            purity,
            coverage,
            f1,
            unit,
        }
    };
    members.into_iter().map(unit).collect()
}

fn best_of_each_word(units: &[Unit]) -> Vec<Unit> {
    let mut best: BTreeMap<&str, &Unit> = BTreeMap::new();
    for unit in units {
        let known = best.entry(&unit.word).or_insert(unit);
        if unit.f1 > known.f1 {
            *known = unit;
        }
    }
    let mut best: Vec<Unit> = best.into_values().cloned().collect();
    best.sort_by(|a, b| b.f1.total_cmp(&a.f1));
    best
}

/// Share of the units that are read in what their like are read in most often: a word, or a pause.
fn purity(said: &[Said], heard: &[Heard]) -> f64 {
    let mut members: BTreeMap<usize, BTreeMap<&str, usize>> = BTreeMap::new();
    for Heard { unit, said: number } in heard {
        let word = number.map_or("", |number| &said[number].word);
        *members.entry(*unit).or_default().entry(word).or_default() += 1;
    }
    let pure: usize = members.values().filter_map(|words| words.values().max()).sum();
    pure as f64 / heard.len().max(1) as f64
}

fn markdown(report: &Report, shown: &[&Unit], seen: &[Vec<String>]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "# Word-like units\n\nMade by `{}`; [units.json](units.json) has every word. Judged as by Harwath and Glass (2017): {} \
         units that the network that ships reads, {} different ones, in {} captions that it never heard, by a voice that it never \
         heard. Other than theirs, these units were learned with transcripts: each is a piece of a word.\n\n- Purity: {:.1} % are read \
         in the word that their like are read in most often (or in a pause); dealt at random, {:.1} %.\n- {} of the {} words that are \
         said at least {OFTEN} times have a unit of their own: F1 above {FOUND}, of purity (share of the unit's times that are the \
         word) and coverage (share of the word's utterances in which it is read).\n- Error rate: if the spellings were taken for a \
         transcript, {:.1} % of the words would be wrong. They are not searched.\n\n\
         ## The best, with the regions of the gallery's photographs that are nearest to them\n\n\
         Nobody told the network where in a picture a thing is. The photographs are named in the last column; \
         [the gallery](../www/gallery/gallery.json) says whose they are and under which licence.\n\n\
         | word | unit | said | purity | coverage | F1 | nearest regions | photographs |\n|---|---|---|---|---|---|---|---|\n",
        report.command,
        report.read,
        report.units_read,
        report.clips,
        100.0 * report.purity,
        100.0 * report.purity_of_chance,
        report.found,
        report.words,
        100.0 * report.word_errors,
    );
    for (number, (unit, pictures)) in shown.iter().zip(seen).enumerate() {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.2} | {:.2} | {:.2} | ![regions](units/{}.jpg) | {} |",
            unit.word,
            unit.spelling.replace('▁', ""),
            unit.said,
            unit.purity,
            unit.coverage,
            unit.f1,
            number + 1,
            pictures.join(", ")
        );
    }
    let all: Vec<String> = (report.units.iter())
        .filter(|unit| unit.said >= OFTEN && unit.f1 > FOUND)
        .map(|unit| format!("{} ({:.2})", unit.word, unit.f1))
        .collect();
    let _ = write!(text, "\n## All words with an F1 above {FOUND}\n\n{}.\n", all.join(", "));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(word: &str) -> Said {
        Said { audio: "a".into(), word: word.into(), start: 0.0, end: 1.0 }
    }

    #[test]
    fn purity_coverage_and_f1_of_a_unit_are_as_in_the_paper() {
        // "dog" twice and "cat" once; unit 0 is read three times in one dog and once in the cat, unit 1 in a pause.
        let words = [said("dog"), said("dog"), said("cat")];
        let heard = [(0, Some(0)), (0, Some(0)), (0, Some(0)), (0, Some(2)), (1, None)];
        let heard = heard.map(|(unit, said)| Heard { unit, said }).into();
        let listened = Listened { heard, ..Listened::default() };
        let dog = &best_of_each_word(&units(&words, &listened))[0];
        assert_eq!((dog.word.as_str(), dog.purity, dog.coverage, dog.unit), ("dog", 0.75, 0.5, 0));
        assert!((dog.f1 - 0.6).abs() < 1e-12);
        assert_eq!(purity(&words, &listened.heard), 0.8);
    }

    #[test]
    fn a_unit_belongs_to_the_word_that_is_said_or_was_just_said() {
        let word = |start, end| Said { start, end, ..said("dog") };
        let words = [word(0.0, 0.4), word(0.5, 0.9)];
        let unit =
            |start, end| HeardUnit { number: 0, spelling: String::new(), start, end, meaning: Vec::new() };
        let at = |time: f64| being_said(&words, &[0, 1], &unit(time, time));
        assert_eq!([0.1, 0.45, 0.6, 1.0, 1.2].map(at), [Some(0), Some(0), Some(1), Some(1), None]);
    }

    #[test]
    fn errors_are_words_to_change_add_or_leave_out() {
        let errors = |read: &str, said: &str| {
            let read: Vec<String> = read.split_whitespace().map(str::to_owned).collect();
            errors(&read, &said.split_whitespace().collect::<Vec<_>>())
        };
        assert_eq!(errors("a red dog", "a red dog"), 0);
        assert_eq!(errors("a rat dog barks", "a red dog"), 2);
        assert_eq!((errors("", "a red dog"), errors("a dog", ""), errors("dog a", "a dog")), (3, 2, 2));
    }
}
