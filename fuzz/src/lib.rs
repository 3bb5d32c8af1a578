//! One function for each reader of foreign bytes: what it must do with any bytes at all. The fuzz targets call them, and so
//! does tests/foreign_bytes.rs, with the inputs that were kept and without a nightly compiler.
//!
//! A reader gives a value or one plain sentence. It never panics, and what it gives is used as its callers use it. Each
//! function says whether there was anything to read.

use std::fmt::Display;

use burn::tensor::Device;
use hearsight::adapt::{Plan, Role, Wishes};
use hearsight::engine::{About, PosterSystem, SpeechNetwork, Taught, readable, taught_weights, trimmed};
use hearsight::gallery::{
    Flickr8kAudio, Names, Pair, Paths, is_litter, pack, read_captions, read_manifest, read_pairs,
    read_places, spelled, tables, unpack, wav, write_pairs,
};
use hearsight::network::{DIMENSIONS, Storage, Weights};
use hearsight::picture::{COPY, Pixels, pixels_and_copies, taken};
use hearsight::poster::{Vgg16Header, Vgg16Loader};
use hearsight::search::Index;
use hearsight::sound::{
    Activity, LogMel, LogMelStream, Recipe, Resampler, check_clip, into_range, mixed, resample, speech_range,
    whole_wav,
};
use safetensors::SafeTensors;

/// Side of the picture network's input, in pixels; small, since the fuzzer's time is for the decoders.
const SIDE: usize = 32;
/// The parts of an input that stands for several files end with this byte, which no text has.
const NEXT_FILE: u8 = 0;
/// Samples of the longest clip that is made into frames: a fifth of a second at the highest rate.
const SAMPLES: usize = 40_000;

/// A zip of recordings (`openZip` on the page), read twice: from the file and from what it was packed into again. Each of its files
/// is found by its own name and by other spellings of it.
pub fn archive(bytes: &[u8]) -> bool {
    let Some(unpacked) = value(unpack(bytes)) else { return false };
    for left_out in &unpacked.left_out {
        value(Err::<(), _>(&left_out.why));
    }
    let files = unpacked.files;
    for file in &files {
        let parts = || file.name.split('/');
        assert!(parts().all(|part| !matches!(part, "" | "." | "..")), "{:?} leads out", file.name);
        assert!(!is_litter(&file.name));
    }
    let names = || files.iter().map(|file| file.name.as_str());
    assert!(tables(names()).len() <= files.len());
    let paths = Paths::of(names());
    for name in names().filter(|name| !name.trim().is_empty()) {
        assert_eq!(paths.find("", name), Some(name));
        // The others may mean another file of the same spelling, but never none of them.
        for cell in [format!("./{name}"), name.replace('/', "\\"), name.to_uppercase()] {
            assert!(paths.find("", &cell).is_none_or(|found| names().any(|name| name == found)));
        }
        assert_eq!(spelled(&spelled(name)), spelled(name));
    }
    // A zip may hold two files of one name; one that is packed here may not.
    if let Some(packed) = value(pack(&files)) {
        assert_eq!(unpack(&packed).unwrap().files, files);
    }
    !files.is_empty()
}

/// A sound file (`hearsight search --audio`): wav, mp3, flac, ogg, m4a, aiff or webm.
pub fn audio(bytes: &[u8]) -> bool {
    if let Some(whole) = whole_wav(bytes) {
        assert!(whole.missing_seconds.is_finite() && whole.file.len() <= bytes.len() + 64);
        let again = whole_wav(&whole.file).unwrap();
        assert_eq!((&again.file, again.missing_seconds), (&whole.file, 0.0), "a mended file is right");
    }
    let Some(sound) = value(hearsight_cli::audio::decode(bytes.to_vec(), None)) else { return false };
    let samples = sound.samples;
    for remark in sound.remarks {
        value(Err::<(), _>(remark));
    }
    assert!(samples.iter().all(|sample| sample.is_finite()));
    if value(trimmed(&samples)).is_some() {
        wav(&samples, 16_000).unwrap();
    }
    !samples.is_empty()
}

/// The lists of the Flickr8k Audio Caption Corpus, one after the other, with a zero byte between them.
pub fn flickr8k_audio(bytes: &[u8]) -> bool {
    let mut files = bytes.splitn(5, |byte| *byte == NEXT_FILE).map(String::from_utf8_lossy);
    let mut next = || files.next().unwrap_or_default();
    let (captions, speakers, texts, train, dev) = (next(), next(), next(), next(), next());
    let splits = [("train", &*train), ("dev", &*dev)];
    let texts = (!texts.is_empty()).then_some(&*texts);
    let corpus = Flickr8kAudio { captions: &captions, speakers: &speakers, splits: &splits, texts };
    value(corpus.pairs()).inspect(|pairs| are_a_table(pairs)).is_some()
}

