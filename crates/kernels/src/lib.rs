//! What is slow unless it is optimised, or large to compile: a test build optimises this crate and little else, and compiles it
//! once, while the library is compiled for its tests, for the page and for the page's other program again.
//!
//! Nothing here is generic to its callers, so that none of them compiles it anew. It is tested where it is used.

mod activations;
mod fourier;
mod maps;
mod numbers;
mod pieces;
mod products;

pub use activations::{exponential, gelu, log_softmax, softmax};
pub use fourier::{forward, inverse, resampler};
pub use maps::{Depthwise, activate, add, add_bias, patches};
pub use numbers::{GROUP, transposed, widen_int4, widen_int8};
pub use products::Product;
