//! Audio files to mono samples at 16 kHz.
//!
//! What can be decoded is used: a recording that was streamed, cut off or put together of several ends where its sound
//! ends, and a remark says what is missing. What cannot be decoded at all is named by what it is.

use std::io::Cursor;
use std::path::Path;
use std::sync::LazyLock;

use hearsight::sound::{WavCodec, into_range, mixed, resample, whole_wav};
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::{Hint, Probe};
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;
use symphonia::default::{formats, meta};
use symphonia_adapter_libopus::OpusDecoder;

use super::Failure;

#[path = "audio/kinds.rs"]
mod kinds;
#[path = "audio/ogg.rs"]
mod ogg;
#[path = "audio/webm.rs"]
mod webm;

/// Seconds of the longest file that is decoded: far beyond a caption, and well within memory at every rate.
const LONGEST: usize = 600;
/// Bytes of the largest file that is read: what the longest takes as plain samples of the highest rate.
const LARGEST: u64 = 1 << 30;
/// Samples a second and channels that a recording may have at all.
const RATES: std::ops::RangeInclusive<u32> = 1..=10_000_000;
const MOST_CHANNELS: u16 = 26;
/// From here on samples were meant as whole numbers, and the user is told.
const WHOLE_NUMBERS: f32 = 10.0;
/// Parts of a second that may be missing at the end without a word: no caption ends in them.
const UNHEARD: f64 = 0.001;

static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<OpusDecoder>();
    codecs
});

/// Wav files, once their heads are right, and nothing else: what only looks like one somewhere in its middle is not read as one.
static WAV: LazyLock<Probe> = LazyLock::new(|| {
    let mut probe = Probe::default();
    probe.register_format::<formats::WavReader<'_>>();
    probe
});

static OTHERS: LazyLock<Probe> = LazyLock::new(|| {
    let mut probe = Probe::default();
    probe.register_format::<formats::AdtsReader<'_>>();
    probe.register_format::<formats::AiffReader<'_>>();
    probe.register_format::<formats::CafReader<'_>>();
    probe.register_format::<formats::FlacReader<'_>>();
    probe.register_format::<formats::IsoMp4Reader<'_>>();
    probe.register_format::<formats::MkvReader<'_>>();
    probe.register_format::<formats::MpaReader<'_>>();
    probe.register_format::<formats::OggReader<'_>>();
    probe.register_metadata::<meta::ApeReader<'_>>();
    probe.register_metadata::<meta::Id3v1Reader<'_>>();
    probe.register_metadata::<meta::Id3v2Reader<'_>>();
    probe
});

/// What a file holds.
pub struct Sound {
    /// Mono, at 16 kHz.
    pub samples: Vec<f32>,
    /// What the user should know of it: sentences.
    pub remarks: Vec<String>,
}

/// Decodes wav, mp3, flac, ogg (Vorbis, Opus), m4a (AAC, ALAC), aiff, caf or webm; says what is wrong with it.
pub fn read(path: &Path) -> Result<Vec<f32>, Failure> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let of_file = |error: std::io::Error| named(&format!("{error}. Check the path."));
    let about = std::fs::metadata(path).map_err(of_file)?;
    if about.is_dir() {
        return Err(named(&"this is a folder. Name a sound file.").into());
    }
    if about.len() > LARGEST {
        let most = LONGEST / 60;
        return Err(named(&format!("this file is too large. Use one of at most {most} minutes.")).into());
    }
    let content = std::fs::read(path).map_err(of_file)?;
    let extension = path.extension().and_then(|extension| extension.to_str());
    let sound = decode(content, extension).map_err(|error| named(&error))?;
    for remark in sound.remarks {
        eprintln!("{}", named(&remark));
    }
    Ok(sound.samples)
}

/// The same for the content of a file; its `extension` is a hint.
pub fn decode(content: Vec<u8>, extension: Option<&str>) -> Result<Sound, Failure> {
    if content.is_empty() {
        return Err("This file is empty. Record or copy it again.".into());
    }
    let mut remarks = Vec::new();
    let wav = whole_wav(&content).or_else(|| whole_wav(kinds::behind_tag(&content)?));
    let (content, extension) = match wav {
        Some(wav) => {
            let (rate, channels) = (wav.rate, wav.channels);
            if !RATES.contains(&rate) || !(1..=MOST_CHANNELS).contains(&channels) {
                let claim = format!("{channels} channels of {rate} samples a second");
                return Err(format!(
                    "This wav file claims {claim}, so it cannot be played. Export it again."
                )
                .into());
            }
            if wav.missing_seconds > UNHEARD {
                let missing = wav.missing_seconds;
                let missing =
                    if missing < 0.1 { "less than 0.1".to_owned() } else { format!("{missing:.1}") };
                remarks.push(format!(
                    "the file is cut off: {missing} seconds of sound are missing, the rest is used."
                ));
            }
            match wav.codec {
                WavCodec::Samples => (wav.file, Some("wav")),
                WavCodec::Mp3 => (wav.file[wav.data..].to_vec(), Some("mp3")),
                WavCodec::Other(codec) => return Err(kinds::unread("wav", codec).into()),
            }
        }
        None => (content, extension.filter(|extension| !extension.eq_ignore_ascii_case("wav"))),
    };
    let kind = kinds::of(&content);
    if let Some(kinds::Kind::Unread(kind)) = kind {
        return Err(kinds::refused(kind).into());
    }
    if kind.is_some_and(|kind| kind.name() == "wav") && extension != Some("wav") {
        return Err("This wav file cannot be read as sound: its head is damaged. Export it again.".into());
    }
    let samples =
        samples(&content, extension, &mut remarks).map_err(|error| match error.downcast::<Unread>() {
            Ok(unread) => kinds::unread(kind.map_or("file", kinds::Kind::name), &unread.0),
            Err(error) => {
                let advice = "Use a wav, mp3, flac, ogg, m4a, aiff or webm file.";
                let cut = error.downcast_ref::<Error>().is_some_and(is_end);
                let why = match kind {
                    _ if cut => "it is cut off before its sound begins".to_owned(),
                    None => "it is of no kind that is known here".to_owned(),
                    Some(_) => error.to_string(),
                };
                format!("This file cannot be read as sound ({why}). {advice}")
            }
        })?;
    Ok(Sound { samples, remarks })
}

