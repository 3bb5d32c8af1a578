//! A corpus in vectors: its clips, and the pictures that they are searched in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hearsight::engine::{SpeechNetwork, trimmed};
use hearsight::gallery::{Names, Pair};
use hearsight::network::{DIMENSIONS, SIDE};
use hearsight::picture::Pixels;
use hearsight::search::{Index, Ranks};

use super::work::in_parallel;
use super::{Failure, audio, files};

/// Clips and pictures that are ranked for one another.
#[derive(Clone)]
pub struct Pool {
    clips: BTreeMap<String, Vec<f32>>,
    pictures: Index,
    /// How the pictures of a gallery are found; without one they are named by their paths.
    names: Option<Names>,
}

impl Pool {
    /// The clips of pairs whose paths are relative to `folder`, with their pictures or a gallery's.
    pub fn embed(
        model: &Path,
        folder: &Path,
        pairs: &[Pair],
        gallery: Option<&Path>,
    ) -> Result<Self, Failure> {
        let speech = files::speech(model)?;
        let names: BTreeSet<&str> = pairs.iter().map(|pair| pair.audio.as_str()).collect();
        let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
        let vectors = in_parallel("clips", &names, |clip| embed_clip(&speech, &folder.join(clip)))?;
        let clips = names.into_iter().map(str::to_owned).zip(vectors).collect();
        let pictures = match gallery {
            Some(gallery) => files::index(gallery)?,
            None => embed_pictures(model, folder, pairs)?,
        };
        let names = gallery.map(|gallery| files::names(gallery, pictures.ids())).transpose()?;
        Ok(Self { clips, pictures, names })
    }

    /// The same clips among more pictures: all of these.
    pub fn among(&self, pictures: &Index) -> Self {
        Self { pictures: pictures.clone(), ..self.clone() }
    }

    /// The vectors of the clips, by name.
    pub fn clips(&self) -> &BTreeMap<String, Vec<f32>> {
        &self.clips
    }

    /// The pictures.
    pub fn pictures(&self) -> &Index {
        &self.pictures
    }

    /// Ranks of the clips of these pairs among all pictures, and of their pictures among these clips.
    pub fn ranks<'a>(&self, pairs: impl Iterator<Item = &'a Pair> + Clone) -> Result<Ranks, Failure> {
        let clips: BTreeSet<&str> = pairs.clone().map(|pair| pair.audio.as_str()).collect();
        let clips: Vec<&str> = clips.into_iter().filter(|name| self.clips.contains_key(*name)).collect();
        let clip_number: BTreeMap<&str, usize> = clips.iter().copied().zip(0..).collect();
        let picture_number: BTreeMap<&str, usize> =
            self.pictures.ids().iter().map(String::as_str).zip(0..).collect();
        let pairs: Vec<&Pair> = pairs.filter(|pair| !pair.image.is_empty()).collect();
        let images = pairs.iter().map(|pair| pair.image.as_str());
        let ids = match &self.names {
            Some(names) => names.find_all(images)?,
            None => images.map(|image| (image, image)).collect(),
        };
        let mut numbers = BTreeSet::new();
        for pair in pairs {
            let name = ids[pair.image.as_str()];
            let picture = picture_number.get(name);
            let picture = picture.ok_or_else(|| format!("{name} is not in the gallery's index."))?;
            if let Some(clip) = clip_number.get(pair.audio.as_str()) {
                numbers.insert((*picture, *clip));
            }
        }
        let scores: Vec<Vec<f32>> =
            clips.iter().map(|name| self.pictures.scores(&self.clips[*name])).collect();
        Ok(Ranks::of(picture_number.len(), clips.len(), &numbers, |clip, picture| scores[clip][picture]))
    }
}

/// The pictures of pairs, by their paths.
pub fn embed_pictures(model: &Path, folder: &Path, pairs: &[Pair]) -> Result<Index, Failure> {
    let network = files::picture(model)?;
    let names: BTreeSet<&str> = pairs.iter().map(|pair| pair.image.as_str()).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    let vectors = in_parallel("pictures", &names, |name| {
        let path = folder.join(name);
        let pixels = files::decoded(&path, |bytes| Pixels::decode(bytes, SIDE))?;
        Ok(pollster::block_on(network.embed(&pixels))?)
    })?;
    Ok(Index::of(DIMENSIONS, names.into_iter().map(str::to_owned).zip(vectors)))
}

/// The vector of a clip; one in which no speech is found counts whole, so that it is measured and not left out.
pub fn embed_clip(speech: &SpeechNetwork, path: &Path) -> Result<Vec<f32>, Failure> {
    let samples = audio::read(path)?;
    let part = trimmed(&samples).unwrap_or(samples);
    let vector = pollster::block_on(speech.embed(&part));
    vector.map_err(|error| format!("{}: {error}", path.display()).into())
}
