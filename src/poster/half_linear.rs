//! A linear layer too large for one buffer of a graphics processor: f16 in memory, widened piece by piece.

use burn::tensor::{Device, Tensor, TensorData};
use half::f16;
use half::slice::HalfFloatSliceExt;

/// Largest piece on the device in bytes. WebGPU promises buffers of 128 MiB to a shader; a quarter leaves room for
/// the next piece while the last one is still in use.
const PIECE: usize = 32 << 20;

/// The device gave no answer.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("The device stopped answering.")]
pub struct DeviceLost;

/// `x W^T + b` with frozen weights `[out, in]`, as PyTorch keeps them.
///
/// The weights stay in the memory of the processor. Each forward pass sends them over in pieces of whole rows and
/// reads each piece's answer before it sends the next, so that the device never holds more than a piece, and no
/// device needs shader-f16. A batch shares the cost.
#[derive(Debug)]
pub struct HalfLinear {
    weight: Vec<f16>,
    bias: Vec<f16>,
    inputs: usize,
    piece: usize,
}

impl HalfLinear {
    /// A layer of weights `[out, in]`, row by row, and one bias for each row.
    pub fn new(weight: Vec<f16>, bias: Vec<f16>) -> Self {
        let inputs = weight.len() / bias.len().max(1);
        debug_assert_eq!(weight.len(), inputs * bias.len());
        Self { weight, bias, inputs, piece: PIECE }
    }

    /// How many numbers the layer holds.
    pub fn parameters(&self) -> usize {
        self.weight.len() + self.bias.len()
    }

    /// `[batch, in]` -> `[batch, out]`, on the device of `x`.
    ///
    /// # Errors
    /// [`DeviceLost`] when a piece is not answered.
    pub async fn forward(&self, x: Tensor<2>) -> Result<Tensor<2>, DeviceLost> {
        let ([batch, _], device, outputs) = (x.dims(), x.device(), self.bias.len());
        let columns = x.transpose();
        let mut answer = vec![0.0; batch * outputs];
        let rows = (self.piece / (self.inputs.max(1) * size_of::<f32>())).max(1);
        for (index, piece) in self.weight.chunks((rows * self.inputs).max(1)).enumerate() {
            let first = index * rows;
            let part = wide(piece, self.inputs, &device).matmul(columns.clone());
            let part = part.into_data_async().await.map_err(|_| DeviceLost)?;
            let part = part.try_to_vec::<f32>().map_err(|_| DeviceLost)?;
            for (row, values) in part.chunks(batch).enumerate() {
                for (sample, value) in values.iter().enumerate() {
                    answer[sample * outputs + first + row] = *value;
                }
            }
        }
        let answer = Tensor::from_data(TensorData::new(answer, [batch, outputs]), &device);
        Ok(answer + wide(&self.bias, outputs, &device))
    }
}

/// Rows of `inputs` numbers, in f32 on the device: `[rows, inputs]`.
fn wide(rows: &[f16], inputs: usize, device: &Device) -> Tensor<2> {
    let mut values = vec![0.0; rows.len()];
    rows.convert_to_f32_slice(&mut values);
    Tensor::from_data(TensorData::new(values, [rows.len() / inputs, inputs]), device)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::disallowed_methods)] // On the CPU.
mod tests {
    use super::*;

    #[test]
    fn pieces_make_the_same_answer_as_the_whole() {
        let halves = |count: usize, step: usize| -> Vec<f16> {
            (0..count).map(|i| f16::from_f32((i * step % 17) as f32 - 8.0)).collect()
        };
        let device = Device::flex();
        let x = Tensor::<2>::from_data([[1.0, -2.0, 0.5], [0.0, 3.0, 1.0]], &device);
        let mut layer = HalfLinear::new(halves(15, 5), halves(5, 7));
        let whole = pollster::block_on(layer.forward(x.clone())).unwrap();
        assert_eq!((whole.dims(), layer.parameters()), ([2, 5], 20));
        // Weights 0 to 2 are -8, -3, 2; bias 0 is -8.
        assert_eq!(whole.to_data().try_to_vec::<f32>().unwrap()[0], -8.0 + 6.0 + 1.0 - 8.0);
        for rows in 1..5 {
            layer.piece = rows * 3 * size_of::<f32>();
            let pieces = pollster::block_on(layer.forward(x.clone())).unwrap();
            assert_eq!(pieces.to_data(), whole.to_data(), "{rows} rows a piece");
        }
    }
}
