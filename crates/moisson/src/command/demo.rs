//! `moisson demo`: portals on loopback, harvested by the real connectors, and the result served.

use std::path::{Path, PathBuf};

use anyhow::Context;
use harvest::RunOptions;
use tokio::net::TcpListener;

use super::harvest::harvest_sources;
use crate::cli::Global;
use crate::instance::{Instance, load};
use crate::{DONE, daemon, output};

pub async fn demo(global: Global, listen: &str, once: bool) -> anyhow::Result<u8> {
    let udata = demo::udata_portal(TcpListener::bind("127.0.0.1:0").await?).await?;
    let csw = demo::csw_portal(TcpListener::bind("127.0.0.1:0").await?).await?;
    let root = demo_directory(&global)?;
    write_configuration(&root.join("config"), listen, udata.url(), csw.url())?;
    let global = Global {
        config: root.join("config"),
        data: root.join("data"),
        ..global
    };
    // Listening comes first: an occupied port is told before the work is done.
    let listener = if once {
        None
    } else {
        Some(daemon::listen(listen).await?)
    };
    say(
        &global,
        &format!(
            "Two demonstration portals answer on this machine:\n  a udata  {}\n  a CSW    {}\n\n",
            udata.url(),
            csw.url()
        ),
    )?;
    let instance = Instance::open(&global, load(&global)?).await?;
    let harvested = harvest_sources(&instance, &[], RunOptions::default(), global.json).await;
    match (harvested, listener) {
        (Ok(_), Some(listener)) => {
            say(&global, &opening(listen))?;
            daemon::serve(instance, listener, true, &global).await
        }
        (harvested, _) => instance.close_after(harvested.map(|_| DONE)).await,
    }
}

/// The demonstration keeps its own directory below `--data`, and never mixes with an instance.
fn demo_directory(global: &Global) -> anyhow::Result<PathBuf> {
    let root = global.data.join("demo");
    std::fs::create_dir_all(root.join("config/sources"))
        .and_then(|()| std::fs::create_dir_all(root.join("config/queries")))
        .with_context(|| root.display().to_string())?;
    Ok(root)
}

fn write_configuration(config: &Path, listen: &str, udata: &str, csw: &str) -> anyhow::Result<()> {
    let write = |name: &str, text: String| {
        std::fs::write(config.join(name), text)
            .with_context(|| config.join(name).display().to_string())
    };
    write(
        "moisson.toml",
        format!(
            "# Written by `moisson demo` at each start.\nbase = \"https://donnees.example.org/\"\n\n[server]\nlisten = \"{listen}\"\n\n[fetch]\nallow_private = [\"127.0.0.1\"]\ndelay = \"0s\"\n\n[schedule]\njitter = \"0s\"\n\n[csw]\nenabled = true\n"
        ),
    )?;
    for (name, text) in QUERIES {
        write(&format!("queries/{name}.rq"), (*text).to_owned())?;
    }
    write(
        "sources/demo-udata.toml",
        format!(
            "title = \"Portail de démonstration (udata)\"\nschedule = \"0 */10 * * * *\"\n\n[connector.udata]\nurl = \"{udata}\"\n"
        ),
    )?;
    write(
        "sources/demo-csw.toml",
        format!(
            "title = \"Géocatalogue de démonstration (CSW)\"\nschedule = \"0 5/10 * * * *\"\n\n[connector.csw]\nurl = \"{csw}\"\n"
        ),
    )
}

fn opening(address: &str) -> String {
    format!(
        "\nThe catalogue is open:\n  http://{address}/                        the portal\n  http://{address}/catalog.ttl             the DCAT-AP feed, page by page\n  http://{address}/sparql                  SPARQL 1.1\n  http://{address}/queries                 queries that are ready, as tables for spreadsheets\n  http://{address}/sources                 sources and their runs\n\nTry:\n  curl -s http://{address}/sparql -H 'Accept: text/csv' --data-urlencode 'query=\n    PREFIX dcat: <http://www.w3.org/ns/dcat#>\n    SELECT ?theme (COUNT(*) AS ?n) WHERE {{ ?d a dcat:Dataset ; dcat:theme ?theme }} GROUP BY ?theme ORDER BY DESC(?n)'\n\nCtrl-C ends it.\n"
    )
}

fn say(global: &Global, text: &str) -> anyhow::Result<()> {
    if global.json {
        Ok(())
    } else {
        output::print(text)
    }
}

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../config/queries/", $name, ".rq")))),+]
    };
}

/// The queries that are shipped, each with its name.
const QUERIES: &[(&str, &str)] = shipped![
    "divergences",
    "formats",
    "forte-valeur",
    "fraicheur",
    "licences",
    "producteurs",
    "sans-licence",
    "sources",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demonstration_has_every_query_that_is_shipped_and_its_configuration_has_no_fault() {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/queries");
        assert_eq!(
            std::fs::read_dir(shipped).expect("queries").count(),
            QUERIES.len()
        );
        let dir = tempfile::tempdir().expect("a directory");
        for part in ["sources", "queries"] {
            std::fs::create_dir(dir.path().join(part)).expect("a directory");
        }
        write_configuration(
            dir.path(),
            "127.0.0.1:0",
            "http://127.0.0.1:1/",
            "http://127.0.0.1:2/",
        )
        .expect("written");
        let loaded = crate::config::load(dir.path()).expect("no fault");
        assert_eq!(loaded.queries.len(), QUERIES.len());
    }
}
