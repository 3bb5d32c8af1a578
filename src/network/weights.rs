//! Reading and writing weight files: safetensors with f32, f16, int8 or int4 tensors.
//!
//! An int8 tensor `NAME` comes with `NAME_scale`, one f32 for each row (its first axis): `w = q * scale[row]`. An int4
//! matrix is a tensor of bytes with half as many columns, two numbers each (the first in the low half, 8 added), and
//! `NAME_scale` holds one f16 for each 32 columns of a row.
//! A file may be packed as a whole with gzip. Everything is widened to f32, so no device needs shader-f16; tensor by tensor while
//! a network is made of them, so that a browser's tab, whose program gives no memory back, never holds a file in f32 beside its
//! network. Names and layouts in files are PyTorch's (linear weights `[out, in]`), so that others can read them.

mod layout;
mod rounding;
mod values;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Read, Write};

use burn::module::{Module, ModuleVisitor, Param};
use burn::store::{ModuleSnapshot, bridge};
use burn::tensor::{DType, Tensor, TensorData};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use half::f16;
use hearsight_kernels::GROUP;
use layout::{FROM_PYTORCH, TO_PYTORCH};
use rounding::{narrow_int4, narrow_int8};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use values::Values;

/// What a packed file begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Bytes that a packed file has unpacked, at most.
const MOST: u64 = 256 << 20;

/// What can be wrong with a weight file.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// Not a safetensors file, or cut off.
    #[error("The weight file cannot be read ({0}). Download it again.")]
    Unreadable(String),
    /// The file is of another version or kind.
    #[error(
        "The weight file is of another version ({found} instead of {expected}). Reload the page or update hearsight."
    )]
    Version { found: String, expected: String },
    /// Names or shapes do not fit the network.
    #[error("The weight file does not fit the network ({0}). Use the file that came with this version.")]
    Mismatch(String),
}

/// How tensors are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Single precision, all tensors: checkpoints.
    F32,
    /// Half precision, all tensors.
    F16,
    /// Matrices and filters as int8 with a scale for each row, vectors as f16.
    Int8,
    /// Matrices as int4 with a scale for each 32 columns, where they have a multiple of 32; the rest as [`Int8`](Self::Int8).
    Int4,
}

/// Tensors by name with their shapes, and the file's metadata.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    tensors: BTreeMap<String, (Vec<usize>, Values)>,
    /// Free text about the file: format, version, what it was trained on.
    pub metadata: BTreeMap<String, String>,
}

