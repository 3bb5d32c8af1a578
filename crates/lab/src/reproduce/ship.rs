//! What the page compares: the poster's systems with the gallery's pictures in their spaces, written small.

use std::collections::BTreeMap;
use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};
use hearsight::engine::{Measured, PosterSystem, SystemFacts, Trained};
use hearsight::poster::PosterLesson;
use hearsight::poster::PosterNetwork;
use hearsight::search::Index;

use super::material::{self, Splits};
use super::training::{self, Outcome};
use super::{Arguments, Run};
use hearsight_cli::{Failure, files};

/// Of the trainings, the one that ships: not the best of several.
const SEED: u64 = 1;

/// Writes the poster's systems, of those that were trained, into the folder of the page, and enters them in its
/// `model.json`.
pub fn write(
    arguments: &Arguments,
    splits: &Splits,
    www: &Path,
    runs: &[Run],
    outcomes: &[Outcome],
) -> Result<(), Failure> {
    let (model, gallery) = (www.join("models"), www.join("gallery"));
    let pictures = files::manifest(&gallery)?.pictures;
    let names: Vec<&str> = pictures.iter().map(|picture| picture.file.as_str()).collect();
    let features = material::like_train(arguments, &gallery, &names)?;
    let pool = material::test(arguments, splits)?;
    let mut shipped = 0;
    for run in runs.iter().filter(|run| run.seed == SEED && run.system.control.is_empty()) {
        let name = run.system.name();
        let mut of = outcomes.iter().filter(|outcome| outcome.trained.recipe.seed == SEED);
        let Some(outcome) = of.find(|outcome| outcome.trained.name() == name) else { continue };
        let trained = &outcome.trained;
        let folder = training::folder(arguments, splits, run)?;
        let network = training::network(&folder, trained, pool.width, &Device::flex())?;
        let rows = TensorData::new(features.clone(), [names.len(), pool.width]);
        let vectors = network.images(Tensor::from_data(rows, &Device::flex())).into_data();
        let vectors = vectors.try_to_vec::<f32>().map_err(|error| format!("{error:?}"))?;
        let space = trained.recipe.network.width;
        let rows = vectors.chunks_exact(space).map(<[f32]>::to_vec);
        let index = Index::of(space, pictures.iter().map(|picture| picture.id.clone()).zip(rows));
        let bytes = rounded(&network, &index, outcome, &pool)?;
        let file = model.join(files::system(&name.to_lowercase()));
        files::write(&file, &bytes)?;
        println!("{} bytes in {}", bytes.len(), file.display());
        shipped += 1;
    }
    if shipped == 0 {
        return Err(
            "None of the poster's own systems was trained with seed 1, so there is nothing to ship.".into()
        );
    }
    enter(&model, &gallery)
}

/// The file of a system, with what its network, as it stands in the file, finds in the pool.
fn rounded(
    network: &PosterNetwork,
    index: &Index,
    outcome: &Outcome,
    pool: &PosterLesson,
) -> Result<Vec<u8>, Failure> {
    let (small, trained) = (PosterSystem::rounded(network)?, &outcome.trained);
    let figures = training::measure(&small, pool, &Device::flex())?.figures();
    let found = &figures.audio_to_image;
    let facts = SystemFacts {
        name: trained.system.to_lowercase(),
        what: trained.what.clone(),
        parameters: trained.parameters[0],
        mega_flop: trained.mega_flop,
        picture_network: trained.picture_network.clone(),
        trained: Trained {
            clips: trained.train_clips,
            pictures: trained.train_pictures,
            recipe: trained.recipe.clone(),
        },
        measured: Measured {
            pictures: figures.images,
            clips: figures.clips,
            r1: found.r1,
            r5: found.r5,
            r10: found.r10,
            r10_interval: found.r10_interval,
            median_rank: found.median_rank,
        },
    };
    let as_trained = outcome.ranks.figures().audio_to_image;
    println!(
        "{}: R@10 {:.2} % as trained, {:.2} % rounded; cosine of a clip's two vectors at least {:.5}",
        trained.system,
        100.0 * as_trained.r10,
        100.0 * found.r10,
        least_cosine(network, &small, pool)?
    );
    Ok(PosterSystem::write(&facts, network, index)?)
}

/// The least inner product of the unit vectors that the two networks give a clip of the pool.
fn least_cosine(one: &PosterNetwork, other: &PosterNetwork, pool: &PosterLesson) -> Result<f32, Failure> {
    let embed = |network| pollster::block_on(hearsight::poster::embed(network, pool, &Device::flex()));
    let (one, other) = (embed(one)?.0, embed(other)?.0);
    let cosine = |(a, b): (&Vec<f32>, &Vec<f32>)| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    Ok(one.iter().zip(&other).map(cosine).fold(1.0, f32::min))
}

/// Tells the page: files, sizes and checksums in `model.json`, the rest of which stays.
fn enter(model: &Path, gallery: &Path) -> Result<(), Failure> {
    let path = model.join(files::RECORD);
    let mut record: serde_json::Value = serde_json::from_slice(&files::read(&path)?)
        .map_err(|error| format!("{}: {error}. Run hearsight gallery first.", path.display()))?;
    let systems: BTreeMap<String, files::FileEntry> = files::systems(model, &files::manifest(gallery)?)?;
    record["files"]["systems"] = serde_json::to_value(systems)?;
    files::write(&path, serde_json::to_string_pretty(&record)?.as_bytes())
}
