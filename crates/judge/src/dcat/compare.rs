//! What ckanext-dcat read of a dataset, looked for in ours, field by field.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use model::EntityKind;
use serde_json::{Map, Value};
use vocab::{Scheme, Vocab};

use super::ours::Ours;

const DCT: &str = "http://purl.org/dc/terms/";
const DCAT: &str = "http://www.w3.org/ns/dcat#";

/// A field of CKAN and the properties of ours that say the same; for the parts of a value, the field's beginning.
const FIELDS: &[(&str, &[&str])] = &[
    ("title", &["dct:title"]),
    ("name", &["dct:title"]),
    ("notes", &["dct:description"]),
    ("description", &["dct:description"]),
    ("tags", &["dcat:keyword", "dcat:theme"]),
    (
        "url",
        &["dcat:landingPage", "dcat:accessURL", "dcat:downloadURL"],
    ),
    ("version_notes", &["adms:versionNotes"]),
    ("version", &["dcat:version"]),
    ("issued", &["dct:issued"]),
    ("modified", &["dct:modified"]),
    ("identifier", &["dct:identifier"]),
    ("uri", &["adms:identifier", "dct:identifier"]),
    ("alternate_identifier", &["adms:identifier"]),
    ("language", &["dct:language"]),
    ("frequency", &["dct:accrualPeriodicity"]),
    ("provenance_activity", &["prov:wasGeneratedBy"]),
    ("provenance", &["dct:provenance"]),
    ("dcat_type", &["dct:type"]),
    ("theme", &["dcat:theme", "dcat:keyword"]),
    ("conforms_to", &["dct:conformsTo"]),
    ("documentation", &["foaf:page"]),
    ("related_resource", &["dct:relation"]),
    ("has_version", &["dcat:hasVersion"]),
    ("is_version_of", &["dcat:isVersionOf"]),
    ("source", &["dct:source"]),
    ("sample", &["adms:sample"]),
    ("homepage", &["foaf:homepage"]),
    ("contact", &["dcat:contactPoint"]),
    ("publisher", &["dct:publisher"]),
    ("creator", &["dct:creator"]),
    ("temporal_resolution", &["dcat:temporalResolution"]),
    ("temporal", &["dct:temporal"]),
    ("spatial_resolution", &["dcat:spatialResolutionInMeters"]),
    ("spatial", &["dct:spatial"]),
    ("access_rights", &["dct:accessRights", "dct:rights"]),
    ("is_referenced_by", &["dct:isReferencedBy"]),
    ("applicable_legislation", &["dcatap:applicableLegislation"]),
    ("hvd_category", &["dcatap:hvdCategory"]),
    ("qualified_attribution", &["prov:qualifiedAttribution"]),
    ("qualified_relation", &["dcat:qualifiedRelation"]),
    ("in_series", &["dcat:inSeries"]),
    ("license", &["dct:license"]),
    ("access_url", &["dcat:accessURL"]),
    ("download_url", &["dcat:downloadURL"]),
    ("access_services", &["dcat:accessService"]),
    ("status", &["adms:status"]),
    ("rights", &["dct:rights"]),
    ("mimetype", &["dcat:mediaType", "dct:format"]),
    ("format", &["dct:format", "dcat:mediaType"]),
    ("size", &["dcat:byteSize"]),
    ("hash", &["spdx:checksum"]),
    ("availability", &["dcatap:availability"]),
    ("compress_format", &["dcat:compressFormat"]),
    ("package_format", &["dcat:packageFormat"]),
];

/// A value that ckanext-dcat read and that ours has not, or has otherwise.
#[derive(Debug)]
pub struct Difference {
    pub field: String,
    /// `missing` where ours says nothing there, `differs` where it says something else.
    pub kind: &'static str,
    pub value: String,
    pub ours: Vec<String>,
}

/// How many values were compared, and where they differ.
#[derive(Debug, Default)]
pub struct Verdict {
    pub compared: usize,
    pub differences: Vec<Difference>,
}

