//! A source that is one document: it need not be read again as long as its server says that it is the same.

use archive::KnownDocument;
use fetch::Fetch;
use model::{Checkpoint, Checksum, Outcome, RunReport};

use crate::crawl::CrawlEnd;
use crate::{HarvestError, Source, Workshop};

/// What the document is known by, unless it has to be read whatever its server says.
pub(crate) async fn known<F: Fetch>(
    workshop: &Workshop,
    source: &Source<F>,
    since: Option<&Checkpoint>,
    configuration: Checksum,
) -> Result<Option<KnownDocument>, HarvestError> {
    // Without a checkpoint, it is time to see every record.
    if !source.connector.is_document() || since.is_none() {
        return Ok(None);
    }
    let known = workshop.archive.known_document(&source.id).await?;
    Ok(known.filter(|known| known.configuration == configuration))
}

/// Remembers what the document is known by, if a complete run read it and nothing else.
pub(crate) async fn remember<F: Fetch>(
    workshop: &Workshop,
    source: &Source<F>,
    configuration: Checksum,
    known: Option<KnownDocument>,
    end: &CrawlEnd,
    report: &RunReport,
) -> Result<(), HarvestError> {
    if !source.connector.is_document() || report.outcome != Outcome::Complete {
        return Ok(());
    }
    let document = match (&end.document, known) {
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
            .know_document(&source.id, &document)
            .await?;
    }
    Ok(())
}
