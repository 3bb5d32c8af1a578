//! What can go wrong, with a code for programs and a sentence for people.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{LessonError, TaughtError};
use crate::network::WeightsError;
use crate::picture::{LONGEST_SIDE, PictureError};
use crate::poster::{DeviceLost, Vgg16Error};
use crate::sound::SoundError;

/// Characters that are kept at the two ends of a sentence that is too long: what is wrong, and what to do.
const BEGINNING: usize = 400;
const END: usize = 200;

/// Every failure of the engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The clip cannot be used.
    #[error(transparent)]
    Sound(#[from] SoundError),
    /// The picture cannot be used.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The weights cannot be used.
    #[error("{0}")]
    Weights(#[source] WeightsError),
    /// The VGG16 checkpoint cannot be used.
    #[error(transparent)]
    Vgg16(#[from] Vgg16Error),
    /// The gallery's index cannot be used.
    #[error("The gallery's index does not fit: {0}")]
    Index(#[source] WeightsError),
    /// What was taught cannot be used.
    #[error(transparent)]
    Taught(#[from] TaughtError),
    /// The lesson cannot be learned.
    #[error(transparent)]
    Lesson(#[from] LessonError),
    /// It was asked of a system what only P2 has.
    #[error("This system has no temporal branch. Choose P2.")]
    NoTemporalBranch,
    /// The gallery's spoken captions are too few for the experiment.
    #[error("The experiment needs {0} spoken captions of different pictures, and this gallery has fewer.")]
    FewPairs(usize),
    /// A block came, or an answer was asked for, and no query had begun.
    #[error("Nothing is being recorded. Press Speak first.")]
    NotRecording,
    /// Of a picture that the index does not have.
    #[error("This photograph is not in the index. Reload the page.")]
    UnknownPhotograph,
    /// A picture without a vector.
    #[error("This picture has no place in the space. Add it again.")]
    UnplacedPicture,
    /// A recording without a vector.
    #[error("This recording has no place yet. Search with it first.")]
    UnplacedRecording,
    /// WebGPU was asked for but there is none, or only a software one that nobody asked for.
    #[error("This browser offers no WebGPU here. Use ?device=cpu, or leave the choice to the page.")]
    NoGpu,
    /// The device stopped answering.
    #[error("The graphics processor stopped answering. Your query goes on with the processor.")]
    DeviceLost,
}

impl EngineError {
    /// A stable name for programs.
    pub fn code(&self) -> &'static str {
        self.parts().0
    }

    /// The numbers and names in the sentence, for who says it in another language: an object.
    pub fn details(&self) -> Value {
        self.parts().1
    }

    fn parts(&self) -> (&'static str, Value) {
        match self {
            Self::Sound(error) => sound(error),
            Self::Picture(error) => picture(error),
            Self::Weights(error) => weights(error),
            Self::Vgg16(error) => vgg16(error),
            Self::Index(error) => ("bad-index", json!({ "cause": error.to_string() })),
            Self::Taught(error) => taught(error),
            Self::Lesson(error) => lesson(error),
            Self::NotRecording => ("not-recording", json!({})),
            Self::UnknownPhotograph => ("unknown-photograph", json!({})),
            Self::UnplacedPicture => ("unplaced-picture", json!({})),
            Self::UnplacedRecording => ("unplaced-recording", json!({})),
            Self::NoGpu => ("no-gpu", json!({})),
            Self::FewPairs(pairs) => ("few-pairs", json!({ "pairs": pairs })),
            Self::DeviceLost => ("device-lost", json!({})),
            Self::NoTemporalBranch => ("no-temporal-branch", json!({})),
        }
    }
}

fn sound(error: &SoundError) -> (&'static str, Value) {
    match error {
        SoundError::EmptyAudio => ("empty-audio", json!({})),
        SoundError::TooLong { seconds } => ("too-long", json!({ "seconds": seconds })),
        SoundError::NoSpeech => ("no-speech", json!({})),
        SoundError::BadSampleRate { hz } => ("bad-sample-rate", json!({ "hz": hz })),
        SoundError::NotFinite => ("damaged-audio", json!({})),
    }
}

fn picture(error: &PictureError) -> (&'static str, Value) {
    match error {
        PictureError::Unreadable(cause) => ("bad-picture", json!({ "cause": cause })),
        PictureError::Heic => ("heic-picture", json!({})),
        PictureError::Foreign(format) => ("foreign-picture", json!({ "format": format })),
        PictureError::TooLarge { megapixels } => {
            ("large-picture", json!({ "megapixels": megapixels, "side": LONGEST_SIDE }))
        }
    }
}

fn weights(error: &WeightsError) -> (&'static str, Value) {
    match error {
        WeightsError::Unreadable(cause) => ("bad-weights", json!({ "cause": cause })),
        WeightsError::Version { found, expected } => {
            ("bad-weights-version", json!({ "found": found, "expected": expected }))
        }
        WeightsError::Mismatch(cause) => ("bad-weights-mismatch", json!({ "cause": cause })),
    }
}

fn vgg16(error: &Vgg16Error) -> (&'static str, Value) {
    match error {
        Vgg16Error::Unreadable => ("bad-vgg16", json!({})),
        Vgg16Error::Cut { found, expected } => {
            ("bad-vgg16-cut", json!({ "found": found, "expected": expected }))
        }
        Vgg16Error::Kind(kind) => ("bad-vgg16-kind", json!({ "kind": kind })),
        Vgg16Error::Shape { name, found, expected } => (
            "bad-vgg16-shape",
            json!({ "tensor": name, "found": format!("{found:?}"), "expected": format!("{expected:?}") }),
        ),
        Vgg16Error::Missing(tensor) => ("bad-vgg16-missing", json!({ "tensor": tensor })),
        Vgg16Error::Unknown(tensor) => ("bad-vgg16-unknown", json!({ "tensor": tensor })),
        Vgg16Error::Number { name, found } => ("bad-vgg16-number", json!({ "tensor": name, "found": found })),
        Vgg16Error::NotFinite(tensor) => ("bad-vgg16-not-finite", json!({ "tensor": tensor })),
    }
}

fn taught(error: &TaughtError) -> (&'static str, Value) {
    match error {
        TaughtError::NotOurs => ("bad-taught", json!({})),
        TaughtError::Version(version) => ("bad-taught-version", json!({ "version": version })),
        TaughtError::Damaged => ("bad-taught-damaged", json!({})),
        TaughtError::OtherNetwork => ("bad-taught-network", json!({})),
        TaughtError::Weights(error) => ("bad-taught-weights", json!({ "cause": error.to_string() })),
    }
}

fn lesson(error: &LessonError) -> (&'static str, Value) {
    match error {
        LessonError::Empty => ("empty-lesson", json!({})),
        LessonError::OnePicture => ("one-picture-lesson", json!({})),
        LessonError::UnknownPicture(picture) => ("unknown-picture-lesson", json!({ "picture": picture })),
        LessonError::CameApart => ("lesson-came-apart", json!({})),
        LessonError::NotBegun => ("lesson-not-begun", json!({})),
    }
}

/// A sentence, or a part of one, as it is shown: what a foreign file put into its middle is cut to what can be read.
pub fn readable(sentence: &str) -> Cow<'_, str> {
    let mut characters = sentence.chars();
    if characters.by_ref().take(BEGINNING + END).count() < BEGINNING + END {
        return sentence.into();
    }
    let end = sentence.char_indices().rev().nth(END - 1).map_or(0, |(at, _)| at);
    let beginning: String = sentence.chars().take(BEGINNING).collect();
    format!("{beginning} … {}", &sentence[end..]).into()
}

impl From<DeviceLost> for EngineError {
    fn from(_: DeviceLost) -> Self {
        Self::DeviceLost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_too_long_to_read_is_cut_and_only_in_its_middle() {
        let short = "é".repeat(BEGINNING + END - 1);
        assert_eq!(readable(&short), short);
        let cut = readable(&format!("What is wrong ({}). What to do.", "é".repeat(10_000))).into_owned();
        assert!(cut.starts_with("What is wrong (é") && cut.ends_with("é). What to do."), "{cut}");
        assert_eq!(cut.chars().count(), BEGINNING + END + 3);
    }
}
