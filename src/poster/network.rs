//! The poster's systems as whole networks: P0 and P1 share the network of 2016 (their losses differ), P2 joins a
//! reduced one with the temporal branch.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::audio_cnn::{AudioCnn, AudioCnnConfig};
use super::image_projection::ImageProjection;
use super::temporal_branch::{TemporalBranch, TemporalConfig};
use crate::network::Lengths;
use crate::network::unit_length;

/// Which vectors are brought to length one before they are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnitLength {
    /// The caption's only, as in 2016.
    Audio,
    /// Both, so that a score is a cosine.
    Both,
}

/// Full size as in the papers, or small enough for a few cores: the same layers, kernels and frames with fewer maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// 1024 numbers a vector.
    Full,
    /// 256 numbers a vector.
    Lite,
    /// 128 numbers a vector.
    Small,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Full, Self::Lite, Self::Small];

    /// Numbers a vector.
    pub fn width(self) -> usize {
        match self {
            Self::Full => 1024,
            Self::Lite => 256,
            Self::Small => 128,
        }
    }
}

/// Shape of a [`PosterNetwork`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PosterConfig {
    /// The convolutions of 2016.
    pub cnn: AudioCnnConfig,
    /// The temporal branch beside them.
    pub temporal: Option<TemporalConfig>,
    /// Width of the shared space.
    pub width: usize,
    /// What is brought to length one.
    pub unit_length: UnitLength,
    /// Whether frames behind a caption's end are kept out; in 2016 they counted.
    pub mask: bool,
}

impl PosterConfig {
    /// The audio network of 2016: P0 and P1.
    pub fn baseline(shape: Shape) -> Self {
        let maps = match shape {
            Shape::Full => [64, 512, 1024],
            Shape::Lite => [32, 128, 256],
            Shape::Small => [32, 64, 128],
        };
        Self {
            cnn: AudioCnnConfig::new(maps),
            temporal: None,
            width: shape.width(),
            unit_length: UnitLength::Audio,
            mask: true,
        }
    }

    /// The TCN system: P2.
    pub fn with_temporal_branch(shape: Shape) -> Self {
        let (maps, temporal) = match shape {
            Shape::Full => ([64, 256, 512], TemporalConfig::new(64, 128, 256)),
            Shape::Lite => ([32, 64, 128], TemporalConfig::new(16, 32, 64)),
            Shape::Small => ([32, 32, 64], TemporalConfig::new(8, 16, 32)),
        };
        Self { cnn: AudioCnnConfig::new(maps), temporal: Some(temporal), ..Self::baseline(shape) }
    }

    /// A network with random weights over `features` numbers a picture.
    pub fn init(&self, features: usize, device: &Device) -> PosterNetwork {
        let temporal = self.temporal.map(|config| {
            let joined = config.width + self.cnn.maps[2];
            Temporal {
                branch: config.init(device),
                dense: LinearConfig::new(joined, self.width).init(device),
            }
        });
        PosterNetwork {
            audio: AudioNetwork { cnn: self.cnn.init(device), temporal, mask: self.mask },
            image: ImageProjection::new(features, self.width, device),
            both: self.unit_length == UnitLength::Both,
        }
    }

    /// Multiplications of the audio side for a caption of so many frames.
    pub fn multiplications(&self, frames: usize) -> usize {
        let temporal = self.temporal.map_or(0, |config| {
            config.multiplications(frames) + (config.width + self.cnn.maps[2]) * self.width
        });
        self.cnn.multiplications(frames) + temporal
    }
}

/// The audio side.
#[derive(Module, Debug)]
pub struct AudioNetwork {
    cnn: AudioCnn,
    temporal: Option<Temporal>,
    mask: bool,
}

/// What P2 has more: the branch, and the layer that joins it with the pooled convolutions.
#[derive(Module, Debug)]
struct Temporal {
    branch: TemporalBranch,
    dense: Linear,
}

impl AudioNetwork {
    /// log-mel `[batch, 40, frames]` -> unit vectors `[batch, width]`.
    pub fn forward(&self, mel: Tensor<3>, lengths: &Lengths) -> Tensor<2> {
        let lengths = self.mask.then_some(lengths);
        let pooled = self.cnn.forward(mel.clone(), lengths);
        let vector = match &self.temporal {
            Some(Temporal { branch, dense }) => {
                dense.forward(Tensor::cat(vec![branch.forward(mel, lengths), pooled], 1))
            }
            None => pooled,
        };
        unit_length(vector)
    }

    /// What each of [`TemporalLayer::all`](super::TemporalLayer::all) gives for log-mel `[batch, 40, frames]`:
    /// `[batch, maps, steps]` each; nothing where there is no temporal branch.
    pub fn temporal_layers(&self, mel: Tensor<3>, lengths: &Lengths) -> Option<Vec<Tensor<3>>> {
        let lengths = self.mask.then_some(lengths);
        self.temporal.as_ref().map(|temporal| temporal.branch.layers(mel, lengths))
    }
}

/// Both sides.
#[derive(Module, Debug)]
pub struct PosterNetwork {
    /// Speech to the shared space.
    pub audio: AudioNetwork,
    image: ImageProjection,
    both: bool,
}

impl PosterNetwork {
    /// Picture features `[batch, features]` -> `[batch, width]`.
    pub fn images(&self, features: Tensor<2>) -> Tensor<2> {
        let vectors = self.image.forward(features);
        if self.both { unit_length(vectors) } else { vectors }
    }
}
