//! Loops over pieces of an array: one after the other, or side by side where there are threads.

#[cfg(not(feature = "threads"))]
pub(crate) use one_by_one as each_piece;
#[cfg(feature = "threads")]
pub(crate) use shared::{at_a_time, each_piece};

/// Calls `act` with each piece of so many numbers, of which the last may be shorter, and with its place among them.
pub(crate) fn one_by_one<T>(values: &mut [T], size: usize, act: impl Fn(usize, &mut [T])) {
    values.chunks_mut(size).enumerate().for_each(|(place, piece)| act(place, piece));
}

/// How many pieces are worked on at a time.
#[cfg(not(feature = "threads"))]
pub(crate) fn at_a_time() -> usize {
    1
}

#[cfg(feature = "threads")]
mod shared {
    use std::cell::Cell;
    use std::hint::spin_loop;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Mutex, PoisonError};

    use rayon::{Yield, current_num_threads, current_thread_index, in_place_scope, spawn, yield_now};

    use super::one_by_one;

    /// A thread gets so many shares of a loop, one after the other: a slow one gets fewer.
    const SHARES: usize = 2;
    /// So often a helper looks for work in vain, for a millisecond or two, before it sleeps.
    const LOOKS: usize = 20_000;

    /// Helpers that are awake, or about to be.
    static AWAKE: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static IS_AWAKE: Cell<bool> = const { Cell::new(false) };
    }

    pub(crate) fn at_a_time() -> usize {
        current_num_threads()
    }

    /// As [`one_by_one`], by all threads that are free. Who calls it works too, and waits without sleeping.
    pub(crate) fn each_piece<T: Send>(
        values: &mut [T],
        size: usize,
        act: impl Fn(usize, &mut [T]) + Send + Sync,
    ) {
        let (threads, pieces) = (current_num_threads(), values.len().div_ceil(size));
        if threads == 1 || pieces < 2 {
            return one_by_one(values, size, act);
        }
        keep_awake(threads - 1);
        let together = pieces.div_ceil(SHARES * threads);
        let left = AtomicUsize::new(pieces.div_ceil(together));
        let shares = Mutex::new(values.chunks_mut(together * size).enumerate());
        let work = || {
            let next = || shares.lock().unwrap_or_else(PoisonError::into_inner).next();
            while let Some((share, values)) = next() {
                one_by_one(values, size, |place, piece| act(share * together + place, piece));
                left.fetch_sub(1, Ordering::Release);
            }
        };
        in_place_scope(|scope| {
            (1..threads).for_each(|_| scope.spawn(|_| work()));
            work();
            while left.load(Ordering::Acquire) > 0 {
                spin_loop();
            }
        });
    }

    /// A network is a hundred loops with something between them. To be woken for each takes a helper longer than many a loop.
    fn keep_awake(helpers: usize) {
        for _ in AWAKE.load(Ordering::Relaxed)..helpers {
            AWAKE.fetch_add(1, Ordering::Relaxed);
            spawn(look_for_work);
        }
    }

    fn look_for_work() {
        // Not the one who calls for help, and none twice.
        if current_thread_index() != Some(0) && !IS_AWAKE.replace(true) {
            let mut in_vain = 0;
            while in_vain < LOOKS {
                in_vain = if yield_now() == Some(Yield::Executed) { 0 } else { in_vain + 1 };
            }
            IS_AWAKE.set(false);
        }
        AWAKE.fetch_sub(1, Ordering::Relaxed);
    }

    #[cfg(test)]
    mod tests {
        use rayon::ThreadPoolBuilder;

        use super::*;

        /// Every number once, with its piece's place: by as many threads as there are, by more than there are pieces, and by one.
        #[test]
        fn every_piece_is_done_once_and_knows_its_place() {
            for threads in [1, 2, 3, 8] {
                let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                for (length, size) in [(0, 4), (3, 4), (4, 4), (1000, 7), (4096, 1), (100_000, 1024)] {
                    let mut done = vec![0; length];
                    pool.install(|| {
                        each_piece(&mut done, size, |place, piece| {
                            piece.iter_mut().for_each(|number| *number += place + 1);
                        });
                    });
                    let want: Vec<_> = (0..length).map(|number| number / size + 1).collect();
                    assert_eq!(done, want, "{threads} threads, {length} by {size}");
                }
            }
        }

        /// As on the page: the caller is one of the threads, and its helper comes late.
        #[test]
        fn nobody_waits_for_a_helper_that_has_not_come() {
            let (to_come, helpers) = std::sync::mpsc::channel();
            std::thread::scope(|scope| {
                scope.spawn(move || {
                    let pool = ThreadPoolBuilder::new().num_threads(2).use_current_thread();
                    let pool = pool.spawn_handler(|helper| {
                        to_come.send(helper).map_err(|_| std::io::ErrorKind::Other.into())
                    });
                    let pool = pool.build().unwrap();
                    let mut done = vec![0; 1000];
                    let mut count = || {
                        each_piece(&mut done, 10, |_, piece| piece.iter_mut().for_each(|number| *number += 1))
                    };
                    count();
                    let helper = helpers.recv().unwrap();
                    let helping = scope.spawn(|| helper.run());
                    (0..1000).for_each(|_| count());
                    assert!(done.iter().all(|number| *number == 1001));
                    drop(pool);
                    helping.join().unwrap();
                });
            });
        }
    }
}
