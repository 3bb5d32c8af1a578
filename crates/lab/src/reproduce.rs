//! `reproduce`: the poster's systems and their controls, trained side by side and compared.

mod bootstrap;
mod claims;
mod curves;
mod device;
mod material;
mod published;
mod ranks;
mod report;
mod ship;
mod systems;
mod tables;
mod today;
mod training;

use std::path::PathBuf;
use std::process::Command;

use hearsight::poster::Optimizer;
use hearsight::poster::Shape;

use hearsight_cli::corpus::Source;
use hearsight_cli::work::in_parallel;
use hearsight_cli::{Failure, files, named};
use material::Splits;
use systems::System;

/// Train the poster's systems and their controls side by side, and report how they compare.
///
/// Everything that is computed is kept in --cache: what was stopped goes on from there, and what is done is not done
/// again. A training takes one core; RAYON_NUM_THREADS says how many run side by side.
#[derive(clap::Args)]
pub struct Arguments {
    /// Corpus with the train split: a table of pairs, Flickr8k Audio's folder, or Places Audio Captions.
    #[arg(long, default_value = "data/flickr8k/pairs.tsv")]
    corpus: PathBuf,
    /// Corpus whose dev or val rows choose the network and whose test rows measure it; without it those of --corpus.
    #[arg(long)]
    pool: Option<PathBuf>,
    /// Folder with the frozen networks' weights.
    #[arg(long, default_value = "training/weights")]
    weights: PathBuf,
    /// Take the pictures' features from this checkpoint of VGG16 (cargo lab import vgg16 makes it).
    #[arg(long, value_name = "CHECKPOINT")]
    vgg16: Option<PathBuf>,
    /// The network that ships, to stand beside the poster's.
    #[arg(long, value_name = "MODEL", default_value = files::MODEL)]
    today: PathBuf,
    /// Folder for features that are computed once, and for checkpoints.
    #[arg(long, default_value = "data/reproduce")]
    cache: PathBuf,
    /// Folder of the report.
    #[arg(long, default_value = "reports")]
    report: PathBuf,
    /// Systems and controls to train; all but a few without it. See --list.
    #[arg(long, value_delimiter = ',')]
    systems: Vec<String>,
    /// Print the names of the systems and controls.
    #[arg(long)]
    list: bool,
    /// Size of the networks: full needs a GPU or days.
    #[arg(long, value_parser = shape, default_value = "small")]
    shape: Shape,
    /// Seeds of each of the poster's own systems.
    #[arg(long, default_value_t = 5)]
    seeds: u64,
    /// Seeds of each control, at most those of the systems.
    #[arg(long, default_value_t = 3)]
    control_seeds: u64,
    /// How many clips each training hears, over and over: the same for all.
    #[arg(long, default_value_t = 32_000)]
    passes: usize,
    /// Pairs a step.
    #[arg(long, default_value_t = 32)]
    batch: usize,
    /// How the weights move: sgd (momentum 0.9, as in 2016) or adam.
    #[arg(long, value_parser = optimizer, default_value = "adam")]
    optimizer: Optimizer,
    /// Learning rate of the systems; the controls' follow from it.
    #[arg(long, default_value_t = 0.0003)]
    learning_rate: f64,
    /// Print what dev says of each training and leave test alone: to choose the rate by.
    #[arg(long)]
    choose: bool,
    /// Train nothing: report the trainings that are there.
    #[arg(long)]
    trained: bool,
    /// Folder of the page: write the poster's own systems, of seed 1, into its models, for the gallery that it shows.
    #[arg(long, value_name = "WWW", conflicts_with_all = ["choose", "vgg16"])]
    ship: Option<PathBuf>,
    /// Train only this one (NAME:SEED) in this process; the command starts one such process a training.
    #[arg(long, hide = true)]
    only: Option<String>,
}

/// One training to be done.
pub struct Run {
    system: System,
    seed: u64,
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

