//! One training: steps, checkpoints that it goes on from, what dev says on the way, and what test says of the network
//! that dev chose.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use burn::module::Module;
use burn::tensor::Device;
use hearsight::network::{Storage, Weights};
use hearsight::poster::{LONGEST, PosterLesson, PosterNetwork, PosterRecipe, PosterSession, embed};
use hearsight::search::{Ranks, product};
use serde::{Deserialize, Serialize};

use super::device::device;
use super::material::{self, Splits};
use super::ranks::one_to_one;
use super::systems;
use super::{Arguments, Run};
use hearsight_cli::{Failure, files};

/// Looks at dev in the course of a training, evenly spread.
const LOOKS: usize = 10;
/// Steps between two points of the loss curve.
const POINT: usize = 10;
/// A training that is stopped loses no more than this.
const SAVED_EVERY: Duration = Duration::from_secs(300);

/// Names of a training's files: how far it has come, its network then, the best one so far, and what came of it.
const OPTIMIZER: &str = "optimizer";
const LATEST: &str = "latest.safetensors";
const BEST: &str = "best.safetensors";
const TRAINED: &str = "trained.json";

/// What a training gave.
#[derive(Serialize, Deserialize)]
pub struct Trained {
    pub system: String,
    pub control: String,
    pub what: String,
    pub recipe: PosterRecipe,
    pub shape: String,
    /// (step, mean loss of a pair since the last point).
    pub losses: Vec<(usize, f32)>,
    /// On dev: (step, recall at 10 of speech to picture, of picture to speech).
    pub looks: Vec<Look>,
    /// Trained parameters of the audio side, and of the whole.
    pub parameters: [usize; 2],
    /// Of the audio side for 1024 frames.
    pub mega_flop: f64,
    /// Of training.
    pub seconds: f64,
    /// The frozen picture network.
    pub picture_network: String,
    pub train_clips: usize,
    pub train_pictures: usize,
    /// Of dev; one clip each.
    pub dev_pictures: usize,
}

/// What dev says after so many steps: recall at 10 of speech to picture and of picture to speech.
pub type Look = (usize, f64, f64);

impl Trained {
    /// "P0", "P0-3x-rate".
    pub fn name(&self) -> String {
        systems::name(&self.system, &self.control)
    }

    /// The look whose network is measured: the best of both ways together, the first of equals.
    pub fn chosen(&self) -> Look {
        best(&self.looks).unwrap_or_default()
    }

    /// A line about it.
    pub fn summary(&self) -> String {
        let (step, there, back) = self.chosen();
        format!(
            "{} seed {} rate {}: dev R@10 {there:.3} {back:.3} after {step} of {} steps, {:.0} s",
            self.name(),
            self.recipe.seed,
            self.recipe.learning_rate,
            self.recipe.steps,
            self.seconds
        )
    }
}

/// A training, and what its network finds in test.
pub struct Outcome {
    pub trained: Trained,
    pub ranks: Ranks,
}

fn best(looks: &[Look]) -> Option<Look> {
    let both = |look: &Look| look.1 + look.2;
    looks.iter().copied().reduce(|best, look| if both(&look) > both(&best) { look } else { best })
}

/// What is kept between two steps, beside weights and optimiser.
#[derive(Default, Serialize, Deserialize)]
struct Progress {
    step: usize,
    losses: Vec<(usize, f32)>,
    looks: Vec<Look>,
    seconds: f64,
}

/// Folder of a training's files: named by everything that could change it.
pub fn folder(arguments: &Arguments, splits: &Splits, run: &Run) -> Result<PathBuf, Failure> {
    let Run { system, seed } = run;
    let knobs = serde_json::to_string(&(
        system.network(arguments.shape),
        system.objective,
        arguments.optimizer,
        arguments.learning_rate * system.rate,
        arguments.passes,
        arguments.batch,
        splits.fingerprint(),
        &arguments.vgg16,
    ))?;
    let name = format!("{}-{seed}-{}", system.name(), crate::cache::fingerprint(std::iter::once(&*knobs)));
    Ok(arguments.cache.join(name))
}

/// What a training gave, if it has come to its end.
pub fn trained(folder: &Path) -> Result<Option<Trained>, Failure> {
    let path = folder.join(TRAINED);
    if !path.exists() {
        return Ok(None);
    }
    let read = serde_json::from_slice(&files::read(&path)?);
    Ok(Some(read.map_err(|error| format!("{}: {error}. Delete it and start again.", path.display()))?))
}

/// The network that dev chose.
pub fn network(
    folder: &Path,
    trained: &Trained,
    features: usize,
    device: &Device,
) -> Result<PosterNetwork, Failure> {
    let weights = Weights::read(&files::read(&folder.join(BEST))?)?;
    Ok(weights.load(trained.recipe.network.init(features, device), "")?)
}

