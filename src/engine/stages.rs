//! A clip on its way to a ranking, stage by stage, for whoever explains it: every number that the answer was made from.

use super::speech::{MOMENTS_PER_SECOND, mel_tensor, read, read_rows};
use super::{EngineError, HeardUnit, SpeechNetwork, trimmed_from};
use crate::network::WIDTH;
use crate::search::{Index, Match, Plane, plane, product};
use crate::sound::{Frames, LogMel, Recipe};

/// So many of the first convolution's filters are shown.
const FILTERS: usize = 12;
/// So many pictures stand for what a unit means.
const NEAREST: usize = 3;
/// So many pictures, the best of the ranking, are on the map: it takes the cube of their number.
const MAPPED: usize = 500;

/// What became of a clip.
#[derive(Clone, Debug)]
pub struct Stages {
    /// Where in the clip, in samples at 16 kHz, its speech begins; the rest is of the speech alone.
    pub start: usize,
    /// Samples of speech.
    pub samples: usize,
    /// Log-mel frames, 100 a second.
    pub frames: Frames,
    /// Filters of the first convolution: those that answer most, low pitch first.
    pub filters: Vec<Filter>,
    /// Filters that the first convolution has.
    pub filters_in_all: usize,
    /// Share of each moment in each head's sum, `[heads][moments]`; a head's shares add up to 1.
    pub attention: Vec<Vec<f32>>,
    /// Moments a second.
    pub moments_per_second: f64,
    /// The word-like units that were read, in their order; none where the network reads whole clips only.
    pub units: Vec<ShownUnit>,
    /// The clip's vector, of length 1.
    pub vector: Vec<f32>,
    /// The pictures that can be found, best first, and whether the foremost can be trusted.
    pub ranking: (Vec<Match>, bool),
    /// What each moment adds to the score of the best picture.
    pub score_by_moment: Vec<f32>,
    /// The best pictures of the ranking in its order, and the clip behind them.
    pub map: Plane,
}

/// A unit with what it stands for.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ShownUnit {
    /// The piece of a word that it was learned from; `▁` stands before what begins one.
    pub spelling: String,
    /// When it begins and ends, in seconds of speech.
    pub start: f64,
    /// See `start`.
    pub end: f64,
    /// Length of its meaning, by which it weighs: words that mean no thing have a short one.
    pub weight: f32,
    /// Names of the pictures that are nearest to its meaning.
    pub pictures: Vec<String>,
}

/// One filter of the first convolution over a clip.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Filter {
    /// Which of the filters it is, from 0.
    pub number: usize,
    /// Frames that it looks at at a time.
    pub width: usize,
    /// What it looks for: `width` frames, one after the other, low bands first.
    pub weights: Vec<f32>,
    /// How strongly it answers at each frame (behind its GELU).
    pub answers: Vec<f32>,
}

impl Stages {
    /// Follows a clip at 16 kHz through the network to the ranking of `index`.
    ///
    /// # Errors
    /// [`EngineError::Sound`] as [`trimmed_from`] gives it; [`EngineError::DeviceLost`].
    pub async fn of(speech: &SpeechNetwork, index: &Index, clip: &[f32]) -> Result<Self, EngineError> {
        let (start, samples) = trimmed_from(clip)?;
        let frames = LogMel::new(Recipe::whisper()).frames(&samples);
        let filters = filters(speech, &frames).await?;
        let encoded = speech.frames(&samples);
        let moments = encoded.dims()[1];
        let tower = speech.tower();
        let attention = read(tower.attention(encoded.clone())).await?;
        let shares = read_rows(tower.shares(encoded.clone())).await?;
        let vector = read(speech.pool(encoded.clone())).await?;
        let units = speech.units_of(encoded).await?.into_iter().map(|unit| shown(unit, index)).collect();
        let ranking = index.rank_first(&vector, index.ids().len());
        let best = ranking.0.first().and_then(|best| index.vector(&best.id)).unwrap_or(&[]);
        let mapped = ranking.0.iter().take(MAPPED).filter_map(|found| index.vector(&found.id));
        let mapped: Vec<Vec<f32>> = mapped.chain([vector.as_slice()]).map(<[f32]>::to_vec).collect();
        Ok(Self {
            start: usize::try_from(start).unwrap_or(0),
            samples: samples.len(),
            filters,
            filters_in_all: WIDTH,
            attention: attention.chunks_exact(moments).map(<[f32]>::to_vec).collect(),
            moments_per_second: MOMENTS_PER_SECOND,
            units,
            score_by_moment: shares.iter().map(|share| product(share, best)).collect(),
            map: plane(&mapped),
            frames,
            vector,
            ranking,
        })
    }
}

/// A unit with the pictures that are nearest to what it means.
fn shown(unit: HeardUnit, index: &Index) -> ShownUnit {
    let (nearest, _) = index.rank_first(&unit.meaning, NEAREST);
    ShownUnit {
        spelling: unit.spelling,
        start: unit.start,
        end: unit.end,
        weight: product(&unit.meaning, &unit.meaning).sqrt(),
        pictures: nearest.into_iter().map(|found| found.id).collect(),
    }
}

/// The filters whose answers to these frames vary most: what stays the same all the time explains nothing.
async fn filters(speech: &SpeechNetwork, frames: &Frames) -> Result<Vec<Filter>, EngineError> {
    let encoder = &speech.tower().encoder;
    let answers = encoder.first_answers(mel_tensor(frames, speech.device()));
    let [_, count, length] = answers.dims();
    let answers = read(answers.reshape([count, length])).await?;
    let weights = encoder.first_filters();
    let [_, bands, width] = weights.dims();
    // Frame by frame, as frames are kept everywhere.
    let weights = read(weights.swap_dims(1, 2).reshape([count, width * bands])).await?;
    let mut strongest: Vec<(f32, usize)> = answers.chunks_exact(length).map(variance).zip(0..).collect();
    strongest.sort_by(|a, b| b.0.total_cmp(&a.0));
    strongest.truncate(FILTERS);
    let filter = |(_, number): (f32, usize)| Filter {
        number,
        width,
        weights: weights[number * width * bands..][..width * bands].to_vec(),
        answers: answers[number * length..][..length].to_vec(),
    };
    let mut filters: Vec<Filter> = strongest.into_iter().map(filter).collect();
    filters.sort_by(|a, b| pitch(a, bands).total_cmp(&pitch(b, bands)));
    Ok(filters)
}

fn variance(values: &[f32]) -> f32 {
    let count = values.len().max(1) as f32;
    let mean = values.iter().sum::<f32>() / count;
    values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count
}

/// The band in the middle of what a filter looks for.
fn pitch(filter: &Filter, bands: usize) -> f32 {
    let weight = |at: usize| filter.weights[at].abs();
    let all: f32 = (0..filter.weights.len()).map(weight).sum();
    (0..filter.weights.len()).map(|at| weight(at) * (at % bands) as f32).sum::<f32>()
        / all.max(f32::MIN_POSITIVE)
}
