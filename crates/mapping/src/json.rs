//! A JSON document that borrows its text from the record, and views of it that remember where they are.
//!
//! Portals put numbers where text belongs, and lists where objects do. So nothing here refuses a document: a view
//! gives the value if it is of the kind asked for, and says in a finding (`record/bad-field`) when it is not.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

use model::{Finding, Severity, Stage};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use crate::MapError;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json<'d> {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(Cow<'d, str>),
    List(Vec<Json<'d>>),
    Object(Vec<(Cow<'d, str>, Json<'d>)>),
}

static NULL: Json<'static> = Json::Null;

impl<'d> Json<'d> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// The value of a key; of the last one if the key stands twice.
    fn get(&self, key: &str) -> &Json<'d> {
        match self {
            Self::Object(members) => members
                .iter()
                .rev()
                .find(|(name, _)| name == key)
                .map_or(&NULL, |(_, value)| value),
            _ => &NULL,
        }
    }
}

/// The beginning of the value, for a finding.
impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Text(value) => f.write_str(value),
            Self::List(items) => match items.first() {
                Some(first @ (Self::List(_) | Self::Object(_))) => {
                    write!(f, "[{}, …]", first.kind())
                }
                Some(first) => write!(f, "[{first}, …]"),
                None => f.write_str("[]"),
            },
            Self::Object(members) => {
                f.write_str("{")?;
                for (key, _) in members.iter().take(8) {
                    write!(f, "{key}, ")?;
                }
                f.write_str("…}")
            }
        }
    }
}

/// Which members of objects are never even built: what a portal computes about a record, and Moisson does not read.
pub(crate) type Skip = fn(&str) -> bool;

#[derive(Clone, Copy)]
struct Builder {
    skip: Skip,
}

impl<'de> DeserializeSeed<'de> for Builder {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Builder {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(serde_json::Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json<'de>, A::Error> {
        let mut object = Vec::with_capacity(16);
        while let Some(Key(key)) = members.next_key()? {
            if (self.skip)(&key) {
                members.next_value::<IgnoredAny>()?;
            } else {
                object.push((key, members.next_value_seed(self)?));
            }
        }
        Ok(Json::Object(object))
    }
}

/// The body as a text that has nothing JSON text cannot have.
pub(crate) fn text(body: &[u8]) -> Result<Cow<'_, str>, MapError> {
    let text = std::str::from_utf8(body).map_err(|error| MapError {
        rule: "record/unreadable",
        message: "the record is not UTF-8".to_owned(),
        place: Some(format!("byte {}", error.valid_up_to())),
        hint: Some("serve JSON as UTF-8 (RFC 8259, 8.1)".to_owned()),
    })?;
    let text = text.trim_start_matches('\u{feff}');
    let escapes = text.contains("\\ud") || text.contains("\\uD");
    let mended = escapes.then(|| without_lone_surrogates(text)).flatten();
    Ok(mended.map_or(Cow::Borrowed(text), Cow::Owned))
}

/// The record, which is an object.
pub(crate) fn document(body: &str, skip: Skip) -> Result<Json<'_>, MapError> {
    let mut reader = serde_json::Deserializer::from_str(body);
    let read = Builder { skip }.deserialize(&mut reader).and_then(|json| {
        reader.end()?;
        Ok(json)
    });
    match read {
        Ok(document @ Json::Object(_)) => Ok(document),
        Ok(_) => Err(MapError {
            rule: "record/unreadable",
            message: "the record is not a JSON object".to_owned(),
            place: None,
            hint: None,
        }),
        Err(error) => Err(MapError {
            rule: "record/unreadable",
            message: format!("the record is not JSON: {error}"),
            place: Some(format!("line {}, column {}", error.line(), error.column())),
            hint: None,
        }),
    }
}

/// A value that stands as JSON in a text of the record.
pub(crate) fn nested(text: &str) -> Option<Json<'_>> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let builder = Builder { skip: |_| false };
    let value = builder.deserialize(&mut reader).ok()?;
    reader.end().ok().map(|()| value)
}