/// Trains to the end.
pub fn train(arguments: &Arguments, splits: &Splits, run: &Run) -> Result<(), Failure> {
    let (Run { system, seed }, device) = (run, device());
    let (lesson, dev) = (material::train(arguments, splits)?, material::dev(arguments, splits)?);
    let (train_clips, train_pictures) = (lesson.frames.len(), lesson.features.len() / lesson.width);
    let recipe = PosterRecipe {
        network: system.network(arguments.shape),
        objective: system.objective,
        optimizer: arguments.optimizer,
        learning_rate: arguments.learning_rate * system.rate,
        steps: arguments.passes.div_ceil(arguments.batch),
        batch: arguments.batch,
        seed: *seed,
    };
    let folder = folder(arguments, splits, run)?;
    let mut session = PosterSession::new(lesson, recipe.clone(), device.clone().autodiff());
    let mut progress = resume(&mut session, &folder)?;
    let every = (recipe.steps / LOOKS).max(1);
    let mut losses = Vec::new();
    let mut start = Instant::now();
    while !session.finished() {
        losses.push(pollster::block_on(session.step())?);
        progress.step = session.steps_done();
        if losses.len() == POINT {
            progress.losses.push((progress.step, losses.drain(..).sum::<f32>() / POINT as f32));
        }
        let look = progress.step.is_multiple_of(every) || session.finished();
        if !look && start.elapsed() < SAVED_EVERY {
            continue;
        }
        progress.seconds += start.elapsed().as_secs_f64();
        if look {
            let network = session.network(&device)?;
            let figures = measure(&network, &dev, &device)?.figures();
            let look = (progress.step, figures.audio_to_image.r10, figures.image_to_audio.r10);
            progress.looks.push(look);
            if best(&progress.looks) == Some(look) {
                files::write(&folder.join(BEST), &Weights::collect(&network, "")?.write(Storage::F32)?)?;
            }
            eprintln!(
                "{} seed {seed}: step {} of {}, loss {:.3}, dev R@10 {:.3} {:.3}, {:.0} s",
                system.name(),
                progress.step,
                recipe.steps,
                progress.losses.last().map_or(0.0, |point| point.1),
                look.1,
                look.2,
                progress.seconds
            );
        }
        save(&session, &progress, &folder)?;
        start = Instant::now();
    }
    let network = session.network(&device)?;
    let trained = Trained {
        system: system.system.into(),
        control: system.control.into(),
        what: system.what(),
        shape: serde_json::to_value(arguments.shape)?.as_str().unwrap_or_default().to_owned(),
        losses: progress.losses,
        looks: progress.looks,
        parameters: [network.audio.num_params(), network.num_params()],
        mega_flop: 2.0 * recipe.network.multiplications(LONGEST) as f64 / 1e6,
        seconds: progress.seconds,
        picture_network: material::picture_network(arguments).into(),
        train_clips,
        train_pictures,
        dev_pictures: dev.features.len() / dev.width,
        recipe,
    };
    files::write(&folder.join(TRAINED), serde_json::to_string(&trained)?.as_bytes())
}

/// What the networks of finished trainings find in test; from their folders where it is known.
pub fn outcomes(arguments: &Arguments, splits: &Splits, runs: &[Run]) -> Result<Vec<Outcome>, Failure> {
    let mut test: Option<PosterLesson> = None;
    let mut outcomes = Vec::new();
    for run in runs {
        let folder = folder(arguments, splits, run)?;
        let Some(trained) = trained(&folder)? else { continue };
        let path = folder.join(format!("test-{}.json", splits.test_fingerprint()));
        let ranks = if path.exists() {
            serde_json::from_slice(&files::read(&path)?)?
        } else {
            if test.is_none() {
                test = Some(material::test(arguments, splits)?);
            }
            let Some(test) = &test else { continue };
            let ranks = measure(&network(&folder, &trained, test.width, &device())?, test, &device())?;
            files::write(&path, serde_json::to_string(&ranks)?.as_bytes())?;
            ranks
        };
        outcomes.push(Outcome { trained, ranks });
    }
    Ok(outcomes)
}

/// Ranks of a lesson's clips and pictures.
pub fn measure(network: &PosterNetwork, lesson: &PosterLesson, device: &Device) -> Result<Ranks, Failure> {
    let (clips, pictures) = pollster::block_on(embed(network, lesson, device))?;
    Ok(one_to_one(pictures.len(), &lesson.pictures, |clip, picture| {
        product(&clips[clip], &pictures[picture])
    }))
}

fn save(session: &PosterSession, progress: &Progress, folder: &Path) -> Result<(), Failure> {
    let (mut weights, optimizer) = session.checkpoint()?;
    weights.metadata.insert("progress".into(), serde_json::to_string(progress)?);
    files::write(&folder.join(OPTIMIZER), &optimizer)?;
    files::write(&folder.join(LATEST), &weights.write(Storage::F32)?)
}

fn resume(session: &mut PosterSession, folder: &Path) -> Result<Progress, Failure> {
    let path = folder.join(LATEST);
    if !path.exists() {
        return Ok(Progress::default());
    }
    let weights = Weights::read(&files::read(&path)?)?;
    let progress: Progress =
        serde_json::from_str(weights.metadata.get("progress").map_or("", String::as_str))?;
    session.resume(&weights, files::read(&folder.join(OPTIMIZER))?, progress.step)?;
    Ok(progress)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dev_chooses_the_first_of_the_best() {
        assert_eq!(best(&[(1, 0.1, 0.1), (2, 0.3, 0.2), (3, 0.2, 0.3), (4, 0.2, 0.2)]), Some((2, 0.3, 0.2)));
        assert_eq!(best(&[]), None);
    }
}
