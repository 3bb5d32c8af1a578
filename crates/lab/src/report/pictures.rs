//! `report pictures`: what is found for a picture: itself when it comes changed, pictures like it, and what was said of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Cursor;

use hearsight::engine::PictureNetwork;
use hearsight::gallery::Caption;
use hearsight::network::{DIMENSIONS, SIDE};
use hearsight::picture::Pixels;
use hearsight::search::{Direction, Index, Ranks, bootstrap};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat};
use serde::Serialize;

use super::page::{row, share};
use super::{Measure, command_line};
use hearsight_cli::work::in_parallel;
use hearsight_cli::{Failure, files};

/// How many pictures like one are looked at.
const LIKE: usize = 10;
/// Of a small copy: its longest side in pixels, and its quality in JPEG's percents.
const SMALL: (u32, u8) = (160, 40);

/// What is found for a picture.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    measured: Measure,
}

#[derive(Serialize)]
struct Report {
    command: String,
    pictures: usize,
    captions: usize,
    /// A changed copy looks for its picture in the index that ships.
    changed: Vec<Row>,
    like: Vec<Like>,
    /// A picture looks for the captions that were spoken of it.
    said: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    what: &'static str,
    pool: String,
    found: Direction,
}

/// Of the pictures most like one, the share that is of its group.
#[derive(Serialize)]
struct Like {
    what: &'static str,
    first: f64,
    ten: f64,
    first_interval: [f64; 2],
    ten_interval: [f64; 2],
    /// The share of the other pictures that is of its group.
    chance: f64,
}

/// A file of a changed copy.
type Change = fn(&DynamicImage) -> Result<Vec<u8>, Failure>;
/// How a copy may have changed on its way.
const CHANGES: [(&str, Change); 4] = [
    ("mirrored", |picture| png(&picture.fliph())),
    ("its middle, 70 % of each side", |picture| {
        let [width, height] = [picture.width(), picture.height()].map(|side| side * 7 / 10);
        png(&picture.crop_imm((picture.width() - width) / 2, (picture.height() - height) / 2, width, height))
    }),
    ("without colours", |picture| png(&picture.grayscale())),
    ("160 pixels long, JPEG of quality 40", |picture| {
        let mut bytes = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut bytes, SMALL.1);
        picture.thumbnail(SMALL.0, SMALL.0).to_rgb8().write_with_encoder(encoder)?;
        Ok(bytes)
    }),
];

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let network = files::picture(&arguments.measured.model)?;
    let manifest = files::manifest(&arguments.measured.gallery)?;
    let index = files::index(&arguments.measured.gallery)?;
    let Some((captions, spoken)) = files::captions(&arguments.measured.gallery)? else {
        return Err(format!("{} has no spoken captions.", arguments.measured.gallery.display()).into());
    };
    let groups: Vec<&str> = manifest.pictures.iter().map(|picture| picture.group.as_str()).collect();
    // A row for the picture as it is, and one for each change.
    let views = in_parallel("pictures", &manifest.pictures, |picture| {
        let bytes = files::read(&arguments.measured.gallery.join(&picture.file))?;
        let whole = image::load_from_memory(&bytes)?;
        let changed = CHANGES.iter().map(|(_, change)| embed(&network, &change(&whole)?));
        std::iter::once(embed(&network, &bytes)).chain(changed).collect::<Result<Vec<_>, _>>()
    })?;
    let seen = |view: usize| {
        let vectors =
            manifest.pictures.iter().zip(&views).map(|(one, views)| (one.id.clone(), views[view].clone()));
        Index::of(DIMENSIONS, vectors)
    };
    let (alone, shipped) = (seen(0), ordered(&index, &seen(0))?);
    let changed = CHANGES.iter().zip(1..).map(|((what, _), view)| {
        let pairs = (0..groups.len()).map(|number| (number, number)).collect();
        let ranks = ranks(&seen(view), &shipped, &pairs);
        Row { what, pool: groups.len().to_string(), found: ranks.figures().audio_to_image }
    });
    let of = |number: usize, caption: &Caption| manifest.pictures[number].id == caption.picture;
    let said = [
        ("all captions, for the picture on the wall", &shipped, None),
        ("all captions, for the picture alone", &alone, None),
        ("captions and voices kept out of training, for the picture alone", &alone, Some("dev")),
    ]
    .map(|(what, pictures, split)| {
        let asked = captions.captions.iter().filter(|one| split.is_none_or(|split| one.split == split));
        let vectors =
            asked.clone().filter_map(|one| Some((one.id.clone(), spoken.vector(&one.id)?.to_vec())));
        let pool = Index::of(DIMENSIONS, vectors);
        let pairs = asked.enumerate().flat_map(|(clip, one)| {
            (0..groups.len()).filter(move |&number| of(number, one)).map(move |number| (number, clip))
        });
        let ranks = ranks(&pool, pictures, &pairs.collect());
        let figures = ranks.figures();
        Row {
            what,
            pool: format!("{}, {}", ranks.image_to_audio.len(), figures.clips),
            found: figures.image_to_audio,
        }
    });
    let report = Report {
        command: command_line(),
        pictures: groups.len(),
        captions: captions.captions.len(),
        changed: changed.collect(),
        like: vec![like("on the wall", &shipped, &groups), like("pictures alone", &alone, &groups)],
        said: said.into(),
    };
    let page = arguments.measured.write("pictures", &report, &markdown(&report))?;
    println!("written to {}", page.display());
    Ok(())
}

fn embed(network: &PictureNetwork, bytes: &[u8]) -> Result<Vec<f32>, Failure> {
    Ok(pollster::block_on(network.embed(&Pixels::decode(bytes, SIDE)?))?)
}

