//! What can be wrong with a recording, each with a sentence that says what to do.

use thiserror::Error;

/// Why a recording cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum SoundError {
    /// Not one sample.
    #[error("There is no sound in this recording: record again or choose another file.")]
    EmptyAudio,
    /// Longer than [`LONGEST_SECONDS`](super::LONGEST_SECONDS).
    #[error("This recording is {seconds:.1} seconds long: choose or record one of at most 20 seconds.")]
    TooLong {
        /// Length of the recording, in seconds.
        seconds: f32,
    },
    /// Silence, steady noise, a click or a cough.
    #[error("No speech was heard: speak closer to the microphone and try again.")]
    NoSpeech,
    /// Outside 8 to 192 kHz.
    #[error("This sound has {hz} samples a second: use a recording or a microphone of 8000 to 192000.")]
    BadSampleRate {
        /// The refused rate, in Hz.
        hz: f64,
    },
    /// A sample is infinite or not a number.
    #[error("This recording is damaged: record again or choose another file.")]
    NotFinite,
}
