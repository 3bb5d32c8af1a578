//! What others print about finding Flickr8k's pictures by speech, and what the network that ships finds.

use std::fmt::Write as _;

use hearsight::search::Ranks;
use serde::Serialize;

use hearsight_cli::Failure;

/// Recall at 1, 5 and 10 in %, as far as it is printed.
type Figures = [Option<f64>; 3];

/// A row of other people's figures.
#[derive(Serialize)]
pub struct Published {
    who: &'static str,
    pool: &'static str,
    speech_to_picture: Figures,
    picture_to_speech: Figures,
    source: &'static str,
}

const NONE: Figures = [None; 3];

const fn at_1(value: f64) -> Figures {
    [Some(value), None, None]
}

const fn at_10(value: f64) -> Figures {
    [None, None, Some(value)]
}

const fn all(at_1: f64, at_5: f64, at_10: f64) -> Figures {
    [Some(at_1), Some(at_5), Some(at_10)]
}

/// By year. Recordings of people, where nothing else is said.
pub const PUBLISHED: [Published; 6] = [
    Published {
        who: "the poster, baseline",
        pool: "1024 pairs",
        speech_to_picture: all(6.9, 22.4, 31.9),
        picture_to_speech: all(7.4, 24.9, 36.6),
        source: "as printed",
    },
    Published {
        who: "the poster, new loss",
        pool: "1024 pairs",
        speech_to_picture: all(9.0, 22.9, 35.4),
        picture_to_speech: all(9.4, 26.8, 36.3),
        source: "as printed",
    },
    Published {
        who: "best before Ilharco et al.",
        pool: "test",
        speech_to_picture: at_10(29.6),
        picture_to_speech: NONE,
        source: "arXiv 1909.08782, abstract; it does not say which way",
    },
    Published {
        who: "Ilharco, Zhang and Baldridge 2019 (also learned from synthetic speech; masked margin softmax)",
        pool: "test",
        speech_to_picture: at_10(49.5),
        picture_to_speech: NONE,
        source: "the same",
    },
    Published {
        who: "best before MILAN",
        pool: "test",
        speech_to_picture: at_1(21.8),
        picture_to_speech: NONE,
        source: "arXiv 2104.01894, abstract; it does not say which way",
    },
    Published {
        who: "MILAN, Sanabria, Waters and Baldridge 2021",
        pool: "test",
        speech_to_picture: at_1(33.2),
        picture_to_speech: NONE,
        source: "the same",
    },
];

/// The table: 2016 and the poster, others since, and what ships today.
pub fn table(text: &mut String, today: Option<&Ranks>) -> Result<(), Failure> {
    writeln!(text, "## Where 2016, the poster and today stand\n")?;
    writeln!(
        text,
        "In %. All on Flickr8k, but not on the same speech: the others' captions were read by people, ours are synthetic, and the voices of \
         test are not those of train. So a figure of another row is a place to look from, not a difference to be measured.\n"
    )?;
    writeln!(
        text,
        "| who | pool | speech to picture R@1 / 5 / 10 | picture to speech R@1 / 5 / 10 | source |"
    )?;
    writeln!(text, "|---|---|---|---|---|")?;
    for row in PUBLISHED {
        let (there, back) = (cells(row.speech_to_picture), cells(row.picture_to_speech));
        writeln!(text, "| {} | {} | {there} | {back} | {} |", row.who, row.pool, row.source)?;
    }
    match today {
        Some(ranks) => {
            let figures = ranks.figures();
            let of = |d: &hearsight::search::Direction| cells([d.r1, d.r5, d.r10].map(|r| Some(100.0 * r)));
            writeln!(
                text,
                "| **what ships here today** | {} pictures, {} clips of test | {} | {} | measured here, on one clip a picture |",
                figures.images,
                figures.clips,
                of(&figures.audio_to_image),
                of(&figures.image_to_audio)
            )?;
        }
        None => writeln!(text, "| what ships here today | | not measured yet | | |")?,
    }
    writeln!(
        text,
        "\nThe poster's figures are multiples of 1/1024: a pool of 1024 pairs, one run each, no interval; at R@10 of 35 % it would be about \
         ±2.9 points, so that its own gains at R@5 and R@10 lie within it. It prints no figure of its temporal branch.\n"
    )?;
    Ok(())
}

fn cells(figures: Figures) -> String {
    if figures.iter().all(Option::is_none) {
        return String::new();
    }
    let cell = |figure: Option<f64>| figure.map_or("–".to_owned(), |value| format!("{value:.1}"));
    figures.map(cell).join(" / ")
}
