//! The report: `poster.json` first, then `poster.md` and the curves, made from the same outcomes.

use std::fmt::Write as _;
use std::path::Path;

use hearsight::search::{Difference, Direction, paired_difference};
use serde_json::json;

use super::training::Outcome;
use crate::chart::{self, Chart};
use hearsight_cli::{Failure, files};

/// What is compared with what.
const COMPARED: [(&str, &str); 7] = [
    ("P1", "P0"),
    ("P1", "P0-3x-rate"),
    ("P1", "P0-3-draws"),
    ("P2", "P1"),
    ("P2", "P0"),
    ("P1-8-terms", "P1"),
    ("P0-3-draws", "P0"),
];
/// The questions that the report answers, each by one comparison.
const QUESTIONS: [(&str, &str, &str); 3] = [
    ("Does the six-term loss beat the baseline at equal learning rate?", "P1", "P0"),
    ("Does it beat the baseline at three times the learning rate?", "P1", "P0-3x-rate"),
    ("Does the TCN branch help (both with the six-term loss)?", "P2", "P1"),
];
/// What the poster prints: loss, then recall at 1, 5, 10 of image to audio and of audio to image.
const PRINTED: [(&str, [f64; 3], [f64; 3]); 2] = [
    ("baseline", [0.074, 0.249, 0.366], [0.069, 0.224, 0.319]),
    ("new loss", [0.094, 0.268, 0.363], [0.090, 0.229, 0.354]),
];

/// The trainings of one system or control, one a seed.
struct Group<'a> {
    name: String,
    runs: Vec<&'a Outcome>,
}

/// One measured difference.
struct Compared {
    a: &'static str,
    b: &'static str,
    direction: &'static str,
    metric: &'static str,
    difference: Difference,
}

/// Writes `poster.json`, `poster.md` and `poster.svg`.
pub fn write(
    folder: &Path,
    outcomes: &[Outcome],
    arguments: impl Iterator<Item = String>,
) -> Result<(), Failure> {
    let groups = group(outcomes);
    let compared = compare(&groups);
    let command = format!("hearsight {}", arguments.collect::<Vec<_>>().join(" "));
    let json = json!({
        "command": command,
        "picture_features": outcomes.first().map(|outcome| &outcome.picture_network),
        "rows": outcomes.iter().map(row).collect::<Vec<_>>(),
        "differences": compared.iter().map(|c| json!({
            "a": c.a, "b": c.b, "direction": c.direction, "metric": c.metric,
            "mean": c.difference.mean, "interval": c.difference.interval,
        })).collect::<Vec<_>>(),
    });
    files::write(&folder.join("poster.json"), serde_json::to_string_pretty(&json)?.as_bytes())?;
    files::write(&folder.join("poster.md"), markdown(&command, outcomes, &groups, &compared)?.as_bytes())?;
    draw(&folder.join("poster.svg"), &groups)?;
    outcomes.iter().for_each(|outcome| println!("{}", outcome.summary()));
    println!("written to {}", folder.join("poster.md").display());
    Ok(())
}

fn name(outcome: &Outcome) -> String {
    [outcome.system.as_str(), &outcome.control]
        .iter()
        .filter(|p| !p.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join("-")
}

fn row(outcome: &Outcome) -> serde_json::Value {
    let figures = outcome.ranks.figures();
    json!({
        "system": outcome.system,
        "control": outcome.control,
        "seed": outcome.recipe.seed,
        "shape": outcome.shape,
        "images": figures.images,
        "clips": figures.clips,
        "audio_to_image": figures.audio_to_image,
        "image_to_audio": figures.image_to_audio,
        "recipe": outcome.recipe,
        "audio_parameters": outcome.parameters[0],
        "parameters": outcome.parameters[1],
        "mega_flop": outcome.mega_flop,
        "training_seconds": outcome.seconds,
    })
}

fn group(outcomes: &[Outcome]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = Vec::new();
    for outcome in outcomes {
        let name = name(outcome);
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.runs.push(outcome),
            None => groups.push(Group { name, runs: vec![outcome] }),
        }
    }
    groups
}

/// The (picture, rank) of each query, a list a seed.
fn ranks<'a>(group: &Group<'a>, direction: &str) -> Vec<&'a [(usize, usize)]> {
    let of = |run: &&'a Outcome| match direction {
        "audio_to_image" => run.ranks.audio_to_image.as_slice(),
        _ => run.ranks.image_to_audio.as_slice(),
    };
    group.runs.iter().map(of).collect()
}

fn compare(groups: &[Group]) -> Vec<Compared> {
    let find = |name: &str| groups.iter().find(|group| group.name == name);
    let mut compared = Vec::new();
    for (a, b) in COMPARED {
        let (Some(first), Some(second)) = (find(a), find(b)) else { continue };
        for direction in ["audio_to_image", "image_to_audio"] {
            let (first, second) = (ranks(first, direction), ranks(second, direction));
            for (metric, k) in [("r1", 1), ("r5", 5), ("r10", 10)] {
                let difference = paired_difference(&first, &second, k);
                compared.push(Compared { a, b, direction, metric, difference });
            }
        }
    }
    compared
}

