//! The weights of a formula, by which VGG16 is compared with torchvision (tests/fixtures/make_vgg16.py has it too).

#![allow(dead_code)] // Each test file uses a part of it.

use half::f16;
use hearsight::poster::{Number, Stored, Vgg16Loader, vgg16_tensors};

/// After so many numbers the formula gives the same again, so that 134 million are soon there. A prime: no row of a matrix is like
/// another one.
const PERIOD: usize = 1_000_003;

/// Names, shapes and values, as bytes of f16, of all tensors up to fc2, as torchvision's `vgg16` orders them.
pub fn vgg16() -> impl Iterator<Item = (String, Vec<usize>, Vec<u8>)> {
    vgg16_tensors().into_iter().enumerate().map(|(index, (name, shape))| {
        let fan_in: usize = shape[1..].iter().product();
        let scale = if name.ends_with("weight") { (6.0 / fan_in as f64).sqrt() } else { 0.1 };
        let count: usize = shape.iter().product();
        let values = tensor(index as u64, count.min(PERIOD), scale as f32);
        let once: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let mut bytes = once.repeat(count.div_ceil(PERIOD));
        bytes.truncate(2 * count);
        (name, shape, bytes)
    })
}

/// The network with the weights of the formula, handed in in two bites a tensor.
pub fn vgg16_loader() -> Vgg16Loader {
    let stored = vgg16_tensors().into_iter().map(|(name, shape)| Stored { name, shape, number: Number::F16 });
    let mut loader = Vgg16Loader::new(stored).unwrap();
    for (name, _, bytes) in vgg16() {
        let (first, second) = bytes.split_at(bytes.len() / 4 * 2);
        loader.push(&name, first).unwrap();
        loader.push(&name, second).unwrap();
    }
    loader
}

/// SplitMix64 of the index, 24 bits to [-1, 1), times `scale`, rounded to f16.
pub fn tensor(number: u64, count: usize, scale: f32) -> Vec<f16> {
    assert!(count <= PERIOD, "{count} numbers repeat themselves");
    let value = |index: u64| {
        let x = (index + (number << 32) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let unit = ((x ^ (x >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0;
        f16::from_f32(unit * scale)
    };
    (0..count as u64).map(value).collect()
}
