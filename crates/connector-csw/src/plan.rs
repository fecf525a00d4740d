//! How GetRecords is asked: what the configuration and the capabilities agree on, and what is tried where a server refuses it.

use model::{Failure, Finding, ReadError, Request, Severity, Stage};
use quick_xml::escape::escape;
use serde::{Deserialize, Serialize};
use url::Url;
use xml_records::{GMD, MDB, local, prefix};

use crate::capabilities::Capabilities;
use crate::condition::{Condition, condition};
use crate::config::{Binding, Config, Prefer, without_protocol_keys};

const MDB_2: &str = "http://standards.iso.org/iso/19115/-3/mdb/2.0";
const RECORD: &str = "csw:Record";
const CSW: &str = "http://www.opengis.net/cat/csw/2.0.2";
/// What output schemas of RDF begin with, the richest profile first: GeoDCAT-AP, DCAT-AP, DCAT.
const DCAT: [&str; 3] = [
    "http://data.europa.eu/930",
    "http://data.europa.eu/r5r",
    "http://www.w3.org/ns/dcat",
];
const ACCEPT: &str = "application/xml, text/xml;q=0.9, */*;q=0.1";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// `None` where POST is ruled out.
    pub post: Option<String>,
    /// `None` where KVP is ruled out.
    pub get: Option<String>,
    pub schema: String,
    pub type_names: String,
    pub sort_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
}

impl Plan {
    pub fn new(
        config: &Config,
        endpoint: &Url,
        capabilities: &Capabilities,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let schema = config
            .output_schema
            .clone()
            .unwrap_or_else(|| schema(config.prefer, &capabilities.output_schemas));
        let type_names = config
            .type_names
            .clone()
            .unwrap_or_else(|| type_names(&schema, &capabilities.type_names));
        let sort_by = match &config.sort_by {
            Some(property) => {
                Some(property.trim().to_owned()).filter(|property| !property.is_empty())
            }
            None => Some(sort_property(&capabilities.queryables)),
        };
        let mut address = |advertised: Option<&str>| home(endpoint, advertised, findings);
        Self {
            post: (config.binding != Binding::Kvp).then(|| address(capabilities.post())),
            get: (config.binding != Binding::Post).then(|| address(capabilities.get())),
            schema,
            type_names,
            sort_by,
            condition: condition(config, &capabilities.queryables),
        }
    }

    /// GetRecords for the records from `start` on, in the given manner.
    pub fn request(&self, manner: Manner, start: u64, records: u64) -> Request {
        let ask = Ask {
            schema: &self.schema,
            type_names: if manner.plain_type {
                RECORD
            } else {
                &self.type_names
            },
            sort_by: self.sort_by.as_deref().filter(|_| manner.sorted),
            condition: self.condition.as_ref(),
            start,
            records,
        };
        match (&self.post, &self.get) {
            (Some(post), get) if !manner.kvp || get.is_none() => {
                Request::post(post.clone(), "application/xml", ask.document(), ACCEPT)
            }
            (_, Some(get)) => Request::get(ask.address(get), ACCEPT),
            (_, None) => Request::get("", ACCEPT),
        }
    }

    pub fn first_manner(&self) -> Manner {
        Manner {
            kvp: self.post.is_none(),
            sorted: self.sort_by.is_some(),
            plain_type: false,
        }
    }

    /// What to try after a manner that the server refused; `None` when all were tried.
    pub fn next_manner(&self, manner: Manner, failure: &Failure<'_>) -> Option<Manner> {
        let wrong_binding = match failure {
            Failure::Fetch {
                status: Some(404 | 405 | 406 | 411 | 415 | 501),
                ..
            } => true,
            Failure::Fetch {
                status: Some(400 | 500),
                ..
            } => false,
            Failure::Fetch { .. } => return None,
            Failure::Read(ReadError::Unexpected(_)) => true,
            Failure::Read(ReadError::Refused { .. }) => false,
            Failure::Read(ReadError::Malformed { .. }) => return None,
        };
        if !wrong_binding || manner.kvp {
            if manner.sorted {
                return Some(Manner {
                    sorted: false,
                    ..manner
                });
            }
            if !manner.plain_type && self.type_names != RECORD {
                return Some(Manner {
                    plain_type: true,
                    ..manner
                });
            }
        }
        (!manner.kvp && self.get.is_some()).then_some(Manner {
            kvp: true,
            ..self.first_manner()
        })
    }
}

