//! What a transparent picture lies on: white, as on paper. Only what white would swallow whole, white letters on nothing say,
//! lies on grey.

use image::{DynamicImage, Rgba, RgbaImage};

/// White.
const WHITE: u8 = 255;
/// Grey of a middle brightness, on which both white and black are seen.
const GREY: u8 = 118;
/// Darker than this at one place, and a picture is seen on white.
const SEEN: u8 = 235;

/// A picture without transparency: every alpha is 255.
pub fn laid(picture: DynamicImage) -> RgbaImage {
    let mut picture = picture.into_rgba8();
    if picture.pixels().all(|pixel| pixel[3] == 255) {
        return picture;
    }
    let nearly_white = |pixel: &Rgba<u8>| on(pixel, WHITE).0.iter().take(3).all(|value| *value >= SEEN);
    // Nothing is seen of it on white, though something of it is there.
    let is_swallowed = picture.pixels().all(nearly_white) && picture.pixels().any(|pixel| pixel[3] > 0);
    let ground = if is_swallowed { GREY } else { WHITE };
    picture.pixels_mut().for_each(|pixel| *pixel = on(pixel, ground));
    picture
}

fn on(Rgba([red, green, blue, alpha]): &Rgba<u8>, ground: u8) -> Rgba<u8> {
    let alpha = u32::from(*alpha);
    let mixed =
        |value: u8| ((u32::from(value) * alpha + u32::from(ground) * (255 - alpha) + 127) / 255) as u8;
    Rgba([mixed(*red), mixed(*green), mixed(*blue), 255])
}

#[cfg(test)]
mod tests {
    use image::{GrayAlphaImage, LumaA, Rgb, RgbImage};

    use super::*;

    fn pixels(picture: impl Into<DynamicImage>) -> Vec<[u8; 3]> {
        laid(picture.into()).pixels().map(|&Rgba([red, green, blue, _])| [red, green, blue]).collect()
    }

    /// A picture of these pixels in a row.
    fn row(pixels: &[[u8; 4]]) -> RgbaImage {
        RgbaImage::from_fn(pixels.len() as u32, 1, |x, _| Rgba(pixels[x as usize]))
    }

    #[test]
    fn what_is_transparent_is_white() {
        let magenta = [255, 0, 254, 0];
        assert_eq!(pixels(row(&[[0, 0, 0, 255], magenta])), [[0; 3], [255; 3]]);
        assert_eq!(pixels(row(&[[0, 0, 0, 0], [0, 0, 0, 128]])), [[255; 3], [127; 3]]);
        assert_eq!(pixels(row(&[[0; 4]])), [[255; 3]]);
        let grey = GrayAlphaImage::from_fn(2, 1, |x, _| LumaA([0, if x == 0 { 255 } else { 0 }]));
        assert_eq!(pixels(grey), [[0; 3], [255; 3]]);
    }

    #[test]
    fn white_on_nothing_is_seen() {
        assert_eq!(pixels(row(&[[255, 255, 255, 255], [0; 4]])), [[255; 3], [GREY; 3]]);
        assert_eq!(pixels(row(&[[255, 255, 255, 255]])), [[255; 3]], "a white sheet stays one");
    }

    #[test]
    fn an_opaque_picture_stays_as_it_is() {
        let plain = RgbImage::from_pixel(2, 2, Rgb([7, 8, 9]));
        assert_eq!(laid(plain.clone().into()), DynamicImage::from(plain).into_rgba8());
    }
}
