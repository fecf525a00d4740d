//! What the program prints: data to standard output, log and progress to standard error.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use model::RunReport;
use tracing_subscriber::EnvFilter;

use crate::FAILED;
use crate::cli::{Cli, Command, LogFormat};

pub fn init_log(cli: &Cli) {
    // A person who waits for one command is shown progress instead of the log, unless the log was asked for.
    let quiet = matches!(
        cli.command,
        Command::Harvest { .. }
            | Command::Apply { .. }
            | Command::Rebuild
            | Command::Push { .. }
            | Command::Export { .. }
            | Command::Bench { .. }
            | Command::Demo { .. }
            | Command::Record { .. }
            | Command::Values { .. }
    ) && cli.global.log == "info"
        && std::env::var_os("MOISSON_LOG").is_none();
    let level = if quiet {
        "warn"
    } else {
        cli.global.log.as_str()
    };
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match cli.global.log_format {
        LogFormat::Text => builder
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
}

pub fn failure(error: &anyhow::Error) -> ExitCode {
    eprintln!("moisson: {error:#}");
    ExitCode::from(FAILED)
}

/// Prints to standard output.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    Ok(out.write_all(text.as_bytes()).and_then(|()| out.flush())?)
}

/// Whether nobody reads on, as in `moisson runs | head`: no failure.
pub fn is_closed_output(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

/// A bar when a person is looking, else nothing.
pub fn progress(label: &str, wanted: bool) -> ProgressBar {
    if !wanted || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_message(label.to_owned());
    if let Ok(style) =
        ProgressStyle::with_template("{spinner} {msg}  {pos} records  {per_sec}  {elapsed}")
    {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// A run's figures on one line; the rarer ones where there are any. The reason of its outcome follows on a second.
pub fn run_line(report: &RunReport) -> String {
    let mut line = format!(
        "run {} of {}: {}",
        report.run,
        report.source,
        report.outcome.as_str()
    );
    if report.dry_run {
        line.push_str(" (dry run, nothing written)");
    }
    let announced = report
        .announced
        .map_or_else(String::new, |announced| format!(" of {announced}"));
    line.push_str(&format!(
        ", {}{announced} seen: {} created, {} updated, {} unchanged, {} refused",
        report.seen, report.created, report.updated, report.unchanged, report.refused
    ));
    for (figure, name) in [
        (report.missing, "missing"),
        (report.withdrawn, "withdrawn"),
        (report.held, "held"),
    ] {
        if figure > 0 {
            line.push_str(&format!(", {figure} {name}"));
        }
    }
    if report.resumed > 0 {
        let times = match report.resumed {
            1 => "once".to_owned(),
            n => format!("{n} times"),
        };
        line.push_str(&format!(", interrupted and resumed {times}"));
    }
    if let Some(finished) = report.finished {
        line.push_str(&format!(
            "; {} s",
            (finished - report.started).num_seconds().max(0)
        ));
    }
    if let Some(reason) = &report.reason {
        line.push_str(&format!("\n    {}", printable(reason)));
    }
    line
}

/// Text of a source without what would steer a terminal.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control()
                || ('\u{202a}'..='\u{202e}').contains(&c)
                || ('\u{2066}'..='\u{2069}').contains(&c)
            {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

/// Lines of cells as columns.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            text.push_str(cell);
            if column + 1 < row.len() {
                let pad = widths
                    .get(column)
                    .copied()
                    .unwrap_or(0)
                    .saturating_sub(cell.chars().count());
                text.extend(std::iter::repeat_n(' ', pad + 2));
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_source_sends_does_not_steer_the_terminal() {
        assert_eq!(
            printable("a\u{1b}[2Jé\n\u{202e}b"),
            "a\u{fffd}[2Jé\u{fffd}\u{fffd}b"
        );
    }

    #[test]
    fn columns_are_aligned_by_characters() {
        let rows = vec![
            vec!["Géo".to_owned(), "x".to_owned()],
            vec!["a".to_owned(), "yy".to_owned()],
        ];
        assert_eq!(table(&rows), "Géo  x\na    yy\n");
    }
}
