//! Which device runs the networks: the one that was asked for, else the one that a warm-up shows to be faster.

use std::rc::Rc;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use crate::engine::choice::{Kind, Measured, Why};
use crate::engine::{EngineError, SpeechNetwork};

/// Samples of the clip that devices are measured with: 2.5 seconds, as long as most queries (the gallery's spoken captions have
/// a median of 2.4).
pub(super) const TYPICAL: usize = 40_000;

// A page's thread and a worker both have it, under no type that they share.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    pub(super) fn now() -> f64;
}

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
        #[cfg(feature = "threads")]
        let threads = rayon::current_num_threads();
        #[cfg(not(feature = "threads"))]
        let threads = 1;
        let times = if threads > 1 { format!(" × {threads}") } else { String::new() };
        let name = format!("CPU{times} (WebAssembly SIMD)");
        Self { device: Device::flex(), kind: Kind::Cpu, name, why, measured }
    }
}

/// Milliseconds that a network takes for a clip of typical length: for the first one it has much to prepare.
///
/// # Errors
/// [`EngineError::DeviceLost`] when its device gives no numbers.
pub(super) async fn pace(network: &SpeechNetwork) -> Result<f64, EngineError> {
    let clip = tone(TYPICAL);
    let start = now();
    network.embed(&clip).await?;
    Ok(now() - start)
}

/// Samples of a rising tone.
pub(super) fn tone(samples: usize) -> Vec<f32> {
    (0..samples).map(|n| (n as f32 * (0.05 + n as f32 * 4e-6)).sin() * 0.3).collect()
}

/// Chooses what is wanted and loads `speech`, the bytes of the speech weights, there. A graphics processor has to be faster than
/// `rival` milliseconds, where that is told, or than this program on the processor.
///
/// # Errors
/// [`EngineError::NoGpu`] when a graphics processor was asked for and there is none, or this program is the one without it;
/// [`EngineError::Weights`].
pub async fn choose(
    wanted: Wanted,
    speech: &[u8],
    #[cfg_attr(not(feature = "gpu"), expect(unused_variables))] rival: Option<f64>,
) -> Result<(Chosen, Rc<SpeechNetwork>), EngineError> {
    let load =
        |device: &Device| SpeechNetwork::load(speech, device).map(Rc::new).map_err(EngineError::Weights);
    let on_cpu = load(&Device::flex())?;
    match wanted {
        Wanted::Cpu => Ok((Chosen::cpu(Why::Asked, None), on_cpu)),
        #[cfg(feature = "gpu")]
        _ => super::gpu::tried(wanted == Wanted::Gpu, on_cpu, rival, load).await,
        #[cfg(not(feature = "gpu"))]
        Wanted::Gpu => Err(EngineError::NoGpu),
        #[cfg(not(feature = "gpu"))]
        _ => Ok((Chosen::cpu(Why::Only, None), on_cpu)),
    }
}
