//! The report as mail, by SMTP.

use std::fmt;
use std::time::Duration;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::ReportError;
use crate::change::Change;
use crate::gather::Report;
use crate::html;
use crate::text::line;
use crate::words::Lang;

/// Where mail is handed over, and whom it is from.
#[derive(Clone)]
pub struct MailSettings {
    /// `smtps://HOST[:PORT]`, `smtp://HOST[:PORT]?tls=required`; without TLS also `smtp://HOST[:PORT]`,
    /// but then no password is sent except on loopback.
    pub url: String,
    /// `Name <address>` or the address alone.
    pub from: String,
    /// User and password.
    pub credentials: Option<(String, String)>,
}

impl MailSettings {
    /// Whether they can be meant, without asking the server.
    pub fn check(&self) -> Result<(), MailError> {
        check_url(&self.url, self.credentials.is_some()).map_err(MailError::Settings)?;
        address(&self.from).map_err(MailError::Settings)?;
        Ok(())
    }
}

/// Without the password.
impl fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailSettings")
            .field("url", &self.url)
            .field("from", &self.from)
            .field("user", &self.credentials.as_ref().map(|(user, _)| user))
            .finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error("{0}")]
    Settings(String),
    #[error("the mail cannot be written: {0}")]
    Message(#[from] lettre::error::Error),
    #[error("the mail was not accepted: {0}")]
    Smtp(#[from] lettre::transport::smtp::Error),
    #[error("the mail server did not take the mail within {} seconds", PATIENCE.as_secs())]
    Timeout,
}

/// The longest silence of a server, and the longest time for one mail.
const SILENCE: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_secs(90);

/// What hands mail over.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    pub fn new(settings: &MailSettings) -> Result<Self, MailError> {
        settings.check()?;
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&settings.url)
            .map_err(|error| MailError::Settings(format!("`url`: {error}; {URLS}")))?
            .timeout(Some(SILENCE));
        let builder = match &settings.credentials {
            Some((user, password)) => {
                builder.credentials(Credentials::new(user.clone(), password.clone()))
            }
            None => builder,
        };
        Ok(Self {
            transport: builder.build(),
            from: address(&settings.from).map_err(MailError::Settings)?,
        })
    }

    /// Hands a letter over for all who are to have it.
    pub async fn send(&self, letter: &Letter, to: &[Mailbox]) -> Result<(), MailError> {
        let mut message = Message::builder()
            .from(self.from.clone())
            .subject(letter.subject.as_str())
            .message_id(None)
            .date_now()
            .user_agent(format!("Moisson/{}", env!("CARGO_PKG_VERSION")))
            // No machine answers it: <https://www.rfc-editor.org/rfc/rfc3834#section-5>
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        for mailbox in to {
            message = message.to(mailbox.clone());
        }
        let body = MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone());
        let message = message.multipart(body)?;
        match tokio::time::timeout(PATIENCE, self.transport.send(message)).await {
            Ok(sent) => Ok(sent.map(|_| ())?),
            Err(_) => Err(MailError::Timeout),
        }
    }
}

const URLS: &str =
    "write smtps://HOST for TLS from the first byte, or smtp://HOST:587?tls=required for STARTTLS";

fn check_url(url: &str, with_credentials: bool) -> Result<(), String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(format!("`url` is not the address of a mail server; {URLS}"));
    };
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err(
            "`url` has a user or password in it: give them as `user` and `secret`".to_owned(),
        );
    }
    let is_protected = match scheme {
        "smtps" => true,
        "smtp" => tail
            .split_once('?')
            .is_some_and(|(_, query)| query.split('&').any(|pair| pair == "tls=required")),
        _ => return Err(format!("`{scheme}` is no scheme of a mail server; {URLS}")),
    };
    if with_credentials && !is_protected && !is_loopback(authority) {
        return Err(format!("the password would be sent in clear; {URLS}"));
    }
    Ok(())
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address: Option<std::net::IpAddr> = host.parse().ok();
    host == "localhost" || address.is_some_and(|address| address.is_loopback())
}

/// An address of mail, with or without a name.
pub fn address(text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|error| {
        format!("`{text}` is no address of mail: {error}; write name@example.org or Name <name@example.org>")
    })
}

/// A mail before it has an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// The letter about the state of a source and what changed in it. `root` is the address of the site, without a slash at its end.
pub fn letter(
    report: &Report,
    change: &Change,
    lang: Lang,
    root: &str,
) -> Result<Letter, ReportError> {
    let title = line(&report.card.title, 80);
    Ok(Letter {
        subject: format!("{title}{} {}", lang.of(" :", ":"), change.summary(lang)),
        text: html::plain(report, Some(change), lang, root)?,
        html: html::mail(report, change, lang, root)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_neither_in_addresses_nor_sent_in_clear() {
        for (url, with_credentials, fault) in [
            ("smtps://mail.example", true, ""),
            ("smtp://mail.example:587?tls=required", true, ""),
            ("smtp://127.0.0.1:25", true, ""),
            ("smtp://mail.example", false, ""),
            ("smtp://[::1]:25", true, ""),
            ("smtp://mail.example", true, "in clear"),
            ("smtp://127.0.0.1.mail.example:25", true, "in clear"),
            ("smtp://mail.example?x=tls=required", true, "in clear"),
            ("smtp://mail.example?tls=opportunistic", true, "in clear"),
            ("smtps://moi:secret@mail.example", false, "`user`"),
            ("mail.example", false, "smtps://"),
            ("https://mail.example", false, "smtps://"),
        ] {
            match check_url(url, with_credentials) {
                Ok(()) => assert_eq!(fault, "", "{url}"),
                Err(error) => {
                    assert!(!fault.is_empty() && error.contains(fault), "{url}: {error}");
                    assert!(!error.contains("secret@"), "{error}");
                }
            }
        }
        let settings = MailSettings {
            url: "smtps://mail.example".to_owned(),
            from: "moisson@catalogue.example".to_owned(),
            credentials: Some(("moi".to_owned(), "tres-secret".to_owned())),
        };
        assert!(!format!("{settings:?}").contains("tres-secret"));
    }

    #[test]
    fn an_address_is_explained() {
        assert!(address("Géo <geo@portail.example>").is_ok());
        assert!(address("pas une adresse").is_err_and(|error| error.contains("name@example.org")));
    }
}
