//! The poster's systems as the page compares them: an audio network with the gallery's pictures in its space, in one
//! file, and a look into the temporal branch.

use std::collections::BTreeSet;

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::EngineError;
use super::speech::read;
use crate::network::{Lengths, Storage, Weights, WeightsError};
use crate::poster::{AudioNetwork, POSTER_BANDS, PosterConfig, PosterNetwork, Shape, TemporalLayer};
use crate::poster::{PosterRecipe, prepare};
use crate::search::{Index, Match};
use crate::sound::{LogMel, Recipe, SAMPLE_RATE, SoundError, check_clip, speech_range};

/// What a file of one of the systems calls itself.
const FORMAT: &str = "hearsight-system-1";
/// Of the audio network's tensors in the file.
const AUDIO: &str = "audio.";
/// How those are kept.
const AUDIO_STORAGE: Storage = Storage::Int8;
/// The pictures' vectors in the file, `[pictures, width]`; the metadata `ids` has a line for each.
const PICTURES: &str = "pictures";

/// How a system was trained and what was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(hashmap_as_object))]
pub struct SystemFacts {
    /// "p0", "p1" or "p2".
    #[cfg_attr(target_arch = "wasm32", tsify(type = "SystemName"))]
    pub name: String,
    /// Network and loss in words.
    pub what: String,
    /// Numbers of the audio network.
    pub parameters: usize,
    /// Of the audio network for 1024 frames.
    pub mega_flop: f64,
    /// The frozen network that the pictures' features come from.
    pub picture_network: String,
    /// The training.
    #[cfg_attr(
        target_arch = "wasm32",
        tsify(
            type = "{ clips: number; pictures: number; steps: number; batch: number; optimizer: string; learning_rate: number; objective: string; seed: number }"
        )
    )]
    pub trained: Trained,
    /// Speech to picture, by the network as it stands in the file.
    pub measured: Measured,
}

/// What a system was trained on, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// Clips of synthetic speech.
    pub clips: usize,
    /// Pictures that they are about.
    pub pictures: usize,
    /// The network and its training.
    #[serde(flatten)]
    pub recipe: PosterRecipe,
}

/// Recall of speech to picture on pictures and voices that the system was not trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Measured {
    /// Pictures in the pool.
    pub pictures: usize,
    /// Clips in the pool.
    pub clips: usize,
    /// Share of the clips whose picture is first.
    pub r1: f64,
    /// Among the first five.
    pub r5: f64,
    /// Among the first ten.
    pub r10: f64,
    /// 95 % bootstrap interval of `r10`.
    pub r10_interval: [f64; 2],
    /// Of the right picture, from 1.
    pub median_rank: f64,
}

/// How the temporal branch hears a clip.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct TemporalTrace {
    /// Frames of the clip's speech, 100 a second; 1024 at most.
    pub frames: usize,
    /// In the order in which the clip passes them.
    pub layers: Vec<TracedLayer>,
}

/// One layer of the branch over a clip.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct TracedLayer {
    /// "banks", "local", "pool", "stack-1" or "stack-2".
    pub name: &'static str,
    /// Width of its filters.
    pub kernel: usize,
    /// Steps between two taps of its filters.
    pub dilation: usize,
    /// Frames from one of its steps to the next.
    pub step: usize,
    /// How many of the clip's last frames its output at the last step depends on.
    pub field: usize,
    /// Mean size of what its maps answer at each step.
    pub activation: Vec<f32>,
}

/// One of the poster's systems with the gallery's pictures in its space.
pub struct PosterSystem {
    facts: SystemFacts,
    audio: AudioNetwork,
    pictures: Index,
    device: Device,
}

impl PosterSystem {
    /// Reads a file of [`PosterSystem::write`].
    ///
    /// # Errors
    /// [`WeightsError`] for a file that is broken, of another version or kind, or does not fit itself.
    pub fn read(bytes: &[u8], device: &Device) -> Result<Self, WeightsError> {
        let weights = Weights::read(bytes)?;
        weights.expect_format(FORMAT)?;
        let text = |key: &str| weights.metadata.get(key).map_or("", String::as_str);
        let facts: SystemFacts = serde_json::from_str(text("facts"))
            .map_err(|error| WeightsError::Unreadable(format!("what it says of itself: {error}")))?;
        let config = facts.trained.recipe.network;
        // Only sizes that are known: a file shall not choose how much memory is asked for.
        if !Shape::ALL.into_iter().any(|shape| is_of(config, shape)) {
            return Err(WeightsError::Mismatch("its network is none of the poster's".into()));
        }
        let audio = weights.load(config.init(1, device).audio, AUDIO)?;
        let ids: Vec<String> = text("ids").lines().map(str::to_owned).collect();
        let (shape, vectors) = weights.get(PICTURES)?;
        let different: BTreeSet<&String> = ids.iter().collect();
        if *shape != [ids.len(), config.width] || different.len() != ids.len() {
            return Err(WeightsError::Mismatch(format!("{} ids for pictures of shape {shape:?}", ids.len())));
        }
        let rows = vectors.chunks_exact(config.width).map(<[f32]>::to_vec);
        let pictures = Index::of(config.width, ids.into_iter().zip(rows));
        Ok(Self { facts, audio, pictures, device: device.clone() })
    }

