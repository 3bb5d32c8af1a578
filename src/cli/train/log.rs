//! The training's log, one JSON object a line, and the curves drawn from it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use plotters::prelude::*;
use serde::Serialize;
use serde_json::Value;

use crate::cli::{Failure, files};

/// A log that is appended to.
pub struct Log {
    file: File,
    folder: PathBuf,
}

impl Log {
    /// Opens `log.jsonl` in a folder: anew for a new training, appended to for one that goes on.
    pub fn open(folder: &Path, steps_done: usize) -> Result<Self, Failure> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join("log.jsonl");
        let mut options = OpenOptions::new();
        options.create(true).write(true).append(steps_done > 0).truncate(steps_done == 0);
        Ok(Self { file: options.open(path)?, folder: folder.to_owned() })
    }

    /// Adds a line.
    pub fn write(&mut self, entry: &impl Serialize) -> Result<(), Failure> {
        Ok(writeln!(self.file, "{}", serde_json::to_string(entry)?)?)
    }

    /// Draws `curves.svg` from all lines.
    pub fn plot(&self) -> Result<(), Failure> {
        let text = String::from_utf8(files::read(&self.folder.join("log.jsonl"))?)?;
        let lines: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let curve = |pointer: &str| -> Vec<(f64, f64)> {
            lines.iter().filter_map(|l| Some((l["step"].as_f64()?, l.pointer(pointer)?.as_f64()?))).collect()
        };
        let path = self.folder.join("curves.svg");
        let area = SVGBackend::new(&path, (900, 640)).into_drawing_area();
        area.fill(&WHITE)?;
        let (upper, lower) = area.split_vertically(320);
        let losses = [("/speech_text", BLUE), ("/speech_picture", RED), ("/picture_text", GREEN)];
        draw(&upper, "loss", &losses.map(|(name, colour)| (name, colour, curve(name))))?;
        let recalls = [("/held_out/audio_to_image/r1", BLUE), ("/held_out/audio_to_image/r10", RED)];
        draw(
            &lower,
            "recall of held-out captions",
            &recalls.map(|(name, colour)| (name, colour, curve(name))),
        )?;
        Ok(area.present()?)
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// The entry's pointer in the log, the colour, and the points (step, value).
type Curve = (&'static str, RGBColor, Vec<(f64, f64)>);

/// One chart over the steps; each curve is named at its end.
fn draw(area: &Area, title: &str, curves: &[Curve]) -> Result<(), Failure> {
    let points = || curves.iter().flat_map(|(_, _, points)| points);
    let last = points().map(|p| p.0).fold(1.0, f64::max);
    let (low, high) = points().fold((0.0_f64, 0.1_f64), |(low, high), p| (low.min(p.1), high.max(p.1)));
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(28)
        .y_label_area_size(44)
        .build_cartesian_2d(0.0..last, low..high)?;
    chart.configure_mesh().x_desc("step").light_line_style(WHITE).draw()?;
    for (name, colour, points) in curves {
        let label = name.rsplit('/').next().unwrap_or(name).replace('_', " ");
        let style = *colour;
        chart
            .draw_series(LineSeries::new(points.iter().copied(), style))?
            .label(label)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], style));
    }
    chart.configure_series_labels().border_style(BLACK.mix(0.3)).background_style(WHITE).draw()?;
    Ok(())
}
