//! The tests of this machine, one file a topic and one program for all: linked once, it starts at once.
//! A new topic is a file beside this one and a line below.
#![cfg(not(target_arch = "wasm32"))]
// The command line is a program; two topics take its decoder in as a file.
#![allow(clippy::duplicate_mod)]

mod awkward;
mod command_line;
mod common;
mod corpora;
mod foreign_bytes;
mod languages;
mod live_query;
mod matchmap;
mod parity;
mod poster;
mod properties;
#[path = "common/seeded.rs"]
mod seeded;
mod sound;
mod stages;
mod systems;
mod teaching;
mod vgg16;
