//! `hearsight teach`: what the page does in the tab, by command line: recordings in, a `.hearsight` file out.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use burn::tensor::Device;
use hearsight::adapt::{Part, TeachRecipe, teaching_loss};
use hearsight::adapt::{Plan, REHEARSED, REMEMBERED, Recorded, Source, Wishes};
use hearsight::engine::{Exam, Score, Taught, Teaching};
use hearsight::gallery::Pair;
use hearsight::poster::Objective;
use hearsight::search::Index;

use super::pool::embed_pictures;
use super::{Failure, audio, corpus, files, named, work};

/// Teach the network recordings of pictures.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the model, or a .hearsight file to go on from.
    #[arg(long, default_value = files::MODEL)]
    model: PathBuf,
    #[command(flatten)]
    source: corpus::Source,
    #[command(flatten)]
    choices: Choices,
    /// What to call it.
    #[arg(long, default_value = "taught")]
    name: String,
    /// The file to write.
    #[arg(long)]
    out: PathBuf,
    /// Replace a file that is there already.
    #[arg(long)]
    force: bool,
}

/// How it is taught.
#[derive(clap::Args, Clone)]
pub struct Choices {
    /// Folder of the gallery whose spoken captions are rehearsed.
    #[arg(long, default_value = "www/gallery")]
    pub gallery: PathBuf,
    /// Which part learns: head, last-block or all.
    #[arg(long, value_parser = named::<Part>, default_value = "head")]
    pub part: Part,
    /// What is minimised: amm, six-terms, baseline or info-nce.
    #[arg(long, value_parser = loss, default_value = "amm")]
    pub loss: Objective,
    /// Largest learning rate.
    #[arg(long, default_value_t = TeachRecipe::default().learning_rate)]
    pub learning_rate: f64,
    /// Steps in all; without it, 200 to 500, the more the more recordings there are.
    #[arg(long)]
    pub steps: Option<usize>,
    /// Fewer steps where these minutes would not do, encoding included.
    #[arg(long)]
    pub minutes: Option<f64>,
    /// How often each recording is heard otherwise, beside as it is; without it, the more the fewer there are.
    #[arg(long)]
    pub views: Option<u64>,
    /// Spoken captions of the gallery that are rehearsed.
    #[arg(long, default_value_t = REHEARSED)]
    pub rehearse: usize,
    /// Weight of how near rehearsed captions stay to where they were.
    #[arg(long, default_value_t = TeachRecipe::default().keep)]
    pub keep: f64,
    /// Spoken captions of the gallery that what was forgotten is measured by.
    #[arg(long, default_value_t = REMEMBERED)]
    pub remember: usize,
    /// Seed of everything random.
    #[arg(long, default_value_t = TeachRecipe::default().seed)]
    pub seed: u64,
}

impl Choices {
    fn wishes(&self) -> Wishes {
        Wishes {
            views: self.views,
            steps: self.steps,
            rehearse: Some(self.rehearse),
            remember: Some(self.remember),
        }
    }

    fn recipe(&self, steps: usize) -> TeachRecipe {
        TeachRecipe {
            part: self.part,
            objective: self.loss,
            learning_rate: self.learning_rate,
            steps,
            keep: self.keep,
            seed: self.seed,
            ..TeachRecipe::default()
        }
    }
}

fn loss(name: &str) -> Result<Objective, String> {
    teaching_loss(name).ok_or_else(|| "it is one of amm, info-nce, six-terms and baseline".into())
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    files::may_write(&arguments.out, arguments.force)?;
    let (folder, pairs) = arguments.source.pairs()?;
    let recordings = recordings(&folder, &pairs);
    let index = wall(&arguments.model, &arguments.choices.gallery, &folder, &pairs)?;
    let taught = teach(&arguments.model, index, &recordings, &arguments.choices, &arguments.name)?;
    files::write(&arguments.out, &taught.write()?)?;
    let about = &taught.about;
    println!("{} pictures, {} recordings heard, {} steps", about.pictures, about.recordings, about.steps);
    for (what, exam) in [("before", &about.before), ("after", &about.after)] {
        print(what, exam);
    }
    println!("written to {}; evaluate --model opens it", arguments.out.display());
    Ok(())
}

