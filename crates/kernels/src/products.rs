//! Matrix products with weights that stay the same, in whole numbers of 16 bits.
//!
//! A processor's lanes multiply eight pairs of such numbers and add them up two and two in one instruction, where of f32 they multiply
//! four and add nothing. Both sides are rounded: weights to 11 bits and a sign, by output; what they are multiplied with to as many as
//! a sum in 32 bits can never overflow with, by row. That moves an answer by less than a thousandth of its length.

use bytemuck::cast;
use wide::{f32x4, i16x8, i32x4};

use crate::pieces::{at_a_time, each_piece};

/// Outputs that are computed side by side.
const PANEL: usize = 8;
/// Rows that share each load of the weights.
const ROWS: usize = 4;
/// Inputs whose products are added up in whole numbers; these sums are then added up in f32.
const PART: usize = 384;
/// Numbers of the rows that are multiplied with one panel after the other: as many as stay in the processor's first cache.
const CACHED: usize = 12_288;
/// Largest weight, rounded.
const HEAVIEST: f32 = 2047.0;
/// A row whose numbers are all smaller is as good as zeros.
const SILENCE: f32 = 1e-30;

/// Weights of a pair of inputs for the first and the last four outputs of a panel.
type Weights = [i16x8; 2];
/// The same pair of inputs of some rows.
type Inputs = [i32; ROWS];

/// `x -> x * weights + bias`.
#[derive(Clone, Debug)]
pub struct Product {
    from: usize,
    bias: Vec<f32>,
    parts: Vec<Part>,
}

/// Some inputs and all outputs.
#[derive(Clone, Debug)]
struct Part {
    inputs: usize,
    /// Largest input, rounded, with which no sum overflows.
    largest: f32,
    /// `[panels, pairs]`.
    weights: Vec<Weights>,
    /// What one of each output's weights is worth, `[panels]`.
    scales: Vec<[f32x4; 2]>,
}

impl Product {
    /// Weights `[from, to]`, and a bias for each output.
    ///
    /// # Panics
    /// For no weights, or another number than whole rows of them.
    pub fn new(weights: &[f32], bias: &[f32]) -> Self {
        let to = bias.len();
        assert!(!weights.is_empty() && weights.len().is_multiple_of(to), "a row of weights for each input");
        let parts = weights.chunks(PART * to).map(|weights| Part::new(weights, to)).collect();
        Self { from: weights.len() / to, bias: bias.to_vec(), parts }
    }

    /// Outputs.
    pub fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// `[rows, from]` -> `[rows, to]`.
    pub fn apply(&self, x: &[f32]) -> Vec<f32> {
        let rows = x.len() / self.from;
        let mut sums = self.bias.repeat(rows);
        let cached = (CACHED / self.from.min(PART)).next_multiple_of(ROWS);
        let shared = rows.div_ceil(at_a_time()).max(1).next_multiple_of(ROWS);
        each_piece(&mut sums, shared * self.bias.len(), |piece, sums| {
            let x = &x[piece * shared * self.from..][..sums.len() / self.bias.len() * self.from];
            let blocks = x.chunks(cached * self.from).zip(sums.chunks_mut(cached * self.bias.len()));
            for (x, sums) in blocks {
                for (place, part) in self.parts.iter().enumerate() {
                    part.add(x, self.from, place * PART, sums);
                }
            }
        });
        sums
    }
}

impl Part {
    fn new(weights: &[f32], to: usize) -> Self {
        let inputs = weights.len() / to;
        let (pairs, panels) = (inputs.div_ceil(2), to.div_ceil(PANEL));
        let mut heaviest = vec![SILENCE; panels * PANEL];
        for row in weights.chunks_exact(to) {
            heaviest.iter_mut().zip(row).for_each(|(most, weight)| *most = most.max(weight.abs()));
        }
        let mut sums = vec![0_i32; panels * PANEL];
        let mut rounded = vec![[[0_i16; 8]; 2]; panels * pairs];
        for (input, row) in weights.chunks_exact(to).enumerate() {
            for (output, weight) in row.iter().enumerate() {
                let whole = (weight / heaviest[output] * HEAVIEST).round_ties_even() as i16;
                sums[output] += i32::from(whole.abs());
                let (panel, lane) = (output / PANEL, output % PANEL);
                rounded[panel * pairs + input / 2][lane / 4][lane % 4 * 2 + input % 2] = whole;
            }
        }
        let largest = i32::MAX / sums.into_iter().max().unwrap_or(0).max(1);
        let scales: Vec<f32x4> = heaviest
            .as_chunks::<4>()
            .0
            .iter()
            .map(|most| f32x4::new(*most) / f32x4::splat(HEAVIEST))
            .collect();
        Self {
            inputs,
            largest: largest.min(i32::from(i16::MAX)) as f32,
            weights: rounded.into_iter().map(|halves| halves.map(i16x8::new)).collect(),
            scales: scales.as_chunks().0.to_vec(),
        }
    }

