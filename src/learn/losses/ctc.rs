//! Connectionist temporal classification (Graves et al. 2006): what was said, without saying when.

use burn::nn::loss::CTCLossConfig;
use burn::tensor::{Int, Tensor, TensorData};

/// Mean over the clips of the loss of each, divided by its number of labels; `[1]`. `log_probabilities` `[batch, moments, 1 +
/// labels]`, the blank first; `moments` of each clip count, and `said` are its labels, from 0. A clip that has fewer moments
/// than its labels need costs nothing and teaches nothing, as with PyTorch's `zero_infinity`.
pub fn ctc(log_probabilities: Tensor<3>, moments: &[usize], said: &[Vec<usize>]) -> Tensor<1> {
    let (device, batch) = (log_probabilities.device(), moments.len());
    let longest = said.iter().map(Vec::len).max().unwrap_or(0).max(1);
    // burn's loss refuses targets that are longer than their clips, and gives infinity where only repeats are too many.
    let fits: Vec<bool> = said.iter().zip(moments).map(|(said, &moments)| needed(said) <= moments).collect();
    let labels = |clip: usize| if fits[clip] { said[clip].as_slice() } else { &[] };
    let mut targets = vec![1_i64; batch * longest];
    for (clip, row) in targets.chunks_mut(longest).enumerate() {
        row.iter_mut().zip(labels(clip)).for_each(|(to, &label)| *to = label as i64 + 1);
    }
    let numbers = |values: Vec<i64>| Tensor::<1, Int>::from_data(TensorData::new(values, [batch]), &device);
    let losses = CTCLossConfig::new().init().forward(
        log_probabilities.swap_dims(0, 1),
        Tensor::from_data(TensorData::new(targets, [batch, longest]), &device),
        numbers(moments.iter().map(|&moments| moments as i64).collect()),
        numbers((0..batch).map(|clip| labels(clip).len() as i64).collect()),
    );
    let weight = |clip: usize| f32::from(u8::from(fits[clip])) / (labels(clip).len().max(1) * batch) as f32;
    let weights =
        Tensor::from_data(TensorData::new((0..batch).map(weight).collect::<Vec<_>>(), [batch]), &device);
    (losses * weights).sum()
}

/// Moments that labels need: one each, and a blank between two that are the same.
fn needed(labels: &[usize]) -> usize {
    labels.len() + labels.windows(2).filter(|pair| pair[0] == pair[1]).count()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::disallowed_methods)] // On the CPU.
mod tests {
    use burn::tensor::Device;
    use burn::tensor::activation::log_softmax;

    use super::super::farthest;
    use super::*;
    use crate::network::Weights;

    /// PyTorch's values and gradients (tests/fixtures/make_unit_reader.py).
    const REFERENCE: &[u8] =
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/ctc.safetensors"));

    #[test]
    fn values_and_gradients_are_pytorchs() {
        let reference = Weights::read(REFERENCE).unwrap();
        let said =
            [vec![0, 1, 2], vec![1, 1], vec![3], vec![0, 0, 3, 3], vec![], vec![2, 2, 2], vec![0, 1, 2]];
        let moments = [7, 5, 2, 7, 3, 4, 2];
        let device = Device::flex().autodiff();
        let (shape, logits) = reference.get("logits").unwrap();
        let logits =
            Tensor::<3>::from_data(TensorData::new(logits.to_vec(), shape.to_vec()), &device).require_grad();
        let log_probabilities = log_softmax(logits.clone(), 2);
        let losses = reference.get("losses").unwrap().1;
        for clip in 0..said.len() {
            let one = log_probabilities.clone().narrow(0, clip, 1);
            let loss: f32 = ctc(one, &moments[clip..=clip], &said[clip..=clip]).into_scalar();
            let expected = losses[clip] / said[clip].len().max(1) as f32;
            assert!((loss - expected).abs() < 1e-4, "clip {clip}: {loss} {expected}");
        }
        let mean = ctc(log_probabilities, &moments, &said);
        let gradients = mean.backward();
        let mean: f32 = mean.into_scalar();
        assert!((mean - reference.get("mean").unwrap().1[0]).abs() < 1e-4, "{mean}");
        let gradient: Vec<f32> = logits.grad(&gradients).unwrap().into_data().try_to_vec().unwrap();
        let difference = farthest(&gradient, &reference.get("gradient").unwrap().1);
        assert!(difference < 1e-5, "{difference}");
        assert!(gradient.iter().any(|value| value.abs() > 0.01), "it is flat");
    }
}
