//! How often a wrong first answer looks like a sure one: for dev queries, for languages that were never heard, and for
//! sounds that are no speech.

use std::path::Path;

use hearsight::engine::trimmed;
use hearsight::gallery::read_pairs;
use hearsight::sound::SAMPLE_RATE;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use hearsight_cli::pool::Pool;
use hearsight_cli::{Failure, files};

/// Sounds of each kind that is made here.
const SOUNDS: u64 = 50;
/// Their length in seconds.
const SECONDS: usize = 3;
const SEED: u64 = 2016;

/// What was shown for one kind of sound.
#[derive(Serialize)]
pub struct Trust {
    pub name: String,
    pub clips: usize,
    /// No speech was found.
    pub refused: usize,
    pub sure: usize,
    pub sure_and_wrong: usize,
    /// Wrong first answers in all.
    pub wrong: usize,
}

impl Trust {
    fn new(name: &str) -> Self {
        Self { name: name.into(), clips: 0, refused: 0, sure: 0, sure_and_wrong: 0, wrong: 0 }
    }

    fn count(&mut self, right: bool, sure: bool) {
        self.wrong += usize::from(!right);
        self.sure += usize::from(sure);
        self.sure_and_wrong += usize::from(sure && !right);
    }
}

/// `data` has gallery/ and human/.
pub fn measure(data: &Path, model: &Path, gallery: &Path) -> Result<Vec<Trust>, Failure> {
    let mut all = Vec::new();
    let table = data.join("gallery/pairs.tsv");
    all.push(of_clips("the gallery's dev captions", &table, "en", model, gallery)?);
    let words = data.join("human/gcompris/pairs.tsv");
    for (language, name) in [("de", "German words"), ("fr", "French words"), ("es", "Spanish words")] {
        all.push(of_clips(name, &words, language, model, gallery)?);
    }
    let (speech, index) = (files::speech(model)?, files::index(gallery)?);
    for (name, make) in
        [("silence", silence as fn(&mut ChaCha8Rng) -> Vec<f32>), ("noise", noise), ("music", music)]
    {
        let mut trust = Trust::new(name);
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        for _ in 0..SOUNDS {
            trust.clips += 1;
            let sound = make(&mut rng);
            let Ok(part) = trimmed(&sound) else {
                trust.refused += 1;
                continue;
            };
            let (_, sure) = index.rank_first(&pollster::block_on(speech.embed(&part))?, 1);
            trust.count(false, sure);
        }
        all.push(trust);
    }
    Ok(all)
}

/// Clips of a dev table against the gallery; pictures that are not in it are never the answer.
fn of_clips(
    name: &str,
    table: &Path,
    language: &str,
    model: &Path,
    gallery: &Path,
) -> Result<Trust, Failure> {
    let mut pairs = read_pairs(&files::read(table)?, Some("dev"))?;
    pairs.retain(|pair| pair.language == language);
    let folder = table.parent().unwrap_or(Path::new("."));
    let pool = Pool::embed(model, folder, &pairs, Some(gallery))?;
    let mut trust = Trust::new(name);
    for pair in &pairs {
        trust.clips += 1;
        let (first, sure) = pool.pictures().rank_first(&pool.clips()[&pair.audio], 1);
        trust.count(first[0].id == pair.image_stem(), sure);
    }
    Ok(trust)
}

/// A microphone that is open in an empty room.
fn silence(rng: &mut ChaCha8Rng) -> Vec<f32> {
    (0..SECONDS * SAMPLE_RATE).map(|_| 1e-4 * rng.random_range(-1.0_f32..1.0)).collect()
}

/// Noise between white and brown that comes and goes.
fn noise(rng: &mut ChaCha8Rng) -> Vec<f32> {
    let (smooth, pulse) = (rng.random_range(0.0_f32..0.98), rng.random_range(0.5_f32..4.0));
    let mut last = 0.0;
    let mut sample = |n: usize| {
        last = smooth * last + (1.0 - smooth) * rng.random_range(-1.0_f32..1.0);
        let swell = (std::f32::consts::TAU * pulse * n as f32 / SAMPLE_RATE as f32).sin().max(0.0);
        0.5 * last * swell
    };
    (0..SECONDS * SAMPLE_RATE).map(&mut sample).collect()
}

/// A melody of plucked notes over a held one.
fn music(rng: &mut ChaCha8Rng) -> Vec<f32> {
    let beat = SAMPLE_RATE / rng.random_range(2..6);
    let notes: Vec<f32> =
        (0..SECONDS * 6).map(|_| 220.0 * 2.0_f32.powf(rng.random_range(0..20) as f32 / 12.0)).collect();
    let tone = |hz: f32, n: usize| {
        let phase = std::f32::consts::TAU * hz * n as f32 / SAMPLE_RATE as f32;
        (1..=5).map(|harmonic| (phase * harmonic as f32).sin() / harmonic as f32).sum::<f32>()
    };
    let sample = |n: usize| {
        let dying = (-6.0 * (n % beat) as f32 / SAMPLE_RATE as f32).exp();
        0.2 * dying * tone(notes[n / beat], n) + 0.05 * tone(notes[0] / 2.0, n)
    };
    (0..SECONDS * SAMPLE_RATE).map(sample).collect()
}
