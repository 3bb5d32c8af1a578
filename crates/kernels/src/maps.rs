//! Maps of pixels whose channels lie side by side, `[pixels, channels]`: filters of each channel by itself, and ReLU6.

/// A convolution of each channel by itself, over a map that has zeros around it.
#[derive(Debug)]
pub struct Depthwise {
    kernel: usize,
    stride: usize,
    /// `[kernel, kernel, channels]`.
    taps: Vec<f32>,
    bias: Vec<f32>,
}

impl Depthwise {
    /// Taps `[kernel, kernel, channels]`, a bias for each channel.
    ///
    /// # Panics
    /// For a kernel that is neither 3 nor 5, or taps of another number.
    pub fn new(kernel: usize, stride: usize, taps: Vec<f32>, bias: Vec<f32>) -> Self {
        assert!(
            matches!(kernel, 3 | 5) && taps.len() == kernel * kernel * bias.len(),
            "no filter of this network"
        );
        Self { kernel, stride, taps, bias }
    }

    /// Pixels from one place of the filter to the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Channels of a map.
    pub fn channels(&self) -> usize {
        self.bias.len()
    }

    /// Pixels of both borders of a row or column, of which the half, rounded down, goes before.
    fn border(&self) -> usize {
        self.kernel - self.stride
    }

    /// Activates a map, `[side, side, channels]`, and puts zeros around it.
    pub fn padded(&self, map: &[f32], bias: &[f32], side: usize) -> Vec<f32> {
        let (channels, before) = (bias.len(), self.border() / 2);
        let width = side + self.border();
        let mut padded = vec![0.0; width * width * channels];
        let rows = padded.chunks_exact_mut(width * channels).skip(before);
        for (row, padded) in map.chunks_exact(side * channels).zip(rows) {
            activate(row, bias, &mut padded[before * channels..][..side * channels]);
        }
        padded
    }

    /// A padded map of a side of `side` without its borders -> the filtered and activated one, `[side / stride, side / stride, channels]`.
    pub fn filter(&self, padded: &[f32], side: usize) -> Vec<f32> {
        if self.kernel == 3 { self.filter_by::<3>(padded, side) } else { self.filter_by::<5>(padded, side) }
    }

    fn filter_by<const KERNEL: usize>(&self, padded: &[f32], side: usize) -> Vec<f32> {
        let (channels, width, out) = (self.bias.len(), side + self.border(), side / self.stride);
        let mut filtered = vec![0.0; out * out * channels];
        for (place, pixel) in filtered.chunks_exact_mut(channels).enumerate() {
            let (y, x) = (place / out * self.stride, place % out * self.stride);
            pixel.copy_from_slice(&self.bias);
            for (row, taps) in self.taps.chunks_exact(KERNEL * channels).enumerate() {
                let seen = &padded[((y + row) * width + x) * channels..][..KERNEL * channels];
                add_row::<KERNEL>(pixel, seen, taps);
            }
            pixel.iter_mut().for_each(|sum| *sum = relu6(*sum));
        }
        filtered
    }
}

/// Adds one row of a filter: `seen` and `taps` are `[KERNEL, channels]`. A function of its own, so that the compiler knows that they
/// do not overlap with what is written, and fills the processor's lanes.
#[inline(never)]
fn add_row<const KERNEL: usize>(pixel: &mut [f32], seen: &[f32], taps: &[f32]) {
    let channels = pixel.len();
    let seen: [&[f32]; KERNEL] = std::array::from_fn(|tap| &seen[tap * channels..][..channels]);
    let taps: [&[f32]; KERNEL] = std::array::from_fn(|tap| &taps[tap * channels..][..channels]);
    for (channel, sum) in pixel.iter_mut().enumerate() {
        for tap in 0..KERNEL {
            *sum += seen[tap][channel] * taps[tap][channel];
        }
    }
}

/// What a filter of `kernel` taps a side sees of a picture at each place, `[planes, side, side]` ->
/// `[side / stride * side / stride, kernel * kernel * planes]` (row, column, plane); at the far sides that is nothing, as zeros.
pub fn patches(picture: &[f32], side: usize, kernel: usize, stride: usize) -> Vec<f32> {
    let (planes, out) = (picture.len() / (side * side), side / stride);
    let size = kernel * kernel * planes;
    let mut patches = vec![0.0; out * out * size];
    for (y, patches) in patches.chunks_exact_mut(out * size).enumerate() {
        for (colour, plane) in picture.chunks_exact(side * side).enumerate() {
            for (i, row) in plane.chunks_exact(side).skip(y * stride).take(kernel).enumerate() {
                for (x, patch) in patches.chunks_exact_mut(size).enumerate() {
                    for (j, value) in row[x * stride..].iter().take(kernel).enumerate() {
                        patch[(i * kernel + j) * planes + colour] = *value;
                    }
                }
            }
        }
    }
    patches
}

/// `relu6(map + bias)`, `[pixels, channels]`.
pub fn activate(map: &[f32], bias: &[f32], to: &mut [f32]) {
    for (map, to) in map.chunks_exact(bias.len()).zip(to.chunks_exact_mut(bias.len())) {
        to.iter_mut().zip(map).zip(bias).for_each(|((to, value), bias)| *to = relu6(value + bias));
    }
}

/// Two comparisons: `f32::clamp` looks for NaN, and takes twice as long.
fn relu6(x: f32) -> f32 {
    let x = if x > 0.0 { x } else { 0.0 };
    if x < 6.0 { x } else { 6.0 }
}

/// Adds a bias to every pixel of a map, `[pixels, channels]`.
pub fn add_bias(map: &mut [f32], bias: &[f32]) {
    map.chunks_exact_mut(bias.len()).for_each(|pixel| add(pixel, bias));
}

/// Adds a map to another of its size.
pub fn add(map: &mut [f32], other: &[f32]) {
    map.iter_mut().zip(other).for_each(|(sum, value)| *sum += value);
}