/// Sound as it comes from a microphone: a byte for the rate, one for the length of the blocks, then f32 samples, any of them.
pub fn frames(bytes: &[u8]) -> bool {
    let [rate, block, samples @ ..] = bytes else { return false };
    let common = [8_000.0, 11_025.0, 16_000.0, 22_050.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0];
    // Half of the bytes stand for common rates; the others for odd ones, and for some that are refused.
    let hz = common.get(usize::from(*rate) % 16).copied().unwrap_or(f64::from(*rate) * 777.7);
    let block = usize::from(*block) * 7 + 1;
    let samples: Vec<f32> =
        samples.as_chunks::<4>().0.iter().take(SAMPLES).map(|bytes| f32::from_le_bytes(*bytes)).collect();
    for channels in [1, 2, 6] {
        let mut mono = mixed(&samples, channels);
        assert_eq!(mono.len(), samples.len() / channels);
        if mono.iter().all(|sample| sample.is_finite()) && into_range(&mut mono).is_some() {
            assert!(mono.iter().all(|sample| sample.abs() <= 1.0));
        }
    }
    let Some(mut resampler) = value(Resampler::new(hz)) else { return false };
    let mut activity = Activity::new();
    let mut streams = [Recipe::whisper(), Recipe::poster()].map(LogMelStream::new);
    let mut heard = Vec::new();
    let mut hear = |new: Vec<f32>| {
        assert!(new.iter().all(|sample| sample.is_finite()));
        assert!(activity.push(&new).level_dbfs.is_finite());
        for stream in &mut streams {
            let raw = stream.push(&new);
            assert!(stream.normalise(&raw).iter().all(|value| value.is_finite()));
        }
        heard.extend(new);
    };
    samples.chunks(block).for_each(|block| hear(resampler.push(block)));
    hear(resampler.finish());
    assert_eq!(heard.len(), (samples.len() as f64 * 16_000.0 / hz).round() as usize);
    for (recipe, stream) in [Recipe::whisper(), Recipe::poster()].into_iter().zip(&mut streams) {
        stream.finish();
        assert_eq!(stream.normalised(), LogMel::new(recipe).frames(&heard));
    }
    if let Some(range) = value(speech_range(&heard)) {
        assert!(range.start < range.end && range.end <= heard.len());
    }
    // A whole clip gives the same, or is refused.
    let usable = value(check_clip(&samples, hz)).is_some();
    if usable {
        assert_eq!(resample(&samples, hz).unwrap(), heard);
    }
    usable
}

/// The index of a gallery, and weights of a speech network.
pub fn index(bytes: &[u8]) -> bool {
    let index = value(Index::read(bytes, DIMENSIONS));
    if let Some(index) = &index {
        let ranking = index.rank(&vec![0.05; DIMENSIONS]);
        assert_eq!(ranking.len(), index.ids().len());
        let again = index.write(Storage::F32).unwrap();
        assert_eq!(Index::read(&again, DIMENSIONS).unwrap().ids(), index.ids());
    }
    let weights = value(SpeechNetwork::read(bytes));
    if let Some(weights) = &weights {
        for (name, shape) in weights.shapes() {
            let (_, values) = weights.get(name).unwrap();
            assert_eq!(values.len(), shape.iter().product::<usize>());
        }
        for storage in [Storage::F32, Storage::F16, Storage::Int8, Storage::Int4] {
            weights.write(storage).unwrap();
        }
    }
    index.is_some() || weights.is_some()
}

/// `gallery.json` and `captions.json`.
pub fn manifest(bytes: &[u8]) -> bool {
    let manifest = value(read_manifest(bytes));
    if let Some(manifest) = &manifest {
        manifest.pictures.iter().for_each(|picture| stays_inside(&picture.file));
        let names = Names::of(&manifest.pictures);
        for picture in &manifest.pictures {
            for path in [&picture.id, &picture.origin, &picture.file] {
                if let Some(id) = value(names.find(path)) {
                    assert!(manifest.pictures.iter().any(|picture| picture.id == id));
                }
            }
        }
        value(names.find_all(manifest.pictures.iter().map(|picture| picture.origin.as_str())));
    }
    let captions = value(read_captions(bytes));
    if let Some(list) = &captions {
        list.captions.iter().for_each(|caption| stays_inside(&caption.file));
        for count in [0, 1, 7, usize::MAX] {
            let splits: Vec<&str> = list.captions.iter().map(|caption| caption.split.as_str()).collect();
            let plan = Plan::new(&[], &splits, Wishes { rehearse: Some(count), ..Wishes::default() });
            let chosen = plan.hearings.iter().filter(|hearing| hearing.role == Role::Rehearse);
            let chosen: Vec<&str> = chosen.map(|hearing| splits[hearing.number]).collect();
            assert!(chosen.len() <= count && chosen.iter().all(|split| *split == "train"));
        }
    }
    manifest.is_some() || captions.is_some()
}

