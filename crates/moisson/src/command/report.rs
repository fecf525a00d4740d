//! `moisson report`

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use archive::Archive;
use chrono::Utc;
use futures::TryStreamExt;
use futures::stream::{self, StreamExt};
use model::SourceId;
use report::{Lang, Parts};
use serde_json::json;

use crate::chosen::find;
use crate::cli::{Global, ReportFormat};
use crate::config::{Loaded, SourceFile};
use crate::instance::{Layout, load, open_archive};
use crate::post::Post;
use crate::{DONE, output};

pub struct Asked {
    pub format: Option<ReportFormat>,
    pub output: Option<PathBuf>,
    pub lang: Option<Lang>,
    pub mail: bool,
}

pub async fn report(global: &Global, source: &SourceId, asked: Asked) -> anyhow::Result<u8> {
    let loaded = load(global)?;
    let file = find(&loaded, source)?;
    let archive = open_archive(&Layout::new(&global.data)?, &loaded).await?;
    let post = Post::new(&loaded, file);
    if asked.mail {
        let recipients = post.send_now(&archive).await?;
        output::print(&if global.json {
            format!(
                "{}\n",
                json!({ "source": source, "recipients": recipients })
            )
        } else {
            format!("sent: the report of `{source}`, recipients: {recipients}\n")
        })?;
        return Ok(DONE);
    }
    let by_name = asked.output.as_deref().and_then(named);
    let format = match asked.format.or(by_name) {
        Some(format) => format,
        None if global.json => ReportFormat::Json,
        None => ReportFormat::Text,
    };
    let lang = asked.lang.unwrap_or(file.config.report.language);
    let mut parts = parts(&archive, &loaded, file, format, lang).await?;
    match &asked.output {
        None => {
            while let Some(part) = parts.try_next().await? {
                output::print(&String::from_utf8_lossy(&part))?;
            }
        }
        Some(path) => {
            let mut file = std::fs::File::create(path)
                .with_context(|| format!("{} cannot be written", path.display()))?;
            while let Some(part) = parts.try_next().await? {
                file.write_all(&part)
                    .with_context(|| format!("{} cannot be written", path.display()))?;
            }
        }
    }
    Ok(DONE)
}

/// The form that the name of a file stands for.
fn named(file: &Path) -> Option<ReportFormat> {
    Some(
        match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "txt" => ReportFormat::Text,
            "html" | "htm" => ReportFormat::Html,
            "json" => ReportFormat::Json,
            "csv" => ReportFormat::Csv,
            "atom" | "xml" => ReportFormat::Atom,
            "ttl" => ReportFormat::Ttl,
            _ => return None,
        },
    )
}

async fn parts(
    archive: &Archive,
    loaded: &Loaded,
    file: &SourceFile,
    format: ReportFormat,
    lang: Lang,
) -> anyhow::Result<Parts> {
    let (base, card) = (loaded.base.as_str(), Post::new(loaded, file).card);
    let gathered = || report::gather(archive, &card, Utc::now());
    let text = match format {
        ReportFormat::Csv => return Ok(report::csv(archive, &card, lang, base).await?),
        ReportFormat::Ttl => return Ok(report::turtle(archive, &card, base).await?),
        ReportFormat::Text => report::plain(&gathered().await?, None, lang, base)?,
        ReportFormat::Html => report::page(&gathered().await?, lang, base)?,
        ReportFormat::Json => report::json(&gathered().await?, base)?,
        ReportFormat::Atom => {
            let author = &loaded.main.catalogue.publisher;
            report::atom(archive, &card, author, lang, base, Utc::now()).await?
        }
    };
    Ok(stream::once(async { Ok(text.into()) }).boxed())
}
