//! Which device runs the networks: hardware WebGPU, else the CPU; a software adapter only when it is asked for.

use burn::tensor::Device;
use burn_wgpu::{WgpuSetup, wgpu::DeviceType};

use crate::engine::{EngineError, SpeechNetwork, read};

/// Largest difference from one that the cosine of the two devices' vectors may have.
const TOLERANCE: f32 = 1e-3;

/// A device with what the visitor is told about it.
pub struct Chosen {
    /// Where the networks run.
    pub device: Device,
    /// "cpu" or "gpu".
    pub kind: &'static str,
    /// A few words.
    pub name: String,
    /// One sentence, or nothing.
    pub note: &'static str,
}

impl Chosen {
    fn cpu(note: &'static str) -> Self {
        Self { device: Device::flex(), kind: "cpu", name: "CPU (WebAssembly SIMD)".into(), note }
    }
}

/// Chooses by preference "auto", "cpu" or "gpu" and proves the GPU with `speech`, the bytes of the speech weights.
///
/// # Errors
/// [`EngineError::NoGpu`] when "gpu" was asked for and there is none; [`EngineError::Weights`].
pub async fn choose(preference: &str, speech: &[u8]) -> Result<(Chosen, SpeechNetwork), EngineError> {
    let on_cpu = SpeechNetwork::load(speech, &Device::flex()).map_err(EngineError::Weights)?;
    if preference == "cpu" {
        return Ok((Chosen::cpu(""), on_cpu));
    }
    let Ok((device, setup)) = Device::wgpu_options().init_with_setup_async().await else {
        return if preference == "gpu" { Err(EngineError::NoGpu) } else { Ok((Chosen::cpu(""), on_cpu)) };
    };
    let software = is_software(&setup);
    if software && preference != "gpu" {
        return Ok((Chosen::cpu("WebGPU runs in software here, so the processor is faster."), on_cpu));
    }
    let on_gpu = SpeechNetwork::load(speech, &device).map_err(EngineError::Weights)?;
    if !agree(&on_cpu, &on_gpu).await {
        let note =
            "The graphics processor computed something else than the processor, so the processor is used.";
        return Ok((Chosen::cpu(note), on_cpu));
    }
    let name = if software { "WebGPU (software)".into() } else { adapter_name(&setup) };
    Ok((Chosen { device, kind: "gpu", name, note: "" }, on_gpu))
}

fn is_software(setup: &WgpuSetup) -> bool {
    setup.adapter.get_info().device_type == DeviceType::Cpu
}

fn adapter_name(setup: &WgpuSetup) -> String {
    let info = setup.adapter.get_info();
    if info.name.is_empty() { "WebGPU".into() } else { format!("WebGPU ({})", info.name) }
}

/// Whether both devices give the same vector for half a second of a rising tone. Also compiles the GPU's shaders.
async fn agree(on_cpu: &SpeechNetwork, on_gpu: &SpeechNetwork) -> bool {
    let tone: Vec<f32> = (0..8000).map(|n| (n as f32 * (0.05 + n as f32 * 2e-5)).sin() * 0.3).collect();
    let vectors =
        (read(on_cpu.pool(on_cpu.frames(&tone))).await, read(on_gpu.pool(on_gpu.frames(&tone))).await);
    let (Ok(cpu), Ok(gpu)) = vectors else { return false };
    cpu.iter().zip(&gpu).map(|(a, b)| a * b).sum::<f32>() > 1.0 - TOLERANCE
}
