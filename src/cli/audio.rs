//! Audio files to mono samples at 16 kHz.

use std::path::Path;
use std::sync::LazyLock;

use hearsight::sound::resample;
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;
use symphonia_adapter_libopus::OpusDecoder;

use super::Failure;

/// Seconds of the longest file that is decoded: far beyond a caption, and well within memory at every rate.
const LONGEST: usize = 600;

static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<OpusDecoder>();
    codecs
});

/// Decodes wav, mp3, flac, ogg (Vorbis, Opus), m4a or webm; channels are averaged.
pub fn read(path: &Path) -> Result<Vec<f32>, Failure> {
    let file = std::fs::File::open(path).map_err(|error| format!("{}: {error}.", path.display()))?;
    let extension = path.extension().and_then(|extension| extension.to_str());
    decode(Box::new(file), extension).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// The same for the content of a file; its `extension` is a hint.
pub fn decode(file: Box<dyn MediaSource>, extension: Option<&str>) -> Result<Vec<f32>, Failure> {
    samples(file, extension).map_err(|error| {
        let advice = "Use a wav, mp3, flac, ogg, m4a or webm file.";
        format!("This file cannot be read as sound ({error}). {advice}").into()
    })
}

fn samples(file: Box<dyn MediaSource>, extension: Option<&str>) -> Result<Vec<f32>, Failure> {
    let file = MediaSourceStream::new(file, Default::default());
    let mut hint = Hint::new();
    if let Some(extension) = extension {
        hint.with_extension(extension);
    }
    let probe = symphonia::default::get_probe();
    let mut format = probe.probe(&hint, file, FormatOptions::default(), MetadataOptions::default())?;
    let track = format.default_track(TrackType::Audio).ok_or("no sound in it")?;
    let track_id = track.id;
    let parameters = track.codec_params.as_ref().and_then(|p| p.audio()).ok_or("an unknown codec")?;
    let mut decoder = CODECS.make_audio_decoder(parameters, &AudioDecoderOptions::default())?;

    let (mut mono, mut block, mut rate) = (Vec::new(), Vec::<f32>::new(), 0);
    while let Some(packet) = format.next_packet()? {
        if packet.track_id != track_id {
            continue;
        }
        match decoder.decode(&packet) {
            Ok(sound) => {
                rate = sound.spec().rate();
                if mono.len() > LONGEST * rate as usize {
                    return Err(format!("it is longer than {} minutes", LONGEST / 60).into());
                }
                let channels = sound.spec().channels().count().max(1);
                sound.copy_to_vec_interleaved(&mut block);
                mono.extend(
                    block.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() / channels as f32),
                );
            }
            Err(Error::DecodeError(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if rate == 0 {
        return Err("no sound in it".into());
    }
    Ok(resample(&mono, f64::from(rate))?)
}