fn markdown(
    command: &str,
    outcomes: &[Outcome],
    groups: &[Group],
    compared: &[Compared],
) -> Result<String, Failure> {
    let first = outcomes.first().ok_or("There is no training to report.")?;
    let figures = first.ranks.figures();
    let seeds = groups.iter().map(|group| group.runs.len()).min().unwrap_or(0);
    let mut text = String::new();
    writeln!(text, "# The poster's systems, side by side\n")?;
    writeln!(text, "Made by `{command}`; [poster.json](poster.json) has every run.\n")?;
    writeln!(
        text,
        "Trained on {} clips of synthetic speech about {} pictures, measured on {} pictures and {} clips by other voices. \
         Shape: **{}**{}; {} seeds. Picture features: {}{}. \
         {} steps of {} pairs, {}, the same for all.\n",
        first.train_clips,
        first.train_pictures,
        figures.images,
        figures.clips,
        first.shape,
        if first.shape == "lite" { ", for want of a GPU" } else { "" },
        seeds,
        first.picture_network,
        if first.picture_network == "VGG16" {
            ""
        } else {
            ", in the place of VGG16, whose weights could not be had where this ran"
        },
        first.recipe.steps,
        first.recipe.batch,
        match first.recipe.optimizer {
            hearsight::poster::Optimizer::Sgd => "SGD with momentum 0.9, cosine decay",
            hearsight::poster::Optimizer::Adam => "Adam, cosine decay",
        },
    )?;
    questions(&mut text, groups, compared)?;
    table(&mut text, groups)?;
    differences(&mut text, compared)?;
    printed(&mut text, first)?;
    writeln!(text, "![Loss and recall over the steps](poster.svg)")?;
    Ok(text)
}

/// Whether a system finds hardly more than chance does.
fn collapsed(group: &Group) -> bool {
    let mean = group.runs.iter().map(|run| run.ranks.figures().audio_to_image.r10).sum::<f64>()
        / group.runs.len() as f64;
    mean < 1.5 * chance(group.runs[0].ranks.images)
}

/// Recall at 10 of a guess.
fn chance(images: usize) -> f64 {
    10.0 / images.max(10) as f64
}

fn questions(text: &mut String, groups: &[Group], compared: &[Compared]) -> Result<(), Failure> {
    writeln!(text, "## Three questions\n")?;
    for (question, a, b) in QUESTIONS {
        writeln!(text, "**{question}**")?;
        for (direction, words) in
            [("audio_to_image", "speech to picture"), ("image_to_audio", "picture to speech")]
        {
            let found =
                compared.iter().find(|c| (c.a, c.b, c.direction, c.metric) == (a, b, direction, "r10"));
            let Some(Compared { difference, .. }) = found else { continue };
            writeln!(text, "- {words}: {}", verdict(difference))?;
        }
        for group in groups.iter().filter(|group| [a, b].contains(&group.name.as_str()) && collapsed(group)) {
            writeln!(
                text,
                "- **{} learned nothing that this pool shows** (R@10 near chance): the comparison says that its training \
                 fails at this rate, not which loss is better.",
                group.name
            )?;
        }
        writeln!(text)?;
    }
    Ok(())
}

/// A difference of R@10 in words.
fn verdict(Difference { mean, interval: [low, high] }: &Difference) -> String {
    let size = format!("R@10 {:+.1} points [{:+.1}, {:+.1}]", 100.0 * mean, 100.0 * low, 100.0 * high);
    match (*low > 0.0, *high < 0.0) {
        (true, _) => format!("yes, {size}"),
        (_, true) => format!("no, it is worse: {size}"),
        _ => format!("not shown: {size}, and the interval holds zero"),
    }
}

