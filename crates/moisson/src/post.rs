//! Tells the owner of a source what its runs found.

use anyhow::Context;
use archive::{Archive, Mailed, ReportRow};
use chrono::Utc;
use report::{Card, Change, Lang, Mailer, Notice, Report, When};

use crate::config::{Loaded, Mail, SourceFile};

/// What is told to whom about one source.
pub struct Post {
    pub card: Card,
    /// The public address of the site, without a slash at its end.
    root: String,
    when: When,
    to: Vec<report::Mailbox>,
    lang: Lang,
    mail: Option<Mail>,
}

impl Post {
    pub fn new(loaded: &Loaded, file: &SourceFile) -> Self {
        let config = &file.config.report;
        Self {
            card: Card {
                id: file.id.clone(),
                title: file.config.title.clone(),
            },
            root: loaded.base.as_str().trim_end_matches('/').to_owned(),
            when: config.when(),
            // They were checked with the configuration.
            to: config.recipients().unwrap_or_default(),
            lang: config.language,
            mail: loaded.main.mail.clone(),
        }
    }

    /// After a run: keeps the state of the source, and mails it if that is due. What fails here fails no run; it is logged, and
    /// tried again after the next one.
    pub async fn tell(&self, archive: &Archive) {
        if let Err(error) = self.tell_if_due(archive).await {
            tracing::error!(source = %self.card.id, error = format!("{error:#}"), "the report was not sent; it is tried again after the next run");
        }
    }

    /// After a run that a person began, who reads its report: keeps the state alone.
    pub async fn keep(&self, archive: &Archive) {
        if let Err(error) = self.state(archive).await {
            tracing::error!(source = %self.card.id, error = format!("{error:#}"), "the state of the source was not kept for its report");
        }
    }

    /// Mails the state now, whether or not anything changed. Gives the number of those who get it.
    pub async fn send_now(&self, archive: &Archive) -> anyhow::Result<usize> {
        let (report, now) = self.state(archive).await?;
        let now = now.context("no run has ended yet; `moisson harvest` makes one")?;
        let mailed = archive.mailed(&self.card.id).await?;
        let digest = match report::decide(self.when, &now, mailed.as_ref()) {
            Notice::Send(digest) | Notice::Remember(digest) => digest,
            Notice::Nothing => mailed.as_ref().map_or(now.digest, |mailed| mailed.digest),
        };
        self.send(archive, &report, &now, mailed.as_ref()).await?;
        self.remember(archive, &now, digest).await?;
        Ok(self.to.len())
    }

    async fn tell_if_due(&self, archive: &Archive) -> anyhow::Result<()> {
        let (report, now) = self.state(archive).await?;
        let Some(now) = now else { return Ok(()) };
        let mailed = archive.mailed(&self.card.id).await?;
        match report::decide(self.when, &now, mailed.as_ref()) {
            Notice::Nothing => Ok(()),
            Notice::Remember(digest) => self.remember(archive, &now, digest).await,
            Notice::Send(digest) => {
                self.send(archive, &report, &now, mailed.as_ref()).await?;
                tracing::info!(source = %self.card.id, recipients = self.to.len(), "the report was sent");
                self.remember(archive, &now, digest).await
            }
        }
    }

    async fn state(&self, archive: &Archive) -> anyhow::Result<(Report, Option<ReportRow>)> {
        let report = report::gather(archive, &self.card, Utc::now()).await?;
        let now = report::note(archive, &report).await?;
        Ok((report, now))
    }

    async fn send(
        &self,
        archive: &Archive,
        report: &Report,
        now: &ReportRow,
        mailed: Option<&Mailed>,
    ) -> anyhow::Result<()> {
        let mail = self.mail.as_ref().context(
            "there is no mail server: moisson.toml needs a table [mail] with `url` and `from`",
        )?;
        anyhow::ensure!(
            !self.to.is_empty(),
            "nobody is to get it: say to whom in the source's file, [report] to = [\"name@example.org\"]"
        );
        let before = match mailed {
            Some(mailed) => archive.reports(&self.card.id, Some(mailed.run), 1).await?,
            None => Vec::new(),
        };
        let change = Change::between(before.first(), now);
        let letter = report::letter(report, &change, self.lang, &self.root)?;
        let settings = mail
            .settings()
            .map_err(|error| anyhow::anyhow!("[mail]: {error}"))?;
        Ok(Mailer::new(&settings)?.send(&letter, &self.to).await?)
    }

    async fn remember(
        &self,
        archive: &Archive,
        now: &ReportRow,
        digest: model::Checksum,
    ) -> anyhow::Result<()> {
        let mailed = Mailed {
            run: now.run,
            digest,
            at: Utc::now(),
        };
        Ok(archive.set_mailed(&self.card.id, &mailed).await?)
    }
}
