//! The Flickr8k Audio Caption Corpus (Harwath and Glass, 2015): its lists to pairs.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Pair;

/// The split of a picture that stands in no official list.
const NO_SPLIT: &str = "none";

/// The texts of the corpus's files; which folder each lies in is the caller's affair.
pub struct Flickr8kAudio<'a> {
    /// `wav2capt.txt`: clip, picture and `#` with the caption's number.
    pub captions: &'a str,
    /// `wav2spk.txt`: clip and speaker.
    pub speakers: &'a str,
    /// Name of each split and its list of pictures, `Flickr_8k.trainImages.txt` and so on.
    pub splits: &'a [(&'a str, &'a str)],
    /// `Flickr8k.token.txt`: picture, `#`, the caption's number, a tab and the caption.
    pub texts: Option<&'a str>,
}

/// What is wrong with the corpus's files.
#[derive(Debug, thiserror::Error)]
pub enum Flickr8kAudioError {
    /// A line of another form.
    #[error("Line {line} of {file} is not of the form `{form}`. Take the file from the download again.")]
    Line {
        /// Name of the file.
        file: String,
        /// Counted from 1.
        line: usize,
        /// An example of a right line.
        form: &'static str,
    },
    /// One thing twice, with different content.
    #[error(
        "Line {line} of {file} names {name} again, but otherwise. Remove the wrong one of the two lines."
    )]
    Twice {
        /// Name of the file.
        file: String,
        /// Counted from 1.
        line: usize,
        /// What stands there twice.
        name: String,
    },
    /// A picture of two splits: what is learned would be measured.
    #[error("{image} is in the lists of the splits {first} and {second}. Take the official lists again.")]
    TwoSplits {
        /// File name of the picture.
        image: String,
        /// The split of its first line.
        first: String,
        /// The other.
        second: String,
    },
    /// No captions.
    #[error("wav2capt.txt has no lines. Take the file from the download again.")]
    Empty,
}

impl Flickr8kAudio<'_> {
    /// One pair a clip, in the order of `wav2capt.txt`, with bare file names. A clip without a speaker or a
    /// text has an empty one; a picture in no list has the split "none".
    ///
    /// # Errors
    /// [`Flickr8kAudioError`] names the file and the line that cannot be right.
    pub fn pairs(&self) -> Result<Vec<Pair>, Flickr8kAudioError> {
        let (speakers, splits, texts) = (self.speakers()?, self.splits()?, self.texts()?);
        let (mut pairs, mut seen) = (Vec::new(), HashMap::new());
        for (line, row) in rows(self.captions) {
            let bad = |line| Flickr8kAudioError::Line {
                file: "wav2capt.txt".into(),
                line,
                form: "IMAGE_4.wav IMAGE.jpg #4",
            };
            let [clip, image, number] = fields(row).ok_or_else(|| bad(line))?;
            // The number after # counts, not the one in the clip's name.
            let number: u32 =
                number.strip_prefix('#').and_then(|n| n.parse().ok()).ok_or_else(|| bad(line))?;
            if !insert(&mut seen, clip, (image, number), "wav2capt.txt", line)? {
                continue;
            }
            pairs.push(Pair {
                image: image.to_owned(),
                audio: clip.to_owned(),
                text: texts.get(&(image, number)).cloned().unwrap_or_default(),
                language: "en".to_owned(),
                voice: speakers.get(clip).copied().unwrap_or_default().to_owned(),
                split: splits.get(image).copied().unwrap_or(NO_SPLIT).to_owned(),
            });
        }
        if pairs.is_empty() { Err(Flickr8kAudioError::Empty) } else { Ok(pairs) }
    }

    /// The speaker of each clip.
    fn speakers(&self) -> Result<HashMap<&str, &str>, Flickr8kAudioError> {
        let mut speakers = HashMap::new();
        for (line, row) in rows(self.speakers) {
            let [clip, speaker] = fields(row).ok_or_else(|| Flickr8kAudioError::Line {
                file: "wav2spk.txt".into(),
                line,
                form: "IMAGE_4.wav 83",
            })?;
            insert(&mut speakers, clip, speaker, "wav2spk.txt", line)?;
        }
        Ok(speakers)
    }

    /// The split of each picture.
    fn splits(&self) -> Result<HashMap<&str, &str>, Flickr8kAudioError> {
        let mut splits = HashMap::new();
        for &(split, list) in self.splits {
            for (line, row) in rows(list) {
                let [image] = fields(row).ok_or_else(|| Flickr8kAudioError::Line {
                    file: format!("the list of the split {split}"),
                    line,
                    form: "IMAGE.jpg",
                })?;
                let first = *splits.entry(image).or_insert(split);
                if first != split {
                    let [image, first, second] = [image, first, split].map(str::to_owned);
                    return Err(Flickr8kAudioError::TwoSplits { image, first, second });
                }
            }
        }
        Ok(splits)
    }

    /// The text of each caption, by picture and number.
    fn texts(&self) -> Result<HashMap<(&str, u32), String>, Flickr8kAudioError> {
        let file = "Flickr8k.token.txt";
        let mut texts = HashMap::new();
        for (line, row) in rows(self.texts.unwrap_or_default()) {
            let caption = row.split_once('\t').and_then(|(name, text)| {
                let (image, number) = name.rsplit_once('#')?;
                Some((image, number.parse().ok()?, text))
            });
            let (image, number, text) = caption.ok_or_else(|| Flickr8kAudioError::Line {
                file: file.into(),
                line,
                form: "IMAGE.jpg#4, a tab, the caption",
            })?;
            match texts.entry((image, number)) {
                Entry::Vacant(entry) => drop(entry.insert(super::one_line(text))),
                Entry::Occupied(entry) if *entry.get() == super::one_line(text) => {}
                Entry::Occupied(_) => {
                    let name = format!("{image}#{number}");
                    return Err(Flickr8kAudioError::Twice { file: file.into(), line, name });
                }
            }
        }
        Ok(texts)
    }
}

