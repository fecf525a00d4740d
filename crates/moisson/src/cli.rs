//! The arguments.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use model::SourceId;
use report::Lang;

/// Harvests the metadata of data portals, turns it into clean DCAT-AP, and publishes it.
///
/// Begin with `moisson demo`, which needs no configuration and no network. Then write config/moisson.toml and one file a source in
/// config/sources/, see what `moisson check` says of them, try `moisson harvest SOURCE --dry-run`, and leave `moisson run` to a
/// service manager.
///
/// Exit codes: 0 done; 1 done, but some records were refused, some pages could not be read, or a person stopped the run; 2 failed;
/// 3 a plan is no longer true.
#[derive(Debug, Parser)]
#[command(name = "moisson", version, max_term_width = 110)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Args)]
pub struct Global {
    /// The directory of the configuration: moisson.toml and sources/*.toml.
    #[arg(long, global = true, value_name = "DIR", default_value = "config")]
    pub config: PathBuf,
    /// The directory of everything that the instance keeps.
    #[arg(long, global = true, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// Print JSON on standard output, for scripts.
    #[arg(long, global = true)]
    pub json: bool,
    /// What goes to the log on standard error.
    #[arg(
        long,
        global = true,
        value_name = "LEVEL",
        default_value = "info",
        env = "MOISSON_LOG"
    )]
    pub log: String,
    /// The form of the log.
    #[arg(
        long,
        global = true,
        value_name = "FORM",
        default_value = "text",
        env = "MOISSON_LOG_FORMAT"
    )]
    pub log_format: LogFormat,
}