/// One way to send the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manner {
    pub kvp: bool,
    pub sorted: bool,
    /// With `csw:Record` for `typeNames`, which every server knows.
    pub plain_type: bool,
}

struct Ask<'a> {
    schema: &'a str,
    type_names: &'a str,
    sort_by: Option<&'a str>,
    condition: Option<&'a Condition>,
    start: u64,
    records: u64,
}

/// The prefixes of type names and queryables.
const NAMESPACES: [(&str, &str); 7] = [
    ("csw", "http://www.opengis.net/cat/csw/2.0.2"),
    ("ogc", "http://www.opengis.net/ogc"),
    ("gmd", GMD),
    ("mdb", MDB_2),
    ("apiso", "http://www.opengis.net/cat/csw/apiso/1.0"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("dct", "http://purl.org/dc/terms/"),
];

impl Ask<'_> {
    /// OGC 07-006r1, 10.8.4: the XML encoding of GetRecords.
    fn document(&self) -> String {
        let namespaces: String = NAMESPACES
            .iter()
            .map(|(prefix, uri)| format!(" xmlns:{prefix}=\"{uri}\""))
            .collect();
        let constraint = self.condition.map(|condition| {
            let inside = match condition {
                Condition::Cql(cql) => format!("<csw:CqlText>{}</csw:CqlText>", escape(cql)),
                Condition::Filter(filter) => format!("<ogc:Filter>{filter}</ogc:Filter>"),
            };
            format!("<csw:Constraint version=\"1.1.0\">{inside}</csw:Constraint>")
        });
        let sort = self.sort_by.map(|property| {
            format!(
                "<ogc:SortBy><ogc:SortProperty><ogc:PropertyName>{}</ogc:PropertyName><ogc:SortOrder>ASC</ogc:SortOrder></ogc:SortProperty></ogc:SortBy>",
                escape(property)
            )
        });
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<csw:GetRecords{namespaces} service=\"CSW\" version=\"2.0.2\" resultType=\"results\" startPosition=\"{}\" maxRecords=\"{}\" outputFormat=\"application/xml\" outputSchema=\"{}\"><csw:Query typeNames=\"{}\"><csw:ElementSetName>full</csw:ElementSetName>{}{}</csw:Query></csw:GetRecords>",
            self.start,
            self.records,
            escape(self.schema),
            escape(self.type_names),
            constraint.unwrap_or_default(),
            sort.unwrap_or_default(),
        )
    }

    /// The same as key-value pairs.
    fn address(&self, base: &str) -> String {
        let Ok(mut url) = Url::parse(base) else {
            return base.to_owned();
        };
        let namespaces: Vec<String> = NAMESPACES
            .iter()
            .map(|(prefix, uri)| format!("xmlns({prefix}={uri})"))
            .collect();
        let mut pairs = url.query_pairs_mut();
        pairs
            .append_pair("service", "CSW")
            .append_pair("version", "2.0.2")
            .append_pair("request", "GetRecords")
            .append_pair("resultType", "results")
            .append_pair("namespace", &namespaces.join(","))
            .append_pair("typeNames", self.type_names)
            .append_pair("elementSetName", "full")
            .append_pair("outputSchema", self.schema)
            .append_pair("outputFormat", "application/xml")
            .append_pair("startPosition", &self.start.to_string())
            .append_pair("maxRecords", &self.records.to_string());
        if let Some(property) = self.sort_by {
            pairs.append_pair("sortBy", &format!("{property}:A"));
        }
        if let Some(condition) = self.condition {
            let (language, text) = match condition {
                Condition::Cql(cql) => ("CQL_TEXT", cql.clone()),
                Condition::Filter(filter) => {
                    let namespaces: String = NAMESPACES
                        .iter()
                        .map(|(prefix, uri)| format!(" xmlns:{prefix}=\"{uri}\""))
                        .collect();
                    (
                        "FILTER",
                        format!("<ogc:Filter{namespaces}>{filter}</ogc:Filter>"),
                    )
                }
            };
            pairs
                .append_pair("constraintLanguage", language)
                .append_pair("constraint_language_version", "1.1.0")
                .append_pair("constraint", &text);
        }
        drop(pairs);
        url.into()
    }
}

