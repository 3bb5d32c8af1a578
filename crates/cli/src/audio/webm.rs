//! Webm files that end before they say: what must be changed of their heads so that a reader takes what is there.

use std::ops::Range;

/// All that a webm file holds besides its head (RFC 9559, section 5.1).
const SEGMENT: &[u8] = b"\x18\x53\x80\x67";
/// Where in the file its parts lie.
const SEEK_HEAD: &[u8] = b"\x11\x4d\x9b\x74";
/// Both stand at the beginning.
const HEAD: usize = 4096;

/// The file with a segment of unknown length and without its list of places, where its segment claims to go on behind its end;
/// else none.
pub fn open_ended(bytes: &[u8]) -> Option<Vec<u8>> {
    let (place, length) = segment(bytes)?;
    let length = length?;
    if length <= (bytes.len() - place.end) as u64 {
        return None;
    }
    let mut open = bytes.to_vec();
    // A length of which every bit is one is unknown (RFC 8794, section 6.2).
    open[place.start] = 0xff >> (place.len() - 1);
    open[place.start + 1..place.end].fill(0xff);
    if let Some(at) = find(&open, SEEK_HEAD) {
        // An element that nobody knows is passed over.
        open[at + 3] += 1;
    }
    Some(open)
}

/// Whether a file was written while it was recorded: its segment has no length, so it ends where it ends.
pub fn is_streamed(bytes: &[u8]) -> bool {
    matches!(segment(bytes), Some((_, None)))
}

/// Where the length of the segment stands, and that length, where it is known.
fn segment(bytes: &[u8]) -> Option<(Range<usize>, Option<u64>)> {
    if !bytes.starts_with(b"\x1a\x45\xdf\xa3") {
        return None;
    }
    let start = find(bytes, SEGMENT)? + SEGMENT.len();
    let first = *bytes.get(start)?;
    let size = first.leading_zeros() as usize + 1;
    let place = start..start + size;
    let value = bytes.get(place.clone()).filter(|_| size <= 8)?;
    let length = value.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let unknown = (1 << (7 * size)) - 1;
    let length = length & unknown;
    Some((place, (length != unknown).then_some(length)))
}

fn find(bytes: &[u8], name: &[u8]) -> Option<usize> {
    bytes.windows(name.len()).take(HEAD).position(|part| part == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_that_claims_more_is_opened() {
        let file = |length: &[u8]| [b"\x1a\x45\xdf\xa3\x80", SEGMENT, length, SEEK_HEAD, b"\x80"].concat();
        for right in [&b"\x85"[..], b"\x40\x05", b"\x01\0\0\0\0\0\0\x05"] {
            assert_eq!(open_ended(&file(right)), None);
            assert!(!is_streamed(&file(right)));
        }
        for (long, unknown) in [
            (&b"\x86"[..], &b"\xff"[..]),
            (b"\x41\x05", b"\x7f\xff"),
            (b"\x01\0\0\0\0\0\0\x06", b"\x01\xff\xff\xff\xff\xff\xff\xff"),
        ] {
            let mut expected = file(unknown);
            let at = expected.len() - 2;
            expected[at] += 1;
            assert_eq!(open_ended(&file(long)).unwrap(), expected);
            assert!(is_streamed(&expected));
        }
        assert_eq!(open_ended(b"\x1a\x45\xdf\xa3\x18\x53\x80\x67\0"), None);
    }
}