/// A clip about a picture, by the name that the picture has in the index.
pub struct Recording {
    pub picture: String,
    pub path: PathBuf,
}

/// The recordings of pairs with a picture.
pub fn recordings(folder: &Path, pairs: &[Pair]) -> Vec<Recording> {
    let of = |pair: &Pair| Recording { picture: pair.image.clone(), path: folder.join(&pair.audio) };
    pairs.iter().filter(|pair| !pair.image.is_empty() && !pair.audio.is_empty()).map(of).collect()
}

/// The gallery's index, and the pictures of some pairs under the names that they have there.
pub fn wall(model: &Path, gallery: &Path, folder: &Path, pairs: &[Pair]) -> Result<Index, Failure> {
    let mut index = files::index(gallery)?;
    let own = embed_pictures(model, folder, pairs)?;
    for (id, vector) in own.ids().iter().zip(own.vectors()) {
        if index.vector(id).is_some() {
            return Err(format!("{id} is a picture of the gallery too. Give the file another name, such as one with an ending.").into());
        }
        index.push(id.clone(), vector);
    }
    Ok(index)
}

/// Teaches recordings of pictures of the index.
pub fn teach(
    model: &Path,
    index: Index,
    recordings: &[Recording],
    choices: &Choices,
    name: &str,
) -> Result<Taught, Failure> {
    let start = Instant::now();
    let (base, taught) = files::taught(model)?;
    let captions = files::captions(&choices.gallery)?.map_or(Vec::new(), |(list, _)| list.captions);
    let recorded = |one: &Recording| Recorded { picture: one.picture.clone(), held: false };
    let splits: Vec<&str> = captions.iter().map(|caption| caption.split.as_str()).collect();
    let plan = Plan::new(&recordings.iter().map(recorded).collect::<Vec<_>>(), &splits, choices.wishes());
    let recipe = choices.recipe(plan.steps);
    let mut teaching = Teaching::new(&base, taught.as_ref(), index, recipe, &Device::flex())?;
    let bar = work::bar(plan.hearings.len(), "listening");
    let clip_of = |source, number: usize| match source {
        Source::Recording => (recordings[number].picture.as_str(), recordings[number].path.clone()),
        Source::Caption => (captions[number].picture.as_str(), choices.gallery.join(&captions[number].file)),
    };
    // The views of a clip follow one another.
    for views in plan.hearings.chunk_by(|one, other| (one.source, one.number) == (other.source, other.number))
    {
        let (picture, path) = clip_of(views[0].source, views[0].number);
        let samples = audio::read(&path)?;
        for hearing in views {
            pollster::block_on(teaching.take(hearing.role, picture, &samples, hearing.view))
                .map_err(|error| format!("{}: {error}", path.display()))?;
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    for (one, other) in pollster::block_on(teaching.begin())? {
        eprintln!("{one} and {other} were taught the very same recording: it can only mean one of them");
    }
    let bar = work::bar(plan.steps, "teaching");
    let begun = Instant::now();
    while !teaching.finished() {
        let step = pollster::block_on(teaching.step())?.step;
        if let Some(minutes) = choices.minutes.filter(|_| step == 5) {
            let left = Duration::from_secs_f64(60.0 * minutes).saturating_sub(start.elapsed());
            let steps = left.as_secs_f64() / begun.elapsed().as_secs_f64() * 5.0;
            teaching.limit(step + steps as usize);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    // To the second, as in every file.
    let made = jiff::Timestamp::now().round(jiff::Unit::Second)?;
    Ok(pollster::block_on(teaching.taught(name, &made.to_string()))?)
}

fn print(what: &str, exam: &Exam) {
    let line = |pool: &str, score: &Option<Score>| {
        let Some(Score { pictures, clips, r1, r10, r10_interval: [low, high], .. }) = score else { return };
        let [r1, r10, low, high] = [r1, r10, low, high].map(|share| 100.0 * share);
        println!(
            "{what}: {pool}, {clips} clips of {pictures}: R@1 {r1:.1} %, R@10 {r10:.1} % [{low:.1}, {high:.1}]"
        );
    };
    line("taught pictures, heard otherwise", &exam.taught);
    line("gallery, not rehearsed", &exam.gallery);
}
