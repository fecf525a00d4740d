//! The program: reads arguments and configuration, wires the rooms together, prints.

mod admin;
mod ask;
mod bench;
mod chosen;
mod cli;
mod command;
mod config;
mod daemon;
mod identity;
mod instance;
mod output;
mod plans;
mod post;
mod scratch;
mod supply;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

/// Graphs are made of millions of short strings, by several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Done.
pub const DONE: u8 = 0;
/// Done, with some records refused.
pub const REFUSALS: u8 = 1;
/// Failed.
pub const FAILED: u8 = 2;
/// Refused: a plan that is no longer true.
pub const STALE: u8 = 3;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Command::SparqlWorker { directory } = &cli.command {
        return command::sparql_worker(directory);
    }
    output::init_log(&cli);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            return output::failure(
                &anyhow::Error::from(error).context("the asynchronous runtime cannot be started"),
            );
        }
    };
    let code = runtime.block_on(command::execute(cli));
    // Threads that still wait (for a lookup, for a query) must not keep the program from ending.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match code {
        Ok(code) => ExitCode::from(code),
        Err(error) if output::is_closed_output(&error) => ExitCode::from(DONE),
        Err(error) => output::failure(&error),
    }
}
