//! Several channels to one, and samples of any range to -1..1: what a file says of itself is not always what it means.

/// Channels cancel where their mean has less than this part of the power that independent ones would leave.
const CANCELLED: f64 = 0.5;

/// A peak so many times above what nearly all samples reach is a broken sample and no measure.
const SPIKE: f32 = 100.0;
/// The part of all samples that "nearly all" are.
const NEARLY_ALL: f64 = 0.999;

/// One channel of several that stand side by side, sample by sample: their mean, or the loudest of them where they cancel
/// one another, as the two of a recording whose wires were crossed do.
pub fn mixed(interleaved: &[f32], channels: usize) -> Vec<f32> {
    let channels = channels.max(1);
    let frames = || interleaved.chunks_exact(channels);
    let mean: Vec<f32> = frames().map(|frame| frame.iter().sum::<f32>() / channels as f32).collect();
    let power =
        |samples: &mut dyn Iterator<Item = f32>| samples.map(|v| f64::from(v) * f64::from(v)).sum::<f64>();
    let powers: Vec<f64> =
        (0..channels).map(|channel| power(&mut frames().map(|frame| frame[channel]))).collect();
    let independent = powers.iter().sum::<f64>() / (channels * channels) as f64;
    if channels == 1 || power(&mut mean.iter().copied()) >= CANCELLED * independent {
        return mean;
    }
    let loudest = (0..channels).max_by(|a, b| powers[*a].total_cmp(&powers[*b])).unwrap_or_default();
    frames().map(|frame| frame[loudest]).collect()
}

/// Brings samples that go beyond -1..1 into it, without their constant part; says how far they went. Programs that make
/// floats of whole numbers forget to divide: their samples go to 127, 32768 or beyond.
pub fn into_range(samples: &mut [f32]) -> Option<f32> {
    let peak = |samples: &[f32]| samples.iter().fold(0.0_f32, |peak, v| peak.max(v.abs()));
    let reached = peak(samples);
    if !reached.is_finite() || reached <= 1.0 {
        return None;
    }
    let mut sizes: Vec<f32> = samples.iter().map(|v| v.abs()).collect();
    let place = ((sizes.len() - 1) as f64 * NEARLY_ALL) as usize;
    let nearly_all = *sizes.select_nth_unstable_by(place, f32::total_cmp).1;
    if reached <= SPIKE * nearly_all {
        samples.iter_mut().for_each(|v| *v /= reached);
        let mean = samples.iter().map(|v| f64::from(*v)).sum::<f64>() / samples.len() as f64;
        samples.iter_mut().for_each(|v| *v = (f64::from(*v) - mean).clamp(-1.0, 1.0) as f32);
    } else {
        let scale = if nearly_all > 1.0 { nearly_all } else { 1.0 };
        samples.iter_mut().for_each(|v| *v = (*v / scale).clamp(-1.0, 1.0));
    }
    Some(reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speech(scale: f32) -> Vec<f32> {
        (0..1000).map(|n| scale * (n as f32 * 0.3).sin()).collect()
    }

    fn stereo(left: f32, right: f32) -> Vec<f32> {
        speech(1.0).iter().flat_map(|v| [v * left, v * right]).collect()
    }

    #[test]
    fn channels_that_cancel_leave_the_louder_one() {
        assert_eq!(mixed(&speech(0.5), 1), speech(0.5));
        assert_eq!(mixed(&stereo(0.5, 0.25), 2), speech(0.375));
        assert_eq!(mixed(&stereo(0.5, -0.5), 2), speech(-0.5));
        assert_eq!(mixed(&stereo(0.25, -0.5), 2), speech(-0.5));
        // One alone is no cancelling, however many are silent.
        assert_eq!(mixed(&stereo(0.5, 0.0), 2), speech(0.25));
        let six: Vec<f32> = speech(0.6).iter().flat_map(|v| [0.0, 0.0, *v, 0.0, 0.0, 0.0]).collect();
        assert!(mixed(&six, 6).iter().zip(speech(0.1)).all(|(a, b)| (a - b).abs() < 1e-6));
        assert!(mixed(&[0.0; 8], 2).iter().all(|v| *v == 0.0) && mixed(&[], 0).is_empty());
    }

    #[test]
    fn whole_numbers_become_samples() {
        let mut right = speech(0.9);
        assert_eq!((into_range(&mut right), right), (None, speech(0.9)));
        for scale in [1.5, 127.0, 20_000.0, 3e8] {
            let mut samples = speech(scale);
            assert!(into_range(&mut samples).unwrap() > 0.99 * scale);
            assert!(samples.iter().zip(speech(1.0)).all(|(a, b)| (a - b).abs() < 0.02), "{scale}");
        }
        let mut unsigned: Vec<f32> = speech(100.0).iter().map(|v| v + 128.0).collect();
        into_range(&mut unsigned);
        assert!(unsigned.iter().sum::<f32>().abs() < 1.0);
    }

    #[test]
    fn one_broken_sample_silences_nothing() {
        let mut samples = speech(0.5);
        samples[7] = 1e30;
        into_range(&mut samples);
        assert_eq!((samples[7], samples[8]), (1.0, speech(0.5)[8]));
        assert_eq!(into_range(&mut []), None);
    }
}
