//! A source that is one document: it need not be read again as long as its server says that it is the same.

use archive::KnownDocument;
use fetch::Fetch;
use model::{Checkpoint, Checksum, Outcome, RunReport, Validators};

use crate::crawl::CrawlEnd;
use crate::{HarvestError, Source, Workshop};

/// On which condition the document of a source is asked for, and with what it is remembered. By default it is neither: plans ask
/// for it as it is, and who applies one has asked for nothing.
#[derive(Debug, Default)]
pub(crate) struct Condition {
    known: Option<KnownDocument>,
    /// Of what the run is begun with; `None` where nothing is remembered.
    configuration: Option<Checksum>,
}

impl Condition {
    /// Without one, the document is read whatever its server says.
    pub(crate) fn none<F: Fetch>(source: &Source<F>, configuration: Checksum) -> Self {
        Self {
            known: None,
            configuration: source.connector.is_document().then_some(configuration),
        }
    }

    /// Looked up before the run that asks is the last one.
    pub(crate) async fn of<F: Fetch>(
        workshop: &Workshop,
        source: &Source<F>,
        since: Option<&Checkpoint>,
        configuration: Checksum,
    ) -> Result<Self, HarvestError> {
        let mut condition = Self::none(source, configuration);
        // Without a checkpoint, it is time to see every record.
        if source.connector.is_document() && since.is_some() {
            let known = workshop.archive.known_document(&source.id).await?;
            condition.known = known.filter(|known| known.configuration == configuration);
        }
        Ok(condition)
    }

    /// The request that is asked on the condition, and what its answer is known by.
    pub(crate) fn known(&self) -> Option<(Checksum, Validators)> {
        let known = self.known.as_ref();
        known.map(|known| (known.request, known.validators.clone()))
    }

    /// The run that found the document as it still is.
    pub(crate) fn earlier(&self, end: &CrawlEnd) -> Option<model::RunId> {
        let known = self.known.as_ref().filter(|_| end.unmodified);
        known.map(|known| known.run)
    }

    /// Remembers what the document is known by, if a complete run read it and nothing else, and nothing of what it read is in doubt.
    pub(crate) async fn remember(
        self,
        workshop: &Workshop,
        end: &CrawlEnd,
        report: &RunReport,
        in_doubt: bool,
    ) -> Result<(), HarvestError> {
        let Some(configuration) = self.configuration else {
            return Ok(());
        };
        if in_doubt || report.outcome != Outcome::Complete {
            return Ok(());
        }
        let document = match (&end.document, self.known) {
            (_, Some(known)) if end.unmodified => Some(KnownDocument {
                run: report.run,
                ..known
            }),
            (Some((request, validators)), _) if end.tally.pages == 1 => Some(KnownDocument {
                run: report.run,
                configuration,
                request: *request,
                validators: validators.clone(),
            }),
            _ => None,
        };
        let by_something = document.filter(|document| {
            document.validators.etag.is_some() || document.validators.last_modified.is_some()
        });
        if let Some(document) = by_something {
            workshop
                .archive
                .know_document(&report.source, &document)
                .await?;
        }
        Ok(())
    }
}
