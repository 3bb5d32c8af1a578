//! Where the systems are trained and measured.

use burn::tensor::Device;

/// The first CUDA device where the lab is built with the feature `gpu`; else the processor, one core a training.
pub fn device() -> Device {
    #[cfg(feature = "gpu")]
    return Device::cuda(0);
    #[cfg(not(feature = "gpu"))]
    Device::flex()
}
