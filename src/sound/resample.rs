//! Any sample rate to 16 kHz, in blocks of any size.
//!
//! rubato's FFT resampler (Blackman-Harris² low-pass: flat to 7.4 kHz, below -140 dB from 8 kHz on) works on blocks of
//! 20 ms. It is linear in phase; its delay of half a block is cut off at the beginning and flushed at the end, so that
//! sound keeps its place.

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, Resampler as _};

use super::{SAMPLE_RATE, SoundError, check_finite, clean};

/// Sample rates that are understood, in Hz: from the telephone to the studio.
const RATES: std::ops::RangeInclusive<f64> = 8_000.0..=192_000.0;

/// Output samples a block, at least: 20 ms, a filter long enough for a steep edge and short enough to be live.
const BLOCK: usize = 320;

/// Largest denominator of the ratio of rates. Every common rate fits exactly (44.1 kHz is 441/160, 11.025 kHz is
/// 441/640). Any other is met within 0.03 %: nobody hears that, and over 20 s it is less than the delay, so that the
/// length can still be made exact.
const LARGEST_DENOMINATOR: usize = 2_000;

/// Resamples a stream to 16 kHz.
///
/// The blocks may have any length, and how the sound is cut into blocks does not change the result. All blocks
/// together, with [`finish`](Self::finish), give exactly `round(samples * 16000 / from_hz)` samples.
pub struct Resampler {
    from_hz: f64,
    /// None where the rate is 16 kHz already.
    converter: Option<Converter>,
    taken: usize,
    given: usize,
}

impl Resampler {
    /// A resampler from `from_hz` (8000 to 192000 Hz) to 16 kHz.
    ///
    /// # Errors
    /// [`SoundError::BadSampleRate`] for any other rate.
    pub fn new(from_hz: f64) -> Result<Self, SoundError> {
        check_rate(from_hz)?;
        let converter = if from_hz == SAMPLE_RATE as f64 { None } else { Some(Converter::new(from_hz)?) };
        Ok(Self { from_hz, converter, taken: 0, given: 0 })
    }

    /// Takes a block of samples in -1..1 and returns the 16 kHz samples that are ready, perhaps none. Sound comes out
    /// at most 30 ms after it went in at 8, 44.1, 48, 96 and 192 kHz, 120 ms at 11.025, and 0.4 s at odd rates.
    pub fn push(&mut self, block: &[f32]) -> Vec<f32> {
        self.taken += block.len();
        let cleaned = block.iter().copied().map(clean);
        let ready = match &mut self.converter {
            None => cleaned.collect(),
            Some(converter) => converter.push(cleaned),
        };
        self.given += ready.len();
        ready
    }

    /// Returns the samples still inside and makes the resampler as new.
    pub fn finish(&mut self) -> Vec<f32> {
        let total = (self.taken as f64 * SAMPLE_RATE as f64 / self.from_hz).round() as usize;
        let missing = total.saturating_sub(self.given);
        (self.taken, self.given) = (0, 0);
        let Some(converter) = &mut self.converter else {
            return Vec::new();
        };
        let mut rest = Vec::with_capacity(missing);
        while rest.len() < missing {
            rest.extend(converter.push(std::iter::repeat_n(0.0, converter.block_in.len())));
        }
        rest.truncate(missing);
        converter.reset();
        rest
    }
}

/// Resamples a whole clip: what [`Resampler`] gives for it in blocks, in one piece.
///
/// # Errors
/// [`SoundError::BadSampleRate`] outside 8000 to 192000 Hz, [`SoundError::NotFinite`] for a damaged clip.
pub fn resample(samples: &[f32], from_hz: f64) -> Result<Vec<f32>, SoundError> {
    let mut resampler = Resampler::new(from_hz)?;
    check_finite(samples)?;
    let mut out = resampler.push(samples);
    out.extend(resampler.finish());
    Ok(out)
}

pub(super) fn check_rate(hz: f64) -> Result<(), SoundError> {
    if RATES.contains(&hz) { Ok(()) } else { Err(SoundError::BadSampleRate { hz }) }
}

/// rubato with a waiting room: it takes whole blocks only.
struct Converter {
    fft: Fft<f32>,
    block_in: Vec<f32>,
    /// Samples waiting in `block_in`.
    waiting: usize,
    block_out: Vec<f32>,
    /// Output samples still to drop: the filter's delay.
    skip: usize,
}

impl Converter {
    fn new(from_hz: f64) -> Result<Self, SoundError> {
        let (input, output) = ratio(from_hz / SAMPLE_RATE as f64);
        // Even sizes on both sides, or the delay of half a block would not be a whole number of samples.
        let mut blocks = BLOCK.div_ceil(output);
        blocks += blocks % 2;
        let fft = hearsight_kernels::resampler(input, output, blocks * input)
            .ok_or(SoundError::BadSampleRate { hz: from_hz })?;
        Ok(Self {
            block_in: vec![0.0; fft.input_frames_next()],
            waiting: 0,
            block_out: vec![0.0; fft.output_frames_next()],
            skip: fft.output_delay(),
            fft,
        })
    }

