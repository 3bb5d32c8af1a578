//! When and where a photograph was taken, as its camera wrote it (Exif 2.32).

use std::io::Cursor;

use exif::{Exif, In, Reader, Tag, Value};

/// What a camera wrote of a photograph; most pictures of the web say neither.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taken {
    /// By the clock of the camera, as `2026-11-29T12:00:00`.
    pub date: Option<String>,
    /// Latitude and longitude in degrees, north and east above zero.
    pub place: Option<[f64; 2]>,
}

/// Reads it of a file of any format that has Exif; what is broken says nothing.
pub fn taken(bytes: &[u8]) -> Taken {
    let Ok(exif) = Reader::new().read_from_container(&mut Cursor::new(bytes)) else {
        return Taken::default();
    };
    let place = || {
        let north = degrees(&exif, Tag::GPSLatitude, Tag::GPSLatitudeRef, "S", 90.0)?;
        Some([north, degrees(&exif, Tag::GPSLongitude, Tag::GPSLongitudeRef, "W", 180.0)?])
    };
    Taken { date: date(&exif), place: place() }
}

fn date(exif: &Exif) -> Option<String> {
    let field =
        [Tag::DateTimeOriginal, Tag::DateTime].iter().find_map(|tag| exif.get_field(*tag, In::PRIMARY))?;
    let at = exif::DateTime::from_ascii(text(&field.value)?).ok()?;
    let is_one = at.year > 0 && (1..=12).contains(&at.month) && (1..=31).contains(&at.day);
    (is_one && at.hour < 24 && at.minute < 60 && at.second <= 60).then(|| {
        let (date, time) = ((at.year, at.month, at.day), (at.hour, at.minute, at.second));
        format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", date.0, date.1, date.2, time.0, time.1, time.2)
    })
}

fn text(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Ascii(lines) => lines.first().map(Vec::as_slice),
        _ => None,
    }
}

/// Degrees, minutes and seconds as degrees; `below` is the letter of the side that counts below zero.
fn degrees(exif: &Exif, tag: Tag, side: Tag, below: &str, most: f64) -> Option<f64> {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    let sum: f64 = parts.iter().take(3).zip([1.0, 60.0, 3600.0]).map(|(part, of)| part.to_f64() / of).sum();
    let is_below =
        exif.get_field(side, In::PRIMARY).and_then(|field| text(&field.value)) == Some(below.as_bytes());
    (sum.is_finite() && (0.0..=most).contains(&sum)).then_some(if is_below { -sum } else { sum })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A JPEG with nothing but Exif in it: a date, and 48° 30' south, 2° 15' east.
    fn jpeg(date: &[u8; 20], degrees: u32) -> Vec<u8> {
        let mut tiff = b"MM\0*\0\0\0\x08".to_vec();
        let entry = |tag: u16, kind: u16, count: u32, value: u32| {
            [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), &value.to_be_bytes()].concat()
        };
        // The first directory, those of Exif and GPS, and what they point to.
        let (exif, gps, stamp, north, east) = (38_u32, 56, 110, 130, 154);
        tiff.extend([&[0, 2][..], &entry(0x8769, 4, 1, exif), &entry(0x8825, 4, 1, gps), &[0; 4]].concat());
        tiff.extend([&[0, 1][..], &entry(0x9003, 2, 20, stamp), &[0; 4]].concat());
        let letter = |letter: u8| u32::from(letter) << 24;
        tiff.extend([&[0, 4][..], &entry(1, 2, 2, letter(b'S')), &entry(2, 5, 3, north)].concat());
        tiff.extend([&entry(3, 2, 2, letter(b'E'))[..], &entry(4, 5, 3, east), &[0; 4]].concat());
        assert_eq!(tiff.len(), stamp as usize);
        tiff.extend(date);
        for parts in [[degrees, 30, 0], [2, 15, 0]] {
            tiff.extend(parts.iter().flat_map(|part| [part.to_be_bytes(), 1_u32.to_be_bytes()].concat()));
        }
        let length = (tiff.len() as u16 + 8).to_be_bytes();
        [b"\xff\xd8\xff\xe1", &length[..], b"Exif\0\0", &tiff, b"\xff\xd9"].concat()
    }

    #[test]
    fn date_and_place_are_read() {
        let found = taken(&jpeg(b"2026:11:29 12:34:56\0", 48));
        assert_eq!(found.date.as_deref(), Some("2026-11-29T12:34:56"));
        assert_eq!(found.place, Some([-48.5, 2.25]));
    }

    #[test]
    fn what_makes_no_sense_says_nothing() {
        let found = taken(&jpeg(b"0000:00:00 00:00:00\0", 100));
        assert_eq!(found, Taken::default());
        let whole = jpeg(b"2026:11:29 12:34:56\0", 48);
        for end in 0..whole.len() {
            taken(&whole[..end]);
        }
        assert_eq!(taken(b"no picture"), Taken::default());
    }
}
