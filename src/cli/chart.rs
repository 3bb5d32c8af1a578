//! Line charts as SVG.

use std::path::Path;

use plotters::prelude::*;

use super::Failure;

/// Colours of a chart's curves, in order; easy to tell apart also for the colour-blind (Okabe and Ito 2008).
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(120, 120, 120),
    RGBColor(0, 0, 0),
];
const WIDTH: u32 = 900;
const HEIGHT: u32 = 320;

/// A chart over training steps.
pub struct Chart {
    pub title: &'static str,
    /// Name and points (step, value) of each curve.
    pub curves: Vec<(String, Vec<(f64, f64)>)>,
}

/// Draws charts below one another into an SVG file.
pub fn draw(path: &Path, charts: &[Chart]) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let area = SVGBackend::new(path, (WIDTH, HEIGHT * charts.len() as u32)).into_drawing_area();
    area.fill(&WHITE)?;
    for (area, Chart { title, curves }) in area.split_evenly((charts.len(), 1)).iter().zip(charts) {
        let points = || curves.iter().flat_map(|(_, points)| points);
        let last = points().map(|p| p.0).fold(1.0, f64::max);
        let (low, high) = points().fold((0.0_f64, 0.1_f64), |(low, high), p| (low.min(p.1), high.max(p.1)));
        let mut chart = ChartBuilder::on(area)
            .caption(title, ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(28)
            .y_label_area_size(44)
            .build_cartesian_2d(0.0..last, low..high)?;
        chart.configure_mesh().x_desc("step").light_line_style(WHITE).draw()?;
        for ((name, points), colour) in curves.iter().zip(COLOURS.iter().cycle().copied()) {
            chart
                .draw_series(LineSeries::new(points.iter().copied(), colour))?
                .label(name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour));
        }
        let legend = &mut chart.configure_series_labels();
        legend.border_style(BLACK.mix(0.3)).background_style(WHITE.mix(0.8)).draw()?;
    }
    Ok(area.present()?)
}
