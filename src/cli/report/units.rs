//! `hearsight report units`: word-like units, after Harwath and Glass (2017).
//!
//! The moments of spoken captions are clustered by where they are in the shared space; a cluster is named by the word that
//! most of its moments belong to. Nothing here reads a text but to name and to judge the clusters.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use hearsight::engine::{GRID, MOMENTS_PER_SECOND};
use hearsight::gallery::read_table;
use hearsight::network::SIDE;
use hearsight::picture::Pixels;
use image::imageops::{FilterType, overlay};
use image::{RgbImage, imageops};
use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use linfa_clustering::KMeans;
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::command_line;
use crate::cli::work::in_parallel;
use crate::cli::{Failure, audio, files};

/// A word counts when it is said at least this often: rarer ones say nothing about F1.
const OFTEN: usize = 8;
/// F1 above which a word is found, as in the paper.
const FOUND: f64 = 0.5;
/// Clusters whose picture regions are shown, and regions of each.
const SHOWN: usize = 16;
const REGIONS: usize = 5;
/// Side of a region in the report, in pixels.
const THUMBNAIL: u32 = 112;

/// Word-like units of the network that ships.
#[derive(clap::Args)]
pub struct Arguments {
    /// Table of when each word is said: audio, word, start, end in seconds (training/make_word_times.py makes it).
    #[arg(long, default_value = "data/words/words.tsv")]
    words: PathBuf,
    /// Clusters.
    #[arg(long, default_value_t = 400)]
    clusters: usize,
    /// Folder of the model.
    #[arg(long, default_value = "www/models")]
    model: PathBuf,
    /// Folder of the gallery whose regions are shown.
    #[arg(long, default_value = "www/gallery")]
    gallery: PathBuf,
    /// Folder of the report.
    #[arg(long, default_value = "reports")]
    report: PathBuf,
}

/// A word that is said.
#[derive(Deserialize)]
pub struct Said {
    pub audio: String,
    pub word: String,
    pub start: f64,
    pub end: f64,
}

/// A moment of a clip.
struct Moment {
    vector: Vec<f32>,
    /// Number of the word that is being said; none in a pause.
    said: Option<usize>,
}

/// A cluster with its name.
#[derive(Clone, Serialize)]
struct Unit {
    word: String,
    /// How often the word is said.
    said: usize,
    moments: usize,
    /// Share of the cluster's moments that belong to the word.
    purity: f64,
    /// Share of the word's utterances with a moment in the cluster.
    coverage: f64,
    f1: f64,
    #[serde(skip)]
    cluster: usize,
}

#[derive(Serialize)]
struct Report {
    command: String,
    clips: usize,
    moments: usize,
    clusters: usize,
    /// Share of all moments that belong to their cluster's word, or to a pause in a cluster of pauses.
    purity: f64,
    /// The same when moments are dealt to clusters of the same sizes at random.
    purity_of_chance: f64,
    /// Words that are said often enough to be judged.
    words: usize,
    /// Of these, words with an F1 above one half.
    found: usize,
    /// The best cluster of each word, by F1.
    units: Vec<Unit>,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let said = said(&arguments.words)?;
    let moments = listen(arguments, &said)?;
    let (clusters, centres) = cluster(&moments, arguments.clusters)?;
    let units = units(&said, &moments, &clusters, arguments.clusters);
    let best = best_of_each_word(&units);
    let report = Report {
        command: command_line(),
        clips: said.iter().map(|said| &said.audio).collect::<BTreeSet<_>>().len(),
        moments: moments.len(),
        clusters: arguments.clusters,
        purity: purity(&said, &moments, &clusters),
        purity_of_chance: {
            let mut dealt = clusters.clone();
            // Moments are in the order of the clips; a stride coprime to their number deals them evenly.
            let stride = (moments.len() / 2..).find(|stride| moments.len() % stride != 0).unwrap_or(1);
            (0..dealt.len()).for_each(|at| dealt[at] = clusters[(at * stride) % clusters.len()]);
            purity(&said, &moments, &dealt)
        },
        words: judged(&said),
        found: best.iter().filter(|unit| unit.f1 > FOUND && unit.said >= OFTEN).count(),
        units: best,
    };
    let shown: Vec<&Unit> = report.units.iter().filter(|unit| unit.said >= OFTEN).take(SHOWN).collect();
    let seen = show_regions(arguments, &shown, &centres)?;
    let path = |name: &str| arguments.report.join(name);
    files::write(&path("units.json"), serde_json::to_string_pretty(&report)?.as_bytes())?;
    files::write(&path("units.md"), markdown(&report, &shown, &seen).as_bytes())?;
    println!("{} of {} words found; written to {}", report.found, report.words, path("units.md").display());
    Ok(())
}

/// The words of a table that training/make_word_times.py made.
pub fn said(table: &Path) -> Result<Vec<Said>, Failure> {
    read_table(&files::read(table)?).map_err(|error| format!("{}: {error}", table.display()).into())
}

