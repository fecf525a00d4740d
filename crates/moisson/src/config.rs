//! The configuration: `moisson.toml`, one file a source in `sources/`, and one file a query in `queries/`. Every fault is named with its file, line and column.

mod mail;
mod queries;
mod sources;
mod targets;
mod toml_text;
mod units;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

pub use mail::{Mail, ReportConfig};
pub use sources::SourceFile;
pub use targets::TargetFile;
pub use units::Span;

use toml_text::TomlText;

/// `config/moisson.toml`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address under which IRIs are minted, ending with `/`. It cannot change later.
    pub base: toml::Spanned<String>,
    #[serde(default)]
    pub catalogue: Catalogue,
    #[serde(default)]
    pub server: Server,
    #[serde(default)]
    pub fetch: Fetch,
    #[serde(default)]
    pub schedule: ScheduleDefaults,
    #[serde(default)]
    pub sparql: Sparql,
    #[serde(default)]
    pub search: Search,
    #[serde(default)]
    pub csw: Csw,
    #[serde(default)]
    pub oai_pmh: OaiPmh,
    #[serde(default)]
    pub ldes: Ldes,
    #[serde(default)]
    pub ogc_records: OgcRecords,
    #[serde(default)]
    pub identity: Identity,
    /// Without it, no report is sent by mail.
    pub mail: Option<Mail>,
    #[serde(default)]
    pub history: History,
    #[serde(default)]
    pub graph: GraphStore,
}

impl Config {
    /// Whether anything that is served uses the search index: if not, it is not kept up to date.
    pub fn is_searched(&self) -> bool {
        self.search.enabled || self.csw.enabled || self.ogc_records.enabled || self.oai_pmh.enabled
    }
}

/// What the graph store holds besides the catalogue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GraphStore {
    /// Where what is published comes from (sources, runs, rules, decisions of identity), in the named graph `provenance`. Without it
    /// the store is smaller; `/dataset/…/sources` tells the same of one entity.
    pub provenance: bool,
}

/// What is kept of earlier states of the catalogue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct History {
    /// How long a run can be undone: until then the records that it changed are kept as they were.
    pub keep: Span,
}

/// What the catalogue says of itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Catalogue {
    pub title: String,
    pub description: String,
    pub publisher: String,
    /// The language of these texts, and of records that do not say theirs: a BCP 47 tag.
    pub language: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    pub listen: toml::Spanned<String>,
    /// Where the token of the administration routes comes from; without it, one is made in the data directory.
    pub admin_token: Option<Secret>,
}

/// How sources are fetched, unless a source says otherwise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fetch {
    /// Hosts, addresses or networks in private ranges that may be fetched.
    pub allow_private: Vec<String>,
    /// An address or page by which the owner of a source can reach whoever runs this instance.
    pub contact: Option<String>,
    pub connect_timeout: Span,
    /// The longest silence of a server.
    pub read_timeout: Span,
    /// The longest time for one answer.
    pub total_timeout: Span,
    /// The largest answer, in bytes, once decompressed.
    pub max_body: u64,
    pub retries: u32,
    /// The least time between two requests to one host.
    pub delay: Span,
    /// Requests to one host at a time.
    pub per_host: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScheduleDefaults {
    pub zone: String,
    /// Runs are put off by up to this, each source by a time of its own.
    pub jitter: Span,
    /// Runs at the same time, of different sources.
    pub parallel: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sparql {
    pub timeout: Span,
    /// The largest result, in bytes.
    pub max_result: u64,
    /// Queries answered at the same time, each by a process of its own.
    pub workers: usize,
    /// The memory of such a process, in bytes.
    pub worker_memory: u64,
    /// Queries that may wait; more are turned away.
    pub queue: usize,
}

/// The full-text index.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Search {
    /// Whether it is kept also where neither CSW nor OGC API - Records uses it: for the feeds of parts of the catalogue.
    pub enabled: bool,
    /// Its directory, which has nothing else in it; without it, `search` in the data directory.
    pub path: Option<PathBuf>,
    /// What new documents may take before they are written, in bytes.
    pub memory: usize,
}