impl Weights {
    /// Reads a whole file, packed or not.
    ///
    /// # Errors
    /// [`WeightsError::Unreadable`] when it is not safetensors, or holds an unknown number format or an infinity.
    pub fn read(bytes: &[u8]) -> Result<Self, WeightsError> {
        let unreadable = |error: &dyn std::fmt::Display| WeightsError::Unreadable(error.to_string());
        let bytes = &*unpacked(bytes).map_err(|e| unreadable(&e))?;
        let file = SafeTensors::deserialize(bytes).map_err(|e| unreadable(&e))?;
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| unreadable(&e))?;
        let metadata = header.metadata().clone().unwrap_or_default().into_iter().collect();
        let mut tensors = BTreeMap::new();
        for (name, view) in file.iter() {
            let mut shape = view.shape().to_vec();
            let values = match view.dtype() {
                Dtype::I8 => {
                    let rows = shape.first().copied().unwrap_or(0);
                    Values::int8(rows, view.data(), scales(&file, name)?).ok_or_else(|| no_scales(name))?
                }
                Dtype::U8 => {
                    if let Some(columns) = shape.last_mut() {
                        *columns = columns.checked_mul(2).ok_or_else(|| no_scales(name))?;
                    }
                    Values::int4(view.data(), scales(&file, name)?).ok_or_else(|| no_scales(name))?
                }
                other => {
                    widen(&view).ok_or_else(|| unreadable(&format!("tensor {name} is {other:?}")))?.into()
                }
            };
            // Nothing sensible can be computed with one, and the device would be blamed for it.
            if !values.are_finite() {
                return Err(unreadable(&format!("tensor {name} holds what is no number")));
            }
            tensors.insert(name.to_owned(), (shape, values));
        }
        tensors.retain(|name, _| name.strip_suffix("_scale").is_none_or(|n| file.tensor(n).is_err()));
        Ok(Self { tensors, metadata })
    }

    /// Adds or replaces one tensor.
    pub fn insert(&mut self, name: &str, shape: &[usize], values: Vec<f32>) {
        debug_assert_eq!(shape.iter().product::<usize>(), values.len());
        self.tensors.insert(name.to_owned(), (shape.to_vec(), values.into()));
    }

    /// Shape of one tensor.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] when it is not there.
    pub fn shape(&self, name: &str) -> Result<&[usize], WeightsError> {
        self.tensor(name).map(|(shape, _)| shape.as_slice())
    }

    /// Shape and values of one tensor, in f32.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] when it is not there.
    pub fn get(&self, name: &str) -> Result<(&[usize], Cow<'_, [f32]>), WeightsError> {
        self.tensor(name).map(|(shape, values)| (shape.as_slice(), values.wide()))
    }

    fn tensor(&self, name: &str) -> Result<&(Vec<usize>, Values), WeightsError> {
        self.tensors.get(name).ok_or_else(|| WeightsError::Mismatch(format!("{name} is missing")))
    }

    /// Names and shapes of all tensors, in the order of the names.
    pub fn shapes(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.tensors.iter().map(|(name, (shape, _))| (name.as_str(), shape.as_slice()))
    }

    /// Renames every tensor; those for which `name` gives nothing are dropped.
    pub fn rename(self, name: impl Fn(&str) -> Option<String>) -> Self {
        let tensors = self.tensors.into_iter().filter_map(|(old, tensor)| Some((name(&old)?, tensor)));
        Self { tensors: tensors.collect(), metadata: self.metadata }
    }

    /// Whether every tensor of `other` is here, in the same shape.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] names the first that is not.
    pub fn expect_shapes(&self, other: &Self) -> Result<(), WeightsError> {
        for (name, theirs) in other.shapes() {
            let ours = self.shape(name)?;
            if ours != theirs {
                return Err(WeightsError::Mismatch(format!("{name} is {theirs:?}, not {ours:?}")));
            }
        }
        Ok(())
    }

    /// Moves every tensor towards that of the same name in `other`: 0 stays, 1 arrives.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] when `other` lacks one or has it in another shape.
    pub fn approach(&mut self, other: &Self, share: f32) -> Result<(), WeightsError> {
        other.expect_shapes(self)?;
        for (name, (_, values)) in &mut self.tensors {
            let (_, target) = other.get(name)?;
            values
                .wide_mut()
                .iter_mut()
                .zip(&*target)
                .for_each(|(value, target)| *value += share * (target - *value));
        }
        Ok(())
    }

    /// Takes over all tensors and metadata of `other`.
    pub fn merge(&mut self, other: Self) {
        self.tensors.extend(other.tensors);
        self.metadata.extend(other.metadata);
    }

    /// Checks the entry `format` of the metadata.
    ///
    /// # Errors
    /// [`WeightsError::Version`] when it is another one.
    pub fn expect_format(&self, expected: &str) -> Result<(), WeightsError> {
        let found = self.metadata.get("format").map_or("none", String::as_str);
        if found == expected {
            return Ok(());
        }
        Err(WeightsError::Version { found: found.to_owned(), expected: expected.to_owned() })
    }

    /// Puts the tensors below `prefix` into a module; each parameter must be there with its shape.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] names the first tensor that is missing, left over or of another shape.
    pub fn load<M: Module>(&self, mut module: M, prefix: &str) -> Result<M, WeightsError> {
        let tensors = self.tensors.iter().filter_map(|(name, (shape, values))| {
            let name = name.strip_prefix(prefix)?.to_owned();
            let (size, shape, values) = (shape.clone().into(), shape.clone(), values.clone());
            let widened = move || Ok(TensorData::new(values.wide().into_owned(), shape.clone()));
            Some(bridge::deferred(name, DType::F32, size, None, widened))
        });
        let result = module.apply(tensors.collect(), None, Some(Box::new(FROM_PYTORCH)), false);
        let problem = (result.errors.first().map(|e| e.to_string()))
            .or_else(|| result.missing.first().map(|(name, _)| format!("{prefix}{name} is missing")))
            .or_else(|| result.unused.first().map(|name| format!("{prefix}{name} is unknown")));
        problem.map_or(Ok(module), |problem| Err(WeightsError::Mismatch(problem)))
    }

    /// Reads a module's parameters back, under `prefix`. CPU modules only: reading is synchronous.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] when a parameter cannot be read as f32.
    #[allow(clippy::disallowed_methods)]
    pub fn collect<M: Module>(module: &M, prefix: &str) -> Result<Self, WeightsError> {
        let mut weights = Self::default();
        for tensor in module.collect(None, Some(Box::new(TO_PYTORCH)), false) {
            let (name, shape) = (format!("{prefix}{}", tensor.name), tensor.shape.to_vec());
            let data = bridge::into_data(tensor).map_err(|e| WeightsError::Mismatch(e.to_string()))?;
            let values = data.try_to_vec::<f32>().map_err(|e| WeightsError::Mismatch(format!("{e:?}")))?;
            weights.tensors.insert(name, (shape, values.into()));
        }
        Ok(weights)
    }

    /// Reads the parameters of a module back, wherever it is. `copy` is one like it on the CPU.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] when a parameter cannot be read: the device is lost.
    pub async fn collect_async<M: Module>(module: &M, mut copy: M) -> Result<Self, WeightsError> {
        let mut parameters = Parameters::default();
        module.visit(&mut parameters);
        let mut tensors = Vec::new();
        for (name, shape, values) in parameters.found {
            let lost = |error: &dyn std::fmt::Debug| WeightsError::Mismatch(format!("{name}: {error:?}"));
            let values = values.into_data_async().await.map_err(|e| lost(&e))?;
            let values = values.try_to_vec::<f32>().map_err(|e| lost(&e))?;
            tensors.push(bridge::from_data(TensorData::new(values, shape), name, None));
        }
        let result = copy.apply(tensors, None, None, false);
        if let Some(error) = result.errors.first() {
            return Err(WeightsError::Mismatch(error.to_string()));
        }
        Self::collect(&copy, "")
    }

    /// Writes a file.
    ///
    /// # Errors
    /// [`WeightsError::Unreadable`] when safetensors refuses (it does not for well-formed weights).
    pub fn write(&self, storage: Storage) -> Result<Vec<u8>, WeightsError> {
        self.write_each(|_| storage)
    }

    /// Writes a file whose tensors are stored each in its own way, by name.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_each(&self, storage: impl Fn(&str) -> Storage) -> Result<Vec<u8>, WeightsError> {
        let mut stored: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
        for (name, (shape, values)) in &self.tensors {
            let values = &*values.wide();
            match (storage(name), shape.as_slice()) {
                (Storage::Int4, &[rows, columns]) if columns % GROUP == 0 => {
                    let (quantised, scales) = narrow_int4(values);
                    stored.push((name.clone(), Dtype::U8, vec![rows, columns / 2], quantised));
                    let scales = scales.iter().flat_map(|s| s.to_le_bytes()).collect();
                    stored.push((format!("{name}_scale"), Dtype::F16, vec![rows, columns / GROUP], scales));
                }
                (Storage::Int8 | Storage::Int4, &[rows, _, ..]) => {
                    let (quantised, scales) = narrow_int8(rows, values);
                    stored.push((name.clone(), Dtype::I8, shape.clone(), quantised));
                    let scales = scales.iter().flat_map(|s| s.to_le_bytes()).collect();
                    stored.push((format!("{name}_scale"), Dtype::F32, vec![rows], scales));
                }
                (Storage::F32, _) => {
                    let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
                    stored.push((name.clone(), Dtype::F32, shape.clone(), bytes));
                }
                _ => {
                    let bytes = values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()).collect();
                    stored.push((name.clone(), Dtype::F16, shape.clone(), bytes));
                }
            }
        }
        let unreadable = |error: safetensors::SafeTensorError| WeightsError::Unreadable(error.to_string());
        let views = stored
            .iter()
            .map(|(name, dtype, shape, bytes)| Ok((name, TensorView::new(*dtype, shape.clone(), bytes)?)))
            .collect::<Result<Vec<_>, _>>()
            .map_err(unreadable)?;
        safetensors::serialize(views, Some(self.metadata.clone().into_iter().collect())).map_err(unreadable)
    }
}

