//! The report of quality as a page, made from what `quality.json` holds.

use std::fmt::Write as _;

use hearsight::search::{Direction, Recall};
use serde::Serialize;

use super::trust::Trust;

/// What was measured on one set.
#[derive(Serialize)]
pub struct Measured {
    pub name: &'static str,
    pub what: &'static str,
    pub aim: Option<[f64; 2]>,
    #[serde(flatten)]
    pub recall: Recall,
    /// Speech to picture, by voice.
    pub voices: Vec<Part>,
    /// Speech to picture: queries all of whose words were spoken in training, and the others.
    pub words: Vec<Part>,
}

/// Some of a set's queries, against all its pictures.
#[derive(Serialize)]
pub struct Part {
    pub name: String,
    pub clips: usize,
    pub audio_to_image: Direction,
}

/// The whole report.
#[derive(Serialize)]
pub struct Report {
    pub command: String,
    pub sets: Vec<Measured>,
    /// Against the index that ships.
    pub trust: Vec<Trust>,
}

/// A share with its interval, in %.
pub fn share(value: f64, [low, high]: [f64; 2]) -> String {
    format!("{:.1} [{:.1}, {:.1}]", 100.0 * value, 100.0 * low, 100.0 * high)
}

/// Recall at 1, 5 and 10 and the median rank, as cells.
fn cells(direction: &Direction) -> String {
    format!(
        "{} | {} | {} | {}",
        share(direction.r1, direction.r1_interval),
        share(direction.r5, direction.r5_interval),
        share(direction.r10, direction.r10_interval),
        direction.median_rank
    )
}

/// A row of a table of recall.
pub fn row(name: &str, pool: &str, direction: &Direction, aim: &str) -> String {
    format!("| {name} | {pool} | {} | {aim} |\n", cells(direction))
}

/// The page.
pub fn markdown(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "# How well it understands\n\nMade by `{}`; [quality.json](quality.json) has every figure. Shares are in %, with 95 % \
         bootstrap intervals over pictures in brackets; ties count against us. Nothing here was trained or tuned on.\n\n\
         ![Recall at 10 of each set](quality.svg)\n\n## Speech to picture\n",
        report.command
    );
    text.push_str("| set | pictures, clips | R@1 | R@5 | R@10 | median rank | aim R@1, R@10 |\n|---|---|---|---|---|---|---|\n");
    for set in &report.sets {
        let aim = set.aim.map_or("".into(), |[one, ten]| format!("{:.0}, {:.0}", 100.0 * one, 100.0 * ten));
        text.push_str(&row(set.name, &pool(set), &set.recall.audio_to_image, &aim));
    }
    text.push('\n');
    for set in &report.sets {
        let _ = writeln!(text, "- **{}**: {}.", set.name, set.what);
    }
    text.push_str("\n## Picture to speech\n\n| set | pictures, clips | R@1 | R@5 | R@10 | median rank | |\n|---|---|---|---|---|---|---|\n");
    for set in &report.sets {
        text.push_str(&row(set.name, &pool(set), &set.recall.image_to_audio, ""));
    }
    parts(&mut text, "By voice", report, |set| &set.voices);
    parts(&mut text, "By wording", report, |set| &set.words);
    text.push_str(
        "\n## When it says that it is not sure\n\nAgainst the gallery's index. A sound in which no speech is found gets a sentence \
         instead of a ranking; an answer whose right picture is less likely among the first five than not is shown as \"not sure\".\n\n\
         | sound | clips | no speech found | shown as sure | of these the first is wrong | sure among the wrong first answers |\n|---|---|---|---|---|---|\n",
    );
    for Trust { name, clips, refused, sure, sure_and_wrong, wrong } in &report.trust {
        let among = if *wrong == 0 {
            "".into()
        } else {
            format!("{:.0} %", 100.0 * *sure_and_wrong as f64 / *wrong as f64)
        };
        let _ = writeln!(text, "| {name} | {clips} | {refused} | {sure} | {sure_and_wrong} | {among} |");
    }
    text
}

fn pool(set: &Measured) -> String {
    format!("{}, {}", set.recall.images, set.recall.clips)
}

fn parts(text: &mut String, title: &str, report: &Report, of: fn(&Measured) -> &Vec<Part>) {
    let _ = write!(text, "\n## {title}\n\nSpeech to picture, against all pictures of the set.\n\n");
    text.push_str("| set | | clips | R@1 | R@5 | R@10 | median rank |\n|---|---|---|---|---|---|---|\n");
    for set in &report.sets {
        for part in of(set) {
            let (name, figures) = (&part.name, cells(&part.audio_to_image));
            let _ = writeln!(text, "| {} | {name} | {} | {figures} |", set.name, part.clips);
        }
    }
}
