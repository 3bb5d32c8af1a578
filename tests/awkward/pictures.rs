//! Pictures that are not quite what they seem.

use hearsight::picture::{Pixels, pixels_and_copies};

use super::fixture;

#[test]
fn what_is_transparent_lies_on_white() {
    for name in ["black-on-nothing.png", "on-hidden-magenta.png", "black-on-nothing.gif"] {
        let bytes = std::fs::read(fixture("picture").join(name)).unwrap();
        let (pixels, [copy]) = pixels_and_copies(&bytes, 8, [640]).unwrap();
        let copy = Pixels::decode(&copy.jpeg, 8).unwrap();
        let imagenet = Pixels::imagenet(&bytes).unwrap();
        for channel in 0..3 {
            let at = |pixels: &Pixels, x: usize, y: usize| {
                pixels.values[(channel * pixels.side + y) * pixels.side + x]
            };
            // Black is -127/128, white 1.
            assert!(at(&pixels, 4, 4) < -0.9 && at(&pixels, 0, 0) > 0.9, "{name}");
            assert!(at(&copy, 4, 4) < -0.7 && at(&copy, 0, 0) > 0.7, "{name}");
            assert!(at(&imagenet, 112, 112) < -1.5 && at(&imagenet, 2, 2) > 1.5, "{name}");
        }
    }
}

#[test]
fn white_letters_on_nothing_are_seen() {
    let bytes = std::fs::read(fixture("picture/white-on-nothing.png")).unwrap();
    let pixels = Pixels::decode(&bytes, 8).unwrap();
    assert!(pixels.values[4 * 8 + 4] > 0.9 && pixels.values[0] < 0.1);
}