fn table(text: &mut String, groups: &[Group]) -> Result<(), Failure> {
    writeln!(text, "## Recall\n")?;
    writeln!(
        text,
        "Means over the seeds, in %; in brackets the R@10 of each seed. MFLOP: audio side, 1024 frames. Minutes: one training, one core. \
         Chance: R@10 of {:.1} % for speech to picture.\n",
        100.0 * groups.first().map_or(0.0, |group| chance(group.runs[0].ranks.images))
    )?;
    writeln!(
        text,
        "| system | what | rate | speech to picture R@1 / 5 / 10 | median rank | picture to speech R@1 / 5 / 10 | median rank | audio parameters | MFLOP | minutes |"
    )?;
    writeln!(text, "|---|---|---|---|---|---|---|---|---|---|")?;
    for Group { name, runs } in groups {
        let figures: Vec<_> = runs.iter().map(|run| run.ranks.figures()).collect();
        let side = |of: fn(&hearsight::search::Recall) -> &Direction| {
            let directions: Vec<&Direction> = figures.iter().map(of).collect();
            let mean = |value: fn(&Direction) -> f64| {
                directions.iter().map(|d| value(d)).sum::<f64>() / directions.len() as f64
            };
            let each: Vec<String> = directions.iter().map(|d| format!("{:.1}", 100.0 * d.r10)).collect();
            format!(
                "{:.1} / {:.1} / {:.1} ({}) | {:.0}",
                100.0 * mean(|d| d.r1),
                100.0 * mean(|d| d.r5),
                100.0 * mean(|d| d.r10),
                each.join(", "),
                mean(|d| d.median_rank)
            )
        };
        let minutes = runs.iter().map(|run| run.seconds).sum::<f64>() / runs.len() as f64 / 60.0;
        let first = runs[0];
        writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {} | {:.0} | {minutes:.0} |",
            first.what,
            first.recipe.learning_rate,
            side(|f| &f.audio_to_image),
            side(|f| &f.image_to_audio),
            first.parameters[0],
            first.mega_flop
        )?;
    }
    writeln!(text)?;
    Ok(())
}

fn differences(text: &mut String, compared: &[Compared]) -> Result<(), Failure> {
    writeln!(text, "## Differences\n")?;
    writeln!(
        text,
        "In points, with 95 % intervals of a paired bootstrap over pictures (seeds averaged; the spread between seeds is not in them).\n"
    )?;
    writeln!(text, "| | direction | R@1 | R@5 | R@10 |\n|---|---|---|---|---|")?;
    for part in compared.chunks(3) {
        let cells =
            part.iter().map(|Compared { difference: Difference { mean, interval: [low, high] }, .. }| {
                format!("{:+.1} [{:+.1}, {:+.1}]", 100.0 * mean, 100.0 * low, 100.0 * high)
            });
        let direction =
            if part[0].direction == "audio_to_image" { "speech to picture" } else { "picture to speech" };
        writeln!(
            text,
            "| {} − {} | {direction} | {} |",
            part[0].a,
            part[0].b,
            cells.collect::<Vec<_>>().join(" | ")
        )?;
    }
    writeln!(text)?;
    Ok(())
}

fn printed(text: &mut String, first: &Outcome) -> Result<(), Failure> {
    writeln!(text, "## What the poster prints\n")?;
    writeln!(
        text,
        "| loss | picture to speech R@1 / 5 / 10 | speech to picture R@1 / 5 / 10 |\n|---|---|---|"
    )?;
    for (loss, back, there) in PRINTED {
        let cells = |values: [f64; 3]| values.map(|v| format!("{:.1}", 100.0 * v)).join(" / ");
        writeln!(text, "| {loss} | {} | {} |", cells(back), cells(there))?;
    }
    writeln!(
        text,
        "\nThese are not to be compared with ours number by number. The poster trained on all 6000 train pictures of Flickr8k with \
         30 000 captions read by people, with VGG16's features and networks at full size, and its figures are multiples of \
         1/1024: a pool of 1024 pairs, one caption a picture, one run, no interval (at R@10 of 35 % it would be about ±2.9 \
         points). Ours: {} clips about {} pictures, {}, a pool of {} pictures and {} clips. No figure of the poster's TCN \
         system survives.\n",
        first.train_clips, first.train_pictures, first.picture_network, first.ranks.images, first.ranks.clips
    )?;
    Ok(())
}

fn draw(path: &Path, groups: &[Group]) -> Result<(), Failure> {
    let mean_curve = |group: &Group, points: fn(&Outcome) -> Vec<(f64, f64)>| {
        let runs: Vec<Vec<(f64, f64)>> = group.runs.iter().map(|run| points(run)).collect();
        let shortest = runs.iter().map(Vec::len).min().unwrap_or(0);
        let at = |n: usize| (runs[0][n].0, runs.iter().map(|run| run[n].1).sum::<f64>() / runs.len() as f64);
        (group.name.clone(), (0..shortest).map(at).collect())
    };
    let chart = |title, points: fn(&Outcome) -> Vec<(f64, f64)>| Chart {
        title,
        curves: groups.iter().map(|group| mean_curve(group, points)).collect(),
    };
    chart::draw(
        path,
        &[
            chart("loss of a pair (mean of the seeds)", |run| {
                run.losses.iter().map(|&(step, loss)| (step as f64, f64::from(loss))).collect()
            }),
            chart("R@10, speech to picture", |run| run.recalls.iter().map(|r| (r.0 as f64, r.1)).collect()),
            chart("R@10, picture to speech", |run| run.recalls.iter().map(|r| (r.0 as f64, r.2)).collect()),
        ],
    )
}
