//! How many frames of each clip of a padded batch count.

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};

/// Numbers of frames, one a clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lengths(Vec<usize>);

impl Lengths {
    /// Of these clips. A clip without any frame counts as one frame long.
    pub fn new(lengths: Vec<usize>) -> Self {
        Self(lengths.into_iter().map(|n| n.max(1)).collect())
    }

    /// The numbers.
    pub fn as_slice(&self) -> &[usize] {
        &self.0
    }

    /// The lengths after a layer that shortens each of them.
    pub fn map(&self, shorten: impl Fn(usize) -> usize) -> Self {
        Self::new(self.0.iter().map(|&n| shorten(n)).collect())
    }

    /// Where nothing counts any more, `[batch, frames]`; none where all do.
    pub fn padding(&self, frames: usize, device: &Device) -> Option<Tensor<2, Bool>> {
        if self.0.iter().all(|&n| n >= frames) {
            return None;
        }
        let padding: Vec<bool> = self.0.iter().flat_map(|&n| (0..frames).map(move |t| t >= n)).collect();
        Some(Tensor::from_data(TensorData::new(padding, [self.0.len(), frames]), device))
    }

    /// Sets what stands behind each clip's end to zero, in `[batch, maps, frames]`.
    pub fn silence(&self, x: Tensor<3>) -> Tensor<3> {
        match self.padding(x.dims()[2], &x.device()) {
            Some(padding) => {
                let padding = padding.unsqueeze_dim::<3>(1).expand(x.dims());
                x.mask_fill(padding, 0.0)
            }
            None => x,
        }
    }

    /// [`silence`](Self::silence) where there are lengths; else everything counts.
    pub fn silence_behind(lengths: Option<&Self>, x: Tensor<3>) -> Tensor<3> {
        match lengths {
            Some(lengths) => lengths.silence(x),
            None => x,
        }
    }

    /// Mean over each clip's frames of `[batch, maps, frames]`, whose padding is zero: `[batch, maps]`.
    pub fn mean(&self, x: Tensor<3>) -> Tensor<2> {
        let frames = x.dims()[2];
        let shares: Vec<f32> = self.0.iter().map(|&n| 1.0 / n.min(frames) as f32).collect();
        let shares = Tensor::<2>::from_data(TensorData::new(shares, [self.0.len(), 1]), &x.device());
        x.sum_dim(2).squeeze_dim::<2>(2) * shares
    }

    /// Each clip's last frame of `[batch, maps, frames]`: `[batch, maps]`.
    pub fn last(&self, x: Tensor<3>) -> Tensor<2> {
        let [batch, maps, frames] = x.dims();
        let last = self.indices(frames, &x.device()).expand([batch, maps, 1]);
        x.gather(2, last).squeeze_dim(2)
    }

    fn indices(&self, frames: usize, device: &Device) -> Tensor<3, Int> {
        let last: Vec<i64> = self.0.iter().map(|&n| n.min(frames) as i64 - 1).collect();
        Tensor::from_data(TensorData::new(last, [self.0.len(), 1, 1]), device)
    }
}
