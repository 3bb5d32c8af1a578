//! Reference data of the tests: each tests/fixtures/make_*.py, run in a Python of its own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::install::{self, Tool};
use crate::process::{command, run};

/// The independent implementations, pinned so that the same script makes the same numbers.
const PACKAGES: [&str; 9] = [
    "h5py==3.16.0",
    "librosa==0.11.0",
    "numpy==2.4.6",
    "pillow==13.0.0",
    "safetensors==0.8.0",
    "scipy==1.17.1",
    "soundfile==0.14.0",
    "torch==2.8.0",
    "torchvision==0.23.0",
];

/// Runs the scripts whose name contains `name`, or all of them.
pub fn make(root: &Path, name: Option<&str>) -> Result<()> {
    let scripts = scripts(root, name.unwrap_or(""))?;
    if scripts.is_empty() {
        return Err(Error::Check("There is no script tests/fixtures/make_*.py of that name.".into()));
    }
    println!("The reference data are made with {}.", PACKAGES.join(", "));
    let python = python(root, "venv", &PACKAGES)?;
    for script in scripts {
        println!("Running {}.", script.strip_prefix(root).unwrap_or(&script).display());
        run(command(root, &python).arg(&script))?;
    }
    Ok(())
}

fn scripts(root: &Path, part: &str) -> Result<Vec<PathBuf>> {
    let folder = root.join("tests/fixtures");
    let mut scripts = Vec::new();
    for entry in fs::read_dir(&folder).map_err(Error::file(&folder))? {
        let path = entry.map_err(Error::file(&folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("make_") && name.ends_with(".py") && name.contains(part) {
            scripts.push(path);
        }
    }
    scripts.sort();
    Ok(scripts)
}

/// A Python under target/, with these packages in it. The list of what it holds is written last, so a broken install is done again.
pub fn python(root: &Path, name: &str, packages: &[&str]) -> Result<PathBuf> {
    let venv = root.join("target").join(name);
    let python = venv.join("bin/python");
    let (list, wanted) = (venv.join("packages.txt"), packages.join("\n"));
    if fs::read_to_string(&list).is_ok_and(|held| held == wanted) {
        return Ok(python);
    }
    install::ensure(root, Tool::Python)?;
    println!("Installing {} into target/{name}.", packages.join(", "));
    run(command(root, "python3").args(["-m", "venv"]).arg(&venv))?;
    run(command(root, &python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(packages))?;
    fs::write(&list, wanted).map_err(Error::file(&list))?;
    Ok(python)
}
