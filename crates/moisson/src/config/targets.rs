//! Files of targets: catalogues of others that are sent what changed in this one. The file's name is the target's identifier.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use harvest::Schedule;
use model::SourceId;
use push::{CswTarget, GraphStoreTarget, Guard, Selection, Sender, Target, UpdateTarget};
use serde::Deserialize;
use url::Url;
use uuid::Uuid;
use vocab::{Scheme, Vocab};

use super::sources::CredentialsConfig;
use super::toml_text::TomlText;
use super::{Fault, Fetch, SourceFile};

/// `config/targets/ID.toml`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetConfig {
    pub title: String,
    /// Whether the daemon and `moisson push` without names push to it.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// When it is pushed to: `after-run`, after each run of a source, or `second minute hour day month weekday`. Without it, only on
    /// demand.
    pub when: Option<toml::Spanned<String>>,
    /// Which part of the catalogue it is sent; the whole, unless given.
    #[serde(default)]
    pub select: Select,
    #[serde(default)]
    pub guard: TargetGuard,
    /// Who the target is told that we are.
    pub credentials: Option<CredentialsConfig>,
    pub target: toml::Spanned<TargetKind>,
}

/// Of each list that is given, one has to fit.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Select {
    /// Identifiers of sources: the names of their files without `.toml`.
    pub sources: Vec<String>,
    /// UUIDs of the organisations that publish it: the last part of their addresses.
    pub organisations: Vec<String>,
    /// Codes of themes (of DCAT-AP, of INSPIRE, of high-value datasets): the last part of their addresses in `/catalog/theme/`.
    pub themes: Vec<String>,
    /// High-value datasets only.
    pub hvd: bool,
    /// Sources that are the target, or are fed by it: what they have is not sent back. A source at the host of the target is one
    /// without being named.
    pub not_from: Vec<String>,
}

/// What keeps a target from being emptied because this catalogue is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TargetGuard {
    /// The share of what the target has, from 0 to 1, that may be deleted at once.
    pub share: f64,
    /// So many may always be deleted, unless nothing would be left.
    pub floor: u64,
}

/// The protocol by which a target is written to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum TargetKind {
    /// SPARQL 1.1 Graph Store Protocol: a named graph an entity.
    GraphStore(Address),
    /// SPARQL 1.1 Update: the same, a batch a request.
    SparqlUpdate(Address),
    /// CSW 2.0.2 with transactions: GeoNetwork, pycsw.
    Csw(CswAddress),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// The address of the service: for `graph-store` the one that takes `?graph=`, for `sparql-update` the one that takes updates.
    pub url: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CswAddress {
    /// The address that takes transactions: of a GeoNetwork `…/srv/fre/csw-publication`, of a pycsw its only one.
    pub url: String,
    /// The address that answers requests, where it is another: of a GeoNetwork `…/srv/fre/csw`.
    pub read: Option<String>,
}

/// A target's file, read and checked.
#[derive(Debug, Clone)]
pub struct TargetFile {
    pub id: SourceId,
    pub config: TargetConfig,
    pub selection: Selection,
}

impl Default for TargetGuard {
    fn default() -> Self {
        Self {
            share: 0.2,
            floor: 10,
        }
    }
}

fn yes() -> bool {
    true
}

pub const AFTER_RUN: &str = "after-run";

impl TargetFile {
    pub fn guard(&self) -> Guard {
        Guard {
            share: self.config.guard.share,
            floor: self.config.guard.floor,
        }
    }

    pub fn is_after_runs(&self) -> bool {
        self.config
            .when
            .as_ref()
            .is_some_and(|when| when.get_ref() == AFTER_RUN)
    }

    /// When it is pushed to, where that is not after runs. The expression was checked when the file was read.
    pub fn schedule(&self, defaults: &super::ScheduleDefaults) -> Option<Schedule> {
        let when = self
            .config
            .when
            .as_ref()
            .filter(|_| !self.is_after_runs())?;
        Schedule::new(when.get_ref(), &defaults.zone, defaults.jitter.0).ok()
    }

    /// The target, ready to be written to.
    pub fn target(&self, fetch: &Fetch) -> anyhow::Result<Arc<dyn Target>> {
        let credentials = match &self.config.credentials {
            Some(credentials) => Some(credentials.read().map_err(|error| {
                anyhow::anyhow!("the credentials of target `{}`: {error}", self.id)
            })?),
            None => None,
        };
        let sender = Sender::new(&fetch.settings(), credentials)?;
        Ok(match self.config.target.get_ref() {
            TargetKind::GraphStore(address) => {
                Arc::new(GraphStoreTarget::new(Url::parse(&address.url)?, sender))
            }
            TargetKind::SparqlUpdate(address) => {
                Arc::new(UpdateTarget::new(Url::parse(&address.url)?, sender))
            }
            TargetKind::Csw(address) => {
                let read = address.read.as_deref().map(Url::parse).transpose()?;
                Arc::new(CswTarget::new(Url::parse(&address.url)?, read, sender))
            }
        })
    }
}

impl TargetKind {
    /// By which a target is told from another: the protocol and where it is written to.
    pub fn address(&self) -> String {
        let (protocol, url) = match self {
            Self::GraphStore(address) => ("graph-store", &address.url),
            Self::SparqlUpdate(address) => ("sparql-update", &address.url),
            Self::Csw(address) => ("csw", &address.url),
        };
        format!("{protocol} {url}")
    }

