//! The report: `poster.json`, `poster.md` and the curves, made from the same outcomes.

use std::fmt::Write as _;

use hearsight::search::{Difference, Ranks};
use serde_json::json;

use super::bootstrap::paired_difference;
use super::claims::{BRANCH, Claim, LOSS, POSTER, Verdict};
use super::published::{self, PUBLISHED};
use super::tables;
use super::training::Outcome;
use super::{Arguments, Run, curves};
use hearsight_cli::{Failure, files};

/// The trainings of one system or control, one a seed.
pub struct Group<'a> {
    pub name: String,
    pub runs: Vec<&'a Outcome>,
}

impl Group<'_> {
    /// Recall at 10 of a guess.
    pub fn chance(&self) -> f64 {
        10.0 / self.runs[0].ranks.images.max(10) as f64
    }

    /// Whether a system finds hardly more than chance does.
    pub fn collapsed(&self) -> bool {
        let found = self.runs.iter().map(|run| run.ranks.figures().audio_to_image.r10).sum::<f64>();
        found / (self.runs.len() as f64) < 1.5 * self.chance()
    }

    /// R@10 on dev, both ways together, at half of the steps and where the network was chosen: means over the seeds.
    pub fn dev(&self) -> [f64; 2] {
        let mean = |of: &dyn Fn(&Outcome) -> (usize, f64, f64)| {
            let sum: f64 = self.runs.iter().map(|run| of(run)).map(|look| (look.1 + look.2) / 2.0).sum();
            sum / self.runs.len() as f64
        };
        let half = |run: &Outcome| {
            let looks = &run.trained.looks;
            looks.get((looks.len().max(2) - 1) / 2).copied().unwrap_or_default()
        };
        [mean(&half), mean(&|run| run.trained.chosen())]
    }
}

/// One measured difference.
pub struct Compared {
    pub a: &'static str,
    pub b: &'static str,
    /// How many each has.
    pub seeds: [usize; 2],
    /// Of recall at 1, 5 and 10: speech to picture, then picture to speech.
    pub ways: [[Difference; 3]; 2],
    /// Of recall at 10 over the queries of both ways.
    pub both: Difference,
    pub verdict: Verdict,
}

/// Writes `poster.json`, `poster.md` and `poster.svg`.
pub fn write(
    arguments: &Arguments,
    runs: &[Run],
    outcomes: &[Outcome],
    today: Option<&Ranks>,
) -> Result<(), Failure> {
    let groups = group(outcomes);
    let compared = compare(&groups);
    let folder = &arguments.report;
    let planned = planned(arguments, runs);
    let json = json!({
        "picture_features": outcomes.first().map(|outcome| &outcome.trained.picture_network),
        "missing": tables::missing(&groups, &planned),
        "rows": outcomes.iter().map(row).collect::<Vec<_>>(),
        "differences": compared.iter().map(|c| json!({
            "a": c.a, "b": c.b, "seeds": c.seeds,
            "audio_to_image": c.ways[0], "image_to_audio": c.ways[1],
            "both_r10": c.both, "verdict": c.verdict,
        })).collect::<Vec<_>>(),
        "published": PUBLISHED,
        "today": today.map(Ranks::figures),
    });
    files::write(&folder.join("poster.json"), serde_json::to_string_pretty(&json)?.as_bytes())?;
    let text = markdown(&groups, &compared, &planned, today)?;
    files::write(&folder.join("poster.md"), text.as_bytes())?;
    let panels: Vec<(String, Vec<&Outcome>)> =
        groups.into_iter().map(|group| (group.name, group.runs)).collect();
    curves::draw(&folder.join("poster.svg"), &panels)?;
    outcomes.iter().for_each(|outcome| println!("{}", outcome.trained.summary()));
    println!("written to {}", folder.join("poster.md").display());
    Ok(())
}

/// How many seeds each system is to have.
fn planned(arguments: &Arguments, runs: &[Run]) -> Vec<(String, u64)> {
    let first = runs.iter().filter(|run| run.seed == 1);
    first.map(|run| (run.system.name(), arguments.seeds_of(run.system.control))).collect()
}

fn row(outcome: &Outcome) -> serde_json::Value {
    let (figures, trained) = (outcome.ranks.figures(), &outcome.trained);
    json!({
        "system": trained.system,
        "control": trained.control,
        "seed": trained.recipe.seed,
        "shape": trained.shape,
        "images": figures.images,
        "clips": figures.clips,
        "audio_to_image": figures.audio_to_image,
        "image_to_audio": figures.image_to_audio,
        "dev": trained.looks,
        "chosen_after": trained.chosen().0,
        "recipe": trained.recipe,
        "train_clips": trained.train_clips,
        "train_pictures": trained.train_pictures,
        "audio_parameters": trained.parameters[0],
        "parameters": trained.parameters[1],
        "mega_flop": trained.mega_flop,
        "training_seconds": trained.seconds,
    })
}

fn group(outcomes: &[Outcome]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = Vec::new();
    for outcome in outcomes {
        let name = outcome.trained.name();
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.runs.push(outcome),
            None => groups.push(Group { name, runs: vec![outcome] }),
        }
    }
    groups
}

