//! Which device runs the networks: the one that was asked for, else the one that a warm-up shows to be faster.

use std::rc::Rc;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

use crate::engine::choice::{Kind, Measured, Why};
use crate::engine::{EngineError, SpeechNetwork};

/// Where the networks shall run; "auto" measures.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Tsify)]
#[serde(rename_all = "kebab-case")]
#[tsify(rename = "Device")]
pub enum Wanted {
    Auto,
    Cpu,
    Gpu,
}

/// A device with what the visitor is told about it.
#[derive(Serialize, Tsify)]
#[tsify(rename = "DeviceReport", missing_as_null)]
pub struct Chosen {
    /// Where the networks run.
    #[serde(skip)]
    pub device: Device,
    #[tsify(type = "DeviceKind")]
    pub(super) kind: Kind,
    /// A few words: "WebGPU (apple)".
    pub(super) name: String,
    #[tsify(type = "DeviceReason")]
    pub(super) why: Why,
    /// What each took for one clip of typical length, in milliseconds, where both were measured.
    #[tsify(type = "DeviceTimes | null")]
    pub(super) measured: Option<Measured>,
}

impl Chosen {
    /// The processor.
    pub(super) fn cpu(why: Why, measured: Option<Measured>) -> Self {
        Self { device: Device::flex(), kind: Kind::Cpu, name: "CPU (WebAssembly SIMD)".into(), why, measured }
    }
}

/// Chooses what is wanted and loads `speech`, the bytes of the speech weights, there.
///
/// # Errors
/// [`EngineError::NoGpu`] when a graphics processor was asked for and there is none, or this program is the one without it;
/// [`EngineError::Weights`].
pub async fn choose(wanted: Wanted, speech: &[u8]) -> Result<(Chosen, Rc<SpeechNetwork>), EngineError> {
    let load =
        |device: &Device| SpeechNetwork::load(speech, device).map(Rc::new).map_err(EngineError::Weights);
    let on_cpu = load(&Device::flex())?;
    match wanted {
        Wanted::Cpu => Ok((Chosen::cpu(Why::Asked, None), on_cpu)),
        #[cfg(feature = "gpu")]
        _ => super::gpu::tried(wanted == Wanted::Gpu, on_cpu, load).await,
        #[cfg(not(feature = "gpu"))]
        Wanted::Gpu => Err(EngineError::NoGpu),
        #[cfg(not(feature = "gpu"))]
        _ => Ok((Chosen::cpu(Why::Only, None), on_cpu)),
    }
}
