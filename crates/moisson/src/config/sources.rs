//! Files of sources: the file's name is the source's identifier.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use harvest::{ConnectorConfig, Limits, Schedule};
use model::{Connector, SourceId};
use serde::Deserialize;

use super::toml_text::TomlText;
use super::{Fault, Fetch, ReportConfig, Secret, Span};

/// `config/sources/ID.toml`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    pub title: String,
    /// Whether the daemon and `moisson harvest` without names harvest it.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// When it is harvested: `second minute hour day month weekday`. Without it, only on demand.
    pub schedule: Option<toml::Spanned<String>>,
    /// The language of texts that do not say theirs: a BCP 47 tag. The catalogue's, unless given.
    pub language: Option<String>,
    /// How long after a run that saw every record the next such run has to be, for connectors that can ask for changes only and for
    /// sources that are one document: `7d`, unless given.
    full_every: Option<toml::Spanned<Span>>,
    /// When every record is seen, in place of `full_every`: `second minute hour day month weekday`. A time that was missed is made up for.
    pub full: Option<toml::Spanned<String>>,
    /// How long after an interrupted run wrote last it goes on where it was, instead of beginning anew; `0s` for never.
    #[serde(default = "six_hours")]
    pub resume_within: Span,
    #[serde(default)]
    pub guard: GuardConfig,
    #[serde(default)]
    pub fetch: FetchOverrides,
    pub credentials: Option<CredentialsConfig>,
    #[serde(default)]
    pub report: ReportConfig,
    pub connector: toml::Spanned<ConnectorConfig>,
}

/// What keeps a catalogue from being deleted because one answer was short.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GuardConfig {
    /// The share of the known records, from 0 to 1, that may go at once.
    pub share: f64,
    /// How many complete runs in a row have to agree before more than that goes.
    pub agree: u32,
    /// How long a record is missing before it is withdrawn.
    pub grace: Span,
}

/// Where a source is fetched otherwise than the others.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FetchOverrides {
    pub read_timeout: Option<Span>,
    pub total_timeout: Option<Span>,
    pub max_body: Option<u64>,
    pub retries: Option<u32>,
    pub delay: Option<Span>,
    /// The longest time for one request with all its retries.
    pub progress: Option<Span>,
    /// How long a run waits for the source, in all, without getting a page that it can read, before it is given up.
    pub stalled: Option<Span>,
}

/// Who the source, or target, is told that we are. Sent to the address in `url` only.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialsConfig {
    /// The address whose origin (scheme, host, port) they are for.
    pub url: String,
    /// With a user name, HTTP basic authentication; else a bearer token, or the value of `header`.
    pub user: Option<String>,
    /// The header that carries the secret, such as `X-API-KEY`.
    pub header: Option<String>,
    pub secret: Secret,
}

/// A source's file, read and checked.
pub struct SourceFile {
    pub id: SourceId,
    pub config: SourceConfig,
    pub connector: Arc<dyn Connector>,
    /// The directory of the configuration, where paths begin that are not absolute.
    pub directory: PathBuf,
}

impl std::fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SourceFile")
            .field("id", &self.id)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Default for GuardConfig {
    fn default() -> Self {
        Self {
            share: 0.2,
            agree: 3,
            grace: seven_days(),
        }
    }
}

fn yes() -> bool {
    true
}

fn seven_days() -> Span {
    Span(Duration::from_secs(7 * 86_400))
}

fn six_hours() -> Span {
    Span(Duration::from_secs(6 * 3600))
}

/// What moisson.toml says that the files of sources are checked against.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub zone: &'a str,
    pub has_mail: bool,
}

/// Reads every source, in the order of their identifiers.
pub(super) fn load(
    directory: &Path,
    surroundings: Surroundings<'_>,
    faults: &mut Vec<Fault>,
) -> Vec<SourceFile> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            faults.push(Fault {
                file: directory.to_owned(),
                at: None,
                message: format!("cannot be read: {error}"),
            });
            return Vec::new();
        }
    };
    let mut files: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    files.sort();
    files
        .iter()
        .filter_map(|file| read(file, surroundings, faults))
        .collect()
}

