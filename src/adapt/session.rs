//! A session in which a visitor's recordings teach the speech network. Pictures stay where they are: speech moves to them.

use std::ops::RangeInclusive;

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, ExecutionError, Int, Tensor, TensorData};
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::kept_clips::KeptClips;
use crate::learn::learning_rate as scheduled;
use crate::learn::rows;
use crate::network::{BANDS, DIMENSIONS, SpeechHead, SpeechTower, UnitReader, WIDTH, in_pairs};
use crate::poster::Objective;

/// Which part of the speech network learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Part {
    /// The reader of whole clips. They are encoded once, and their units are read once.
    Head,
    /// The encoder's last block too.
    LastBlock,
    /// Everything.
    All,
}

impl Part {
    /// Width of what a clip is kept as.
    pub fn width(self) -> usize {
        match self {
            Self::Head | Self::LastBlock => WIDTH,
            Self::All => BANDS,
        }
    }

    /// What a clip is kept as, `[1, frames, width]`: what the part that learns is given; and what the reader of units says of
    /// it, `[1, 384]`, where that stays the same. `mel` is `[1, 80, frames]`.
    pub fn keep(self, tower: &SpeechTower, mel: Tensor<3>) -> (Tensor<3>, Option<Tensor<2>>) {
        match self {
            Self::Head => {
                let frames = in_pairs(tower.encoder.forward(mel));
                let read = tower.read(frames.clone(), None);
                (frames, read)
            }
            Self::LastBlock => (tower.encoder.before(mel, last_block(tower)), None),
            Self::All => (mel.swap_dims(1, 2), None),
        }
    }

    /// Vectors `[clips, 384]` of clips that are kept so.
    pub fn vectors(self, tower: &SpeechTower, clips: &KeptClips, of: &[usize], device: &Device) -> Tensor<2> {
        if self == Self::Head {
            let whole = tower.head.as_ref().map(|head| answers(head, clips, of, device));
            return tower.joined(whole, clips.read(of, device));
        }
        // The encoder has no masks, so each clip goes through it by itself, at its own length.
        let vector = |&clip: &usize| {
            let (input, _) = clips.batch(&[clip], device);
            let frames = match self {
                Self::All => tower.encoder.forward(input.swap_dims(1, 2)),
                _ => tower.encoder.after(input, last_block(tower)),
            };
            tower.forward(in_pairs(frames), None)
        };
        Tensor::cat(of.iter().map(vector).collect(), 0)
    }

    /// Whether this part holds a tensor of an encoder of `blocks` blocks with its head.
    pub fn holds(self, tensor: &str, blocks: usize) -> bool {
        let last = format!("encoder.blocks.{}.", blocks.saturating_sub(1));
        match self {
            Self::Head => tensor.starts_with("head."),
            Self::LastBlock => ["head.", "encoder.ln_post.", &last].iter().any(|p| tensor.starts_with(p)),
            Self::All => true,
        }
    }
}

/// What the reader of whole clips answers to some of them. Those that are about as long are read together, since padding costs as much as
/// what was said: a word beside a caption would be five times as long.
fn answers(head: &SpeechHead, clips: &KeptClips, of: &[usize], device: &Device) -> Tensor<2> {
    let mut order: Vec<usize> = (0..of.len()).collect();
    order.sort_by_key(|&place| clips.frames(of[place]));
    let answer = |places: &[usize]| {
        let together: Vec<usize> = places.iter().map(|&place| of[place]).collect();
        let (frames, padding) = clips.batch(&together, device);
        head.answer(frames, Some(padding))
    };
    let sorted = Tensor::cat(order.chunks(ALIKE).map(answer).collect(), 0);
    let mut back = vec![0; of.len()];
    for (place, &from) in (0..).zip(&order) {
        back[from] = place;
    }
    sorted.select(0, Tensor::<1, Int>::from_data(TensorData::new(back, [of.len()]), device))
}

fn last_block(tower: &SpeechTower) -> usize {
    tower.encoder.blocks() - 1
}

/// The knobs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TeachRecipe {
    /// Which part learns.
    pub part: Part,
    /// What is minimised over the scores of the batch, which are multiplied by 20 first.
    pub objective: Objective,
    /// Largest learning rate of AdamW; it falls to zero over the steps (cosine), after a short warm-up.
    pub learning_rate: f64,
    /// Steps in all.
    pub steps: usize,
    /// Recordings a step, each of another picture.
    pub batch: usize,
    /// Rehearsed clips a step.
    pub rehearsed: usize,
    /// Weight of how near rehearsed clips stay to where they were.
    pub keep: f64,
    /// Seed of everything random.
    pub seed: u64,
}

/// Pieces of rehearsed clips a step, and their frames, of which there are 25 a second: about as long as words.
const PIECES: usize = 16;
const PIECE: RangeInclusive<usize> = 8..=30;
/// How near pieces stay to where they were, in parts of how near whole clips stay.
const PIECES_KEPT: f64 = 0.03;

/// Clips of a batch that are read together.
const ALIKE: usize = 16;