fn compare(groups: &[Group]) -> Vec<Compared> {
    let find = |name: &str| groups.iter().find(|group| group.name == name);
    let mut compared = Vec::new();
    for Claim { a, b, .. } in POSTER.iter().chain(&LOSS).chain(&BRANCH) {
        let (Some(one), Some(other)) = (find(a), find(b)) else { continue };
        // (picture, rank) of each query, a list a seed.
        let way = |of: &dyn Fn(&Ranks) -> Vec<(usize, usize)>, k| {
            let [one, other] =
                [one, other].map(|group| group.runs.iter().map(|run| of(&run.ranks)).collect::<Vec<_>>());
            let [one, other] = [&one, &other].map(|runs| runs.iter().map(Vec::as_slice).collect::<Vec<_>>());
            paired_difference(&one, &other, k)
        };
        let there = |ranks: &Ranks| ranks.audio_to_image.clone();
        let back = |ranks: &Ranks| ranks.image_to_audio.clone();
        let both = way(&|ranks| [there(ranks), back(ranks)].concat(), 10);
        let seeds = [one.runs.len(), other.runs.len()];
        let verdict = Verdict::of(&both, seeds[0].min(seeds[1]));
        let ways = [[1, 5, 10].map(|k| way(&there, k)), [1, 5, 10].map(|k| way(&back, k))];
        compared.push(Compared { a, b, seeds, ways, both, verdict });
    }
    compared
}

fn markdown(
    groups: &[Group],
    compared: &[Compared],
    planned: &[(String, u64)],
    today: Option<&Ranks>,
) -> Result<String, Failure> {
    let mut text = String::new();
    writeln!(text, "# The poster's systems, side by side\n")?;
    if let Some(unfinished) = unfinished(groups, planned) {
        writeln!(text, "{unfinished}\n")?;
    }
    if let Some(first) = groups.first().map(|group| group.runs[0]) {
        setting(&mut text, first)?;
    }
    tables::claims(&mut text, groups, compared)?;
    published::table(&mut text, today)?;
    tables::recall(&mut text, groups)?;
    writeln!(
        text,
        "## Dev in the course of the trainings\n\n![R@10 on dev over clip passes, a panel a system and a line a seed](poster.svg)\n\n\
         R@10 in %, both ways together, over clip passes. The rate falls to zero at the end (cosine), so every curve flattens there; one that rises \
         steeply before has not converged.\n"
    )?;
    tables::differences(&mut text, compared)?;
    tables::cost(&mut text, groups, planned)?;
    Ok(text.trim_end().to_owned() + "\n")
}

/// The first line, where something is missing.
fn unfinished(groups: &[Group], planned: &[(String, u64)]) -> Option<String> {
    let missing = tables::missing(groups, planned);
    let all: u64 = planned.iter().map(|(_, seeds)| seeds).sum();
    let done = all - missing.iter().map(|(_, seeds)| seeds).sum::<u64>();
    (done < all).then(|| {
        let seeds: Vec<String> =
            groups.iter().map(|group| format!("{} {}", group.name, group.runs.len())).collect();
        let have = if seeds.is_empty() { "none".to_owned() } else { seeds.join(", ") };
        format!("**Unfinished: {done} of {all} trainings are done (seeds: {have}).** What is missing is listed at the end.")
    })
}

fn setting(text: &mut String, first: &Outcome) -> Result<(), Failure> {
    let (trained, recipe) = (&first.trained, &first.trained.recipe);
    let maps = recipe.network.cnn.maps;
    writeln!(
        text,
        "Made by `cargo lab reproduce`; [poster.json](poster.json) has every run. Trained on {} clips of synthetic speech about {} pictures, the network \
         of each training chosen on {} other pictures (dev, one clip each), and measured once on test: {} pictures and {} clips. Speech to picture: \
         each clip among all pictures. Picture to speech: each picture among as many clips, one a picture, once for each of its clips. The voices of \
         dev and test are not those of train.\n",
        trained.train_clips,
        trained.train_pictures,
        trained.dev_pictures,
        first.ranks.images,
        first.ranks.clips
    )?;
    let size = match trained.shape.as_str() {
        "full" => "as in the papers".to_owned(),
        _ => format!(
            "for want of a GPU: the layers, kernels and frames of the papers with maps of {}, {} and {} in the place of 64, 512 and 1024",
            maps[0], maps[1], maps[2]
        ),
    };
    writeln!(
        text,
        "Shape **{}**, {size}. Picture features: {}{}. Every training hears {} clips ({:.1} passes over all) in {} steps of {} pairs by {}.\n",
        trained.shape,
        trained.picture_network,
        if trained.picture_network == "VGG16" {
            ""
        } else {
            ", in the place of VGG16, whose weights could not be had where this ran (`--vgg16` takes them)"
        },
        recipe.steps * recipe.batch,
        (recipe.steps * recipe.batch) as f64 / trained.train_clips as f64,
        recipe.steps,
        recipe.batch,
        match recipe.optimizer {
            hearsight::poster::Optimizer::Sgd => "SGD with momentum 0.9 and cosine decay",
            hearsight::poster::Optimizer::Adam => "Adam with cosine decay",
        },
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_first() {
        let planned = vec![("P0".to_owned(), 5), ("P0-mms".to_owned(), 3)];
        assert!(unfinished(&[], &planned).unwrap().contains("0 of 8 trainings"));
        assert_eq!(tables::missing(&[], &planned).len(), 2);
        assert_eq!(unfinished(&[], &[]), None);
    }
}