pub fn get_capabilities(endpoint: &Url) -> Request {
    let mut url = endpoint.clone();
    url.query_pairs_mut()
        .append_pair("service", "CSW")
        .append_pair("version", "2.0.2")
        .append_pair("request", "GetCapabilities");
    Request::get(url, ACCEPT)
}

/// The advertised address, if it is on the server that was asked; otherwise the configured one, which answered.
fn home(endpoint: &Url, advertised: Option<&str>, findings: &mut Vec<Finding>) -> String {
    const RULE: &str = "csw/foreign-endpoint";
    let Some(advertised) = advertised else {
        return endpoint.to_string();
    };
    match endpoint.join(advertised) {
        Ok(url) if url.origin() == endpoint.origin() => without_protocol_keys(url).into(),
        _ => {
            if findings.iter().all(|finding| finding.rule != RULE) {
                findings.push(
                    Finding::new(RULE, Severity::Warning, Stage::Read, "the capabilities advertise GetRecords on another server than the one that answered; the configured address is used")
                        .place(endpoint.to_string())
                        .value(advertised)
                        .hint("Set the public address (protocol, host and port) in the catalogue's settings."),
                );
            }
            endpoint.to_string()
        }
    }
}

fn schema(prefer: Prefer, offered: &[String]) -> String {
    let gmd = offered
        .iter()
        .find(|schema| schema.trim_end_matches('/') == GMD);
    // Version 2.0 is the newest: the greatest of the addresses.
    let mdb = offered
        .iter()
        .filter(|schema| schema.starts_with(MDB))
        .max();
    let dcat = DCAT
        .iter()
        .find_map(|known| offered.iter().find(|schema| schema.starts_with(known)));
    let record = offered.iter().find(|schema| *schema == CSW);
    // ISO tells most, Dublin Core least.
    let iso = gmd.or(mdb);
    let (chosen, usual) = match prefer {
        Prefer::Iso19139 => (iso.or(dcat).or(record), GMD),
        Prefer::Iso19115_3 => (mdb.or(iso).or(dcat).or(record), GMD),
        Prefer::Dcat => (dcat.or(iso).or(record), "http://www.w3.org/ns/dcat#"),
        Prefer::DublinCore => (record, CSW),
    };
    let usual = if offered.is_empty() || prefer == Prefer::DublinCore {
        usual
    } else {
        GMD
    };
    chosen.cloned().unwrap_or_else(|| usual.to_owned())
}

fn type_names(schema: &str, offered: &[String]) -> String {
    let wanted = match schema {
        schema if schema.starts_with(MDB) => "mdb",
        // Of RDF no type is agreed upon; every server has this one.
        schema if schema == CSW || DCAT.iter().any(|known| schema.starts_with(known)) => {
            return RECORD.to_owned();
        }
        _ => "gmd",
    };
    let metadata = || offered.iter().filter(|name| local(name) == "MD_Metadata");
    let exact = metadata().find(|name| prefix(name) == wanted);
    match exact.or_else(|| metadata().next()) {
        Some(name) => name.clone(),
        None if offered.is_empty() => format!("{wanted}:MD_Metadata"),
        None => RECORD.to_owned(),
    }
}

/// pycsw knows `apiso:Identifier` in this spelling only, GeoNetwork takes `Identifier` in any.
fn sort_property(queryables: &[String]) -> String {
    queryable(queryables, "identifier")
        .unwrap_or("apiso:Identifier")
        .to_owned()
}

/// The property of this local name, as the capabilities spell it.
pub fn queryable<'c>(queryables: &'c [String], wanted: &str) -> Option<&'c str> {
    let named = || {
        queryables
            .iter()
            .filter(|name| local(name).eq_ignore_ascii_case(wanted))
    };
    let with = |wanted: &str| named().find(|name| prefix(name).eq_ignore_ascii_case(wanted));
    with("apiso")
        .or_else(|| with(""))
        .or_else(|| named().next())
        .map(String::as_str)
}
