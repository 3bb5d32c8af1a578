//! `report quality`: the development sets, each by voice and by what was heard in training.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use hearsight::gallery::{Pair, read_pairs};

use super::page::{self, Measured, Part, Report};
use super::trust;
use super::{Measure, command_line};
use crate::chart;
use hearsight_cli::pool::Pool;
use hearsight_cli::{Failure, files};

/// Recall on all development sets, by voice and by what was heard in training.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with gallery/ and human/.
    #[arg(long)]
    data: PathBuf,
    /// Pairs of Flickr8k's dev pictures (training/make_dev_speech.py makes them).
    #[arg(long, default_value = "data/dev/pairs.tsv")]
    flickr: PathBuf,
    /// Folder with noise/ and child/ (training/make_changed_dev.py makes them); what is not there is not measured.
    #[arg(long, default_value = "data/changed")]
    changed: PathBuf,
    /// Pairs of the training speech: a query is new when it has a word that was never spoken there.
    #[arg(long, default_value = "data/corpus/pairs.tsv")]
    corpus: PathBuf,
    #[command(flatten)]
    measured: Measure,
}

/// A development set.
struct Set {
    name: &'static str,
    what: &'static str,
    folder: PathBuf,
    pairs: Vec<Pair>,
    /// Language of the queries.
    language: &'static str,
    pool: Pictures,
    /// Recall at 1 and at 10 that we want to reach, speech to picture.
    aim: Option<[f64; 2]>,
}

/// What a set's queries are searched in.
#[derive(Clone, Copy, PartialEq)]
enum Pictures {
    /// The pictures that the queries are about.
    Own,
    /// Those, and the pictures of the other languages.
    All,
    /// The gallery's index.
    Index,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let known = known_words(&arguments.corpus)?;
    let sets = sets(arguments)?;
    let measured = sets.iter().map(|set| measure(arguments, set, &known));
    let report = Report {
        command: command_line(),
        sets: measured.collect::<Result<_, _>>()?,
        trust: trust::measure(&arguments.data, &arguments.measured.model, &arguments.measured.gallery)?,
    };
    let page = arguments.measured.write("quality", &report, &page::markdown(&report))?;
    let bars = report.sets.iter().map(|set| chart::Bar {
        name: set.name,
        value: set.recall.audio_to_image.r10,
        interval: set.recall.audio_to_image.r10_interval,
        aim: set.aim.map(|aim| aim[1]),
    });
    chart::bars(&page.with_extension("svg"), "Recall at 10, speech to picture", &bars.collect::<Vec<_>>())?;
    println!("written to {}", page.display());
    Ok(())
}

fn sets(arguments: &Arguments) -> Result<Vec<Set>, Failure> {
    let set = |name, what, table: &Path, pool, language, aim| -> Result<Set, Failure> {
        let pairs = read_pairs(&files::read(table)?, Some("dev"));
        Ok(Set {
            name,
            what,
            folder: table.parent().unwrap_or(Path::new(".")).to_owned(),
            pairs: pairs.map_err(|error| format!("{}: {error}", table.display()))?,
            language,
            pool,
            aim,
        })
    };
    let gallery = arguments.data.join("gallery/pairs.tsv");
    let [words, stamps] =
        ["gcompris", "tuxpaint"].map(|name| arguments.data.join("human").join(name).join("pairs.tsv"));
    let changed = [
        ("in noise", "the same in a room where six others talk, 10 dB below", "noise"),
        ("child's pitch", "the same as high and fast as a child speaks", "child"),
    ];
    let changed =
        changed.map(|(name, what, folder)| (name, what, arguments.changed.join(folder).join("pairs.tsv")));
    let changed = changed.iter().filter(|(.., table)| table.exists());
    let changed = changed.map(|(name, what, table)| set(name, what, table, Pictures::Index, "en", None));
    let sets = vec![
        set(
            "gallery",
            "the gallery's dev wording and voices, pictures alone",
            &gallery,
            Pictures::Own,
            "en",
            Some([0.5, 0.88]),
        )?,
        set(
            "gallery index",
            "the same against the index that ships",
            &gallery,
            Pictures::Index,
            "en",
            Some([0.75, 0.97]),
        )?,
        set(
            "Flickr8k dev",
            "captions of Flickr8k's dev pictures, dev voices",
            &arguments.flickr,
            Pictures::Own,
            "en",
            Some([0.35, 0.8]),
        )?,
        set(
            "words",
            "a person says English words about drawings",
            &words,
            Pictures::Own,
            "en",
            Some([0.6, 0.88]),
        )?,
        set(
            "stamps",
            "a person names stamps in English, all dev stamps are the pool",
            &stamps,
            Pictures::All,
            "en",
            Some([0.4, 0.75]),
        )?,
        set("German", "a person says German words: never trained on", &words, Pictures::Own, "de", None)?,
        set("French", "a person says French words: never trained on", &words, Pictures::Own, "fr", None)?,
        set("Spanish", "a person says Spanish words: never trained on", &words, Pictures::Own, "es", None)?,
    ];
    sets.into_iter().map(Ok).chain(changed).collect()
}

fn measure(arguments: &Arguments, set: &Set, known: &BTreeSet<String>) -> Result<Measured, Failure> {
    let queries: Vec<&Pair> = set.pairs.iter().filter(|pair| pair.language == set.language).collect();
    let pooled: Vec<Pair> = match set.pool {
        Pictures::All => set.pairs.iter().map(|pair| only_picture(pair, set.language)).collect(),
        Pictures::Own | Pictures::Index => queries.iter().map(|pair| (*pair).clone()).collect(),
    };
    let gallery = (set.pool == Pictures::Index).then_some(arguments.measured.gallery.as_path());
    let pool = Pool::embed(&arguments.measured.model, &set.folder, &pooled, gallery)?;
    let part = |name: &str, pairs: &[&Pair]| -> Result<Part, Failure> {
        let ranks = pool.ranks(pairs.iter().copied())?;
        Ok(Part { name: name.into(), clips: ranks.clips, audio_to_image: ranks.figures().audio_to_image })
    };
    let mut voices: BTreeMap<&str, Vec<&Pair>> = BTreeMap::new();
    queries.iter().for_each(|pair| voices.entry(&pair.voice).or_default().push(pair));
    let (old, new): (Vec<&Pair>, Vec<&Pair>) =
        queries.iter().partition(|pair| words(&pair.text).all(|word| known.contains(word)));
    let by_words = [("every word was spoken in training", &old), ("a word is new", &new)];
    Ok(Measured {
        name: set.name,
        what: set.what,
        aim: set.aim,
        recall: pool.ranks(queries.iter().copied())?.figures(),
        voices: voices.iter().map(|(voice, pairs)| part(voice, pairs)).collect::<Result<_, _>>()?,
        words: if set.language == "en" {
            let parts = by_words.iter().filter(|(_, pairs)| !pairs.is_empty());
            parts.map(|(name, pairs)| part(name, pairs)).collect::<Result<_, _>>()?
        } else {
            Vec::new()
        },
    })
}

/// A pair as it is; of another language its picture alone.
fn only_picture(pair: &Pair, language: &str) -> Pair {
    let mut pair = pair.clone();
    if pair.language != language {
        pair.audio.clear();
    }
    pair
}

fn known_words(corpus: &Path) -> Result<BTreeSet<String>, Failure> {
    let pairs = read_pairs(&files::read(corpus)?, Some("train"))?;
    Ok(pairs.iter().flat_map(|pair| words(&pair.text).map(str::to_owned).collect::<Vec<_>>()).collect())
}

/// The words of a text in lower case; the sets' texts are.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty())
}
