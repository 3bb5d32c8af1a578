//! File bytes to pixels: decoding within limits, orientation, ground, scaling. No tensors, no web.

mod cut;
mod formats;
mod ground;
mod scale;
mod taken;

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, crop_imm, resize};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, RgbaImage};

pub use cut::is_cut;
use scale::{fitted, scaled};
pub use taken::{Taken, taken};

/// Longest side of a picture that is decoded, in pixels.
pub const LONGEST_SIDE: u32 = 16_384;
/// Memory that decoding may take, in bytes.
const MEMORY: u64 = 256 << 20;
/// Megapixels of the usual three bytes that fit into it.
pub const MEGAPIXELS: u64 = megapixels(3);

/// Megapixels that may be decoded, where each pixel takes so many bytes.
const fn megapixels(bytes: u64) -> u64 {
    MEMORY / bytes / 1_000_000
}

/// Long side of the copies that a wall shows of anybody's pictures, in pixels.
pub const COPY: u32 = 640;
/// Longest side of what lies on the wall among many, in pixels: twice as wide as it is shown, for finer screens.
pub const SMALL: u32 = 240;
/// Of copies, 1 to 100.
const QUALITY: u8 = 82;
/// Of copies up to [`SMALL`]: many are fetched at once, and shown at half their size.
const SMALL_QUALITY: u8 = 60;

/// Short side before the crop and side of the crop, in pixels: how ImageNet is customarily evaluated (torchvision's
/// `ImageClassification` transforms).
const IMAGENET_SIDES: (u32, u32) = (256, 224);
/// Mean and deviation of ImageNet's pixels from 0 to 1; red, green, blue.
const IMAGENET_MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const IMAGENET_DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];

/// Why a picture cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Unknown format or broken file.
    #[error("This picture cannot be read ({0}). Use a jpeg, png, webp, gif or bmp file.")]
    Unreadable(String),
    /// A format of phones that no crate decodes freely.
    #[error("This is a HEIC picture, which cannot be read here. Save it as JPEG and choose that.")]
    Heic,
    /// Another format that is not read here, by its name.
    #[error(
        "This is a picture in the format {0}, which cannot be read here. Save it as JPEG and choose that."
    )]
    Foreign(&'static str),
    /// Larger than the limits.
    #[error(
        "This picture is too large. Use one of at most {megapixels} megapixels and {LONGEST_SIDE} pixels a side."
    )]
    TooLarge {
        /// Of a picture of its kind: one with alpha or in 16 bits takes more memory a pixel.
        megapixels: u64,
    },
}

/// RGB pixels as a picture network takes them: `[3, side, side]`, row-major.
#[derive(Clone, Debug)]
pub struct Pixels {
    /// Length of a side in pixels.
    pub side: usize,
    /// `3 * side * side` numbers around zero, channel by channel.
    pub values: Vec<f32>,
    /// Width and height of the picture in the file, upright.
    pub original: (u32, u32),
}

impl Pixels {
    /// For the network that ships: decodes a file, turns it upright and scales the whole picture to a square
    /// (bicubic), `(pixel - 127) / 128`. Nothing is cut off, since a caption may speak of the edge.
    ///
    /// # Errors
    /// [`PictureError`] for a broken, unknown or too large file.
    pub fn decode(bytes: &[u8], side: usize) -> Result<Self, PictureError> {
        Ok(Self::of(&decode(bytes)?, side))
    }

    /// Those of an upright picture that somebody else decoded: red, green, blue and alpha of each pixel, row by row.
    ///
    /// # Errors
    /// [`PictureError::Unreadable`] when the bytes are not those of so many pixels.
    pub fn of_rgba(bytes: Vec<u8>, width: u32, height: u32, side: usize) -> Result<Self, PictureError> {
        let picture = RgbaImage::from_raw(width, height, bytes).filter(|_| width > 0 && height > 0);
        let picture = picture.ok_or_else(|| PictureError::Unreadable("it has no pixels".into()))?;
        Ok(Self::of(&ground::laid(picture.into()), side))
    }

    fn of(picture: &RgbaImage, side: usize) -> Self {
        let square = scaled(picture, side as u32, side as u32);
        let values = planes(&square, |_, pixel| (pixel - 127.0) / 128.0);
        Self { side, values, original: picture.dimensions() }
    }