pub fn dataset(theirs: &Map<String, Value>, ours: &Ours) -> Verdict {
    let mut verdict = Verdict::default();
    let Some(entity) = ours.mapped.entities.first() else {
        return verdict;
    };
    let subject = entity.iri.to_string();
    let mut fields: BTreeMap<String, Value> = BTreeMap::new();
    for (name, value) in theirs {
        match name.as_str() {
            "extras" => {
                for extra in value.as_array().into_iter().flatten() {
                    if let (Some(key), Some(value)) = (extra["key"].as_str(), extra.get("value")) {
                        fields.insert(key.to_owned(), value.clone());
                    }
                }
            }
            // ckanext-dcat looks for a licence of CKAN's list; the resources have what the graph says.
            "resources" | "license_id" => {}
            _ => {
                fields.insert(name.clone(), value.clone());
            }
        }
    }
    // Where a dataset has no page of its own, ckanext-dcat takes that of the site.
    fields.retain(|name, value| name != "homepage" || value != "http://localhost");
    compare(&fields, &subject, "", ours, &mut verdict);
    if entity.kind != EntityKind::DataService {
        for resource in theirs["resources"].as_array().into_iter().flatten() {
            if let Value::Object(resource) = resource {
                self::resource(resource, &subject, ours, &mut verdict);
            }
        }
    }
    verdict
}

/// A resource beside the distribution that has most of its values.
fn resource(theirs: &Map<String, Value>, dataset: &str, ours: &Ours, verdict: &mut Verdict) {
    let fields: BTreeMap<String, Value> = theirs
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let best = ours
        .of(dataset)
        .iter()
        .filter(|(predicate, _)| {
            ["distribution", "sample"]
                .iter()
                .any(|name| predicate.as_str().ends_with(name))
        })
        .map(|(_, object)| {
            let mut trial = Verdict::default();
            compare(&fields, &object.to_string(), "resource.", ours, &mut trial);
            trial
        })
        .min_by_key(|trial| trial.differences.len());
    match best {
        Some(best) => {
            verdict.compared += best.compared;
            verdict.differences.extend(best.differences);
        }
        None => verdict.differences.push(Difference {
            field: "resources".to_owned(),
            kind: "missing",
            value: theirs["url"].as_str().unwrap_or_default().to_owned(),
            ours: Vec::new(),
        }),
    }
}

fn compare(
    fields: &BTreeMap<String, Value>,
    subject: &str,
    prefix: &str,
    ours: &Ours,
    verdict: &mut Verdict,
) {
    for (name, value) in fields {
        let known = FIELDS
            .iter()
            .find(|(field, _)| name == field)
            .or_else(|| FIELDS.iter().find(|(field, _)| name.starts_with(field)));
        let properties: Vec<String> = known
            .map(|(_, properties)| properties.iter().map(|name| expand(name)).collect())
            .unwrap_or_default();
        let properties: Vec<&str> = properties.iter().map(String::as_str).collect();
        let leaves = ours.leaves(subject, &properties);
        for value in values(value) {
            verdict.compared += 1;
            // rdflib's name of a blank node says nothing.
            if is_blank(&value) {
                continue;
            }
            let wanted = Wanted::new(&value);
            if wanted.is_empty() || leaves.iter().any(|leaf| wanted.is(leaf)) {
                continue;
            }
            verdict.differences.push(Difference {
                field: format!("{prefix}{name}"),
                kind: if leaves.is_empty() {
                    "missing"
                } else {
                    "differs"
                },
                value,
                ours: leaves.iter().take(6).cloned().collect(),
            });
        }
    }
}

/// The values of a field: of lists, and of lists in a text, each.
fn values(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Array(_) | Value::Object(_))) if !text.starts_with("{\"type\"") => {
                values(&inner)
            }
            _ if text.trim().is_empty() => Vec::new(),
            _ => vec![text.clone()],
        },
        Value::Array(items) => items.iter().flat_map(values).collect(),
        Value::Object(members) => members.values().flat_map(values).collect(),
        other => vec![other.to_string()],
    }
}

fn is_blank(value: &str) -> bool {
    let Some(hex) = value.strip_prefix(['n', 'N']) else {
        return false;
    };
    hex.len() >= 32 && hex.bytes().all(|b| b.is_ascii_hexdigit() || b == b'b')
}

