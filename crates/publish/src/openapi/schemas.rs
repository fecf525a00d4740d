//! Parameters and schemas, as far as they help whoever writes a client.

use serde_json::{Value, json};

/// A parameter by its key in the table: an address has `{id}` of several kinds.
pub(super) fn parameter(key: &str) -> Value {
    let path = |name: &str, schema: Value, description: &str| json!({ "name": name, "in": "path", "required": true, "schema": schema, "description": description });
    let query = |schema: Value, description: &str| json!({ "name": key, "in": "query", "required": false, "schema": schema, "description": description });
    let list = |items: Value, description: &str| {
        json!({ "name": key, "in": "query", "required": false, "style": "form", "explode": false,
            "schema": { "type": "array", "items": items, "maxItems": 100 }, "description": description })
    };
    let text = || json!({ "type": "string" });
    match key {
        "collection" => path(
            key,
            text(),
            "catalogue, source-ID, theme-CODE ou organisation-UUID",
        ),
        "record" => path(
            key,
            text(),
            "Identifiant de la fiche (UUID), ou celui que son propriétaire lui donne",
        ),
        "id" => path(key, text(), "Identifiant de la source"),
        "uuid" => path(
            "id",
            json!({ "type": "string", "format": "uuid" }),
            "Identifiant de la fiche",
        ),
        "run" => path(
            "id",
            json!({ "type": "integer", "minimum": 1 }),
            "Numéro du moissonnage",
        ),
        "limit" => query(
            json!({ "type": "integer", "minimum": 1 }),
            "Taille de la page : 500 au plus",
        ),
        "cursor" => query(text(), "Ce que donnent les liens vers les autres pages"),
        "f" => query(
            json!({ "type": "string", "enum": ["json", "geojson", "html"] }),
            "Forme de la réponse ; sinon, celle de l’en-tête Accept. geojson pour les fiches seulement",
        ),
        "lang" => query(json!({ "type": "string", "enum": ["fr", "en"] }), "Langue"),
        "after" => query(text(), "Ce que donne le lien vers la page suivante"),
        "reason" => query(text(), "Le motif"),
        "q" => list(
            text(),
            "Mots à chercher : les termes séparés par des virgules sont des alternatives, les mots d’un terme se suivent",
        ),
        "type" => list(text(), "Types de ressources : dataset, series, service"),
        "ids" => list(text(), "Identifiants de fiches"),
        "externalIds" => list(
            text(),
            "Identifiants donnés par d’autres, avec ou sans leur agence : agence:valeur",
        ),
        "sortby" => list(
            json!({ "type": "string", "pattern": "[+|-]?[A-Za-z_].*" }),
            "Propriétés de tri, croissant ou, avec -, décroissant",
        ),
        "bbox" => {
            json!({ "name": key, "in": "query", "required": false, "style": "form", "explode": false,
            "schema": { "type": "array", "items": { "type": "number" }, "minItems": 4, "maxItems": 6 },
            "description": "Ouest, sud, est, nord en degrés (CRS84) ; ou six nombres avec des hauteurs. Ouest plus grand qu’est : par-dessus l’antiméridien" })
        }
        "datetime" => query(
            text(),
            "Un instant ou un intervalle : 2024-05-31, 2024-01-01/.., ../2024-12-31T12:00:00Z",
        ),
        "filter" => query(text(), "Filtre en CQL2"),
        "filter-lang" => query(
            json!({ "type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text" }),
            "Langage du filtre",
        ),
        "filter-crs" => query(
            json!({ "type": "string", "format": "uri" }),
            "Système de coordonnées des géométries du filtre",
        ),
        _ => query(text(), ""),
    }
}