/// A file packed with gzip.
///
/// # Errors
/// [`WeightsError::Unreadable`] when there is no memory for it.
pub fn packed(file: &[u8]) -> Result<Vec<u8>, WeightsError> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    let packed = packer.write_all(file).and_then(|()| packer.finish());
    packed.map_err(|error| WeightsError::Unreadable(error.to_string()))
}

fn unpacked(file: &[u8]) -> std::io::Result<Cow<'_, [u8]>> {
    if !file.starts_with(&GZIP) {
        return Ok(Cow::Borrowed(file));
    }
    let mut unpacked = Vec::new();
    GzDecoder::new(file).take(MOST).read_to_end(&mut unpacked)?;
    Ok(Cow::Owned(unpacked))
}

/// The parameters of a module by their paths, with their shapes, in one dimension each.
#[derive(Default)]
struct Parameters {
    path: Vec<String>,
    found: Vec<(String, Vec<usize>, Tensor<1>)>,
}

impl ModuleVisitor for Parameters {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let values = param.val().detach();
        self.found.push((
            self.path.join("."),
            values.dims().to_vec(),
            values.flatten(0, D.saturating_sub(1)),
        ));
    }
}

/// The scales that come with a tensor, or the error that says they are not there.
fn scales(file: &SafeTensors, name: &str) -> Result<Vec<f32>, WeightsError> {
    let view = file.tensor(&format!("{name}_scale")).map_err(|_| no_scales(name))?;
    widen(&view).ok_or_else(|| no_scales(name))
}

fn no_scales(name: &str) -> WeightsError {
    WeightsError::Mismatch(format!("{name}_scale is missing or does not fit"))
}

