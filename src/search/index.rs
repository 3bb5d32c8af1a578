//! What can be found, pictures or captions, and the ranking of all of it for a query.

use std::collections::HashSet;

use super::calibration::{Calibration, SURE, near};
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

/// Everything that is searched, best first; equal scores keep the gallery's order.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// What [`Index::push`] gave for each, or its place in the file that was read.
    pub keys: Vec<u32>,
    /// Inner products of the unit vectors, -1 to 1.
    pub scores: Vec<f32>,
    /// Whether the foremost can be trusted; without calibration every one can.
    pub is_sure: bool,
    /// How many of the foremost are like the query at all, and not only less unlike it than the others.
    pub near: usize,
}

/// Unit vectors of pictures with their ids, in the gallery's order.
///
/// Searched exactly: 100 000 vectors take a few milliseconds, so no approximate index is needed.
#[derive(Clone, Debug, Default)]
pub struct Index {
    ids: Vec<String>,
    /// Numbers that name them in rankings; they stay when others go, and never come again.
    keys: Vec<u32>,
    next: u32,
    width: usize,
    vectors: Vec<f32>,
    calibration: Option<Calibration>,
    /// So many of the first are what the calibration was learned on: answers are measured against them, whatever a visitor adds.
    known: usize,
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
        pictures.into_iter().for_each(|(id, vector)| {
            index.push(id, &vector);
        });
        index
    }

    /// Adds a picture and gives its key. The vector is expected to have length one.
    ///
    /// # Panics
    /// When the vector has another width than the index.
    pub fn push(&mut self, id: String, vector: &[f32]) -> u32 {
        assert_eq!(vector.len(), self.width);
        self.ids.push(id);
        self.vectors.extend_from_slice(vector);
        self.keys.push(self.next);
        self.next += 1;
        self.next - 1
    }

    /// Removes a picture, if it is there.
    pub fn remove(&mut self, id: &str) {
        self.remove_all(&HashSet::from([id]));
    }

    /// Removes those pictures that are there, in one go through all.
    pub fn remove_all(&mut self, ids: &HashSet<&str>) {
        let stays: Vec<bool> = self.ids.iter().map(|id| !ids.contains(id.as_str())).collect();
        if stays.iter().all(|stays| *stays) {
            return;
        }
        self.known = stays[..self.known].iter().filter(|stays| **stays).count();
        let mut to = 0;
        for at in (0..stays.len()).filter(|&at| stays[at]) {
            self.vectors.copy_within(at * self.width..(at + 1) * self.width, to * self.width);
            to += 1;
        }
        self.vectors.truncate(to * self.width);
        let mut each = stays.iter();
        self.ids.retain(|_| each.next().is_some_and(|stays| *stays));
        let mut each = stays.iter();
        self.keys.retain(|_| each.next().is_some_and(|stays| *stays));
    }

    /// The ids, in the order of [`Index::scores`].
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The id of a key; keys only grow.
    pub fn id(&self, key: u32) -> Option<&str> {
        self.keys.binary_search(&key).ok().map(|at| self.ids[at].as_str())
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
        let order = self.order(query);
        let found = order.iter().take(count).map(|&(score, at)| Match { id: self.ids[at].clone(), score });
        (found.collect(), self.is_sure(&order))
    }

    /// All pictures by their keys, with the end of what answers the query.
    pub fn ranked(&self, query: &[f32]) -> Ranked {
        let order = self.order(query);
        let known: Vec<f32> =
            order.iter().filter(|(_, at)| *at < self.known).map(|(score, _)| *score).collect();
        let scores: Vec<f32> = order.iter().map(|(score, _)| *score).collect();
        Ranked {
            keys: order.iter().map(|&(_, at)| self.keys[at]).collect(),
            is_sure: self.is_sure(&order),
            near: near(&scores, &known),
            scores,
        }
    }

    /// Scores and places, best first.
    fn order(&self, query: &[f32]) -> Vec<(f32, usize)> {
        let mut order: Vec<(f32, usize)> = self.scores(query).into_iter().zip(0..).collect();
        order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        order
    }

    /// Of what was added to the pictures that the calibration knows only the best counts, and only where it is the best of all: a
    /// hundred photographs of one beach do not make an answer less sure.
    fn is_sure(&self, order: &[(f32, usize)]) -> bool {
        self.calibration.is_none_or(|calibration| {
            let counted = order.iter().zip(0..).filter(|((_, at), rank)| *at < self.known || *rank == 0);
            let scores: Vec<f32> = counted.map(|((score, _), _)| *score).collect();
            calibration.likely(&scores) >= SURE
        })
    }

    /// Sets how far an answer can be trusted.
    pub fn calibrate(&mut self, calibration: Calibration) {
        self.calibration = Some(calibration);
        self.known = self.ids.len();
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
        let next = u32::try_from(ids.len()).map_err(|error| WeightsError::Unreadable(error.to_string()))?;
        let (keys, known) = ((0..next).collect(), ids.len());
        Ok(Self { ids, keys, next, width, vectors: vectors.to_vec(), calibration, known })
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
    fn keys_stay_when_others_go() {
        let mut index = index();
        assert_eq!(index.push("down".into(), &[0.0, -1.0]), 3);
        index.remove_all(&HashSet::from(["left", "nobody"]));
        assert_eq!(index.ranked(&[0.9, -0.1]).keys, [2, 3, 1]);
        assert_eq!(index.vector("down"), Some(&[0.0, -1.0][..]));
        assert_eq!(index.push("left".into(), &[1.0, 0.0]), 4);
        assert_eq!(index.ranked(&[1.0, 0.0]).keys, [2, 4, 1, 3]);
    }

    #[test]
    fn what_is_added_makes_no_answer_less_sure_and_its_end_is_where_it_was() {
        let mut index = Index::new(2);
        for turn in 0..40 {
            let angle = 1.3 + turn as f32 * 0.0125;
            index.push(format!("{turn}"), &[angle.cos(), angle.sin()]);
        }
        let lead = |lead: f32| vec![lead, 0.0, 0.0];
        index.calibrate(Calibration::fit(&[(lead(0.9), true), (vec![0.1; 3], false)]).unwrap());
        let before = index.ranked(&[1.0, 0.0]);
        for twin in 0..30 {
            index.push(format!("twin {twin}"), &[1.0, 0.0]);
        }
        let after = index.ranked(&[1.0, 0.0]);
        assert!(after.is_sure, "thirty alike stand out together");
        assert_eq!((before.near, after.near), (0, 30));
        assert_eq!(after.keys[30], before.keys[0]);
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