/// A key, borrowed unless it has escapes. (`Cow` itself always copies.)
struct Key<'d>(Cow<'d, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(value)))
            }
            fn visit_str<E>(self, value: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(value.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// Where findings go while views of the same document are shared.
#[derive(Debug, Default)]
pub(crate) struct Report {
    findings: RefCell<Vec<Finding>>,
}

impl Report {
    /// More findings than this tell the owner of a record nothing new.
    const MOST: usize = 100;

    pub(crate) fn add(&self, finding: Finding) {
        let mut findings = self.findings.borrow_mut();
        if findings.len() < Self::MOST {
            findings.push(finding);
        }
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings.into_inner()
    }
}

/// The way to a value: the links of a JSON pointer (RFC 6901).
#[derive(Debug, Clone, Copy)]
struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: Step<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    Root,
    Key(&'p str),
    Index(usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Index(index) => write!(f, "/{index}"),
            Step::Key(key) => write!(f, "/{}", key.replace('~', "~0").replace('/', "~1")),
        }
    }
}

/// A value of the document, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'d, 'p> {
    value: &'d Json<'d>,
    place: Place<'p>,
    report: &'p Report,
}

impl<'d, 'p> View<'d, 'p> {
    pub(crate) fn root(value: &'d Json<'d>, report: &'p Report) -> Self {
        let place = Place {
            parent: None,
            step: Step::Root,
        };
        Self {
            value,
            place,
            report,
        }
    }

    pub(crate) fn value(&self) -> &'d Json<'d> {
        self.value
    }

    pub(crate) fn pointer(&self) -> String {
        self.place.to_string()
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.value, Json::Null)
    }

    /// The member, which is `null` when it is absent.
    pub(crate) fn get<'s>(&'s self, key: &'s str) -> View<'d, 's> {
        View {
            value: self.value.get(key),
            place: Place {
                parent: Some(&self.place),
                step: Step::Key(key),
            },
            report: self.report,
        }
    }

    /// The items of a list; none when it is something else. `null` is an empty list.
    pub(crate) fn items(&self) -> impl Iterator<Item = View<'d, '_>> {
        let items = match self.value {
            Json::List(items) => items.as_slice(),
            Json::Null => &[],
            _ => {
                self.bad("a list");
                &[]
            }
        };
        items.iter().enumerate().map(|(index, value)| View {
            value,
            place: Place {
                parent: Some(&self.place),
                step: Step::Index(index),
            },
            report: self.report,
        })
    }

    /// The items of a list, without a finding when it is none: for a second look.
    pub(crate) fn items_quietly(&self) -> impl Iterator<Item = View<'d, '_>> {
        let is_list = matches!(self.value, Json::List(_));
        is_list.then(|| self.items()).into_iter().flatten()
    }

    /// How many items or members there are.
    pub(crate) fn len(&self) -> usize {
        match self.value {
            Json::List(items) => items.len(),
            Json::Object(members) => members.len(),
            _ => 0,
        }
    }

    /// One text, or a list of texts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = Cow<'d, str>> {
        let one = match self.value {
            Json::List(_) => None,
            _ => self.text(),
        };
        let many = self
            .items_quietly()
            .filter_map(|item| item.text())
            .collect::<Vec<_>>();
        one.into_iter().chain(many)
    }

    /// The view itself, if it is an object.
    pub(crate) fn object(self) -> Option<Self> {
        match self.value {
            Json::Object(_) => Some(self),
            Json::Null => None,
            _ => {
                self.bad("an object");
                None
            }
        }
    }

    /// Trimmed text, if there is some. Numbers and booleans are read as text, with a finding.
    pub(crate) fn text(&self) -> Option<Cow<'d, str>> {
        let text = match self.value {
            Json::Null => return None,
            Json::Text(text) => Cow::Borrowed(text.trim()),
            Json::Number(number) => {
                self.coerced("text");
                Cow::Owned(number.to_string())
            }
            Json::Bool(value) => {
                self.coerced("text");
                Cow::Owned(value.to_string())
            }
            Json::List(_) | Json::Object(_) => {
                self.bad("text");
                return None;
            }
        };
        (!text.is_empty()).then_some(text)
    }

    /// The text of a member.
    pub(crate) fn text_of(&self, key: &str) -> Option<Cow<'d, str>> {
        self.get(key).text()
    }

    /// The text of the first of these members that has one.
    pub(crate) fn first_of(&self, keys: &[&str]) -> Option<Cow<'d, str>> {
        keys.iter().find_map(|key| self.text_of(key))
    }

    /// A whole number from 0.
    pub(crate) fn count(&self) -> Option<u64> {
        match self.value {
            Json::Null => None,
            Json::Number(number) if number.is_u64() => number.as_u64(),
            Json::Number(number) => {
                let whole = number
                    .as_f64()
                    .filter(|value| value.fract() == 0.0 && (0.0..9e15).contains(value));
                if whole.is_none() {
                    self.bad("a whole number");
                }
                whole.map(|value| value as u64)
            }
            Json::Text(text) if text.trim().is_empty() => None,
            Json::Text(text) => {
                let number = text.trim().parse().ok();
                if number.is_some() {
                    self.coerced("a whole number");
                } else {
                    self.bad("a whole number");
                }
                number
            }
            _ => {
                self.bad("a whole number");
                None
            }
        }
    }

    /// Whether it is `true`; anything unreadable is not.
    pub(crate) fn is_true(&self) -> bool {
        match self.value {
            Json::Bool(value) => *value,
            Json::Null => false,
            Json::Text(text) => text.trim().eq_ignore_ascii_case("true"),
            _ => {
                self.bad("a boolean");
                false
            }
        }
    }

    /// Says that the value is not what it should be, and was left out.
    pub(crate) fn bad(&self, wanted: &str) {
        let message = format!("expected {wanted}, found {}: left out", self.value.kind());
        self.find("record/bad-field", Severity::Warning, message, "");
    }

    fn coerced(&self, wanted: &str) {
        let message = format!(
            "expected {wanted}, found {}: read as {wanted}",
            self.value.kind()
        );
        self.find("record/bad-field", Severity::Info, message, "");
    }

    /// Adds a finding about this value; without a hint when it is empty.
    pub(crate) fn find(
        &self,
        rule: &'static str,
        severity: Severity,
        message: impl Into<String>,
        hint: &str,
    ) {
        let mut finding = Finding::new(rule, severity, Stage::Map, message).place(self.pointer());
        if !self.is_null() {
            finding = finding.value(&self.value.to_string());
        }
        if !hint.is_empty() {
            finding = finding.hint(hint);
        }
        self.report(finding);
    }

    /// Adds a finding about something within this value.
    pub(crate) fn report(&self, finding: Finding) {
        self.report.add(finding);
    }
}