    /// For VGG16, as torchvision does it: decodes a file, turns it upright, scales its short side to 256 (bilinear,
    /// every pixel counted), cuts 224 x 224 out of the middle and brings ImageNet's mean and deviation to 0 and 1.
    ///
    /// # Errors
    /// [`PictureError`] for a broken, unknown or too large file, and one so narrow that its long side gets too large.
    pub fn imagenet(bytes: &[u8]) -> Result<Self, PictureError> {
        let picture = decode(bytes)?;
        let original = picture.dimensions();
        let (short, side) = IMAGENET_SIDES;
        let scaled = |length: u32| {
            (u64::from(short) * u64::from(length) / u64::from(original.0.min(original.1))) as u32
        };
        let (width, height) = (scaled(original.0), scaled(original.1));
        if width.max(height) > LONGEST_SIDE {
            return Err(PictureError::TooLarge { megapixels: MEGAPIXELS });
        }
        // Across, then down, with whole pixel values in between: Pillow scales so, and torchvision with it.
        let picture = resize(&picture, width, original.1, FilterType::Triangle);
        let picture = resize(&picture, width, height, FilterType::Triangle);
        let square = crop_imm(&picture, middle(width, side), middle(height, side), side, side).to_image();
        let values = planes(&square, |c, pixel| (pixel / 255.0 - IMAGENET_MEAN[c]) / IMAGENET_DEVIATION[c]);
        Ok(Self { side: side as usize, values, original })
    }
}

