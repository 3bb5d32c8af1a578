//! `cargo xtask test`: every check, the quick ones first, one after another whatever fails, and one count at the end.
//! `cargo xtask check`: those of them that a change is held to while it is made, up to the first that fails.

mod browser;
mod counts;
mod rust;
mod steps;
mod watch;

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use self::counts::Counts;
pub use self::rust::{AS_RUSTDOC, as_rustdoc};
pub use self::steps::Step;
use self::watch::Timed;

/// Of the tests of a whole run, those that are named.
const SLOWEST: usize = 10;

/// What a step did.
#[derive(Default)]
struct Done {
    counts: Counts,
    /// Of its time, what went into compiling and installing.
    compiling: Duration,
    tests: Vec<Timed>,
}

impl From<Counts> for Done {
    fn from(counts: Counts) -> Self {
        Self { counts, ..Self::default() }
    }
}

/// What became of a step.
struct Outcome {
    step: Step,
    done: Done,
    time: Duration,
}

/// Runs the chosen steps, or all; says whether everything passed. Its last line is "N passed, N failed".
pub fn run(root: &Path, only: &[Step], full: bool) -> bool {
    let chosen =
        |step: &&Step| if only.is_empty() { full || !step.is_only_full() } else { only.contains(step) };
    let steps: Vec<Step> = Step::TEST.iter().filter(chosen).copied().collect();
    thread::scope(|scope| {
        // What is only fetched comes while the first steps compile.
        scope.spawn(|| steps.iter().for_each(|step| step.prepare(root)));
        let outcomes: Vec<_> = steps.iter().map(|step| outcome(root, *step, full)).collect();
        summary(&outcomes)
    })
}

/// Runs the checks of every day until one fails.
pub fn check(root: &Path) -> bool {
    let mut outcomes = Vec::new();
    for step in Step::CHECK {
        outcomes.push(outcome(root, step, false));
        if outcomes.last().is_some_and(|outcome| outcome.done.counts.failed > 0) {
            let passed = summary(&outcomes);
            println!("{} failed first: {}. What it says is above.", step.name(), step.purpose());
            return passed;
        }
    }
    summary(&outcomes)
}

fn outcome(root: &Path, step: Step, full: bool) -> Outcome {
    println!("\n── {}: {}", step.name(), step.purpose());
    let start = Instant::now();
    let done = step.run(root, full).unwrap_or_else(|error| {
        println!("{error}");
        Counts::FAILED.into()
    });
    let time = start.elapsed();
    println!("── {}: {} in {:.1} s", step.name(), done.counts, time.as_secs_f64());
    Outcome { step, done, time }
}

/// Prints what took how long, and what became of it; says whether everything passed.
fn summary(outcomes: &[Outcome]) -> bool {
    let mut tests: Vec<(Step, &Timed)> = outcomes
        .iter()
        .flat_map(|outcome| outcome.done.tests.iter().map(|test| (outcome.step, test)))
        .collect();
    tests.sort_by_key(|(_, test)| std::cmp::Reverse(test.time));
    if !tests.is_empty() {
        println!("\n── the slowest tests");
    }
    for (step, Timed { name, time }) in tests.into_iter().take(SLOWEST) {
        println!("{:>7.1} s  {}: {name}", time.as_secs_f64(), step.name());
    }
    println!("\n── summary");
    let row = |name: &str, Counts { passed, failed }: Counts, compiling: Duration, time: Duration| {
        let testing = time.saturating_sub(compiling);
        let [compiling, testing] = [compiling, testing].map(|time| time.as_secs_f64());
        println!(
            "{name:<14} {passed:>4} passed {failed:>3} failed  {compiling:>7.1} s compiling {testing:>7.1} s testing"
        );
    };
    let sum = |part: fn(&Outcome) -> Duration| outcomes.iter().map(part).sum::<Duration>();
    for Outcome { step, done, time } in outcomes {
        row(step.name(), done.counts, done.compiling, *time);
    }
    let total: Counts = outcomes.iter().map(|outcome| outcome.done.counts).sum();
    row("all", total, sum(|outcome| outcome.done.compiling), sum(|outcome| outcome.time));
    println!("{total}");
    total.failed == 0
}
