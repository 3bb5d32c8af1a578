//! Ogg files that end within a page: a reader drops a page that is not whole, and a short clip is one page. What of it is there becomes
//! a page of its own (RFC 3533, section 6).

/// Bytes of a page's head before its table of lengths.
const HEAD: usize = 27;
/// Where in it the checksum stands, and the number of lengths.
const CHECKSUM: usize = 22;
const COUNT: usize = 26;
/// The checksum's polynomial.
const POLYNOMIAL: u32 = 0x04c1_1db7;

/// The file with a last page that is whole, where it ends within one; else none.
pub fn ended(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut at = 0;
    while let Some(page) = bytes.get(at..).filter(|page| page.starts_with(b"OggS")) {
        let Some(lengths) = page.get(COUNT).and_then(|count| page.get(HEAD..HEAD + usize::from(*count)))
        else {
            return Some(bytes[..at].to_vec());
        };
        let body = &page[HEAD + lengths.len()..];
        let size: usize = lengths.iter().map(|length| usize::from(*length)).sum();
        if body.len() < size {
            return Some([&bytes[..at], &shortened(page, lengths, body)].concat());
        }
        at += HEAD + lengths.len() + size;
    }
    None
}

/// A page of the packets that are there whole; nothing where none is.
fn shortened(page: &[u8], lengths: &[u8], body: &[u8]) -> Vec<u8> {
    let (mut sum, mut whole, mut size) = (0, 0, 0);
    for (place, length) in lengths.iter().enumerate() {
        sum += usize::from(*length);
        // A length of 255 says that its packet goes on.
        if sum <= body.len() && *length < u8::MAX {
            (whole, size) = (place + 1, sum);
        }
    }
    if whole == 0 {
        return Vec::new();
    }
    let mut short = [&page[..HEAD], &lengths[..whole], &body[..size]].concat();
    short[COUNT] = whole as u8;
    short[CHECKSUM..CHECKSUM + 4].fill(0);
    let sum = checksum(&short);
    short[CHECKSUM..CHECKSUM + 4].copy_from_slice(&sum.to_le_bytes());
    short
}

fn checksum(bytes: &[u8]) -> u32 {
    let shift = |sum: u32| if sum >> 31 == 1 { sum << 1 ^ POLYNOMIAL } else { sum << 1 };
    bytes.iter().fold(0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte) << 24, |sum, _| shift(sum)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(lengths: &[u8], body: &[u8]) -> Vec<u8> {
        let mut page = [&b"OggS"[..], &[0; 22], &[lengths.len() as u8], lengths, body].concat();
        let sum = checksum(&page);
        page[CHECKSUM..HEAD - 1].copy_from_slice(&sum.to_le_bytes());
        page
    }

    #[test]
    fn packets_that_are_whole_stay() {
        let (first, second) = (page(&[3], b"abc"), page(&[2, 255, 1, 4], &[7; 262]));
        let file = [&first[..], &second].concat();
        assert_eq!(ended(&file), None);
        let cut = |behind: usize| ended(&file[..first.len() + behind]).unwrap();
        assert_eq!(cut(10), first, "no table of lengths");
        assert_eq!(cut(31 + 1), first, "no whole packet");
        for within in [31 + 2, 31 + 257] {
            assert_eq!(cut(within), [&first[..], &page(&[2], &[7; 2])].concat());
        }
        assert_eq!(cut(31 + 258), [&first[..], &page(&[2, 255, 1], &[7; 258])].concat());
        assert_eq!(ended(b"no ogg"), None);
    }
}