fn png(picture: &DynamicImage) -> Result<Vec<u8>, Failure> {
    let mut bytes = Cursor::new(Vec::new());
    picture.to_rgb8().write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

/// The vectors of an index in the order of another.
fn ordered(index: &Index, order: &Index) -> Result<Index, Failure> {
    let vector = |id: &String| {
        let vector = index.vector(id).ok_or_else(|| format!("{id} is not in the gallery's index."))?;
        Ok::<_, Failure>((id.clone(), vector.to_vec()))
    };
    Ok(Index::of(DIMENSIONS, order.ids().iter().map(vector).collect::<Result<Vec<_>, _>>()?))
}

/// Ranks of queries among pictures and of pictures among queries; `pairs` are (picture, query).
fn ranks(queries: &Index, pictures: &Index, pairs: &BTreeSet<(usize, usize)>) -> Ranks {
    let scores: Vec<Vec<f32>> = queries.vectors().map(|query| pictures.scores(query)).collect();
    Ranks::of(pictures.ids().len(), queries.ids().len(), pairs, |query, picture| scores[query][picture])
}

fn like(what: &'static str, pictures: &Index, groups: &[&str]) -> Like {
    let is_alike: Vec<[f64; 2]> = pictures
        .vectors()
        .enumerate()
        .map(|(number, vector)| {
            let scores = pictures.scores(vector);
            let mut others: Vec<usize> = (0..groups.len()).filter(|&other| other != number).collect();
            others.sort_by(|&one, &other| scores[other].total_cmp(&scores[one]));
            let share = |count: usize| {
                let of_group = others.iter().take(count).filter(|&&other| groups[other] == groups[number]);
                of_group.count() as f64 / count as f64
            };
            [share(1), share(LIKE)]
        })
        .collect();
    let mean = |drawn: &[usize]| {
        [0, 1].map(|column| {
            drawn.iter().map(|&number| is_alike[number][column]).sum::<f64>() / drawn.len() as f64
        })
    };
    let [first, ten] = mean(&Vec::from_iter(0..groups.len()));
    let [first_interval, ten_interval] = bootstrap(groups.len(), mean);
    let pairs =
        groups.iter().map(|group| groups.iter().filter(|other| *other == group).count() - 1).sum::<usize>();
    let chance = pairs as f64 / (groups.len() * (groups.len() - 1)) as f64;
    Like { what, first, ten, first_interval, ten_interval, chance }
}

fn markdown(report: &Report) -> String {
    let mut text = format!(
        "# What is found for a picture\n\nMade by `{}`; [pictures.json](pictures.json) has every figure. The {} photographs of the gallery \
         and the {} captions that synthetic voices speak of them; shares in %, with 95 % bootstrap intervals over pictures in brackets, ties \
         count against us.\n\n## A changed copy looks for its photograph (`hearsight search --image`)\n\nAmong the index that ships. The \
         photographs are those that the network learned captions of; the changes it met in training too.\n\n\
         | copy | pictures | R@1 | R@5 | R@10 | median rank | |\n|---|---|---|---|---|---|---|\n",
        report.command, report.pictures, report.captions
    );
    report.changed.iter().for_each(|one| text.push_str(&row(one.what, &one.pool, &one.found, "")));
    text.push_str(
        "\n## More like this\n\nOf the photographs most like one, without itself: the share that is of its group (people, food, animals, \
         vehicles and six more).\n\n| | the first | of the first ten | by chance |\n|---|---|---|---|\n",
    );
    for one in &report.like {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.1} |",
            one.what,
            share(one.first, one.first_interval),
            share(one.ten, one.ten_interval),
            100.0 * one.chance
        );
    }
    text.push_str(
        "\n## Spoken captions of a picture\n\nOne of its own captions is among the first. The vectors on the wall lean half on the texts of \
         train captions; those of pictures alone know nothing of them, as an own picture of a visitor does not. \
         All of these photographs were in training; [quality.md](quality.md) has some that were not, as Flickr8k dev.\n\n\
         | | pictures, captions | R@1 | R@5 | R@10 | median rank | |\n|---|---|---|---|---|---|---|\n",
    );
    report.said.iter().for_each(|one| text.push_str(&row(one.what, &one.pool, &one.found, "")));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_others_are_counted_by_group_and_never_the_picture_itself() {
        let at = |id: &str, x: f32, y: f32| (id.to_owned(), vec![x, y]);
        let pictures = Index::of(
            2,
            [at("cat", 1.0, 0.0), at("dog", 0.9, 0.1), at("boat", 0.0, 1.0), at("ship", 0.1, 0.9)],
        );
        let found = like("", &pictures, &["animals", "animals", "vehicles", "vehicles"]);
        assert_eq!((found.first, found.first_interval), (1.0, [1.0, 1.0]));
        assert!((found.chance - 1.0 / 3.0).abs() < 1e-9, "one of the three others");
        let mixed = like("", &pictures, &["a", "b", "a", "b"]);
        assert_eq!((mixed.first, mixed.ten), (0.0, 0.1), "each has one of its group, in ten places");
    }

    #[test]
    fn small_copies_lose_what_jpeg_takes() {
        let picture = DynamicImage::new_rgb8(400, 300);
        let [small, large] = [CHANGES[3].1, CHANGES[0].1].map(|change| change(&picture).unwrap());
        assert_eq!(image::guess_format(&small).unwrap(), ImageFormat::Jpeg);
        assert_eq!(image::guess_format(&large).unwrap(), ImageFormat::Png);
        assert_eq!(image::load_from_memory(&small).unwrap().width(), SMALL.0);
    }
}