/// The catalogue for other catalogues, by CSW 2.0.2.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Csw {
    /// Whether `/csw` is there. Off until large catalogues and hostile clients have been measured.
    pub enabled: bool,
}

/// The catalogue for harvesters that speak OAI-PMH 2.0.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OaiPmh {
    /// Whether `/oai` is there.
    pub enabled: bool,
    /// Whom harvesters write to: the protocol demands it.
    pub admin_email: Option<String>,
}

/// The catalogue as an event stream (LDES), for those who keep a copy of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ldes {
    /// Whether `/feed` is there.
    pub enabled: bool,
}

impl Default for Ldes {
    fn default() -> Self {
        Self { enabled: true }
    }
}

impl OaiPmh {
    /// What the server says of it, where it is enabled.
    pub fn served(&self) -> Option<publish::OaiPmh> {
        let admin_email = self.admin_email.clone().filter(|_| self.enabled)?;
        Some(publish::OaiPmh { admin_email })
    }

    fn check(&self) -> Result<(), String> {
        // As its schema has it: one `@`, and a point behind it.
        let is_address = |address: &str| {
            let plain = !address.contains(|c: char| c.is_whitespace() || c.is_control());
            let parts = address.split_once('@');
            plain
                && parts.is_some_and(|(name, host)| {
                    let (host, last) = host.rsplit_once('.').unwrap_or_default();
                    !name.is_empty() && !host.is_empty() && !last.is_empty()
                })
        };
        match self.admin_email.as_deref() {
            None if self.enabled => Err("OAI-PMH demands an address of mail: write [oai_pmh] admin_email = \"catalogue@example.org\"".to_owned()),
            Some(address) if !is_address(address) => Err(format!("`{address}` is no address of mail: write admin_email = \"catalogue@example.org\"")),
            _ => Ok(()),
        }
    }
}

/// The catalogue for other catalogues and for programs, by OGC API - Records.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OgcRecords {
    /// Whether `/ogc` is there. Off until large catalogues and hostile clients have been measured.
    pub enabled: bool,
}

/// How one dataset that several sources have is told.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Identity {
    /// Sources whose words count first, in this order; then originals count before copies, and what was seen first before what came
    /// later. A change shows after `moisson rebuild`.
    pub trust: Vec<toml::Spanned<String>>,
}

/// A secret that stands elsewhere: in an environment variable or in a file.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub enum Secret {
    Env(String),
    File(PathBuf),
}

impl Default for Catalogue {
    fn default() -> Self {
        Self {
            title: "Catalogue de données du territoire".to_owned(),
            description: "Les données que publient l'État, les collectivités et leurs partenaires sur le territoire, moissonnées auprès de leurs portails.".to_owned(),
            publisher: "Plateforme régionale de données".to_owned(),
            language: "fr".to_owned(),
        }
    }
}

impl Default for History {
    fn default() -> Self {
        Self {
            keep: Span(Duration::from_secs(30 * 86_400)),
        }
    }
}

impl Default for GraphStore {
    fn default() -> Self {
        Self { provenance: true }
    }
}

impl Default for Search {
    fn default() -> Self {
        Self {
            enabled: false,
            path: None,
            memory: 64 * 1024 * 1024,
        }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: toml::Spanned::new(0..0, "127.0.0.1:8080".to_owned()),
            admin_token: None,
        }
    }
}

impl Default for Fetch {
    fn default() -> Self {
        let settings = fetch::Settings::default();
        Self {
            allow_private: Vec::new(),
            contact: None,
            connect_timeout: Span(settings.connect_timeout),
            read_timeout: Span(settings.read_timeout),
            total_timeout: Span(settings.total_timeout),
            max_body: settings.max_body,
            retries: settings.retries,
            delay: Span(settings.delay),
            per_host: settings.per_host,
        }
    }
}

impl Default for ScheduleDefaults {
    fn default() -> Self {
        Self {
            zone: "Europe/Paris".to_owned(),
            jitter: Span(Duration::from_secs(600)),
            parallel: 2,
        }
    }
}

