//! The numbers of one tensor: as its file has them until somebody asks for them in f32.

use std::borrow::Cow;
use std::sync::Arc;

use hearsight_kernels::{GROUP, widen_int4, widen_int8};

/// Shared, so that a network can be made of a file that was read without all of it being there twice.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    Wide(Arc<Vec<f32>>),
    /// With one scale for each row.
    Int8(Arc<(Vec<u8>, Vec<f32>)>),
    /// Two numbers a byte, with one scale for each [`GROUP`].
    Int4(Arc<(Vec<u8>, Vec<f32>)>),
}

impl From<Vec<f32>> for Values {
    fn from(values: Vec<f32>) -> Self {
        Self::Wide(Arc::new(values))
    }
}

impl Values {
    /// Of int8 numbers; nothing where there is not one scale a row.
    pub fn int8(rows: usize, quantised: &[u8], scales: Vec<f32>) -> Option<Self> {
        (rows > 0 && scales.len() == rows).then(|| Self::Int8(Arc::new((quantised.to_vec(), scales))))
    }

    /// Of int4 numbers; nothing where there is not one scale a group.
    pub fn int4(bytes: &[u8], scales: Vec<f32>) -> Option<Self> {
        (scales.len() * GROUP == bytes.len() * 2).then(|| Self::Int4(Arc::new((bytes.to_vec(), scales))))
    }

    /// In f32.
    pub fn wide(&self) -> Cow<'_, [f32]> {
        match self {
            Self::Wide(values) => Cow::Borrowed(values),
            Self::Int8(stored) => Cow::Owned(widen_int8(&stored.0, &stored.1)),
            Self::Int4(stored) => Cow::Owned(widen_int4(&stored.0, &stored.1)),
        }
    }

    /// In f32, to be changed.
    pub fn wide_mut(&mut self) -> &mut Vec<f32> {
        if !matches!(self, Self::Wide(_)) {
            *self = self.wide().into_owned().into();
        }
        match self {
            Self::Wide(values) => Arc::make_mut(values),
            Self::Int8(_) | Self::Int4(_) => unreachable!("they were widened"),
        }
    }

    /// Whether none of them is an infinity or no number.
    pub fn are_finite(&self) -> bool {
        match self {
            Self::Wide(values) => values.iter().all(|value| value.is_finite()),
            // No number of eight bits is further from zero.
            Self::Int8(stored) | Self::Int4(stored) => {
                stored.1.iter().all(|scale| (scale * 128.0).is_finite())
            }
        }
    }
}
