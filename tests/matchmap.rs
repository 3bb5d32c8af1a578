//! Why a picture answers: what moments and regions add is, in all, what the networks say of the whole.

use crate::common;

use burn::tensor::{Device, Tensor, TensorData};
use hearsight::engine::{GRID, PictureNetwork, SpeechNetwork, trimmed};
use hearsight::network::{FEATURES, PictureHead, SIDE};
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
    let clip = &trimmed(&samples).unwrap();
    let (moments, said) =
        pollster::block_on(async { (speech.shares(clip).await.unwrap(), speech.embed(clip).await.unwrap()) });
    assert_same(&said, &moments);
    for id in ["steam-train", "judo-match"] {
        let file = std::fs::read(crate::at(format!("www/gallery/images/{id}.webp"))).unwrap();
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

#[test]
fn a_maximum_belongs_to_the_regions_that_hold_it() {
    let device = Device::flex();
    let head = PictureHead::new(32, &device);
    // The first two regions see the same, the third holds half of all maxima, the fourth sees nothing; a feature in ten is zero
    // everywhere.
    let feature = |n: usize| if n.is_multiple_of(10) { 0.0 } else { 1.0 + (n * 7 % 13) as f32 / 4.0 };
    let third = |n: usize| if n.is_multiple_of(2) { 1.3 * feature(n) } else { 0.1 };
    let regions: Vec<f32> = [0, 0, 1, 2]
        .iter()
        .flat_map(|kind| (0..FEATURES).map(move |n| [feature(n), third(n), 0.0][*kind]))
        .collect();
    let regions = Tensor::<2>::from_data(TensorData::new(regions, [4, FEATURES]), &device);
    let rows = |tensor: Tensor<2>| -> Vec<Vec<f32>> {
        let width = tensor.dims()[1];
        tensor.into_data().try_to_vec::<f32>().unwrap().chunks(width).map(<[f32]>::to_vec).collect()
    };
    let whole = rows(head.forward(regions.clone().unsqueeze_dim(0)));
    let shares = rows(head.shares(regions));
    assert_same(&whole[0], &shares);
    assert_eq!(shares[0], shares[1], "what is seen alike adds the same");
    let length = |share: &[f32]| score(share, share).sqrt();
    assert!(length(&shares[2]) > length(&shares[3]), "what holds maxima adds more than what sees nothing");
    let nothing = Tensor::<2>::zeros([4, FEATURES], &device);
    assert!(rows(head.shares(nothing)).iter().flatten().all(|v| v.is_finite()));
}