/// The numbers of a tensor that is not quantised.
fn widen(view: &TensorView) -> Option<Vec<f32>> {
    match view.dtype() {
        Dtype::F32 => Some(view.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()),
        Dtype::F16 => {
            Some(view.data().as_chunks::<2>().0.iter().map(|b| f16::from_le_bytes(*b).to_f32()).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Weights {
        let mut weights = Weights::default();
        weights.metadata.insert("format".into(), "test-1".into());
        weights.insert("a.weight", &[2, 3], vec![0.5, -1.0, 0.25, 100.0, 3.0, -50.0]);
        weights.insert("a.bias", &[2], vec![0.125, -2.0]);
        weights
    }

    #[test]
    fn f16_keeps_exact_halves_and_the_metadata() {
        let read = Weights::read(&sample().write(Storage::F16).unwrap()).unwrap();
        assert_eq!(read.tensors, sample().tensors);
        read.expect_format("test-1").unwrap();
        assert!(matches!(read.expect_format("test-2"), Err(WeightsError::Version { .. })));
    }

    #[test]
    fn what_is_no_number_is_refused_and_rows_of_nothing_are_not() {
        let mut weights = sample();
        weights.insert("a.bias", &[2], vec![0.5, f32::INFINITY]);
        let error = Weights::read(&weights.write(Storage::F32).unwrap()).unwrap_err().to_string();
        assert!(error.contains("tensor a.bias holds what is no number"), "{error}");
        weights.insert("a.bias", &[2, 0], vec![]);
        for storage in [Storage::F32, Storage::F16, Storage::Int8, Storage::Int4] {
            let read = Weights::read(&weights.write(storage).unwrap()).unwrap();
            assert_eq!(read.get("a.bias").unwrap().0, [2, 0], "{storage:?}");
        }
    }

    #[test]
    fn int8_is_within_half_a_step_of_its_row() {
        let read = Weights::read(&sample().write(Storage::Int8).unwrap()).unwrap();
        assert_eq!(read.tensors.len(), 2);
        let (_, values) = read.get("a.weight").unwrap();
        for (index, (got, want)) in values.iter().zip(&*sample().get("a.weight").unwrap().1).enumerate() {
            let step = [1.0, 100.0][index / 3] / 127.0;
            assert!((got - want).abs() <= step / 2.0 + 1e-6, "{got} {want}");
        }
    }

    #[test]
    fn int4_is_within_half_a_step_of_its_group_and_stays_when_written_again() {
        let mut weights = sample();
        let wave: Vec<f32> =
            (0..192).map(|i| (i as f32 * 0.7).sin() * if i < 96 { 1.0 } else { 9.0 }).collect();
        weights.insert("b.weight", &[2, 96], wave.clone());
        let bytes = weights.write(Storage::Int4).unwrap();
        let read = Weights::read(&bytes).unwrap();
        let (shape, values) = read.get("b.weight").unwrap();
        assert_eq!(shape, [2, 96]);
        for (group, want) in values.chunks(GROUP).zip(wave.chunks(GROUP)) {
            let step = want.iter().fold(0.0_f32, |a, v| a.max(v.abs())) / 7.0;
            assert!(
                group.iter().zip(want).all(|(got, want)| (got - want).abs() <= step * 0.501),
                "{group:?}"
            );
        }
        assert_eq!(read.get("a.weight").unwrap().0, [2, 3], "too narrow for int4");
        assert_eq!(read.write(Storage::Int4).unwrap(), bytes);
    }

    #[test]
    fn weights_approach_each_other_by_name() {
        let (mut one, mut other) = (Weights::default(), Weights::default());
        one.insert("a", &[2], vec![1.0, 2.0]);
        other.insert("a", &[2], vec![3.0, -2.0]);
        one.approach(&other, 0.25).unwrap();
        assert_eq!(*one.get("a").unwrap().1, [1.5, 1.0]);
        other.insert("a", &[1], vec![0.0]);
        assert!(one.approach(&other, 0.5).is_err());
    }

    #[test]
    fn a_packed_file_is_the_same() {
        let plain = sample().write(Storage::Int8).unwrap();
        let read = Weights::read(&packed(&plain).unwrap()).unwrap();
        assert_eq!(read.tensors, Weights::read(&plain).unwrap().tensors);
    }

    #[test]
    fn a_cut_file_is_an_error_at_any_length() {
        let packed = |storage| packed(&sample().write(storage).unwrap()).unwrap();
        let plain = |storage| sample().write(storage).unwrap();
        for bytes in [plain(Storage::Int8), plain(Storage::Int4), packed(Storage::Int8)] {
            for length in 0..bytes.len() {
                assert!(Weights::read(&bytes[..length]).is_err());
            }
        }
    }
}
