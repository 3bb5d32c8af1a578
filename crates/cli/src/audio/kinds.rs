//! What a file is that holds no sound that is read here: by its first bytes, or by the codec that it names.

use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_AC3, CODEC_ID_AC4, CODEC_ID_DCA, CODEC_ID_EAC3, CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MUSEPACK,
    CODEC_ID_OPUS, CODEC_ID_SPEEX, CODEC_ID_TRUEHD, CODEC_ID_WMA,
};

/// What a file is by its first bytes.
#[derive(Clone, Copy)]
pub enum Kind {
    /// A container that may hold what is read.
    Read(&'static str),
    /// Something else.
    Unread(&'static str),
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Read(name) | Self::Unread(name) => name,
        }
    }
}

/// First bytes, at a place, and what begins so.
const KINDS: [(usize, &[u8], Kind); 30] = [
    (4, b"ftyp", Kind::Read("m4a")),
    (0, b"OggS", Kind::Read("ogg")),
    (0, b"\x1a\x45\xdf\xa3", Kind::Read("webm")),
    (0, b"fLaC", Kind::Read("flac")),
    (0, b"FORM", Kind::Read("aiff")),
    (0, b"caff", Kind::Read("caf")),
    (8, b"WAVE", Kind::Read("wav")),
    (8, b"AVI ", Kind::Unread("an AVI film")),
    (0, b"riff", Kind::Unread("a Wave64 file")),
    (0, b"RIFX", Kind::Unread("a wav file with its bytes reversed (RIFX)")),
    (0, b"#!AMR", Kind::Unread("an AMR recording")),
    (0, b"#!SILK", Kind::Unread("a SILK voice message")),
    (1, b"#!SILK", Kind::Unread("a SILK voice message")),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Kind::Unread("a Windows Media file (wma)")),
    (0, b"MThd", Kind::Unread("a MIDI file, which has notes and no sound")),
    (0, b".RMF", Kind::Unread("a RealMedia file")),
    (0, b"MAC ", Kind::Unread("a Monkey's Audio file (ape)")),
    (0, b"wvpk", Kind::Unread("a WavPack file")),
    (0, b"TTA1", Kind::Unread("a True Audio file (tta)")),
    (0, b"DSD ", Kind::Unread("a DSD file")),
    (0, b"MPCK", Kind::Unread("a Musepack file")),
    (0, b".snd", Kind::Unread("an AU file")),
    (0, b"\x0b\x77", Kind::Unread("an AC-3 file")),
    (0, b"PK\x03\x04", Kind::Unread("a zip file. Unpack it and choose a recording in it")),
    (0, b"%PDF", Kind::Unread("a PDF document")),
    (0, b"\xff\xd8\xff", Kind::Unread("a JPEG picture")),
    (0, b"\x89PNG", Kind::Unread("a PNG picture")),
    (0, b"<!DOCTYPE", Kind::Unread("a web page. Download the recording again")),
    (0, b"<html", Kind::Unread("a web page. Download the recording again")),
    (
        0,
        b"version https://git-lfs",
        Kind::Unread("a pointer of Git LFS. Fetch the file itself with git lfs pull"),
    ),
];

/// What a file is, where its first bytes say it.
pub fn of(bytes: &[u8]) -> Option<Kind> {
    // Brands of pictures and of sound begin alike.
    if bytes.get(4..8) == Some(b"ftyp")
        && [&b"heic"[..], b"heix", b"mif1", b"avif"].contains(&bytes.get(8..12).unwrap_or_default())
    {
        return Some(Kind::Unread("a picture"));
    }
    KINDS
        .iter()
        .find(|(at, first, _)| bytes.get(*at..at + first.len()) == Some(first))
        .map(|(_, _, kind)| *kind)
}

/// What follows a tag of names and covers (ID3v2) that some programs put before any sound.
pub fn behind_tag(bytes: &[u8]) -> Option<&[u8]> {
    let size = bytes
        .strip_prefix(b"ID3")?
        .get(3..7)?
        .iter()
        .fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7f));
    bytes.get(10 + size..)
}

/// The sentence for a file that is something else.
pub fn refused(kind: &str) -> String {
    // Some say themselves what to do.
    let advice =
        if kind.contains(". ") { "." } else { ". Save it as a wav, mp3 or flac file, or choose another." };
    format!("This file cannot be read as sound: it is {kind}{advice}")
}

/// The sentence for a container whose codec is not read.
pub fn unread(container: &str, codec: &str) -> String {
    let article = if container == "aiff" { "an" } else { "a" };
    let file = if container == "file" {
        "This file".into()
    } else {
        format!("This is {article} {container} file and")
    };
    format!(
        "{file} holds {codec}, which cannot be read as sound here. Save it as a flac, an mp3 or a wav file of plain samples (PCM)."
    )
}

/// The name of a codec that is known and not decoded.
pub fn codec(parameters: &AudioCodecParameters) -> Option<String> {
    let codec = parameters.codec;
    if codec == CODEC_ID_OPUS {
        let channels = parameters.channels.as_ref().map_or(0, |channels| channels.count());
        return Some(format!("Opus with {channels} channels"));
    }
    let named = [
        (CODEC_ID_AC3, "AC-3"),
        (CODEC_ID_EAC3, "E-AC-3"),
        (CODEC_ID_AC4, "AC-4"),
        (CODEC_ID_DCA, "DTS"),
        (CODEC_ID_MP1, "MPEG audio of layer 1"),
        (CODEC_ID_MP2, "MPEG audio of layer 2"),
        (CODEC_ID_MUSEPACK, "Musepack"),
        (CODEC_ID_SPEEX, "Speex"),
        (CODEC_ID_TRUEHD, "TrueHD"),
        (CODEC_ID_WMA, "Windows Media Audio"),
    ];
    let name = named.iter().find(|(id, _)| *id == codec).map(|(_, name)| (*name).to_owned());
    Some(name.unwrap_or_else(|| format!("an unknown codec ({codec})")))
}