    fn urls(&self) -> Vec<&str> {
        match self {
            Self::GraphStore(address) | Self::SparqlUpdate(address) => vec![&address.url],
            Self::Csw(address) => {
                let read = address.read.as_deref();
                std::iter::once(address.url.as_str()).chain(read).collect()
            }
        }
    }

    fn check(&self) -> Result<(), String> {
        for text in self.urls() {
            let url = Url::parse(text).ok();
            let fits = url.is_some_and(|url| {
                matches!(url.scheme(), "http" | "https") && url.username().is_empty()
            });
            if !fits {
                return Err(format!(
                    "`{text}` is no address to write to: give an absolute http or https address; user and password belong in [credentials]"
                ));
            }
        }
        Ok(())
    }
}

/// Reads every target, in the order of their identifiers.
pub(super) fn load(
    directory: &Path,
    zone: &str,
    sources: &[SourceFile],
    faults: &mut Vec<Fault>,
) -> Vec<TargetFile> {
    let mut files: Vec<PathBuf> = match std::fs::read_dir(directory) {
        Ok(entries) => entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
            .collect(),
        Err(_) => return Vec::new(),
    };
    files.sort();
    files
        .iter()
        .filter_map(|file| read(file, zone, sources, faults))
        .collect()
}

fn read(
    file: &Path,
    zone: &str,
    sources: &[SourceFile],
    faults: &mut Vec<Fault>,
) -> Option<TargetFile> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let text = TomlText::read(file, faults)?;
    let id = text.check(SourceId::new(&name), None, faults);
    let config: TargetConfig = text.parse(faults)?;
    let before = faults.len();
    if let Some(when) = config
        .when
        .as_ref()
        .filter(|when| when.get_ref() != AFTER_RUN)
    {
        let plan = Schedule::new(when.get_ref(), zone, Duration::ZERO)
            .map_err(|error| format!("{error}; or `{AFTER_RUN}`"));
        text.check(plan, Some(when.span()), faults);
    }
    if !(0.0..=1.0).contains(&config.guard.share) {
        let message = format!(
            "`share` is {}; it is a part of what the target has, from 0 to 1",
            config.guard.share
        );
        faults.push(text.fault(text.find("share"), message));
    }
    if let Some(credentials) = &config.credentials {
        text.check(credentials.check(), text.find("secret"), faults);
    }
    let kind = config.target.get_ref();
    text.check(kind.check(), text.find("url"), faults);
    let selection = text.check(
        selection(&config, sources),
        text.find("sources").or_else(|| text.find("not_from")),
        faults,
    );
    (faults.len() == before).then_some(TargetFile {
        id: id?,
        config,
        selection: selection?,
    })
}

fn selection(config: &TargetConfig, sources: &[SourceFile]) -> Result<Selection, String> {
    let select = &config.select;
    let source = |name: &String| {
        let found = sources.iter().find(|source| source.id.as_str() == name);
        found.map(|source| source.id.clone()).ok_or_else(|| {
            format!("`{name}` is no source: write the name of a file of sources/, without `.toml`")
        })
    };
    let organisation = |id: &String| {
        Uuid::try_parse(id).map_err(|_| {
            format!("`{id}` is no UUID: write the last part of the organisation's address")
        })
    };
    let mut not_from = select
        .not_from
        .iter()
        .map(source)
        .collect::<Result<Vec<_>, _>>()?;
    let hosts: Vec<Host> = config
        .target
        .get_ref()
        .urls()
        .into_iter()
        .filter_map(host)
        .collect();
    let same = |file: &&SourceFile| {
        let asked = file.connector.start(None);
        asked
            .iter()
            .filter_map(|request| host(&request.url))
            .any(|host| hosts.contains(&host))
    };
    not_from.extend(sources.iter().filter(same).map(|file| file.id.clone()));
    not_from.sort();
    not_from.dedup();
    Ok(Selection {
        sources: select
            .sources
            .iter()
            .map(source)
            .collect::<Result<_, _>>()?,
        organisations: select
            .organisations
            .iter()
            .map(organisation)
            .collect::<Result<_, _>>()?,
        themes: select
            .themes
            .iter()
            .map(|code| theme(code))
            .collect::<Result<_, _>>()?,
        hvd: select.hvd,
        not_from,
    })
}

fn theme(code: &str) -> Result<String, String> {
    let schemes = [Scheme::DataTheme, Scheme::InspireTheme, Scheme::HvdCategory];
    let found = schemes
        .into_iter()
        .find_map(|scheme| Vocab::bundled().scheme(scheme).get(code));
    found.map(|concept| concept.iri.to_string()).ok_or_else(|| {
        format!("`{code}` is no theme: `moisson vocab --scheme data-theme` lists those of DCAT-AP")
    })
}

/// The host, and its port where that is not the usual one: services of one portal may be at http and https.
type Host = (String, Option<u16>);

fn host(url: &str) -> Option<Host> {
    let url = Url::parse(url).ok()?;
    Some((url.host_str()?.to_ascii_lowercase(), url.port()))
}
