//! The table of operations.

use serde_json::{Map, Value, json};

use super::MEDIA_TYPE;
use super::schemas::parameter;

pub(super) struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    pub summary: &'static str,
    tag: &'static str,
    parameters: &'static [&'static str],
    /// The schema of the request's body.
    body: Option<&'static str>,
    success: u16,
    /// Media types of a success, each with its schema.
    content: &'static [(&'static str, &'static str)],
    /// Other answers than the success: those of everything come on top.
    others: &'static [u16],
}

const JSON: &str = "application/json";
const GEOJSON: &str = "application/geo+json";
const SCHEMA: &str = "application/schema+json";
const CATALOG: &str = "application/ogc-catalog+json";
const HTML: (&str, &str) = ("text/html", "html");

#[rustfmt::skip]
pub(super) fn operations() -> Vec<Operation> {
    const COLLECTION: &[&str] = &["collection", "f"];
    const PAGE_OF_SCHEMA: &[(&str, &str)] = &[(SCHEMA, "schema"), (JSON, "schema"), HTML];
    const SOURCES: &[(&str, &str)] = &[(JSON, "provenance")];
    vec![
        ogc("/ogc", "Page d’accueil", &["f"], &[(JSON, "landingPage"), HTML], &[304, 400, 406]),
        ogc("/ogc/conformance", "Classes de conformité", &["f"], &[(JSON, "conformance"), HTML], &[304, 400, 406]),
        ogc("/ogc/collections", "Catalogues : tout, par source, thème, organisation", &["limit", "cursor", "f"], &[(JSON, "collections"), HTML], &[304, 400, 406]),
        ogc("/ogc/collections/{collection}", "Un catalogue", COLLECTION, &[(CATALOG, "collection"), (JSON, "collection"), HTML], &[304, 400, 404, 406]),
        ogc("/ogc/collections/{collection}/items", "Les fiches d’un catalogue",
            &["collection", "q", "bbox", "datetime", "type", "ids", "externalIds", "filter", "filter-lang", "filter-crs", "sortby", "limit", "cursor", "f"],
            &[(GEOJSON, "records"), (JSON, "records"), HTML], &[304, 400, 404, 406]),
        ogc("/ogc/collections/{collection}/items/{record}", "Une fiche", &["collection", "record", "f"],
            &[(GEOJSON, "record"), (JSON, "record")], &[301, 303, 304, 400, 404, 406, 410]),
        ogc("/ogc/collections/{collection}/queryables", "Propriétés des filtres", COLLECTION, PAGE_OF_SCHEMA, &[304, 400, 404, 406]),
        ogc("/ogc/collections/{collection}/sortables", "Propriétés de tri", COLLECTION, PAGE_OF_SCHEMA, &[304, 400, 404, 406]),
        get("/api", "Ce document", "api", &[], &[(MEDIA_TYPE, "object")], &[304]),
        get("/sources/{id}/report.json", "Rapport d’une source", "rapports", &["id", "lang"], &[(JSON, "object")], &[304, 400, 404]),
        get("/identity/proposals.json", "Fiches peut-être identiques", "identité", &["after"], &[(JSON, "proposals")], &[400]),
        get("/dataset/{id}/sources.json", "D’où vient un jeu de données", "provenance", &["uuid", "lang"], SOURCES, &[301, 304, 400, 404, 410]),
        get("/series/{id}/sources.json", "D’où vient une série", "provenance", &["uuid", "lang"], SOURCES, &[301, 304, 400, 404, 410]),
        get("/dataservice/{id}/sources.json", "D’où vient un service", "provenance", &["uuid", "lang"], SOURCES, &[301, 304, 400, 404, 410]),
        get("/health", "Le processus répond", "état", &[], &[("text/plain", "text")], &[]),
        get("/ready", "Le catalogue est prêt", "état", &[], &[(JSON, "ready")], &[]),
        get("/admin/status", "État de l’instance", ADMIN, &[], &[(JSON, "object")], &[401, 403, 404]),
        admin("/admin/sources/{id}/run", "Moissonner une source", &["id"], None, 202),
        admin("/admin/sources/{id}/release", "Lever la garde des suppressions", &["id", "reason"], None, 200),
        admin("/admin/sources/{id}/resume", "Reprendre une source en pause", &["id"], None, 200),
        admin("/admin/identity/merge", "Dire que des fiches n’en font qu’une", &[], Some("merge"), 200),
        admin("/admin/identity/split", "Séparer une fiche", &[], Some("split"), 200),
        admin("/admin/runs/{id}/stop", "Arrêter un moissonnage", &["run"], None, 202),
        admin("/admin/runs/{id}/undo", "Défaire un moissonnage", &["run"], None, 202),
    ]
}

