//! The training's log, one JSON object a line, and the curves drawn from it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use crate::chart::{self, Chart};
use hearsight_cli::{Failure, files};

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
        let named = |pointers: &[&str]| {
            let name = |pointer: &str| pointer.rsplit('/').next().unwrap_or(pointer).replace('_', " ");
            pointers.iter().map(|pointer| (name(pointer), curve(pointer))).collect()
        };
        let losses = named(&["/speech_text", "/speech_picture"]);
        let recalls = named(&["/held_out/audio_to_image/r1", "/held_out/audio_to_image/r10"]);
        let charts = [("loss", losses), ("recall of held-out captions", recalls)];
        let charts = charts.map(|(title, curves)| Chart { title, curves });
        chart::draw(&self.folder.join("curves.svg"), &charts)
    }
}
