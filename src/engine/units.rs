//! The word-like units that the network reads in a clip, and when.

use burn::tensor::{Int, Tensor, TensorData};

use super::speech::{MOMENTS_PER_SECOND, read, read_rows};
use super::{EngineError, SpeechNetwork};

/// A unit that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct HeardUnit {
    /// Which of the units it is, from 0.
    pub number: usize,
    /// The piece of a word that it was learned from; `▁` stands before what begins one. Empty where the file does not say.
    pub spelling: String,
    /// When it begins and ends, in seconds of speech.
    pub start: f64,
    /// See `start`.
    pub end: f64,
    /// What it means in this clip: where it lies in the space of the pictures, the longer the more it weighs.
    pub meaning: Vec<f32>,
}

/// A run of moments whose likeliest unit is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// Which of the units it is, from 0.
    unit: usize,
    /// Its first moment.
    start: usize,
    /// The first moment behind it.
    end: usize,
}

impl SpeechNetwork {
    /// The units of a clip at 16 kHz in their order; none where the network has no reader of units.
    ///
    /// # Errors
    /// [`EngineError::DeviceLost`] when the device no longer answers.
    pub async fn units(&self, samples: &[f32]) -> Result<Vec<HeardUnit>, EngineError> {
        self.units_of(self.frames(samples)).await
    }

    /// The same of frames `[1, frames, 384]`.
    pub(super) async fn units_of(&self, frames: Tensor<3>) -> Result<Vec<HeardUnit>, EngineError> {
        let Some(reader) = &self.tower().reader else { return Ok(Vec::new()) };
        let reading = reader.read(frames, None);
        let [_, moments, classes] = reading.units.dims();
        let likely = read(reading.units.clone().reshape([moments, classes])).await?;
        let runs = runs(&likely, classes);
        if runs.is_empty() {
            return Ok(Vec::new());
        }
        let numbers: Vec<i64> = runs.iter().map(|run| run.unit as i64).collect();
        let numbers = Tensor::<1, Int>::from_data(TensorData::new(numbers, [runs.len()]), self.device());
        let meanings = read_rows(reader.meanings(numbers, &reading)).await?;
        let second = |moment: usize| (moment * reader.frames_per_moment()) as f64 / MOMENTS_PER_SECOND;
        let unit = |(run, meaning): (Run, Vec<f32>)| HeardUnit {
            number: run.unit,
            spelling: self.spellings().get(run.unit).cloned().unwrap_or_default(),
            start: second(run.start),
            end: second(run.end),
            meaning,
        };
        Ok(runs.into_iter().zip(meanings).map(unit).collect())
    }
}

/// The likeliest unit of each moment, where it is no blank; the same one in moments side by side counts once. `likely` are
/// rows of `classes` numbers, the blank first.
fn runs(likely: &[f32], classes: usize) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (moment, row) in likely.chunks_exact(classes).enumerate() {
        let best = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(best, _)| best);
        let Some(unit) = best.checked_sub(1) else { continue };
        match runs.last_mut().filter(|last| last.unit == unit && last.end == moment) {
            Some(last) => last.end += 1,
            None => runs.push(Run { unit, start: moment, end: moment + 1 }),
        }
    }
    runs
}

/// Words that pieces of words make: each begins with `▁`.
pub fn words<'a>(spellings: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let together: String = spellings.into_iter().collect();
    together.split('▁').flat_map(str::split_whitespace).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_count_once_and_a_blank_between_them_makes_two() {
        let row = |best: usize| (0..4).map(move |class| if class == best { 0.0 } else { -3.0 });
        let likely: Vec<f32> = [0, 2, 2, 0, 2, 3, 3, 0].into_iter().flat_map(row).collect();
        let run = |unit, start, end| Run { unit, start, end };
        assert_eq!(runs(&likely, 4), [run(1, 1, 3), run(1, 4, 5), run(2, 5, 7)]);
        assert!(runs(&[], 4).is_empty());
    }

    #[test]
    fn pieces_make_words() {
        assert_eq!(words(["▁a", "▁air", "plan", "e", "▁", "wing"]), ["a", "airplane", "wing"]);
        assert!(words([]).is_empty());
    }
}
