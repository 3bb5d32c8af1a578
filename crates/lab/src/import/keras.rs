//! Keras' `vgg16_weights_tf_dim_ordering_tf_kernels.h5`, turned into torchvision's terms.
//!
//! The weights are those of Caffe, so the network expects another input: blue, green, red from 0 to 255, less a mean.
//! The first layer takes that over here, so that everything behind it sees what it was trained on while pictures are
//! prepared in one way only. (At the very edge the padding differs by at most half a step of 255.)

use std::path::Path;

use hdf5_pure::{Dataset, File, Group};
use hearsight::poster::{Number, Stored, Vgg16Error, Vgg16Loader, vgg16_tensors};

use super::{Failure, unreadable};

/// Keras' names of the layers, in the network's order.
const LAYERS: [&str; 15] = [
    "block1_conv1",
    "block1_conv2",
    "block2_conv1",
    "block2_conv2",
    "block3_conv1",
    "block3_conv2",
    "block3_conv3",
    "block4_conv1",
    "block4_conv2",
    "block4_conv3",
    "block5_conv1",
    "block5_conv2",
    "block5_conv3",
    "fc1",
    "fc2",
];
/// Mean of the pixels that Caffe subtracted; blue, green, red, 0 to 255.
const CAFFE_MEAN: [f32; 3] = [103.939, 116.779, 123.68];
/// Mean and deviation that [`hearsight::picture::Pixels::imagenet`] brings to 0 and 1; blue, green, red, 0 to 1.
const OUR_MEAN: [f32; 3] = [0.406, 0.456, 0.485];
const OUR_DEVIATION: [f32; 3] = [0.225, 0.224, 0.229];
/// The last map: height and width, channels.
const MAP: (usize, usize) = (7 * 7, 512);

/// All tensors of a file.
pub fn gather(file: &Path) -> Result<Vgg16Loader, Failure> {
    let file = File::open(file).map_err(unreadable)?;
    // A whole saved model keeps its weights one level down.
    let root = file.root().group("model_weights").unwrap_or_else(|_| file.root());
    let tensors = vgg16_tensors();
    // Shapes are checked in Keras' own terms, below.
    let stored = tensors.iter().cloned().map(|(name, shape)| Stored { name, shape, number: Number::F32 });
    let mut loader = Vgg16Loader::new(stored)?;
    for (layer, pair) in LAYERS.into_iter().zip(tensors.chunks_exact(2)) {
        let [(weight, shape), (bias, _)] = pair else { continue };
        let mut held = read(&root, layer, shape)?;
        if layer == "block1_conv1" {
            take_over_preparation(&mut held);
        }
        let turned = match (layer, &shape[..]) {
            ("fc1", [outputs, _]) => transposed(&channels_first(&held.kernel, MAP, *outputs), *outputs),
            (_, [outputs, ..]) => transposed(&held.kernel, *outputs),
            _ => continue,
        };
        let turned = if let [_, inputs, 3, 3] = shape[..] { filters(&turned, inputs) } else { turned };
        loader.push_values(weight, &turned)?;
        loader.push_values(bias, &held.bias)?;
    }
    Ok(loader)
}

/// A layer as Keras keeps it.
struct Layer {
    /// `[height, width, in, out]` or `[in, out]`.
    kernel: Vec<f32>,
    /// `[out]`.
    bias: Vec<f32>,
}

/// Reads a layer whose shape in torchvision's terms is `shape`.
fn read(root: &Group, layer: &str, shape: &[usize]) -> Result<Layer, Failure> {
    let missing = || Vgg16Error::Missing(layer.to_owned());
    let found = datasets(&root.group(layer).map_err(|_| missing())?)?;
    let of_rank = |rank: usize, expected: &[usize]| {
        let found = found.iter().find(|(found, _)| found.len() == rank).ok_or_else(missing)?;
        if found.0 != expected {
            let (name, found) = (layer.to_owned(), found.0.clone());
            return Err(Failure::from(Vgg16Error::Shape { name, found, expected: expected.to_vec() }));
        }
        found.1.read_f32().map_err(unreadable)
    };
    // [out, in, height, width] is [height, width, in, out] there, and [out, in] is [in, out].
    let mut kernel = [&shape[2..], &shape[..2]].concat();
    let last = kernel.len() - 1;
    kernel.swap(last - 1, last);
    Ok(Layer { kernel: of_rank(shape.len(), &kernel)?, bias: of_rank(1, &shape[..1])? })
}

