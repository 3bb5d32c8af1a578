//! Which device answers, by what was measured of both.

use serde::Serialize;

/// Milliseconds that a graphics processor may take to prove itself, its shaders' compilation included: so long a visitor
/// waits for something better than the processor, which is ready.
pub const PATIENCE: f64 = 20_000.0;

/// Where the networks run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(rename = "DeviceKind"))]
pub enum Kind {
    /// The processor, in WebAssembly.
    Cpu,
    /// The graphics processor, through WebGPU.
    Gpu,
}

/// Why they run there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(rename = "DeviceReason"))]
pub enum Why {
    /// It was asked for.
    Asked,
    /// No graphics processor answers.
    Only,
    /// WebGPU is made by the processor here, which is 20 to 60 times slower than the processor without it.
    Software,
    /// The graphics processor computed something else.
    Differs,
    /// The graphics processor had not proved itself in time.
    Late,
    /// It took less time for the same clip.
    Faster,
}

/// What became of the graphics processor when it was tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trial {
    /// There is none, or it is lost.
    Absent,
    /// It is made by the processor.
    Software,
    /// It gave another vector than the processor.
    Differs,
    /// It did not end within [`PATIENCE`].
    Late,
    /// Milliseconds for the clip, shaders compiled.
    Took(f64),
}

/// What both took for the same clip, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(rename = "DeviceTimes"))]
pub struct Measured {
    /// The processor.
    pub cpu: f64,
    /// The graphics processor.
    pub gpu: f64,
}

/// The device to use when the processor takes `cpu` milliseconds for a clip and the graphics processor did as `gpu` says.
/// On a tie it is the processor: it has no shaders to compile for what comes later, and is never lost.
pub fn faster(cpu: f64, gpu: Trial) -> (Kind, Why, Option<Measured>) {
    match gpu {
        Trial::Absent => (Kind::Cpu, Why::Only, None),
        Trial::Software => (Kind::Cpu, Why::Software, None),
        Trial::Differs => (Kind::Cpu, Why::Differs, None),
        Trial::Late => (Kind::Cpu, Why::Late, None),
        Trial::Took(gpu) => {
            let kind = if gpu < cpu { Kind::Gpu } else { Kind::Cpu };
            (kind, Why::Faster, Some(Measured { cpu, gpu }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_faster_one_is_taken_and_a_tie_goes_to_the_processor() {
        for (cpu, gpu, kind) in [
            (80.0, 12.0, Kind::Gpu),
            (12.0, 80.0, Kind::Cpu),
            (12.0, 12.0, Kind::Cpu),
            // Clocks that are made coarse against fingerprinting can say nothing was needed.
            (0.0, 0.0, Kind::Cpu),
            (1.0, 0.0, Kind::Gpu),
            // A time that is no number proves nothing.
            (80.0, f64::NAN, Kind::Cpu),
        ] {
            let (chosen, why, measured) = faster(cpu, Trial::Took(gpu));
            assert_eq!((chosen, why), (kind, Why::Faster), "{cpu} {gpu}");
            assert_eq!(measured.unwrap().cpu, cpu);
        }
    }

    #[test]
    fn a_graphics_processor_that_fails_leaves_the_processor_however_slow() {
        for (trial, why) in [
            (Trial::Absent, Why::Only),
            (Trial::Software, Why::Software),
            (Trial::Differs, Why::Differs),
            (Trial::Late, Why::Late),
        ] {
            assert_eq!(faster(f64::INFINITY, trial), (Kind::Cpu, why, None));
        }
    }
}
