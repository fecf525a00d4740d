//! The commands, one function each.

mod catalogue;
mod control;
mod demo;
mod harvest;
mod identity;
mod inspect;
mod plan;
pub mod push;
mod record;
mod report;
mod template;
mod vocabulary;

use std::path::Path;
use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::{DONE, bench, daemon, output};

/// Carries a command out, and gives the exit code.
pub async fn execute(cli: Cli) -> anyhow::Result<u8> {
    let global = cli.global;
    match cli.command {
        Command::Run => daemon::run(&global, true).await,
        Command::Serve => daemon::run(&global, false).await,
        Command::Harvest {
            sources,
            dry_run,
            save_plan,
            verbose,
            full,
        } => {
            let asked = harvest::Asked {
                full,
                dry_run,
                verbose,
                save_plan,
            };
            harvest::harvest(&global, &sources, asked).await
        }
        Command::Apply {
            file,
            dry_run,
            verbose,
        } => plan::apply(&global, &file, dry_run, verbose).await,
        Command::Check => inspect::check(&global),
        Command::Sources => inspect::sources(&global).await,
        Command::Runs { source, run, limit } => {
            inspect::runs(&global, source.as_ref(), run, limit).await
        }
        Command::Report {
            source,
            format,
            output,
            lang,
            mail,
        } => {
            let asked = report::Asked {
                format,
                output,
                lang,
                mail,
            };
            report::report(&global, &source, asked).await
        }
        Command::Release { source, reason } => {
            control::release(&global, &source, reason.as_deref()).await
        }
        Command::Push {
            release: Some(target),
            reason,
            ..
        } => push::release(&global, &target, &reason.unwrap_or_default()).await,
        Command::Push {
            targets, dry_run, ..
        } => push::push(&global, &targets, dry_run).await,
        Command::Stop { run } => control::stop(&global, run).await,
        Command::Undo { run, dry_run } => control::undo(&global, run, dry_run).await,
        Command::Resume { source } => control::resume(&global, &source).await,
        Command::Explain { rule } => inspect::explain(&global, rule.as_deref()),
        Command::Merge { entities, reason } => identity::merge(&global, &entities, &reason).await,
        Command::Split {
            entity,
            record,
            reason,
        } => identity::split(&global, &entity, &record, &reason).await,
        Command::Decisions {
            entity,
            show,
            limit,
        } => identity::decisions(&global, entity.as_deref(), show, limit).await,
        Command::Rebuild => catalogue::rebuild(&global).await,
        Command::Export { format } => catalogue::export(&global, format).await,
        Command::Vocab { value, scheme } => {
            vocabulary::vocab(&global, value.as_deref(), scheme.as_deref())
        }
        Command::Values {
            sources,
            topic,
            limit,
            resolved,
        } => {
            let shown = vocabulary::Shown {
                topic,
                limit,
                resolved,
            };
            vocabulary::values(&global, &sources, shown).await
        }
        Command::Template { output, format } => template::template(&output, format),
        Command::Record {
            source,
            directory,
            requests,
        } => record::record(&global, &source, &directory, requests).await,
        Command::Demo { listen, once } => demo::demo(global, &listen, once).await,
        Command::Bench {
            datasets,
            page_size,
            keep,
            no_provenance,
        } => bench::bench(&global, datasets, page_size, keep, !no_provenance).await,
        Command::BenchPortal {
            datasets,
            directory,
        } => bench::portal(datasets, &directory).await,
        Command::SparqlWorker { .. } => Ok(DONE),
    }
}

/// The other end of the pipe is the server.
pub fn sparql_worker(directory: &Path) -> ExitCode {
    match graph::worker::run(directory, std::io::stdin(), std::io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output::failure(&anyhow::anyhow!("sparql worker: {error}")),
    }
}
