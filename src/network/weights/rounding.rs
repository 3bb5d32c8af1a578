//! Numbers of few bits: int8 with a scale for each row, int4 with a scale for each 32 numbers of a row.

use half::f16;

/// Numbers that share a scale in int4.
pub const GROUP: usize = 32;

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

/// int8 values times the scale of their row, of which there is one at least.
pub fn widen_int8(quantised: &[u8], scales: &[f32]) -> Vec<f32> {
    let mut values = Vec::with_capacity(quantised.len());
    // Rows without columns have scales, too.
    let columns = (quantised.len() / scales.len()).max(1);
    for (row, scale) in quantised.chunks(columns).zip(scales) {
        values.extend(row.iter().map(|q| f32::from(q.cast_signed()) * scale));
    }
    values
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

/// int4 values times the scale of their group.
pub fn widen_int4(bytes: &[u8], scales: &[f32]) -> Vec<f32> {
    let mut values = Vec::with_capacity(bytes.len() * 2);
    for (group, scale) in bytes.chunks_exact(GROUP / 2).zip(scales) {
        for byte in group {
            values.extend([byte & 15, byte >> 4].map(|half| (f32::from(half) - 8.0) * scale));
        }
    }
    values
}
