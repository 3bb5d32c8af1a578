//! Plans of Fourier transforms.

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rubato::{Fft, FixedSync, WindowFunction};

/// The transform of `length` samples into `length / 2 + 1` frequencies.
pub fn forward(length: usize) -> Arc<dyn RealToComplex<f32>> {
    RealFftPlanner::new().plan_fft_forward(length)
}

/// The way back, `length` times as large.
pub fn inverse(length: usize) -> Arc<dyn ComplexToReal<f32>> {
    RealFftPlanner::new().plan_fft_inverse(length)
}

/// Makes `output` samples of each `input` ones, in blocks of `block` input samples; `None` for a ratio that rubato refuses.
pub fn resampler(input: usize, output: usize, block: usize) -> Option<Fft<f32>> {
    Fft::new_custom(input, output, block, 1, 1, WindowFunction::BlackmanHarris2, FixedSync::Both).ok()
}