#[rustfmt::skip]
pub(super) fn schemas() -> Value {
    let of = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let links = json!({ "type": "array", "items": of("link") });
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let all = [
        ("object", json!({ "type": "object" })),
        ("html", json!({ "type": "string" })),
        ("text", json!({ "type": "string" })),
        ("problem", json!({ "type": "object", "required": ["title", "status", "detail"], "properties": {
            "title": { "type": "string", "nullable": true }, "status": { "type": "integer" }, "detail": { "type": "string" } } })),
        ("link", json!({ "type": "object", "required": ["href", "rel"], "properties": {
            "href": { "type": "string" }, "rel": { "type": "string" }, "type": { "type": "string" }, "hreflang": { "type": "string" },
            "title": { "type": "string" }, "length": { "type": "integer" } } })),
        ("landingPage", json!({ "type": "object", "required": ["links"], "properties": { "title": { "type": "string" }, "description": { "type": "string" }, "links": links } })),
        ("conformance", json!({ "type": "object", "required": ["conformsTo"], "properties": { "conformsTo": texts } })),
        ("collections", json!({ "type": "object", "required": ["links", "collections"], "properties": {
            "links": links, "collections": { "type": "array", "items": of("collection") } } })),
        ("collection", json!({ "type": "object", "required": ["id", "type", "itemType", "links"], "properties": {
            "id": { "type": "string" }, "type": { "type": "string", "enum": ["Collection"] }, "itemType": { "type": "string", "enum": ["record"] },
            "title": { "type": "string" }, "description": { "type": "string" }, "links": links } })),
        ("records", json!({ "type": "object", "required": ["type", "features", "links", "numberMatched", "numberReturned", "timeStamp"], "properties": {
            "type": { "type": "string", "enum": ["FeatureCollection"] }, "features": { "type": "array", "items": of("record") }, "links": links,
            "numberMatched": { "type": "integer" }, "numberReturned": { "type": "integer" }, "timeStamp": { "type": "string", "format": "date-time" } } })),
        ("record", json!({ "type": "object", "required": ["id", "type", "geometry", "time", "properties", "links"], "properties": {
            "id": { "type": "string", "format": "uuid" }, "type": { "type": "string", "enum": ["Feature"] },
            "geometry": { "type": "object", "nullable": true, "required": ["type"] }, "time": of("time"),
            "properties": of("properties"), "links": links } })),
        ("time", json!({ "type": "object", "nullable": true, "properties": {
            "interval": { "type": "array", "items": { "type": "string" }, "minItems": 2, "maxItems": 2 }, "resolution": { "type": "string" } } })),
        ("properties", json!({ "type": "object", "required": ["type", "title", "updated", "language"], "properties": {
            "type": { "type": "string", "enum": ["dataset", "series", "service"] }, "title": { "type": "string" }, "description": { "type": "string" },
            "keywords": texts, "language": of("language"), "resourceLanguages": { "type": "array", "items": of("language") },
            "created": { "type": "string", "format": "date-time" }, "updated": { "type": "string", "format": "date-time" },
            "issued": { "type": "string" }, "modified": { "type": "string" },
            "themes": { "type": "array", "items": { "type": "object", "required": ["concepts", "scheme"], "properties": {
                "scheme": { "type": "string" }, "concepts": { "type": "array", "minItems": 1, "items": { "type": "object", "required": ["id"], "properties": {
                    "id": { "type": "string" }, "title": { "type": "string" }, "url": { "type": "string" } } } } } } },
            "formats": { "type": "array", "items": { "type": "object", "properties": { "name": { "type": "string" }, "mediaType": { "type": "string" } } } },
            "contacts": { "type": "array", "items": of("contact") }, "license": { "type": "string" }, "rights": { "type": "string" },
            "accessRights": { "type": "string" },
            "externalIds": { "type": "array", "items": { "type": "object", "required": ["value"], "properties": {
                "scheme": { "type": "string" }, "value": { "type": "string" } } } } } })),
        ("language", json!({ "type": "object", "required": ["code"], "properties": { "code": { "type": "string" } } })),
        ("contact", json!({ "type": "object", "properties": {
            "name": { "type": "string" }, "organization": { "type": "string" }, "roles": texts, "links": links,
            "emails": { "type": "array", "items": { "type": "object", "required": ["value"] } },
            "phones": { "type": "array", "items": { "type": "object", "required": ["value"] } } } })),
        ("schema", json!({ "type": "object", "required": ["$schema", "$id", "type", "properties"] })),
        ("proposals", json!({ "type": "object", "required": ["proposals", "next"], "properties": {
            "proposals": { "type": "array", "items": { "type": "object" } }, "next": { "type": "string", "nullable": true } } })),
        ("provenance", json!({ "type": "object" })),
        ("ready", json!({ "type": "object", "required": ["ready"], "properties": { "ready": { "type": "boolean" }, "reason": { "type": "string" } } })),
        ("merge", json!({ "type": "object", "required": ["entities", "reason"], "additionalProperties": false, "properties": {
            "entities": texts, "reason": { "type": "string" } } })),
        ("split", json!({ "type": "object", "required": ["entity", "record", "reason"], "additionalProperties": false, "properties": {
            "entity": { "type": "string" }, "record": { "type": "string" }, "reason": { "type": "string" } } })),
    ];
    let named = all.into_iter().map(|(name, schema)| (name.to_owned(), schema));
    Value::Object(named.collect())
}
