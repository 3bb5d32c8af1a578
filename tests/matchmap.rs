//! Why a picture answers: what moments and regions add is, in all, what the networks say of the whole.

use crate::common;

use burn::tensor::Device;
use hearsight::engine::{GRID, PictureNetwork, SpeechNetwork, trimmed};
use hearsight::network::SIDE;
use hearsight::picture::Pixels;
use hearsight::search::Matchmap;

fn sum(parts: &[Vec<f32>]) -> Vec<f32> {
    parts
        .iter()
        .fold(vec![0.0; parts[0].len()], |sum, part| sum.iter().zip(part).map(|(a, b)| a + b).collect())
}

fn score(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn assert_same(whole: &[f32], parts: &[Vec<f32>]) {
    let farthest = whole.iter().zip(sum(parts)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(farthest < 1e-5, "{farthest}");
}

#[test]
fn the_parts_of_the_map_add_up_to_the_score() {
    let device = Device::flex();
    let speech = SpeechNetwork::load(common::SPEECH, &device).unwrap();
    let network = PictureNetwork::load(common::PICTURE_NETWORK, &device).unwrap();
    let samples = common::clip();
    let clip = trimmed(&samples).unwrap();
    let (moments, said) =
        pollster::block_on(async { (speech.shares(clip).await.unwrap(), speech.embed(clip).await.unwrap()) });
    assert_same(&said, &moments);
    for id in ["steam-train", "judo-match"] {
        let file = std::fs::read(format!("www/gallery/images/{id}.webp")).unwrap();
        let pixels = Pixels::decode(&file, SIDE).unwrap();
        let (regions, seen) = pollster::block_on(async {
            (network.shares(&pixels).await.unwrap(), network.embed(&pixels).await.unwrap())
        });
        assert_eq!(regions.len(), GRID * GRID);
        assert_eq!(pollster::block_on(network.regions(&pixels)).unwrap().len(), GRID * GRID);
        assert_same(&seen, &regions);
        let map = Matchmap::new(&moments, &regions);
        assert!((map.score() - score(&said, &seen)).abs() < 1e-5, "{id}");
        assert!((map.by_moment().iter().sum::<f32>() - map.score()).abs() < 1e-5);
    }
}
