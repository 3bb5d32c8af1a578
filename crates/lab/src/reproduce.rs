//! `reproduce`: the poster's systems and their controls, trained side by side and compared.

mod material;
mod report;
mod ship;
mod systems;
mod training;

use std::path::PathBuf;
use std::process::Command;

use hearsight::poster::Optimizer;
use hearsight::poster::Shape;

use hearsight_cli::corpus::Source;
use hearsight_cli::work::in_parallel;
use hearsight_cli::{Failure, files, named};
use systems::System;
use training::Outcome;

/// Train the poster's systems and their controls side by side, and report how they compare.
#[derive(clap::Args)]
pub struct Arguments {
    /// Corpus with the train split: a table of pairs, Flickr8k Audio's folder, or Places Audio Captions.
    #[arg(long, default_value = "data/corpus/pairs.tsv")]
    corpus: PathBuf,
    /// Corpus whose dev, val and test rows are the pool; without it those of --corpus are.
    #[arg(long)]
    pool: Option<PathBuf>,
    /// Folder with the frozen networks' weights.
    #[arg(long, default_value = "training/weights")]
    weights: PathBuf,
    /// Take the pictures' features from this checkpoint of VGG16 (cargo lab import vgg16 makes it).
    #[arg(long, value_name = "CHECKPOINT")]
    vgg16: Option<PathBuf>,
    /// Folder for features that are computed once, and for checkpoints.
    #[arg(long, default_value = "data/reproduce")]
    cache: PathBuf,
    /// Folder of the report.
    #[arg(long, default_value = "reports")]
    report: PathBuf,
    /// Systems and controls to train; all of them without it. See --list.
    #[arg(long, value_delimiter = ',')]
    systems: Vec<String>,
    /// Print the names of the systems and controls.
    #[arg(long)]
    list: bool,
    /// Size of the networks: full needs a GPU or days.
    #[arg(long, value_parser = shape, default_value = "lite")]
    shape: Shape,
    /// Seeds of each system.
    #[arg(long, default_value_t = 2)]
    seeds: u64,
    /// How often each clip is heard.
    #[arg(long, default_value_t = 5)]
    epochs: usize,
    /// Pairs a step.
    #[arg(long, default_value_t = 32)]
    batch: usize,
    /// How the weights move: sgd (momentum 0.9, as in 2016) or adam.
    #[arg(long, value_parser = optimizer, default_value = "sgd")]
    optimizer: Optimizer,
    /// Learning rate of the hinge losses at their own rate; the controls' follow from it.
    #[arg(long, default_value_t = 0.0025)]
    learning_rate: f64,
    /// Keep this share of the train pictures out and measure on them instead of the pool: to choose the rate by.
    #[arg(long, default_value_t = 0.0)]
    hold_out: f64,
    /// Folder of the page: write the poster's own systems, of seed 1, into its models, for the gallery that it shows.
    #[arg(long, value_name = "WWW", conflicts_with_all = ["hold_out", "vgg16"])]
    ship: Option<PathBuf>,
    /// Train only this one (NAME:SEED) in this process; the command starts one such process a training.
    #[arg(long, hide = true)]
    only: Option<String>,
}

impl Arguments {
    fn corpus(&self, path: &std::path::Path) -> Source {
        Source {
            corpus: path.to_owned(),
            split: None,
            language: None,
            images: None,
            splits: None,
            audio_root: None,
        }
    }

    /// The systems that were asked for.
    fn chosen(&self) -> Result<Vec<System>, Failure> {
        let all = systems::all();
        if self.systems.is_empty() {
            return Ok(all.into_iter().filter(|system| system.standard).collect());
        }
        let find = |name: &String| {
            let system = all.iter().find(|system| system.name() == *name).cloned();
            system.ok_or_else(|| format!("There is no system {name:?}. --list prints them.").into())
        };
        self.systems.iter().map(find).collect()
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.list {
        systems::all().iter().for_each(|system| println!("{:18} {}", system.name(), system.what()));
        return Ok(());
    }
    let systems = arguments.chosen()?;
    if let Some(only) = &arguments.only {
        let (name, seed) = only.rsplit_once(':').ok_or("--only takes NAME:SEED.")?;
        let system = systems.iter().find(|system| system.name() == name).ok_or("--only names no system.")?;
        return training::train(arguments, system, seed.parse()?);
    }
    // Features are computed once, here, so that the trainings only read them.
    material::load(arguments)?;
    let trainings: Vec<(&System, u64)> =
        (1..=arguments.seeds).flat_map(|seed| systems.iter().map(move |system| (system, seed))).collect();
    // A process each: burn's random numbers are one stream a process, and two trainings must not share it.
    let outcomes = in_parallel("trainings", &trainings, |(system, seed)| {
        let path = training::outcome_path(arguments, system, *seed)?;
        if !path.exists() {
            let training = format!("{}:{seed}", system.name());
            let options = std::env::args_os().skip(1);
            let mut process = Command::new(std::env::current_exe()?);
            if !process.args(options).args(["--only", &training]).status()?.success() {
                return Err(format!("The training {training} stopped; start again to go on with it.").into());
            }
        }
        Ok(serde_json::from_slice::<Outcome>(&files::read(&path)?)?)
    })?;
    if arguments.hold_out > 0.0 {
        outcomes.iter().for_each(|outcome| println!("{}", outcome.summary()));
        return Ok(());
    }
    report::write(&arguments.report, &outcomes, std::env::args().skip(1))?;
    match &arguments.ship {
        Some(www) => ship::write(arguments, www, &trainings, &outcomes),
        None => Ok(()),
    }
}

fn shape(text: &str) -> Result<Shape, String> {
    named(text)
}

fn optimizer(text: &str) -> Result<Optimizer, String> {
    named(text)
}
