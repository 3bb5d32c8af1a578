//! The tables of the report.

use std::fmt::Write as _;

use hearsight::search::{Difference, Direction, Recall};

use super::claims::{BRANCH, Claim, LOSS, POSTER, RULE};
use super::report::{Compared, Group};
use hearsight_cli::Failure;

/// "+1.2 [-0.3, +2.7]", in points.
fn points(Difference { mean, interval: [low, high] }: &Difference) -> String {
    format!("{:+.1} [{:+.1}, {:+.1}]", 100.0 * mean, 100.0 * low, 100.0 * high)
}

/// What holds and what fails.
pub fn claims(text: &mut String, groups: &[Group], compared: &[Compared]) -> Result<(), Failure> {
    writeln!(text, "## What holds\n\n{RULE}\n")?;
    section(text, "The poster's claims", &POSTER, compared)?;
    section(text, "Is it the new loss's terms? It finds …", &LOSS, compared)?;
    section(text, "What holds the temporal branch back?", &BRANCH, compared)?;
    for group in groups.iter().filter(|group| group.collapsed()) {
        writeln!(
            text,
            "**{} learned nothing that this pool shows** (R@10 near chance): a comparison with it says that its training fails at this rate, \
             not which loss is better.\n",
            group.name
        )?;
    }
    Ok(())
}

fn section(text: &mut String, title: &str, claims: &[Claim], compared: &[Compared]) -> Result<(), Failure> {
    writeln!(text, "| {title} | | R@10, both ways | |\n|---|---|---|---|")?;
    for Claim { says, a, b } in claims {
        let found = compared.iter().find(|compared| (compared.a, compared.b) == (*a, *b));
        match found {
            Some(Compared { both, verdict, seeds: [one, other], .. }) => writeln!(
                text,
                "| {says} | {a} − {b} | {} | {} ({one} and {other} seeds) |",
                points(both),
                verdict.word()
            )?,
            None => writeln!(text, "| {says} | {a} − {b} | not trained yet | undecided |")?,
        }
    }
    writeln!(text)?;
    Ok(())
}

/// What each system finds.
pub fn recall(text: &mut String, groups: &[Group]) -> Result<(), Failure> {
    let Some(first) = groups.first() else { return Ok(()) };
    writeln!(text, "## Recall on test\n")?;
    writeln!(
        text,
        "Means over the seeds, in %; in brackets the R@10 of each seed. Chance: R@10 of {:.1} %. Dev: R@10 of both ways together at half of the \
         passes, and where the network was chosen. MFLOP: audio side, 1024 frames.\n",
        100.0 * first.chance()
    )?;
    writeln!(
        text,
        "| system | what | rate | speech to picture R@1 / 5 / 10 | median rank | picture to speech R@1 / 5 / 10 | median rank | dev, half and chosen | audio parameters | MFLOP |"
    )?;
    writeln!(text, "|---|---|---|---|---|---|---|---|---|---|")?;
    for group in groups {
        let trained = &group.runs[0].trained;
        let figures: Vec<Recall> = group.runs.iter().map(|run| run.ranks.figures()).collect();
        let side = |of: fn(&Recall) -> &Direction| {
            let mean = |value: fn(&Direction) -> f64| {
                figures.iter().map(|figures| value(of(figures))).sum::<f64>() / figures.len() as f64
            };
            let each: Vec<String> =
                figures.iter().map(|figures| format!("{:.1}", 100.0 * of(figures).r10)).collect();
            format!(
                "{:.1} / {:.1} / {:.1} ({}) | {:.0}",
                100.0 * mean(|d| d.r1),
                100.0 * mean(|d| d.r5),
                100.0 * mean(|d| d.r10),
                each.join(", "),
                mean(|d| d.median_rank)
            )
        };
        let [half, chosen] = group.dev();
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {:.1}, {:.1} | {} | {:.0} |",
            group.name,
            trained.what,
            trained.recipe.learning_rate,
            side(|figures| &figures.audio_to_image),
            side(|figures| &figures.image_to_audio),
            100.0 * half,
            100.0 * chosen,
            trained.parameters[0],
            trained.mega_flop
        )?;
    }
    writeln!(text)?;
    Ok(())
}

/// Every difference that a claim hangs on, both ways.
pub fn differences(text: &mut String, compared: &[Compared]) -> Result<(), Failure> {
    writeln!(text, "## Differences\n")?;
    writeln!(
        text,
        "In points of recall on test, with 95 % intervals of a hierarchical bootstrap: each of 2000 draws takes pictures with all their queries, \
         the same for both systems, and seeds of each (`crates/lab/src/reproduce/bootstrap.rs`). One seed has no spread: there the interval is over \
         pictures only, and too narrow.\n"
    )?;
    writeln!(text, "| | direction | R@1 | R@5 | R@10 |\n|---|---|---|---|---|")?;
    for Compared { a, b, ways, .. } in compared {
        for (direction, at) in ["speech to picture", "picture to speech"].into_iter().zip(ways) {
            let cells = at.each_ref().map(points).join(" | ");
            writeln!(text, "| {a} − {b} | {direction} | {cells} |")?;
        }
    }
    writeln!(text)?;
    Ok(())
}

/// What it took, and what is missing of what was planned.
pub fn cost(text: &mut String, groups: &[Group], planned: &[(String, u64)]) -> Result<(), Failure> {
    let hours = |seconds: f64| seconds / 3600.0;
    let done: f64 = groups.iter().flat_map(|group| &group.runs).map(|run| run.trained.seconds).sum();
    let runs = groups.iter().map(|group| group.runs.len()).sum::<usize>();
    writeln!(text, "## What it takes\n")?;
    writeln!(text, "{runs} trainings took {:.1} hours, one core each.", hours(done))?;
    let missing = missing(groups, planned);
    if missing.is_empty() {
        writeln!(text)?;
        return Ok(());
    }
    let count: u64 = missing.iter().map(|(_, seeds)| seeds).sum();
    writeln!(
        text,
        "{count} are missing, about {:.0} hours more at that pace: {}.\n",
        hours(done / runs.max(1) as f64) * count as f64,
        missing.iter().map(|(name, seeds)| format!("{name} {seeds}")).collect::<Vec<_>>().join(", ")
    )?;
    Ok(())
}

/// How many seeds of each system are planned and not trained.
pub fn missing(groups: &[Group], planned: &[(String, u64)]) -> Vec<(String, u64)> {
    let done = |name: &str| {
        groups.iter().find(|group| group.name == name).map_or(0, |group| group.runs.len() as u64)
    };
    planned
        .iter()
        .map(|(name, seeds)| (name.clone(), seeds.saturating_sub(done(name))))
        .filter(|(_, seeds)| *seeds > 0)
        .collect()
}
