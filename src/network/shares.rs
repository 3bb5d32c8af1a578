//! How a vector of the shared space is the sum of what its parts add to it: the moments of a clip, the regions of a picture.
//!
//! Both heads are linear in their parts once the roots, norms and gates between them are held at what they are for the
//! whole; a bias counts for each part by its weight, and weights sum to one. So a score, the inner product of two such
//! sums, is exactly the sum of a map with one number for each moment and region: the matchmap of Harwath et al. (2018,
//! section 3.3), which there is a mean because their branches end in one.

use burn::nn::{LayerNorm, Linear};
use burn::tensor::Tensor;

/// A linear layer on parts `[parts, in]` -> `[parts, out]`; `weights` `[parts, 1]`.
pub fn linear(layer: &Linear, parts: Tensor<2>, weights: &Tensor<2>) -> Tensor<2> {
    with_bias(parts.matmul(layer.weight.val()), layer.bias.as_ref().map(|bias| bias.val()), weights)
}

/// Parts `[parts, width]` with their shares of a bias `[width]`.
pub fn with_bias(parts: Tensor<2>, bias: Option<Tensor<1>>, weights: &Tensor<2>) -> Tensor<2> {
    match bias {
        Some(bias) => parts + bias.unsqueeze_dim::<2>(0) * weights.clone(),
        None => parts,
    }
}

/// Parts of a vector that is standardised over its numbers by a layer norm with this epsilon.
pub fn layer_norm(norm: &LayerNorm, epsilon: f64, parts: Tensor<2>, weights: &Tensor<2>) -> Tensor<2> {
    let centred = parts.clone() - parts.mean_dim(1);
    let variance = whole(&centred).square().mean_dim(1);
    let scale = norm.gamma.val().unsqueeze_dim::<2>(0) / variance.add_scalar(epsilon).sqrt();
    with_bias(centred * scale, norm.beta.as_ref().map(|beta| beta.val()), weights)
}

/// Parts of a vector that goes through a GELU, `x` times how likely a normal number is below it: that gate is the whole's.
pub fn gelu(parts: Tensor<2>) -> Tensor<2> {
    let gate = whole(&parts).div_scalar(std::f64::consts::SQRT_2).erf().add_scalar(1.0).div_scalar(2.0);
    parts * gate
}

/// Parts of a vector that is brought to length one.
pub fn unit_length(parts: Tensor<2>) -> Tensor<2> {
    let length = whole(&parts).square().sum_dim(1).add_scalar(1e-12).sqrt();
    parts / length
}

/// The vector whose parts these are, `[1, width]`.
pub fn whole(parts: &Tensor<2>) -> Tensor<2> {
    parts.clone().sum_dim(0)
}
