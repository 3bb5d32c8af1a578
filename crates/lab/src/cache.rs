//! Features that are computed once and kept in files named by what was encoded.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use hearsight::engine::picture_tensor;
use hearsight::learn::FeatureStore;
use hearsight::network::{EfficientNetLite0, FEATURES, SIDE, Weights};
use hearsight::picture::Pixels;
use hearsight::poster::VGG16_FEATURES;
use sha2::{Digest, Sha256};

use hearsight_cli::work::in_parallel;
use hearsight_cli::{Failure, files};

/// Names what was encoded together.
pub fn fingerprint<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let hash = Sha256::digest(names.collect::<Vec<_>>().join("\n"));
    files::hexadecimal(&hash[..8])
}

/// A frozen picture network.
pub enum PictureFeatures<'a> {
    /// The one that ships.
    EfficientNetLite0(&'a Weights),
    /// The poster's, from this checkpoint.
    Vgg16(&'a Path),
}

impl PictureFeatures<'_> {
    /// Numbers a picture.
    pub fn width(&self) -> usize {
        match self {
            Self::EfficientNetLite0(_) => FEATURES,
            Self::Vgg16(_) => VGG16_FEATURES,
        }
    }

    /// Features of some pictures of a folder, [`width`](Self::width) numbers each; from the cache where they are.
    pub fn of(&self, folder: &Path, names: &[&str], cache: &Path) -> Result<Vec<f32>, Failure> {
        let checkpoint = match self {
            Self::EfficientNetLite0(_) => None,
            Self::Vgg16(checkpoint) => Some(checkpoint.display().to_string()),
        };
        let name = fingerprint(names.iter().copied().chain(checkpoint.as_deref()));
        let path = cache.join(format!("pictures-{name}"));
        if !path.exists() {
            let mut store = FeatureStore::new(self.width());
            self.encode(folder, names)?.iter().for_each(|row| store.push(row));
            files::write(&path, &store.to_bytes())?;
        }
        let store = read_shards(self.width(), &[path])?;
        let rows: Vec<usize> = (0..store.len()).collect();
        let all = store.batch(&rows, &Device::flex()).0;
        Ok(all.into_data().try_to_vec::<f32>().map_err(|e| format!("{e:?}"))?)
    }

    fn encode(&self, folder: &Path, names: &[&str]) -> Result<Vec<Vec<f32>>, Failure> {
        let device = Device::flex();
        let read = |name: &str| files::read(&folder.join(name));
        match self {
            Self::EfficientNetLite0(weights) => {
                let network = EfficientNetLite0::load(weights, "", &device)?;
                in_parallel("encoding pictures", names, |name| {
                    let pixels = Pixels::decode(&read(name)?, SIDE)?;
                    let features = network.forward(picture_tensor(&pixels, &device)).into_data();
                    Ok(features.try_to_vec::<f32>().map_err(|error| format!("{name}: {error:?}"))?)
                })
            }
            Self::Vgg16(checkpoint) => {
                let network = files::vgg16(checkpoint)?;
                in_parallel("encoding pictures", names, |name| {
                    Ok(pollster::block_on(network.of(&Pixels::imagenet(&read(name)?)?))?)
                })
            }
        }
    }
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
