//! What is kept out of a training to choose its knobs by: the same in every run, whatever the order.

use sha2::{Digest, Sha256};

/// Share of the captions that the shipped training holds out.
pub const HELD_OUT: f64 = 0.05;

/// Whether this name belongs to the share that is held out.
pub fn is_held_out(name: &str, share: f64) -> bool {
    share_of(name) < share
}

/// A number from 0 to 1 that looks random and belongs to the name.
pub fn share_of(name: &str) -> f64 {
    let hash = Sha256::digest(name.as_bytes());
    f64::from(u16::from_le_bytes([hash[0], hash[1]])) / 65536.0
}
