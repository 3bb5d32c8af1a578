//! `cargo xtask fuzz`: every reader of foreign bytes gets inputs that find new ways through it, for a minute each.
//!
//! The targets are those of fuzz/, built by a nightly compiler with AddressSanitizer and overflow checks. They begin with
//! the inputs in tests/fixtures/fuzz and keep what they learn in fuzz/corpus, so a second run goes on where the first ended.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::{Error, Result};
use crate::install::{self, Tool};
use crate::process::{command, run};

/// Seconds that one input may take: the readers' limits are there to keep it far below.
const SLOWEST: u32 = 25;
/// Memory that one input may take, in MB: a picture and an archive may have 512 unpacked, and the sanitizer watches it all.
const MEMORY: u32 = 2560;
/// Bytes of the longest input: a header and something behind it.
const LONGEST: u32 = 65_536;

/// What became of one target.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    /// Inputs that were tried.
    runs: u64,
    /// The same, a second.
    speed: u64,
    /// Edges of the code that the first inputs reach, and that all reach in the end.
    coverage: [u64; 2],
    /// Most memory, in MB.
    memory: u64,
    /// Whether an input was found that it must not fail at.
    failed: bool,
}

/// Runs the named targets, or all of them; says whether all of them stood it.
pub fn fuzz(root: &Path, seconds: u32, targets: &[String]) -> Result<bool> {
    let known = targets_of(root)?;
    if let Some(unknown) = targets.iter().find(|target| !known.contains(target)) {
        let known = known.join(", ");
        return Err(Error::Check(format!("There is no target {unknown}; there are: {known}.")));
    }
    install::ensure(root, Tool::CargoFuzz)?;
    // The very versions that ship, with the fuzzer's own beside them.
    let lock = root.join("fuzz/Cargo.lock");
    fs::copy(root.join("Cargo.lock"), &lock).map_err(Error::file(&lock))?;
    run(&mut cargo_fuzz(root, "build"))?;

    let chosen = if targets.is_empty() { &known } else { targets };
    let mut outcomes = Vec::new();
    for target in chosen {
        println!("\n── {target}, {seconds} s");
        outcomes.push((target, try_out(root, target, seconds)?));
    }
    println!("\n{:<16} {:>12} {:>8} {:>16} {:>8}", "target", "runs", "a second", "coverage", "MB");
    for (target, Outcome { runs, speed, coverage: [first, last], memory, failed }) in &outcomes {
        let verdict = if *failed { "  FAILED" } else { "" };
        let coverage = format!("{first} to {last}");
        println!("{target:<16} {runs:>12} {speed:>8} {coverage:>16} {memory:>8}{verdict}");
    }
    let failed = outcomes.iter().filter(|(_, outcome)| outcome.failed).count();
    println!("{} targets stood it, {failed} failed", outcomes.len() - failed);
    if failed > 0 {
        println!(
            "What they failed at is in fuzz/artifacts. Make it small with `cargo +nightly fuzz tmin TARGET FILE`, keep it in \
             tests/fixtures/fuzz/TARGET, and mend the reader until `cargo test --package hearsight-cli foreign_bytes` passes."
        );
    }
    Ok(failed == 0)
}

/// The names of the targets, in order.
fn targets_of(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(Error::file(&folder))? {
        let path = entry.map_err(Error::file(&folder))?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// cargo-fuzz, run by the nightly compiler; built apart from everything else.
fn cargo_fuzz(root: &Path, verb: &str) -> Command {
    let mut cargo = command(root, "rustup");
    // The compiler that started us has no say here, nor the folder that other builds go to.
    cargo.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO_TARGET_DIR");
    cargo.args(["run", "nightly", "cargo", "fuzz", verb, "--target-dir"]).arg(root.join("target/fuzz"));
    cargo
}

fn try_out(root: &Path, target: &str, seconds: u32) -> Result<Outcome> {
    let corpus = root.join("fuzz/corpus").join(target);
    fs::create_dir_all(&corpus).map_err(Error::file(&corpus))?;
    let mut fuzz = cargo_fuzz(root, "run");
    fuzz.arg(target).arg(corpus).arg(root.join("tests/fixtures/fuzz").join(target)).arg("--").args([
        format!("-max_total_time={seconds}"),
        format!("-timeout={SLOWEST}"),
        format!("-rss_limit_mb={MEMORY}"),
        format!("-max_len={LONGEST}"),
        "-print_final_stats=1".to_owned(),
    ]);
    let start_error = |source| Error::Start { program: "rustup".into(), source };
    // The fuzzer reports where errors go.
    let mut child = fuzz.stderr(Stdio::piped()).spawn().map_err(start_error)?;
    let mut outcome = Outcome::default();
    if let Some(report) = child.stderr.take() {
        for line in BufReader::new(report).split(b'\n') {
            let line = line.map_err(start_error)?;
            let line = String::from_utf8_lossy(&line);
            outcome.read(&line);
            // A line for each new input would bury the rest.
            if !line.starts_with('#') {
                println!("{line}");
            }
        }
    }
    outcome.failed = !child.wait().map_err(start_error)?.success();
    Ok(outcome)
}

impl Outcome {
    /// Takes a line of the fuzzer's report (libFuzzer's, see its documentation under "Output").
    fn read(&mut self, line: &str) {
        let number = |text: &str| text.split_whitespace().next().and_then(|word| word.parse().ok());
        let figures = [
            ("stat::number_of_executed_units:", &mut self.runs),
            ("stat::average_exec_per_sec:", &mut self.speed),
            ("stat::peak_rss_mb:", &mut self.memory),
        ];
        for (name, figure) in figures {
            if let Some(value) = line.strip_prefix(name).and_then(number) {
                *figure = value;
            }
        }
        let covered = line.starts_with('#').then(|| line.split_once("cov: ")).flatten();
        if let Some(covered) = covered.and_then(|(_, rest)| number(rest)) {
            self.coverage[1] = covered;
            if line.contains("INITED") {
                self.coverage[0] = covered;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_the_fuzzers() {
        let mut outcome = Outcome::default();
        for line in [
            "INFO: seed corpus: files: 4 min: 22b max: 1048b",
            "#5\tINITED cov: 612 ft: 900 corp: 4/2408b exec/s: 0 rss: 51Mb",
            "#77\tNEW    cov: 700 ft: 1010 corp: 9/3Kb lim: 1048 exec/s: 0 rss: 52Mb L: 22/900 MS: 1 EraseBytes-",
            "#90000\tDONE   cov: 812 ft: 2100 corp: 80/30Kb lim: 1170 exec/s: 1475 rss: 90Mb",
            "stat::number_of_executed_units: 90000",
            "stat::average_exec_per_sec:     1475",
            "stat::peak_rss_mb:              90",
        ] {
            outcome.read(line);
        }
        let expected = Outcome { runs: 90_000, speed: 1475, coverage: [612, 812], memory: 90, failed: false };
        assert_eq!(outcome, expected);
    }

    #[test]
    fn every_target_is_found_and_another_is_refused() {
        let root = crate::root();
        let targets = targets_of(&root).unwrap();
        assert!(targets.contains(&"taught".to_owned()) && targets.is_sorted(), "{targets:?}");
        let error = fuzz(&root, 1, &["tought".to_owned()]).unwrap_err().to_string();
        assert!(error.starts_with("There is no target tought; there are: archive, "), "{error}");
    }
}
