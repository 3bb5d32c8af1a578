//! What dev says in the course of each training, drawn as small panels side by side: a system each, a line a seed.

use std::path::Path;

use plotters::prelude::*;

use super::training::Outcome;
use crate::chart::COLOURS;
use hearsight_cli::Failure;

/// Panels side by side, and the size of one.
const COLUMNS: usize = 4;
const WIDTH: u32 = 260;
const HEIGHT: u32 = 200;

/// Draws R@10 on dev, both ways together, in %, over clip passes: the trainings of each system in a panel, all to one scale.
pub fn draw(path: &Path, systems: &[(String, Vec<&Outcome>)]) -> Result<(), Failure> {
    let rows = systems.len().div_ceil(COLUMNS).max(1);
    let size = (WIDTH * COLUMNS as u32, HEIGHT * rows as u32);
    let area = SVGBackend::new(path, size).into_drawing_area();
    area.fill(&WHITE)?;
    let curve = |outcome: &Outcome| -> Vec<(f64, f64)> {
        let batch = outcome.trained.recipe.batch as f64 / 1000.0;
        let looks = outcome.trained.looks.iter();
        looks.map(|(step, there, back)| (*step as f64 * batch, 50.0 * (there + back))).collect()
    };
    let every: Vec<(f64, f64)> =
        systems.iter().flat_map(|(_, runs)| runs.iter().flat_map(|run| curve(run))).collect();
    let last = every.iter().map(|point| point.0).fold(1.0, f64::max);
    let high = every.iter().map(|point| point.1).fold(5.0, f64::max);
    for (panel, (name, runs)) in area.split_evenly((rows, COLUMNS)).iter().zip(systems) {
        let mut chart = ChartBuilder::on(panel)
            .caption(name, ("sans-serif", 15))
            .margin(6)
            .x_label_area_size(24)
            .y_label_area_size(30)
            .build_cartesian_2d(0.0..last, 0.0..high)?;
        let mut mesh = chart.configure_mesh();
        mesh.x_labels(4).y_labels(5).light_line_style(WHITE);
        mesh.x_label_formatter(&|thousands| format!("{thousands:.0}k")).draw()?;
        for run in runs {
            let colour = COLOURS[(run.trained.recipe.seed as usize + COLOURS.len() - 1) % COLOURS.len()];
            chart.draw_series(LineSeries::new(curve(run), colour.stroke_width(2)))?;
        }
    }
    Ok(area.present()?)
}