/// A value in all the ways in which it may be written: its letters and digits, the instant or number that it is, and
/// the concepts that a vocabulary reads it as.
pub struct Wanted {
    folded: String,
    instant: Option<i64>,
    number: Option<f64>,
    concepts: Vec<String>,
}

impl Wanted {
    pub fn new(value: &str) -> Self {
        let vocab = Vocab::bundled();
        let mut concepts: Vec<String> = Scheme::ALL
            .iter()
            .filter_map(|scheme| vocab.scheme(*scheme).resolve(value))
            .flat_map(|found| {
                let mapped = vocab
                    .mapped(found.concept)
                    .map(|concept| concept.iri.as_str());
                std::iter::once(found.concept.iri.as_str())
                    .chain(mapped)
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .collect();
        concepts.extend(
            vocab
                .licence(value)
                .map(|found| found.concept.iri.as_str().to_owned()),
        );
        concepts.extend(vocab.crs(value).map(|iri| iri.as_str().to_owned()));
        concepts.extend(vocab::creative_commons(value).map(|iri| iri.as_str().to_owned()));
        let also = [
            vocab.frequency(value),
            vocab.language(value),
            vocab.access_right(value),
        ];
        concepts.extend(
            also.into_iter()
                .flatten()
                .map(|found| found.concept.iri.as_str().to_owned()),
        );
        if let Some(format) = vocab.format(value) {
            let known = [
                format.file_type,
                format.media_type,
                format.package,
                format.compress,
            ];
            concepts.extend(
                known
                    .into_iter()
                    .flatten()
                    .map(|concept| concept.iri.as_str().to_owned()),
            );
        }
        Self {
            folded: fold(value),
            instant: instant(value),
            number: value.trim().parse().ok(),
            concepts,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.folded.is_empty()
    }

    /// Whether ours says it, in whatever way.
    pub fn is(&self, ours: &str) -> bool {
        self.folded.is_empty()
            || fold(ours) == self.folded
            || self.concepts.iter().any(|concept| concept == ours)
            || (self.instant.is_some() && self.instant == instant(ours))
            || (self.number.is_some() && self.number == ours.trim().parse().ok())
    }
}

/// A date or an instant. One without a zone, or without a time, is taken in universal time.
fn instant(value: &str) -> Option<i64> {
    let value = value.trim();
    // Minutes are enough, and a zone may follow them.
    let minutes = ["%Y-%m-%dT%H:%M%:z", "%Y-%m-%dT%H:%M:%S%.f%:z"]
        .iter()
        .find_map(|form| DateTime::parse_from_str(value, form).ok())
        .map(|at| at.timestamp());
    let whole = NaiveDateTime::parse_from_str(value, "%Y-%m-%dT%H:%M").ok();
    let minutes = minutes.or(whole.map(|at| at.and_utc().timestamp()));
    let zoned = DateTime::parse_from_rfc3339(value)
        .ok()
        .map(|at| at.timestamp());
    let naive = || {
        NaiveDateTime::parse_from_str(value, "%Y-%m-%dT%H:%M:%S%.f")
            .ok()
            .map(|at| at.and_utc().timestamp())
    };
    let day = || {
        let day = value.trim_end_matches('Z');
        let whole = match day.len() {
            4 => format!("{day}-01-01"),
            7 => format!("{day}-01"),
            _ => day.to_owned(),
        };
        let date = NaiveDate::parse_from_str(&whole, "%Y-%m-%d").ok()?;
        Some(date.and_time(NaiveTime::MIN).and_utc().timestamp())
    };
    minutes.or(zoned).or_else(naive).or_else(day)
}

/// The letters and digits of a text as people are to read it.
fn fold(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    normalise::plain(text)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn expand(name: &str) -> String {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let base = match prefix {
        "dct" => DCT,
        "dcat" => DCAT,
        "adms" => "http://www.w3.org/ns/adms#",
        "foaf" => "http://xmlns.com/foaf/0.1/",
        "prov" => "http://www.w3.org/ns/prov#",
        "spdx" => "http://spdx.org/rdf/terms#",
        "dcatap" => "http://data.europa.eu/r5r/",
        _ => "",
    };
    format!("{base}{local}")
}
