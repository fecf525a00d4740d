#![doc = include_str!("../README.md")]

mod cases;
mod dcat;
mod decisions;
mod describe;
mod identity;
mod ours;
mod semic;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Compares what Moisson makes of records with what reference tools make of them")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// ISO records against the reference graphs of the shared corpus
    Semic {
        /// Only the cases whose path contains this text
        #[arg(long)]
        case: Option<String>,
        /// One JSON document instead of text
        #[arg(long)]
        json: bool,
        /// Differences shown for each case
        #[arg(long, default_value_t = 20)]
        limit: usize,
        /// Show explained differences too
        #[arg(long)]
        explained: bool,
        /// The corpus
        #[arg(long, default_value = "../shared/corpus")]
        corpus: PathBuf,
        /// The decisions
        #[arg(long, default_value = "tests/semic/decisions.toml")]
        decisions: PathBuf,
    },
    /// DCAT graphs: what ckanext-dcat reads of them and what they say, looked for in our clean graphs
    Dcat {
        /// Graphs, in the format that their extension says
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// What `tests/shared/ckan_read.py` printed about the same files
        #[arg(long)]
        ckan: Option<PathBuf>,
        /// The decisions
        #[arg(long, default_value = "tests/dcat/decisions.toml")]
        decisions: PathBuf,
        /// Differences shown
        #[arg(long, default_value_t = 100)]
        limit: usize,
        /// Differences as JSON, one a line
        #[arg(long)]
        json: bool,
        /// Write the clean graphs here, as N-Triples
        #[arg(long)]
        dump: Option<PathBuf>,
    },
    /// Which records become one dataset: on a generated world of twenty portals, whose truth is known
    Identity {
        /// The world: another one for each seed
        #[arg(long = "seed", default_values_t = [1])]
        seeds: Vec<u64>,
        /// Datasets of the world, about
        #[arg(long, default_value_t = 3_000)]
        datasets: usize,
        /// Wrong merges, and missed pairs, that are shown
        #[arg(long, default_value_t = 10)]
        limit: usize,
        /// One JSON document a world instead of text
        #[arg(long)]
        json: bool,
        /// The share of the true pairs that has to be merged
        #[arg(long, default_value_t = identity::RECALL)]
        recall: f64,
        /// Not a world, but this corpus, whose merges a person has read
        #[arg(long)]
        corpus: Option<PathBuf>,
        /// What was read
        #[arg(long, default_value = "tests/identity/decisions.tsv")]
        decisions: PathBuf,
    },
    /// Measure how many ISO records a second are mapped, and mapped and cleaned, on one core
    Speed {
        #[arg(required = true)]
        records: Vec<PathBuf>,
        /// Seconds for each measure
        #[arg(long, default_value_t = 3)]
        seconds: u64,
    },
    /// Print the clean graph of ISO records as N-Triples
    Dump {
        #[arg(required = true)]
        records: Vec<PathBuf>,
        /// The graph as it is mapped, before the rules
        #[arg(long)]
        raw: bool,
    },
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().command {
        Command::Semic {
            case,
            json,
            limit,
            explained,
            corpus,
            decisions,
        } => {
            let options = semic::Options {
                case,
                json,
                limit,
                explained,
                corpus,
                decisions,
            };
            Ok(if semic::run(&options)? {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Command::Dcat {
            files,
            ckan,
            decisions,
            limit,
            json,
            dump,
        } => {
            let options = dcat::Options {
                ckan,
                files,
                decisions,
                limit,
                json,
                dump,
            };
            Ok(if dcat::run(&options)? {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Command::Identity {
            seeds,
            datasets,
            limit,
            json,
            recall,
            corpus,
            decisions,
        } => {
            let good = match corpus {
                Some(corpus) => identity::run_corpus(&identity::corpus::Options {
                    corpus,
                    decisions,
                    json,
                })?,
                None => identity::run(&identity::Options {
                    seeds,
                    datasets,
                    limit,
                    json,
                    recall,
                })?,
            };
            Ok(if good {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Command::Speed { records, seconds } => {
            ours::speed(&records, seconds)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Dump { records, raw } => {
            ours::dump(&records, raw)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
