//! `train`: train the speech head of the network that ships, on spoken captions, their sentence embeddings and
//! the vectors of their pictures. The picture head comes first (training/eye).

pub mod lesson;
mod log;

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use hearsight::engine::SpeechNetwork;
use hearsight::learn::{Recipe, Session, speech_head};
use hearsight::network::{Storage, Weights};
use hearsight::sound::Change;

use hearsight_cli::held_out::HELD_OUT;
use hearsight_cli::{Failure, files, named, work};
use lesson::{HeldOut, Sources, Views};

/// Train the speech network that ships.
#[derive(clap::Args)]
pub struct Arguments {
    /// Tab-separated pairs of the training speech (training/make_corpus.py makes it).
    #[arg(long, default_value = "data/corpus/pairs.tsv")]
    corpus: PathBuf,
    /// Sentence embeddings of the same texts (training/text_embeddings.py makes them).
    #[arg(long, default_value = "data/texts.safetensors")]
    texts: PathBuf,
    /// Folder with the frozen networks' weights.
    #[arg(long, default_value = "training/weights")]
    weights: PathBuf,
    /// Folder of the model whose picture network speech is to meet.
    #[arg(long, default_value = files::MODEL)]
    pictures: PathBuf,
    /// Start from the head of this model instead of a random one.
    #[arg(long)]
    from: Option<PathBuf>,
    /// How much of that model stays: what is written is so far from the trained head to the one it started from (Wortsman et al.
    /// 2022: such means know both what was learned before and what is new).
    #[arg(long, default_value_t = 0.0, requires = "from")]
    keep: f32,
    /// Folder for features that are computed once, and for checkpoints.
    #[arg(long, default_value = "data/training")]
    cache: PathBuf,
    /// Folder of the model to write.
    #[arg(long, default_value = "www/models")]
    out: PathBuf,
    /// Folder of the log and the plot.
    #[arg(long, default_value = "reports/training")]
    report: PathBuf,
    /// Learn from the first clips of the table only.
    #[arg(long)]
    clips: Option<usize>,
    /// Steps in all.
    #[arg(long, default_value_t = Recipe::default().steps)]
    steps: usize,
    /// Clips a step.
    #[arg(long, default_value_t = Recipe::default().batch)]
    batch: usize,
    /// Largest learning rate.
    #[arg(long, default_value_t = Recipe::default().learning_rate)]
    learning_rate: f64,
    /// Weight decay.
    #[arg(long, default_value_t = Recipe::default().weight_decay)]
    weight_decay: f32,
    /// Temperature of the contrastive losses.
    #[arg(long, default_value_t = Recipe::default().temperature)]
    temperature: f64,
    /// Seed of everything random.
    #[arg(long, default_value_t = Recipe::default().seed)]
    seed: u64,
    /// Share of the captions of train pictures kept out of the training, to choose the knobs by.
    #[arg(long, default_value_t = HELD_OUT)]
    hold_out: f64,
    /// Share of the clips that are heard as an augmented view.
    #[arg(long, default_value_t = 0.6)]
    augmented: f64,
    /// Changes that no view has: gain, speed, pitch, room, noise, band or mask.
    #[arg(long, value_parser = change, value_delimiter = ',')]
    without: Vec<Change>,
    /// Steps between two checkpoints and measurements.
    #[arg(long, default_value_t = 250)]
    every: usize,
}

impl Arguments {
    fn recipe(&self) -> Recipe {
        Recipe {
            steps: self.steps,
            batch: self.batch,
            learning_rate: self.learning_rate,
            weight_decay: self.weight_decay,
            temperature: self.temperature,
            seed: self.seed,
            ..Recipe::default()
        }
    }

    fn views(&self) -> Views {
        let changes = Change::ALL.into_iter().filter(|change| !self.without.contains(change)).collect();
        Views { changes, share: self.augmented, hold_out: self.hold_out }
    }
}

