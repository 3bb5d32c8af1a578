//! The poster's networks agree with PyTorch, have the sizes of its description, and look where they should.

use crate::seeded;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use hearsight::network::{Lengths, Weights};
use hearsight::poster::{
    AudioCnnConfig, CaptionPool, POSTER_BANDS, Padding, PosterConfig, ResidualBlock, STACK_FIELD, Shape,
    TcnStack, TemporalConfig, TemporalPool,
};
use serde_json::Value;

const LENGTHS: [usize; 3] = [330, 301, 214];
/// Of the largest reference number.
const TOLERANCE: f32 = 1e-4;

fn device() -> Device {
    Device::flex()
}

fn reference(case: &str) -> Vec<f32> {
    let text = include_str!("fixtures/poster.json");
    let value: Value = serde_json::from_str(text).unwrap();
    let mut numbers = Vec::new();
    let mut open = vec![&value[case]];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(values) => open.extend(values.iter().rev()),
            value => numbers.push(value.as_f64().unwrap() as f32),
        }
    }
    assert!(!numbers.is_empty(), "{case}");
    numbers
}

/// The module with every parameter, in the order of the names, filled by formula.
fn filled<M: Module>(module: M) -> M {
    let mut weights = Weights::collect(&module, "").unwrap();
    let shapes: Vec<(String, Vec<usize>)> =
        weights.shapes().map(|(name, shape)| (name.to_owned(), shape.to_vec())).collect();
    for (index, (name, shape)) in shapes.into_iter().enumerate() {
        let count = shape.iter().product::<usize>();
        let fan_in = (count / shape[0]) as f64;
        let (offset, scale) = match name.rsplit('.').next() {
            Some("gain") => (1.0, 0.5),
            Some("bias") => (0.0, 0.1),
            _ => (0.0, (6.0 / fan_in).sqrt() as f32),
        };
        let values = seeded::tensor(index as u64, count, scale).into_iter();
        let values = values.map(|v| offset + v.to_f32()).collect();
        weights.insert(&name, &shape, values);
    }
    weights.load(module, "").unwrap()
}

/// Three captions of different length in one padded batch, `[3, 40, 330]`; in the padding stands what must not be heard.
fn captions() -> Tensor<3> {
    let captions = LENGTHS.into_iter().enumerate().map(|(number, frames)| {
        let values = seeded::tensor(1000 + number as u64, POSTER_BANDS * LENGTHS[0], 2.0)
            .into_iter()
            .map(|v| v.to_f32());
        let padded = values.enumerate().map(|(n, v)| if n < frames * POSTER_BANDS { v } else { 1.0 });
        let data = TensorData::new(padded.collect::<Vec<f32>>(), [1, LENGTHS[0], POSTER_BANDS]);
        Tensor::<3>::from_data(data, &device()).swap_dims(1, 2)
    });
    Tensor::cat(captions.collect(), 0)
}

