//! Log-mel frames: what the networks hear.
//!
//! A frame stands for 10 ms. It is the power spectrum of the 25 ms around the frame's sample, summed into bands that
//! are narrow where the ear is sharp (mel), and its logarithm. Frame `t` is centred on sample `160 t`; beyond the
//! ends the sound is mirrored; a clip of `n` samples has `n / 160` frames (the frame centred behind the last full hop
//! is dropped). Clips under 201 samples, too short to mirror, are filled up to 201 with silence and give one frame.
//!
//! | | [`Recipe::whisper`] | [`Recipe::poster`] |
//! |---|---|---|
//! | bands | 80 | 40 |
//! | window, 400 samples | Hann, periodic | Hamming, symmetric |
//! | hop | 160 samples | 160 samples |
//! | FFT | 400, power | 400, power |
//! | mel | Slaney, 0 to 8000 Hz, area 1 | the same |
//! | logarithm | log10(max(power, 1e-10)) | ln(max(power, 1e-10)) |
//! | scale | max(value, clip's greatest - 8), then (value + 4) / 4 | none |
//!
//! Sources. Whisper: `whisper/audio.py` of github openai/whisper (`log_mel_spectrogram`; its mel table is librosa's).
//! Poster: Harwath, Torralba and Glass, NIPS 2016, section 3: 40 log mel filters, 25 ms Hamming window, 10 ms shift.
//! What they leave open follows the first author's later code, github dharwath/DAVEnet-pytorch: a symmetric Hamming
//! window, centred mirrored frames and librosa's Slaney mel. Left out are its pre-emphasis and mean subtraction, which
//! the paper does not name, and its decibels below the clip's greatest value, which a stream cannot know: the natural
//! logarithm differs from them by a factor and a constant.

use super::clean;
use super::spectrum::{BINS, HOP, Spectrum, WINDOW, periodic_hann, symmetric_hamming};
use crate::sound::SAMPLE_RATE;

/// Samples mirrored in front of a clip, so that the first frame is centred on the first sample.
const MIRRORED: usize = WINDOW / 2;

/// The smallest power that has a logarithm.
const SMALLEST_POWER: f32 = 1e-10;

/// How frames are made; see the table at the top of this file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    bands: usize,
    style: Style,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Whisper,
    Poster,
}

impl Recipe {
    /// 80 bands, as the encoder of Whisper was trained on. Values from about -1 to 1.5.
    pub fn whisper() -> Self {
        Self { bands: 80, style: Style::Whisper }
    }

    /// 40 bands, natural logarithm of the power, for the networks of 2016. Values from -23 to about 10.
    pub fn poster() -> Self {
        Self { bands: 40, style: Style::Poster }
    }

    /// Bands a frame.
    pub fn bands(&self) -> usize {
        self.bands
    }

    fn window(self) -> Vec<f32> {
        match self.style {
            Style::Whisper => periodic_hann(),
            Style::Poster => symmetric_hamming(),
        }
    }

    fn logarithm(self, power: f32) -> f32 {
        let power = power.max(SMALLEST_POWER);
        match self.style {
            Style::Whisper => power.log10(),
            Style::Poster => power.ln(),
        }
    }

    fn normalised(self, value: f32, greatest: f32) -> f32 {
        match self.style {
            Style::Whisper => (value.max(greatest - 8.0) + 4.0) / 4.0,
            Style::Poster => value,
        }
    }
}

/// Log-mel frames, row-major `[frames, bands]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Frames {
    /// Bands a frame.
    pub bands: usize,
    /// `count() * bands` values, one frame after the other, low bands first.
    pub values: Vec<f32>,
}

impl Frames {
    /// Number of frames, 100 a second.
    pub fn count(&self) -> usize {
        self.values.len().checked_div(self.bands).unwrap_or(0)
    }
}

/// Frames of whole clips, one clip after the other.
pub struct LogMel {
    stream: LogMelStream,
}

impl LogMel {
    /// Plans the recipe once, for any number of clips.
    pub fn new(recipe: Recipe) -> Self {
        Self { stream: LogMelStream::new(recipe) }
    }

    /// The frames of a clip of 16 kHz samples in -1..1: `[samples / 160, bands]`, and at least one frame unless the
    /// clip is empty.
    pub fn frames(&mut self, samples: &[f32]) -> Frames {
        self.stream.reset();
        self.stream.push(samples);
        self.stream.finish();
        self.stream.normalised()
    }
}

