//! Which device runs the networks: the one that was asked for, else the one that a warm-up shows to be faster.

use std::rc::Rc;

use burn::tensor::Device;
use serde::Serialize;

use crate::engine::choice::{Kind, Measured, Why};
use crate::engine::{EngineError, SpeechNetwork};

/// A device with what the visitor is told about it.
#[derive(Serialize)]
pub struct Chosen {
    /// Where the networks run.
    #[serde(skip)]
    pub device: Device,
    pub(super) kind: Kind,
    /// A few words.
    pub(super) name: String,
    pub(super) why: Why,
    /// What both took, where both were measured.
    pub(super) measured: Option<Measured>,
}

impl Chosen {
    /// The processor.
    pub(super) fn cpu(why: Why, measured: Option<Measured>) -> Self {
        Self { device: Device::flex(), kind: Kind::Cpu, name: "CPU (WebAssembly SIMD)".into(), why, measured }
    }
}

/// Chooses by preference "auto", "cpu" or "gpu" and loads `speech`, the bytes of the speech weights, there.
///
/// # Errors
/// [`EngineError::NoGpu`] when "gpu" was asked for and there is none, or this program is the one without it;
/// [`EngineError::Weights`].
pub async fn choose(preference: &str, speech: &[u8]) -> Result<(Chosen, Rc<SpeechNetwork>), EngineError> {
    let load =
        |device: &Device| SpeechNetwork::load(speech, device).map(Rc::new).map_err(EngineError::Weights);
    let on_cpu = load(&Device::flex())?;
    match preference {
        "cpu" => Ok((Chosen::cpu(Why::Asked, None), on_cpu)),
        #[cfg(feature = "gpu")]
        _ => super::gpu::tried(preference == "gpu", on_cpu, load).await,
        #[cfg(not(feature = "gpu"))]
        "gpu" => Err(EngineError::NoGpu),
        #[cfg(not(feature = "gpu"))]
        _ => Ok((Chosen::cpu(Why::Only, None), on_cpu)),
    }
}
