//! A map of the shared space on a sheet of paper: the plane in which the vectors differ most, and how much it distorts.

use nalgebra::{DMatrix, SymmetricEigen};

use super::product;

/// So many neighbours of each point are looked for again on the map.
const NEIGHBOURS: usize = 10;

/// Vectors of many numbers drawn as points of two, by principal components.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Plane {
    /// A point for each vector: first the component of the greatest variance. Centred; in units of the vectors.
    pub points: Vec<[f32; 2]>,
    /// Share of the variance that the plane keeps, 0 to 1.
    pub variance_kept: f32,
    /// Share of each vector's ten nearest that are among its ten nearest on the map too, 0 to 1 (the mean of all).
    pub neighbours_kept: f32,
}

impl Plane {
    /// The same map, turned and mirrored so that its points lie as near as possible to those of another map of as many
    /// (Procrustes' rotation in the plane).
    pub fn turned_to(mut self, other: &Self) -> Self {
        let fit = |mirror: f32| {
            self.points.iter().zip(&other.points).fold((0.0, 0.0), |(along, across), (p, q)| {
                let (x, y) = (p[0], mirror * p[1]);
                (along + x * q[0] + y * q[1], across + x * q[1] - y * q[0])
            })
        };
        let length = |(along, across): (f32, f32)| along.hypot(across);
        let (plain, mirrored) = (fit(1.0), fit(-1.0));
        let mirror = if length(mirrored) > length(plain) { -1.0 } else { 1.0 };
        let (along, across) = if mirror < 0.0 { mirrored } else { plain };
        let (sine, cosine) = across.atan2(along).sin_cos();
        for [x, y] in &mut self.points {
            let (from_x, from_y) = (*x, mirror * *y);
            (*x, *y) = (cosine * from_x - sine * from_y, sine * from_x + cosine * from_y);
        }
        self
    }
}

/// The map of these vectors, all of one width. Each axis points to where its sum of cubes is positive, so that the
/// same vectors always give the same map.
pub fn plane(vectors: &[Vec<f32>]) -> Plane {
    let Some(width) = vectors.first().map(Vec::len) else {
        return Plane { points: Vec::new(), variance_kept: 1.0, neighbours_kept: 1.0 };
    };
    let count = vectors.len();
    let mut rows = DMatrix::from_fn(count, width, |row, column| f64::from(vectors[row][column]));
    for mut column in rows.column_iter_mut() {
        let mean = column.mean();
        column.add_scalar_mut(-mean);
    }
    // The inner products of the centred rows have the same components as their covariance, and are often fewer.
    let eigen = SymmetricEigen::new(&rows * rows.transpose());
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    let axis = |rank: usize| -> Vec<f32> {
        let Some(&at) = order.get(rank) else { return vec![0.0; count] };
        let length = eigen.eigenvalues[at].max(0.0).sqrt();
        let axis = eigen.eigenvectors.column(at);
        let sign = if axis.iter().map(|v| v.powi(3)).sum::<f64>() < 0.0 { -length } else { length };
        axis.iter().map(|v| (v * sign) as f32).collect()
    };
    let points: Vec<[f32; 2]> = axis(0).into_iter().zip(axis(1)).map(|(x, y)| [x, y]).collect();
    let all: f64 = eigen.eigenvalues.iter().map(|value| value.max(0.0)).sum();
    let kept: f64 = order.iter().take(2).map(|&at| eigen.eigenvalues[at].max(0.0)).sum();
    let variance_kept = if all > 0.0 { (kept / all) as f32 } else { 1.0 };
    let neighbours_kept = neighbours_kept(vectors, &points);
    Plane { points, variance_kept, neighbours_kept }
}

fn neighbours_kept(vectors: &[Vec<f32>], points: &[[f32; 2]]) -> f32 {
    let count = NEIGHBOURS.min(vectors.len().saturating_sub(1));
    if count == 0 {
        return 1.0;
    }
    let kept: usize = (0..vectors.len())
        .map(|at| {
            let there = nearest(at, count, vectors.len(), |other| distance(&vectors[at], &vectors[other]));
            let here = nearest(at, count, points.len(), |other| distance(&points[at], &points[other]));
            here.iter().filter(|other| there.contains(other)).count()
        })
        .sum();
    kept as f32 / (count * vectors.len()) as f32
}

/// The `count` nearest of all but itself.
fn nearest(at: usize, count: usize, all: usize, distance: impl Fn(usize) -> f32) -> Vec<usize> {
    let mut others: Vec<(f32, usize)> =
        (0..all).filter(|&other| other != at).map(|other| (distance(other), other)).collect();
    others.select_nth_unstable_by(count - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    others.truncate(count);
    others.into_iter().map(|(_, other)| other).collect()
}

/// The squared distance of two vectors.
fn distance(a: &[f32], b: &[f32]) -> f32 {
    product(a, a) + product(b, b) - 2.0 * product(a, b)
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn what_lies_in_a_plane_is_drawn_without_distortion() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        // Two directions of five dimensions, at right angles, and a centre far away.
        let vectors: Vec<Vec<f32>> = (0..40)
            .map(|_| {
                let (a, b): (f32, f32) = (rng.random_range(-2.0..2.0), rng.random_range(-1.0..1.0));
                vec![3.0 + 0.6 * a, 0.8 * a, b, 7.0, -1.0]
            })
            .collect();
        let map = plane(&vectors);
        assert!(map.variance_kept > 0.9999 && map.neighbours_kept > 0.99);
        for (one, other) in [(0, 1), (3, 17), (20, 39)] {
            let (there, here) =
                (distance(&vectors[one], &vectors[other]), distance(&map.points[one], &map.points[other]));
            assert!((there - here).abs() < 1e-3, "{there} {here}");
        }
        assert_eq!(map, plane(&vectors));
    }

    #[test]
    fn what_a_plane_cannot_hold_is_said() {
        // The corners of a simplex: all are equally far from each other, in as many directions.
        let corners: Vec<Vec<f32>> =
            (0..20).map(|at| (0..20).map(|other| f32::from(u8::from(at == other))).collect()).collect();
        let map = plane(&corners);
        assert!((map.variance_kept - 2.0 / 19.0).abs() < 1e-4, "{}", map.variance_kept);
    }

    #[test]
    fn a_map_is_turned_back_to_what_it_was() {
        let map = plane(&[vec![0.0, 0.0], vec![3.0, 0.0], vec![0.0, 1.0], vec![2.0, 5.0]]);
        let (sine, cosine) = 0.8_f32.sin_cos();
        let turned = map.points.iter().map(|[x, y]| [cosine * x + sine * y, sine * x - cosine * y]);
        let back = Plane { points: turned.collect(), ..map.clone() }.turned_to(&map);
        for (one, other) in back.points.iter().zip(&map.points) {
            assert!(distance(one, other) < 1e-4, "{one:?} {other:?}");
        }
    }

    #[test]
    fn few_vectors_are_a_map_too() {
        assert!(plane(&[]).points.is_empty());
        assert_eq!(plane(&[vec![1.0, 2.0]]).points, [[0.0, 0.0]]);
        let two = plane(&[vec![1.0, 0.0], vec![0.0, 1.0]]);
        assert!((distance(&two.points[0], &two.points[1]) - 2.0).abs() < 1e-5);
    }
}