impl Default for Sparql {
    fn default() -> Self {
        Self {
            timeout: Span(Duration::from_secs(30)),
            max_result: 64 << 20,
            workers: 2,
            worker_memory: 512 << 20,
            queue: 32,
        }
    }
}

/// One fault of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub file: PathBuf,
    /// Line and column, from 1.
    pub at: Option<(usize, usize)>,
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// The whole configuration, read and checked.
#[derive(Debug)]
pub struct Loaded {
    pub base: model::Base,
    pub main: Config,
    pub listen: std::net::SocketAddr,
    pub sources: Vec<SourceFile>,
    /// In the order of their titles.
    pub queries: Vec<publish::SavedQuery>,
    /// Catalogues of others that are sent what changes in this one.
    pub targets: Vec<TargetFile>,
}

impl Loaded {
    /// The sources whose words count first.
    pub fn trust(&self) -> Vec<model::SourceId> {
        self.main
            .identity
            .trust
            .iter()
            .filter_map(|name| model::SourceId::new(name.get_ref()).ok())
            .collect()
    }

    /// The language of a source's texts that do not say theirs; that of the catalogue, unless the source's file has one.
    pub fn language_of(&self, source: &model::SourceId) -> String {
        self.sources
            .iter()
            .find(|file| file.id == *source)
            .and_then(|file| file.config.language.clone())
            .unwrap_or_else(|| self.main.catalogue.language.clone())
    }
}

/// Reads and checks the configuration in a directory, and gives every fault in it.
pub fn load(directory: &Path) -> Result<Loaded, Vec<Fault>> {
    let mut faults = Vec::new();
    let main = read_main(&directory.join("moisson.toml"), &mut faults);
    let zone = main
        .as_ref()
        .map(|(main, ..)| main.schedule.zone.clone())
        .unwrap_or_else(|| ScheduleDefaults::default().zone);
    let surroundings = sources::Surroundings {
        zone: &zone,
        // Where the main file cannot be read, that is fault enough.
        has_mail: main.as_ref().is_none_or(|(main, ..)| main.mail.is_some()),
    };
    let sources = sources::load(&directory.join("sources"), surroundings, &mut faults);
    let endpoint = main
        .as_ref()
        .map(|(_, base, _)| format!("{}sparql", base.as_str()));
    let queries = queries::load(&directory.join("queries"), endpoint.as_deref(), &mut faults);
    let targets = targets::load(&directory.join("targets"), &zone, &sources, &mut faults);
    if let Some((main, ..)) = &main {
        check_trust(directory, main, &sources, &mut faults);
    }
    match main {
        Some((main, base, listen)) if faults.is_empty() => Ok(Loaded {
            base,
            main,
            listen,
            sources,
            queries,
            targets,
        }),
        _ => Err(faults),
    }
}

/// Each trusted source has to be one.
fn check_trust(directory: &Path, main: &Config, sources: &[SourceFile], faults: &mut Vec<Fault>) {
    let Some(text) = TomlText::read(&directory.join("moisson.toml"), &mut Vec::new()) else {
        return;
    };
    for name in &main.identity.trust {
        if !sources
            .iter()
            .any(|source| source.id.as_str() == name.get_ref())
        {
            faults.push(text.fault(
                Some(name.span()),
                format!(
                    "`{}` is no source: write the name of a file of sources/, without `.toml`",
                    name.get_ref()
                ),
            ));
        }
    }
}

