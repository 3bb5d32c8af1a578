//! The graphics processor, tried beside the processor: only in the program with WebGPU.

use std::rc::Rc;

use burn::tensor::Device;
use burn_wgpu::{WgpuSetup, wgpu::DeviceType};
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::device::{Chosen, TYPICAL, now, pace, tone};
use crate::engine::choice::{Kind, PATIENCE, Trial, Why, faster};
use crate::engine::{EngineError, SpeechNetwork};

/// Largest difference from one that the cosine of the two devices' vectors may have.
const TOLERANCE: f32 = 1e-3;
/// Samples of the clip that a device which was asked for proves itself with: half a second.
const SHORT: usize = 8_000;

// A page's thread and a worker both have it, under no type that they share.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: f64) -> JsValue;
}

/// The graphics processor with the network that `load` loads there: where it was `asked` for, if it is right; else if it is
/// faster too, than `rival` milliseconds or else than the processor in this program. In all other cases the processor, `on_cpu`.
///
/// The student's weights are as good to measure with as the whole network's: both devices then have about a third of the
/// work, in about a third of as many pieces.
///
/// # Errors
/// [`EngineError::NoGpu`] when it was asked for and there is none; [`EngineError::Weights`].
pub(super) async fn tried(
    asked: bool,
    on_cpu: Rc<SpeechNetwork>,
    rival: Option<f64>,
    load: impl Fn(&Device) -> Result<Rc<SpeechNetwork>, EngineError>,
) -> Result<(Chosen, Rc<SpeechNetwork>), EngineError> {
    let Ok((device, setup)) = Device::wgpu_options().init_with_setup_async().await else {
        return if asked { Err(EngineError::NoGpu) } else { Ok((Chosen::cpu(Why::Only, None), on_cpu)) };
    };
    let software = is_software(&setup);
    if software && !asked {
        // Not even measured: that takes seconds, and it was 20 to 60 times slower wherever it was.
        return Ok((Chosen::cpu(Why::Software, None), on_cpu));
    }
    let on_gpu = load(&device)?;
    let (kind, why, measured) = if asked {
        // Who asks for it gets it however slow it is, but not a wrong one.
        let agrees = heard_alike(&on_cpu, &on_gpu, &tone(SHORT)).await;
        if agrees { (Kind::Gpu, Why::Asked, None) } else { (Kind::Cpu, Why::Differs, None) }
    } else {
        let (took, trial) = try_both(&on_cpu, &on_gpu, PATIENCE).await?;
        faster(rival.unwrap_or(took), trial)
    };
    if kind == Kind::Cpu {
        return Ok((Chosen::cpu(why, measured), on_cpu));
    }
    let name = if software { "WebGPU (software)".into() } else { adapter_name(&setup) };
    Ok((Chosen { device, kind, name, why, measured }, on_gpu))
}

/// Milliseconds that the processor takes for a clip of typical length, and what became of the graphics processor within
/// `patience` milliseconds. Both hear the clip twice: the first time shaders are compiled and the vectors compared.
///
/// # Errors
/// [`EngineError::DeviceLost`] when the processor gives no numbers.
pub async fn try_both(
    on_cpu: &Rc<SpeechNetwork>,
    on_gpu: &Rc<SpeechNetwork>,
    patience: f64,
) -> Result<(f64, Trial), EngineError> {
    let trial = gpu_trial(Rc::clone(on_cpu), Rc::clone(on_gpu), patience).await;
    Ok((pace(on_cpu).await?, trial))
}

/// What becomes of the graphics processor. One that is too late goes on by itself, and nobody listens.
async fn gpu_trial(on_cpu: Rc<SpeechNetwork>, on_gpu: Rc<SpeechNetwork>, patience: f64) -> Trial {
    let start = now();
    let trial = future_to_promise(async move {
        let clip = tone(TYPICAL);
        if !heard_alike(&on_cpu, &on_gpu, &clip).await {
            return Ok(JsValue::FALSE);
        }
        Ok(pace(&on_gpu).await.map_err(|_| JsValue::NULL)?.into())
    });
    let bell = Promise::new(&mut |ring, _| {
        set_timeout(&ring, patience);
    });
    let first = JsFuture::from(Promise::race(&js_sys::Array::of2(&trial, &bell))).await;
    match first {
        // A driver that compiles without giving way holds the bell back too.
        Ok(_) if now() - start > patience => Trial::Late,
        Ok(outcome) if outcome.is_undefined() => Trial::Late,
        Ok(outcome) => outcome.as_f64().map_or(Trial::Differs, Trial::Took),
        Err(_) => Trial::Absent,
    }
}

fn is_software(setup: &WgpuSetup) -> bool {
    setup.adapter.get_info().device_type == DeviceType::Cpu
}

fn adapter_name(setup: &WgpuSetup) -> String {
    let info = setup.adapter.get_info();
    if info.name.is_empty() { "WebGPU".into() } else { format!("WebGPU ({})", info.name) }
}

/// Whether both devices give the same vector.
async fn heard_alike(on_cpu: &SpeechNetwork, on_gpu: &SpeechNetwork, clip: &[f32]) -> bool {
    let (Ok(cpu), Ok(gpu)) = (on_cpu.embed(clip).await, on_gpu.embed(clip).await) else { return false };
    cpu.iter().zip(&gpu).map(|(a, b)| a * b).sum::<f32>() > 1.0 - TOLERANCE
}
