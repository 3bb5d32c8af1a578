//! The losses as an experiment for a class: the same few pairs, the same two small layers from the same random weights,
//! and the hinge of 2016 or the poster's six terms pulling matching pairs together.

use std::collections::BTreeSet;

use burn::tensor::Device;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::EngineError;
use crate::network::DIMENSIONS;
use crate::poster::{Objective, PullRecipe, PullSession};
use crate::search::{Index, Plane, Ranks, plane, product};

/// Pairs that are trained, and as many again that are held out.
pub const PULLED: usize = 32;
/// Numbers a vector behind the layers: few enough to overfit before a class's eyes.
const WIDTH: usize = 16;
/// Pairs a step.
const BATCH: usize = 16;

/// A pair of a spoken caption and its picture, by their ids.
pub type Pairing = (String, String);

/// What an experiment shows at a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Pulled {
    /// A point for the caption of each training pair, then one for the picture of each.
    pub map: Plane,
    /// Share of training captions whose picture is the nearest of all training pictures.
    pub found: f32,
    /// The same for pairs that were held out, among themselves.
    pub held_out_found: f32,
    /// Mean score (a cosine) of a training caption with its picture, and with the others.
    pub own: f32,
    /// See `own`.
    pub others: f32,
}

/// One loss at work.
pub struct Experiment {
    session: PullSession,
    /// Rows of [`DIMENSIONS`] numbers: captions and pictures of the training pairs, then of the held-out ones.
    train: [Vec<f32>; 2],
    held_out: [Vec<f32>; 2],
    shown: Option<Plane>,
}

impl Experiment {
    /// Chooses [`PULLED`] training pairs and as many to hold out by the seed, each with a picture of its own, among the
    /// pairs whose vectors both indexes have.
    ///
    /// # Errors
    /// [`EngineError::FewPairs`] where there are not enough.
    pub fn new(
        captions: &Index,
        pictures: &Index,
        pairs: &[Pairing],
        objective: Objective,
        learning_rate: f64,
        seed: u64,
    ) -> Result<Self, EngineError> {
        let recipe = PullRecipe { objective, learning_rate, width: WIDTH, batch: BATCH, seed };
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut order: Vec<&Pairing> = pairs.iter().collect();
        order.shuffle(&mut rng);
        let mut seen = BTreeSet::new();
        let known =
            |(caption, picture): &Pairing| Some((captions.vector(caption)?, pictures.vector(picture)?));
        let chosen: Vec<(&[f32], &[f32])> = order
            .into_iter()
            .filter(|pair| seen.insert(&pair.1))
            .filter_map(known)
            .take(2 * PULLED)
            .collect();
        if chosen.len() < 2 * PULLED {
            return Err(EngineError::FewPairs(2 * PULLED));
        }
        let rows = |pairs: &[(&[f32], &[f32])]| -> [Vec<f32>; 2] {
            [
                pairs.iter().flat_map(|pair| pair.0).copied().collect(),
                pairs.iter().flat_map(|pair| pair.1).copied().collect(),
            ]
        };
        let (train, held_out) = (rows(&chosen[..PULLED]), rows(&chosen[PULLED..]));
        // So few numbers are quicker where they are than on a graphics processor.
        let device = Device::flex().autodiff();
        let session = PullSession::new(train[0].clone(), train[1].clone(), DIMENSIONS, recipe, &device);
        Ok(Self { session, train, held_out, shown: None })
    }

    /// Does one step: its number, and the loss of a pair.
    ///
    /// # Errors
    /// [`EngineError::DeviceLost`].
    pub async fn step(&mut self) -> Result<(usize, f32), EngineError> {
        let loss = self.session.step().await.map_err(|_| EngineError::DeviceLost)?;
        Ok((self.session.steps_done(), loss))
    }

    /// Looks at the space as it is. The map is turned and mirrored so that it moves as little as possible since the last
    /// look.
    ///
    /// # Errors
    /// [`EngineError::DeviceLost`].
    pub async fn look(&mut self) -> Result<Pulled, EngineError> {
        let vectors = self.session.vectors(&self.train[0], &self.train[1]).await;
        let [captions, pictures] = vectors.map_err(|_| EngineError::DeviceLost)?;
        let held_out = self.session.vectors(&self.held_out[0], &self.held_out[1]).await;
        let [held_captions, held_pictures] = held_out.map_err(|_| EngineError::DeviceLost)?;
        let mut map = plane(&[captions.clone(), pictures.clone()].concat());
        if let Some(before) = &self.shown {
            map = map.turned_to(before);
        }
        self.shown = Some(map.clone());
        let count = captions.len();
        let own =
            (0..count).map(|pair| product(&captions[pair], &pictures[pair])).sum::<f32>() / count as f32;
        let all: f32 = captions.iter().flat_map(|a| pictures.iter().map(|b| product(a, b))).sum();
        let others = (all - own * count as f32) / (count * (count - 1)) as f32;
        let found = found(&captions, &pictures);
        Ok(Pulled { map, found, held_out_found: self::found(&held_captions, &held_pictures), own, others })
    }
}

