//! Augmented views of a clip: the same words from another throat, in another room, through another microphone.

use hearsight_kernels::{forward, inverse};
use rand::{Rng, RngExt};
use realfft::num_complex::Complex;
use serde::{Deserialize, Serialize};

use super::{Frames, SAMPLE_RATE, SoundError, resample};

/// One kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Louder or softer by up to 12 dB.
    Gain,
    /// Faster or slower by up to 15 %, at the same pitch.
    Speed,
    /// Pitch and formants up or down by up to 15 %, as another speaker's.
    Pitch,
    /// Reverberation of a small or large room.
    Room,
    /// White to brown noise, 5 to 30 dB below the speech.
    Noise,
    /// The band and the unevenness of a laptop's or a telephone's microphone.
    Band,
    /// Bands and moments left out (SpecAugment: Park et al. 2019, section 2).
    Mask,
}

impl Change {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Gain, Self::Speed, Self::Pitch, Self::Room, Self::Noise, Self::Band, Self::Mask];
}

/// How often each change is made where it is switched on.
const SHARE: f64 = 0.5;
/// Largest change of speed and of pitch.
const STRETCH: f64 = 0.15;
/// Largest change of loudness, in dB.
const LOUDNESS: f32 = 12.0;
/// Seconds in which a room's sound falls by 60 dB.
const DECAY: std::ops::Range<f32> = 0.1..0.6;
/// The direct sound above the room's, in dB.
const DIRECT: std::ops::Range<f32> = 0.0..15.0;
/// Speech above the noise, in dB.
const NOISE: std::ops::Range<f32> = 5.0..30.0;
/// Where a microphone begins and ends to hear, in Hz.
const LOW: std::ops::Range<f32> = 60.0..350.0;
const HIGH: std::ops::Range<f32> = 3_400.0..7_800.0;
/// Peaks and dips of a microphone, and how high they are at most, in dB.
const PEAKS: usize = 3;
const PEAK: f32 = 6.0;
/// Masks of each kind, and the largest share of the bands and of the frames that one of them covers.
const MASKS: usize = 2;
const MASKED: f64 = 0.12;

/// A view of a clip at 16 kHz, drawn from `rng`: each of the changes that are switched on is made half of the time.
/// The samples keep their place but for [`Change::Pitch`], which makes them fewer or more.
///
/// # Errors
/// [`SoundError::NotFinite`] for a damaged clip.
pub fn augmented_samples(
    samples: &[f32],
    changes: &[Change],
    rng: &mut impl Rng,
) -> Result<Vec<f32>, SoundError> {
    let mut drawn = |change| changes.contains(&change) && rng.random_bool(SHARE);
    let [pitch, room, noise, band, gain] =
        [Change::Pitch, Change::Room, Change::Noise, Change::Band, Change::Gain].map(&mut drawn);
    let mut samples = if pitch {
        resample(samples, SAMPLE_RATE as f64 * rng.random_range(1.0 - STRETCH..1.0 + STRETCH))?
    } else {
        samples.to_vec()
    };
    if room {
        samples = in_room(&samples, rng.random_range(DECAY), rng.random_range(DIRECT), rng);
    }
    if noise {
        add_noise(&mut samples, rng.random_range(NOISE), rng.random_range(0.0..2.0), rng);
    }
    if band {
        samples = through_microphone(&samples, rng);
    }
    if gain {
        let factor = ratio(rng.random_range(-LOUDNESS..LOUDNESS));
        samples.iter_mut().for_each(|sample| *sample *= factor);
    }
    Ok(samples)
}

/// A view of the log-mel frames of a clip: [`Change::Speed`] and [`Change::Mask`], each half of the time.
pub fn augmented_frames(frames: Frames, changes: &[Change], rng: &mut impl Rng) -> Frames {
    let mut drawn = |change| changes.contains(&change) && rng.random_bool(SHARE);
    let (speed, mask) = (drawn(Change::Speed), drawn(Change::Mask));
    let mut frames = frames;
    if speed {
        frames = stretched(&frames, rng.random_range(1.0 - STRETCH..1.0 + STRETCH));
    }
    if mask {
        leave_out(&mut frames, rng);
    }
    frames
}

/// An amplitude ratio in dB as a factor.
fn ratio(decibels: f32) -> f32 {
    10.0_f32.powf(decibels / 20.0)
}

fn level(samples: &[f32]) -> f32 {
    (samples.iter().map(|v| v * v).sum::<f32>() / samples.len().max(1) as f32).sqrt()
}

