//! Samples in, frames out: everything between a microphone and a network, without either of them.
//!
//! A block of samples at the machine's rate goes through [`Resampler`] to 16 kHz, then through [`LogMelStream`] to
//! log-mel frames, while [`Activity`] watches for the beginning and the end of speech. A clip that is all there goes
//! the same way in one step: [`check_clip`], [`resample`], [`speech_bounds`], [`LogMel`]. Both ways run the same code
//! and give the same numbers, however the sound was cut into blocks.
//!
//! Samples are mono `f32` in -1..1. A sample that is not finite counts as silence and one beyond ±1000 as ±1000, so
//! that one broken sample cannot spoil what follows; a whole clip with such a sample is refused by [`check_clip`].

mod activity;
mod augment;
mod channels;
mod error;
mod log_mel;
mod resample;
mod spectrum;
mod wav;

pub use activity::{Activity, ActivityState, speech_bounds, speech_range, with_room};
pub use augment::{Change, augmented_frames, augmented_samples};
pub use channels::{into_range, mixed};
pub use error::SoundError;
pub use log_mel::{Frames, LogMel, LogMelStream, Recipe, band_centres, mel_filters};
pub use resample::{Resampler, resample};
pub use spectrum::{HOP, WINDOW};
pub use wav::{Wav, WavCodec, whole_wav};

/// Samples a second everywhere behind the resampler, in Hz.
pub const SAMPLE_RATE: usize = 16_000;

/// The longest clip that is searched for or learnt from, in seconds.
pub const LONGEST_SECONDS: f32 = 20.0;

/// Says whether a clip of `samples` at `hz` may be used at all.
///
/// # Errors
/// [`SoundError::BadSampleRate`], [`SoundError::EmptyAudio`], [`SoundError::TooLong`] beyond [`LONGEST_SECONDS`], and
/// [`SoundError::NotFinite`].
pub fn check_clip(samples: &[f32], hz: f64) -> Result<(), SoundError> {
    resample::check_rate(hz)?;
    if samples.is_empty() {
        return Err(SoundError::EmptyAudio);
    }
    let seconds = samples.len() as f64 / hz;
    if seconds > f64::from(LONGEST_SECONDS) {
        return Err(SoundError::TooLong { seconds: seconds as f32 });
    }
    check_finite(samples)
}

fn check_finite(samples: &[f32]) -> Result<(), SoundError> {
    if samples.iter().all(|sample| sample.is_finite()) { Ok(()) } else { Err(SoundError::NotFinite) }
}

/// The one rule for broken samples, see the top of this module.
fn clean(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-1000.0, 1000.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_is_refused_with_its_reason() {
        assert_eq!(check_clip(&[], 16e3), Err(SoundError::EmptyAudio));
        assert_eq!(check_clip(&[0.0; 10], 0.0), Err(SoundError::BadSampleRate { hz: 0.0 }));
        assert_eq!(check_clip(&[0.0, f32::NAN], 16e3), Err(SoundError::NotFinite));
        assert_eq!(check_clip(&[0.0; 168_000], 8e3), Err(SoundError::TooLong { seconds: 21.0 }));
        assert_eq!(check_clip(&[0.0; 160_000], 8e3), Ok(()));
    }

    #[test]
    fn broken_samples_become_harmless() {
        assert_eq!(clean(f32::NAN), 0.0);
        assert_eq!(clean(f32::INFINITY), 0.0);
        assert_eq!(clean(f32::MIN), -1000.0);
        assert_eq!(clean(0.25), 0.25);
    }
}
