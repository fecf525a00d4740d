//! All findings that hold, a line each: <https://www.rfc-editor.org/rfc/rfc4180>

use archive::{Archive, StandingFinding};
use bytes::Bytes;
use csv::{Terminator, Writer, WriterBuilder};
use futures::stream::{self, StreamExt};

use crate::gather::Card;
use crate::html::title;
use crate::text::{MAX_TEXT, line, tame};
use crate::words::Lang;
use crate::{Parts, ReportError};

/// The findings of a source as CSV in UTF-8, written while they are read. `base` is the address of the site, ending with a slash.
pub async fn csv(
    archive: &Archive,
    card: &Card,
    lang: Lang,
    base: &str,
) -> Result<Parts, ReportError> {
    let standing = archive.standing(&card.id).await?;
    let mut writer = writer();
    writer.write_record(lang.of(FRENCH, ENGLISH))?;
    let head = finish(writer)?;
    let base = base.to_owned();
    let rest = stream::try_unfold((standing, base), move |(mut standing, base)| async move {
        let Some(part) = standing.next().await? else {
            return Ok(None);
        };
        Ok(Some((lines(part, lang, &base)?, (standing, base))))
    });
    Ok(stream::once(async { Ok(head) }).chain(rest).boxed())
}

const FRENCH: [&str; 11] = [
    "moissonnage",
    "étape",
    "gravité",
    "règle",
    "titre",
    "fiche",
    "adresse",
    "endroit",
    "valeur",
    "message",
    "conseil",
];
const ENGLISH: [&str; 11] = [
    "run", "stage", "severity", "rule", "title", "record", "address", "place", "value", "message",
    "hint",
];

fn writer() -> Writer<Vec<u8>> {
    WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new())
}

fn finish(writer: Writer<Vec<u8>>) -> Result<Bytes, ReportError> {
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(bytes.into())
}

fn lines(part: Vec<StandingFinding>, lang: Lang, base: &str) -> Result<Bytes, ReportError> {
    let mut writer = writer();
    for one in part {
        let finding = tame(one.finding);
        let record = finding.record.map(|record| line(record.as_str(), MAX_TEXT));
        writer.write_record([
            one.run.to_string(),
            finding.stage.as_str().to_owned(),
            lang.severity(finding.severity).to_owned(),
            cell(finding.rule.as_ref()),
            cell(&title(&finding.rule, lang)),
            cell(record.as_deref().unwrap_or_default()),
            one.entity.map(|key| key.iri(base)).unwrap_or_default(),
            cell(finding.place.as_deref().unwrap_or_default()),
            cell(finding.value.as_deref().unwrap_or_default()),
            cell(&finding.message),
            cell(finding.hint.as_deref().unwrap_or_default()),
        ])?;
    }
    finish(writer)
}

/// A cell that no spreadsheet takes for a formula: what would be one begins with an apostrophe. Tabs and line breaks have become
/// blanks before, which a spreadsheet may skip.
fn cell(text: &str) -> String {
    let is_formula = text
        .trim_start()
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    match is_formula {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "＝1", "\t=1"] {
            assert_eq!(cell(formula), format!("'{formula}"));
        }
        for text in ["", "a=1", "https://a.example/", "12"] {
            assert_eq!(cell(text), text);
        }
    }
}