/// Changes the spectrum of a sound; `room` samples of silence stand behind it meanwhile, so that an echo of that
/// length does not come round to the beginning.
fn in_spectrum(samples: &[f32], room: usize, change: impl FnOnce(&mut [Complex<f32>], f32)) -> Vec<f32> {
    let length = (samples.len() + room).next_power_of_two();
    let (forward, back) = (forward(length), inverse(length));
    let mut padded = samples.to_vec();
    padded.resize(length, 0.0);
    let mut bins = forward.make_output_vec();
    // Neither can fail: the buffers are the plans' own, and what is changed keeps the ends real.
    let _ = forward.process(&mut padded, &mut bins);
    change(&mut bins, SAMPLE_RATE as f32 / length as f32);
    let last = bins.len() - 1;
    (bins[0].im, bins[last].im) = (0.0, 0.0);
    let _ = back.process(&mut bins, &mut padded);
    padded.truncate(samples.len());
    padded.iter_mut().for_each(|sample| *sample /= length as f32);
    padded
}

/// Convolves with the direct sound and noise that dies away (Polack's model of a room), at the old level.
fn in_room(samples: &[f32], decay: f32, direct: f32, rng: &mut impl Rng) -> Vec<f32> {
    let length = (decay * SAMPLE_RATE as f32) as usize;
    let mut echo: Vec<f32> = (0..length)
        .map(|n| rng.random_range(-1.0_f32..1.0) * ratio(-60.0 * n as f32 / length as f32))
        .collect();
    let energy = echo.iter().map(|v| v * v).sum::<f32>().sqrt();
    let scale = ratio(-direct) / energy.max(f32::MIN_POSITIVE);
    echo.iter_mut().for_each(|v| *v *= scale);
    let heard = in_spectrum(samples, length, |bins, _| {
        let mut padded = echo;
        let size = 2 * (bins.len() - 1);
        padded.resize(size, 0.0);
        padded[0] += 1.0;
        let forward = forward(size);
        let mut response = forward.make_output_vec();
        let _ = forward.process(&mut padded, &mut response);
        bins.iter_mut().zip(response).for_each(|(bin, r)| *bin *= r);
    });
    let scale = level(samples) / level(&heard).max(f32::MIN_POSITIVE);
    heard.into_iter().map(|v| v * scale).collect()
}

/// Adds noise `below` dB softer than the sound, whose power falls with the frequency to the power of `slope`.
fn add_noise(samples: &mut [f32], below: f32, slope: f32, rng: &mut impl Rng) {
    let white: Vec<f32> = samples.iter().map(|_| rng.random_range(-1.0_f32..1.0)).collect();
    let noise = in_spectrum(&white, 0, |bins, hz| {
        for (n, bin) in bins.iter_mut().enumerate() {
            *bin *= (n as f32 * hz).max(50.0).powf(-slope / 2.0);
        }
    });
    let scale = level(samples) * ratio(-below) / level(&noise).max(f32::MIN_POSITIVE);
    samples.iter_mut().zip(noise).for_each(|(sample, noise)| *sample += noise * scale);
}

/// A second-order high-pass, a fourth-order low-pass (Butterworth, without their delay) and a few peaks and dips.
fn through_microphone(samples: &[f32], rng: &mut impl Rng) -> Vec<f32> {
    let (low, high) = (rng.random_range(LOW), rng.random_range(HIGH));
    let peaks: [(f32, f32, f32); PEAKS] = std::array::from_fn(|_| {
        let octave = rng.random_range(100.0_f32.log2()..7_000.0_f32.log2());
        (octave, rng.random_range(0.3..1.2), rng.random_range(-PEAK..PEAK))
    });
    in_spectrum(samples, 0, |bins, hz| {
        for (n, bin) in bins.iter_mut().enumerate() {
            let frequency = (n as f32 * hz).max(1.0);
            let edges = (1.0 + (low / frequency).powi(4)) * (1.0 + (frequency / high).powi(8));
            let peak = |&(octave, width, height): &(f32, f32, f32)| {
                height * (-((frequency.log2() - octave) / width).powi(2)).exp()
            };
            *bin *= ratio(peaks.iter().map(peak).sum()) / edges.sqrt();
        }
    })
}

/// Frames at another speed: each between two old ones, at its place in time.
fn stretched(frames: &Frames, speed: f64) -> Frames {
    let (bands, count) = (frames.bands, frames.count());
    let wanted = ((count as f64 / speed).round() as usize).max(1);
    let mut values = Vec::with_capacity(wanted * bands);
    for n in 0..wanted {
        let place = (n as f64 * speed).min(count.saturating_sub(1) as f64);
        let (left, share) = (place as usize, place.fract() as f32);
        let right = (left + 1).min(count.saturating_sub(1));
        let (left, right) =
            (&frames.values[left * bands..][..bands], &frames.values[right * bands..][..bands]);
        values.extend(left.iter().zip(right).map(|(l, r)| l + share * (r - l)));
    }
    Frames { values, ..*frames }
}

