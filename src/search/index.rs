//! What can be found, pictures or captions, and the ranking of all of it for a query.

use super::calibration::{Calibration, SURE};
use super::product;
use crate::network::{Storage, Weights, WeightsError};

/// What an index file calls itself.
const FORMAT: &str = "hearsight-index-1";

/// One picture of a ranking.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Match {
    /// The picture's id.
    pub id: String,
    /// Inner product of the unit vectors, -1 to 1.
    pub score: f32,
}

/// Unit vectors of pictures with their ids, in the gallery's order.
///
/// Searched exactly: 100 000 vectors take a few milliseconds, so no approximate index is needed.
#[derive(Clone, Debug, Default)]
pub struct Index {
    ids: Vec<String>,
    width: usize,
    vectors: Vec<f32>,
    calibration: Option<Calibration>,
}

impl Index {
    /// An empty index of vectors of `width` numbers.
    pub fn new(width: usize) -> Self {
        Self { width, ..Self::default() }
    }

    /// An index of these ids with their vectors of `width` numbers.
    ///
    /// # Panics
    /// When a vector has another width.
    pub fn of(width: usize, pictures: impl IntoIterator<Item = (String, Vec<f32>)>) -> Self {
        let mut index = Self::new(width);
        pictures.into_iter().for_each(|(id, vector)| index.push(id, &vector));
        index
    }

    /// Adds a picture. The vector is expected to have length one.
    ///
    /// # Panics
    /// When the vector has another width than the index.
    pub fn push(&mut self, id: String, vector: &[f32]) {
        assert_eq!(vector.len(), self.width);
        self.ids.push(id);
        self.vectors.extend_from_slice(vector);
    }

    /// Removes a picture, if it is there.
    pub fn remove(&mut self, id: &str) {
        if let Some(place) = self.ids.iter().position(|known| known == id) {
            self.ids.remove(place);
            self.vectors.drain(place * self.width..(place + 1) * self.width);
        }
    }

    /// The ids, in the order of [`Index::scores`].
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The vector of each picture, in the order of [`Index::ids`].
    pub fn vectors(&self) -> impl Iterator<Item = &[f32]> {
        self.vectors.chunks_exact(self.width)
    }

    /// The vector of one picture.
    pub fn vector(&self, id: &str) -> Option<&[f32]> {
        self.ids.iter().position(|known| known == id).and_then(|place| self.vectors().nth(place))
    }

    /// The score of every picture for a query vector.
    pub fn scores(&self, query: &[f32]) -> Vec<f32> {
        self.vectors().map(|vector| product(vector, query)).collect()
    }

    /// All pictures, best first; equal scores keep the gallery's order.
    pub fn rank(&self, query: &[f32]) -> Vec<Match> {
        self.rank_first(query, self.ids.len()).0
    }

    /// The first of all pictures, and whether they can be shown as sure; without calibration every ranking can.
    pub fn rank_first(&self, query: &[f32], count: usize) -> (Vec<Match>, bool) {
        let mut order: Vec<(f32, usize)> = self.scores(query).into_iter().zip(0..).collect();
        order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let is_sure = self.calibration.is_none_or(|calibration| {
            let scores: Vec<f32> = order.iter().map(|&(score, _)| score).collect();
            calibration.likely(&scores) >= SURE
        });
        let found =
            order.into_iter().take(count).map(|(score, at)| Match { id: self.ids[at].clone(), score });
        (found.collect(), is_sure)
    }

    /// Sets how far an answer can be trusted.
    pub fn calibrate(&mut self, calibration: Calibration) {
        self.calibration = Some(calibration);
    }

    /// How far an answer can be trusted, where that was learned.
    pub fn calibration(&self) -> Option<Calibration> {
        self.calibration
    }

