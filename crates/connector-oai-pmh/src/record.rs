//! A record of an answer: kept, deleted, or refused.

use model::{Finding, RawRecord, ReadError, RecordId, Severity, Stage};
use xml_records::{
    Open, Page, Slice, Visit, format, undeclared_prefixes, unsupported_format, walk,
};

use crate::answer::Answer;

/// A record whose end tag has not come yet.
#[derive(Default)]
pub struct Record<'t> {
    pub id: Option<String>,
    pub deleted: bool,
    pub iso_type: Option<String>,
    pub slice: Option<Slice<'t>>,
    /// Elements of `metadata` behind the first.
    pub more: u64,
    /// The text of `metadata`: a document that was escaped.
    pub text: String,
}

impl Answer {
    pub fn take(&mut self, record: Record<'_>) {
        let place = format!("/*/*/*[{}]", self.carried);
        let Some(id) = record.id else {
            self.refuse(
                Finding::new(
                    "record/no-identifier",
                    Severity::Error,
                    Stage::Read,
                    "the header of the record has no identifier; the record was left out",
                )
                .place(place)
                .hint("Give each record a unique and lasting identifier in its header."),
            );
            return;
        };
        let id = RecordId::new(id);
        if record.deleted {
            self.gone.push(id);
            return;
        }
        if record.more > 0 {
            let message = format!(
                "`metadata` holds {} elements beside the first, which alone is read",
                record.more
            );
            self.findings.push(
                Finding::new("record/unreadable", Severity::Warning, Stage::Read, message)
                    .record(&id)
                    .place(place.clone())
                    .hint("Put one document into the `metadata` of each record."),
            );
        }
        match record.slice {
            Some(slice) => self.keep(id, &slice, record.iso_type.as_deref(), &place),
            None if record.text.trim_start().starts_with('<') => {
                self.escaped(id, record.text.trim(), &place);
            }
            None => self.refuse(
                unreadable("the record has no metadata, and is not said to be deleted")
                    .record(&id)
                    .place(place)
                    .hint("Mark what no longer exists by status=\"deleted\" in its header."),
            ),
        }
    }

    fn keep(&mut self, id: RecordId, slice: &Slice<'_>, iso_type: Option<&str>, place: &str) {
        let Some(format) = format(&slice.namespace, slice.name, iso_type) else {
            self.refuse(unsupported_format(slice).record(&id).place(place));
            return;
        };
        self.findings
            .extend(undeclared_prefixes(&slice.undeclared).map(|finding| finding.record(&id)));
        self.records.push(RawRecord {
            id,
            format,
            body: slice.document.clone(),
        });
    }

    /// A document that stands in `metadata` as text: escaped, or as CDATA.
    fn escaped(&mut self, id: RecordId, text: &str, place: &str) {
        let mut whole = Whole::default();
        let page = Page { text, shared: None };
        let slice = match walk(page, &mut whole) {
            Ok(()) => whole.slice,
            Err(error) => {
                let finding = unreadable(&format!("the metadata is a text, and no XML: {error}"));
                return self.refuse(finding.record(&id).place(place));
            }
        };
        let Some(slice) = slice else { return };
        self.findings.push(
            Finding::new(
                "record/escaped-metadata",
                Severity::Info,
                Stage::Read,
                "the metadata stands as text where an element is wanted; it was read all the same",
            )
            .record(&id)
            .place(place)
            .hint("Put the document into `metadata` as XML, neither escaped nor as CDATA."),
        );
        self.keep(id, &slice, whole.iso_type.as_deref(), place);
    }

    pub fn refuse(&mut self, finding: Finding) {
        self.refused += 1;
        self.findings.push(finding);
    }
}

/// Slices a document whole.
#[derive(Default)]
struct Whole<'t> {
    iso_type: Option<String>,
    slice: Option<Slice<'t>>,
}

impl<'t> Visit<'t> for Whole<'t> {
    fn open(&mut self, element: &Open<'t, '_>) -> Result<bool, ReadError> {
        if element.depth == 1 {
            self.iso_type = element.attribute("isoType");
        }
        Ok(element.depth == 1)
    }

    fn sliced(&mut self, slice: Slice<'t>) {
        self.slice.get_or_insert(slice);
    }
}

pub fn unreadable(why: &str) -> Finding {
    let message = format!("{why}; it was left out");
    Finding::new("record/unreadable", Severity::Error, Stage::Read, message)
}
