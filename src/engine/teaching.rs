//! A visitor teaches the network: recordings in, a training that is pulled step by step, what was taught out.

use std::collections::{BTreeMap, BTreeSet};

use burn::tensor::{Device, Tensor};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::speech::mel_tensor;
use super::taught::{About, Exam, Score, Taught, TaughtError, fingerprint, taught_weights};
use super::{EngineError, read, trimmed};
use crate::adapt::{KeptClips, Role, TeachLesson, TeachProgress, TeachRecipe, TeachSession};
use crate::network::{DIMENSIONS, SpeechTower, Weights};
use crate::search::{Direction, Index, Match, product, recall};
use crate::sound::{Change, Frames, LogMel, Recipe, augmented_frames, augmented_samples};

/// Changes of a view that is measured by: the voice, the place and the microphone.
const OTHERWISE: [Change; 5] = [Change::Speed, Change::Pitch, Change::Room, Change::Noise, Change::Band];
/// Clips that are looked at in one go.
const TOGETHER: usize = 32;
/// Cosine from which two recordings are one and the same.
const SAME: f32 = 0.98;
/// So many losses are kept for the record.
const LOSSES: usize = 100;

/// What a lesson cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LessonError {
    /// Nothing to learn.
    #[error("There is no recording to learn from. Record something first.")]
    Empty,
    /// No imposter.
    #[error(
        "One picture alone cannot be learned: there is nothing to tell it from. Record something for a second one."
    )]
    OnePicture,
    /// A picture that is not in the index.
    #[error("The picture {0:?} is not on the wall. Take its recordings out of the lesson.")]
    UnknownPicture(String),
    /// The steps were too wide.
    #[error("The training came apart: its loss is no number any more. Choose a smaller learning rate.")]
    CameApart,
    /// The training has not begun.
    #[error("The training has not begun yet. Begin it first.")]
    NotBegun,
}

/// Clips that are kept as the part that learns is given them, with their pictures.
struct Shelf {
    clips: KeptClips,
    pictures: Vec<usize>,
}

/// A lesson, from its first clip to what was taught.
pub struct Teaching {
    recipe: TeachRecipe,
    /// The network before the lesson: its tensors, and the network itself.
    weights: Weights,
    before: SpeechTower,
    /// Fingerprint of the file that it came from, and the names of the tensors that were taught to it already.
    base: String,
    taught: BTreeSet<String>,
    device: Device,
    pictures: Index,
    shelves: BTreeMap<Role, Shelf>,
    session: Option<TeachSession>,
    counts: [usize; 3],
    losses: Vec<(usize, f32)>,
    first: Exam,
}

impl Teaching {
    /// An empty lesson for the network of a file of speech weights, or for what was taught to it.
    ///
    /// # Errors
    /// [`EngineError::Taught`] when the files cannot be used.
    pub fn new(
        base: &[u8],
        taught: Option<&Taught>,
        pictures: Index,
        recipe: TeachRecipe,
        device: &Device,
    ) -> Result<Self, EngineError> {
        let weights = taught_weights(base, taught)?;
        // What fits the network was taught to this file.
        let base = taught.map_or_else(|| fingerprint(base), |taught| taught.about.base.clone());
        let before = SpeechTower::load(&weights, device).map_err(TaughtError::from)?;
        let shelf = || Shelf { clips: KeptClips::new(recipe.part.width()), pictures: Vec::new() };
        let names = taught.iter().flat_map(|taught| taught.weights.shapes()).map(|(name, _)| name.to_owned());
        Ok(Self {
            shelves: Role::ALL.map(|role| (role, shelf())).into(),
            recipe,
            weights,
            before,
            base,
            taught: names.collect(),
            device: device.clone(),
            pictures,
            session: None,
            counts: [0; 3],
            losses: Vec::new(),
            first: Exam::default(),
        })
    }

    /// Takes a clip at 16 kHz that is about a picture, as it is (view 0) or as a changed view of it. The same clip with
    /// the same view is always heard the same.
    ///
    /// # Errors
    /// [`EngineError::Sound`] for a clip without speech, [`EngineError::Lesson`] for an unknown picture.
    pub async fn take(
        &mut self,
        role: Role,
        picture: &str,
        samples: &[f32],
        view: u64,
    ) -> Result<(), EngineError> {
        let place = self.pictures.ids().iter().position(|id| id == picture);
        let place = place.ok_or_else(|| LessonError::UnknownPicture(picture.to_owned()))?;
        let changes: &[Change] = match (view, role) {
            (0, _) => &[],
            (_, Role::Learn | Role::Rehearse) => &Change::ALL,
            (_, Role::Examine | Role::Remember) => &OTHERWISE,
        };
        let seed = self.recipe.seed ^ view.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ samples.len() as u64;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let speech = augmented_samples(&trimmed(samples)?, changes, &mut rng)?;
        let (input, units) = self.keep(&augmented_frames(frames(&speech), changes, &mut rng)).await?;
        if let Some(shelf) = self.shelves.get_mut(&role) {
            shelf.clips.push(&input, &units);
            shelf.pictures.push(place);
        }
        Ok(())
    }

