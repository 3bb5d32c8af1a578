//! Samples to a vector of the shared space.

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};

use super::EngineError;
use crate::network::{
    DIMENSIONS, ENCODER, HEAD, READER, SPELLINGS, SpeechTower, Storage, UnitReader, Weights, WeightsError,
    WhisperEncoder, in_pairs, packed,
};
use crate::sound::{Frames, LogMel, Recipe, SAMPLE_RATE, SoundError, check_clip, speech_bounds, with_room};

/// What a file of speech weights calls itself.
const FORMAT: &str = "hearsight-speech-1";
/// Moments of a clip that the head weighs, one for each pair of frames.
pub const MOMENTS_PER_SECOND: f64 = 25.0;
/// Samples of a moment of the reader of units, 80 ms: no frame is left over at the end.
const MOMENT: isize = SAMPLE_RATE.cast_signed() * 2 / 25;
/// Samples of speech that may be a word alone: 1 s.
const SHORT: usize = SAMPLE_RATE;
/// Left around a word: 0.25 s.
const MARGIN: isize = SAMPLE_RATE.cast_signed() / 4;
/// Samples below which the encoder has no whole pair of frames.
const SHORTEST: usize = SAMPLE_RATE / 10;

/// What the speech network hears of a clip at 16 kHz: its speech with a little room at both ends. Up to a second of speech, a word, has a
/// quarter of a second there, and at the end what a whole moment wants; silence stands for what the clip does not have. Close to the
/// first sound and the last one a word is read worse, and a file is often cut to it.
///
/// # Errors
/// [`SoundError`] for an empty or broken clip, one of more than 20 seconds, and one without speech.
pub fn trimmed(samples: &[f32]) -> Result<Vec<f32>, SoundError> {
    trimmed_from(samples).map(|(_, speech)| speech)
}

/// The same, with the sample of the clip at which it begins; below 0 where silence was put before it.
///
/// # Errors
/// As [`trimmed`].
pub fn trimmed_from(samples: &[f32]) -> Result<(isize, Vec<f32>), SoundError> {
    check_clip(samples, SAMPLE_RATE as f64)?;
    let heard = heard_range(samples)?;
    Ok((heard.start, part(samples, heard)))
}

/// The samples that [`trimmed`] gives, counted from the clip's first one.
///
/// # Errors
/// As [`speech_bounds`].
pub(super) fn heard_range(samples: &[f32]) -> Result<Range<isize>, SoundError> {
    let speech = speech_bounds(samples)?;
    if speech.len() > SHORT {
        let Range { start, end } = with_room(speech, samples);
        return Ok(start.cast_signed()..end.cast_signed());
    }
    let (start, end) = (speech.start.cast_signed() - MARGIN, speech.end.cast_signed() + MARGIN);
    Ok(start..end + (start - end).rem_euclid(MOMENT))
}

/// Some samples of a clip, with silence for those that it does not have.
pub(super) fn part(samples: &[f32], range: Range<isize>) -> Vec<f32> {
    let sample = |place: isize| usize::try_from(place).ok().and_then(|place| samples.get(place));
    range.map(|place| sample(place).copied().unwrap_or(0.0)).collect()
}

/// The frozen encoder with what reads its frames.
pub struct SpeechNetwork {
    tower: SpeechTower,
    device: Device,
    spellings: Vec<String>,
}

impl SpeechNetwork {
    /// The file's parts: encoder tensors (as [`WhisperEncoder::import`] names them) and head tensors.
    ///
    /// # Errors
    /// [`WeightsError`] for a file that is broken, of another version, or does not fit.
    pub fn load(bytes: &[u8], device: &Device) -> Result<Self, WeightsError> {
        Self::of(&Self::read(bytes)?, device)
    }

    /// The network of these tensors.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] when one is missing or of another shape.
    pub fn of(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let spellings = weights.metadata.get(SPELLINGS).map_or("", String::as_str);
        Ok(Self {
            tower: SpeechTower::load(weights, device)?,
            device: device.clone(),
            spellings: spellings.lines().map(str::to_owned).collect(),
        })
    }

    /// The tensors of a file of speech weights.
    ///
    /// # Errors
    /// [`WeightsError`] for a file that is broken or of another version.
    pub fn read(bytes: &[u8]) -> Result<Weights, WeightsError> {
        let weights = Weights::read(bytes)?;
        weights.expect_format(FORMAT)?;
        Ok(weights)
    }

    /// The file of an encoder (tensors as [`WhisperEncoder::import`] names them) and a head.
    ///
    /// # Errors
    /// As [`Weights::write`].
    pub fn write(encoder: Weights, head: Weights) -> Result<Vec<u8>, WeightsError> {
        let mut weights = encoder.rename(|name| Some(format!("{ENCODER}{name}")));
        weights.merge(head.rename(|name| name.starts_with(HEAD).then(|| name.to_owned())));
        weights.metadata.insert("format".into(), FORMAT.into());
        file(&weights, stored)
    }

    /// The file of the network in `base` with another reader of units (tensors as [`UnitReader::import`] gives them).
    ///
    /// # Errors
    /// [`WeightsError`] for a base that is broken, and for a reader that does not fit.
    pub fn write_with_reader(base: &[u8], reader: Weights) -> Result<Vec<u8>, WeightsError> {
        with_reader(
            Self::read(base)?.rename(|name| (!name.starts_with(READER)).then(|| name.to_owned())),
            reader,
            stored,
        )
    }

