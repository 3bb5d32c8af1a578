//! How many tests passed and failed, read from what the test runners print.

use std::fmt;
use std::iter::Sum;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
}

impl Counts {
    pub const PASSED: Self = Self { passed: 1, failed: 0 };
    pub const FAILED: Self = Self { passed: 0, failed: 1 };

    /// Takes in one line of `cargo test` or of wasm-bindgen's runner: "test result: ok. 3 passed; 0 failed; …".
    pub fn read_cargo_line(&mut self, line: &str) {
        if let Some((_, result)) = line.split_once("test result: ") {
            self.passed += number_before(result, " passed").unwrap_or(0);
            self.failed += number_before(result, " failed").unwrap_or(0);
        }
    }

    /// Reads the end of what `node --test` writes as TAP: "# pass 3", "# fail 0", "# cancelled 0".
    pub fn from_tap(text: &str) -> Self {
        let count = |name: &str| {
            text.lines().rev().find_map(|line| line.strip_prefix(name)?.parse().ok()).unwrap_or(0)
        };
        Self { passed: count("# pass "), failed: count("# fail ") + count("# cancelled ") }
    }

    /// Adds a failure that no runner counted: it ended badly on its own account, or ran no test at all.
    pub fn judged(mut self, succeeded: bool) -> Self {
        if !succeeded && self.failed == 0 {
            println!("The test runner failed without a failed test; its own message is above.");
            self.failed = 1;
        } else if self == Self::default() {
            println!("The test runner found no tests to run.");
            self.failed = 1;
        }
        self
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |sum, next| Self {
            passed: sum.passed + next.passed,
            failed: sum.failed + next.failed,
        })
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// The number right before a word: 3 in "ok. 3 passed; …".
fn number_before(text: &str, word: &str) -> Option<usize> {
    let (before, _) = text.split_once(word)?;
    before.rsplit(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cargo(lines: &[&str]) -> Counts {
        let mut counts = Counts::default();
        lines.iter().for_each(|line| counts.read_cargo_line(line));
        counts
    }

    #[test]
    fn results_of_several_binaries_add_up() {
        let counts = cargo(&[
            "running 3 tests\n",
            "test sound::tests::it_passed_and_failed ... ok\n",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n",
            "test result: \u{1b}[31mFAILED\u{1b}[0m. 10 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n",
        ]);
        assert_eq!(counts, Counts { passed: 13, failed: 2 });
    }

    #[test]
    fn the_result_of_a_browser_test_counts() {
        assert_eq!(
            cargo(&["test result: ok. 2 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.41s\n"])
                .passed,
            2
        );
    }

    #[test]
    fn the_end_of_a_tap_report_counts_and_not_its_subtests() {
        let report = "TAP version 13\n# Subtest: finds the clip\n    # pass 9\nok 1 - finds the clip\n1..2\n# tests 3\n# suites 0\n# pass 1\n# fail 1\n# cancelled 1\n# skipped 0\n# todo 0\n# duration_ms 5.1\n";
        assert_eq!(Counts::from_tap(report), Counts { passed: 1, failed: 2 });
        assert_eq!(
            Counts::from_tap("# a message of a test\n# pass 0\n# fail 0\n# cancelled 0\n"),
            Counts::default()
        );
    }

    #[test]
    fn a_runner_that_fails_or_finds_nothing_has_failed() {
        let three = Counts { passed: 3, failed: 0 };
        assert_eq!(three.judged(true), three);
        assert_eq!(three.judged(false), Counts { passed: 3, failed: 1 });
        assert_eq!(Counts { passed: 3, failed: 2 }.judged(false), Counts { passed: 3, failed: 2 });
        assert_eq!(Counts::default().judged(true), Counts::FAILED);
        assert_eq!(Counts::default().judged(false), Counts::FAILED);
    }

    #[test]
    fn the_last_line_is_what_readers_of_the_log_expect() {
        assert_eq!(Counts { passed: 41, failed: 0 }.to_string(), "41 passed, 0 failed");
    }
}
