//! Doing one thing to many items on all cores, with a progress bar.

use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;

use super::Failure;

/// A bar on standard error that says what is done, how far, and how long it still takes.
pub fn bar(length: usize, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length as u64).with_style(style).with_message(what)
}

/// Results in the items' order; the first failure ends it.
pub fn in_parallel<T: Sync, R: Send>(
    what: &'static str,
    items: &[T],
    work: impl Fn(&T) -> Result<R, Failure> + Sync,
) -> Result<Vec<R>, Failure> {
    let bar = bar(items.len(), what);
    let results = items.par_iter().map(|item| work(item).inspect(|_| bar.inc(1))).collect();
    bar.finish_and_clear();
    results
}
