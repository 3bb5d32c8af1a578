//! A picture file to the features of the poster's image network.

use burn::tensor::Device;

use super::EngineError;
use super::picture::tensor;
use super::speech::read;
use crate::picture::Pixels;
use crate::poster::{Vgg16, Vgg16Error, Vgg16Loader};

/// The frozen VGG16 up to fc2.
pub struct Vgg16Features {
    network: Vgg16,
    device: Device,
}

impl Vgg16Features {
    /// Takes what a loader has gathered.
    ///
    /// # Errors
    /// [`Vgg16Error::Missing`] names a tensor that has not come whole.
    pub fn new(loader: Vgg16Loader, device: &Device) -> Result<Self, Vgg16Error> {
        Ok(Self { network: loader.finish(device)?, device: device.clone() })
    }

    /// Loads a whole checkpoint: ours, or torchvision's weights as safetensors.
    ///
    /// # Errors
    /// [`Vgg16Error`] for a file that is broken or of another network.
    pub fn load(bytes: &[u8], device: &Device) -> Result<Self, Vgg16Error> {
        Self::new(Vgg16Loader::read(bytes)?, device)
    }

    /// fc2 after ReLU, 4096 numbers, of pixels as [`Pixels::imagenet`] makes them.
    ///
    /// # Errors
    /// [`EngineError::DeviceLost`] when the device no longer answers.
    pub async fn of(&self, pixels: &Pixels) -> Result<Vec<f32>, EngineError> {
        read(self.network.forward(tensor(pixels, &self.device)).await?).await
    }
}