/// Sets bands and moments to the mean of all.
fn leave_out(frames: &mut Frames, rng: &mut impl Rng) {
    let (bands, count) = (frames.bands, frames.count());
    let mean = frames.values.iter().sum::<f32>() / frames.values.len().max(1) as f32;
    let mut part = |of: usize| {
        let width = rng.random_range(0..=(of as f64 * MASKED) as usize);
        let start = rng.random_range(0..=of - width);
        start..start + width
    };
    for _ in 0..MASKS {
        let (masked, moment) = (part(bands), part(count));
        frames.values[moment.start * bands..moment.end * bands].fill(mean);
        for frame in frames.values.chunks_exact_mut(bands) {
            frame[masked.clone()].fill(mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn rng() -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(5)
    }

    fn tone(hz: f32) -> Vec<f32> {
        (0..SAMPLE_RATE).map(|n| (n as f32 * hz * std::f32::consts::TAU / SAMPLE_RATE as f32).sin()).collect()
    }

    #[test]
    fn switched_off_nothing_changes() {
        let samples = tone(300.0);
        assert_eq!(augmented_samples(&samples, &[], &mut rng()).unwrap(), samples);
        let frames = Frames { bands: 2, values: vec![1.0, 2.0, 3.0, 4.0] };
        assert_eq!(augmented_frames(frames.clone(), &[Change::Gain], &mut rng()).values, frames.values);
    }

    #[test]
    fn every_view_is_finite_and_the_seed_decides_it() {
        let samples = tone(200.0);
        let view =
            |seed| augmented_samples(&samples, &Change::ALL, &mut ChaCha8Rng::seed_from_u64(seed)).unwrap();
        for seed in 0..40 {
            assert!(view(seed).iter().all(|v| v.is_finite()), "{seed}");
            assert_eq!(view(seed), view(seed));
        }
        assert_ne!(view(1), view(2));
        assert!(augmented_samples(&[], &Change::ALL, &mut rng()).unwrap().is_empty());
    }

    #[test]
    fn noise_has_its_level_and_its_colour() {
        let mut samples = vec![0.0; SAMPLE_RATE];
        samples[0] = 100.0;
        let before = samples.clone();
        add_noise(&mut samples, 20.0, 2.0, &mut rng());
        let noise: Vec<f32> = samples.iter().zip(&before).map(|(a, b)| a - b).collect();
        assert!((level(&noise) / level(&before) - 0.1).abs() < 1e-3);
        let steps: Vec<f32> = noise.windows(2).map(|w| w[1] - w[0]).collect();
        assert!(level(&steps) < 0.5 * level(&noise), "brown noise is smooth");
    }

    #[test]
    fn a_microphone_loses_what_lies_outside_its_band() {
        let lost = |hz| level(&through_microphone(&tone(hz), &mut rng())) / level(&tone(hz));
        assert!(lost(20.0) < 0.15 && lost(7_990.0) < 0.8 && (0.4..2.2).contains(&lost(1_000.0)));
    }

    #[test]
    fn a_room_keeps_sounding() {
        let mut click = vec![0.0; 8_000];
        click[100] = 1.0;
        let heard = in_room(&click, 0.3, 0.0, &mut rng());
        assert!(heard[..99].iter().all(|v| v.abs() < 1e-4), "no echo before the sound");
        let (soon, late) = (level(&heard[200..1_200]), level(&heard[3_200..4_200]));
        assert!(soon > 10.0 * late && late > 0.0);
    }

    #[test]
    fn speed_changes_the_length_and_keeps_the_ends() {
        let ramp = Frames { bands: 1, values: (0..100_u8).map(f32::from).collect() };
        let faster = stretched(&ramp, 1.1);
        assert_eq!((faster.count(), faster.values[0]), (91, 0.0));
        assert!((faster.values[90] - 99.0).abs() < 1e-3);
    }

    #[test]
    fn masks_leave_most() {
        let mut frames = Frames { bands: 80, values: (0..80 * 200).map(|n| n as f32).collect() };
        let before = frames.clone();
        leave_out(&mut frames, &mut rng());
        let changed = frames.values.iter().zip(&before.values).filter(|(a, b)| a != b).count();
        assert!(changed > 0 && changed < 80 * 200 / 2, "{changed}");
    }
}
