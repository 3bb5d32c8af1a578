//! Parts of a large collection, for several machines.

use std::str::FromStr;

/// One of several equal parts: "2/8" is the third of eight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shard {
    pub number: usize,
    pub of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no shard. Write I/N with I from 0 to N - 1, such as 0/8.");
        let (number, of) = text.split_once('/').ok_or_else(wrong)?;
        let shard =
            Self { number: number.parse().map_err(|_| wrong())?, of: of.parse().map_err(|_| wrong())? };
        if shard.number < shard.of { Ok(shard) } else { Err(wrong()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_a_number_below_their_count() {
        assert_eq!("2/8".parse(), Ok(Shard { number: 2, of: 8 }));
        for wrong in ["8/8", "1", "a/b", "-1/2", "0/0", ""] {
            let error = wrong.parse::<Shard>().unwrap_err();
            assert!(error.contains("0/8"), "{error}");
        }
    }
}