    /// The file of the network in `base` with these tensors in the place of its own of the same names.
    ///
    /// # Errors
    /// [`WeightsError`] for a base that is broken, and for a tensor that it does not have or has in another shape.
    pub fn write_with(base: &[u8], mut learned: Weights) -> Result<Vec<u8>, WeightsError> {
        let mut network = Self::read(base)?;
        network.expect_shapes(&learned)?;
        learned.metadata.clear();
        network.merge(learned);
        file(&network, stored)
    }

    /// The file of a student, which answers before the network in `base` is here: the encoder's first block, and a reader of
    /// units of its own.
    ///
    /// # Errors
    /// As [`write_with_reader`](Self::write_with_reader).
    pub fn write_student(base: &[u8], reader: Weights) -> Result<Vec<u8>, WeightsError> {
        let encoder = Self::read(base)?.rename(|name| name.strip_prefix(ENCODER).map(str::to_owned));
        let first = WhisperEncoder::first_blocks(encoder, 1);
        with_reader(first.rename(|name| Some(format!("{ENCODER}{name}"))), reader, stored_narrow)
    }

    /// Unit vector of a clip at 16 kHz.
    ///
    /// # Errors
    /// [`EngineError::DeviceLost`] when the device no longer answers.
    pub async fn embed(&self, samples: &[f32]) -> Result<Vec<f32>, EngineError> {
        read(self.pool(self.frames(samples))).await
    }

    /// What each moment adds to the vector of a clip, [`MOMENTS_PER_SECOND`] of them: their sum is what
    /// [`embed`](Self::embed) gives.
    ///
    /// # Errors
    /// [`EngineError::DeviceLost`] when the device no longer answers.
    pub async fn shares(&self, samples: &[f32]) -> Result<Vec<Vec<f32>>, EngineError> {
        read_rows(self.tower.shares(self.frames(samples))).await
    }

    /// Log-mel frames of a clip to the encoder's frames `[1, frames, 384]`, 25 a second.
    pub fn frames(&self, samples: &[f32]) -> Tensor<3> {
        let mut padded = samples.to_vec();
        padded.resize(samples.len().max(SHORTEST), 0.0);
        encode(&self.tower.encoder, &LogMel::new(Recipe::whisper()).frames(&padded), &self.device)
    }

    /// The network itself, for those who look into it.
    pub(super) fn tower(&self) -> &SpeechTower {
        &self.tower
    }

    /// How each of its units is spelled, where the file says so.
    pub(super) fn spellings(&self) -> &[String] {
        &self.spellings
    }

    /// Where it runs.
    pub(super) fn device(&self) -> &Device {
        &self.device
    }

    /// Frames of one clip, or of its pieces one after the other, to the unit vector `[1, 384]`, queued on the device.
    pub fn pool(&self, frames: Tensor<3>) -> Tensor<2> {
        self.tower.forward(frames, None)
    }
}

/// The file of a network without a reader of units, with one.
fn with_reader(
    mut network: Weights,
    reader: Weights,
    stored: fn(&str) -> Storage,
) -> Result<Vec<u8>, WeightsError> {
    network.metadata.remove(SPELLINGS);
    network.merge(reader.rename(|name| Some(format!("{READER}{name}"))));
    file(&network, stored)
}

/// The file of a network that fits together; packed, since every visitor waits for it.
fn file(network: &Weights, stored: fn(&str) -> Storage) -> Result<Vec<u8>, WeightsError> {
    let bytes = network.write_each(stored)?;
    SpeechNetwork::load(&bytes, &Device::flex())?;
    packed(&bytes)
}

/// How a tensor of a speech network is stored: as its part is.
fn stored(name: &str) -> Storage {
    match (name.strip_prefix(ENCODER), name.strip_prefix(READER)) {
        (Some(name), _) => WhisperEncoder::storage(name),
        (_, Some(name)) => UnitReader::storage(name),
        _ => Storage::Int8,
    }
}

/// The same in a student: its matrices are all in int4, for every visitor waits for them.
fn stored_narrow(name: &str) -> Storage {
    match stored(name) {
        Storage::Int8 => Storage::Int4,
        other => other,
    }
}

/// Reads vectors back from their device.
///
/// # Errors
/// [`EngineError::DeviceLost`] when the device no longer answers, or answers with what is not a number.
pub async fn read(vector: Tensor<2>) -> Result<Vec<f32>, EngineError> {
    let data = vector.into_data_async().await.map_err(|_| EngineError::DeviceLost)?;
    let values = data.try_to_vec::<f32>().map_err(|_| EngineError::DeviceLost)?;
    if values.iter().all(|v| v.is_finite()) { Ok(values) } else { Err(EngineError::DeviceLost) }
}

/// The same, each row by itself.
///
/// # Errors
/// As [`read`].
pub(super) async fn read_rows(vectors: Tensor<2>) -> Result<Vec<Vec<f32>>, EngineError> {
    Ok(read(vectors).await?.chunks_exact(DIMENSIONS).map(<[f32]>::to_vec).collect())
}

/// `[1, 80, frames]` through the encoder, averaged in pairs: `[1, frames / 4, 384]`.
pub fn encode(encoder: &WhisperEncoder, mel: &Frames, device: &Device) -> Tensor<3> {
    in_pairs(encoder.forward(mel_tensor(mel, device)))
}

/// Log-mel frames as the encoder takes them, `[1, 80, frames]`.
pub(super) fn mel_tensor(mel: &Frames, device: &Device) -> Tensor<3> {
    let count = mel.values.len() / mel.bands;
    let mel = Tensor::from_data(TensorData::new(mel.values.clone(), [1, count, mel.bands]), device);
    mel.swap_dims(1, 2)
}
