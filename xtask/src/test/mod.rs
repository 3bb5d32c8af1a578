//! `cargo xtask test`: every check, the quick ones first, one after another whatever fails, and one count at the end.

mod counts;
mod steps;

use std::path::Path;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use self::counts::Counts;
pub use self::steps::Step;

/// What became of one step.
struct Outcome {
    step: Step,
    counts: Counts,
    time: Duration,
}

/// Runs the chosen steps, or all; says whether everything passed. Its last line is "N passed, N failed".
pub fn run(root: &Path, only: &[Step]) -> bool {
    let chosen = |step: &Step| only.is_empty() || only.contains(step);
    let outcomes: Vec<_> =
        Step::value_variants().iter().copied().filter(chosen).map(|step| outcome(root, step)).collect();

    println!("\n── summary");
    for Outcome { step, counts, time } in &outcomes {
        println!(
            "{:<14} {:>4} passed {:>3} failed  {:>7.1} s",
            step.name(),
            counts.passed,
            counts.failed,
            time.as_secs_f64()
        );
    }
    let total: Counts = outcomes.iter().map(|outcome| outcome.counts).sum();
    println!("{total}");
    total.failed == 0
}

fn outcome(root: &Path, step: Step) -> Outcome {
    println!("\n── {}: {}", step.name(), step.purpose());
    let start = Instant::now();
    let counts = step.run(root).unwrap_or_else(|error| {
        println!("{error}");
        Counts::FAILED
    });
    let time = start.elapsed();
    println!("── {}: {counts} in {:.1} s", step.name(), time.as_secs_f64());
    Outcome { step, counts, time }
}