/// A small copy to show: upright, as JPEG.
#[derive(Clone, Debug, Default)]
pub struct SmallCopy {
    /// The file.
    pub jpeg: Vec<u8>,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// What a wall needs of a picture file, decoded once: pixels for the network that ships, and copies whose long sides are
/// brought down to so many pixels each.
///
/// # Errors
/// [`PictureError`] for a broken, unknown or too large file.
pub fn pixels_and_copies<const COUNT: usize>(
    bytes: &[u8],
    side: usize,
    longest: [u32; COUNT],
) -> Result<(Pixels, [SmallCopy; COUNT]), PictureError> {
    let picture = decode(bytes)?;
    let mut copies = longest.map(|_| SmallCopy::default());
    for (copy, longest) in copies.iter_mut().zip(longest) {
        *copy = small_copy(&picture, longest)?;
    }
    Ok((Pixels::of(&picture, side), copies))
}

fn small_copy(picture: &RgbaImage, longest: u32) -> Result<SmallCopy, PictureError> {
    let (width, height) = fitted(picture.dimensions(), longest);
    let mut jpeg = Vec::new();
    let encoder =
        JpegEncoder::new_with_quality(&mut jpeg, if longest > SMALL { QUALITY } else { SMALL_QUALITY });
    let written = DynamicImage::from(scaled(picture, width, height)).into_rgb8().write_with_encoder(encoder);
    written.map_err(|error| PictureError::Unreadable(error.to_string()))?;
    Ok(SmallCopy { jpeg, width, height })
}

/// Where a piece from the middle begins. What cannot be halved goes to the even side, as Python rounds.
fn middle(whole: u32, part: u32) -> u32 {
    let left = whole - part;
    if left % 4 == 3 { left / 2 + 1 } else { left / 2 }
}

/// The three channels one after the other, each pixel (channel, 0 to 255) through `scale`.
fn planes(picture: &RgbaImage, scale: impl Fn(usize, f32) -> f32) -> Vec<f32> {
    (0..3)
        .flat_map(|c| picture.pixels().map(move |pixel| (c, pixel.0[c])))
        .map(|(c, v)| scale(c, f32::from(v)))
        .collect()
}

/// An upright picture within the limits; one that is transparent lies on a ground.
fn decode(bytes: &[u8]) -> Result<RgbaImage, PictureError> {
    match formats::foreign(bytes) {
        Some(formats::HEIC) => return Err(PictureError::Heic),
        Some(format) => return Err(PictureError::Foreign(format)),
        None => {}
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MEMORY);
    let unreadable = |error: image::ImageError| match error {
        image::ImageError::Limits(_) => PictureError::TooLarge { megapixels: MEGAPIXELS },
        other => PictureError::Unreadable(other.to_string().trim_end().to_owned()),
    };
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let mut reader = reader.map_err(|e| PictureError::Unreadable(e.to_string()))?;
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    if decoder.total_bytes() > MEMORY {
        let megapixels = megapixels(u64::from(decoder.color_type().bytes_per_pixel()));
        return Err(PictureError::TooLarge { megapixels });
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    picture.apply_orientation(orientation);
    if picture.width() == 0 || picture.height() == 0 {
        return Err(PictureError::Unreadable("it has no pixels".into()));
    }
    Ok(ground::laid(picture))
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
    fn what_the_browser_decoded_comes_to_the_same() {
        let file = png(40, 30);
        let decoded = image::load_from_memory(&file).unwrap().into_rgba8().into_raw();
        let pixels = Pixels::of_rgba(decoded.clone(), 40, 30, 8).unwrap();
        assert_eq!(pixels.values, Pixels::decode(&file, 8).unwrap().values);
        assert!(Pixels::of_rgba(decoded, 40, 31, 8).is_err() && Pixels::of_rgba(vec![], 0, 0, 8).is_err());
    }

    #[test]
    fn imagenet_cuts_from_the_middle() {
        let pixels = Pixels::imagenet(&png(512, 256)).unwrap();
        assert_eq!((pixels.original, pixels.side, pixels.values.len()), ((512, 256), 224, 3 * 224 * 224));
        let [red, green] = [0, 224 * 224].map(|at| [pixels.values[at], pixels.values[at + 223]]);
        assert!((red[0] - (1.0 - 0.485) / 0.229).abs() < 1e-5 && (red[1] + 0.485 / 0.229).abs() < 1e-5);
        assert!(green.iter().all(|v| (v - (127.0 / 255.0 - 0.456) / 0.224).abs() < 1e-5));
        // Python: round(58.5) is 58, round(59.5) is 60.
        assert_eq!([224, 225, 341, 343].map(|whole| middle(whole, 224)), [0, 0, 58, 60]);
        assert!(matches!(Pixels::imagenet(&png(200, 2)), Err(PictureError::TooLarge { .. })));
    }

    #[test]
    fn a_small_copy_keeps_its_shape_and_is_never_larger() {
        let (pixels, [copy, small]) = pixels_and_copies(&png(400, 100), 4, [200, 40]).unwrap();
        assert_eq!((small.width, small.height), (40, 10));
        assert_eq!((pixels.original, copy.width, copy.height), ((400, 100), 200, 50));
        assert_eq!(Pixels::decode(&copy.jpeg, 4).unwrap().original, (200, 50));
        let (_, [copy]) = pixels_and_copies(&png(20, 30), 4, [200]).unwrap();
        assert_eq!((copy.width, copy.height), (20, 30));
        assert!(pixels_and_copies(b"not a picture", 4, [200]).is_err());
    }

    #[test]
    fn broken_files_are_sentences() {
        let whole = png(16, 16);
        for bytes in [&b""[..], b"not a picture", &whole[..whole.len() / 2]] {
            assert!(matches!(Pixels::decode(bytes, 4), Err(PictureError::Unreadable(_))));
        }
    }

    #[test]
    fn a_single_pixel_is_a_picture_and_heic_is_named() {
        assert_eq!(Pixels::decode(&png(1, 1), 4).unwrap().original, (1, 1));
        assert!(matches!(Pixels::decode(b"\0\0\0\x18ftypheic\0\0\0\0", 4), Err(PictureError::Heic)));
        assert!(matches!(Pixels::decode(b"\0\0\0\x18ftypavif", 4), Err(PictureError::Foreign("AVIF"))));
    }

    #[test]
    fn a_picture_beyond_the_limits_is_refused() {
        // The header of a bitmap of 200 megapixels says enough.
        let mut bitmap = vec![0; 1024];
        bitmap[..2].copy_from_slice(b"BM");
        for (at, value) in [(10, 54_u32), (14, 40), (18, 16_000), (22, 12_500), (26, 1 | 24 << 16)] {
            bitmap[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        assert!(matches!(Pixels::decode(&bitmap, 4), Err(PictureError::TooLarge { .. })));
        assert!(matches!(Pixels::decode(&png(LONGEST_SIDE + 1, 1), 4), Err(PictureError::TooLarge { .. })));
    }

    #[test]
    fn the_limit_that_is_named_is_the_one_that_was_met() {
        // The header of a picture of 64 megapixels in 16 bits a channel: the usual 8 would fit.
        let mut header = b"IHDR".to_vec();
        header.extend([0, 0, 0x1f, 0x40, 0, 0, 0x1f, 0x40, 16, 2, 0, 0, 0]);
        let mut sum = checksum(&header);
        let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
        file.append(&mut header);
        file.append(&mut sum);
        file.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
        match Pixels::decode(&file, 4) {
            Err(error @ PictureError::TooLarge { megapixels: 44 }) => {
                assert!(error.to_string().contains("at most 44 megapixels"), "{error}");
            }
            other => panic!("{other:?}"),
        }
    }

    /// The checksum of a PNG's chunk (RFC 2083, section 15), high byte first.
    fn checksum(bytes: &[u8]) -> Vec<u8> {
        let bit = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        let crc =
            bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| bit(crc)));
        (!crc).to_be_bytes().to_vec()
    }
}
