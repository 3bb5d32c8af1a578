//! Sound files that were streamed, cut off, put together, or written by programs with ideas of their own.

use super::{Folder, ROOT, assert_says, clip, fixture, hearsight};

/// Samples at 16 kHz, and what is said of them.
fn heard(bytes: &[u8]) -> (Vec<f32>, String) {
    let sound = hearsight_cli::audio::decode(bytes.to_vec(), None).unwrap_or_else(|error| panic!("{error}"));
    (sound.samples, sound.remarks.join(" "))
}

fn refused(bytes: &[u8]) -> String {
    match hearsight_cli::audio::decode(bytes.to_vec(), None) {
        Ok(_) => panic!("it was read"),
        Err(error) => error.to_string(),
    }
}

/// A clip of 1.7 s, 16 bits at 16 kHz: 44 bytes of head, then its samples.
fn clip_wav() -> Vec<u8> {
    std::fs::read(crate::at("tests/fixtures/clip.wav")).unwrap()
}

/// Its samples.
fn samples() -> Vec<f32> {
    clip_wav()[44..]
        .as_chunks::<2>()
        .0
        .iter()
        .map(|two| f32::from(i16::from_le_bytes(*two)) / 32768.0)
        .collect()
}

/// A wav file: its form, its rate, its samples.
fn wav(format: u16, channels: u16, bits: u16, rate: u32, data: &[u8]) -> Vec<u8> {
    let block = channels.wrapping_mul(bits / 8);
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0");
    for two in [format, channels] {
        file.extend(two.to_le_bytes());
    }
    file.extend(rate.to_le_bytes());
    file.extend((rate.wrapping_mul(u32::from(block))).to_le_bytes());
    file.extend(block.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

fn floats(samples: impl Iterator<Item = f32>, channels: u16) -> Vec<u8> {
    wav(3, channels, 32, 16_000, &samples.flat_map(f32::to_le_bytes).collect::<Vec<u8>>())
}

/// Whether two are one sound, whatever their loudness.
#[track_caller]
fn assert_alike(one: &[f32], other: &[f32]) {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
    let cosine = product(one, other) / (product(one, one) * product(other, other)).sqrt();
    assert!(
        cosine.abs() > 0.999 && one.len().abs_diff(other.len()) < 2,
        "{cosine}, {} and {}",
        one.len(),
        other.len()
    );
}

#[test]
fn a_recording_of_a_browser_is_heard() {
    let whole = heard(&std::fs::read(clip("steam-train")).unwrap()).0;
    for name in ["live.webm", "whole.webm"] {
        let (samples, said) = heard(&std::fs::read(fixture("sound").join(name)).unwrap());
        assert!(
            samples.len() >= whole.len() && samples.len() < whole.len() + 1600,
            "{} of {}",
            samples.len(),
            whole.len()
        );
        assert_eq!(said, "", "{name} ends where it ends");
    }
    let live = fixture("sound/live.webm");
    let gallery = format!("{ROOT}/www/gallery");
    let found = hearsight(&["search", "--gallery", &gallery, "--audio", live.to_str().unwrap(), "--json"])
        .well()
        .json();
    assert_eq!(found[0]["id"], "steam-train");
}

#[test]
fn sizes_of_a_wav_file_are_not_believed() {
    let expected = samples();
    let right = clip_wav();
    let sized = |riff: u32, data: u32| {
        let mut bytes = right.clone();
        bytes[4..8].copy_from_slice(&riff.to_le_bytes());
        bytes[40..44].copy_from_slice(&data.to_le_bytes());
        bytes
    };
    let size = right.len() as u32;
    let own = size - 44;
    for (riff, data) in [
        (0, 0),
        (u32::MAX, u32::MAX),
        (36, own),
        (size, own),
        (own, own),
        (u32::MAX, own),
        (0x7fff_ffff, 0x7fff_ffdb),
        (44, 8),
        (size - 8, 0x8000_0000),
    ] {
        let (samples, said) = heard(&sized(riff, data));
        assert_eq!((samples, said), (expected.clone(), String::new()), "{riff} {data}");
    }
    let (found, said) = heard(&sized(size - 8, own + 32_000));
    assert_eq!(found, expected);
    assert_says(&said, &["cut off", "1.0 seconds"]);
    // RF64 has its sizes in a chunk of its own; other chunks may be odd, with a pad or without.
    let long = [b"ds64\x1c\0\0\0", &[0; 8][..], &u64::from(own).to_le_bytes(), &[0; 12]].concat();
    let rf64 = [b"RF64\xff\xff\xff\xffWAVE", &long[..], &sized(0, u32::MAX)[12..]].concat();
    assert_eq!(heard(&rf64).0, expected);
    for odd in [&b"LIST\x03\0\0\0abc"[..], b"LIST\x03\0\0\0abc\0"] {
        assert_eq!(heard(&[&right[..12], odd, &right[12..]].concat()).0, expected);
        assert_eq!(heard(&[&right[..], odd].concat()).0, expected, "and behind");
    }
    assert_eq!(
        heard(&[b"ID3\x04\0\0\0\0\x01\x02", &[0; 130][..], &right].concat()).0,
        expected,
        "behind a tag"
    );
}

#[test]
fn streams_one_after_the_other_are_all_heard() {
    let parts = ["steam-train", "scuba-diver"].map(|name| std::fs::read(clip(name)).unwrap());
    let expected = [heard(&parts[0]).0, heard(&parts[1]).0].concat();
    let (found, said) = heard(&parts.concat());
    assert!(
        found.len().abs_diff(expected.len()) < 400 && said.is_empty(),
        "{} of {}, {said}",
        found.len(),
        expected.len()
    );
    // Streams of two kinds.
    let vorbis = std::fs::read(crate::at("tests/fixtures/fuzz/audio/vorbis.ogg")).unwrap();
    let both = heard(&[&parts[0][..], &vorbis].concat()).0;
    assert!(both.len().abs_diff(heard(&parts[0]).0.len() + heard(&vorbis).0.len()) < 400);
}

#[test]
fn what_is_there_of_a_cut_file_is_heard() {
    let ogg = std::fs::read(clip("steam-train")).unwrap();
    let alac = std::fs::read(fixture("sound/alac.m4a")).unwrap();
    // The box with what it holds stands at its end, and is gone.
    assert_says(&refused(&alac[..alac.len() / 2]), &["cannot be read as sound"]);
    for bytes in [clip_wav(), ogg, std::fs::read(fixture("sound/whole.webm")).unwrap()] {
        let whole = heard(&bytes).0.len();
        let (samples, said) = heard(&bytes[..bytes.len() * 3 / 4]);
        assert!(samples.len() > whole / 3 && samples.len() < whole, "{} of {whole}", samples.len());
        assert_says(&said, &["cut off"]);
    }
    let (samples, said) = heard(&std::fs::read(fixture("sound/cut.webm")).unwrap());
    let whole = heard(&std::fs::read(fixture("sound/whole.webm")).unwrap()).0.len();
    assert!(samples.len() > whole / 3 && samples.len() < whole, "{} of {whole}", samples.len());
    assert_says(&said, &["cut off"]);
    assert_says(
        &heard(&clip_wav()[..clip_wav().len() - 100]).1,
        &["less than 0.1 seconds of sound are missing"],
    );
    assert_says(&refused(b""), &["empty"]);
}

#[test]
fn samples_of_any_range_are_heard() {
    for scale in [1.0, 127.0, 500.0, 32_768.0, 2_147_483_648.0] {
        let (found, said) = heard(&floats(samples().iter().map(|v| v * scale), 1));
        assert_alike(&found, &samples());
        assert!(found.iter().all(|sample| sample.abs() <= 1.0));
        assert_eq!(said.is_empty(), scale < 10.0, "{said}");
    }
    // Bytes from 0 to 255, as floats.
    let (found, _) = heard(&floats(samples().iter().map(|v| v * 127.0 + 128.0), 1));
    assert_alike(&found[100..], &samples()[100..]);
    // One broken sample is one broken sample.
    let mut spiked = samples();
    spiked[1000] = 1e20;
    let (found, _) = heard(&floats(spiked.into_iter(), 1));
    assert_alike(&found[1001..], &samples()[1001..]);
    let folder = Folder::with(&[]);
    folder.put("int16.wav", &floats(samples().iter().map(|v| v * 32_768.0), 1));
    hearsight(&["embed", "--audio", &folder.at("int16.wav")]).well();
}

#[test]
fn channels_that_cancel_are_heard() {
    let mix = |parts: &[f32]| {
        samples()
            .into_iter()
            .flat_map(|v| parts.iter().map(move |part| v * part).collect::<Vec<f32>>())
            .collect::<Vec<f32>>()
    };
    for parts in [
        &[0.5, -0.5][..],
        &[0.5, -0.45],
        &[-0.3, 0.5],
        &[0.0, 0.5, -0.5],
        &[0.5, -0.5, 0.1, 0.0, -0.1, 0.0],
        &[0.5, 0.0],
        &[0.4, 0.4],
    ] {
        let (found, _) = heard(&floats(mix(parts).into_iter(), parts.len() as u16));
        assert_alike(&found, &samples());
        let loudest = |samples: &[f32]| samples.iter().fold(0.0_f32, |most, v| most.max(v.abs()));
        assert!(loudest(&found) > 0.1 * loudest(&samples()), "{parts:?}");
    }
}

#[test]
fn what_is_no_sound_is_named() {
    let expected = &samples()[..8000];
    assert_alike(&heard(&std::fs::read(fixture("sound/alac.m4a")).unwrap()).0, expected);
    assert_says(&refused(&wav(0x31, 1, 16, 8_000, &[7; 650])), &["wav", "GSM 6.10", "PCM"]);
    assert_says(&refused(&wav(0x161, 2, 16, 44_100, &[7; 650])), &["Windows Media Audio"]);
    assert_says(&refused(&wav(1, 1, 16, 0, &[7; 650])), &["0 samples a second"]);
    assert_says(&refused(&wav(1, 32_769, 16, 8_000, &[7; 650])), &["32769 channels"]);
    // An mp3 in a wav's clothes is an mp3.
    let mp3 = std::fs::read(crate::at("tests/fixtures/fuzz/audio/tone.mp3")).unwrap();
    assert_eq!(heard(&wav(0x55, 1, 0, 16_000, &mp3)).0.len(), heard(&mp3).0.len());
    for (bytes, name) in [
        (&b"#!AMR\n\x3c\x91\x17\x16"[..], "AMR"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", "wma"),
        (b"MThd\0\0\0\x06", "MIDI"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG picture"),
        (b"PK\x03\x04\x14\0", "zip"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
    ] {
        let sentence = refused(bytes);
        assert_says(&sentence, &[name]);
        assert!(sentence.ends_with('.') && !sentence.contains("Use a wav"), "{sentence}");
    }
    let folder = Folder::with(&[]);
    let gallery = format!("{ROOT}/www/gallery");
    let sentence = hearsight(&["search", "--gallery", &gallery, "--audio", &folder.at("")]).refused();
    assert_says(&sentence, &["this is a folder"]);
}