/// Frames of a stream, each as soon as its sound is there: 12.5 ms after its centre, the first after 201 samples.
pub struct LogMelStream {
    recipe: Recipe,
    spectrum: Spectrum,
    bands: Vec<Band>,
    /// Samples from the beginning of the next frame's window on; before the first frame, all there are.
    waiting: Vec<f32>,
    /// Samples so far.
    taken: usize,
    /// All raw frames so far, `[frames, bands]`.
    raw: Vec<f32>,
    /// The greatest of the raw values.
    greatest: f32,
    finished: bool,
}

impl LogMelStream {
    /// A stream that has heard nothing.
    pub fn new(recipe: Recipe) -> Self {
        Self {
            recipe,
            spectrum: Spectrum::new(recipe.window()),
            bands: bands(recipe.bands),
            waiting: Vec::new(),
            taken: 0,
            raw: Vec::new(),
            greatest: f32::NEG_INFINITY,
            finished: false,
        }
    }

    /// Takes 16 kHz samples in -1..1, any number, and returns the new raw frames `[new, bands]`: logarithms without
    /// the scale, which depends on the whole clip ([`normalise`](Self::normalise) gives it). After
    /// [`finish`](Self::finish) it takes nothing any more.
    pub fn push(&mut self, samples: &[f32]) -> Vec<f32> {
        let before = self.raw.len();
        if !self.finished {
            self.take(samples);
        }
        self.raw[before..].to_vec()
    }

    /// Ends the clip, and returns the raw frames that needed its end, mirrored.
    pub fn finish(&mut self) -> Vec<f32> {
        let before = self.raw.len();
        if self.taken > 0 && !self.finished {
            let short = (MIRRORED + 1).saturating_sub(self.taken);
            self.take(&vec![0.0; short]);
            if self.count() < self.taken / HOP {
                // At most one frame is open, and it lacks at most 39 samples of the 240 or more that wait.
                let lacking = WINDOW.saturating_sub(self.waiting.len());
                let mirror: Vec<f32> = self.waiting.iter().rev().skip(1).take(lacking).copied().collect();
                self.waiting.extend(mirror);
                self.complete();
            }
        }
        self.finished = true;
        self.raw[before..].to_vec()
    }

    /// Frames so far.
    pub fn count(&self) -> usize {
        self.raw.len() / self.recipe.bands
    }

    /// All frames so far, scaled as one clip: after [`finish`](Self::finish), exactly what [`LogMel::frames`] gives.
    pub fn normalised(&self) -> Frames {
        Frames { bands: self.recipe.bands, values: self.normalise(&self.raw) }
    }

    /// Scales raw frames by the loudest sound so far, to draw new ones at once.
    pub fn normalise(&self, raw: &[f32]) -> Vec<f32> {
        raw.iter().map(|value| self.recipe.normalised(*value, self.greatest)).collect()
    }

    /// Forgets the clip and begins the next.
    pub fn reset(&mut self) {
        self.waiting.clear();
        self.raw.clear();
        self.taken = 0;
        self.greatest = f32::NEG_INFINITY;
        self.finished = false;
    }

    fn take(&mut self, samples: &[f32]) {
        let mirrored = self.taken > MIRRORED;
        self.taken += samples.len();
        self.waiting.extend(samples.iter().copied().map(clean));
        if !mirrored && self.taken > MIRRORED {
            let mirror: Vec<f32> = self.waiting[1..=MIRRORED].iter().rev().copied().collect();
            self.waiting.splice(..0, mirror);
        }
        if self.taken > MIRRORED {
            self.complete();
        }
    }

    /// Makes every frame whose window is there.
    fn complete(&mut self) {
        let mut start = 0;
        while let Some(window) = self.waiting.get(start..start + WINDOW) {
            let power = self.spectrum.power(window);
            for band in &self.bands {
                let value = self.recipe.logarithm(band.sum(power));
                self.greatest = self.greatest.max(value);
                self.raw.push(value);
            }
            start += HOP;
        }
        self.waiting.drain(..start);
    }
}

/// The filter of one band: its first bin and the weights from there on.
struct Band {
    first: usize,
    weights: Vec<f32>,
}

impl Band {
    fn sum(&self, power: &[f32]) -> f32 {
        self.weights.iter().zip(power.iter().skip(self.first)).map(|(weight, power)| weight * power).sum()
    }
}