    fn push(&mut self, samples: impl Iterator<Item = f32>) -> Vec<f32> {
        let mut ready = Vec::new();
        for sample in samples {
            self.block_in[self.waiting] = sample;
            self.waiting += 1;
            if self.waiting == self.block_in.len() {
                self.waiting = 0;
                self.convert();
                let skipped = self.skip.min(self.block_out.len());
                self.skip -= skipped;
                ready.extend_from_slice(&self.block_out[skipped..]);
            }
        }
        ready
    }

    fn convert(&mut self) {
        let frames = (self.block_in.len(), self.block_out.len());
        let input = SequentialSlice::new(&self.block_in, 1, frames.0);
        let output = SequentialSlice::new_mut(&mut self.block_out, 1, frames.1);
        // Neither can fail: the sizes are the ones that rubato asked for. If it did, the block would repeat.
        if let (Ok(input), Ok(mut output)) = (input, output) {
            let _ = self.fft.process_into_buffer(&input, &mut output, None);
        }
    }

    fn reset(&mut self) {
        self.fft.reset();
        self.waiting = 0;
        self.skip = self.fft.output_delay();
    }
}

/// The nearest fraction to `value`, and of equally near ones the shortest.
fn ratio(value: f64) -> (usize, usize) {
    let mut best = (1, 1);
    let mut least = f64::INFINITY;
    for denominator in 1..=LARGEST_DENOMINATOR {
        let numerator = (value * denominator as f64).round();
        let error = (numerator / denominator as f64 - value).abs();
        if error < least - 1e-12 {
            (best, least) = ((numerator as usize, denominator), error);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_rates_are_exact() {
        for (hz, fraction) in [
            (8_000.0, (1, 2)),
            (11_025.0, (441, 640)),
            (22_050.0, (441, 320)),
            (32_000.0, (2, 1)),
            (44_100.0, (441, 160)),
            (48_000.0, (3, 1)),
            (96_000.0, (6, 1)),
            (192_000.0, (12, 1)),
        ] {
            assert_eq!(ratio(hz / 16e3), fraction, "{hz} Hz");
        }
    }

    #[test]
    fn any_rate_is_near() {
        for step in 0..2_000 {
            let hz = 8_000.0 + f64::from(step) * 91.337;
            let (numerator, denominator) = ratio(hz / 16e3);
            let error = numerator as f64 / denominator as f64 / (hz / 16e3) - 1.0;
            assert!(error.abs() < 3e-4, "{hz} Hz: {error}");
        }
    }

    #[test]
    fn an_impulse_stays_in_place() {
        for hz in [8_000.0, 11_025.0, 22_050.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0] {
            // One second into a clip, where both rates have a sample.
            let mut clip = vec![0.0; 2 * hz as usize];
            clip[hz as usize] = 1.0;
            let out = resample(&clip, hz).unwrap();
            assert_eq!(out.len(), 32_000, "{hz} Hz");
            let peak = (0..out.len()).max_by(|a, b| out[*a].total_cmp(&out[*b])).unwrap();
            assert_eq!(peak, 16_000, "{hz} Hz");
            assert!((out[15_999] - out[16_001]).abs() < 1e-5, "{hz} Hz: not symmetric");
        }
    }

    #[test]
    fn the_length_is_the_rounded_length() {
        for hz in [8_000.0, 11_025.0, 16_000.0, 44_099.0, 44_100.5, 48_000.0, 191_999.9] {
            for length in [0, 1, 2, 3, 100, 319, 960, 961, 5_000] {
                let expected = (length as f64 * 16e3 / hz).round() as usize;
                assert_eq!(resample(&vec![0.1; length], hz).unwrap().len(), expected, "{length} at {hz} Hz");
            }
        }
        // Rates whose nearest fraction is far: the stream runs ahead of itself by less than its delay.
        for hz in [8_001.9, 16_001.9, 16_003.0, 31_998.1] {
            assert_eq!(
                resample(&vec![0.1; (20.0 * hz) as usize], hz).unwrap().len(),
                320_000,
                "20 s at {hz} Hz"
            );
        }
    }

    #[test]
    fn sixteen_kilohertz_pass_untouched_and_other_things_are_refused() {
        assert_eq!(resample(&[0.1, -0.2], 16e3).unwrap(), [0.1, -0.2]);
        for hz in [0.0, -16e3, 7_999.0, 192_001.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(resample(&[0.0], hz), Err(SoundError::BadSampleRate { .. })));
        }
        assert_eq!(resample(&[f32::INFINITY], 48e3), Err(SoundError::NotFinite));
    }

    #[test]
    fn it_is_as_new_after_finishing() {
        let clip: Vec<f32> = (0..4_000).map(|n| (n as f32 * 0.05).sin()).collect();
        let mut resampler = Resampler::new(44_100.0).unwrap();
        let mut once = || [resampler.push(&clip), resampler.finish()].concat();
        assert_eq!(once(), once());
    }
}
