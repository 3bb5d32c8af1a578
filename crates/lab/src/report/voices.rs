//! `report voices`: whose voice works worse. Everybody says the same sentences about the same pictures.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use hearsight::gallery::{Pair, read_pairs, read_table};
use hearsight::search::{Difference, Direction, Ranks, paired_difference};
use serde::{Deserialize, Serialize};

use super::page::share;
use super::{Measure, command_line};
use hearsight_cli::pool::Pool;
use hearsight_cli::{Failure, files};

/// A query of so many words counts as short.
const SHORT: usize = 3;

/// Recall by voice: the same sentences by many voices.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with pairs.tsv, voices.tsv and contrasts.tsv (training/make_voices.py makes it).
    #[arg(long, default_value = "data/voices")]
    voices: PathBuf,
    #[command(flatten)]
    measured: Measure,
}

/// A way of speaking, as voices.tsv describes it.
#[derive(Serialize, Deserialize)]
struct Voice {
    voice: String,
    what: String,
    /// Whether it was heard in training: yes or no.
    training: String,
    /// The voice that it is compared with.
    reference: String,
}

/// Some voices against others, as contrasts.tsv names them.
#[derive(Serialize, Deserialize)]
struct Contrast {
    name: String,
    /// Voices, with spaces between them.
    voices: String,
    /// The voices that they are compared with.
    than: String,
}

/// What was measured of one voice, speech to picture.
#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    voice: Voice,
    clips: usize,
    all: Direction,
    /// Queries of up to [`SHORT`] words, and the longer ones.
    short: Direction,
    long: Direction,
    /// To the reference, paired by sentence.
    r1_difference: Difference,
    r10_difference: Difference,
    /// Of R@10 alone for the short queries and for the long ones.
    short_difference: Difference,
    long_difference: Difference,
}

#[derive(Serialize)]
struct Compared {
    #[serde(flatten)]
    contrast: Contrast,
    r1_difference: Difference,
    r10_difference: Difference,
}

#[derive(Serialize)]
struct Report {
    command: String,
    /// Pictures in the pool.
    pictures: usize,
    /// Pictures that are asked for.
    asked: usize,
    rows: Vec<Row>,
    contrasts: Vec<Compared>,
}

/// Ranks of one voice's queries.
struct Heard {
    all: Ranks,
    short: Ranks,
    long: Ranks,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let table = |name: &str| files::read(&arguments.voices.join(name));
    let pairs = read_pairs(&table("pairs.tsv")?, None)?;
    let voices: Vec<Voice> = read_table(&table("voices.tsv")?)?;
    let contrasts: Vec<Contrast> = read_table(&table("contrasts.tsv")?)?;
    let pool =
        Pool::embed(&arguments.measured.model, &arguments.voices, &pairs, Some(&arguments.measured.gallery))?;
    let mut heard = BTreeMap::new();
    for Voice { voice, .. } in &voices {
        let own = || pairs.iter().filter(move |pair| pair.voice == *voice);
        let short = |pair: &&Pair| pair.text.split_whitespace().count() <= SHORT;
        let ranks = Heard {
            all: pool.ranks(own())?,
            short: pool.ranks(own().filter(short))?,
            long: pool.ranks(own().filter(|pair| !short(pair)))?,
        };
        heard.insert(voice.clone(), ranks);
    }
    let asked: std::collections::BTreeSet<&str> = pairs.iter().map(|pair| pair.image.as_str()).collect();
    let report = Report {
        command: command_line(),
        pictures: pool.pictures().ids().len(),
        asked: asked.len(),
        rows: voices.into_iter().map(|voice| row(voice, &heard)).collect::<Result<_, _>>()?,
        contrasts: contrasts.into_iter().map(|one| compare(one, &heard)).collect::<Result<_, _>>()?,
    };
    let page = arguments.measured.write("voices", &report, &markdown(&report))?;
    println!("written to {}", page.display());
    Ok(())
}

fn of<'a>(heard: &'a BTreeMap<String, Heard>, voice: &str) -> Result<&'a Heard, Failure> {
    heard.get(voice).ok_or_else(|| format!("{voice} is not in voices.tsv. Make the tables again.").into())
}

fn row(voice: Voice, heard: &BTreeMap<String, Heard>) -> Result<Row, Failure> {
    let (own, reference) = (of(heard, &voice.voice)?, of(heard, &voice.reference)?);
    let difference = |part: fn(&Heard) -> &Ranks, k| {
        paired_difference(&[&part(own).audio_to_image], &[&part(reference).audio_to_image], k)
    };
    Ok(Row {
        clips: own.all.clips,
        all: own.all.figures().audio_to_image,
        short: own.short.figures().audio_to_image,
        long: own.long.figures().audio_to_image,
        r1_difference: difference(|heard| &heard.all, 1),
        r10_difference: difference(|heard| &heard.all, 10),
        short_difference: difference(|heard| &heard.short, 10),
        long_difference: difference(|heard| &heard.long, 10),
        voice,
    })
}