/// Moments of all clips of the table, each with the word that is being said.
fn listen(arguments: &Arguments, said: &[Said]) -> Result<Vec<Moment>, Failure> {
    let network = files::speech(&arguments.model)?;
    let folder = files::folder_of(&arguments.words);
    let mut words: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    said.iter().enumerate().for_each(|(number, said)| words.entry(&said.audio).or_default().push(number));
    let clips: Vec<(&str, Vec<usize>)> = words.into_iter().collect();
    let moments = in_parallel("moments", &clips, |(clip, words)| {
        let vectors = pollster::block_on(network.moments(&audio::read(&folder.join(clip))?))?;
        Ok(vectors
            .into_iter()
            .enumerate()
            .map(|(at, vector)| {
                let time = (at as f64 + 0.5) / MOMENTS_PER_SECOND;
                let said =
                    words.iter().copied().find(|&word| said[word].start <= time && time < said[word].end);
                Moment { vector, said }
            })
            .collect::<Vec<_>>())
    })?;
    Ok(moments.into_iter().flatten().collect())
}

/// k-means: the cluster of each moment, and the centres as unit vectors.
fn cluster(moments: &[Moment], count: usize) -> Result<(Vec<usize>, Vec<Vec<f32>>), Failure> {
    let width = moments.first().map_or(0, |moment| moment.vector.len());
    let values: Vec<f32> = moments.iter().flat_map(|moment| moment.vector.iter().copied()).collect();
    let data = DatasetBase::from(Array2::from_shape_vec((moments.len(), width), values)?);
    // Its random numbers have a fixed seed.
    let model = KMeans::params(count).n_runs(1).max_n_iterations(30).tolerance(1e-3).fit(&data)?;
    let centres = model.centroids().rows().into_iter().map(|row| {
        let length = row.iter().map(|v| v * v).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        row.iter().map(|v| v / length).collect()
    });
    Ok((model.predict(&data).to_vec(), centres.collect()))
}

/// How many different words are said often enough.
fn judged(said: &[Said]) -> usize {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    said.iter().for_each(|said| *count.entry(&said.word).or_default() += 1);
    count.values().filter(|&&count| count >= OFTEN).count()
}

/// Each cluster with each word that has a share in it.
fn units(said: &[Said], moments: &[Moment], clusters: &[usize], count: usize) -> Vec<Unit> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    said.iter().for_each(|said| *times.entry(&said.word).or_default() += 1);
    let mut size = vec![0; count];
    let mut members: Vec<BTreeMap<&str, (usize, BTreeSet<usize>)>> = vec![BTreeMap::new(); count];
    for (moment, &cluster) in moments.iter().zip(clusters) {
        size[cluster] += 1;
        if let Some(number) = moment.said {
            let entry = members[cluster].entry(&said[number].word).or_default();
            entry.0 += 1;
            entry.1.insert(number);
        }
    }
    let units = members.into_iter().enumerate().flat_map(|(cluster, words)| {
        let (size, times) = (size[cluster], &times);
        words.into_iter().map(move |(word, (moments, utterances))| {
            let purity = moments as f64 / size as f64;
            let coverage = utterances.len() as f64 / times[word] as f64;
            let f1 = 2.0 * purity * coverage / (purity + coverage);
            Unit { word: word.to_owned(), said: times[word], moments: size, purity, coverage, f1, cluster }
        })
    });
    units.collect()
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

/// Share of the moments that belong to what most of their cluster belongs to: a word, or a pause.
fn purity(said: &[Said], moments: &[Moment], clusters: &[usize]) -> f64 {
    let mut members: BTreeMap<usize, BTreeMap<&str, usize>> = BTreeMap::new();
    for (moment, &cluster) in moments.iter().zip(clusters) {
        let word = moment.said.map_or("", |number| &said[number].word);
        *members.entry(cluster).or_default().entry(word).or_default() += 1;
    }
    let pure: usize = members.values().filter_map(|words| words.values().max()).sum();
    pure as f64 / moments.len().max(1) as f64
}

