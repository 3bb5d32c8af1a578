//! The parts of the gallery's photographs that are nearest to a vector, side by side.

use std::path::Path;

use hearsight::engine::GRID;
use hearsight::network::SIDE;
use hearsight::picture::Pixels;
use hearsight::search::product;
use image::imageops::{FilterType, overlay};
use image::{RgbImage, imageops};

use hearsight_cli::work::in_parallel;
use hearsight_cli::{Failure, files};

/// Regions of a vector.
const REGIONS: usize = 5;
/// Side of a region in the report, in pixels.
const THUMBNAIL: u32 = 112;

/// Draws the regions of a gallery nearest to each of some vectors, one file a vector; gives the pictures' ids.
pub fn show(
    model: &Path,
    gallery: &Path,
    vectors: &[&[f32]],
    folder: &Path,
) -> Result<Vec<Vec<String>>, Failure> {
    let network = files::picture(model)?;
    let manifest = files::manifest(gallery)?;
    let regions = in_parallel("regions", &manifest.pictures, |picture| {
        let pixels = Pixels::decode(&files::read(&gallery.join(&picture.file))?, SIDE)?;
        Ok(pollster::block_on(network.regions(&pixels))?)
    })?;
    std::fs::create_dir_all(folder)?;
    let draw = |(number, vector): (usize, &&[f32])| {
        let score = |region: &Vec<f32>| product(region, vector);
        let mut best: Vec<(f32, usize, usize)> = regions
            .iter()
            .enumerate()
            .filter_map(|(picture, regions)| {
                let scores = regions.iter().map(score).enumerate();
                scores.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(region, score)| (score, picture, region))
            })
            .collect();
        best.sort_by(|a, b| b.0.total_cmp(&a.0));
        best.truncate(REGIONS);
        let mut strip =
            RgbImage::from_pixel((THUMBNAIL + 4) * REGIONS as u32 - 4, THUMBNAIL, image::Rgb([255; 3]));
        for (place, &(_, picture, region)) in best.iter().enumerate() {
            let file = gallery.join(&manifest.pictures[picture].file);
            let whole = image::load_from_memory(&files::read(&file)?)?.into_rgb8();
            overlay(&mut strip, &cut(&whole, region), i64::from(THUMBNAIL + 4) * place as i64, 0);
        }
        strip.save(folder.join(format!("{}.jpg", number + 1)))?;
        Ok(best.iter().map(|&(_, picture, _)| manifest.pictures[picture].id.clone()).collect())
    };
    vectors.iter().enumerate().map(draw).collect()
}

/// A region of a picture with its neighbours, as the network saw it, scaled.
fn cut(whole: &RgbImage, region: usize) -> RgbImage {
    let span = |cell: usize, side: u32| {
        let edge = |cell: usize| (cell.min(GRID) as f64 / GRID as f64 * f64::from(side)) as u32;
        (edge(cell.saturating_sub(1)), edge(cell + 2))
    };
    let (left, right) = span(region % GRID, whole.width());
    let (top, bottom) = span(region / GRID, whole.height());
    let part = imageops::crop_imm(whole, left, top, right - left, bottom - top).to_image();
    imageops::resize(&part, THUMBNAIL, THUMBNAIL, FilterType::CatmullRom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_cut_with_its_neighbours_and_within_the_picture() {
        let mut picture = RgbImage::new(70, 70);
        picture.put_pixel(0, 0, image::Rgb([255; 3]));
        let corner = cut(&picture, 0);
        assert!(
            corner.get_pixel(0, 0).0[0] > 100 && corner.get_pixel(THUMBNAIL - 1, THUMBNAIL - 1).0[0] == 0
        );
        assert_eq!(cut(&picture, GRID * GRID - 1).dimensions(), (THUMBNAIL, THUMBNAIL));
    }
}
