//! What a visitor has taught the network, in one file: `.hearsight`.
//!
//! A safetensors file: the tensors of the speech network that changed, in f16, under the names that they have there. Its
//! metadata holds `format`, `about` (JSON, [`About`]) and `checksum`, the SHA-256 of `about` and of all tensors.

use half::f16;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{EngineError, SpeechNetwork};
use crate::adapt::TeachRecipe;
use crate::network::{Storage, Weights, WeightsError};
use crate::search::Direction;

const FAMILY: &str = "hearsight-taught-";
const FORMAT: &str = "hearsight-taught-1";

/// What can be wrong with such a file.
#[derive(Debug, thiserror::Error)]
pub enum TaughtError {
    /// Not safetensors, or not ours.
    #[error("This is not a file of something taught, or it is cut off. Choose one that ends in .hearsight.")]
    NotOurs,
    /// Of a version that this one does not know.
    #[error("This file was made by another version of hearsight ({0}). Open it there, or update.")]
    Version(String),
    /// The content is not what was saved.
    #[error("This file is damaged: its checksum does not fit. Take it once more from where you saved it.")]
    Damaged,
    /// It changes another network than the one at hand.
    #[error(
        "This file was taught to another version of the speech network. Open it with the hearsight that made it."
    )]
    OtherNetwork,
    /// Its tensors do not fit.
    #[error(transparent)]
    Weights(#[from] WeightsError),
}

/// Recall of spoken queries.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Score {
    /// Pictures in the pool.
    pub pictures: usize,
    /// Queries.
    pub clips: usize,
    /// Share whose picture is first, and its 95 % interval.
    pub r1: f64,
    /// Share whose picture is among the first ten, and its 95 % interval.
    pub r10: f64,
    /// 95 % interval of `r1`.
    pub r1_interval: [f64; 2],
    /// 95 % interval of `r10`.
    pub r10_interval: [f64; 2],
}

impl Score {
    /// Of so many pictures and clips.
    pub fn of(pictures: usize, clips: usize, direction: &Direction) -> Self {
        let Direction { r1, r10, r1_interval, r10_interval, .. } = *direction;
        Self { pictures, clips, r1, r10, r1_interval, r10_interval }
    }
}

/// What was learned and what was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Exam {
    /// Recordings that were not learned from, among the taught pictures.
    pub taught: Option<Score>,
    /// Clips of the gallery that were not rehearsed, among all its pictures.
    pub gallery: Option<Score>,
}

/// The training record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct About {
    /// What the visitor calls it.
    pub name: String,
    /// When it was made, ISO 8601.
    pub made: String,
    /// SHA-256 of the file of speech weights that it changes, in hexadecimal.
    pub base: String,
    /// The knobs.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "{ part: Part; steps: number; learning_rate: number }"))]
    pub recipe: TeachRecipe,
    /// Steps that were done.
    pub steps: usize,
    /// Pictures that were taught.
    pub pictures: usize,
    /// Recordings that were learned from.
    pub recordings: usize,
    /// Clips that were rehearsed.
    pub rehearsed: usize,
    /// (step, loss) along the way.
    pub losses: Vec<(usize, f32)>,
    /// Before the training.
    pub before: Exam,
    /// After it.
    pub after: Exam,
}

/// Tensors that were taught, with their record.
#[derive(Clone, Debug)]
pub struct Taught {
    /// The record.
    pub about: About,
    /// The tensors that changed.
    pub weights: Weights,
}

impl Taught {
    /// Reads a file.
    ///
    /// # Errors
    /// [`TaughtError`] for what is not such a file, or not whole.
    pub fn read(bytes: &[u8]) -> Result<Self, TaughtError> {
        let mut weights = Weights::read(bytes).map_err(|_| TaughtError::NotOurs)?;
        let entry = |name: &str| weights.metadata.get(name).map_or("", String::as_str);
        match entry("format") {
            FORMAT => {}
            other if other.starts_with(FAMILY) => return Err(TaughtError::Version(other.to_owned())),
            _ => return Err(TaughtError::NotOurs),
        }
        if checksum(entry("about"), &weights)? != entry("checksum") {
            return Err(TaughtError::Damaged);
        }
        let about = serde_json::from_str(entry("about")).map_err(|_| TaughtError::Damaged)?;
        weights.metadata.clear();
        Ok(Self { about, weights })
    }

    /// Writes the file.
    ///
    /// # Errors
    /// [`TaughtError::Weights`] when the file format refuses: JSON has no infinite loss.
    pub fn write(&self) -> Result<Vec<u8>, TaughtError> {
        let refused = |problem: &str| WeightsError::Unreadable(format!("its record: {problem}"));
        if !self.about.losses.iter().all(|(_, loss)| loss.is_finite()) {
            return Err(refused("a loss is no number").into());
        }
        let about = serde_json::to_string(&self.about).map_err(|error| refused(&error.to_string()))?;
        let mut file = self.weights.clone();
        let checksum = checksum(&about, &file)?;
        for (name, entry) in [("format", FORMAT.to_owned()), ("about", about), ("checksum", checksum)] {
            file.metadata.insert(name.to_owned(), entry);
        }
        Ok(file.write(Storage::F16)?)
    }