fn read_main(
    file: &Path,
    faults: &mut Vec<Fault>,
) -> Option<(Config, model::Base, std::net::SocketAddr)> {
    let text = TomlText::read(file, faults)?;
    let main: Config = text.parse(faults)?;
    let base = text.check(
        model::Base::new(main.base.get_ref()),
        Some(main.base.span()),
        faults,
    );
    let listen = main.server.listen.get_ref().parse().map_err(|_| {
        format!(
            "`{}` is not an address to listen at; write for example 127.0.0.1:8080 or [::]:8080",
            main.server.listen.get_ref()
        )
    });
    let listen = text.check(listen, Some(main.server.listen.span()), faults);
    text.check(
        harvest::Schedule::new("0 0 0 * * *", &main.schedule.zone, Duration::ZERO),
        text.find("zone"),
        faults,
    );
    text.check(
        fetch::Fetcher::new(main.fetch.settings()),
        text.find("allow_private"),
        faults,
    );
    if let Some(mail) = &main.mail {
        text.check(
            mail.check(),
            text.find("url").or_else(|| text.find("from")),
            faults,
        );
    }
    text.check(
        main.oai_pmh.check(),
        text.find("admin_email").or_else(|| text.find("oai_pmh")),
        faults,
    );
    if main.sparql.workers == 0 || main.schedule.parallel == 0 {
        faults.push(text.fault(
            None,
            "`workers` and `parallel` must be at least 1".to_owned(),
        ));
    }
    if main.search.memory < search::MIN_MEMORY || main.search.memory > search::MAX_MEMORY {
        faults.push(text.fault(
            text.find("memory"),
            format!(
                "`memory` of [search] must be from {} to {} bytes",
                search::MIN_MEMORY,
                search::MAX_MEMORY
            ),
        ));
    }
    Some((main, base?, listen?))
}

impl Fetch {
    pub fn settings(&self) -> fetch::Settings {
        let contact = self
            .contact
            .as_deref()
            .map(|contact| format!("; {contact}"))
            .unwrap_or_default();
        fetch::Settings {
            user_agent: format!(
                "Moisson/{} (DCAT-AP harvester{contact})",
                env!("CARGO_PKG_VERSION")
            ),
            allow_private: self.allow_private.clone(),
            connect_timeout: self.connect_timeout.0,
            read_timeout: self.read_timeout.0,
            total_timeout: self.total_timeout.0,
            max_body: self.max_body,
            retries: self.retries,
            delay: self.delay.0,
            per_host: self.per_host,
            ..fetch::Settings::default()
        }
    }
}

impl Secret {
    /// Reads the secret. The error names where it was looked for, never what was found.
    pub fn read(&self) -> Result<String, String> {
        let secret = match self {
            Self::Env(name) => std::env::var(name)
                .map_err(|_| format!("the environment variable {name} is not set"))?,
            Self::File(path) => std::fs::read_to_string(path)
                .map_err(|error| format!("{}: {error}", path.display()))?,
        };
        let secret = secret.trim().to_owned();
        if secret.is_empty() {
            Err("the secret is empty".to_owned())
        } else {
            Ok(secret)
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "secret in ${name}"),
            Self::File(path) => write!(f, "secret in {}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_is_kept_where_something_searches_it() {
        let of = |keys: &str| {
            let text = format!("base = \"https://donnees.example.org/\"\n{keys}");
            let config: Config = toml::from_str(&text).expect("a configuration");
            config.is_searched()
        };
        assert!(!of("[ldes]\nenabled = true"));
        for keys in [
            "[search]\nenabled = true",
            "[csw]\nenabled = true",
            "[ogc_records]\nenabled = true",
            // ISO 19139 wants to know whose identifier is whose.
            "[oai_pmh]\nenabled = true\nadmin_email = \"a@b.example\"",
        ] {
            assert!(of(keys), "{keys}");
        }
    }

    #[test]
    fn oai_pmh_is_served_with_an_address_of_mail_only() {
        let of = |enabled, address: Option<&str>| OaiPmh {
            enabled,
            admin_email: address.map(str::to_owned),
        };
        for (config, fine, served) in [
            (of(false, None), true, false),
            (of(true, Some("a@b.example")), true, true),
            (of(false, Some("a@b.example")), true, false),
            (of(true, None), false, false),
            (of(true, Some("b.example")), false, true),
            (of(true, Some("a@b")), false, true),
            (of(true, Some("a b@c.example")), false, true),
        ] {
            assert_eq!(config.check().is_ok(), fine, "{config:?}");
            assert_eq!(config.served().is_some(), served, "{config:?}");
        }
    }
}
