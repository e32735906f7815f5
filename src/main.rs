//! The `veilbeat` program: the window, and the same work in the terminal.

use std::process::ExitCode;

fn main() -> ExitCode {
    veilbeat::cli::run()
}