    /// Puts what was taught into the tensors of the network that it was taught to.
    ///
    /// # Errors
    /// [`TaughtError::OtherNetwork`]; [`TaughtError::Weights`] for tensors that do not fit it.
    pub fn put_into(&self, network: &mut Weights, base: &str) -> Result<(), TaughtError> {
        if self.about.base != base {
            return Err(TaughtError::OtherNetwork);
        }
        for (name, shape) in self.weights.shapes() {
            if network.shape(name)? != shape {
                return Err(WeightsError::Mismatch(format!("{name} has another shape")).into());
            }
        }
        network.merge(self.weights.clone());
        Ok(())
    }
}

/// The tensors of a file of speech weights, with what was taught to it in their place.
///
/// # Errors
/// [`EngineError::Weights`] or [`EngineError::Taught`] for the one that cannot be used.
pub fn taught_weights(base: &[u8], taught: Option<&Taught>) -> Result<Weights, EngineError> {
    let mut weights = SpeechNetwork::read(base).map_err(EngineError::Weights)?;
    if let Some(taught) = taught {
        taught.put_into(&mut weights, &fingerprint(base))?;
    }
    Ok(weights)
}

/// What tells a file of speech weights from any other.
pub fn fingerprint(base: &[u8]) -> String {
    let mut hash = Sha256::new();
    // In parts: a browser optimises a function of wasm when it is called again, not while it runs.
    base.chunks(1 << 14).for_each(|part| hash.update(part));
    hex(hash)
}

fn checksum(about: &str, weights: &Weights) -> Result<String, WeightsError> {
    let mut hash = Sha256::new_with_prefix(about);
    for (name, shape) in weights.shapes() {
        hash.update(format!("\n{name} {shape:?}\n"));
        let (_, values) = weights.get(name)?;
        let bytes: Vec<u8> = values.iter().flat_map(|value| f16::from_f32(*value).to_le_bytes()).collect();
        hash.update(bytes);
    }
    Ok(hex(hash))
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn sample() -> Taught {
        let about = About {
            name: "my words".into(),
            made: "2026-11-26T07:00:00Z".into(),
            base: "abc".into(),
            recipe: TeachRecipe::default(),
            steps: 3,
            pictures: 2,
            recordings: 4,
            rehearsed: 8,
            losses: vec![(1, 0.5), (2, 0.25)],
            before: Exam::default(),
            after: Exam::default(),
        };
        let mut weights = Weights::default();
        weights.insert("head.project.bias", &[2], vec![0.1, -3.0]);
        Taught { about, weights }
    }

    #[test]
    fn a_file_gives_back_what_was_written_to_half_precision() {
        let bytes = sample().write().unwrap();
        let read = Taught::read(&bytes).unwrap();
        assert_eq!(read.about, sample().about);
        assert_eq!(read.weights.get("head.project.bias").unwrap().1[1], -3.0);
        assert_eq!(
            Taught::read(&read.write().unwrap()).unwrap().weights.get("head.project.bias").unwrap(),
            read.weights.get("head.project.bias").unwrap()
        );
    }

    #[test]
    fn what_is_cut_damaged_of_another_version_or_not_ours_is_refused_with_its_reason() {
        let bytes = sample().write().unwrap();
        for length in 0..bytes.len() {
            assert!(matches!(Taught::read(&bytes[..length]), Err(TaughtError::NotOurs)), "{length}");
        }
        let mut turned = bytes.clone();
        *turned.last_mut().unwrap() ^= 1;
        assert!(matches!(Taught::read(&turned), Err(TaughtError::Damaged)));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(text.contains("my words"));
        let place = bytes.windows(8).position(|part| part == b"my words").unwrap();
        let mut renamed = bytes.clone();
        renamed[place] = b'M';
        assert!(matches!(Taught::read(&renamed), Err(TaughtError::Damaged)));
        let place = bytes.windows(FORMAT.len()).position(|part| part == FORMAT.as_bytes()).unwrap();
        let mut newer = bytes.clone();
        newer[place + FORMAT.len() - 1] = b'7';
        assert!(matches!(Taught::read(&newer), Err(TaughtError::Version(_))));
        assert!(matches!(
            Taught::read(&Weights::default().write(Storage::F16).unwrap()),
            Err(TaughtError::NotOurs)
        ));
    }

    #[test]
    fn a_loss_that_is_no_number_is_not_written() {
        let mut sample = sample();
        sample.about.losses.push((3, f32::INFINITY));
        assert!(matches!(sample.write(), Err(TaughtError::Weights(WeightsError::Unreadable(_)))));
    }

    #[test]
    fn it_only_goes_into_the_network_that_it_was_taught_to() {
        let mut network = Weights::default();
        network.insert("head.project.bias", &[2], vec![0.0; 2]);
        network.insert("head.norm.bias", &[1], vec![7.0]);
        assert!(matches!(sample().put_into(&mut network, "abd"), Err(TaughtError::OtherNetwork)));
        assert_eq!(*network.get("head.project.bias").unwrap().1, [0.0, 0.0]);
        sample().put_into(&mut network, "abc").unwrap();
        assert_eq!(*network.get("head.project.bias").unwrap().1, [0.1, -3.0]);
        assert_eq!(*network.get("head.norm.bias").unwrap().1, [7.0]);
        network.insert("head.project.bias", &[3], vec![0.0; 3]);
        assert!(matches!(sample().put_into(&mut network, "abc"), Err(TaughtError::Weights(_))));
    }
}
