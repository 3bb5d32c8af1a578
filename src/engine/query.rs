//! A query while it is being spoken: blocks in, frames to draw and rankings of what was heard so far out.

use std::ops::Range;

use burn::tensor::Tensor;

use super::SpeechNetwork;
use super::speech::{heard_range, part};
use crate::sound::{Activity, LONGEST_SECONDS, LogMelStream, Recipe, Resampler, SAMPLE_RATE, SoundError};

/// Speech older than this is encoded once, in pieces, and not again while the visitor goes on speaking.
const PIECE: isize = 3 * SAMPLE_RATE.cast_signed();

/// What a block of sound brought.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// New log-mel frames, 80 bands each, to draw.
    pub frames: Vec<f32>,
    /// Level of the block in dB below full scale.
    pub level: f32,
    /// Whether somebody speaks just now.
    pub speaking: bool,
    /// Whether the query is over: silence after speech, or 20 seconds.
    pub ended: bool,
    /// Seconds heard in all.
    pub seconds: f32,
}

/// One query at the microphone.
pub struct LiveQuery {
    resampler: Resampler,
    stream: LogMelStream,
    activity: Activity,
    samples: Vec<f32>,
    pieces: Vec<Tensor<3>>,
    settled: Option<Range<isize>>,
    last: Option<(Range<isize>, Vec<f32>)>,
}

impl LiveQuery {
    /// Begins to listen to blocks of this sampling rate.
    ///
    /// # Errors
    /// [`SoundError::BadSampleRate`] for a rate that no sound card has.
    pub fn new(sample_rate: f64) -> Result<Self, SoundError> {
        Ok(Self {
            resampler: Resampler::new(sample_rate)?,
            stream: LogMelStream::new(Recipe::whisper()),
            activity: Activity::new(),
            samples: Vec::new(),
            pieces: Vec::new(),
            settled: None,
            last: None,
        })
    }

    /// Takes the next block of samples.
    pub fn hear(&mut self, block: &[f32]) -> Heard {
        let new = self.resampler.push(block);
        self.samples.extend_from_slice(&new);
        let raw = self.stream.push(&new);
        let state = self.activity.push(&new);
        let seconds = self.samples.len() as f32 / SAMPLE_RATE as f32;
        Heard {
            frames: self.stream.normalise(&raw),
            level: state.level_dbfs,
            speaking: state.speaking,
            ended: state.ended || seconds >= LONGEST_SECONDS,
            seconds,
        }
    }

    /// What was heard so far, at 16 kHz.
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// Looks at the speech so far, quickly: long speech is encoded in pieces, and old pieces only once.
    ///
    /// # Errors
    /// [`SoundError::NoSpeech`] before speech began.
    pub fn look(&mut self, network: &SpeechNetwork) -> Result<Look, SoundError> {
        let range = heard_range(&self.samples)?;
        if let Some(known) = self.known(&range) {
            return Ok(known);
        }
        let start = range.start..range.start;
        let mut settled = match self.settled.take() {
            Some(settled) if settled.start == range.start && settled.end < range.end => settled,
            _ => start,
        };
        if settled.is_empty() {
            self.pieces.clear();
        }
        // The newest speech stays open, so that a word is not cut while it is spoken.
        while range.end - settled.end > 2 * PIECE {
            let piece = settled.end..settled.end + PIECE;
            self.pieces.push(network.frames(&part(&self.samples, piece.clone())));
            settled.end = piece.end;
        }
        let open = network.frames(&part(&self.samples, settled.end..range.end));
        let frames = Tensor::cat(self.pieces.iter().cloned().chain([open]).collect(), 1);
        // Where nothing was cut, this is also the answer for the whole clip.
        let whole = settled.is_empty().then_some(range);
        self.settled = Some(settled);
        Ok(Look::Queued { vector: network.pool(frames), whole })
    }

    /// Looks at the whole query, encoded in one piece; known at once when the last look was at the same speech.
    ///
    /// # Errors
    /// [`SoundError::NoSpeech`] when nobody spoke.
    pub fn look_at_whole(&mut self, network: &SpeechNetwork) -> Result<Look, SoundError> {
        let rest = self.resampler.finish();
        self.samples.extend_from_slice(&rest);
        let range = heard_range(&self.samples)?;
        if let Some(known) = self.known(&range) {
            return Ok(known);
        }
        let vector = network.pool(network.frames(&part(&self.samples, range.clone())));
        Ok(Look::Queued { vector, whole: Some(range) })
    }

    /// Keeps the vector of a look, so that the same speech is not encoded twice.
    pub fn remember(&mut self, whole: Option<Range<isize>>, vector: &[f32]) {
        if let Some(range) = whole {
            self.last = Some((range, vector.to_vec()));
        }
    }

    fn known(&self, range: &Range<isize>) -> Option<Look> {
        let (_, vector) = self.last.as_ref().filter(|(known, _)| known == range)?;
        Some(Look::Known(vector.clone()))
    }
}

/// The vector of a query: known, or queued on the device and still to be read.
#[allow(clippy::large_enum_variant)] // There is one at a time, and it is never stored.
pub enum Look {
    /// Computed before.
    Known(Vec<f32>),
    /// `[1, 384]` on the device; `whole` is set when it stands for all of this range of samples.
    Queued {
        /// The vector.
        vector: Tensor<2>,
        /// To be given to [`LiveQuery::remember`].
        whole: Option<Range<isize>>,
    },
}
