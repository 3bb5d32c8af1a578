//! The power spectrum of one window of sound, with everything planned and allocated beforehand.

use std::sync::Arc;

use realfft::RealToComplex;
use realfft::num_complex::Complex;

/// Samples a window: 25 ms, and the length of the FFT.
pub const WINDOW: usize = 400;
/// Samples from one window to the next: 10 ms.
pub const HOP: usize = 160;
/// Frequencies a spectrum, from 0 to 8000 Hz, 40 Hz apart.
pub(super) const BINS: usize = WINDOW / 2 + 1;

/// A window function and the plan of its FFT.
pub(super) struct Spectrum {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    windowed: Vec<f32>,
    bins: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    power: Vec<f32>,
}

impl Spectrum {
    /// Plans for a window function of [`WINDOW`] values.
    pub(super) fn new(window: Vec<f32>) -> Self {
        let fft = hearsight_kernels::forward(WINDOW);
        Self {
            windowed: fft.make_input_vec(),
            bins: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            power: vec![0.0; BINS],
            window,
            fft,
        }
    }

    /// The power of [`BINS`] frequencies of a frame of [`WINDOW`] samples. Allocates nothing.
    pub(super) fn power(&mut self, frame: &[f32]) -> &[f32] {
        for ((out, sample), weight) in self.windowed.iter_mut().zip(frame).zip(&self.window) {
            *out = sample * weight;
        }
        // It cannot fail: the buffers are the plan's own.
        let _ = self.fft.process_with_scratch(&mut self.windowed, &mut self.bins, &mut self.scratch);
        for (power, bin) in self.power.iter_mut().zip(&self.bins) {
            *power = bin.norm_sqr();
        }
        &self.power
    }
}

/// Hann, periodic: one period of the cosine is the window and its next sample.
pub(super) fn periodic_hann() -> Vec<f32> {
    cosine_window(0.5, WINDOW)
}

/// Hamming, symmetric: the first and the last sample are equal.
pub(super) fn symmetric_hamming() -> Vec<f32> {
    cosine_window(0.54, WINDOW - 1)
}

fn cosine_window(offset: f64, period: usize) -> Vec<f32> {
    let angle = |n: usize| 2.0 * std::f64::consts::PI * n as f64 / period as f64;
    (0..WINDOW).map(|n| (offset - (1.0 - offset) * angle(n).cos()) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_windows_are_the_named_ones() {
        let (hann, hamming) = (periodic_hann(), symmetric_hamming());
        assert_eq!((hann[0], hann[200]), (0.0, 1.0));
        assert_eq!(hann[1], hann[399]);
        assert_eq!(hamming[0], hamming[399]);
        assert!((hamming[0] - 0.08).abs() < 1e-6);
    }

    #[test]
    fn a_tone_stands_at_its_frequency() {
        let tone: Vec<f32> = (0..WINDOW).map(|n| (n as f32 * 0.05 * std::f32::consts::PI).sin()).collect();
        let mut spectrum = Spectrum::new(periodic_hann());
        let power = spectrum.power(&tone);
        // 400 Hz is the tenth bin; a sine of amplitude 1 under Hann has (400 / 4)² there.
        assert!((power[10] - 10_000.0).abs() < 1.0);
        assert!(power[20] < 1e-3);
    }
}
