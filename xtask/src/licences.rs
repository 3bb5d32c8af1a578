//! `cargo xtask licences`: the list of what the page's program contains that others wrote, with the licences.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::error::{Error, Result};
use crate::install::{self, Tool};
use crate::process::{ask, cargo, command, run};

/// It goes into pkg/, and so wherever the program goes.
pub const LIST: &str = "LICENSE.third-party.txt";
/// What the package's program lacks of the others.
const WITH_THREADS: &str = "threads";

/// Makes the list again from the licence files of the crates. Takes a minute or two.
pub fn make(root: &Path) -> Result<()> {
    install::ensure(root, Tool::CargoAbout)?;
    let mut about = command(root, "cargo-about");
    about.args(["generate", "--offline", "--locked", "--config", "xtask/licences/about.toml"]);
    about.args(["--features", WITH_THREADS]);
    run(about.args(["--output-file", LIST, "xtask/licences/third-party.txt.hbs"]))?;
    check(root)
}

/// Whether the list names every crate of the program in the version of Cargo.lock, and no other.
pub fn check(root: &Path) -> Result<()> {
    let path = root.join(LIST);
    let list = fs::read_to_string(&path).map_err(Error::file(&path))?;
    let (named, contained) = (named(&list), contained(&tree(root)?));
    let differing: Vec<_> = named.symmetric_difference(&contained).cloned().collect();
    if differing.is_empty() {
        return Ok(());
    }
    Err(Error::Check(format!(
        "{LIST} does not fit Cargo.lock ({}). Make it again with `cargo xtask licences`.",
        differing.join(", ")
    )))
}

/// The crates that are compiled into one of the page's programs, as `cargo tree` lists them.
pub fn tree(root: &Path) -> Result<String> {
    let mut tree = cargo(root);
    tree.args(["tree", "--package", "hearsight", "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    tree.args(["--target", "wasm32-unknown-unknown", "--features", WITH_THREADS]);
    ask(&mut tree)
        .ok_or_else(|| Error::Check("The list of dependencies could not be had from `cargo tree`.".into()))
}

/// "name version" of each crate in the text of the list: lines that are set in, below the name of a licence.
fn named(list: &str) -> BTreeSet<String> {
    let mut crates = BTreeSet::new();
    let mut lines = list.lines();
    while lines.by_ref().any(is_rule) {
        let below = lines.by_ref().skip(1).take_while(|line| !line.is_empty());
        crates.extend(below.map(|line| line.trim().to_owned()));
    }
    crates
}

/// Licences have rules in them too, none so long.
fn is_rule(line: &str) -> bool {
    line.len() == 80 && line.bytes().all(|byte| byte == b'-')
}

/// "name version" of each line "name vVersion (…)" of `cargo tree`.
fn contained(tree: &str) -> BTreeSet<String> {
    let crates = tree.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some(format!("{} {}", words.next()?, words.next()?.strip_prefix('v')?))
    });
    crates.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_of_the_program_is_named_in_its_version() {
        check(&crate::root()).unwrap();
    }

    #[test]
    fn crates_are_read_from_both_lists() {
        let rule = "-".repeat(80);
        let list = format!(
            "PROGRAM\n\n2 under MIT\n\n{rule}\nMIT License\n    serde 1.0.229\n    burn 0.22.1\n\nText\n    set in\n\n{rule}\nZlib\n    slotmap 1.0.7\n\nText\n"
        );
        assert_eq!(
            named(&list).into_iter().collect::<Vec<_>>(),
            ["burn 0.22.1", "serde 1.0.229", "slotmap 1.0.7"]
        );
        let tree = "hearsight v0.1.0 (/here)\nburn v0.22.1\nserde v1.0.229 (*)\nserde_derive v1.0.229 (proc-macro)\n";
        assert_eq!(
            contained(tree).into_iter().collect::<Vec<_>>(),
            ["burn 0.22.1", "hearsight 0.1.0", "serde 1.0.229", "serde_derive 1.0.229"]
        );
    }
}
