//! The frozen encoder's frames of many clips, kept in f16 so that an epoch never encodes twice.

use std::ops::Range;

use burn::tensor::{Bool, Device, Tensor, TensorData};
use half::f16;

/// Frames of width `width` of many clips, one after the other.
#[derive(Clone, Debug)]
pub struct FeatureStore {
    width: usize,
    values: Vec<f16>,
    ranges: Vec<Range<usize>>,
}

impl FeatureStore {
    /// An empty store.
    pub fn new(width: usize) -> Self {
        Self { width, values: Vec::new(), ranges: Vec::new() }
    }

    /// Adds the next clip, `[frames, width]` row by row.
    pub fn push(&mut self, frames: &[f32]) {
        let start = self.values.len() / self.width;
        self.values.extend(frames.iter().map(|v| f16::from_f32(*v)));
        self.ranges.push(start..self.values.len() / self.width);
    }

    /// Some of the clips, in this order.
    pub fn subset(&self, clips: &[usize]) -> Self {
        let mut subset = Self::new(self.width);
        for range in clips.iter().map(|&clip| &self.ranges[clip]) {
            let start = subset.values.len() / self.width;
            subset.values.extend_from_slice(&self.values[range.start * self.width..range.end * self.width]);
            subset.ranges.push(start..start + range.len());
        }
        subset
    }

    /// Adds all clips of another store of the same width.
    pub fn extend(&mut self, other: &Self) {
        let start = self.values.len() / self.width;
        self.values.extend_from_slice(&other.values);
        self.ranges.extend(other.ranges.iter().map(|range| range.start + start..range.end + start));
    }

    /// Number of clips.
    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Whether there is no clip.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Number of frames of a clip.
    pub fn frames(&self, clip: usize) -> usize {
        self.ranges[clip].len()
    }

    /// Frames `[clips, longest, width]`, padded with zeros, and where the padding is, `[clips, longest]`.
    pub fn batch(&self, clips: &[usize], device: &Device) -> (Tensor<3>, Tensor<2, Bool>) {
        let whole: Vec<_> = clips.iter().map(|&clip| (clip, 0..self.frames(clip))).collect();
        self.pieces(&whole, device)
    }

    /// The same of pieces of clips: each with its clip and its frames there.
    pub fn pieces(&self, pieces: &[(usize, Range<usize>)], device: &Device) -> (Tensor<3>, Tensor<2, Bool>) {
        let longest = pieces.iter().map(|(_, frames)| frames.len()).max().unwrap_or(0);
        let mut values = vec![0.0_f32; pieces.len() * longest * self.width];
        let mut padding = vec![true; pieces.len() * longest];
        for (row, (clip, frames)) in pieces.iter().enumerate() {
            let start = self.ranges[*clip].start + frames.start;
            let from = &self.values[start * self.width..(start + frames.len()) * self.width];
            let to = &mut values[row * longest * self.width..][..from.len()];
            to.iter_mut().zip(from).for_each(|(to, from)| *to = from.to_f32());
            padding[row * longest..][..frames.len()].fill(false);
        }
        let shape = [pieces.len(), longest];
        (
            Tensor::from_data(TensorData::new(values, [pieces.len(), longest, self.width]), device),
            Tensor::from_data(TensorData::new(padding, shape), device),
        )
    }

    /// The clips as bytes: their number, their lengths, then all frames; little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let lengths = self.ranges.iter().map(|r| r.len() as u32);
        let head = std::iter::once(self.ranges.len() as u32).chain(lengths);
        let mut bytes: Vec<u8> = head.flat_map(u32::to_le_bytes).collect();
        bytes.extend(self.values.iter().flat_map(|v| v.to_le_bytes()));
        bytes
    }

    /// Adds the clips of [`FeatureStore::to_bytes`]; false, and nothing added, when the bytes are cut off.
    pub fn extend_from_bytes(&mut self, bytes: &[u8]) -> bool {
        let (words, _) = bytes.as_chunks::<4>();
        let Some(count) = words.first().map(|word| u32::from_le_bytes(*word) as usize) else {
            return false;
        };
        let Some(lengths) = words.get(1..=count) else {
            return false;
        };
        let lengths: Vec<usize> = lengths.iter().map(|word| u32::from_le_bytes(*word) as usize).collect();
        let (values, rest) = bytes[4 * (count + 1)..].as_chunks::<2>();
        if !rest.is_empty() || values.len() != lengths.iter().sum::<usize>() * self.width {
            return false;
        }
        for length in lengths {
            let start = self.ranges.last().map_or(0, |range| range.end);
            self.ranges.push(start..start + length);
        }
        self.values.extend(values.iter().map(|v| f16::from_le_bytes(*v)));
        true
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_padded_and_says_where() {
        let mut store = FeatureStore::new(2);
        store.push(&[1.0, 2.0]);
        store.push(&[3.0, 4.0, 5.0, 6.0]);
        let mut copy = FeatureStore::new(2);
        assert!(copy.extend_from_bytes(&store.to_bytes()) && copy.extend_from_bytes(&store.to_bytes()));
        assert_eq!(copy.len(), 4);
        let (values, padding) = copy.batch(&[0, 3], &Device::flex());
        assert_eq!(values.into_data().try_to_vec::<f32>().unwrap(), [1.0, 2.0, 0.0, 0.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(padding.into_data().try_to_vec::<bool>().unwrap(), [false, true, false, false]);
    }

    #[test]
    fn pieces_are_of_their_own_clips() {
        let mut store = FeatureStore::new(1);
        store.push(&[1.0, 2.0]);
        store.push(&[3.0, 4.0, 5.0]);
        let (values, padding) = store.pieces(&[(1, 1..3), (0, 1..2), (1, 0..2)], &Device::flex());
        assert_eq!(values.into_data().try_to_vec::<f32>().unwrap(), [4.0, 5.0, 2.0, 0.0, 3.0, 4.0]);
        let padded = padding.into_data().try_to_vec::<bool>().unwrap();
        assert_eq!(padded, [false, false, false, true, false, false]);
    }

    #[test]
    fn cut_bytes_add_nothing() {
        let mut store = FeatureStore::new(2);
        store.push(&[1.0, 2.0]);
        let bytes = store.to_bytes();
        for length in 0..bytes.len() {
            assert!(!store.extend_from_bytes(&bytes[..length]), "{length}");
        }
        assert_eq!(store.len(), 1);
    }
}
