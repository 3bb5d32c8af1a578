//! The frozen networks agree with their references, and the shipped one with its fixture, natively.

use crate::common;

use burn::tensor::Device;
use hearsight::engine::SpeechNetwork;

#[test]
fn encoder() {
    pollster::block_on(common::encoder_agrees_with_its_reference(&Device::flex()));
}

#[test]
fn backbone() {
    pollster::block_on(common::backbone_agrees_with_its_reference(&Device::flex()));
}

#[test]
fn readers() {
    pollster::block_on(common::readers_agree_with_their_reference(&Device::flex()));
}

#[test]
fn shipped_clip_vector() {
    let network = SpeechNetwork::load(common::SPEECH, &Device::flex()).unwrap();
    pollster::block_on(common::clip_has_its_native_vector(&network));
}
