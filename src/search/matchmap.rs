//! Why a picture answers a query: the matchmap of Harwath et al. (2018, section 3.3).

use super::product;

/// A number for each moment of a clip and each region of a picture; together they are the score of the two.
#[derive(Clone, Debug, PartialEq)]
pub struct Matchmap {
    /// Moments of the clip.
    pub moments: usize,
    /// Regions of the picture, row by row.
    pub regions: usize,
    /// `moments * regions` numbers, moment by moment.
    pub values: Vec<f32>,
}

impl Matchmap {
    /// From what each moment adds to the vector of a clip, and each region to that of a picture.
    pub fn new(moments: &[Vec<f32>], regions: &[Vec<f32>]) -> Self {
        let values = moments.iter().flat_map(|moment| regions.iter().map(|region| product(moment, region)));
        Self { moments: moments.len(), regions: regions.len(), values: values.collect() }
    }

    /// The same for a picture whose vector in the index is not quite the sum of its regions: it may lean on its spoken
    /// captions. What the regions do not explain has no place; it is spread over all of them, moment by moment, so that the map
    /// adds up to the score that was ranked by.
    pub fn indexed(moments: &[Vec<f32>], regions: &[Vec<f32>], vector: &[f32]) -> Self {
        let mut seen = vec![0.0; vector.len()];
        regions.iter().for_each(|region| seen.iter_mut().zip(region).for_each(|(sum, part)| *sum += part));
        let share = product(vector, &seen) / product(&seen, &seen).max(f32::MIN_POSITIVE);
        let count = regions.len() as f32;
        let rest: Vec<f32> = vector.iter().zip(&seen).map(|(v, seen)| (v - share * seen) / count).collect();
        let regions: Vec<Vec<f32>> = regions
            .iter()
            .map(|region| region.iter().zip(&rest).map(|(part, rest)| share * part + rest).collect())
            .collect();
        Self::new(moments, &regions)
    }

    /// The score of the clip and the picture: the sum of the map.
    pub fn score(&self) -> f32 {
        self.values.iter().sum()
    }

    /// What each moment adds to the score.
    pub fn by_moment(&self) -> Vec<f32> {
        self.values.chunks_exact(self.regions.max(1)).map(|moment| moment.iter().sum()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_adds_up_to_the_score_of_the_sums() {
        let moments = [vec![1.0, 0.0], vec![0.5, 0.5], vec![0.0, -1.0]];
        let regions = [vec![0.25, 1.0], vec![2.0, 0.0]];
        let map = Matchmap::new(&moments, &regions);
        assert_eq!((map.moments, map.regions), (3, 2));
        assert_eq!(map.by_moment(), [2.25, 1.625, -1.0]);
        // (1.5, -0.5) times (2.25, 1).
        assert!((map.score() - 2.875).abs() < 1e-6);
        // (1.5, -0.5) times (1, 2): half a point, whatever the regions say.
        let leaning = Matchmap::indexed(&moments, &regions, &[1.0, 2.0]);
        assert!((leaning.score() - 0.5).abs() < 1e-6);
        let same = Matchmap::indexed(&moments, &regions, &[2.25, 1.0]);
        assert!(same.values.iter().zip(&map.values).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}
