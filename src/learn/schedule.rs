//! The learning rate over a training.

/// Share of the steps over which it rises.
const WARM_UP: f64 = 0.02;

/// A short warm-up, then a cosine that falls from `peak` to zero.
pub fn learning_rate(peak: f64, step: usize, steps: usize) -> f64 {
    let done = step as f64 / steps.max(1) as f64;
    let cosine = (1.0 + (std::f64::consts::PI * done).cos()) / 2.0;
    peak * cosine * (done / WARM_UP + 0.01).min(1.0)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn it_rises_to_its_peak_and_falls_to_nothing() {
        let rates: Vec<f64> = (0..=100).map(|step| learning_rate(0.1, step, 100)).collect();
        assert!(rates[0] < 0.002 && rates[100] < 1e-9);
        let highest = rates.iter().copied().fold(0.0, f64::max);
        assert!(highest > 0.09 && highest <= 0.1);
        assert!(rates[..2].windows(2).all(|pair| pair[0] < pair[1]));
        assert!(rates[3..].windows(2).all(|pair| pair[0] > pair[1]));
    }
}
