//! GELU and softmax in the processor's lanes: exponentials one by one are a fifth of what an answer costs.

use wide::f32x8;

use crate::pieces::{each_piece, one_by_one};

/// Below it, e^x is nothing beside anything.
const NOTHING: f32 = -87.0;

/// GELU of each number: x times how likely a normal number is below it.
pub fn gelu(values: &mut [f32]) {
    each(values, |x| {
        let half = f32x8::splat(0.5);
        x * (half + half * erf(x * f32x8::splat(std::f32::consts::FRAC_1_SQRT_2)))
    });
}

/// Each row of so many numbers as shares that add up to 1, in proportion to e^x.
pub fn softmax(values: &mut [f32], columns: usize) {
    each_piece(values, columns, |_, row| {
        let largest = largest(row);
        each_of_row(row, |x| exp(x - f32x8::splat(largest)));
        let share = 1.0 / sum(row);
        row.iter_mut().for_each(|x| *x *= share);
    });
}

/// The logarithms of [`softmax`].
pub fn log_softmax(values: &mut [f32], columns: usize) {
    each_piece(values, columns, |_, row| {
        let largest = largest(row);
        let mut shares = row.to_vec();
        each_of_row(&mut shares, |x| exp(x - f32x8::splat(largest)));
        let all = largest + sum(&shares).ln();
        row.iter_mut().for_each(|x| *x -= all);
    });
}

/// e to the power of each number, of which none is above 88.
pub fn exponential(values: &mut [f32]) {
    each(values, exp);
}

/// Numbers that are computed in one call: a browser optimises what is called again, and not what runs on.
const SOME: usize = 1024;

fn each(values: &mut [f32], compute: impl Fn(f32x8) -> f32x8 + Send + Sync) {
    each_piece(values, SOME, |_, values| some(values, &compute));
}

/// The same without threads, which have rows of their own.
fn each_of_row(row: &mut [f32], compute: impl Fn(f32x8) -> f32x8) {
    one_by_one(row, SOME, |_, values| some(values, &compute));
}

/// Eight at a time.
#[inline(never)]
fn some(values: &mut [f32], compute: impl Fn(f32x8) -> f32x8) {
    let (eights, rest) = values.as_chunks_mut();
    for eight in eights {
        *eight = compute(f32x8::new(*eight)).to_array();
    }
    let mut last = [0.0; 8];
    last[..rest.len()].copy_from_slice(rest);
    rest.copy_from_slice(&compute(f32x8::new(last)).to_array()[..rest.len()]);
}

fn exp(x: f32x8) -> f32x8 {
    x.fast_max(f32x8::splat(NOTHING)).exp()
}

/// The error function to 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26).
fn erf(x: f32x8) -> f32x8 {
    const TERMS: [f32; 5] = [1.061_405_4, -1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6];
    let size = x.abs();
    let t = f32x8::ONE / (f32x8::ONE + f32x8::splat(0.327_591_1) * size);
    let terms = TERMS.into_iter().fold(f32x8::splat(0.0), |sum, term| (sum + f32x8::splat(term)) * t);
    (f32x8::ONE - terms * exp(-size * size)).copysign(x)
}

fn largest(row: &[f32]) -> f32 {
    row.iter().fold(f32::NEG_INFINITY, |most, x| if *x > most { *x } else { most })
}

fn sum(row: &[f32]) -> f32 {
    let (eights, rest) = row.as_chunks();
    let sums = eights.iter().fold(f32x8::splat(0.0), |sum, eight| sum + f32x8::new(*eight));
    sums.reduce_add() + rest.iter().sum::<f32>()
}
