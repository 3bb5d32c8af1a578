//! File bytes to pixels: decoding within limits, orientation, scaling. No tensors, no web.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, imageops::FilterType};

/// Longest side of a picture that is decoded, in pixels.
const LONGEST_SIDE: u32 = 16_384;
/// Memory that decoding may take, in bytes.
const MEMORY: u64 = 256 << 20;

/// Why a picture cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Unknown format or broken file.
    #[error("This picture cannot be read ({0}). Use a jpeg, png, webp, gif or bmp file.")]
    Unreadable(String),
    /// Larger than the limits.
    #[error("This picture is too large. Use one of at most {LONGEST_SIDE} pixels a side.")]
    TooLarge,
}

/// RGB pixels as the picture network takes them: `[3, side, side]`, row-major, `(pixel - 127) / 128`.
#[derive(Clone, Debug)]
pub struct Pixels {
    /// Length of a side in pixels.
    pub side: usize,
    /// `3 * side * side` numbers of about -1 to 1, channel by channel.
    pub values: Vec<f32>,
    /// Width and height of the picture in the file, upright.
    pub original: (u32, u32),
}

impl Pixels {
    /// Decodes a file, turns it upright and scales the whole picture to a square (bicubic). Nothing is cut
    /// off, since a caption may speak of the edge.
    ///
    /// # Errors
    /// [`PictureError`] for a broken, unknown or too large file.
    pub fn decode(bytes: &[u8], side: usize) -> Result<Self, PictureError> {
        let picture = decode(bytes)?;
        let original = (picture.width(), picture.height());
        let square = picture.resize_exact(side as u32, side as u32, FilterType::CatmullRom).into_rgb8();
        let mut values = Vec::with_capacity(3 * side * side);
        for channel in 0..3 {
            values.extend(square.pixels().map(|pixel| (f32::from(pixel.0[channel]) - 127.0) / 128.0));
        }
        Ok(Self { side, values, original })
    }
}

/// An upright picture within the limits.
fn decode(bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MEMORY);
    let unreadable = |error: image::ImageError| match error {
        image::ImageError::Limits(_) => PictureError::TooLarge,
        other => PictureError::Unreadable(other.to_string()),
    };
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let mut reader = reader.map_err(|e| PictureError::Unreadable(e.to_string()))?;
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = DynamicImage::ImageRgb8(image::RgbImage::from_fn(width, height, |x, _| {
            image::Rgb([if x < width / 2 { 255 } else { 0 }, 127, 0])
        }));
        picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
        bytes
    }

    #[test]
    fn channels_are_apart_and_scaled() {
        let pixels = Pixels::decode(&png(8, 4), 4).unwrap();
        assert_eq!((pixels.original, pixels.values.len()), ((8, 4), 48));
        assert!((pixels.values[0] - 1.0).abs() < 0.05, "left is red");
        assert!(pixels.values[3] < -0.9, "right is not");
        assert!(pixels.values[16..32].iter().all(|v| v.abs() < 0.02), "green is in the middle");
    }

    #[test]
    fn broken_files_are_sentences() {
        let whole = png(16, 16);
        for bytes in [&b""[..], b"not a picture", &whole[..whole.len() / 2]] {
            assert!(matches!(Pixels::decode(bytes, 4), Err(PictureError::Unreadable(_))));
        }
    }

    #[test]
    fn a_picture_beyond_the_limits_is_refused() {
        assert!(matches!(Pixels::decode(&png(LONGEST_SIDE + 1, 1), 4), Err(PictureError::TooLarge)));
    }
}