/// A table of pairs.
pub fn pairs(bytes: &[u8]) -> bool {
    let pairs = value(read_pairs(bytes, None));
    if let Some(pairs) = &pairs {
        assert!(pairs.iter().all(|pair| !pair.image_stem().contains('/')));
        are_a_table(pairs);
    }
    value(read_pairs(bytes, Some("train")));
    pairs.is_some()
}

/// A picture file: jpeg, png, webp, gif or bmp; and of any with Exif, when and where it was taken.
pub fn picture(bytes: &[u8]) -> bool {
    let both = value(pixels_and_copies(bytes, SIDE, [COPY]));
    if let Some((pixels, [copy])) = &both {
        assert_eq!(pixels.values.len(), 3 * SIDE * SIDE);
        assert!(pixels.values.iter().all(|value| value.abs() <= 1.0));
        assert!(copy.width.max(copy.height) <= COPY && copy.width.min(copy.height) > 0);
    }
    if let Some(pixels) = value(Pixels::imagenet(bytes)) {
        assert!(pixels.values.iter().all(|value| value.is_finite()));
    }
    let taken = taken(bytes);
    assert!(taken.date.iter().all(|date| date.len() == "2026-11-29T12:00:00".len()));
    assert!(taken.place.iter().all(|[north, east]| north.abs() <= 90.0 && east.abs() <= 180.0));
    both.is_some()
}

/// A JSON file of Places Audio Captions.
pub fn places(bytes: &[u8]) -> bool {
    if let Some(places) = value(read_places(bytes, "train")) {
        assert!(places.pairs.iter().all(|pair| !pair.audio.is_empty() && !pair.image.is_empty()));
        are_a_table(&places.pairs);
        return true;
    }
    false
}

/// The file of one of the poster's systems.
pub fn systems(bytes: &[u8]) -> bool {
    value(PosterSystem::read(bytes, &Device::flex())).is_some()
}

/// A `.hearsight` file. Nobody finds a checksum by chance, so the record is read and sealed again without one too.
pub fn taught(bytes: &[u8]) -> bool {
    let about = SafeTensors::read_metadata(bytes).ok().and_then(|(_, header)| {
        let about = header.metadata().as_ref()?.get("about")?;
        serde_json::from_str::<About>(about).ok()
    });
    if let (Some(about), Ok(weights)) = (about, Weights::read(bytes)) {
        let sealed = Taught { about, weights };
        if let Some(file) = value(sealed.write()) {
            assert_eq!(Taught::read(&file).unwrap().about, sealed.about);
        }
    }
    let Some(taught) = value(Taught::read(bytes)) else { return false };
    let again = Taught::read(&taught.write().unwrap()).unwrap();
    assert_eq!(again.about, taught.about);
    assert!(again.weights.shapes().eq(taught.weights.shapes()));
    value(taught_weights(bytes, Some(&taught)));
    true
}

/// The header of a VGG16 checkpoint in safetensors, with what it says must be read. Two bytes of size come first.
pub fn vgg16(bytes: &[u8]) -> bool {
    let Some((more, file)) = bytes.split_first_chunk::<2>() else { return false };
    value(Vgg16Loader::read(file));
    // A browser reads the first MiB of a file whose size it knows.
    let size = file.len() as u64 + u64::from(u16::from_le_bytes(*more));
    let Some(header) = value(Vgg16Header::read(file, size)) else { return false };
    for largest in [1, 5, 4096, usize::MAX] {
        let mut end = 0;
        for piece in header.pieces(largest) {
            assert!(end <= piece.start && piece.start < piece.end && piece.end as u64 <= size);
            end = piece.end;
        }
    }
    value(Vgg16Loader::new(header.tensors()));
    true
}

/// The value, or nothing where there is a sentence: one that a person can read.
fn value<T, E: Display>(result: Result<T, E>) -> Option<T> {
    let error = match result {
        Ok(value) => return Some(value),
        Err(error) => error.to_string(),
    };
    let shown = readable(&error);
    assert!(shown.ends_with('.') && shown.chars().count() < 1_000, "This is no sentence: {error:?}");
    None
}

/// Whether pairs that were read can be written as a table and read from it.
fn are_a_table(pairs: &[Pair]) {
    if let Some(table) = value(write_pairs(pairs)) {
        assert_eq!(read_pairs(&table, None).unwrap(), pairs);
    }
}

/// Whether a path that a list names is below its own folder.
fn stays_inside(path: &str) {
    let leads_out =
        path.starts_with('/') || path.contains(['\\', ':', '\0']) || path.split('/').any(|part| part == "..");
    assert!(!leads_out, "{path:?} leads out of the folder");
}
