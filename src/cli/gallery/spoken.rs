//! An index whose pictures are known by their spoken captions too, and that knows how far it can be trusted.

use std::collections::BTreeMap;
use std::path::Path;

use hearsight::gallery::{Pair, read_pairs};
use hearsight::network::DIMENSIONS;
use hearsight::search::{Calibration, Index};

use crate::cli::held_out::{is_held_out, share_of};
use crate::cli::pool::embed_clip;
use crate::cli::work::in_parallel;
use crate::cli::{Failure, files};

/// Share of the captions that the training held out, too: by them the weight is chosen and the trust calibrated.
const HELD_OUT: f64 = 0.05;
/// Weights of the captions beside the picture that are tried.
const WEIGHTS: [f32; 5] = [0.0, 0.2, 0.4, 0.6, 0.8];

/// An answer is right when its picture is among so many: what a visitor sees at a glance.
const FOREMOST: usize = 5;

/// A clip with what it is about.
struct Spoken {
    /// Number of its picture; none where no picture of the gallery is meant.
    picture: Option<usize>,
    held_out: bool,
    vector: Vec<f32>,
}

/// The index of pictures (id, vector), with the training speech of a table.
pub fn index(pictures: &[(String, Vec<f32>)], table: &Path, model: &Path) -> Result<Index, Failure> {
    let clips = embed(pictures, table, model)?;
    let mut sums = vec![vec![0.0_f32; DIMENSIONS]; pictures.len()];
    for clip in clips.iter().filter(|clip| !clip.held_out) {
        if let Some(picture) = clip.picture {
            sums[picture].iter_mut().zip(&clip.vector).for_each(|(sum, v)| *sum += v);
        }
    }
    let joined = |weight: f32| {
        let mut index = Index::new(DIMENSIONS);
        for ((id, picture), captions) in pictures.iter().zip(&sums) {
            let length = captions.iter().map(|v| v * v).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
            let both = picture.iter().zip(captions).map(|(p, c)| (1.0 - weight) * p + weight * c / length);
            index.push(id.clone(), &unit(both.collect()));
        }
        index
    };
    let asked: Vec<&Spoken> = clips.iter().filter(|clip| clip.held_out).collect();
    let found = |index: &Index| {
        let within =
            |clip: &&&Spoken| clip.picture.is_some_and(|picture| rank(index, picture, &clip.vector) <= 10);
        asked.iter().filter(within).count()
    };
    let tried = WEIGHTS.map(|weight| (weight, joined(weight)));
    // The middle one where nothing tells them apart.
    let mut best = WEIGHTS.len() / 2;
    for (number, (weight, index)) in tried.iter().enumerate() {
        println!(
            "captions' weight {weight}: {} of {} held-out captions within ten",
            found(index),
            asked.len()
        );
        if found(index) > found(&tried[best].1) {
            best = number;
        }
    }
    let mut index = tried[best].1.clone();
    let examples: Vec<(Vec<f32>, bool)> = clips
        .iter()
        .filter(|clip| clip.held_out || clip.picture.is_none())
        .map(|clip| {
            let ranking = index.rank(&clip.vector);
            let right = clip.picture.is_some_and(|picture| rank(&index, picture, &clip.vector) <= FOREMOST);
            (ranking.iter().map(|found| found.score).collect(), right)
        })
        .collect();
    if let Some(calibration) = Calibration::fit(&examples) {
        index.calibrate(calibration);
    }
    Ok(index)
}

/// The captions of these pictures; and about as many phrases that mean none of them as captions are held out.
fn embed(pictures: &[(String, Vec<f32>)], table: &Path, model: &Path) -> Result<Vec<Spoken>, Failure> {
    let pairs = read_pairs(&files::read(table)?, Some("train"))?;
    let number: BTreeMap<&str, usize> = pictures.iter().map(|(id, _)| id.as_str()).zip(0..).collect();
    let of = |pair: &Pair| {
        let stem = Path::new(&pair.image).file_stem().and_then(|stem| stem.to_str());
        stem.and_then(|stem| number.get(stem)).copied()
    };
    let captions = pairs.iter().filter(|pair| of(pair).is_some()).count();
    let others = pairs.len() - captions;
    let share = HELD_OUT * captions as f64 / others.max(1) as f64;
    let used: Vec<&Pair> =
        pairs.iter().filter(|pair| of(pair).is_some() || share_of(&pair.audio) < share).collect();
    let speech = files::speech(model)?;
    let folder = table.parent().unwrap_or(Path::new("."));
    in_parallel("spoken captions", &used, |pair| {
        let picture = of(pair);
        Ok(Spoken {
            picture,
            held_out: picture.is_some() && is_held_out(&pair.text, HELD_OUT),
            vector: embed_clip(&speech, &folder.join(&pair.audio))?,
        })
    })
}

/// Place of a picture for a query, from 1; ties count against it.
fn rank(index: &Index, picture: usize, query: &[f32]) -> usize {
    let scores = index.scores(query);
    scores.iter().filter(|&&score| score >= scores[picture]).count()
}

fn unit(vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    vector.into_iter().map(|v| v / length).collect()
}
