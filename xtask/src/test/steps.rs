//! The steps, in order. Each installs what it needs, runs, and counts its tests; a check counts as one.

use std::path::Path;
use std::time::Instant;

use clap::ValueEnum;

use super::counts::Counts;
use super::{Done, browser, rust};
use crate::error::Result;
use crate::install::{self, Tool};
use crate::process::{cargo, run};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Step {
    Format,
    Guard,
    Xtask,
    Clippy,
    Unit,
    Native,
    Docs,
    ClippyWasm,
    Page,
    Types,
    PageUnit,
    Collection,
    Web,
    E2e,
    WasmPack,
}

impl Step {
    /// Of a change before it goes in.
    pub const TEST: [Self; 14] = [
        Self::Format,
        Self::Guard,
        Self::PageUnit,
        Self::Xtask,
        Self::Clippy,
        Self::Native,
        Self::ClippyWasm,
        Self::Docs,
        // Before the page: its other program takes the place of the library that this one is linked with.
        Self::Web,
        Self::Page,
        Self::Types,
        Self::Collection,
        Self::E2e,
        Self::WasmPack,
    ];
    /// Of a change while it is made.
    pub const CHECK: [Self; 9] = [
        Self::Format,
        Self::Guard,
        Self::PageUnit,
        Self::Xtask,
        Self::Clippy,
        Self::Unit,
        Self::ClippyWasm,
        Self::Page,
        Self::Types,
    ];

    /// Whether it is left out unless everything is asked for.
    pub fn is_only_full(self) -> bool {
        self == Self::WasmPack
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Guard => "guard",
            Self::Xtask => "xtask",
            Self::Clippy => "clippy",
            Self::Unit => "unit",
            Self::Native => "native",
            Self::Docs => "docs",
            Self::ClippyWasm => "clippy-wasm",
            Self::Page => "page",
            Self::Types => "types",
            Self::PageUnit => "page-unit",
            Self::Collection => "collection",
            Self::Web => "web",
            Self::E2e => "e2e",
            Self::WasmPack => "wasm-pack",
        }
    }

    pub fn purpose(self) -> &'static str {
        match self {
            Self::Format => "the layout of the code is rustfmt's",
            Self::Guard => "nothing that cannot run in a browser is in the page's dependencies",
            Self::Xtask => "the chores without warnings, and their tests",
            Self::Clippy => "the code without warnings, natively; this compiles what native tests run",
            Self::Unit => "unit tests on this machine",
            Self::Native => "unit and integration tests on this machine",
            Self::Docs => "the documentation builds without warnings, natively and for the browser",
            Self::ClippyWasm => "the code without warnings in the browser, and no call that traps there",
            Self::Page => "the page builds",
            Self::Types => "the page's JavaScript keeps the types it names",
            Self::PageUnit => "unit tests of the page's JavaScript, without a browser",
            Self::Collection => "a collection in shards, searched by an engine from the registries",
            Self::Web => "the wasm boundary in Chromium",
            Self::E2e => "a visitor's way through the page in Chromium",
            Self::WasmPack => "the package as users of wasm-pack build and test it",
        }
    }

    fn needs(self) -> &'static [Tool] {
        match self {
            Self::Format => &[Tool::Rustfmt],
            Self::Guard => &[],
            Self::PageUnit => &[Tool::Node],
            Self::Xtask => &[Tool::Clippy],
            Self::Clippy | Self::Unit | Self::Native | Self::Collection => &[Tool::Clippy, Tool::Cmake],
            Self::ClippyWasm => &[Tool::Clippy, Tool::WasmTarget],
            Self::Docs => &[Tool::Clippy, Tool::Cmake, Tool::WasmTarget],
            Self::Page => &[Tool::Clippy, Tool::WasmTarget, Tool::WasmBindgen],
            Self::Types => &[Tool::Clippy, Tool::NpmPackages, Tool::WasmTarget, Tool::WasmBindgen],
            Self::Web => &[Tool::Clippy, Tool::WasmTarget, Tool::WasmBindgen, Tool::Chromium],
            Self::E2e => {
                &[Tool::Clippy, Tool::NpmPackages, Tool::Chromium, Tool::WasmTarget, Tool::WasmBindgen]
            }
            Self::WasmPack => &[Tool::WasmTarget, Tool::WasmBindgen, Tool::WasmPack, Tool::Chromium],
        }
    }

    /// Fetches what the step needs and is not compiled; what cannot be had, it says itself when its turn comes.
    pub(super) fn prepare(self, root: &Path) {
        for tool in self.needs() {
            if matches!(tool, Tool::NpmPackages | Tool::Chromium) {
                let _ = install::ensure(root, *tool);
            }
        }
        if self == Self::Collection {
            let _ = browser::engines(root);
        }
    }

    pub(super) fn run(self, root: &Path, full: bool) -> Result<Done> {
        let start = Instant::now();
        for tool in self.needs() {
            install::ensure(root, *tool)?;
        }
        let installing = start.elapsed();
        let mut done = match self {
            Self::Format => {
                run(cargo(root).args(["fmt", "--all", "--check"])).map(|()| Counts::PASSED.into())
            }
            Self::Guard => browser::guard(root),
            Self::Xtask => rust::xtask(root),
            Self::Clippy => rust::clippy(root),
            Self::Unit => rust::unit(root),
            Self::Native => rust::native_tests(root),
            Self::Docs => rust::docs(root),
            Self::ClippyWasm => rust::clippy_wasm(root),
            Self::Page => rust::page(root),
            Self::Types => browser::types(root),
            Self::PageUnit => browser::page_unit(root),
            Self::Collection => browser::collection(root),
            Self::Web => rust::web(root, full),
            Self::E2e => browser::e2e(root, full),
            Self::WasmPack => browser::wasm_pack(root),
        }?;
        done.compiling += installing;
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_called_what_the_command_line_calls_it() {
        for step in Step::value_variants() {
            assert_eq!(step.to_possible_value().unwrap().get_name(), step.name());
        }
    }
}
