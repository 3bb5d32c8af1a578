//! The command line. In a browser there is none.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    hearsight_cli::run()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
