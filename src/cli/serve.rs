//! `veilbeat serve`: the server on standard input and output, for a client on another machine or in another process.

use std::io;
use std::path::PathBuf;

use super::size::parse_size;
use super::{CliError, say};
use crate::platform::{FilesGivenUp, give_up_everything};
use crate::protocol::{Files, Sandbox};
use crate::server::{Limits, ServeError, Store, StoreFile, serve};

/// Add up encrypted readings for one client, on standard input and output, until the input ends
///
/// It needs no key, no profile and no display. Give Veilbeat the command that starts it under Settings → Server, or
/// in a terminal: veilbeat stats --server "ssh -T nas veilbeat serve --store heart"
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Keep the encrypted sheets in this folder for the next connection; without it, they are forgotten at the end
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Hold at most so many bytes of sheets, in memory and in the folder: bytes, or a number with kB, MB or GB
    #[arg(long, value_name = "SIZE", default_value = "1GB", value_parser = parse_size)]
    most_bytes: u64,
    /// Hold at most so many sheets; ten years of one person are 522
    #[arg(long, value_name = "N", default_value_t = Limits::default().sheets)]
    most_sheets: u32,
    /// Answer at most so many sums a request
    #[arg(long, value_name = "N", default_value_t = Limits::default().sums)]
    most_sums: u32,
    /// Add up at most so many sheets a request, over all its sums
    #[arg(long, value_name = "N", default_value_t = Limits::default().additions)]
    most_additions: u64,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let &Arguments { most_bytes: bytes, most_sheets: sheets, most_sums: sums, most_additions: additions, .. } =
        arguments;
    let limits = Limits { bytes, sheets, sums, additions };
    let failed = |error: ServeError| CliError::File { what: error.to_string() };
    let store = match &arguments.store {
        Some(folder) => {
            let (file, store) = StoreFile::open(folder, limits).map_err(|error| failed(error.into()))?;
            (Some(file), store)
        }
        None => (None, Store::new(limits)),
    };
    let (sheets, bytes) = store.1.size();
    // Everything that it needs is open by now.
    let given_up = give_up_everything();
    let sandbox = Sandbox {
        no_new_privileges: given_up.privileges,
        not_dumpable: given_up.dumps,
        files: match given_up.files {
            FilesGivenUp::None => Files::Open,
            FilesGivenUp::Some => Files::Partly,
            FilesGivenUp::All => Files::Closed,
        },
    };
    say(&format!("veilbeat serve: {sheets} sheets, {bytes} bytes; sandbox: {}", sandbox.words()));
    serve(io::stdin(), io::stdout(), store, limits, sandbox).map_err(failed)?;
    Ok(())
}
