//! Files that end before their picture does.

/// Start and end of an image, and start of a scan (ITU-T T.81, table B.1).
const SOI: [u8; 2] = [0xff, 0xd8];
const EOI: [u8; 2] = [0xff, 0xd9];
const SCAN: u8 = 0xda;

/// Whether a JPEG has no end of its image: decoders make what is missing grey, and say nothing.
pub fn is_cut(bytes: &[u8]) -> bool {
    bytes.starts_with(&SOI) && scans(bytes).is_none_or(|scans| !scans.windows(2).any(|two| two == EOI))
}

/// What stands behind the header of the first scan. Segments are passed over whole: a preview in one has an end of its own.
fn scans(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = &bytes[SOI.len()..];
    loop {
        let [0xff, marker, high, low, ..] = *rest else { return None };
        rest = rest.get(2 + usize::from(u16::from_be_bytes([high, low]))..)?;
        if marker == SCAN {
            return Some(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_cut;
    use crate::picture::Pixels;

    /// The bytes of a picture with another one as its preview, as cameras write it.
    fn with_preview() -> Vec<u8> {
        let mut jpeg = Vec::new();
        let picture = image::RgbImage::from_fn(64, 64, |x, y| image::Rgb([x as u8 * 4, y as u8 * 4, 90]));
        image::codecs::jpeg::JpegEncoder::new(&mut jpeg).encode_image(&picture).unwrap();
        let length = (jpeg.len() as u16 + 2).to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &jpeg, &jpeg[2..]].concat()
    }

    #[test]
    fn a_picture_that_ends_too_early_is_known_whatever_its_preview_is() {
        let whole = with_preview();
        assert!(!is_cut(&whole) && !is_cut(&[&whole[..], b"what a phone adds behind it"].concat()));
        for length in [whole.len() / 3, whole.len() * 3 / 4, whole.len() - 2] {
            assert!(is_cut(&whole[..length]), "{length} of {}", whole.len());
        }
        assert!(Pixels::decode(&whole[..whole.len() - 100], 4).is_ok(), "what is there is used");
        assert!(!is_cut(b"") && !is_cut(b"\x89PNG") && is_cut(b"\xff\xd8"));
    }
}
