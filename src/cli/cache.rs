//! Features that are computed once and kept in files named by what was encoded.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use hearsight::engine::picture_tensor;
use hearsight::learn::FeatureStore;
use hearsight::network::{EfficientNetLite0, FEATURES, SIDE, Weights};
use hearsight::picture::Pixels;
use sha2::{Digest, Sha256};

use super::work::in_parallel;
use super::{Failure, files};

/// Names what was encoded together.
pub fn fingerprint<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let hash = Sha256::digest(names.collect::<Vec<_>>().join("\n"));
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The picture network's features, `FEATURES` numbers a picture.
pub fn encode_pictures(
    folder: &Path,
    names: &[&str],
    backbone: &Weights,
    cache: &Path,
) -> Result<Vec<f32>, Failure> {
    let device = Device::flex();
    let path = cache.join(format!("pictures-{}", fingerprint(names.iter().copied())));
    if !path.exists() {
        let network = EfficientNetLite0::load(backbone, "", &device)?;
        let mut store = FeatureStore::new(FEATURES);
        let features = in_parallel("encoding pictures", names, |name| {
            let pixels = Pixels::decode(&files::read(&folder.join(name))?, SIDE)?;
            let features = network.forward(picture_tensor(&pixels, &device)).into_data().try_to_vec::<f32>();
            Ok(features.map_err(|error| format!("{name}: {error:?}"))?)
        })?;
        features.iter().for_each(|row| store.push(row));
        files::write(&path, &store.to_bytes())?;
    }
    let store = read_shards(FEATURES, &[path])?;
    let rows: Vec<usize> = (0..store.len()).collect();
    Ok(store.batch(&rows, &device).0.into_data().try_to_vec::<f32>().map_err(|e| format!("{e:?}"))?)
}

/// The clips of all these files in one store.
pub fn read_shards(width: usize, paths: &[PathBuf]) -> Result<FeatureStore, Failure> {
    let mut store = FeatureStore::new(width);
    for path in paths {
        if !store.extend_from_bytes(&files::read(path)?) {
            return Err(format!("{} is cut off. Delete it and start again.", path.display()).into());
        }
    }
    Ok(store)
}