/// A codec that nothing here decodes.
#[derive(Debug)]
struct Unread(String);

impl std::error::Error for Unread {}

impl std::fmt::Display for Unread {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Sound between two changes of format.
#[derive(Default)]
struct Part {
    rate: u32,
    channels: usize,
    interleaved: Vec<f32>,
}

fn samples(content: &[u8], extension: Option<&str>, remarks: &mut Vec<String>) -> Result<Vec<f32>, Failure> {
    let (content, claims_more) = match webm::open_ended(content).or_else(|| ogg::ended(content)) {
        Some(content) => (content, true),
        None => (content.to_vec(), false),
    };
    let is_streamed = webm::is_streamed(&content) && !claims_more;
    let (parts, lost, ends_early) = parts(Box::new(Cursor::new(content)), extension)?;
    if claims_more || ends_early && !is_streamed {
        remarks.push("the file is cut off; what is there of it is used.".into());
    }
    if lost > 0 {
        remarks.push(format!("{lost} pieces of the file are damaged and left out."));
    }
    let (mut all, mut furthest) = (Vec::new(), 0.0_f32);
    for part in parts {
        let mut mono = mixed(&part.interleaved, part.channels);
        furthest = furthest.max(into_range(&mut mono).unwrap_or_default());
        all.extend(resample(&mono, f64::from(part.rate))?);
    }
    if furthest > WHOLE_NUMBERS {
        remarks
            .push(format!("its samples go to {furthest:.0} where 1 is the most; they were scaled to that."));
    }
    Ok(all)
}

/// The sound of a file, how many packets of it were damaged, and whether it ended before it should have.
fn parts(file: Box<dyn MediaSource>, extension: Option<&str>) -> Result<(Vec<Part>, usize, bool), Failure> {
    let file = MediaSourceStream::new(file, Default::default());
    let mut hint = Hint::new();
    if let Some(extension) = extension {
        hint.with_extension(extension);
    }
    let probe = if extension == Some("wav") { &WAV } else { &OTHERS };
    let mut format = probe.probe(&hint, file, FormatOptions::default(), MetadataOptions::default())?;
    let (mut track, mut decoder) = decoder(&*format)?;
    let (mut parts, mut lost, mut cut, mut seconds) = (vec![Part::default()], 0, false, 0.0);
    let mut block = Vec::<f32>::new();
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            // Another stream begins in the same file, with a head of its own.
            Err(Error::ResetRequired) => {
                (track, decoder) = self::decoder(&*format)?;
                continue;
            }
            Err(error) if parts.iter().any(|part| !part.interleaved.is_empty()) => {
                cut = is_end(&error);
                lost += usize::from(!cut);
                break;
            }
            Err(error) => return Err(error.into()),
        };
        if packet.track_id != track {
            continue;
        }
        match decoder.decode(&packet) {
            Ok(sound) => {
                let (rate, channels) = (sound.spec().rate(), sound.spec().channels().count().max(1));
                if rate == 0 {
                    return Err("it claims 0 samples a second".into());
                }
                sound.copy_to_vec_interleaved(&mut block);
                seconds += block.len() as f64 / channels as f64 / f64::from(rate);
                if seconds > LONGEST as f64 {
                    return Err(format!("it is longer than {} minutes", LONGEST / 60).into());
                }
                let last = parts.last_mut().filter(|part| {
                    part.interleaved.is_empty() || (part.rate, part.channels) == (rate, channels)
                });
                match last {
                    Some(part) => {
                        (part.rate, part.channels) = (rate, channels);
                        part.interleaved.extend_from_slice(&block);
                    }
                    None => parts.push(Part { rate, channels, interleaved: block.clone() }),
                }
            }
            Err(Error::DecodeError(_)) => lost += 1,
            Err(Error::ResetRequired) => decoder.reset(),
            Err(error) => return Err(error.into()),
        }
    }
    parts.retain(|part| !part.interleaved.is_empty());
    if parts.is_empty() {
        return Err("no sound in it".into());
    }
    Ok((parts, lost, cut))
}

/// The track with sound, and who decodes it.
fn decoder(format: &dyn FormatReader) -> Result<(u32, Box<dyn AudioDecoder>), Failure> {
    let track = format.default_track(TrackType::Audio).ok_or("no sound in it")?;
    let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
    let parameters = parameters.ok_or_else(|| Unread("an unknown codec".into()))?;
    let decoder = CODECS.make_audio_decoder(parameters, &AudioDecoderOptions::default());
    let decoder = decoder.map_err(|error| match (&error, kinds::codec(parameters)) {
        (Error::Unsupported(_), Some(codec)) => Unread(codec).into(),
        _ => Failure::from(error),
    })?;
    Ok((track.id, decoder))
}

/// Whether a file ended where more was expected.
fn is_end(error: &Error) -> bool {
    matches!(error, Error::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof)
}