fn lengths() -> Lengths {
    Lengths::new(LENGTHS.to_vec())
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

fn assert_agrees(what: &str, got: &[f32], expected: &[f32]) {
    assert_eq!(got.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
    let difference = got.iter().zip(expected).fold(0.0_f32, |m, (a, b)| m.max((a - b).abs()));
    println!("{what}: {difference:.1e} of {largest:.2}");
    assert!(largest > 0.01 && difference <= TOLERANCE * largest, "{what}: {difference} of {largest}");
}

#[test]
fn audio_cnn_agrees_with_pytorch() {
    for (case, padding, pool) in [
        ("cnn_same_mean", Padding::Same, CaptionPool::Mean),
        ("cnn_same_max", Padding::Same, CaptionPool::Max),
        ("cnn_valid_mean", Padding::Valid, CaptionPool::Mean),
        ("cnn_valid_max", Padding::Valid, CaptionPool::Max),
    ] {
        let network = filled(AudioCnnConfig { maps: [4, 6, 8], padding, pool }.init(&device()));
        assert_agrees(case, &values(network.forward(captions(), Some(&lengths()))), &reference(case));
    }
}

#[test]
fn without_a_mask_padding_counts_as_in_2016() {
    let network = filled(AudioCnnConfig::new([4, 6, 8]).init(&device()));
    let got = values(network.forward(captions(), None));
    let expected = reference("cnn_same_mean");
    assert_agrees("the longest has no padding", &got[..8], &expected[..8]);
    assert!(got[16..].iter().zip(&expected[16..]).any(|(a, b)| (a - b).abs() > 1e-3));
}

#[test]
fn residual_blocks_agree_with_pytorch() {
    for (case, from, to, dilation) in [("block_widening", 4, 6, 4), ("block_identity", 5, 5, 2)] {
        let x: Vec<f32> = seeded::tensor(2000, from * 20, 1.0).into_iter().map(|v| v.to_f32()).collect();
        let x = Tensor::<3>::from_data(TensorData::new(x, [1, from, 20]), &device());
        let block = filled(ResidualBlock::new(from, to, dilation, &device()));
        assert_agrees(case, &values(block.forward(x)), &reference(case));
    }
}

#[test]
fn temporal_branch_agrees_with_pytorch() {
    let branch = filled(TemporalConfig::new(3, 5, 6).init(&device()));
    assert_agrees("branch", &values(branch.forward(captions(), Some(&lengths()))), &reference("branch"));
}

#[test]
fn ablations_pool_the_vectors_of_each_clip_and_none_behind_its_end() {
    for pool in [TemporalPool::Last, TemporalPool::Mean, TemporalPool::Max] {
        let branch = filled(TemporalConfig { pool, ..TemporalConfig::new(3, 5, 6) }.init(&device()));
        let vectors = branch.stacks(branch.grid(captions(), Some(&lengths())));
        let [_, maps, steps] = vectors.dims();
        let (vectors, got) = (values(vectors), values(branch.forward(captions(), Some(&lengths()))));
        let expected = LENGTHS.into_iter().enumerate().flat_map(|(clip, frames)| {
            let own = frames.div_ceil(4);
            let of = |map: usize| &vectors[(clip * maps + map) * steps..][..own];
            let pooled = |values: &[f32]| match pool {
                TemporalPool::Last => values[own - 1],
                TemporalPool::Mean => values.iter().sum::<f32>() / own as f32,
                TemporalPool::Max => values.iter().fold(f32::NEG_INFINITY, |most, value| most.max(*value)),
            };
            (0..maps).map(move |map| pooled(of(map))).collect::<Vec<_>>()
        });
        assert_agrees(&format!("{pool:?}"), &got, &expected.collect::<Vec<_>>());
    }
}

#[test]
fn whole_systems_agree_with_pytorch() {
    for (case, config) in [
        ("p0_lite", PosterConfig::baseline(Shape::Lite)),
        ("p2_lite", PosterConfig::with_temporal_branch(Shape::Lite)),
    ] {
        let audio = filled(config.init(8, &device()).audio);
        assert_agrees(case, &values(audio.forward(captions(), &lengths())), &reference(case));
    }
}

#[test]
fn sizes_are_those_of_the_description() {
    for (config, audio) in [
        (PosterConfig::baseline(Shape::Full), 13_940_800),
        (PosterConfig::baseline(Shape::Lite), 928_416),
        (PosterConfig::baseline(Shape::Small), 262_624),
        (PosterConfig::with_temporal_branch(Shape::Full), 9_299_328),
        (PosterConfig::with_temporal_branch(Shape::Lite), 619_504),
        (PosterConfig::with_temporal_branch(Shape::Small), 174_856),
    ] {
        let network = config.init(4096, &device());
        assert_eq!(network.audio.num_params(), audio);
        if config.width == 1024 {
            assert_eq!(network.num_params() - audio, 4_195_328);
        }
    }
    assert_eq!(TcnStack::new(128, 256, &device()).num_params(), 2_300_160);
    assert_eq!(TcnStack::new(256, 256, &device()).num_params(), 2_365_440);
    assert_eq!(
        TemporalConfig::new(16, 32, 64).init(&device()).num_params(),
        5_808 + 7_712 + 144_960 + 148_992
    );
}

/// What changes at which frames of the stacks' output when frame `at` of their input is disturbed.
fn reach(stacks: impl Fn(Tensor<3>) -> Tensor<3>, frames: usize, at: usize) -> Vec<bool> {
    let x: Vec<f32> = seeded::tensor(3, 8 * frames, 1.0).into_iter().map(|v| v.to_f32()).collect();
    let disturbed: Vec<f32> =
        x.iter().enumerate().map(|(n, v)| if n % frames == at { v + 1.0 } else { *v }).collect();
    let run = |x| values(stacks(Tensor::from_data(TensorData::new(x, [1, 8, frames]), &device())));
    let (before, after) = (run(x), run(disturbed));
    let maps = before.len() / frames;
    (0..frames).map(|t| (0..maps).any(|map| before[map * frames + t] != after[map * frames + t])).collect()
}

#[test]
fn one_stack_sees_253_frames_and_nothing_of_the_future() {
    assert_eq!(STACK_FIELD, 253);
    let stack = filled(TcnStack::new(8, 8, &device()));
    let changed = reach(|x| stack.forward(x), 300, 20);
    assert!(changed[..20].iter().all(|changed| !changed), "the future moved the past");
    assert!(changed[20] && changed[20 + STACK_FIELD - 1], "the field is too small");
    assert!(changed[20 + STACK_FIELD..].iter().all(|changed| !changed), "the field is too large");
}

#[test]
fn two_stacks_see_the_whole_grid() {
    let branch = filled(TemporalConfig::new(4, 8, 8).init(&device()));
    let changed = reach(|x| branch.stacks(x), 256, 0);
    assert!(changed[255], "frame 0 does not reach the last output");
    let changed = reach(|x| branch.stacks(x), 256, 200);
    assert!(changed[..200].iter().all(|changed| !changed) && changed[200]);
}

#[test]
fn ten_seconds_become_a_grid_of_256() {
    let branch = TemporalConfig::new(4, 8, 8).init(&device());
    let mel = Tensor::<3>::zeros([1, POSTER_BANDS, 1024], &device());
    assert_eq!(branch.grid(mel, None).dims(), [1, 8, 256]);
}
