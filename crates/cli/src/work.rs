//! Doing one thing to many items on all cores, with a progress bar.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{available_parallelism, scope};

use indicatif::{ProgressBar, ProgressStyle};

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
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        while let Some((index, item)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, items.get(i)?)))
        {
            done.push((index, work(item)?));
            bar.inc(1);
        }
        Ok::<_, Failure>(done)
    };
    let workers = available_parallelism().map_or(1, usize::from);
    let parts = scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a worker stopped".into())))
            .collect()
    });
    bar.finish_and_clear();
    let mut results: Vec<(usize, R)> = Vec::with_capacity(items.len());
    for part in Vec::into_iter(parts) {
        results.extend(part?);
    }
    results.sort_by_key(|(index, _)| *index);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}