    /// The file of a network and its vectors of some pictures: filters and matrices in int8, the rest in f16. CPU only.
    ///
    /// # Errors
    /// [`WeightsError`] when a parameter cannot be read.
    pub fn write(
        facts: &SystemFacts,
        network: &PosterNetwork,
        pictures: &Index,
    ) -> Result<Vec<u8>, WeightsError> {
        let mut weights = Weights::collect(&network.audio, AUDIO)?;
        let facts =
            serde_json::to_string(facts).map_err(|error| WeightsError::Unreadable(error.to_string()))?;
        weights.metadata.insert("format".into(), FORMAT.into());
        weights.metadata.insert("facts".into(), facts);
        weights.metadata.insert("ids".into(), pictures.ids().join("\n"));
        let vectors: Vec<f32> = pictures.vectors().flatten().copied().collect();
        let width = vectors.len() / pictures.ids().len().max(1);
        weights.insert(PICTURES, &[pictures.ids().len(), width], vectors);
        weights.write_each(|name| if name == PICTURES { Storage::F16 } else { AUDIO_STORAGE })
    }

    /// A network with its audio side as [`PosterSystem::write`] rounds it. CPU only.
    ///
    /// # Errors
    /// [`WeightsError`] when a parameter cannot be read.
    pub fn rounded(network: &PosterNetwork) -> Result<PosterNetwork, WeightsError> {
        let stored = Weights::collect(&network.audio, "")?.write(AUDIO_STORAGE)?;
        let mut rounded = network.clone();
        rounded.audio = Weights::read(&stored)?.load(rounded.audio, "")?;
        Ok(rounded)
    }

    /// How it was trained and what was measured.
    pub fn facts(&self) -> &SystemFacts {
        &self.facts
    }

    /// The audio network, as it was rounded for the file.
    pub fn audio(&self) -> &AudioNetwork {
        &self.audio
    }

    /// The pictures in its space; their vectors are of any length.
    pub fn pictures(&self) -> &Index {
        &self.pictures
    }

    /// Unit vector of a clip at 16 kHz; what is not speech at its ends is left out, and what comes after 10.24 seconds.
    ///
    /// # Errors
    /// [`EngineError::Sound`] as [`speech_part`] gives it; [`EngineError::DeviceLost`].
    pub async fn embed(&self, samples: &[f32]) -> Result<Vec<f32>, EngineError> {
        let (mel, lengths) = self.heard(samples)?;
        read(self.audio.forward(mel, &lengths)).await
    }

    /// All pictures for a clip at 16 kHz, best first. Scores are inner products of any size: the poster's picture
    /// vectors are not brought to length one.
    ///
    /// # Errors
    /// As [`embed`](Self::embed).
    pub async fn rank(&self, samples: &[f32]) -> Result<Vec<Match>, EngineError> {
        Ok(self.pictures.rank(&self.embed(samples).await?))
    }

    /// What the temporal branch makes of a clip at 16 kHz, layer by layer.
    ///
    /// # Errors
    /// As [`embed`](Self::embed); [`EngineError::NoTemporalBranch`] for a system without one.
    pub async fn temporal(&self, samples: &[f32]) -> Result<TemporalTrace, EngineError> {
        let (mel, lengths) = self.heard(samples)?;
        let frames = mel.dims()[2];
        let layers = self.audio.temporal_layers(mel, &lengths).ok_or(EngineError::NoTemporalBranch)?;
        let sizes = layers.into_iter().map(|x| x.abs().mean_dim(1).squeeze_dim::<2>(1)).collect();
        // One answer of the device for all of them.
        let sizes = read(Tensor::cat(sizes, 1)).await?;
        let mut rest = sizes.as_slice();
        let traced = |layer: TemporalLayer| {
            let (activation, behind) = rest.split_at(frames.div_ceil(layer.step));
            rest = behind;
            let TemporalLayer { name, kernel, dilation, step, .. } = layer;
            TracedLayer {
                name,
                kernel,
                dilation,
                step,
                field: layer.field(frames),
                activation: activation.into(),
            }
        };
        Ok(TemporalTrace { frames, layers: TemporalLayer::all().into_iter().map(traced).collect() })
    }

    /// Log-mel `[1, 40, frames]` of a clip's speech.
    fn heard(&self, samples: &[f32]) -> Result<(Tensor<3>, Lengths), EngineError> {
        let values = prepare(&LogMel::new(Recipe::poster()).frames(speech_part(samples)?));
        let frames = values.len() / POSTER_BANDS;
        let mel = Tensor::from_data(TensorData::new(values, [1, frames, POSTER_BANDS]), &self.device);
        Ok((mel.swap_dims(1, 2), Lengths::new(vec![frames])))
    }
}

fn is_of(config: PosterConfig, shape: Shape) -> bool {
    config == PosterConfig::baseline(shape) || config == PosterConfig::with_temporal_branch(shape)
}

/// The part of a clip at 16 kHz that the poster's systems hear: its speech, with the 0.15 s around it with which they were trained.
///
/// # Errors
/// [`SoundError`] for an empty or broken clip, one of more than 20 seconds, and one without speech.
pub fn speech_part(samples: &[f32]) -> Result<&[f32], SoundError> {
    check_clip(samples, SAMPLE_RATE as f64)?;
    Ok(&samples[speech_range(samples)?])
}
