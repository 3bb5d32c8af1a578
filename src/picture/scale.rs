//! Scaling, by the processor's vector instructions.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbaImage;

/// A picture without transparency in another size: bicubic (Catmull-Rom), each pixel of it counted.
pub fn scaled(picture: &RgbaImage, width: u32, height: u32) -> RgbaImage {
    let from = ImageRef::new(picture.width(), picture.height(), picture.as_raw(), PixelType::U8x4);
    let from = from.expect("a picture has all of its pixels");
    let mut to = Image::new(width, height, PixelType::U8x4);
    let options =
        ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom)).use_alpha(false);
    Resizer::new().resize(&from, &mut to, &options).expect("both are of one kind of pixel");
    RgbaImage::from_raw(width, height, to.into_vec()).expect("it has all of its pixels")
}

/// Sides of a picture that is brought down to a longest side, if it is longer.
pub fn fitted((width, height): (u32, u32), longest: u32) -> (u32, u32) {
    let long = width.max(height);
    if long <= longest {
        return (width, height);
    }
    let side = |length: u32| {
        let length = f64::from(length) * f64::from(longest) / f64::from(long);
        (length.round() as u32).max(1)
    };
    (side(width), side(height))
}