    /// Begins the training with all clips that were taken. Gives the pictures that were taught the very same recording.
    ///
    /// # Errors
    /// [`EngineError::Lesson`] when there is nothing to learn, or nothing to tell it from.
    pub async fn begin(&mut self) -> Result<Vec<(String, String)>, EngineError> {
        let [learn, rehearse] = [Role::Learn, Role::Rehearse].map(|role| &self.shelves[&role]);
        if learn.pictures.is_empty() {
            return Err(LessonError::Empty.into());
        }
        let taught: BTreeSet<usize> = learn.pictures.iter().copied().collect();
        let taught_count = learn.pictures.len();
        let all: Vec<usize> = learn.pictures.iter().chain(&rehearse.pictures).copied().collect();
        let numbers: BTreeMap<usize, usize> =
            all.iter().copied().collect::<BTreeSet<_>>().into_iter().zip(0..).collect();
        let vectors: Vec<&[f32]> = self.pictures.vectors().collect();
        let mut clips = learn.clips.clone();
        clips.extend(&rehearse.clips);
        let lesson = TeachLesson {
            clips,
            pictures: all.iter().map(|place| numbers[place]).collect(),
            taught: taught_count,
            vectors: numbers.keys().flat_map(|&place| vectors[place]).copied().collect(),
            before: self.embed(Role::Rehearse).await?.concat(),
        };
        if !lesson.has_imposters() {
            return Err(LessonError::OnePicture.into());
        }
        self.counts = [taught.len(), taught_count, rehearse.pictures.len()];
        let same = self.same_recordings().await?;
        self.first = self.examine().await?;
        let device = self.device.clone().autodiff();
        let tower = SpeechTower::load(&self.weights, &device).map_err(TaughtError::from)?;
        self.losses.clear();
        self.session = Some(TeachSession::new(lesson, self.recipe.clone(), tower, device));
        Ok(same)
    }

    /// Does one step.
    ///
    /// # Errors
    /// [`EngineError::DeviceLost`]; [`EngineError::Lesson`] before [`begin`](Self::begin), and when the steps are too wide.
    pub async fn step(&mut self) -> Result<TeachProgress, EngineError> {
        let session = self.session.as_mut().ok_or(LessonError::NotBegun)?;
        let progress = session.step().await.map_err(|_| EngineError::DeviceLost)?;
        if !progress.loss.is_finite() {
            // A device that is lost can answer with what is not a number too.
            read(Tensor::<2>::ones([1, 1], &self.device)).await?;
            return Err(LessonError::CameApart.into());
        }
        if progress.step.is_multiple_of(self.recipe.steps.div_ceil(LOSSES)) {
            self.losses.push((progress.step, progress.loss));
        }
        Ok(progress)
    }

    /// Ends the training after so many steps, if it is longer; the learning rate falls to its end by then.
    pub fn limit(&mut self, steps: usize) {
        self.recipe.steps = self.recipe.steps.min(steps);
        if let Some(session) = &mut self.session {
            session.limit(self.recipe.steps);
        }
    }

    /// Whether all steps are done.
    pub fn finished(&self) -> bool {
        self.session.as_ref().is_some_and(TeachSession::finished)
    }

    /// What the network as it is knows of the clips to measure by.
    ///
    /// # Errors
    /// [`EngineError::DeviceLost`].
    pub async fn examine(&self) -> Result<Exam, EngineError> {
        let learned: BTreeSet<usize> = [Role::Learn, Role::Examine]
            .iter()
            .flat_map(|role| &self.shelves[role].pictures)
            .copied()
            .collect();
        let all = (0..self.pictures.ids().len()).collect();
        Ok(Exam {
            taught: self.score(Role::Examine, &learned).await?,
            gallery: self.score(Role::Remember, &all).await?,
        })
    }

    /// The exam before the first step.
    pub fn first_exam(&self) -> Exam {
        self.first
    }

    /// The first pictures for a clip at 16 kHz, before the lesson and now.
    ///
    /// # Errors
    /// [`EngineError::Sound`] for a clip without speech, [`EngineError::DeviceLost`].
    pub async fn compare(&self, samples: &[f32], count: usize) -> Result<[Vec<Match>; 2], EngineError> {
        let mut clips = KeptClips::new(self.recipe.part.width());
        let (input, units) = self.keep(&frames(&trimmed(samples)?)).await?;
        clips.push(&input, &units);
        let before = read(self.recipe.part.vectors(&self.before, &clips, &[0], &self.device)).await?;
        let (tower, device) = self.now();
        let now = read(self.recipe.part.vectors(tower, &clips, &[0], device)).await?;
        Ok([before, now].map(|vector| self.pictures.rank_first(&vector, count).0))
    }