    /// Adds this part's products of rows `[rows, width]`, where its inputs stand from `first` on, to `[rows, to]`.
    fn add(&self, rows: &[f32], width: usize, first: usize, sums: &mut [f32]) {
        let pairs = self.inputs.div_ceil(2);
        let count = rows.len() / width;
        let to = sums.len() / count;
        let mut inputs = vec![[0; ROWS]; count.div_ceil(ROWS) * pairs];
        let steps: Vec<f32> = rows
            .chunks_exact(width)
            .enumerate()
            .map(|(row, x)| {
                self.round(&x[first..][..self.inputs], row % ROWS, &mut inputs[row / ROWS * pairs..])
            })
            .collect();
        for (panel, (weights, scales)) in self.weights.chunks_exact(pairs).zip(&self.scales).enumerate() {
            let width = PANEL.min(to - panel * PANEL);
            let together = inputs.chunks_exact(pairs).zip(steps.chunks(ROWS)).zip(sums.chunks_mut(ROWS * to));
            for ((inputs, steps), sums) in together {
                let whole = multiply(inputs, weights);
                for ((sums, step), whole) in sums.chunks_exact_mut(to).zip(steps).zip(whole) {
                    add_panel(&mut sums[panel * PANEL..][..width], whole, *step, scales);
                }
            }
        }
    }

    /// Rounds a row; what one of its numbers is worth.
    fn round(&self, x: &[f32], row: usize, to: &mut [Inputs]) -> f32 {
        let (fours, rest) = x.as_chunks::<4>();
        let most = fours.iter().fold(f32x4::ZERO, |most, four| most.fast_max(f32x4::new(*four).abs()));
        let largest = most.to_array().iter().chain(rest).fold(SILENCE, |most, x| most.max(x.abs()));
        let by = f32x4::splat(self.largest / largest);
        let last =
            (!rest.is_empty()).then(|| std::array::from_fn(|place| rest.get(place).copied().unwrap_or(0.0)));
        for (four, to) in fours.iter().chain(&last).zip(to.chunks_mut(2)) {
            let whole = (f32x4::new(*four) * by).fast_round_int();
            let pairs: [i32; 4] = cast(i16x8::from_i32x8_saturate(cast([whole, whole])));
            to.iter_mut().zip(pairs).for_each(|(to, pair)| to[row] = pair);
        }
        largest / self.largest
    }
}

/// Adds what a row and a panel give to its outputs.
#[inline(always)]
fn add_panel(to: &mut [f32], whole: [i32x4; 2], step: f32, scales: &[f32x4; 2]) {
    let step = f32x4::splat(step);
    let new = [0, 1].map(|half| f32x4::from_i32x4(whole[half]) * step * scales[half]);
    if let Ok(to) = <&mut [f32; PANEL]>::try_from(&mut *to) {
        let (halves, _) = to.as_chunks_mut::<4>();
        for (to, new) in halves.iter_mut().zip(new) {
            *to = (f32x4::new(*to) + new).to_array();
        }
    } else {
        let new = new.map(f32x4::to_array);
        to.iter_mut().zip(new.as_flattened()).for_each(|(to, new)| *to += new);
    }
}

/// The products of some rows and a panel.
#[inline(always)]
fn multiply(inputs: &[Inputs], weights: &[Weights]) -> [[i32x4; 2]; ROWS] {
    let mut sums = [[i32x4::ZERO; 2]; ROWS];
    for (inputs, weights) in inputs.iter().zip(weights) {
        for row in 0..ROWS {
            let x: i16x8 = cast(i32x4::splat(inputs[row]));
            sums[row][0] += x.dot(weights[0]);
            sums[row][1] += x.dot(weights[1]);
        }
    }
    sums
}
