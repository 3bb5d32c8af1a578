//! `collection`: a part of a large collection as Parquet, which a search engine takes in.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeListArray, Float32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use hearsight::gallery::Picture;
use hearsight::network::{DIMENSIONS, SIDE};
use hearsight::picture::Pixels;
use hearsight_cli::gallery::folder;
use hearsight_cli::work::in_parallel;
use hearsight_cli::{Failure, files};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::shard::Shard;

/// Pictures that are embedded before they are written, so that memory does not grow with the collection.
const BATCH: usize = 1024;

/// Embed a part of a large collection for a search engine (docs/collections.md).
#[derive(clap::Args)]
pub struct Arguments {
    /// Any folder with pictures, also in folders below it.
    #[arg(long)]
    from: PathBuf,
    /// Folder of the model.
    #[arg(long, default_value = files::MODEL)]
    model: PathBuf,
    /// Embed only this part of the pictures, I/N with I from 0 to N - 1.
    #[arg(long, default_value = "0/1")]
    shard: Shard,
    /// The Parquet file to write.
    #[arg(long)]
    out: PathBuf,
    /// Replace a file that is there already.
    #[arg(long)]
    force: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let pictures = folder::pictures(&arguments.from, &arguments.out)?;
    files::may_write(&arguments.out, arguments.force)?;
    let written = write(&pictures, arguments.shard, &arguments.model, &arguments.out)?;
    println!("{written} pictures in {}", arguments.out.display());
    Ok(())
}

/// Embeds a shard of pictures and writes `id`, `path` and `embedding` (384 f32, of length one). The file appears when it is
/// whole; pictures that cannot be read are named and left out.
fn write(pictures: &[(Picture, PathBuf)], shard: Shard, model: &Path, out: &Path) -> Result<usize, Failure> {
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