    /// Reads an index file of vectors of `width` numbers.
    ///
    /// # Errors
    /// [`WeightsError`] when the file is broken, of another version, or made for vectors of another width.
    pub fn read(bytes: &[u8], width: usize) -> Result<Self, WeightsError> {
        let file = Weights::read(bytes)?;
        file.expect_format(FORMAT)?;
        let (shape, vectors) = file.get("pictures")?;
        let ids: Vec<String> =
            file.metadata.get("ids").map_or("", String::as_str).lines().map(str::to_owned).collect();
        if *shape != [ids.len(), width] {
            return Err(WeightsError::Mismatch(format!("{} ids for pictures of shape {shape:?}", ids.len())));
        }
        if ids.iter().any(String::is_empty) {
            return Err(WeightsError::Mismatch("a picture has no name".into()));
        }
        let calibration = match file.metadata.get("calibration") {
            Some(text) => Some(
                serde_json::from_str(text)
                    .map_err(|error| WeightsError::Unreadable(format!("its calibration: {error}")))?,
            ),
            None => None,
        };
        Ok(Self { ids, width, vectors: vectors.to_vec(), calibration })
    }

    /// Writes the index.
    ///
    /// # Errors
    /// [`WeightsError`] when the file format refuses.
    pub fn write(&self, storage: Storage) -> Result<Vec<u8>, WeightsError> {
        let mut file = Weights::default();
        file.metadata.insert("format".into(), FORMAT.into());
        file.metadata.insert("ids".into(), self.ids.join("\n"));
        if let Some(calibration) = &self.calibration {
            let text = serde_json::to_string(calibration);
            let text = text.map_err(|error| WeightsError::Unreadable(error.to_string()))?;
            file.metadata.insert("calibration".into(), text);
        }
        file.insert("pictures", &[self.ids.len(), self.width], self.vectors.clone());
        file.write(storage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        let mut index = Index::new(2);
        index.push("left".into(), &[1.0, 0.0]);
        index.push("up".into(), &[0.0, 1.0]);
        index.push("left too".into(), &[1.0, 0.0]);
        index
    }

    #[test]
    fn best_first_and_ties_in_order() {
        let order: Vec<String> = index().rank(&[0.9, 0.1]).into_iter().map(|m| m.id).collect();
        assert_eq!(order, ["left", "left too", "up"]);
        assert_eq!(index().rank(&[0.0, 1.0])[0].id, "up");
        assert_eq!(index().vector("up"), Some(&[0.0, 1.0][..]));
        assert_eq!(index().vector("down"), None);
    }

    #[test]
    fn a_file_gives_the_same_index_and_refuses_another_width() {
        let bytes = index().write(Storage::F16).unwrap();
        let read = Index::read(&bytes, 2).unwrap();
        assert_eq!((read.ids(), &read.vectors), (index().ids(), &index().vectors));
        assert!(read.rank_first(&[0.5, 0.5], 1).1, "without calibration every answer is sure");
        let mut calibrated = index();
        let lead = |lead: f32| vec![lead, 0.0, 0.0];
        // A clear lead is right here, and none is wrong.
        calibrated.calibrate(Calibration::fit(&[(lead(0.9), true), (vec![0.1; 3], false)]).unwrap());
        let read = Index::read(&calibrated.write(Storage::F16).unwrap(), 2).unwrap();
        assert_eq!(read.calibration, calibrated.calibration);
        let (first, sure) = read.rank_first(&[0.0, 1.0], 1);
        assert_eq!((first.len(), first[0].id.as_str(), sure), (1, "up", true));
        assert!(!read.rank_first(&[0.5, 0.5], 1).1, "three alike");
        assert!(matches!(Index::read(&bytes, 3), Err(WeightsError::Mismatch(_))));
        assert!(Index::read(b"nothing", 2).is_err());
        let mut nameless = index();
        nameless.push(String::new(), &[0.0, 1.0]);
        nameless.push("down".into(), &[0.0, -1.0]);
        assert!(Index::read(&nameless.write(Storage::F16).unwrap(), 2).is_err());
    }
}