fn change(text: &str) -> Result<Change, String> {
    named(text)
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let encoder = lesson::frozen(&arguments.weights)?;
    let sources = Sources {
        corpus: &arguments.corpus,
        pictures: &arguments.pictures,
        texts: &arguments.texts,
        cache: &arguments.cache,
        views: arguments.views(),
    };
    let (lesson, held_out) = sources.prepare(&encoder, arguments.clips)?;
    println!(
        "{} clips of {} texts, {} pictures; held out: {} clips",
        lesson.clips.len(),
        lesson.texts.len() / hearsight::network::DIMENSIONS,
        lesson.pictures.len() / hearsight::network::DIMENSIONS,
        held_out.len()
    );
    let recipe = arguments.recipe();
    let mut session = Session::new(lesson, recipe.clone(), Device::flex().autodiff());
    let start = arguments.from.as_deref().map(head_of).transpose()?;
    if let Some(head) = &start {
        session.start_from(head)?;
    }
    let checkpoint = Checkpoint { folder: arguments.cache.join("checkpoint") };
    checkpoint.resume(&mut session, &recipe)?;
    let mut head = teach(arguments, &mut session, &held_out, &checkpoint)?;
    if let Some(start) = start.filter(|_| arguments.keep > 0.0) {
        head.approach(&start, arguments.keep)?;
        let mean =
            pollster::block_on(held_out.ranks(&speech_head(&head, &Device::flex())?, session.lesson()))?;
        println!(
            "with {} of the start: held-out captions R@10 {:.3}",
            arguments.keep,
            mean.figures().audio_to_image.r10
        );
    }

    files::write(&arguments.out.join(files::SPEECH), &SpeechNetwork::write(encoder, head)?)?;
    checkpoint.remove();
    println!("written to {}; now run `hearsight gallery` for the index", arguments.out.display());
    Ok(())
}

/// The tensors of the speech head of a model, and of its encoder.
fn head_of(model: &Path) -> Result<Weights, Failure> {
    Ok(Weights::read(&files::read(&model.join(files::SPEECH))?)?)
}

/// Steps to the end, with log, measurements and checkpoints; gives the head's tensors.
fn teach(
    arguments: &Arguments,
    session: &mut Session,
    held_out: &HeldOut,
    checkpoint: &Checkpoint,
) -> Result<Weights, Failure> {
    let mut log = log::Log::open(&arguments.report, session.steps_done())?;
    let bar = work::bar(arguments.steps, "training");
    bar.set_position(session.steps_done() as u64);
    while !session.finished() {
        let progress = pollster::block_on(session.step())?;
        bar.inc(1);
        if progress.step.is_multiple_of(10) {
            log.write(&progress)?;
        }
        if progress.step.is_multiple_of(arguments.every) || session.finished() {
            checkpoint.save(session, &arguments.recipe())?;
            if held_out.len() > 0 {
                let head = speech_head(&session.checkpoint()?.0, &Device::flex())?;
                let recall = pollster::block_on(held_out.ranks(&head, session.lesson()))?.figures();
                bar.println(format!(
                    "step {}: held-out captions R@1 {:.3} R@10 {:.3} of {} pictures, texts {:.3}",
                    progress.step,
                    recall.audio_to_image.r1,
                    recall.audio_to_image.r10,
                    recall.images,
                    progress.speech_text
                ));
                log.write(&serde_json::json!({ "step": progress.step, "held_out": recall }))?;
            }
        }
    }
    bar.finish_and_clear();
    log.plot()?;
    Ok(session.checkpoint()?.0)
}

/// The last state of a training, so that an interrupted one goes on.
struct Checkpoint {
    folder: PathBuf,
}

impl Checkpoint {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn save(&self, session: &Session, recipe: &Recipe) -> Result<(), Failure> {
        let (mut head, optimizer) = session.checkpoint()?;
        head.metadata.insert("step".into(), session.steps_done().to_string());
        head.metadata.insert("recipe".into(), serde_json::to_string(recipe)?);
        files::write(&self.path("optimizer"), &optimizer)?;
        files::write(&self.path("head.safetensors"), &head.write(Storage::F32)?)
    }

    /// Goes on where a training with the same recipe stopped, if one did.
    fn resume(&self, session: &mut Session, recipe: &Recipe) -> Result<(), Failure> {
        let path = self.path("head.safetensors");
        if !path.exists() {
            return Ok(());
        }
        let head = Weights::read(&files::read(&path)?)?;
        if head.metadata.get("recipe") != Some(&serde_json::to_string(recipe)?) {
            println!("a checkpoint of another recipe is left aside");
            return Ok(());
        }
        let step = head.metadata.get("step").and_then(|step| step.parse().ok()).unwrap_or(0);
        println!("going on at step {step}");
        Ok(session.resume(&head, files::read(&self.path("optimizer"))?, step)?)
    }

    fn remove(&self) {
        // Not being able to is no failure: the next training leaves it aside or goes on from the end.
        let _ = std::fs::remove_dir_all::<&Path>(&self.folder);
    }
}
