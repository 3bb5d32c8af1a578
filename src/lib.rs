//! hearsight: speak, and a gallery of pictures re-orders itself to what was said, with no text in between.
//!
//! One engine with three doors: the page (`src/web`), the command line (`crates/cli`) and the tests. A query goes
//! through the floors in this order: samples become log-mel frames ([`sound`]), picture files become pixels
//! ([`picture`]), networks turn both into vectors of one space ([`network`]), which were brought together by
//! training ([`learn`]); a ranking is an inner product ([`search`]) over the pictures of a wall ([`gallery`]).
//! [`engine`] puts these together and is the only floor that the doors call. An import goes down, never up.

pub mod sound;

pub mod picture;

pub mod network;

pub mod learn;

pub mod poster;

pub mod search;

pub mod gallery;

pub mod adapt;

pub mod engine;

#[cfg(target_arch = "wasm32")]
pub mod web;
