//! The bundled records of the portal: a table, completed as udata would.

use std::collections::HashMap;

use model::Checksum;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::DemoError;
use crate::csw;

const TABLE: &str = include_str!("../../data/udata.toml");
/// The portal calls itself so, wherever it is served: the identity of what it publishes does not hang on a port.
const SITE: &str = "https://www.portail-regional.example";
const STORE: &str = "https://static.portail-regional.example/resources";

pub(super) struct Catalogue {
    pub datasets: Vec<Value>,
    pub dataservices: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    organisation: HashMap<String, Organisation>,
    dataset: Vec<Dataset>,
    dataservice: Vec<Dataservice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Organisation {
    name: String,
    acronym: Option<String>,
    siret: Option<String>,
    #[serde(default)]
    badges: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dataset {
    slug: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: String,
    organisation: Option<String>,
    /// First and last name of a person, where no organisation publishes.
    owner: Option<[String; 2]>,
    #[serde(default)]
    tags: Vec<String>,
    license: Option<String>,
    #[serde(default = "unknown")]
    frequency: String,
    created: String,
    updated: String,
    temporal: Option<[String; 2]>,
    #[serde(default)]
    zones: Vec<String>,
    granularity: Option<String>,
    /// West, south, east, north.
    bbox: Option<[f64; 4]>,
    /// Name, e-mail, role.
    #[serde(default)]
    contacts: Vec<[String; 3]>,
    /// Title, format, address (a file name for what the portal stores), type.
    #[serde(default)]
    resources: Vec<[String; 4]>,
    /// The record of the bundled catalogue service that this one was harvested from: it gives title and description.
    harvested: Option<String>,
    /// What the record has besides or otherwise, as udata writes it.
    #[serde(default)]
    also: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dataservice {
    slug: String,
    organisation: String,
    /// Slugs.
    #[serde(default)]
    datasets: Vec<String>,
    also: Map<String, Value>,
}

fn unknown() -> String {
    "unknown".to_owned()
}

pub(super) fn read() -> Result<Catalogue, DemoError> {
    let table: Table = toml::from_str(TABLE)
        .map_err(|error| DemoError::Data(format!("data/udata.toml: {error}")))?;
    let geographic = csw::records()?;
    let datasets = table
        .dataset
        .iter()
        .map(|dataset| dataset.render(&table, &geographic))
        .collect::<Result<_, _>>()?;
    let dataservices = table
        .dataservice
        .iter()
        .map(|service| service.render(&table))
        .collect::<Result<_, _>>()?;
    Ok(Catalogue {
        datasets,
        dataservices,
    })
}

impl Table {
    fn organisation(&self, key: &str) -> Result<Value, DemoError> {
        let organisation = self
            .organisation
            .get(key)
            .ok_or_else(|| DemoError::Data(format!("data/udata.toml: no organisation {key}")))?;
        let badges: Vec<Value> = organisation
            .badges
            .iter()
            .map(|kind| json!({ "kind": kind }))
            .collect();
        Ok(json!({
            "acronym": organisation.acronym,
            "badges": badges,
            "business_number_id": organisation.siret,
            "class": "Organization",
            "id": object_id("organization", key),
            "logo": format!("https://static.portail-regional.example/avatars/{key}-original.png"),
            "logo_thumbnail": format!("https://static.portail-regional.example/avatars/{key}-100.png"),
            "name": organisation.name,
            "page": format!("{SITE}/fr/organizations/{key}/"),
            "slug": key,
            "uri": format!("{SITE}/api/1/organizations/{key}/"),
        }))
    }
}

impl Dataset {
    fn render(&self, table: &Table, geographic: &[csw::Record]) -> Result<Value, DemoError> {
        let slug = &self.slug;
        let organisation = self
            .organisation
            .as_deref()
            .map(|key| table.organisation(key))
            .transpose()?;
        let owner = self.owner.as_ref().map(|[first, last]| {
            let slug = format!("{first}-{last}").to_lowercase();
            json!({ "class": "User", "id": object_id("user", &slug), "first_name": first, "last_name": last, "slug": slug,
                    "page": format!("{SITE}/fr/users/{slug}/"), "uri": format!("{SITE}/api/1/users/{slug}/"), "avatar": null })
        });
        let contacts: Vec<Value> = self
            .contacts
            .iter()
            .map(|[name, email, role]| json!({ "id": object_id("contact", name), "name": name, "email": email, "role": role }))
            .collect();
        let resources: Vec<Value> = self
            .resources
            .iter()
            .enumerate()
            .map(|(at, resource)| self.resource(at, resource))
            .collect();
        let mut record = json!({
            "acronym": null, "archived": null, "badges": [], "contact_points": contacts, "created_at": self.created, "deleted": null,
            "description": self.description, "extras": {}, "featured": false, "frequency": self.frequency, "frequency_date": null,
            "harvest": null, "id": object_id("dataset", slug),
            "internal": { "created_at_internal": self.created, "last_modified_internal": self.updated },
            "last_modified": self.updated, "last_update": self.updated, "license": self.license,
            "metrics": { "discussions": 0, "followers": slug.len(), "reuses": 1, "views": 40 * slug.len() },
            "organization": organisation, "owner": owner, "page": format!("{SITE}/fr/datasets/{slug}/"), "private": false,
            "quality": { "license": self.license.is_some(), "score": 0.55 }, "resources": resources, "schema": null, "slug": slug,
            "spatial": self.spatial(), "tags": self.tags,
            "temporal_coverage": self.temporal.as_ref().map(|[start, end]| json!({ "start": start, "end": end })),
            "title": self.title, "uri": format!("{SITE}/api/1/datasets/{slug}/"),
        });
        if let Some(id) = &self.harvested {
            let origin = geographic
                .iter()
                .find(|record| record.id == *id)
                .ok_or_else(|| DemoError::Data(format!("data/udata.toml: no record {id}")))?;
            record["title"] = json!(origin.title);
            record["description"] = json!(origin.summary);
            record["harvest"] = json!({
                "backend": "CSW-ISO-19139", "domain": "geo.territoires.example", "last_update": self.updated, "remote_id": id,
                "remote_url": format!("https://geo.territoires.example/geonetwork/srv/fre/catalog.search#/metadata/{id}"),
                "source_id": object_id("source", "csw"), "created_at": self.created, "modified_at": self.updated,
            });
        }
        overlay(&mut record, &self.also);
        Ok(record)
    }

    fn spatial(&self) -> Value {
        if self.zones.is_empty() && self.granularity.is_none() && self.bbox.is_none() {
            return Value::Null;
        }
        let geom = self.bbox.map(|[west, south, east, north]| {
            json!({ "type": "MultiPolygon", "coordinates": [[[[west, south], [east, south], [east, north], [west, north], [west, south]]]] })
        });
        json!({ "geom": geom, "granularity": self.granularity, "zones": self.zones })
    }

    /// A file without a scheme in its address is stored by the portal: it then has a size, a checksum and a permalink.
    fn resource(&self, at: usize, [title, format, address, kind]: &[String; 4]) -> Value {
        let name = format!("{}/{at}", self.slug);
        let hash = Checksum::of(name.as_bytes());
        let hex = hash.to_string();
        let id = uuid(&hex);
        let stored = !address.contains("://") && !address.is_empty();
        let url = match stored {
            true => format!("{STORE}/{}/20240115-063000/{address}", self.slug),
            false => address.clone(),
        };
        let mut size: u32 = 1_024;
        for byte in hash.as_bytes().iter().take(2) {
            size = size * 7 + u32::from(*byte);
        }
        json!({
            "checksum": stored.then(|| json!({ "type": "sha1", "value": format!("{hex}{}", hex.get(..8).unwrap_or_default()) })),
            "created_at": self.created, "description": null, "extras": { "check:available": true, "check:status": 200 },
            "filesize": stored.then_some(size), "filetype": if stored { "file" } else { "remote" }, "format": format, "harvest": null, "id": id,
            "internal": { "created_at_internal": self.created, "last_modified_internal": self.updated }, "last_modified": self.updated,
            "latest": format!("{SITE}/fr/datasets/r/{id}"), "metrics": { "views": at }, "mime": mime(format), "preview_url": null, "schema": null,
            "title": title, "type": kind, "url": url,
        })
    }
}

impl Dataservice {
    fn render(&self, table: &Table) -> Result<Value, DemoError> {
        let slug = &self.slug;
        let datasets: Vec<Value> = self
            .datasets
            .iter()
            .map(|dataset| json!({ "id": object_id("dataset", dataset), "title": dataset, "page": format!("{SITE}/fr/datasets/{dataset}/") }))
            .collect();
        let mut record = json!({
            "archived_at": null, "availability": null, "base_api_url": null, "business_documentation_url": null, "contact_points": [],
            "created_at": "2024-04-02T10:00:00.000000+00:00", "datasets": datasets, "deleted_at": null, "description": "", "extras": {}, "harvest": null,
            "id": object_id("dataservice", slug), "license": null, "machine_documentation_url": null,
            "metadata_modified_at": "2025-01-20T08:15:00.000000+00:00", "metrics": { "views": 12 }, "organization": table.organisation(&self.organisation)?,
            "owner": null, "private": false, "rate_limiting": null, "self_api_url": format!("{SITE}/api/1/dataservices/{slug}/"),
            "self_web_url": format!("{SITE}/fr/dataservices/{slug}/"), "slug": slug, "tags": [], "technical_documentation_url": null,
        });
        overlay(&mut record, &self.also);
        Ok(record)
    }
}

/// Sets fields; `a.b.0.c` names one that stands deeper, and the text `null` stands for null, which TOML cannot write.
fn overlay(record: &mut Value, also: &Map<String, Value>) {
    for (path, value) in also {
        let value = match value {
            Value::String(text) if text == "null" => Value::Null,
            other => other.clone(),
        };
        match record.pointer_mut(&format!("/{}", path.replace('.', "/"))) {
            Some(field) => *field = value,
            None => {
                if let Some(object) = record.as_object_mut() {
                    object.insert(path.clone(), value);
                }
            }
        }
    }
}

/// An identifier in the form of MongoDB's.
fn object_id(kind: &str, name: &str) -> String {
    let mut id = Checksum::of(format!("{kind}/{name}").as_bytes()).to_string();
    id.truncate(24);
    id
}

fn uuid(hex: &str) -> String {
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    format!(
        "{}-{}-{}-{}-{}",
        part(0..8),
        part(8..12),
        part(12..16),
        part(16..20),
        part(20..32)
    )
}

fn mime(format: &str) -> Option<&'static str> {
    match format.trim().to_ascii_lowercase().as_str() {
        "csv" | "csv/utf8" => Some("text/csv"),
        "json" => Some("application/json"),
        "geojson" => Some("application/geo+json"),
        "pdf" => Some("application/pdf"),
        "zip" | "shp.zip" => Some("application/zip"),
        "xlsx" => Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        "html" | "page web" => Some("text/html"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_records_are_many_and_of_their_own() {
        let catalogue = read().unwrap();
        assert!(
            (38..=50).contains(&catalogue.datasets.len()),
            "{}",
            catalogue.datasets.len()
        );
        assert_eq!(catalogue.dataservices.len(), 4);
        let ids: std::collections::HashSet<_> = catalogue
            .datasets
            .iter()
            .chain(&catalogue.dataservices)
            .map(|record| record["id"].to_string())
            .collect();
        assert_eq!(
            ids.len(),
            catalogue.datasets.len() + catalogue.dataservices.len()
        );
        let harvested = catalogue
            .datasets
            .iter()
            .filter(|record| record["harvest"]["domain"] == "geo.territoires.example")
            .count();
        assert!(harvested >= 6, "{harvested}");
        let known: Vec<_> = catalogue
            .datasets
            .iter()
            .map(|dataset| dataset["id"].clone())
            .collect();
        for service in &catalogue.dataservices {
            for dataset in service["datasets"].as_array().into_iter().flatten() {
                assert!(known.contains(&dataset["id"]), "{dataset}");
            }
        }
    }
}
