//! What quick-xml leaves to its user.

use model::ReadError;
use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart};

/// Elements nested deeper than any metadata record.
pub const MAX_DEPTH: usize = 512;

/// Attributes of one element, and namespace declarations in force, beyond any in use: looking through them costs their number squared.
pub(crate) const MAX_ATTRIBUTES: usize = 100;
pub(crate) const MAX_DECLARATIONS: usize = 200;
/// Bytes of a namespace: each record of the page has its copy.
pub(crate) const MAX_IRI: usize = 512;
/// Prefixes of one record that no element declares.
pub(crate) const MAX_UNDECLARED: usize = 100;

/// Bytes of the records of a page, each with the declarations that it lacks: several times what the page itself may have.
pub const MAX_COPIED: usize = 256 * 1024 * 1024;

/// Records of a page, many times what is ever asked for: each element that is none costs a finding.
pub const MAX_RECORDS: u64 = 50_000;

/// Bytes of an identifier; anything longer is a text in the wrong place.
pub const MAX_IDENTIFIER: usize = 1024;

pub fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

pub fn prefix(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

/// The value of an attribute by its local name, unescaped as far as it can be.
pub fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| local(attribute.key.as_ref()) == name)?;
    Some(
        unescape(&attribute.value)
            .map_or_else(|_| attribute.value.to_string(), |value| value.into_owned()),
    )
}

/// What `&...;` stands for: a character, or one of the five entities that XML defines. No other is ever expanded.
pub fn resolve(reference: &BytesRef<'_>) -> Option<String> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Some(character.to_string()),
        Ok(None) => resolve_predefined_entity(&reference.xml10_content()).map(str::to_owned),
        Err(_) => None,
    }
}

pub fn malformed(text: &str, offset: usize, message: impl Into<String>) -> ReadError {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    ReadError::Malformed {
        message: message.into(),
        at: Some(format!("byte {offset}, line {line} column {column}")),
    }
}

pub(crate) fn syntax_error(
    text: &str,
    reader: &Reader<&[u8]>,
    error: &quick_xml::Error,
) -> ReadError {
    malformed(
        text,
        position(reader.error_position()),
        format!("the answer is not well-formed XML: {error}"),
    )
}

pub fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