    /// How many seeds a system or control is to have.
    fn seeds_of(&self, control: &str) -> u64 {
        if control.is_empty() { self.seeds } else { self.seeds.min(self.control_seeds) }
    }

    /// The trainings, the first seed of all before the second.
    fn runs(&self) -> Result<Vec<Run>, Failure> {
        let systems = self.chosen()?;
        let of = |seed| {
            let wanted = systems.iter().filter(move |system| seed <= self.seeds_of(system.control));
            wanted.map(move |system| Run { system: system.clone(), seed })
        };
        Ok((1..=self.seeds).flat_map(of).collect())
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.list {
        systems::all().iter().for_each(|system| println!("{:18} {}", system.name(), system.what()));
        return Ok(());
    }
    let (runs, splits) = (arguments.runs()?, Splits::read(arguments)?);
    if let Some(only) = &arguments.only {
        let (name, seed) = only.rsplit_once(':').ok_or("--only takes NAME:SEED.")?;
        let seed: u64 = seed.parse()?;
        let run = runs.iter().find(|run| run.system.name() == name && run.seed == seed);
        return training::train(arguments, &splits, run.ok_or("--only names no training.")?);
    }
    if !arguments.trained {
        train(arguments, &splits, &runs)?;
    }
    if arguments.choose {
        for run in &runs {
            if let Some(trained) = training::trained(&training::folder(arguments, &splits, run)?)? {
                println!("{}", trained.summary());
            }
        }
        return Ok(());
    }
    let outcomes = training::outcomes(arguments, &splits, &runs)?;
    report::write(arguments, &runs, &outcomes, today::ranks(arguments, &splits)?.as_ref())?;
    match &arguments.ship {
        Some(www) => ship::write(arguments, &splits, www, &runs, &outcomes),
        None => Ok(()),
    }
}

/// Does the trainings that are not done yet, as many side by side as there are cores.
fn train(arguments: &Arguments, splits: &Splits, runs: &[Run]) -> Result<(), Failure> {
    // Features are computed once, here, so that the trainings only read them.
    material::train(arguments, splits)?;
    material::dev(arguments, splits)?;
    // A process each: burn's random numbers are one stream a process, and two trainings must not share it.
    in_parallel("trainings", runs, |run| {
        if training::trained(&training::folder(arguments, splits, run)?)?.is_some() {
            return Ok(());
        }
        let training = format!("{}:{}", run.system.name(), run.seed);
        let mut process = Command::new(std::env::current_exe()?);
        if !process.args(std::env::args_os().skip(1)).args(["--only", &training]).status()?.success() {
            return Err(format!("The training {training} stopped; start again to go on with it.").into());
        }
        Ok(())
    })?;
    Ok(())
}

fn shape(text: &str) -> Result<Shape, String> {
    named(text)
}

fn optimizer(text: &str) -> Result<Optimizer, String> {
    named(text)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn runs(line: &str) -> Vec<String> {
        let arguments = Line::parse_from(line.split(' ')).arguments;
        arguments.runs().unwrap().iter().map(|run| format!("{}:{}", run.system.name(), run.seed)).collect()
    }

    #[test]
    fn the_poster_has_five_seeds_and_its_controls_three_and_what_tells_most_comes_first() {
        let all = runs("reproduce");
        assert_eq!(all.len(), 3 * 5 + 11 * 3);
        assert_eq!(all[..4], ["P0:1", "P1:1", "P2:1", "P0-3-draws:1"]);
        assert_eq!(all[all.len() - 3..], ["P0:5", "P1:5", "P2:5"]);
    }

    #[test]
    fn fewer_seeds_are_fewer_for_the_controls_too() {
        let some = runs("reproduce --systems P2,P2-mean --seeds 4 --control-seeds 2");
        assert_eq!(some, ["P2:1", "P2-mean:1", "P2:2", "P2-mean:2", "P2:3", "P2:4"]);
        assert_eq!(runs("reproduce --systems P0-amm --seeds 1"), ["P0-amm:1"]);
    }
}