/// Which decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shown {
    /// The evidence is uncertain: a person may look.
    Proposed,
    /// One, by a rule or a person.
    Same,
    /// Apart, because a person says so.
    Apart,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the daemon: harvest each source on its schedule, and serve the catalogue.
    Run,
    /// Harvest sources once, all enabled ones unless some are named.
    ///
    /// Prints one report a source. Nothing is deleted by a run that is not complete; what a complete run does not see is kept for
    /// a period of grace, and the deletion guard keeps it if it is too much at once.
    ///
    /// `moisson harvest SOURCE --dry-run` prints the plan of the run instead: each entity that it would create (+), change (~),
    /// withdraw (-), restore (^), make a part of another (>) or part from one (<), with the properties that change, old and new; then
    /// the records that would be missing (?) or that the deletion guard would hold (=), and the sums. With --json, an object a line.
    /// `moisson harvest SOURCE --save-plan FILE` keeps the plan, and `moisson apply FILE` does exactly that. Both work while the
    /// daemon runs, on a copy of the archive, which takes as much room in the data directory for as long.
    Harvest {
        /// Identifiers of sources: the names of their files without `.toml`.
        sources: Vec<SourceId>,
        /// Read everything and say what would change, property by property, but write nothing.
        #[arg(long)]
        dry_run: bool,
        /// The same, and write the plan to a new file, with what the source gave: `moisson apply FILE` does what was shown.
        #[arg(long, value_name = "FILE")]
        save_plan: Option<PathBuf>,
        /// In a plan, show also every property of what would come or go as a whole, and long values in full.
        #[arg(long)]
        verbose: bool,
        /// See every record, also where only changes would be asked for.
        #[arg(long)]
        full: bool,
    },
    /// Do what a saved plan says, without asking the source again.
    ///
    /// That is a run as any other: `moisson runs` shows it, `moisson undo` undoes it. First the plan is made again from its file, and
    /// nothing is done unless it is still the plan that was shown. Exit codes: as those of a harvest, and 3 where the plan is no longer
    /// true: its source was harvested since, its configuration, the rules or the program are others, a person or another source
    /// changed what it is about, or it is for another archive. The message says which, and `moisson harvest SOURCE --save-plan FILE`
    /// makes it again.
    Apply {
        /// What `moisson harvest SOURCE --save-plan FILE` wrote.
        file: PathBuf,
        /// Show the plan and whether it is still true, and do nothing.
        #[arg(long)]
        dry_run: bool,
        /// With --dry-run, show also every property of what would come or go as a whole, and long values in full.
        #[arg(long, requires = "dry_run")]
        verbose: bool,
    },
    /// Serve the catalogue without harvesting.
    Serve,
    /// Check the configuration, and name each fault with its file, line and column.
    Check,
    /// List the sources with their schedules and last runs.
    Sources,
    /// List the last runs, newest first; with a run's number, its findings.
    Runs {
        /// Only of this source.
        source: Option<SourceId>,
        /// Show one run with its findings.
        #[arg(long, value_name = "RUN", conflicts_with = "source")]
        run: Option<i64>,
        /// How many runs.
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Show what the owner of a source is told: the findings that hold, by rule, with how to mend them at the source.
    ///
    /// `moisson report SOURCE --output rapport.html` writes the page, `--format csv` prints all findings, a line each.
    Report {
        source: SourceId,
        /// Text, HTML, JSON (as does --json), CSV with all findings, Atom, or Turtle (SHACL) with all findings; unless given, by the
        /// name of the file, and else text.
        #[arg(long, value_enum)]
        format: Option<ReportFormat>,
        /// The file to write, instead of standard output.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// fr or en; unless given, what [report] in the source's file says.
        #[arg(long, value_name = "LANG")]
        lang: Option<Lang>,
        /// Send it by mail, now, to those whom [report] in the source's file names, whether or not anything changed.
        #[arg(long, conflicts_with_all = ["format", "output"])]
        mail: bool,
    },
    /// Let the next complete run of a source remove what the deletion guard holds.
    Release {
        source: SourceId,
        /// Why: it is shown with the run that removes it.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Send other catalogues what changed in this one since the last push: all enabled targets unless some are named.
    ///
    /// A file in targets/ of the configuration is a target: a store of RDF, or a catalogue that takes records by CSW. What is there
    /// already and did not change is not sent; what is gone here is deleted there, unless that is too much at once: then the guard
    /// holds it until `moisson push --release TARGET --reason TEXT`. Nothing is touched there that was not pushed. Works beside the daemon,
    /// which pushes on schedule. Exit codes: 0 done; 1 the target refused some, or the guard held some; 2 failed.
    Push {
        /// Identifiers of targets: the names of their files without `.toml`.
        targets: Vec<SourceId>,
        /// Say what would be created (+), updated (~), deleted (-) or held (=) there, and send nothing.
        #[arg(long)]
        dry_run: bool,
        /// Let the next push to this target delete what the guard holds, and push nothing now.
        #[arg(long, value_name = "TARGET", requires = "reason", conflicts_with_all = ["targets", "dry_run"])]
        release: Option<SourceId>,
        /// Why: it is shown with the push that deletes.
        #[arg(long, value_name = "TEXT", requires = "release")]
        reason: Option<String>,
    },
    /// Say that entities are one dataset: it holds until `split` says otherwise, whatever the rules find.
    ///
    /// `moisson decisions` lists the pairs that the rules propose. Entities are named by their IRIs. While the daemon runs, it is asked
    /// to do it. Exit codes: 0 they are one; 2 refused.
    Merge {
        /// The IRIs of two entities or more.
        #[arg(required = true, num_args = 2.., value_name = "ENTITY")]
        entities: Vec<String>,
        /// Why: kept with the decision and shown.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Say that a record describes another dataset than the other records of an entity, which it is a part of or may become one of.
    ///
    /// While the daemon runs, it is asked to do it. Prints the IRI of the entity that the record is then. Exit codes: 0 done; 2
    /// refused.
    Split {
        /// The IRI of the entity.
        entity: String,
        /// The record: SOURCE/IDENTIFIER, as `moisson decisions ENTITY` shows it.
        record: String,
        /// Why: kept with the decision and shown.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// List what was decided of records that may be one: proposals to a person, unless others are asked for.
    Decisions {
        /// Every decision about the records of this entity.
        entity: Option<String>,
        #[arg(long, value_enum, default_value = "proposed")]
        show: Shown,
        /// How many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Ask a run to end, also one of the daemon. It keeps what it has written, and deletes nothing.
    ///
    /// The run ends within some seconds as `partial`, and `moisson harvest`, if that carries it out, with exit code 1. The exit code
    /// here is 0 when the run was asked, 2 when there is no such run or it has ended.
    Stop {
        /// Its number: `moisson runs` lists them.
        run: i64,
    },
    /// Have the catalogue as it was before a run, and pause the source.
    ///
    /// Records that the run changed, withdrew or found missing are as they were; those that came with it are withdrawn. What other
    /// sources gave stays. Records that their source keeps from the public by now stay out of the catalogue. Later runs that changed
    /// the same records have to be undone first. How the catalogue was is kept for the time that `keep` of [history] gives.
    ///
    /// The source is not harvested until `moisson resume SOURCE`, since its next run would do the same again. While the daemon runs,
    /// it has to be asked: POST /admin/runs/RUN/undo. If it is cut off, calling it again goes on.
    Undo {
        /// Its number: `moisson runs` lists them.
        run: i64,
        /// Say what would be done, and do nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Let a source be harvested again that is paused since one of its runs was undone.
    Resume { source: SourceId },
    /// Make all entities and the graph store again from the records that are kept, as after a change of the rules.
    Rebuild,
    /// Print the public catalogue.
    Export {
        /// Turtle, N-Triples (sorted and canonical), N-Quads, RDF/XML or JSON-LD.
        #[arg(long, value_enum, default_value = "ttl")]
        format: ExportFormat,
    },
    /// Explain a rule, such as licence/unknown; without a name, list all rules.
    Explain { rule: Option<String> },
    /// Look up a value in the controlled vocabularies; without one, list the vocabularies.
    ///
    /// `moisson vocab "Licence ouverte v2"` tells in which vocabularies the value is known, as what, and how surely.
    /// `moisson vocab --scheme frequencies` lists the concepts of one.
    Vocab {
        /// A code, a label, an IRI, or a spelling as sources have it.
        value: Option<String>,
        /// Only this vocabulary: the name of its table under vocab/, without `.tsv`.
        #[arg(long, value_name = "NAME")]
        scheme: Option<String>,
    },
    /// Show the share of the values that the rules understand, by topic, and those that they do not, by frequency.
    ///
    /// Reads the records that are kept and writes nothing. Values that say that there is none (`n/a`) do not count.
    Values {
        /// Only of these sources.
        sources: Vec<SourceId>,
        /// Only of this topic: licence, format, frequency, language, date, place...
        #[arg(long)]
        topic: Option<String>,
        /// How many values of each topic to list.
        #[arg(long, default_value_t = 10)]
        limit: usize,
        /// List what was understood, and as what, instead of what was not.
        #[arg(long)]
        resolved: bool,
    },
    /// Write the spreadsheet in which services list their data. A source with `[connector.inventory]` reads it.
    Template {
        /// The file to write; nothing is overwritten.
        #[arg(long, value_name = "FILE", default_value = "inventaire.xlsx")]
        output: PathBuf,
        /// XLSX with lists to choose from and explanations, or CSV with the headers alone; unless given, by the name of the file.
        #[arg(long, value_enum)]
        format: Option<TemplateFormat>,
    },
    /// Record what a live source answers, as a golden case for the tests. Harvests nothing.
    Record {
        source: SourceId,
        /// Where to write source.toml and pages/, such as tests/golden/csw/somewhere.
        directory: PathBuf,
        /// The most requests to make.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
        requests: u64,
    },
    /// Start demonstration portals on loopback, harvest them, and serve the result. Needs no configuration and no network.
    Demo {
        /// The address to serve at.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: String,
        /// End after the harvest instead of serving.
        #[arg(long)]
        once: bool,
    },
    /// Measure a whole harvest of a generated portal: first harvest, nothing changed, one percent changed.
    Bench {
        /// How many datasets the portal has, with five distributions each.
        #[arg(long, default_value_t = 10_000)]
        datasets: u64,
        /// Datasets a page.
        #[arg(long, default_value_t = 100)]
        page_size: u32,
        /// Keep the instance's data in this directory instead of a temporary one.
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
        /// Leave provenance out of the graph store, to see what it costs.
        #[arg(long)]
        no_provenance: bool,
    },
    /// Serve the generated portal of `bench` (a process of its own, so that memory is counted apart).
    #[command(hide = true)]
    BenchPortal {
        #[arg(long)]
        datasets: u64,
        directory: PathBuf,
    },
    /// Answer SPARQL queries over a checkpoint (a process of its own, so that it can be killed).
    #[command(hide = true)]
    SparqlWorker { directory: PathBuf },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    Ttl,
    Nt,
    Nq,
    Rdf,
    Jsonld,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    Text,
    Html,
    Json,
    Csv,
    Atom,
    Ttl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TemplateFormat {
    Xlsx,
    Csv,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }
}
