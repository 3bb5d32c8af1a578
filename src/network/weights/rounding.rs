//! Numbers of few bits: int8 with a scale for each row, int4 with a scale for each 32 numbers of a row.

use half::f16;
use hearsight_kernels::GROUP;

fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0_f32, |largest, v| largest.max(v.abs())).max(f32::MIN_POSITIVE)
}

/// Rounds each row to -127..127 with its own scale.
pub fn narrow_int8(rows: usize, values: &[f32]) -> (Vec<u8>, Vec<f32>) {
    let mut quantised = Vec::with_capacity(values.len());
    let mut scales = Vec::with_capacity(rows);
    let columns = values.len() / rows.max(1);
    // Rows without columns have their scales too.
    for row in (0..rows).map(|row| &values[row * columns..(row + 1) * columns]) {
        let scale = largest(row) / 127.0;
        quantised.extend(row.iter().map(|v| ((v / scale).round() as i8).cast_unsigned()));
        scales.push(scale);
    }
    (quantised, scales)
}

/// Rounds each [`GROUP`] to -7..7 with its own scale; two numbers a byte, the first in its low half, 8 added.
pub fn narrow_int4(values: &[f32]) -> (Vec<u8>, Vec<f16>) {
    let scales: Vec<f16> = values
        .chunks(GROUP)
        .map(|group| f16::from_f32(largest(group) / 7.0).max(f16::MIN_POSITIVE_SUBNORMAL))
        .collect();
    let steps = |i: usize| {
        let step = (values[i] / scales[i / GROUP].to_f32()).round().clamp(-7.0, 7.0);
        (step as i8 + 8).cast_unsigned()
    };
    let bytes = (0..values.len() / 2).map(|pair| steps(2 * pair) | steps(2 * pair + 1) << 4);
    (bytes.collect(), scales)
}
