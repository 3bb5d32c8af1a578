//! Charts as SVG.

use std::path::Path;

use plotters::prelude::*;

use hearsight_cli::Failure;

/// Colours of curves, in order; easy to tell apart also for the colour-blind (Okabe and Ito 2008).
pub const COLOURS: [RGBColor; 8] = [
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

/// One figure of a bar chart.
pub struct Bar<'a> {
    pub name: &'a str,
    /// 0 to 1.
    pub value: f64,
    pub interval: [f64; 2],
    /// Where it should be.
    pub aim: Option<f64>,
}

/// Draws shares with their intervals as bars into an SVG file; a line marks each aim.
pub fn bars(path: &Path, title: &str, bars: &[Bar]) -> Result<(), Failure> {
    let area = SVGBackend::new(path, (WIDTH, HEIGHT)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(28)
        .y_label_area_size(44)
        .build_cartesian_2d(0.0..bars.len() as f64, 0.0..1.0)?;
    let mut mesh = chart.configure_mesh();
    mesh.disable_x_mesh().disable_x_axis().light_line_style(WHITE);
    mesh.y_label_formatter(&|share| format!("{:.0} %", 100.0 * share)).draw()?;
    for (number, bar) in bars.iter().enumerate() {
        let (left, middle) = (number as f64, number as f64 + 0.5);
        let place = |from: f64, to: f64| [(left + 0.2, from), (left + 0.8, to)];
        chart.draw_series([Rectangle::new(place(0.0, bar.value), COLOURS[0].mix(0.7).filled())])?;
        chart.draw_series([PathElement::new(
            bar.interval.map(|share| (middle, share)).to_vec(),
            BLACK.stroke_width(2),
        )])?;
        if let Some(aim) = bar.aim {
            chart.draw_series([PathElement::new(place(aim, aim).to_vec(), COLOURS[1].stroke_width(2))])?;
        }
        chart.draw_series([Text::new(bar.name.to_owned(), (left + 0.2, 0.02), ("sans-serif", 13))])?;
    }
    Ok(area.present()?)
}
