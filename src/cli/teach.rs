//! `hearsight teach`: what the page does in the tab, by command line: recordings in, a `.hearsight` file out.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use burn::tensor::Device;
use hearsight::engine::{Exam, REHEARSED, REMEMBERED, Role, Score, Taught, Teaching, steps_of, views_of};
use hearsight::gallery::Pair;
use hearsight::learn::{Objective, Part, TeachRecipe, teaching_loss};
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
    plan: Plan,
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
pub struct Plan {
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

impl Plan {
    fn recipe(&self, recordings: usize) -> TeachRecipe {
        TeachRecipe {
            part: self.part,
            objective: self.loss,
            learning_rate: self.learning_rate,
            steps: self.steps.unwrap_or(steps_of(recordings)),
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
    let index = wall(&arguments.model, &arguments.plan.gallery, &folder, &pairs)?;
    let taught = teach(&arguments.model, index, &recordings, &arguments.plan, &arguments.name)?;
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
    plan: &Plan,
    name: &str,
) -> Result<Taught, Failure> {
    let start = Instant::now();
    let (base, taught) = files::taught(model)?;
    let recipe = plan.recipe(recordings.len());
    let steps = recipe.steps;
    let mut teaching = Teaching::new(&base, taught.as_ref(), index, recipe, &Device::flex())?;
    let views = plan.views.unwrap_or(views_of(recordings.len()));
    let bar = work::bar(recordings.len(), "listening");
    for Recording { picture, path } in recordings {
        let samples = audio::read(path)?;
        // The view that is measured by is one that is not learned from.
        let heard = (0..=views).map(|view| (Role::Learn, view)).chain([(Role::Examine, views + 1)]);
        for (role, view) in heard {
            pollster::block_on(teaching.take(role, picture, &samples, view))
                .map_err(|error| format!("{}: {error}", path.display()))?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    rehearse(&mut teaching, plan)?;
    for (one, other) in pollster::block_on(teaching.begin())? {
        eprintln!("{one} and {other} were taught the very same recording: it can only mean one of them");
    }
    let bar = work::bar(steps, "teaching");
    let begun = Instant::now();
    while !teaching.finished() {
        let step = pollster::block_on(teaching.step())?.step;
        if let Some(minutes) = plan.minutes.filter(|_| step == 5) {
            let left = Duration::from_secs_f64(60.0 * minutes).saturating_sub(start.elapsed());
            let steps = left.as_secs_f64() / begun.elapsed().as_secs_f64() * 5.0;
            teaching.limit(step + steps as usize);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let made = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    Ok(pollster::block_on(teaching.taught(name, &made.to_string()))?)
}

/// Takes spoken captions of the gallery: some to rehearse, others to measure by.
fn rehearse(teaching: &mut Teaching, plan: &Plan) -> Result<(), Failure> {
    let Some((list, _)) = files::captions(&plan.gallery)? else { return Ok(()) };
    for (role, split, count) in
        [(Role::Rehearse, "train", plan.rehearse), (Role::Remember, "dev", plan.remember)]
    {
        for caption in hearsight::gallery::spread(&list.captions, split, count) {
            let samples = audio::read(&plan.gallery.join(&caption.file))?;
            pollster::block_on(teaching.take(role, &caption.picture, &samples, 0))?;
        }
    }
    Ok(())
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
