//! Numbers of few bits made wide again, and matrices turned.

use std::ops::Range;

/// Numbers that share a scale in int4.
pub const GROUP: usize = 32;

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

/// int4 values times the scale of their [`GROUP`]; two numbers a byte, the first in its low half, 8 added.
pub fn widen_int4(bytes: &[u8], scales: &[f32]) -> Vec<f32> {
    let mut values = Vec::with_capacity(bytes.len() * 2);
    let (groups, _) = bytes.as_chunks();
    groups.iter().zip(scales).for_each(|(group, scale)| values.extend_from_slice(&wide(group, *scale)));
    values
}

// A function of its own, called for each group: a browser optimises what is called again, and not what runs on.
#[inline(never)]
fn wide(group: &[u8; GROUP / 2], scale: f32) -> [f32; GROUP] {
    let halves =
        |place: usize| if place.is_multiple_of(2) { group[place / 2] & 15 } else { group[place / 2] >> 4 };
    std::array::from_fn(|place| (f32::from(halves(place)) - 8.0) * scale)
}

/// A matrix `[rows, columns]` as `[columns, rows]`, in blocks that fit the processor's cache.
pub fn transposed(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    const BLOCK: usize = 32;
    let mut turned = vec![0.0; values.len()];
    let blocks = |all: usize| (0..all).step_by(BLOCK).map(move |first| first..(first + BLOCK).min(all));
    for down in blocks(rows) {
        for across in blocks(columns) {
            turn_block(values, [rows, columns], [down.clone(), across], &mut turned);
        }
    }
    turned
}

// Called for each block, as above.
#[inline(never)]
fn turn_block(
    values: &[f32],
    [rows, columns]: [usize; 2],
    [down, across]: [Range<usize>; 2],
    turned: &mut [f32],
) {
    for column in across {
        for row in down.clone() {
            turned[column * rows + row] = values[row * columns + column];
        }
    }
}
