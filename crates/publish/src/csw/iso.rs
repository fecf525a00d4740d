//! The same records of ISO 19139 for other protocols.

use std::collections::HashMap;

use archive::EntityKey;
use represent::dublin_core::ElementSet;

use super::records::Page;
use super::request::{Elements, Schema};
use crate::failure::Failure;
use crate::oai;
use crate::router::App;

/// As their owners wrote them where they can stand so, else made of what is published; those of OAI-PMH.
pub(crate) async fn iso_records(
    app: &App,
    keys: &[EntityKey],
) -> Result<HashMap<EntityKey, String>, Failure> {
    let index = app.site.search.as_ref().ok_or_else(Failure::busy)?;
    let snapshot = index.snapshot();
    let page = Page {
        site: &app.site,
        snapshot: &snapshot,
        address: app.site.minter.base(),
        link: oai::address_of,
    };
    let (mut records, mut left) = (HashMap::new(), keys);
    while !left.is_empty() {
        let written = page
            .write(left, Schema::Iso, &Elements::Set(ElementSet::Full))
            .await
            .map_err(|_| Failure::internal(&"records of ISO 19139 cannot be written"))?;
        records.extend(written.keys.into_iter().zip(written.records));
        left = left.get(written.taken.max(1)..).unwrap_or_default();
    }
    Ok(records)
}