fn bands(count: usize) -> Vec<Band> {
    let band = |row: &[f32]| {
        let first = row.iter().position(|weight| *weight > 0.0).unwrap_or(0);
        let end = row.iter().rposition(|weight| *weight > 0.0).map_or(first, |last| last + 1);
        Band { first, weights: row[first..end].to_vec() }
    };
    mel_filters(count).chunks(BINS).map(band).collect()
}

/// The mel filters, row-major `[bands, 201]`: triangles between neighbouring band centres that are equally far apart
/// on Slaney's mel scale from 0 to 8000 Hz, each divided by half its width in Hz (area 1). The same as librosa's
/// `filters.mel` by default (Slaney, Auditory Toolbox, 1998).
pub fn mel_filters(bands: usize) -> Vec<f32> {
    let edges = edges(bands);
    let weight = |edge: &[f64], bin: usize| {
        let hz = bin as f64 * SAMPLE_RATE as f64 / WINDOW as f64;
        let (rising, falling) = ((hz - edge[0]) / (edge[1] - edge[0]), (edge[2] - hz) / (edge[2] - edge[1]));
        (rising.min(falling).max(0.0) * 2.0 / (edge[2] - edge[0])) as f32
    };
    edges.windows(3).flat_map(|edge| (0..BINS).map(move |bin| weight(edge, bin))).collect()
}

/// Where each band is most sensitive, in Hz.
pub fn band_centres(bands: usize) -> Vec<f32> {
    edges(bands)[1..=bands].iter().map(|&hz| hz as f32).collect()
}

/// The edges of the bands' triangles in Hz: `bands + 2`, equally far apart in mel. Each triangle's top is the next one's foot.
fn edges(bands: usize) -> Vec<f64> {
    let highest = mel(SAMPLE_RATE as f64 / 2.0);
    (0..bands + 2).map(|n| hertz(highest * n as f64 / (bands + 1) as f64)).collect()
}

/// Where Slaney's scale turns from linear to logarithmic, in Hz and mel.
const KNEE: (f64, f64) = (1_000.0, 15.0);
/// Mel a factor of e above the knee: 27 mel are a factor of 6.4.
fn mel_per_e() -> f64 {
    27.0 / 6.4_f64.ln()
}

fn mel(hz: f64) -> f64 {
    if hz < KNEE.0 { hz * KNEE.1 / KNEE.0 } else { KNEE.1 + (hz / KNEE.0).ln() * mel_per_e() }
}

fn hertz(mel: f64) -> f64 {
    if mel < KNEE.1 { mel * KNEE.0 / KNEE.1 } else { KNEE.0 * ((mel - KNEE.1) / mel_per_e()).exp() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mel_and_hertz_are_inverse() {
        for hz in [0.0, 500.0, 999.0, 1_000.0, 4_000.0, 8_000.0] {
            assert!((hertz(mel(hz)) - hz).abs() < 1e-9);
        }
    }

    #[test]
    fn a_clip_has_a_frame_every_hop() {
        let mut log_mel = LogMel::new(Recipe::whisper());
        for (samples, frames) in
            [(0, 0), (1, 1), (159, 1), (200, 1), (201, 1), (319, 1), (320, 2), (359, 2), (16_000, 100)]
        {
            assert_eq!(log_mel.frames(&vec![0.1; samples]).count(), frames, "{samples} samples");
        }
    }

    #[test]
    fn silence_is_the_floor() {
        let whisper = LogMel::new(Recipe::whisper()).frames(&[0.0; 1_600]);
        assert!(whisper.values.iter().all(|value| (value + 1.5).abs() < 1e-6));
        let poster = LogMel::new(Recipe::poster()).frames(&[0.0; 1_600]);
        assert!(poster.values.iter().all(|value| (value - 1e-10_f32.ln()).abs() < 1e-5));
    }

    #[test]
    fn a_finished_stream_takes_nothing() {
        let mut stream = LogMelStream::new(Recipe::poster());
        stream.push(&[0.1; 1_000]);
        stream.finish();
        assert_eq!(stream.count(), 6);
        assert!(stream.push(&[0.1; 1_000]).is_empty());
        assert!(stream.finish().is_empty());
        stream.reset();
        assert_eq!(stream.normalised(), Frames { bands: 40, values: Vec::new() });
    }

    #[test]
    fn broken_samples_leave_the_other_frames_alone() {
        let mut clip = vec![0.1; 3_200];
        clip[1_600] = f32::NAN;
        let frames = LogMel::new(Recipe::whisper()).frames(&clip);
        assert!(frames.values.iter().all(|value| value.is_finite()));
    }
}
