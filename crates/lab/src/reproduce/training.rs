//! One training: steps, checkpoints that it goes on from, and what came out.

use std::path::PathBuf;
use std::time::Instant;

use burn::module::Module;
use burn::tensor::Device;
use hearsight::network::{Storage, Weights};
use hearsight::poster::PosterNetwork;
use hearsight::poster::{PosterLesson, PosterRecipe, PosterSession, embed};
use hearsight::search::Ranks;
use serde::{Deserialize, Serialize};

use super::systems::System;
use super::{Arguments, material};
use hearsight_cli::{Failure, files};

/// Measurements of the pool in the course of a training, evenly spread; the last is the result.
const MEASUREMENTS: usize = 4;
/// Steps between two points of the loss curve.
const POINT: usize = 10;

/// What a training gave.
#[derive(Serialize, Deserialize)]
pub struct Outcome {
    pub system: String,
    pub control: String,
    pub what: String,
    pub recipe: PosterRecipe,
    pub shape: String,
    pub ranks: Ranks,
    /// (step, mean loss of a pair since the last point).
    pub losses: Vec<(usize, f32)>,
    /// (step, recall at 10 of speech to picture, of picture to speech).
    pub recalls: Vec<(usize, f64, f64)>,
    /// Trained parameters of the audio side, and of the whole.
    pub parameters: [usize; 2],
    /// Of the audio side for 1024 frames.
    pub mega_flop: f64,
    /// Of training, on one core.
    pub seconds: f64,
    /// The frozen picture network.
    pub picture_network: String,
    pub train_clips: usize,
    pub train_pictures: usize,
}

impl Outcome {
    /// A line about it.
    pub fn summary(&self) -> String {
        let figures = self.ranks.figures();
        format!(
            "{} {} seed {} rate {}: speech to picture R@1 {:.3} R@10 {:.3}, picture to speech R@10 {:.3} ({} pictures)",
            self.system,
            self.control,
            self.recipe.seed,
            self.recipe.learning_rate,
            figures.audio_to_image.r1,
            figures.audio_to_image.r10,
            figures.image_to_audio.r10,
            figures.images
        )
    }
}

/// What is kept between two steps, beside weights and optimiser.
#[derive(Default, Serialize, Deserialize)]
struct Progress {
    step: usize,
    losses: Vec<(usize, f32)>,
    recalls: Vec<(usize, f64, f64)>,
    seconds: f64,
}

/// Name of the file of a training's network, as far as it has come.
pub const WEIGHTS: &str = "network.safetensors";

/// Where a training's result lies: named by everything that could change it.
pub fn outcome_path(arguments: &Arguments, system: &System, seed: u64) -> Result<PathBuf, Failure> {
    Ok(folder(arguments, system, seed)?.join("outcome.json"))
}

/// Folder of a training's files.
pub fn folder(arguments: &Arguments, system: &System, seed: u64) -> Result<PathBuf, Failure> {
    let knobs = serde_json::to_string(&(
        system.network(arguments.shape),
        system.objective,
        arguments.optimizer,
        arguments.learning_rate * system.rate,
        arguments.epochs,
        arguments.batch,
        &arguments.corpus,
        &arguments.pool,
        arguments.hold_out,
        &arguments.vgg16,
    ))?;
    let name = format!("{}-{seed}-{}", system.name(), crate::cache::fingerprint(std::iter::once(&*knobs)));
    Ok(arguments.cache.join(name))
}

/// Trains to the end and writes the outcome.
pub fn train(arguments: &Arguments, system: &System, seed: u64) -> Result<(), Failure> {
    let (lesson, pool) = material::load(arguments)?;
    let (train_clips, train_pictures) = (lesson.frames.len(), lesson.features.len() / lesson.width);
    let recipe = PosterRecipe {
        network: system.network(arguments.shape),
        objective: system.objective,
        optimizer: arguments.optimizer,
        learning_rate: arguments.learning_rate * system.rate,
        steps: arguments.epochs * train_clips.div_ceil(arguments.batch),
        batch: arguments.batch,
        seed,
    };
    let folder = folder(arguments, system, seed)?;
    let mut session = PosterSession::new(lesson, recipe.clone(), Device::flex().autodiff());
    let mut progress = resume(&mut session, &folder)?;
    let every = (recipe.steps / MEASUREMENTS).max(1);
    let (mut sum, mut ranks) = (0.0, Ranks::default());
    let mut start = Instant::now();
    while !session.finished() {
        sum += pollster::block_on(session.step())?;
        let step = session.steps_done();
        if step.is_multiple_of(POINT) {
            progress.losses.push((step, sum / POINT as f32));
            sum = 0.0;
        }
        if step.is_multiple_of(every) || session.finished() {
            progress.seconds += start.elapsed().as_secs_f64();
            ranks = measure(&session.network(&Device::flex())?, &pool)?;
            let figures = ranks.figures();
            let (there, back) = (figures.audio_to_image.r10, figures.image_to_audio.r10);
            progress.recalls.push((step, there, back));
            let loss = progress.losses.last().map_or(0.0, |point| point.1);
            eprintln!(
                "{} seed {seed}: step {step} of {}, loss {loss:.3}, R@10 {there:.3} {back:.3}",
                system.name(),
                recipe.steps
            );
            progress.step = step;
            save(&session, &progress, &folder)?;
            start = Instant::now();
        }
    }
    let network = session.network(&Device::flex())?;
    let outcome = Outcome {
        system: system.system.into(),
        control: system.control.into(),
        what: system.what(),
        shape: serde_json::to_value(arguments.shape)?.as_str().unwrap_or_default().to_owned(),
        ranks: if ranks.images == 0 { measure(&network, &pool)? } else { ranks },
        losses: progress.losses,
        recalls: progress.recalls,
        parameters: [network.audio.num_params(), network.num_params()],
        mega_flop: 2.0 * recipe.network.multiplications(hearsight::poster::LONGEST) as f64 / 1e6,
        seconds: progress.seconds,
        picture_network: material::picture_network(arguments).into(),
        train_clips,
        train_pictures,
        recipe,
    };
    files::write(&folder.join("outcome.json"), serde_json::to_string(&outcome)?.as_bytes())
}

/// Ranks of the pool's clips and pictures.
pub fn measure(network: &PosterNetwork, pool: &PosterLesson) -> Result<Ranks, Failure> {
    let (clips, pictures) = pollster::block_on(embed(network, pool, &Device::flex()))?;
    let pairs = pool.pictures.iter().copied().zip(0..).collect();
    Ok(Ranks::of(pictures.len(), clips.len(), &pairs, |clip, picture| {
        clips[clip].iter().zip(&pictures[picture]).map(|(a, b)| a * b).sum()
    }))
}

fn save(session: &PosterSession, progress: &Progress, folder: &std::path::Path) -> Result<(), Failure> {
    let (mut weights, optimizer) = session.checkpoint()?;
    weights.metadata.insert("progress".into(), serde_json::to_string(progress)?);
    files::write(&folder.join("optimizer"), &optimizer)?;
    files::write(&folder.join(WEIGHTS), &weights.write(Storage::F32)?)
}

fn resume(session: &mut PosterSession, folder: &std::path::Path) -> Result<Progress, Failure> {
    let path = folder.join(WEIGHTS);
    if !path.exists() {
        return Ok(Progress::default());
    }
    let weights = Weights::read(&files::read(&path)?)?;
    let progress: Progress =
        serde_json::from_str(weights.metadata.get("progress").map_or("", String::as_str))?;
    session.resume(&weights, files::read(&folder.join("optimizer"))?, progress.step)?;
    Ok(progress)
}
