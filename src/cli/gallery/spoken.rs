//! An index whose pictures are known by their spoken captions too, and that knows how far it can be trusted.

use std::collections::BTreeMap;
use std::path::Path;

use hearsight::gallery::{Pair, read_pairs};
use hearsight::network::DIMENSIONS;
use hearsight::search::{Calibration, Index};

use crate::cli::held_out::{HELD_OUT, is_held_out, share_of};
use crate::cli::pool::embed_clip;
use crate::cli::work::in_parallel;
use crate::cli::{Failure, files};

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

/// The index of pictures (id, vector), with the training speech of a table. By the captions that the training held out
/// the weight is chosen and the trust calibrated.
pub fn index(pictures: &[(String, Vec<f32>)], table: &Path, model: &Path) -> Result<Index, Failure> {
    let clips = embed(pictures, table, model)?;
    let mut sums = vec![vec![0.0_f32; DIMENSIONS]; pictures.len()];
    for clip in clips.iter().filter(|clip| !clip.held_out) {
        if let Some(picture) = clip.picture {
            sums[picture].iter_mut().zip(&clip.vector).for_each(|(sum, v)| *sum += v);
        }
    }
    let joined = |weight: f32| {
        let both = pictures.iter().zip(&sums).map(|((id, picture), captions)| {
            let both = picture.iter().zip(unit(captions)).map(|(p, c)| (1.0 - weight) * p + weight * c);
            (id.clone(), unit(&both.collect::<Vec<f32>>()))
        });
        Index::of(DIMENSIONS, both)
    };
    let asked: Vec<&Spoken> = clips.iter().filter(|clip| clip.held_out).collect();
    let found = WEIGHTS.map(|weight| {
        let index = joined(weight);
        let within = |clip: &&&Spoken| is_among(10, clip, &index.scores(&clip.vector));
        let found = asked.iter().filter(within).count();
        println!("captions' weight {weight}: {found} of {} held-out captions within ten", asked.len());
        found
    });
    // The middle one where nothing tells them apart.
    let best =
        (0..WEIGHTS.len()).fold(WEIGHTS.len() / 2, |best, n| if found[n] > found[best] { n } else { best });
    let mut index = joined(WEIGHTS[best]);
    let examples: Vec<(Vec<f32>, bool)> = clips
        .iter()
        .filter(|clip| clip.held_out || clip.picture.is_none())
        .map(|clip| {
            let mut scores = index.scores(&clip.vector);
            let right = is_among(FOREMOST, clip, &scores);
            scores.sort_by(|a, b| b.total_cmp(a));
            (scores, right)
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
    let of = |pair: &Pair| number.get(pair.image_stem()).copied();
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

/// Whether a clip's picture is among the first `count` of all pictures' scores; ties count against it.
fn is_among(count: usize, clip: &Spoken, scores: &[f32]) -> bool {
    clip.picture
        .is_some_and(|picture| scores.iter().filter(|&&score| score >= scores[picture]).count() <= count)
}

fn unit(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    vector.iter().map(|v| v / length).collect()
}
