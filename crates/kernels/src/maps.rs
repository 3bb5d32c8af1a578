//! Maps of pixels whose channels lie side by side, `[pixels, channels]`: filters of each channel by itself, and ReLU6.

use wide::f32x4;

use crate::pieces::each_piece;

/// A convolution of each channel by itself, over a map that has zeros around it.
#[derive(Debug)]
pub struct Depthwise {
    kernel: usize,
    stride: usize,
    /// `[kernel, kernel, channels / 4]`, four channels each.
    taps: Vec<[f32; 4]>,
    /// `[channels / 4]`.
    biases: Vec<[f32; 4]>,
}

impl Depthwise {
    /// Taps `[kernel, kernel, channels]`, a bias for each channel.
    ///
    /// # Panics
    /// For another kernel than 3 or 5, another stride than 1 or 2, channels that are no multiple of four, or taps of another number.
    pub fn new(kernel: usize, stride: usize, taps: &[f32], biases: &[f32]) -> Self {
        assert!(
            matches!((kernel, stride), (3 | 5, 1 | 2))
                && biases.len().is_multiple_of(4)
                && taps.len() == kernel * kernel * biases.len(),
            "no filter of this network"
        );
        Self { kernel, stride, taps: taps.as_chunks().0.to_vec(), biases: biases.as_chunks().0.to_vec() }
    }

    /// Pixels from one place of the filter to the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Channels of a map.
    pub fn channels(&self) -> usize {
        self.biases.len() * 4
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
        let rows = &mut padded[before * width * channels..][..side * width * channels];
        each_piece(rows, width * channels, |y, padded| {
            let row = &map[y * side * channels..][..side * channels];
            activate(row, bias, &mut padded[before * channels..][..side * channels]);
        });
        padded
    }

    /// A padded map of a side of `side` without its borders -> the filtered and activated one, `[side / stride, side / stride, channels]`.
    pub fn filter(&self, padded: &[f32], side: usize) -> Vec<f32> {
        match (self.kernel, self.stride) {
            (3, 1) => self.filter_by::<3, 1>(padded, side),
            (3, _) => self.filter_by::<3, 2>(padded, side),
            (_, 1) => self.filter_by::<5, 1>(padded, side),
            _ => self.filter_by::<5, 2>(padded, side),
        }
    }

    fn filter_by<const KERNEL: usize, const STRIDE: usize>(&self, padded: &[f32], side: usize) -> Vec<f32> {
        let (width, out) = (side + self.border(), side / STRIDE);
        let mut filtered = vec![0.0; out * out * self.channels()];
        each_piece(filtered.as_chunks_mut().0, out * self.biases.len(), |y, row| {
            let first = y * STRIDE * width * self.channels();
            self.filter_row::<KERNEL, STRIDE>(padded[first..].as_chunks().0, width, row);
        });
        filtered
    }

    /// Four pixels at a time, which share each tap, and one by one what is left over. A function of its own, called for each row: a
    /// browser optimises what is called again, and not what runs on.
    #[inline(never)]
    fn filter_row<const KERNEL: usize, const STRIDE: usize>(
        &self,
        padded: &[[f32; 4]],
        width: usize,
        row: &mut [[f32; 4]],
    ) {
        let fours = self.biases.len();
        let seen = |x: usize| -> [&[[f32; 4]]; KERNEL] {
            std::array::from_fn(|row| &padded[(row * width + x * STRIDE) * fours..])
        };
        let (together, single) = row.split_at_mut(row.len() / (4 * fours) * 4 * fours);
        let left_over = together.len() / fours;
        for (x, pixels) in together.chunks_exact_mut(4 * fours).enumerate() {
            self.filter_some::<KERNEL, STRIDE, 4>(seen(4 * x), pixels);
        }
        for (x, pixel) in single.chunks_exact_mut(fours).enumerate() {
            self.filter_some::<KERNEL, STRIDE, 1>(seen(left_over + x), pixel);
        }
    }

    #[inline(always)]
    fn filter_some<const KERNEL: usize, const STRIDE: usize, const PIXELS: usize>(
        &self,
        seen: [&[[f32; 4]]; KERNEL],
        pixels: &mut [[f32; 4]],
    ) {
        let fours = self.biases.len();
        let seen = seen.map(|row| &row[..((PIXELS - 1) * STRIDE + KERNEL) * fours]);
        let taps = &self.taps[..KERNEL * KERNEL * fours];
        let pixels = &mut pixels[..PIXELS * fours];
        let (least, most) = (f32x4::splat(0.0), f32x4::splat(6.0));
        for (four, bias) in self.biases.iter().enumerate() {
            let mut sums = [f32x4::new(*bias); PIXELS];
            for (row, seen) in seen.iter().enumerate() {
                for column in 0..KERNEL {
                    let tap = f32x4::new(taps[(row * KERNEL + column) * fours + four]);
                    for (pixel, sum) in sums.iter_mut().enumerate() {
                        *sum += f32x4::new(seen[(pixel * STRIDE + column) * fours + four]) * tap;
                    }
                }
            }
            for (pixel, sum) in sums.into_iter().enumerate() {
                pixels[pixel * fours + four] = sum.fast_max(least).fast_min(most).to_array();
            }
        }
    }
}

/// What a filter of `kernel` taps a side sees of a picture at each place, `[planes, side, side]` ->
/// `[side / stride * side / stride, kernel * kernel * planes]` (row, column, plane); at the far sides that is nothing, as zeros.
pub fn patches(picture: &[f32], side: usize, kernel: usize, stride: usize) -> Vec<f32> {
    let (planes, out) = (picture.len() / (side * side), side / stride);
    let size = kernel * kernel * planes;
    let mut patches = vec![0.0; out * out * size];
    each_piece(&mut patches, out * size, |y, patches| {
        for (colour, plane) in picture.chunks_exact(side * side).enumerate() {
            for (i, row) in plane.chunks_exact(side).skip(y * stride).take(kernel).enumerate() {
                for (x, patch) in patches.chunks_exact_mut(size).enumerate() {
                    for (j, value) in row[x * stride..].iter().take(kernel).enumerate() {
                        patch[(i * kernel + j) * planes + colour] = *value;
                    }
                }
            }
        }
    });
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