fn read(
    file: &Path,
    surroundings: Surroundings<'_>,
    faults: &mut Vec<Fault>,
) -> Option<SourceFile> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let text = TomlText::read(file, faults)?;
    let id = text.check(SourceId::new(&name), None, faults);
    let config: SourceConfig = text.parse(faults)?;
    let before = faults.len();
    if let Some(schedule) = &config.schedule {
        text.check(
            Schedule::new(schedule.get_ref(), surroundings.zone, Duration::ZERO),
            Some(schedule.span()),
            faults,
        );
    }
    if let Some(full) = &config.full {
        let plan = Schedule::new(full.get_ref(), surroundings.zone, Duration::ZERO);
        text.check(plan, Some(full.span()), faults);
        if let Some(every) = &config.full_every {
            let message =
                "give `full` or `full_every`, not both: each says when every record is seen";
            faults.push(text.fault(Some(every.span()), message.to_owned()));
        }
    }
    if !(0.0..=1.0).contains(&config.guard.share) {
        faults.push(text.fault(
            text.find("share"),
            format!(
                "`share` is {}; it is a part of the known records, from 0 to 1",
                config.guard.share
            ),
        ));
    }
    if let Some(credentials) = &config.credentials {
        text.check(credentials.check(), text.find("secret"), faults);
    }
    text.check(
        config.report.check(surroundings.has_mail),
        text.find("to").or_else(|| text.find("when")),
        faults,
    );
    let connector = text.check(
        config.connector.get_ref().clone().build(),
        text.find("url").or_else(|| Some(config.connector.span())),
        faults,
    )?;
    // `directory/sources/ID.toml`
    let directory = file.ancestors().nth(2).unwrap_or(Path::new(""));
    (faults.len() == before).then_some(SourceFile {
        id: id?,
        config,
        connector: connector.into(),
        directory: directory.to_owned(),
    })
}

impl CredentialsConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        // The secret may be absent where the configuration is checked; its form is not.
        self.with_secret("secret").map(|_| ())
    }

    fn with_secret(&self, secret: &str) -> Result<fetch::Credentials, String> {
        match (&self.user, &self.header) {
            (Some(_), Some(_)) => Err("give `user` or `header`, not both".to_owned()),
            (Some(user), None) => fetch::Credentials::basic(&self.url, user, secret)
                .map_err(|error| error.to_string()),
            (None, Some(header)) => fetch::Credentials::header(&self.url, header, secret)
                .map_err(|error| error.to_string()),
            (None, None) => {
                fetch::Credentials::bearer(&self.url, secret).map_err(|error| error.to_string())
            }
        }
    }

    pub fn read(&self) -> Result<fetch::Credentials, String> {
        self.with_secret(&self.secret.read()?)
    }
}

impl SourceConfig {
    pub fn full_every(&self) -> Duration {
        let given = self.full_every.as_ref().map(|every| every.get_ref().0);
        given.unwrap_or(seven_days().0)
    }
}

impl SourceFile {
    /// When it is harvested, and when every record of it is seen. The expressions were checked when the file was read.
    pub fn plans(
        &self,
        defaults: &super::ScheduleDefaults,
    ) -> (Option<Schedule>, Option<Schedule>) {
        let plan = |text: &Option<toml::Spanned<String>>| {
            let text = text.as_ref()?.get_ref();
            Schedule::new(text, &defaults.zone, defaults.jitter.0).ok()
        };
        (plan(&self.config.schedule), plan(&self.config.full))
    }

    /// The files and folders of this machine that the source may read: those that its connector asks for before it has read any
    /// answer, which only the configuration can have named.
    pub fn local_addresses(&self) -> Vec<String> {
        let first = self.connector.start(None).into_iter();
        first
            .map(|request| request.url)
            .filter(|url| url.starts_with("file:"))
            .collect()
    }

    pub fn fetch_settings(&self, defaults: &Fetch) -> fetch::Settings {
        let overrides = &self.config.fetch;
        let mut settings = defaults.settings();
        let set = |into: &mut Duration, value: Option<Span>| {
            value.into_iter().for_each(|value| *into = value.0)
        };
        set(&mut settings.read_timeout, overrides.read_timeout);
        set(&mut settings.total_timeout, overrides.total_timeout);
        set(&mut settings.delay, overrides.delay);
        settings.max_body = overrides.max_body.unwrap_or(settings.max_body);
        settings.retries = overrides.retries.unwrap_or(settings.retries);
        settings
    }

    /// Whether it is fetched otherwise than the others, and so apart from them.
    pub fn has_own_settings(&self) -> bool {
        let FetchOverrides {
            read_timeout,
            total_timeout,
            max_body,
            retries,
            delay,
            progress: _,
            stalled: _,
        } = &self.config.fetch;
        read_timeout.is_some()
            || total_timeout.is_some()
            || max_body.is_some()
            || retries.is_some()
            || delay.is_some()
    }

    pub fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        if let Some(progress) = self.config.fetch.progress {
            limits.progress = progress.0;
        }
        if let Some(stalled) = self.config.fetch.stalled {
            limits.stalled = stalled.0;
        }
        limits
    }
}