/// Lines that are not blank, counted from 1.
fn rows(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines().map(str::trim)).filter(|(_, row)| !row.is_empty())
}

/// Exactly `N` words.
fn fields<const N: usize>(row: &str) -> Option<[&str; N]> {
    row.split_whitespace().collect::<Vec<_>>().try_into().ok()
}

/// Whether it is new; the same again is harmless, other content is an error.
fn insert<'a, V: PartialEq>(
    map: &mut HashMap<&'a str, V>,
    name: &'a str,
    value: V,
    file: &str,
    line: usize,
) -> Result<bool, Flickr8kAudioError> {
    match map.entry(name) {
        Entry::Vacant(entry) => {
            entry.insert(value);
            Ok(true)
        }
        Entry::Occupied(entry) if *entry.get() == value => Ok(false),
        Entry::Occupied(_) => {
            Err(Flickr8kAudioError::Twice { file: file.to_owned(), line, name: name.to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORPUS: Flickr8kAudio = Flickr8kAudio {
        captions: "a_0.wav a.jpg #1\r\na_1.wav a.jpg #0\n\nb_0.wav b.jpg #0\n",
        speakers: "a_0.wav 7\nb_0.wav 83\n",
        splits: &[("train", "a.jpg\n"), ("test", "c.jpg\n")],
        texts: Some("a.jpg#0\tA  dog .\na.jpg#1\tA cat \" #2 .\nz.jpg.1#0\tNobody .\n"),
    };

    fn sentence(corpus: &Flickr8kAudio) -> String {
        corpus.pairs().unwrap_err().to_string()
    }

    #[test]
    fn the_number_after_the_hash_finds_the_text() {
        let pairs = CORPUS.pairs().unwrap();
        let texts: Vec<&str> = pairs.iter().map(|pair| pair.text.as_str()).collect();
        assert_eq!(texts, ["A cat \" #2 .", "A dog .", ""]);
        let voices: Vec<&str> = pairs.iter().map(|pair| pair.voice.as_str()).collect();
        assert_eq!(voices, ["7", "", "83"]);
        let splits: Vec<&str> = pairs.iter().map(|pair| pair.split.as_str()).collect();
        assert_eq!(splits, ["train", "train", "none"]);
    }

    #[test]
    fn broken_lines_are_named() {
        let broken = sentence(&Flickr8kAudio { captions: "a_0.wav a.jpg #0\na_1.wav a.jpg 1\n", ..CORPUS });
        assert!(broken.contains("Line 2 of wav2capt.txt"), "{broken}");
        let broken = sentence(&Flickr8kAudio { speakers: "a_0.wav\n", ..CORPUS });
        assert!(broken.contains("Line 1 of wav2spk.txt"), "{broken}");
        let broken = sentence(&Flickr8kAudio { splits: &[("dev", "a.jpg#0\tA dog .")], ..CORPUS });
        assert!(broken.contains("Line 1 of the list of the split dev"), "{broken}");
        let broken = sentence(&Flickr8kAudio { texts: Some("a.jpg#0 A dog ."), ..CORPUS });
        assert!(broken.contains("Line 1 of Flickr8k.token.txt"), "{broken}");
        assert!(sentence(&Flickr8kAudio { captions: " \n", ..CORPUS }).contains("no lines"));
    }

    #[test]
    fn the_same_twice_is_harmless_and_a_contradiction_is_not() {
        let twice = Flickr8kAudio { captions: "a_0.wav a.jpg #0\na_0.wav a.jpg #0\n", ..CORPUS };
        assert_eq!(twice.pairs().unwrap().len(), 1);
        let other = sentence(&Flickr8kAudio { captions: "a_0.wav a.jpg #0\na_0.wav b.jpg #0\n", ..CORPUS });
        assert!(other.contains("Line 2 of wav2capt.txt names a_0.wav again"), "{other}");
        let other = sentence(&Flickr8kAudio { speakers: "a_0.wav 1\na_0.wav 2\n", ..CORPUS });
        assert!(other.contains("Line 2 of wav2spk.txt names a_0.wav again"), "{other}");
        let other = sentence(&Flickr8kAudio { texts: Some("a.jpg#0\tA\na.jpg#0\tB\n"), ..CORPUS });
        assert!(other.contains("names a.jpg#0 again"), "{other}");
        let splits = sentence(&Flickr8kAudio { splits: &[("train", "a.jpg"), ("test", "a.jpg")], ..CORPUS });
        assert!(splits.contains("the splits train and test"), "{splits}");
    }
}
