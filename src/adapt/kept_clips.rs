//! Clips as a lesson keeps them, so that nothing that stays as it is is computed twice.

use burn::tensor::{Bool, Device, Tensor};
use rand::RngExt;

use crate::learn::FeatureStore;
use crate::learn::rows;
use crate::network::DIMENSIONS;

/// What the part that learns is given of each clip, and what the reader of units, which does not learn, said of it.
#[derive(Clone, Debug)]
pub struct KeptClips {
    input: FeatureStore,
    read: Vec<f32>,
}

impl KeptClips {
    /// No clips yet; `width` is that of what is kept of a frame.
    pub fn new(width: usize) -> Self {
        Self { input: FeatureStore::new(width), read: Vec::new() }
    }

    /// Adds the next clip: `[frames, width]` row by row, and a vector of the reader of units, or nothing where there is none.
    pub fn push(&mut self, input: &[f32], read: &[f32]) {
        self.input.push(input);
        self.read.extend_from_slice(read);
    }

    /// Adds all clips of another store of the same width.
    pub fn extend(&mut self, other: &Self) {
        self.input.extend(&other.input);
        self.read.extend_from_slice(&other.read);
    }

    /// Number of clips.
    pub fn len(&self) -> usize {
        self.input.len()
    }

    /// Whether there is no clip.
    pub fn is_empty(&self) -> bool {
        self.input.is_empty()
    }

    /// Frames of a clip.
    pub fn frames(&self, clip: usize) -> usize {
        self.input.frames(clip)
    }

    /// Some of the clips, `[clips, longest, width]`, and where the padding is, `[clips, longest]`.
    pub fn batch(&self, clips: &[usize], device: &Device) -> (Tensor<3>, Tensor<2, Bool>) {
        self.input.batch(clips, device)
    }

    /// A piece of each of some clips, up to so many frames long, `[clips, longest, width]`, and where the padding is.
    pub fn pieces(
        &self,
        clips: &[usize],
        longest: usize,
        rng: &mut impl rand::Rng,
        device: &Device,
    ) -> (Tensor<3>, Tensor<2, Bool>) {
        let mut piece = |&clip: &usize| {
            let all = self.input.frames(clip);
            let length = longest.min(all);
            let start = rng.random_range(0..=all - length);
            (clip, start..start + length)
        };
        self.input.pieces(&clips.iter().map(&mut piece).collect::<Vec<_>>(), device)
    }

    /// What the reader of units said of them, `[clips, 384]`.
    pub fn read(&self, clips: &[usize], device: &Device) -> Option<Tensor<2>> {
        (!self.read.is_empty()).then(|| rows(&self.read, clips, DIMENSIONS, device))
    }
}
