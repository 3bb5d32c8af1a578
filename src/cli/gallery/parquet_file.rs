//! A part of a large collection as Parquet: what a search engine takes in.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeListArray, Float32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use hearsight::gallery::Picture;
use hearsight::network::{DIMENSIONS, SIDE};
use hearsight::picture::Pixels;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::shard::Shard;
use crate::cli::work::in_parallel;
use crate::cli::{Failure, files};

/// Pictures that are embedded before they are written, so that memory does not grow with the collection.
const BATCH: usize = 1024;

/// Embeds a shard of pictures and writes `id`, `path` and `embedding` (384 f32, of length one). The file appears when it is
/// whole; pictures that cannot be read are named and left out.
pub fn write(
    pictures: &[(Picture, PathBuf)],
    shard: Shard,
    model: &Path,
    out: &Path,
) -> Result<usize, Failure> {
    let network = files::picture(model)?;
    let own: Vec<&(Picture, PathBuf)> = pictures.iter().skip(shard.number).step_by(shard.of).collect();
    let unfinished = files::scratch(out).map_err(|error| format!("{}: {error}", out.display()))?;
    let schema = Arc::new(schema());
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(unfinished.as_file(), Arc::clone(&schema), Some(properties))?;
    let mut written = 0;
    for part in own.chunks(BATCH) {
        let embedded = in_parallel("pictures", part, |(picture, path)| {
            let embed = || -> Result<Vec<f32>, Failure> {
                Ok(pollster::block_on(network.embed(&Pixels::decode(&files::read(path)?, SIDE)?))?)
            };
            match embed() {
                Ok(vector) => Ok(Some((picture.id.as_str(), path.to_string_lossy(), vector))),
                Err(error) => {
                    eprintln!("left out: {}: {error}", path.display());
                    Ok(None)
                }
            }
        })?;
        let embedded: Vec<_> = embedded.into_iter().flatten().collect();
        let ids = StringArray::from_iter_values(embedded.iter().map(|(id, _, _)| id));
        let paths = StringArray::from_iter_values(embedded.iter().map(|(_, path, _)| path));
        let values =
            Float32Array::from_iter_values(embedded.iter().flat_map(|(_, _, vector)| vector.iter().copied()));
        let vectors = FixedSizeListArray::try_new(item(), DIMENSIONS as i32, Arc::new(values), None)?;
        let columns: [ArrayRef; 3] = [Arc::new(ids), Arc::new(paths), Arc::new(vectors)];
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), columns.into())?)?;
        written += embedded.len();
    }
    writer.close()?;
    unfinished.persist(out).map_err(|error| format!("{}: {}", out.display(), error.error))?;
    Ok(written)
}

fn schema() -> Schema {
    let vector = DataType::FixedSizeList(item(), DIMENSIONS as i32);
    Schema::new(
        [("id", DataType::Utf8), ("path", DataType::Utf8), ("embedding", vector)]
            .map(|(name, kind)| Field::new(name, kind, false))
            .to_vec(),
    )
}

fn item() -> Arc<Field> {
    Arc::new(Field::new("item", DataType::Float32, false))
}