const ADMIN: &str = "administration";

fn get(
    path: &'static str,
    summary: &'static str,
    tag: &'static str,
    parameters: &'static [&'static str],
    content: &'static [(&'static str, &'static str)],
    others: &'static [u16],
) -> Operation {
    Operation {
        method: "get",
        path,
        summary,
        tag,
        parameters,
        body: None,
        success: 200,
        content,
        others,
    }
}

fn ogc(
    path: &'static str,
    summary: &'static str,
    parameters: &'static [&'static str],
    content: &'static [(&'static str, &'static str)],
    others: &'static [u16],
) -> Operation {
    get(
        path,
        summary,
        "OGC API – Records",
        parameters,
        content,
        others,
    )
}

fn admin(
    path: &'static str,
    summary: &'static str,
    parameters: &'static [&'static str],
    body: Option<&'static str>,
    success: u16,
) -> Operation {
    Operation {
        method: "post",
        body,
        success,
        ..get(
            path,
            summary,
            ADMIN,
            parameters,
            &[(JSON, "object")],
            &[400, 401, 403, 404, 409, 413],
        )
    }
}

/// A server that is busy, that does not answer in time, that fails; a method that is none of the address's.
const ALWAYS: &[u16] = &[405, 500, 503, 504];

impl Operation {
    /// From the method and the address: `getOgcCollections`.
    pub fn id(&self) -> String {
        let words = self
            .path
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty());
        let mut id = self.method.to_owned();
        for word in words {
            let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
            id.push_str(&first.to_ascii_uppercase());
            id.push_str(rest);
        }
        id
    }

    pub fn described(&self) -> Value {
        let mut responses = Map::new();
        let content: Map<String, Value> = self
            .content
            .iter()
            .map(|(media, schema)| {
                let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
                ((*media).to_owned(), json!({ "schema": schema }))
            })
            .collect();
        responses.insert(
            self.success.to_string(),
            json!({ "description": self.summary, "content": content }),
        );
        for status in self.others.iter().chain(ALWAYS) {
            responses.insert(status.to_string(), other(self.path, *status));
        }
        let parameters: Vec<Value> = self.parameters.iter().map(|name| parameter(name)).collect();
        let mut described = json!({
            "operationId": self.id(),
            "summary": self.summary,
            "tags": [self.tag],
            "parameters": parameters,
            "responses": responses,
        });
        if let Some(into) = described.as_object_mut() {
            if self.tag == ADMIN {
                into.insert("security".into(), json!([{ "token": [] }]));
            }
            if let Some(schema) = self.body {
                let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
                let content = json!({ JSON: { "schema": schema } });
                into.insert(
                    "requestBody".into(),
                    json!({ "required": true, "content": content }),
                );
            }
        }
        described
    }
}

fn other(path: &str, status: u16) -> Value {
    let description = match status {
        301 => "La fiche est une partie d’une autre",
        303 => "Sous une autre adresse",
        304 => "Inchangé",
        400 => "Un paramètre ne peut pas être pris en compte",
        401 => "Un jeton est demandé",
        403 => "Depuis la machine elle-même seulement",
        404 => "Rien n’est publié à cette adresse",
        405 => "Méthode refusée",
        406 => "Forme indisponible",
        409 => "Impossible dans cet état",
        410 => "Retiré du catalogue",
        413 => "Demande trop longue",
        503 => "Indisponible pour l’instant",
        504 => "Trop long",
        _ => "Erreur interne",
    };
    let problem = json!({ "schema": { "$ref": "#/components/schemas/problem" } });
    match status {
        301..=304 => json!({ "description": description }),
        503 if path == "/ready" => {
            let ready = json!({ "schema": { "$ref": "#/components/schemas/ready" } });
            json!({ "description": description, "content": { JSON: ready, "application/problem+json": problem } })
        }
        410 => json!({ "description": description, "content": {
            "application/problem+json": problem,
            JSON: { "schema": { "$ref": "#/components/schemas/object" } },
        } }),
        _ => {
            json!({ "description": description, "content": { "application/problem+json": problem, "text/html": { "schema": { "$ref": "#/components/schemas/html" } } } })
        }
    }
}
