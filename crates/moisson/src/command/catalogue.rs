//! Commands on the whole catalogue: `rebuild`, `export`.

use serde_json::json;

use crate::cli::{ExportFormat, Global};
use crate::instance::{Instance, Layout, load, open_archive};
use crate::{DONE, output};

pub async fn rebuild(global: &Global) -> anyhow::Result<u8> {
    let mut instance = Instance::open_archive_alone(global, load(global)?).await?;
    let worked = remake(&mut instance, global).await;
    instance.close_after(worked).await
}

async fn remake(instance: &mut Instance, global: &Global) -> anyhow::Result<u8> {
    let bar = output::progress("rebuild", !global.json);
    let language = |source: &model::SourceId| instance.loaded.language_of(source);
    let rebuilt = harvest::rebuild(&instance.workshop, language, |rebuilt| {
        bar.set_position(rebuilt.records)
    })
    .await?;
    bar.set_message("graph store, search index");
    instance.make_projections_again().await?;
    bar.finish_and_clear();
    output::print(&if global.json {
        format!(
            "{}\n",
            json!({ "records": rebuilt.records, "refused": rebuilt.refused, "changed": rebuilt.changed })
        )
    } else {
        format!(
            "rebuilt from {} records: {} refused, {} entities changed; graph store and search index were made again\n",
            rebuilt.records, rebuilt.refused, rebuilt.changed
        )
    })?;
    Ok(DONE)
}

pub async fn export(global: &Global, format: ExportFormat) -> anyhow::Result<u8> {
    let loaded = load(global)?;
    let archive = open_archive(&Layout::new(&global.data)?, &loaded).await?;
    let format = match format {
        ExportFormat::Ttl => publish::Format::Turtle,
        ExportFormat::Nt => publish::Format::NTriples,
        ExportFormat::Nq => publish::Format::NQuads,
        ExportFormat::Rdf => publish::Format::RdfXml,
        ExportFormat::Jsonld => publish::Format::JsonLd,
    };
    publish::export(&archive, format, &mut tokio::io::stdout()).await?;
    Ok(DONE)
}
