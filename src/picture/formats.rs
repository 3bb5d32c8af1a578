//! Formats of pictures that are not read here, known by their first bytes, since names are often wrong.

/// What phones of one maker write; no crate decodes it freely.
pub const HEIC: &str = "HEIC";

/// First bytes, at a place, and the format that begins so.
const FORMATS: [(usize, &[u8], &str); 17] = [
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"II+\0", "TIFF"),
    (0, b"8BPS", "Photoshop"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"II\xbc", "JPEG XR"),
    (0, b"FUJIFILM", "RAW"),
    (0, b"IIRO", "RAW"),
    (0, b"IIRS", "RAW"),
    (0, b"IIU\0", "RAW"),
    (0, b"\0\0\x01\0", "ICO"),
    (0, b"%PDF", "PDF"),
    (0, b"<svg", "SVG"),
    (0, b"gimp xcf", "GIMP"),
];

/// Brands of the first box of a file (ISO/IEC 23008-12, section 10).
const BRANDS: [(&[u8], &str); 12] = [
    (b"heic", HEIC),
    (b"heix", HEIC),
    (b"heim", HEIC),
    (b"heis", HEIC),
    (b"hevc", HEIC),
    (b"hevx", HEIC),
    (b"mif1", HEIC),
    (b"msf1", HEIC),
    (b"avif", "AVIF"),
    (b"avis", "AVIF"),
    (b"crx ", "RAW"),
    (b"qt  ", "QuickTime film"),
];

/// The name of a format that is known and not read.
pub fn foreign(bytes: &[u8]) -> Option<&'static str> {
    if bytes.get(4..8) == Some(b"ftyp") {
        // "mif1" stands for any coding: a brand behind it may say which.
        let brands = bytes.get(8..).unwrap_or_default().chunks_exact(4).take(16);
        let named = |brand: &[u8]| BRANDS.iter().find(|(known, _)| *known == brand).map(|(_, name)| *name);
        let found: Vec<&str> = brands.filter_map(named).collect();
        return found.iter().find(|name| **name == "AVIF").or(found.first()).copied();
    }
    let found = FORMATS.iter().find(|(at, first, _)| bytes.get(*at..at + first.len()) == Some(first));
    found.map(|(_, _, name)| *name).or_else(|| is_svg(bytes).then_some("SVG"))
}

/// SVG is text, and may say other things first.
fn is_svg(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(1024)];
    let starts =
        |with: &[u8]| head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start().starts_with(with);
    (starts(b"<?xml") || starts(b"<!") || starts(b"<svg")) && head.windows(4).any(|four| four == b"<svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_their_bytes() {
        for (bytes, name) in [
            (&b"\0\0\0\x18ftypheic\0\0\0\0"[..], HEIC),
            (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "AVIF"),
            (b"II*\0\x08\0\0\0", "TIFF"),
            (b"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "SVG"),
        ] {
            assert_eq!(foreign(bytes), Some(name));
        }
        for bytes in [&b"\xff\xd8\xff\xe0"[..], b"\x89PNG\r\n", b"", b"<html>", b"\0\0\0\x18ftypM4A "] {
            assert_eq!(foreign(bytes), None);
        }
    }
}