/// Scores are inner products of unit vectors; the losses expect them wider.
pub const SCALE: f64 = 20.0;
const WEIGHT_DECAY: f32 = 0.01;

impl Default for TeachRecipe {
    fn default() -> Self {
        Self {
            part: Part::Head,
            objective: Objective::Amm(0.5),
            learning_rate: 1e-3,
            steps: 200,
            batch: 32,
            rehearsed: 32,
            keep: 48.0,
            seed: 1,
        }
    }
}

/// A loss by its name in the page and on the command line: "amm", "info-nce", "six-terms" or "baseline".
pub fn teaching_loss(name: &str) -> Option<Objective> {
    match name {
        "amm" => Some(Objective::Amm(0.5)),
        "info-nce" => Some(Objective::InfoNce(1.0)),
        "six-terms" => Some(Objective::SixTerms),
        "baseline" => Some(Objective::Baseline),
        _ => None,
    }
}

/// What is learned from.
pub struct TeachLesson {
    /// Clips as [`Part::keep`] gives them: first the visitor's, then those that are rehearsed.
    pub clips: KeptClips,
    /// Number of each clip's picture.
    pub pictures: Vec<usize>,
    /// So many clips, the first, are the visitor's.
    pub taught: usize,
    /// Vectors of the pictures, [`DIMENSIONS`] numbers each.
    pub vectors: Vec<f32>,
    /// Where each rehearsed clip was before, [`DIMENSIONS`] numbers each.
    pub before: Vec<f32>,
}

impl TeachLesson {
    /// Whether there are two pictures at least: with one there is no imposter, and nothing to learn.
    pub fn has_imposters(&self) -> bool {
        self.pictures.iter().any(|&picture| picture != self.pictures[0])
    }
}

/// What one step reports.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct TeachProgress {
    /// Steps done.
    pub step: usize,
    /// The objective and what it cost to keep the rehearsed clips in place.
    pub loss: f32,
}

/// A running training.
pub struct TeachSession {
    lesson: TeachLesson,
    recipe: TeachRecipe,
    tower: SpeechTower,
    /// The reader of whole clips before the lesson, where it is given frames.
    before: Option<SpeechHead>,
    optimizer: ModuleOptimizer,
    device: Device,
    step: usize,
    rng: ChaCha8Rng,
    /// The clips of each picture: the visitor's, and those that are rehearsed.
    taught: Vec<Vec<usize>>,
    rehearsed: Vec<Vec<usize>>,
}

impl TeachSession {
    /// Starts. `device`, where the tower is, must have autodiff on.
    pub fn new(lesson: TeachLesson, recipe: TeachRecipe, tower: SpeechTower, device: Device) -> Self {
        let still = |reader: UnitReader| if recipe.part == Part::All { reader } else { reader.no_grad() };
        let head = tower.head.map(SpeechHead::without_dropout);
        let tower = SpeechTower { head, reader: tower.reader.map(still), ..tower };
        let before = tower.head.clone().filter(|_| recipe.part == Part::Head).map(SpeechHead::no_grad);
        let optimizer = AdamWConfig::new().with_weight_decay(WEIGHT_DECAY).init();
        let rng = ChaCha8Rng::seed_from_u64(recipe.seed);
        let taught = by_picture(&lesson.pictures, 0..lesson.taught);
        let rehearsed = by_picture(&lesson.pictures, lesson.taught..lesson.pictures.len());
        Self { lesson, recipe, tower, before, optimizer, device, step: 0, rng, taught, rehearsed }
    }

    /// The network as it is.
    pub fn tower(&self) -> &SpeechTower {
        &self.tower
    }

    /// Steps done so far.
    pub fn steps_done(&self) -> usize {
        self.step
    }

    /// Where it trains.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Changes how many steps there are.
    pub fn limit(&mut self, steps: usize) {
        self.recipe.steps = steps;
    }

    /// Whether all steps are done.
    pub fn finished(&self) -> bool {
        self.step >= self.recipe.steps
    }

    /// Does one step.
    ///
    /// # Errors
    /// A loss that cannot be read: the device is lost.
    pub async fn step(&mut self) -> Result<TeachProgress, ExecutionError> {
        let clips = self.next_batch();
        let owners: Vec<usize> = clips.iter().map(|&clip| self.lesson.pictures[clip]).collect();
        let speech = self.recipe.part.vectors(&self.tower, &self.lesson.clips, &clips, &self.device);
        let own = rows(&self.lesson.vectors, &owners, DIMENSIONS, &self.device);
        let scores = speech.clone().matmul(own.transpose()).mul_scalar(SCALE);
        let mut loss = self.recipe.objective.of(scores, &owners, &mut self.rng);
        if self.recipe.objective.is_sum() {
            loss = loss.div_scalar(clips.len() as f64);
        }
        if let Some(moved) = self.moved(speech, &clips) {
            loss = loss + moved.mul_scalar(self.recipe.keep);
        }
        if let Some(moved) = self.pieces_moved(&clips) {
            loss = loss + moved.mul_scalar(self.recipe.keep * PIECES_KEPT);
        }
        let gradients = GradientsParams::from_grads(loss.backward(), &self.tower);
        let learning_rate = scheduled(self.recipe.learning_rate, self.step, self.recipe.steps);
        self.tower = self.optimizer.step(learning_rate, self.tower.clone(), gradients);
        self.step += 1;
        Ok(TeachProgress { step: self.step, loss: loss.into_scalar_async().await? })
    }

