//! Reports by mail: `[mail]` of moisson.toml, and `[report]` of a source's file.

use report::{Lang, MailSettings, Mailbox, When};
use serde::Deserialize;

use super::Secret;

/// How reports are sent to the owners of sources.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The server that takes mail: `smtps://HOST` for TLS from the first byte, `smtp://HOST:587?tls=required` for STARTTLS, or
    /// `smtp://HOST` without either, where no password is needed.
    pub url: String,
    /// Whom the mail is from: `Name <name@example.org>`.
    pub from: String,
    /// The user name, if the server wants one, and its password.
    pub user: Option<String>,
    pub secret: Option<Secret>,
}

/// Who is told by mail what the runs of the source found. `[mail]` in moisson.toml says how.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReportConfig {
    /// Addresses of mail, with or without names.
    pub to: Vec<String>,
    /// `always`, `on_change`, `on_error` or `never`. Unless given, `on_change` where there is somebody in `to`.
    pub when: Option<When>,
    /// The language of the mail: `fr`, unless given, or `en`.
    pub language: Lang,
}

impl Mail {
    pub(super) fn check(&self) -> Result<(), String> {
        // The secret may be absent where the configuration is checked; its form is not.
        self.with_secret(self.secret.as_ref().map(|_| "secret".to_owned()))
            .and_then(|settings| settings.check().map_err(|error| error.to_string()))
    }

    /// With the secret read, so that it is the one of now.
    pub fn settings(&self) -> Result<MailSettings, String> {
        self.with_secret(self.secret.as_ref().map(Secret::read).transpose()?)
    }

    fn with_secret(&self, secret: Option<String>) -> Result<MailSettings, String> {
        let credentials = match (&self.user, secret) {
            (Some(user), Some(secret)) => Some((user.clone(), secret)),
            (None, None) => None,
            _ => {
                return Err(
                    "give both `user` and `secret = { env = \"NAME\" }`, or neither".to_owned(),
                );
            }
        };
        Ok(MailSettings {
            url: self.url.clone(),
            from: self.from.clone(),
            credentials,
        })
    }
}

impl ReportConfig {
    pub(super) fn check(&self, has_mail: bool) -> Result<(), String> {
        let is_sent = self.when() != When::Never;
        if is_sent && self.to.is_empty() {
            return Err("say to whom the report is sent: to = [\"name@example.org\"]".to_owned());
        }
        if is_sent && !has_mail {
            return Err(
                "there is no mail server: moisson.toml needs a table [mail] with `url` and `from`"
                    .to_owned(),
            );
        }
        self.recipients().map(|_| ())
    }

    pub fn when(&self) -> When {
        match self.when {
            Some(when) => when,
            None if self.to.is_empty() => When::Never,
            None => When::OnChange,
        }
    }

    pub fn recipients(&self) -> Result<Vec<Mailbox>, String> {
        self.to.iter().map(|text| report::address(text)).collect()
    }
}