/// The document with every escape of a lone surrogate replaced by U+FFFD: such text has no UTF-8, but some portals
/// write it where they cut a text in the middle of a character.
pub(crate) fn without_lone_surrogates(body: &str) -> Option<String> {
    let mut mended = String::with_capacity(body.len());
    let mut rest = body;
    let mut changed = false;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let length = match surrogate(escape) {
            Some(0xD800..=0xDBFF)
                if escape
                    .get(6..)
                    .and_then(surrogate)
                    .is_some_and(|low| low >= 0xDC00) =>
            {
                12
            }
            Some(_) => {
                changed = true;
                mended.push_str("\\ufffd");
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            // The backslash and the character after it.
            None => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (kept, after) = escape.split_at(length.min(escape.len()));
        mended.push_str(kept);
        rest = after;
    }
    mended.push_str(rest);
    changed.then_some(mended)
}

/// The surrogate that the text begins with, as an escape.
fn surrogate(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16)
        .ok()
        .filter(|code| (0xD800..=0xDFFF).contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Json<'_> {
        document(text, |_| false).unwrap()
    }

    #[test]
    fn text_is_borrowed() {
        let document = parse(r#"{"a": "x", "b": "y\n"}"#);
        assert!(matches!(document.get("a"), Json::Text(Cow::Borrowed("x"))));
        assert!(matches!(document.get("b"), Json::Text(Cow::Owned(_))));
    }

    #[test]
    fn a_finding_points_at_the_field() {
        let document = parse(r#"{"a/b": [1, {"c~": [[]]}]}"#);
        let report = Report::default();
        let root = View::root(&document, &report);
        for item in root.get("a/b").items() {
            item.get("c~").text();
        }
        let findings = report.into_findings();
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].place.as_deref(), Some("/a~1b/1/c~0"));
        assert_eq!(findings[0].rule, "record/bad-field");
    }

    #[test]
    fn wrong_types_are_read_where_they_can_be() {
        let document = parse(r#"{"n": 3, "s": "42", "f": 1.5, "o": {}}"#);
        let report = Report::default();
        let root = View::root(&document, &report);
        assert_eq!(root.text_of("n").as_deref(), Some("3"));
        assert_eq!(root.get("s").count(), Some(42));
        assert_eq!(root.get("f").count(), None);
        assert_eq!(root.get("o").text(), None);
        assert_eq!(root.get("missing").text(), None);
        assert_eq!(report.into_findings().len(), 4);
    }

    #[test]
    fn lone_surrogates_are_replaced_and_pairs_kept() {
        assert_eq!(
            without_lone_surrogates(r#""\ud83d\ude00 \ud83d. \ude00 \\ud83d""#).as_deref(),
            Some(r#""\ud83d\ude00 \ufffd. \ufffd \\ud83d""#)
        );
        assert_eq!(without_lone_surrogates(r#""é\né\"#), None);
    }
}