    /// The rehearsed clips of a batch, which stand behind the visitor's.
    fn rehearsed<'a>(&self, clips: &'a [usize]) -> &'a [usize] {
        &clips[clips.partition_point(|&clip| clip < self.lesson.taught)..]
    }

    /// How far the rehearsed clips of a batch have moved, as one minus the cosine.
    fn moved(&self, speech: Tensor<2>, clips: &[usize]) -> Option<Tensor<1>> {
        let rehearsed: Vec<usize> =
            self.rehearsed(clips).iter().map(|clip| clip - self.lesson.taught).collect();
        if rehearsed.is_empty() {
            return None;
        }
        let before = rows(&self.lesson.before, &rehearsed, DIMENSIONS, &self.device);
        let now = speech.narrow(0, clips.len() - rehearsed.len(), rehearsed.len());
        Some((now * before).sum_dim(1).mean().neg().add_scalar(1.0))
    }

    /// How far the reader of whole clips has moved what it says of pieces of the rehearsed clips of a batch, in parts of how far
    /// they are from nothing. Single words are such pieces: without them a lesson of sentences would forget words.
    fn pieces_moved(&mut self, clips: &[usize]) -> Option<Tensor<1>> {
        let (head, before) = (self.tower.head.as_ref()?, self.before.as_ref()?);
        let rehearsed = self.rehearsed(clips);
        if rehearsed.is_empty() {
            return None;
        }
        let of = &rehearsed[..rehearsed.len().min(PIECES)];
        let longest = self.rng.random_range(PIECE);
        let (frames, padding) = self.lesson.clips.pieces(of, longest, &mut self.rng, &self.device);
        let before = before.answer(frames.clone(), Some(padding.clone()));
        let moved = head.answer(frames, Some(padding)) - before.clone();
        Some((moved.square().sum_dim(1) / before.square().sum_dim(1)).mean().div_scalar(2.0))
    }

    /// One clip of each of some pictures, the visitor's first; all pictures differ.
    fn next_batch(&mut self) -> Vec<usize> {
        let mut batch = Vec::new();
        let mut used = vec![false; self.taught.len().max(self.rehearsed.len())];
        let parts = [(&self.taught, self.recipe.batch), (&self.rehearsed, self.recipe.rehearsed)];
        for (clips_of, count) in parts {
            let mut pictures: Vec<usize> =
                (0..clips_of.len()).filter(|&p| !clips_of[p].is_empty() && !used[p]).collect();
            pictures.shuffle(&mut self.rng);
            for picture in pictures.into_iter().take(count) {
                used[picture] = true;
                batch.extend(clips_of[picture].choose(&mut self.rng));
            }
        }
        batch
    }
}

/// The clips of each picture.
fn by_picture(pictures: &[usize], clips: std::ops::Range<usize>) -> Vec<Vec<usize>> {
    let mut clips_of = vec![Vec::new(); pictures.iter().max().map_or(0, |last| last + 1)];
    clips.for_each(|clip| clips_of[pictures[clip]].push(clip));
    clips_of
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    /// A session about two pictures with one clip each, of which the second is rehearsed.
    fn session(part: Part) -> TeachSession {
        let device = Device::flex().autodiff();
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/www/models/speech.safetensors");
        let weights = crate::engine::taught_weights(&std::fs::read(file).unwrap(), None).unwrap();
        let tower = SpeechTower::load(&weights, &device).unwrap();
        let mut clips = KeptClips::new(part.width());
        let frames: Vec<f32> = (0..40 * part.width()).map(|place| (place as f32).sin()).collect();
        for _ in 0..2 {
            clips.push(&frames, &[0.05; DIMENSIONS]);
        }
        let vectors = [[0.05; DIMENSIONS], [-0.05; DIMENSIONS]].concat();
        let before = vec![0.05; DIMENSIONS];
        let lesson = TeachLesson { clips, pictures: vec![0, 1], taught: 1, vectors, before };
        TeachSession::new(lesson, TeachRecipe { part, ..TeachRecipe::default() }, tower, device)
    }

    #[test]
    fn pieces_cost_what_they_were_moved_by() {
        let mut session = session(Part::Head);
        let cost = |session: &mut TeachSession, clips: &[usize]| {
            session.pieces_moved(clips).map(Tensor::into_scalar::<f32>)
        };
        assert_eq!(cost(&mut session, &[0]), None, "what is taught may move");
        assert_eq!(cost(&mut session, &[0, 1]), Some(0.0));
        for _ in 0..3 {
            pollster::block_on(session.step()).unwrap();
        }
        assert!(cost(&mut session, &[0, 1]).unwrap() > 1e-6);
    }
}
