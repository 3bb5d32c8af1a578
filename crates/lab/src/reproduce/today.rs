//! The network that ships, on the clips and pictures that the poster's systems are measured on.

use hearsight::search::Ranks;
use sha2::{Digest, Sha256};

use super::Arguments;
use super::material::{Splits, one_a_picture};
use crate::cache::fingerprint;
use hearsight_cli::pool::Pool;
use hearsight_cli::{Failure, files};

/// Its ranks, one clip a picture (a network of this size takes its time over each); from the cache where they are. With
/// --trained nothing is computed.
pub fn ranks(arguments: &Arguments, splits: &Splits) -> Result<Option<Ranks>, Failure> {
    let (folder, pairs) = splits.test();
    let pairs = one_a_picture(pairs.to_vec());
    let mut of = vec![splits.test_fingerprint()];
    for file in [files::SPEECH, files::PICTURE] {
        let hash = Sha256::digest(files::read(&arguments.today.join(file))?);
        of.push(hash.iter().map(|byte| format!("{byte:02x}")).collect());
    }
    let path = arguments.cache.join(format!("today-{}.json", fingerprint(of.iter().map(String::as_str))));
    if path.exists() {
        return Ok(Some(serde_json::from_slice(&files::read(&path)?)?));
    }
    if arguments.trained {
        return Ok(None);
    }
    let ranks = Pool::embed(&arguments.today, folder, &pairs, None)?.ranks(pairs.iter())?;
    files::write(&path, serde_json::to_string(&ranks)?.as_bytes())?;
    Ok(Some(ranks))
}
