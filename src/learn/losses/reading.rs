//! What a reader of word-like units learns from: the units of what was said, and its meaning.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Bool, Tensor, TensorData};

use super::contrastive::own_entry;
use super::ctc::ctc;
use crate::network::Reading;

/// Scores are inner products of unit vectors; the softmax expects them wider.
const SCALE: f64 = 20.0;
/// Cosine from which two texts say the same: neither is a wrong answer for the other.
const SAME: f64 = 0.95;
/// Weight of the distance to the clip's own text.
const NEAR: f64 = 3.0;

/// The losses `[1]` of a batch, to be added: InfoNCE of the clips' vectors among all texts and the distance to their own, and
/// CTC of their units. `targets` `[batch, 384]` are the sentence embeddings of what was said, `others` `[texts, 384]` those of
/// other texts, all of length one; `moments` of each clip count, and `said` are its units, from 0: those too many for its
/// moments are left out. training/ear/network.py has the same.
pub fn reading(
    reading: Reading,
    moments: &[usize],
    targets: Tensor<2>,
    others: Tensor<2>,
    said: &[Vec<usize>],
) -> [Tensor<1>; 2] {
    let cosine = (reading.vectors.clone() * targets.clone()).sum_dim(1).mean();
    let candidates = Tensor::cat(vec![targets.clone(), others], 0);
    let near = targets.matmul(candidates.clone().transpose()).greater_elem(SAME);
    let [batch, texts] = near.dims();
    let own = (0..batch * texts).map(|entry| entry % texts == entry / texts).collect::<Vec<bool>>();
    let own = Tensor::<2, Bool>::from_data(TensorData::new(own, [batch, texts]), &near.device());
    let scores = reading.vectors.matmul(candidates.transpose()).mul_scalar(SCALE);
    let scores = scores.mask_fill(near.bool_and(own.bool_not()), -1e4);
    let to_text = own_entry(log_softmax(scores, 1)).neg() + cosine.neg().add_scalar(1.0).mul_scalar(NEAR);
    let said: Vec<Vec<usize>> =
        said.iter().zip(moments).map(|(said, &moments)| said[..said.len().min(moments)].to_vec()).collect();
    [to_text, ctc(reading.units, moments, &said)]
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::disallowed_methods)] // On the CPU.
mod tests {
    use burn::module::Module;
    use burn::optim::GradientsParams;
    use burn::tensor::{Device, Distribution};

    use super::super::farthest;
    use super::*;
    use crate::network::{Lengths, UnitReader, UnitReaderConfig, Weights};

    /// A step of PyTorch's (tests/fixtures/make_unit_reader.py).
    const REFERENCE: &[u8] =
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/unit_reader_step.safetensors"));
    const FRAMES: [usize; 3] = [11, 6, 4];
    const TINY: UnitReaderConfig = UnitReaderConfig {
        frame: 8,
        stack: 2,
        width: 16,
        heads: 2,
        blocks: 2,
        hidden: 64,
        units: 5,
        dimensions: 8,
        alone: false,
    };

    #[test]
    fn a_training_step_is_pytorchs() {
        let reference = Weights::read(REFERENCE).unwrap();
        let device = Device::flex().autodiff();
        let model = reference.clone().rename(|name| name.strip_prefix("model.").map(str::to_owned));
        let reader = UnitReader::import(model).load(TINY.init(&device), "").unwrap();
        let tensor = |name: &str| {
            let (shape, values) = reference.get(name).unwrap();
            TensorData::new(values.to_vec(), shape.to_vec())
        };
        let table = |name: &str| Tensor::<2>::from_data(tensor(name), &device);
        let frames = Tensor::<3>::from_data(tensor("frames"), &device);
        let read = reader.read(frames, Some(&Lengths::new(FRAMES.to_vec())));
        let vectors = read.vectors.clone().into_data().try_to_vec::<f32>().unwrap();
        assert!(farthest(&vectors, &reference.get("vectors").unwrap().1) < 1e-5);
        let moments = FRAMES.map(|frames| frames / 2);
        let said = [vec![3, 3, 0], vec![1, 4], vec![2, 2, 2]];
        let losses = reading(read, &moments, table("targets"), table("others"), &said);
        let values = losses.clone().map(|loss| loss.into_scalar::<f32>());
        assert!(farthest(&values, &reference.get("losses").unwrap().1) < 1e-4, "{values:?}");
        let [to_text, ctc] = losses;
        let gradients = GradientsParams::from_grads((to_text + ctc).backward(), &reader);
        let gradients = Gradients { of: gradients, into: reader };
        for (name, values) in gradients.by_name() {
            let expected = reference.get(&format!("gradient.{name}"));
            // The weights of the sum with the whole-clip reader are chosen, not learned.
            let expected = match name.as_str() {
                "mix" => continue,
                _ => expected.unwrap().1,
            };
            let difference = farthest(&values, &expected);
            assert!(difference < 2e-5, "{name}: {difference}");
        }
    }

    /// How many clips of three seconds a step takes a second, of the size that ships. To be compared with PyTorch's.
    #[test]
    #[ignore = "it measures, with the machine to itself"]
    fn clips_a_second() {
        const BATCH: usize = 32;
        let device = Device::flex().autodiff();
        let config = UnitReaderConfig {
            frame: 384,
            stack: 2,
            width: 384,
            heads: 6,
            blocks: 2,
            hidden: 1536,
            units: 5980,
            dimensions: 384,
            alone: false,
        };
        let reader = config.init(&device);
        let random = |rows: usize| Tensor::<2>::random([rows, 384], Distribution::Normal(0.0, 0.05), &device);
        let said: Vec<Vec<usize>> =
            (0..BATCH).map(|clip| (0..10).map(|unit| clip * 100 + unit).collect()).collect();
        let step = || {
            let start = std::time::Instant::now();
            let frames = Tensor::<3>::random([BATCH, 76, 384], Distribution::Normal(0.0, 1.0), &device);
            let read = reader.read(frames, Some(&Lengths::new(vec![75; BATCH])));
            let read_in = start.elapsed();
            let [to_text, ctc] = reading(read, &[37; BATCH], random(BATCH), random(2048), &said);
            let gradients = GradientsParams::from_grads((to_text + ctc).backward(), &reader);
            assert!(gradients.len() > 30);
            (read_in.as_secs_f64(), start.elapsed().as_secs_f64())
        };
        step();
        for _ in 0..5 {
            let (read_in, whole) = step();
            println!("{:.1} clips a second; read alone {:.1}", BATCH as f64 / whole, BATCH as f64 / read_in);
        }
    }

    /// Gradients in the place of the parameters that they belong to, so that they have their names.
    struct Gradients {
        of: GradientsParams,
        into: UnitReader,
    }

    impl burn::module::ModuleMapper for Gradients {
        fn map_float<const D: usize>(
            &mut self,
            param: burn::module::Param<Tensor<D>>,
        ) -> burn::module::Param<Tensor<D>> {
            let gradient = self.of.remove::<D>(param.id);
            param.map(|values| gradient.unwrap_or_else(|| values.zeros_like()))
        }
    }

    impl Gradients {
        fn by_name(mut self) -> Vec<(String, Vec<f32>)> {
            let module = self.into.clone().map(&mut self);
            let weights = Weights::collect(&module, "").unwrap();
            weights
                .shapes()
                .map(|(name, _)| (name.to_owned(), weights.get(name).unwrap().1.to_vec()))
                .collect()
        }
    }
}