    /// What was taught so far, as a file's content; `name` and `made` are the visitor's.
    ///
    /// # Errors
    /// [`EngineError::Lesson`] before [`begin`](Self::begin), [`EngineError::DeviceLost`].
    pub async fn taught(&self, name: &str, made: &str) -> Result<Taught, EngineError> {
        let session = self.session.as_ref().ok_or(LessonError::NotBegun)?;
        // With gradients, so that nothing of it is frozen.
        let copy = SpeechTower::load(&self.weights, &Device::flex().autodiff()).map_err(TaughtError::from)?;
        let blocks = copy.encoder.blocks();
        let now = Weights::collect_async(session.tower(), copy).await.map_err(TaughtError::from)?;
        let changed = |name: &str| self.recipe.part.holds(name, blocks) || self.taught.contains(name);
        let weights = now.rename(|name| changed(name).then(|| name.to_owned()));
        let [pictures, recordings, rehearsed] = self.counts;
        let about = About {
            name: name.to_owned(),
            made: made.to_owned(),
            base: self.base.clone(),
            recipe: self.recipe.clone(),
            steps: session.steps_done(),
            pictures,
            recordings,
            rehearsed,
            losses: self.losses.clone(),
            before: self.first,
            after: self.examine().await?,
        };
        Ok(Taught { about, weights })
    }

    /// Recall of the clips of a shelf among some pictures.
    async fn score(&self, role: Role, pool: &BTreeSet<usize>) -> Result<Option<Score>, EngineError> {
        let shelf = &self.shelves[&role];
        if shelf.pictures.is_empty() {
            return Ok(None);
        }
        let clips = self.embed(role).await?;
        let vectors: Vec<&[f32]> = self.pictures.vectors().collect();
        let pool: Vec<usize> = pool.iter().copied().collect();
        let numbers: BTreeMap<usize, usize> = pool.iter().copied().zip(0..).collect();
        let pairs = shelf.pictures.iter().enumerate().map(|(clip, place)| (numbers[place], clip)).collect();
        let figures = recall(pool.len(), clips.len(), &pairs, |clip, picture| {
            product(&clips[clip], vectors[pool[picture]])
        });
        let direction: &Direction = &figures.audio_to_image;
        Ok(Some(Score::of(figures.images, figures.clips, direction)))
    }

    /// Vectors of the clips of a shelf by the network as it is.
    async fn embed(&self, role: Role) -> Result<Vec<Vec<f32>>, EngineError> {
        let (tower, device) = self.now();
        let clips = &self.shelves[&role].clips;
        let all: Vec<usize> = (0..clips.len()).collect();
        let mut vectors = Vec::with_capacity(all.len());
        for part in all.chunks(TOGETHER) {
            let values = read(self.recipe.part.vectors(tower, clips, part, device)).await?;
            vectors.extend(values.chunks_exact(DIMENSIONS).map(<[f32]>::to_vec));
        }
        Ok(vectors)
    }

    /// The network as it is, and where.
    fn now(&self) -> (&SpeechTower, &Device) {
        match &self.session {
            Some(session) => (session.tower(), session.device()),
            None => (&self.before, &self.device),
        }
    }

    /// What the part that learns is given of a clip, row by row, and what the reader of units says of it.
    async fn keep(&self, mel: &Frames) -> Result<(Vec<f32>, Vec<f32>), EngineError> {
        let (input, units) = self.recipe.part.keep(&self.before, mel_tensor(mel, &self.device));
        let frames = input.dims()[1];
        let input = read(input.reshape([frames, self.recipe.part.width()])).await?;
        let units = match units {
            Some(units) => read(units).await?,
            None => Vec::new(),
        };
        Ok((input, units))
    }

    /// Pairs of pictures that were taught the very same recording: they contradict each other.
    async fn same_recordings(&self) -> Result<Vec<(String, String)>, EngineError> {
        let vectors = self.embed(Role::Learn).await?;
        let pictures = &self.shelves[&Role::Learn].pictures;
        let mut same = BTreeSet::new();
        for (one, a) in vectors.iter().enumerate() {
            for (other, b) in vectors.iter().enumerate().skip(one + 1) {
                if pictures[one] != pictures[other] && product(a, b) > SAME {
                    same.insert((pictures[one].min(pictures[other]), pictures[one].max(pictures[other])));
                }
            }
        }
        let id = |place: usize| self.pictures.ids()[place].clone();
        Ok(same.into_iter().map(|(one, other)| (id(one), id(other))).collect())
    }
}

fn frames(samples: &[f32]) -> Frames {
    LogMel::new(Recipe::whisper()).frames(samples)
}