/// Every dataset of a group and below it, with its shape: their names have changed from version to version.
fn datasets(group: &Group) -> Result<Vec<(Vec<usize>, Dataset)>, Failure> {
    let mut found = Vec::new();
    for name in group.datasets().map_err(unreadable)? {
        let dataset = group.dataset(&name).map_err(unreadable)?;
        let shape = dataset.shape().map_err(unreadable)?;
        found.push((shape.into_iter().map(|length| length as usize).collect(), dataset));
    }
    for name in group.groups().map_err(unreadable)? {
        found.extend(datasets(&group.group(&name).map_err(unreadable)?)?);
    }
    Ok(found)
}

/// Makes the first layer take red, green, blue with our mean and deviation: `x = 255 (deviation y + mean) - caffe mean`.
fn take_over_preparation(layer: &mut Layer) {
    let outputs = layer.bias.len();
    for pixel in layer.kernel.chunks_exact_mut(3 * outputs) {
        for (colour, weights) in pixel.chunks_exact_mut(outputs).enumerate() {
            let shift = 255.0 * OUR_MEAN[colour] - CAFFE_MEAN[colour];
            for (weight, bias) in weights.iter_mut().zip(&mut layer.bias) {
                *bias += *weight * shift;
                *weight *= 255.0 * OUR_DEVIATION[colour];
            }
        }
        let (blue, rest) = pixel.split_at_mut(outputs);
        blue.swap_with_slice(&mut rest[outputs..]);
    }
}

/// Rows `[place, channel]` become rows `[channel, place]`: torchvision flattens the last map channel by channel.
fn channels_first(kernel: &[f32], (places, channels): (usize, usize), outputs: usize) -> Vec<f32> {
    let row = |channel: usize, place: usize| (place * channels + channel) * outputs;
    let rows = (0..channels).flat_map(|channel| (0..places).map(move |place| row(channel, place)));
    rows.flat_map(|at| &kernel[at..at + outputs]).copied().collect()
}

/// `[rows, outputs]` -> `[outputs, rows]`.
fn transposed(matrix: &[f32], outputs: usize) -> Vec<f32> {
    let mut turned = vec![0.0; matrix.len()];
    let rows = matrix.len() / outputs;
    for (at, row) in matrix.chunks_exact(outputs).enumerate() {
        for (output, value) in row.iter().enumerate() {
            turned[output * rows + at] = *value;
        }
    }
    turned
}

/// `[out, 3 * 3, in]` -> `[out, in, 3 * 3]`.
fn filters(turned: &[f32], inputs: usize) -> Vec<f32> {
    turned.chunks_exact(9 * inputs).flat_map(|filter| transposed(filter, inputs)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/");

    fn numbers(value: &Value) -> Vec<f32> {
        value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect()
    }

    #[test]
    fn the_first_layer_answers_as_keras_does_to_its_own_preparation() {
        let file = File::open(format!("{FIXTURES}vgg16_keras.h5")).unwrap();
        let mut layer = read(&file.root(), "block1_conv1", &[64, 3, 3, 3]).unwrap();
        take_over_preparation(&mut layer);
        let weights = filters(&transposed(&layer.kernel, 64), 3);
        let fixture: Value =
            serde_json::from_slice(&std::fs::read(format!("{FIXTURES}vgg16.json")).unwrap()).unwrap();
        // A patch [3, 3, 3]: channel, row, column; red first, 0 to 255.
        let patch = numbers(&fixture["keras"]["patch"]);
        let prepared = patch.iter().enumerate().map(|(at, pixel)| {
            let colour = 2 - at / 9;
            (pixel / 255.0 - OUR_MEAN[colour]) / OUR_DEVIATION[colour]
        });
        let prepared: Vec<f32> = prepared.collect();
        let expected = numbers(&fixture["keras"]["block1_conv1"]);
        assert_eq!(expected.len(), 64);
        for (output, expected) in expected.iter().enumerate() {
            let filter = weights[output * 27..][..27].iter().zip(&prepared);
            let got = layer.bias[output] + filter.map(|(w, x)| w * x).sum::<f32>();
            assert!((got - expected).abs() < 1e-2, "{output}: {got} {expected}");
        }
    }

    #[test]
    fn fc1_is_turned_from_places_to_channels() {
        // 2 places, 3 channels, 2 outputs: number = 100 place + 10 channel + output.
        let number =
            |place: usize, channel: usize, output: usize| (100 * place + 10 * channel + output) as f32;
        let kernel = (0..12).map(|at| number(at / 6, at / 2 % 3, at % 2)).collect::<Vec<_>>();
        let turned = transposed(&channels_first(&kernel, (2, 3), 2), 2);
        assert_eq!(turned, [0.0, 100.0, 10.0, 110.0, 20.0, 120.0, 1.0, 101.0, 11.0, 111.0, 21.0, 121.0]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let sentence = gather(Path::new(&format!("{FIXTURES}vgg16_keras.h5"))).unwrap_err().to_string();
        assert!(sentence.contains("block1_conv2 is missing"), "{sentence}");
    }
}
