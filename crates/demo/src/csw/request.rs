//! Requests, as XML documents or key-value pairs.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

pub(super) const GMD: &str = "http://www.isotc211.org/2005/gmd";
pub(super) const CSW: &str = "http://www.opengis.net/cat/csw/2.0.2";
/// However many a request asks for.
const MOST_RECORDS: usize = 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    Capabilities,
    Records(Query),
    ById(Vec<String>, Schema),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query {
    pub start: usize,
    pub limit: usize,
    pub schema: Schema,
    pub hits: bool,
    /// By identifier; else in the order of the catalogue.
    pub sorted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schema {
    Gmd,
    Csw,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exception {
    pub code: &'static str,
    pub locator: String,
    pub text: String,
}

impl Exception {
    pub(super) fn new(code: &'static str, locator: &str, text: impl Into<String>) -> Self {
        Self {
            code,
            locator: locator.to_owned(),
            text: text.into(),
        }
    }

    fn invalid(locator: &str, value: &str) -> Self {
        Self::new(
            "InvalidParameterValue",
            locator,
            format!("`{value}` is no value of {locator}"),
        )
    }
}

impl Request {
    pub(super) fn from_query(query: &str) -> Result<Self, Exception> {
        let mut parameters = HashMap::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            parameters.insert(decode(key).to_ascii_lowercase(), decode(value));
        }
        let request = parameters.remove("request");
        let request = request
            .ok_or_else(|| Exception::new("MissingParameterValue", "request", "no request"))?;
        Self::build(&request, &parameters)
    }

    /// Reads the attributes and the texts of the document as the key-value pairs that mean the same.
    pub(super) fn from_xml(text: &str) -> Result<Self, Exception> {
        let fault = |message: String| Exception::new("NoApplicableCode", "", message);
        let mut reader = Reader::from_str(text);
        let mut parameters = HashMap::new();
        let mut root = None;
        let mut element = String::new();
        let mut depth = 0_usize;
        loop {
            match reader.read_event() {
                Ok(Event::Start(start)) => {
                    depth += 1;
                    element = attributes(&start, &mut parameters);
                    root.get_or_insert_with(|| element.clone());
                }
                Ok(Event::Empty(start)) => {
                    let name = attributes(&start, &mut parameters);
                    root.get_or_insert(name);
                }
                Ok(Event::Text(words)) => {
                    let words = words.xml10_content();
                    let key = match element.as_str() {
                        "ElementSetName" => "elementsetname",
                        "PropertyName" => "sortby",
                        "Id" => "id",
                        _ => continue,
                    };
                    if !words.trim().is_empty() {
                        parameters.insert(key.to_owned(), words.trim().to_owned());
                    }
                }
                Ok(Event::End(_)) => {
                    depth = depth.saturating_sub(1);
                    element.clear();
                }
                Ok(Event::Eof) if depth == 0 => break,
                Ok(Event::Eof) => return Err(fault("the request ends too early".to_owned())),
                Ok(_) => {}
                Err(error) => return Err(fault(error.to_string())),
            }
        }
        let root = root.ok_or_else(|| fault("the request is empty".to_owned()))?;
        Self::build(&root, &parameters)
    }

    fn build(request: &str, parameters: &HashMap<String, String>) -> Result<Self, Exception> {
        match parameters.get("service").map(String::as_str) {
            None => {
                return Err(Exception::new(
                    "MissingParameterValue",
                    "service",
                    "no service",
                ));
            }
            Some("CSW") => {}
            Some(other) => return Err(Exception::invalid("service", other)),
        }
        if request == "GetCapabilities" {
            return Ok(Self::Capabilities);
        }
        if let Some(version) = parameters
            .get("version")
            .filter(|version| *version != "2.0.2")
        {
            return Err(Exception::new(
                "VersionNegotiationFailed",
                "version",
                format!("2.0.2, not {version}"),
            ));
        }
        let schema = match parameters.get("outputschema").map(String::as_str) {
            None | Some(CSW) => Schema::Csw,
            Some(GMD) => Schema::Gmd,
            Some(other) => return Err(Exception::invalid("outputSchema", other)),
        };
        match request {
            "GetRecords" => Ok(Self::Records(Query {
                start: number(parameters, "startPosition", 1, 1)?,
                limit: number(parameters, "maxRecords", 10, 0)?.min(MOST_RECORDS),
                schema,
                // The default of the standard is `hits`.
                hits: parameters
                    .get("resulttype")
                    .is_none_or(|kind| kind != "results"),
                sorted: parameters
                    .get("sortby")
                    .is_some_and(|by| by.to_ascii_lowercase().contains("identifier")),
            })),
            "GetRecordById" => {
                let ids = parameters
                    .get("id")
                    .map(|ids| ids.split(',').map(str::to_owned).collect());
                let ids =
                    ids.ok_or_else(|| Exception::new("MissingParameterValue", "id", "no id"))?;
                Ok(Self::ById(ids, schema))
            }
            other => Err(Exception::new(
                "OperationNotSupported",
                other,
                format!("no operation {other}"),
            )),
        }
    }
}

fn number(
    parameters: &HashMap<String, String>,
    key: &str,
    default: usize,
    least: usize,
) -> Result<usize, Exception> {
    match parameters.get(&key.to_ascii_lowercase()) {
        None => Ok(default),
        Some(value) => value
            .parse()
            .ok()
            .filter(|number| *number >= least)
            .ok_or_else(|| Exception::invalid(key, value)),
    }
}

/// Adds the attributes of an element, and gives its local name.
fn attributes(start: &BytesStart<'_>, into: &mut HashMap<String, String>) -> String {
    for attribute in start.attributes().with_checks(false).flatten() {
        let value =
            unescape(&attribute.value).map_or_else(|_| String::new(), |value| value.into_owned());
        into.insert(local(attribute.key.as_ref()).to_ascii_lowercase(), value);
    }
    local(start.name().as_ref()).to_owned()
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// `application/x-www-form-urlencoded`.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let escaped = match (first, after) {
            (b'%', [high, low, ..]) => std::str::from_utf8(&[*high, *low])
                .ok()
                .and_then(|digits| u8::from_str_radix(digits, 16).ok()),
            _ => None,
        };
        match (first, escaped) {
            (_, Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            (b'+', None) => bytes.push(b' '),
            (byte, None) => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
