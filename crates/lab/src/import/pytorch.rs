//! Files of `torch.save`: a state dict, in any of the containers that PyTorch has used.

use std::path::Path;

use hearsight::poster::{Number, Stored, Vgg16Error, Vgg16Loader};
use pytorch_reader::{DType, PytorchReader, Tensor};

use super::{Failure, unreadable};

/// All tensors of a file, one after the other: only the pickle with their names and shapes is read as a whole.
pub fn gather(file: &Path) -> Result<Vgg16Loader, Failure> {
    let reader = PytorchReader::new(file).map_err(unreadable)?;
    let mut tensors: Vec<&Tensor> = reader.tensors().values().collect();
    tensors.retain(|tensor| Vgg16Loader::takes(&tensor.name));
    // The reader's order changes from run to run, and with it the sentence about a wrong file.
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    let stored = tensors.iter().map(|tensor| stored(tensor)).collect::<Result<Vec<_>, _>>()?;
    let mut loader = Vgg16Loader::new(stored)?;
    for tensor in tensors {
        // The reader hands out the machine's own byte order, and hearsight is built for no other than this one.
        const { assert!(cfg!(target_endian = "little")) };
        loader.push(&tensor.name, &tensor.read()?)?;
    }
    Ok(loader)
}

fn stored(tensor: &Tensor) -> Result<Stored, Vgg16Error> {
    let number = match tensor.dtype() {
        DType::F32 => Number::F32,
        DType::F16 => Number::F16,
        other => return Err(Vgg16Error::Number { name: tensor.name.clone(), found: format!("{other:?}") }),
    };
    Ok(Stored { name: tensor.name.clone(), shape: tensor.shape().to_vec(), number })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/");

    #[test]
    fn names_shapes_and_values_are_read_from_both_containers() {
        for file in ["vgg16_alexnet.pth", "vgg16_alexnet_legacy.pth"] {
            let reader = PytorchReader::new(format!("{FIXTURES}{file}")).unwrap();
            let tensor = reader.get("features.0.bias").unwrap();
            let stored = stored(tensor).unwrap();
            assert_eq!((stored.shape, stored.number), (vec![4], Number::F32));
            let values: Vec<u8> = [0.5_f32, -1.0, 2.0, 0.25].iter().flat_map(|v| v.to_le_bytes()).collect();
            assert_eq!(tensor.read().unwrap(), values);
            let sentence = gather(Path::new(&format!("{FIXTURES}{file}"))).unwrap_err().to_string();
            assert!(sentence.contains("features.0.bias has the shape [4] instead of [64]"), "{sentence}");
        }
    }
}
