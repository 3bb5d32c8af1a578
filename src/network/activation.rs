//! Activations. On a processor, where no gradients are asked for, they are `hearsight_kernels`'; everywhere else they are burn's.

use burn::tensor::{Device, Tensor, activation};
use hearsight_kernels as kernels;

use super::data;

/// GELU of each number.
pub fn gelu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    computed(x, D - 1, |values, _| kernels::gelu(values), activation::gelu)
}

/// Softmax over an axis.
pub fn softmax<const D: usize>(x: Tensor<D>, axis: usize) -> Tensor<D> {
    computed(x, axis, kernels::softmax, |x| activation::softmax(x, axis))
}

/// Its logarithms.
pub fn log_softmax<const D: usize>(x: Tensor<D>, axis: usize) -> Tensor<D> {
    computed(x, axis, kernels::log_softmax, |x| activation::log_softmax(x, axis))
}

/// e to the power of each number.
pub fn exponential<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    computed(x, D - 1, |values, _| kernels::exponential(values), Tensor::exp)
}

/// What a kernel, which is told how many numbers a row has, makes of a tensor's rows along an axis; where that is not for kernels,
/// what burn makes of it.
fn computed<const D: usize>(
    x: Tensor<D>,
    axis: usize,
    kernel: impl Fn(&mut [f32], usize),
    burns: impl Fn(Tensor<D>) -> Tensor<D>,
) -> Tensor<D> {
    let device = x.device();
    if axis != D - 1 || x.is_autodiff() || device != Device::flex() {
        return burns(x);
    }
    // Of nothing there are no rows.
    let columns = x.dims()[D - 1].max(1);
    let mut numbers = data(x);
    kernel(numbers.as_mut_slice().expect("f32 on the CPU"), columns);
    Tensor::from_data(numbers, &device)
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;

    /// Small, large, masked and in an order that is not that of memory; a row is longer than what is computed at once.
    #[test]
    fn they_are_what_burn_computes() {
        let numbers: Vec<f32> = (0..2 * 3 * 1031).map(|n| ((n * 37 % 2003) as f32 - 1000.0) / 90.0).collect();
        let x =
            Tensor::<3>::from_data(TensorData::new(numbers, [2, 1031, 3]), &Device::flex()).swap_dims(1, 2);
        let masked = x.clone().mask_fill(x.clone().greater_elem(9.0), -1e4);
        for x in [x, masked] {
            let close = |got: Tensor<3>, want: Tensor<3>, least: f32| {
                let difference = (got - want.clone()).abs() / want.abs().clamp_min(1.0);
                let difference = difference.max().into_scalar::<f32>();
                assert!(difference < least, "{difference}");
            };
            close(gelu(x.clone()), activation::gelu(x.clone()), 1e-6);
            close(softmax(x.clone(), 2), activation::softmax(x.clone(), 2), 1e-6);
            close(log_softmax(x.clone(), 2), activation::log_softmax(x.clone(), 2), 1e-6);
            close(exponential(x.clone()), x.exp(), 2e-6);
        }
    }
}
