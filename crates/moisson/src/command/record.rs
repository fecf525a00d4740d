//! `moisson record`: a live source becomes a golden case.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use archive::Archive;
use chrono::Utc;
use fetch::Recorder;
use harvest::{Limits, RunOptions, Source, Workshop};
use model::{Minter, SourceId};
use vocab::Vocab;

use super::harvest::exit_code;
use crate::chosen::find;
use crate::cli::Global;
use crate::instance::{Fetchers, load};
use crate::output;

/// Writes `source.toml` and `pages/` into the directory. The source is crawled into an archive that is thrown away, so nothing is
/// harvested.
pub async fn record(
    global: &Global,
    id: &SourceId,
    directory: &Path,
    requests: u64,
) -> anyhow::Result<u8> {
    let loaded = load(global)?;
    let file = find(&loaded, id)?;
    std::fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
    let copy = directory.join("source.toml");
    if copy.exists() {
        bail!("{} exists; give a directory without a case", copy.display());
    }
    let Source {
        id,
        connector,
        fetcher,
        guard,
        limits,
        language,
        full_every,
        full_at,
        resume_within,
    } = Fetchers::new(&loaded)?.source(&loaded, file)?;
    let fetcher = Recorder::create(fetcher, directory.join("pages"))?;
    let limits = Limits { requests, ..limits };
    let source = Source {
        id,
        connector,
        fetcher,
        guard,
        limits,
        language,
        full_every,
        full_at,
        resume_within,
    };

    let scratch = tempfile::tempdir()?;
    let minter = Minter::new(loaded.base.clone());
    let archive = Archive::open(&scratch.path().join("archive.sqlite"), minter.base()).await?;
    let workshop = Workshop {
        archive,
        projector: None,
        minter,
        vocab: Vocab::bundled(),
        clock: Arc::new(Utc::now),
    };
    let mut result = harvest::run(&workshop, &source, RunOptions { full: true }, |_| {}).await?;
    workshop.archive.close().await;
    // Of this instance, nothing was written.
    result.report.dry_run = true;
    // What stands in it of credentials is where they are kept, not what they are.
    let original = global
        .config
        .join("sources")
        .join(format!("{}.toml", source.id));
    std::fs::copy(&original, &copy).with_context(|| original.display().to_string())?;

    output::print(&format!(
        "{}\nwritten to {}: look through its pages for what must not be published, then run\n  MOISSON_BLESS=1 cargo test -p harvest --test golden\n",
        output::run_line(&result.report),
        directory.display()
    ))?;
    Ok(exit_code(&result.report))
}