fn compare(contrast: Contrast, heard: &BTreeMap<String, Heard>) -> Result<Compared, Failure> {
    let ranks = |names: &str| -> Result<Vec<&[(usize, usize)]>, Failure> {
        names.split_whitespace().map(|name| Ok(of(heard, name)?.all.audio_to_image.as_slice())).collect()
    };
    let (voices, than) = (ranks(&contrast.voices)?, ranks(&contrast.than)?);
    Ok(Compared {
        r1_difference: paired_difference(&voices, &than, 1),
        r10_difference: paired_difference(&voices, &than, 10),
        contrast,
    })
}

/// A difference with its sign; bold where its interval leaves zero out.
fn signed(Difference { mean, interval: [low, high] }: Difference) -> String {
    let text = format!("{:+.1} [{:+.1}, {:+.1}]", 100.0 * mean, 100.0 * low, 100.0 * high);
    if low > 0.0 || high < 0.0 { format!("**{text}**") } else { text }
}

fn markdown(report: &Report) -> String {
    let clips = report.rows.first().map_or(0, |row| row.clips);
    let mut text = format!(
        "# Whose voice works worse\n\nMade by `{}`; [voices.json](voices.json) has every figure. Everybody says the same {clips} \
         sentences about {} pictures (`training/make_voices.py`: the gallery's dev captions, a long one and a short query for every \
         third picture; no wording of them was in training), and each is searched among the {} pictures of the index that ships. \
         Speech to picture, in %, with 95 % bootstrap intervals over pictures in brackets; ties count against us. Differences are \
         paired by sentence; they are bold where the interval leaves zero out. There are {} of them at R@10: by chance alone about one in twenty \
         would be bold. Nothing was trained or tuned by this.\n",
        report.command,
        report.asked,
        report.pictures,
        report.rows.iter().filter(|row| row.voice.voice != row.voice.reference).count()
            + report.contrasts.len(),
    );
    let is_base = |row: &Row| !row.voice.voice.contains(['@', '+']);
    part(&mut text, "Voices", report.rows.iter().filter(|row| is_base(row)));
    part(&mut text, "The same voice, changed", report.rows.iter().filter(|row| !is_base(row)));
    text.push_str("\n## Several voices together\n\nThe mean of some voices above the mean of others.\n\n| | voices | than | R@1 | R@10 |\n|---|---|---|---|---|\n");
    for Compared { contrast, r1_difference, r10_difference } in &report.contrasts {
        let cells = [
            &contrast.name,
            &contrast.voices,
            &contrast.than,
            &signed(*r1_difference),
            &signed(*r10_difference),
        ];
        // Writing to a string cannot fail.
        let _ =
            writeln!(text, "| {} | {} | {} | {} | {} |", cells[0], cells[1], cells[2], cells[3], cells[4]);
    }
    text.push_str(LIMITS);
    text
}

/// What these figures cannot say.
const LIMITS: &str = "
## What this does not say

- Every voice here is synthetic. No child, no old person, no real accent, no second-language speaker, no stammer, no other speech
  impairment and no voice after an illness was measured. A warped voice has the height of another speaker's and keeps the first one's habits.
- A formant voice's accent is a set of rules for vowels. It tells little about people who speak so.
- Recordings of people exist here for single words only: [quality.md](quality.md), *words* and *stamps*.
- The noise, the babble, the room and the telephone are computed. A class is messier.
";

fn part<'a>(text: &mut String, title: &str, rows: impl Iterator<Item = &'a Row>) {
    let _ = write!(
        text,
        "\n## {title}\n\n| voice | what | in training | R@1 | R@10 | R@10, up to {SHORT} words | R@10, longer | compared with | R@1 | R@10 |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let Voice { voice, what, training, reference } = &row.voice;
        let differences = if voice == reference {
            ["itself".to_owned(), String::new(), String::new()]
        } else {
            [reference.clone(), signed(row.r1_difference), signed(row.r10_difference)]
        };
        let _ = writeln!(
            text,
            "| {voice} | {what} | {training} | {} | {} | {} | {} | {} |",
            share(row.all.r1, row.all.r1_interval),
            share(row.all.r10, row.all.r10_interval),
            share(row.short.r10, row.short.r10_interval),
            share(row.long.r10, row.long.r10_interval),
            differences.join(" | "),
        );
    }
}
