//! How long each test took, read from what the runners print and when.

use std::time::{Duration, Instant};

/// A test and the time that it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timed {
    pub name: String,
    pub time: Duration,
}

/// Reads lines of `cargo test` as they come. They say when a test ends; when it began follows from the order: a runner begins its
/// tests by name, a few at once, and the next one when one of them ends. (Only a nightly compiler's runner says it itself.)
pub struct Watch {
    at_once: usize,
    began: Instant,
    /// Names in the order in which they ended, and when.
    ended: Vec<(String, Instant)>,
    timed: Vec<Timed>,
}

impl Watch {
    pub fn new(at_once: usize) -> Self {
        Self { at_once, began: Instant::now(), ended: Vec::new(), timed: Vec::new() }
    }

    pub fn read(&mut self, line: &str) {
        self.read_at(line, Instant::now());
    }

    fn read_at(&mut self, line: &str, now: Instant) {
        if line.starts_with("running ") {
            self.close();
            self.began = now;
        } else if let Some((name, _)) = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... ")) {
            self.ended.push((name.trim_end_matches(" - should panic").to_owned(), now));
        }
    }

    /// Works out the times of one program's tests.
    fn close(&mut self) {
        let mut names: Vec<&String> = self.ended.iter().map(|(name, _)| name).collect();
        if self.at_once > 1 {
            names.sort();
        }
        let timed = names.into_iter().enumerate().filter_map(|(place, name)| {
            let began = place.checked_sub(self.at_once).map_or(self.began, |place| self.ended[place].1);
            let (_, ended) = self.ended.iter().find(|(other, _)| other == name)?;
            Some(Timed { name: name.clone(), time: ended.saturating_duration_since(began) })
        });
        self.timed.extend(timed);
        self.ended.clear();
    }

    pub fn times(mut self) -> Vec<Timed> {
        self.close();
        self.timed
    }
}

/// Reads what `node --test` writes as TAP: below each "ok 1 - name" its "duration_ms: 12.3".
pub fn from_tap(text: &str) -> Vec<Timed> {
    let mut name = None;
    let mut timed = Vec::new();
    for line in text.lines() {
        if let Some((_, rest)) =
            line.split_once(" - ").filter(|(head, _)| head.trim_start_matches("not ").starts_with("ok "))
        {
            name = Some(rest.to_owned());
        } else if let Some(number) = line.strip_prefix("  duration_ms: ")
            && let (Some(name), Ok(time)) = (name.take(), number.trim().parse::<f64>())
        {
            timed.push(Timed { name, time: Duration::from_secs_f64(time.max(0.0) / 1000.0) });
        }
    }
    timed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(timed: &[Timed]) -> Vec<(&str, u64)> {
        timed.iter().map(|Timed { name, time }| (name.as_str(), time.as_secs())).collect()
    }

    #[test]
    fn the_next_test_begins_when_one_ends() {
        let start = Instant::now();
        let mut watch = Watch::new(2);
        for (line, at) in [
            ("running 4 tests", 10),
            ("test b ... ok", 11),
            ("test c - should panic ... ok", 15),
            ("test a ... FAILED", 17),
            ("test d ... ok", 18),
            ("test result: FAILED. 3 passed; 1 failed", 18),
            ("running 1 test", 30),
            ("test e ... ok", 37),
        ] {
            watch.read_at(line, start + Duration::from_secs(at));
        }
        assert_eq!(seconds(&watch.times()), [("a", 7), ("b", 1), ("c", 4), ("d", 3), ("e", 7)]);
    }

    #[test]
    fn one_after_the_other_they_follow_in_the_order_in_which_they_end() {
        let start = Instant::now();
        let mut watch = Watch::new(1);
        for (line, at) in [("running 2 tests", 0), ("test b ... ok", 4), ("test a ... ok", 5)] {
            watch.read_at(line, start + Duration::from_secs(at));
        }
        assert_eq!(seconds(&watch.times()), [("b", 4), ("a", 1)]);
    }

    #[test]
    fn a_tap_report_has_the_time_of_each_test_and_not_of_its_parts() {
        let report = "TAP version 13\n# Subtest: finds - the clip\n    ok 1 - a part\n      ---\n      duration_ms: 9000\n      ...\nok 1 - finds - the clip\n  ---\n  duration_ms: 2500.7\n  ...\nnot ok 2 - speaks\n  ---\n  duration_ms: 3000\n";
        assert_eq!(seconds(&from_tap(report)), [("finds - the clip", 2), ("speaks", 3)]);
    }
}
