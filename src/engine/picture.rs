//! A picture file to a vector of the shared space.

use burn::nn::PaddingConfig2d;
use burn::nn::pool::{AvgPool2dConfig, MaxPool2dConfig};
use burn::tensor::{Device, Tensor, TensorData};

use super::EngineError;
use super::speech::{read, read_rows};
use crate::network::{EfficientNetLite0, FEATURES, PictureHead, SIDE, Storage, Weights, WeightsError};
use crate::picture::Pixels;

/// What a file of picture weights calls itself.
const FORMAT: &str = "hearsight-picture-2";

/// Regions along a side of a picture.
pub const GRID: usize = 7;

/// The picture network, of which nothing learns here.
pub struct PictureNetwork {
    backbone: EfficientNetLite0,
    head: PictureHead,
    device: Device,
}

impl PictureNetwork {
    /// Loads a file of picture weights.
    ///
    /// # Errors
    /// [`WeightsError`] for a file that is broken, of another version, or does not fit.
    pub fn load(bytes: &[u8], device: &Device) -> Result<Self, WeightsError> {
        Self::of(&Weights::read(bytes)?, device)
    }

    /// Of such a file that was read.
    ///
    /// # Errors
    /// [`WeightsError`] for one of another version, or that does not fit.
    pub fn of(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        weights.expect_format(FORMAT)?;
        Ok(Self {
            backbone: EfficientNetLite0::load(weights, "backbone.", device)?,
            head: PictureHead::load(weights, "picture_head.", device)?,
            device: device.clone(),
        })
    }

    /// A file of picture weights from those of the backbone and of the head: matrices and filters in int8, which the
    /// backbone's were before they came here.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] when one of the two does not fit.
    pub fn write(backbone: Weights, head: Weights) -> Result<Vec<u8>, WeightsError> {
        let mut weights = backbone.rename(|name| Some(format!("backbone.{name}")));
        weights.merge(head.rename(|name| Some(format!("picture_head.{name}"))));
        weights.metadata = [("format".into(), FORMAT.into())].into();
        let bytes = weights.write(Storage::Int8)?;
        Self::load(&bytes, &Device::flex())?;
        Ok(bytes)
    }

    /// Unit vectors of the [`GRID`] x [`GRID`] regions of a picture, row by row. Each is seen with its neighbours, a ninth
    /// of the picture's side to each side.
    ///
    /// # Errors
    /// [`EngineError::DeviceLost`] when the device no longer answers.
    pub async fn regions(&self, pixels: &Pixels) -> Result<Vec<Vec<f32>>, EngineError> {
        let map = self.backbone.map(tensor(pixels, &self.device));
        let mean = AvgPool2dConfig::new([3, 3])
            .with_strides([1, 1])
            .with_padding(PaddingConfig2d::Same)
            .with_count_include_pad(false)
            .init()
            .forward(map.clone());
        let maximum = MaxPool2dConfig::new([3, 3])
            .with_strides([1, 1])
            .with_padding(PaddingConfig2d::Same)
            .init()
            .forward(map);
        let rows = |map: Tensor<4>| map.reshape([FEATURES, GRID * GRID]).transpose();
        read_rows(self.head.of_pooled(rows(mean), rows(maximum))).await
    }

    /// What each of the [`GRID`] x [`GRID`] regions adds to the vector of a picture, row by row: their sum is what
    /// [`embed`](Self::embed) gives.
    ///
    /// # Errors
    /// [`EngineError::DeviceLost`] when the device no longer answers.
    pub async fn shares(&self, pixels: &Pixels) -> Result<Vec<Vec<f32>>, EngineError> {
        let regions = self.backbone.regions(tensor(pixels, &self.device));
        read_rows(self.head.shares(regions.squeeze_dim(0))).await
    }

    /// Unit vector of a picture.
    ///
    /// # Errors
    /// [`EngineError::DeviceLost`] when the device no longer answers.
    pub async fn embed(&self, pixels: &Pixels) -> Result<Vec<f32>, EngineError> {
        read(self.head.forward(self.backbone.regions(tensor(pixels, &self.device)))).await
    }
}

/// Pixels as `[1, 3, 224, 224]`.
pub fn tensor(pixels: &Pixels, device: &Device) -> Tensor<4> {
    debug_assert_eq!(pixels.side, SIDE);
    Tensor::from_data(TensorData::new(pixels.values.clone(), [1, 3, pixels.side, pixels.side]), device)
}