/// Share of captions whose own picture is nearest; a tie counts against it.
fn found(captions: &[Vec<f32>], pictures: &[Vec<f32>]) -> f32 {
    let pairs = (0..captions.len()).map(|pair| (pair, pair)).collect();
    let ranks = Ranks::of(pictures.len(), captions.len(), &pairs, |caption, picture| {
        product(&captions[caption], &pictures[picture])
    });
    let first = ranks.audio_to_image.iter().filter(|(_, rank)| *rank == 1).count();
    first as f32 / captions.len().max(1) as f32
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use rand::RngExt;

    use super::*;

    /// Pictures anywhere, captions somewhere else: only a layer can bring them together.
    fn material(count: usize) -> (Index, Index, Vec<Pairing>) {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut vector = || -> Vec<f32> { (0..DIMENSIONS).map(|_| rng.random_range(-0.1..0.1)).collect() };
        let mut named =
            |kind: &str| Index::of(DIMENSIONS, (0..count).map(|n| (format!("{kind} {n}"), vector())));
        let (captions, pictures) = (named("caption"), named("picture"));
        let pairs = (0..count).map(|n| (format!("caption {n}"), format!("picture {n}"))).collect();
        (captions, pictures, pairs)
    }

    fn run(objective: Objective, seed: u64, steps: usize) -> (Vec<f32>, Pulled, Pulled) {
        let (captions, pictures, pairs) = material(2 * PULLED);
        let mut experiment = Experiment::new(&captions, &pictures, &pairs, objective, 0.01, seed).unwrap();
        let before = pollster::block_on(experiment.look()).unwrap();
        let losses = (0..steps).map(|_| pollster::block_on(experiment.step()).unwrap().1).collect();
        (losses, before, pollster::block_on(experiment.look()).unwrap())
    }

    #[test]
    fn both_losses_pull_pairs_together_from_the_same_start() {
        let (baseline, start, after) = run(Objective::Baseline, 1, 150);
        let (six, same_start, six_after) = run(Objective::SixTerms, 1, 150);
        assert_eq!(start, same_start, "the same weights and pairs");
        for (losses, after) in [(&baseline, &after), (&six, &six_after)] {
            assert!(losses.iter().all(|loss| loss.is_finite()));
            assert!(losses[losses.len() - 1] < 0.6 * losses[0], "{losses:?}");
            assert!(after.own - after.others > start.own - start.others + 0.5);
            assert!(after.found > 0.9 && start.found < 0.3, "{} {}", start.found, after.found);
        }
        assert_ne!(after, six_after);
    }

    #[test]
    fn losses_side_by_side_start_alike_and_part_at_the_first_step() {
        let (captions, pictures, pairs) = material(2 * PULLED);
        let mut both = [Objective::Baseline, Objective::SixTerms]
            .map(|loss| Experiment::new(&captions, &pictures, &pairs, loss, 0.01, 1).unwrap());
        let [baseline, six] = &mut both;
        let look = |one: &mut Experiment| pollster::block_on(one.look()).unwrap();
        assert_eq!(look(baseline), look(six));
        let losses = [&mut *baseline, &mut *six].map(|one| pollster::block_on(one.step()).unwrap().1);
        // The same imposters: what the six terms add is never negative.
        assert!(losses[1] > losses[0], "{losses:?}");
        assert_ne!(look(baseline), look(six));
    }

    #[test]
    fn a_seed_gives_the_same_numbers_and_another_gives_others() {
        let (one, _, _) = run(Objective::SixTerms, 1, 10);
        assert_eq!(one, run(Objective::SixTerms, 1, 10).0);
        assert_ne!(one, run(Objective::SixTerms, 2, 10).0);
    }

    #[test]
    fn too_few_pairs_are_refused() {
        let (captions, pictures, pairs) = material(20);
        let error = Experiment::new(&captions, &pictures, &pairs, Objective::Baseline, 0.01, 1).err();
        assert!(matches!(error, Some(EngineError::FewPairs(64))));
    }
}