/// Draws the regions of the gallery nearest to each unit's centre, one file a unit; gives the pictures' ids.
fn show_regions(
    arguments: &Arguments,
    units: &[&Unit],
    centres: &[Vec<f32>],
) -> Result<Vec<Vec<String>>, Failure> {
    let network = files::picture(&arguments.model)?;
    let manifest = files::manifest(&arguments.gallery)?;
    let regions = in_parallel("regions", &manifest.pictures, |picture| {
        let pixels = Pixels::decode(&files::read(&arguments.gallery.join(&picture.file))?, SIDE)?;
        Ok(pollster::block_on(network.regions(&pixels))?)
    })?;
    let folder = arguments.report.join("units");
    std::fs::create_dir_all(&folder)?;
    let draw = |(number, unit): (usize, &&Unit)| {
        let score = |vector: &Vec<f32>| -> f32 {
            vector.iter().zip(&centres[unit.cluster]).map(|(a, b)| a * b).sum()
        };
        let mut best: Vec<(f32, usize, usize)> = regions
            .iter()
            .enumerate()
            .filter_map(|(picture, regions)| {
                let scores = regions.iter().map(score).enumerate();
                scores.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(region, score)| (score, picture, region))
            })
            .collect();
        best.sort_by(|a, b| b.0.total_cmp(&a.0));
        best.truncate(REGIONS);
        let mut strip =
            RgbImage::from_pixel((THUMBNAIL + 4) * REGIONS as u32 - 4, THUMBNAIL, image::Rgb([255; 3]));
        for (place, &(_, picture, region)) in best.iter().enumerate() {
            let file = arguments.gallery.join(&manifest.pictures[picture].file);
            let whole = image::load_from_memory(&files::read(&file)?)?.into_rgb8();
            overlay(&mut strip, &cut(&whole, region), i64::from(THUMBNAIL + 4) * place as i64, 0);
        }
        strip.save(folder.join(format!("{}.jpg", number + 1)))?;
        Ok(best.iter().map(|&(_, picture, _)| manifest.pictures[picture].id.clone()).collect())
    };
    units.iter().enumerate().map(draw).collect()
}

/// A region of a picture with its neighbours, as the network saw it, scaled.
fn cut(whole: &RgbImage, region: usize) -> RgbImage {
    let span = |cell: usize, side: u32| {
        let edge = |cell: usize| (cell.min(GRID) as f64 / GRID as f64 * f64::from(side)) as u32;
        (edge(cell.saturating_sub(1)), edge(cell + 2))
    };
    let (left, right) = span(region % GRID, whole.width());
    let (top, bottom) = span(region / GRID, whole.height());
    let part = imageops::crop_imm(whole, left, top, right - left, bottom - top).to_image();
    imageops::resize(&part, THUMBNAIL, THUMBNAIL, FilterType::CatmullRom)
}

fn markdown(report: &Report, shown: &[&Unit], seen: &[Vec<String>]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "# Word-like units\n\nMade by `{}`; [units.json](units.json) has every word. After Harwath and Glass (2017), with the \
         network that ships: {} moments ({MOMENTS_PER_SECOND} a second) of {} captions that it never heard, by a voice that it never heard, \
         in {} clusters. Texts only name and judge the clusters.\n\n- Purity: {:.1} % of the moments belong to their \
         cluster's word (or to a pause, in a cluster of pauses); dealt at random to clusters of these sizes, {:.1} %.\n- \
         {} of the {} words that are said at least {OFTEN} times have a cluster of their own: F1 above {FOUND}, of purity \
         (share of the cluster that is the word) and coverage (share of the word's utterances that the cluster has).\n\n\
         ## The best, with the regions of the gallery's photographs that are nearest to them\n\n\
         Nobody told the network where in a picture a thing is. The photographs are named in the last column; \
         [the gallery](../www/gallery/gallery.json) says whose they are and under which licence.\n\n\
         | word | said | purity | coverage | F1 | nearest regions | photographs |\n|---|---|---|---|---|---|---|\n",
        report.command,
        report.moments,
        report.clips,
        report.clusters,
        100.0 * report.purity,
        100.0 * report.purity_of_chance,
        report.found,
        report.words,
    );
    for (number, (unit, pictures)) in shown.iter().zip(seen).enumerate() {
        let _ = writeln!(
            text,
            "| {} | {} | {:.2} | {:.2} | {:.2} | ![regions](units/{}.jpg) | {} |",
            unit.word,
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
    fn purity_coverage_and_f1_of_a_cluster_are_as_in_the_paper() {
        // "dog" twice and "cat" once; cluster 0 has three moments of one dog and one of the cat, cluster 1 a pause.
        let words = [said("dog"), said("dog"), said("cat")];
        let moment = |said| Moment { vector: Vec::new(), said };
        let moments: Vec<Moment> = [Some(0), Some(0), Some(0), Some(2), None].map(moment).into();
        let clusters = [0, 0, 0, 0, 1];
        let dog = &best_of_each_word(&units(&words, &moments, &clusters, 2))[0];
        assert_eq!((dog.word.as_str(), dog.purity, dog.coverage, dog.cluster), ("dog", 0.75, 0.5, 0));
        assert!((dog.f1 - 0.6).abs() < 1e-12);
        assert_eq!(purity(&words, &moments, &clusters), 0.8);
    }

    #[test]
    fn a_region_is_cut_with_its_neighbours_and_within_the_picture() {
        let mut picture = RgbImage::new(70, 70);
        picture.put_pixel(0, 0, image::Rgb([255; 3]));
        let corner = cut(&picture, 0);
        assert!(
            corner.get_pixel(0, 0).0[0] > 100 && corner.get_pixel(THUMBNAIL - 1, THUMBNAIL - 1).0[0] == 0
        );
        assert_eq!(cut(&picture, GRID * GRID - 1).dimensions(), (THUMBNAIL, THUMBNAIL));
    }
}
