use std::collections::BTreeSet;

use model::ns::{adms, dcat, dcterms, foaf, rdfs, skos, vcard};
use model::{Base, Entity, Mapped, Minter, RawRecord, RecordFormat, RecordId, SourceId};
use oxrdf::{NamedNode, NamedNodeRef};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{MapContext, MapError};

fn map_bytes(body: &[u8]) -> Result<Mapped, MapError> {
    let source = SourceId::new("inventaire").unwrap();
    let minter = Minter::new(Base::new("https://donnees.example.org/").unwrap());
    let context = MapContext {
        source: &source,
        minter: &minter,
        minted: None,
        language: "fr",
    };
    let record = RawRecord {
        id: RecordId::new("R-1"),
        format: RecordFormat::InventoryRow,
        body: body.to_vec().into(),
    };
    crate::map(&record, &context)
}

fn row(columns: &Value) -> Mapped {
    map_bytes(
        json!({"sheet": "Données", "columns": columns})
            .to_string()
            .as_bytes(),
    )
    .unwrap()
}

fn values(entity: &Entity, subject: &NamedNode, predicate: NamedNodeRef<'_>) -> Vec<String> {
    entity
        .objects(subject, predicate)
        .map(ToString::to_string)
        .collect()
}

fn of(mapped: &Mapped, predicate: NamedNodeRef<'_>) -> Vec<String> {
    let entity = &mapped.entities[0];
    values(entity, &entity.iri, predicate)
}

fn full() -> Value {
    json!({
        "identifier": "R-1", "title": "Routes", "description": "Tronçons", "direction": "DDT", "service": "Service routes",
        "siret": "552 081 317 66522", "category": "Réseaux", "theme": "Transports", "keywords": "route ; voirie", "policy": "Mobilité",
        "origin": "acquise", "acquired_from": "IGN", "conditions": "Convention", "status": "diffusé", "personal_data": "non",
        "legal_basis": "mission d'intérêt public", "hosting": "Baie 12", "host_operator": "Interne", "quality": "bonne", "frequency": "annuel", "issued": "2020-01-01",
        "modified": "2024-03-01", "tools": "QGIS", "contact_name": "Pôle données", "contact_email": "donnees@valmer.example",
        "contact_phone": "03 20 00 00 00", "spatial": "Valmer ; 80", "temporal_start": "2012", "licence": "Licence Ouverte 2.0",
        "formats": "CSV ; WFS", "links": "https://valmer.example/r.csv ; https://valmer.example/wfs", "landing_page": "https://valmer.example/r",
        "volume": "12 Go",
    })
}

#[test]
fn a_row_says_what_it_is() {
    let mapped = row(&full());
    let cases = [
        (dcterms::IDENTIFIER, vec!["\"R-1\""]),
        (dcterms::TITLE, vec!["\"Routes\"@fr"]),
        (dcterms::ACCESS_RIGHTS, vec!["\"diffusé\""]),
        (dcterms::ACCRUAL_PERIODICITY, vec!["\"annuel\""]),
        (dcterms::MODIFIED, vec!["\"2024-03-01\""]),
        (dcat::THEME, vec!["\"Transports\"@fr"]),
        (
            dcat::KEYWORD,
            vec![
                "\"route\"@fr",
                "\"voirie\"@fr",
                "\"Réseaux\"@fr",
                "\"Mobilité\"@fr",
            ],
        ),
        (dcat::LANDING_PAGE, vec!["<https://valmer.example/r>"]),
        (
            dcterms::RIGHTS,
            vec![
                "\"Convention\"@fr",
                "\"Données à caractère personnel : non ; Base légale (RGPD) : mission d'intérêt public\"@fr",
            ],
        ),
    ];
    for (predicate, wanted) in cases {
        assert_eq!(of(&mapped, predicate), wanted, "{predicate}");
    }
    let entity = &mapped.entities[0];
    let provenance = entity.node("provenance");
    assert_eq!(
        values(entity, &provenance, rdfs::LABEL),
        ["\"acquise : IGN\"@fr"]
    );
    let card = entity.node("contact");
    assert_eq!(
        values(entity, &card, vcard::HAS_EMAIL),
        ["<mailto:donnees@valmer.example>"]
    );
    assert_eq!(values(entity, &card, vcard::FN), ["\"Pôle données\""]);
    assert!(mapped.findings.is_empty(), "{:?}", mapped.findings);
    // Where data are hosted, and by what tools they are made, is not for everybody.
    let all = format!("{:?}", mapped.entities);
    for kept in ["Baie 12", "Interne", "QGIS", "12 Go"] {
        assert!(!all.contains(kept), "{kept}");
    }
}

#[test]
fn the_service_publishes_and_is_named_with_its_administration() {
    let mapped = row(&full());
    let agent = &mapped.entities[1];
    assert_eq!(of(&mapped, dcterms::PUBLISHER), [agent.iri.to_string()]);
    assert_eq!(
        values(agent, &agent.iri, foaf::NAME),
        ["\"DDT – Service routes\""]
    );
    assert!(agent.aliases.contains(&"siret:55208131766522".to_owned()));
    assert_eq!(
        values(agent, &agent.iri, adms::IDENTIFIER),
        [agent.node("siret").to_string()]
    );
    let alone = row(&json!({"title": "x", "service": "DDT de l'Oise", "direction": "DDT"}));
    assert_eq!(
        values(&alone.entities[1], &alone.entities[1].iri, foaf::NAME),
        ["\"DDT de l'Oise\""]
    );
    assert_eq!(row(&json!({"title": "x"})).entities.len(), 1);
}

#[test]
fn a_siret_is_fourteen_digits() {
    let siret = |text: &str| {
        let mapped = row(&json!({"title": "x", "service": "s", "siret": text}));
        let alias = mapped.entities[1]
            .aliases
            .iter()
            .find_map(|alias| alias.strip_prefix("siret:").map(str::to_owned));
        (
            alias,
            mapped
                .findings
                .into_iter()
                .filter_map(|finding| finding.place)
                .next(),
        )
    };
    assert_eq!(siret("05208131766522").0.as_deref(), Some("05208131766522"));
    // The zero that a spreadsheet took away.
    assert_eq!(siret("1234567890128").0.as_deref(), Some("01234567890128"));
    for wrong in ["123456789", "1234567890123", "néant"] {
        let (alias, place) = siret(wrong);
        assert_eq!(alias, None, "{wrong}");
        assert_eq!(
            place.as_deref(),
            Some("feuille Données, colonne « SIRET du service »")
        );
    }
}

#[test]
fn links_are_distributions() {
    let mapped = row(&full());
    let entity = &mapped.entities[0];
    let distributions: Vec<NamedNode> = entity
        .instances(dcat::DISTRIBUTION_CLASS)
        .cloned()
        .collect();
    assert_eq!(distributions.len(), 2);
    let of = |at: usize, predicate| values(entity, &distributions[at], predicate);
    assert_eq!(
        of(0, dcat::DOWNLOAD_URL),
        ["<https://valmer.example/r.csv>"]
    );
    assert_eq!(of(0, dcterms::FORMAT), ["\"CSV\""]);
    assert_eq!(of(0, dcterms::LICENSE), ["\"Licence Ouverte 2.0\""]);
    assert_eq!(of(1, dcat::ACCESS_URL), ["<https://valmer.example/wfs>"]);
    assert!(of(1, dcat::DOWNLOAD_URL).is_empty());
    assert_eq!(of(1, dcat::ACCESS_SERVICE).len(), 1);
    let service = entity.instances(dcat::DATA_SERVICE).next().unwrap();
    assert_eq!(entity.origin(service.as_str()), Some("feuille Données"));
    assert_eq!(
        values(entity, service, dcat::ENDPOINT_URL),
        ["<https://valmer.example/wfs>"]
    );
    assert!(values(entity, &entity.iri, dcterms::LICENSE).is_empty());
    let without = row(&json!({"title": "x", "licence": "lov2"}));
    assert_eq!(self::of(&without, dcterms::LICENSE), ["\"lov2\""]);
}

#[test]
fn places_are_names_or_codes() {
    let mapped = row(&full());
    let entity = &mapped.entities[0];
    let of = |predicate: NamedNodeRef<'_>| -> BTreeSet<String> {
        entity
            .instances(dcterms::LOCATION)
            .flat_map(|node| values(entity, node, predicate))
            .collect()
    };
    assert_eq!(Vec::from_iter(of(skos::PREF_LABEL)), ["\"Valmer\"@fr"]);
    assert_eq!(Vec::from_iter(of(dcterms::IDENTIFIER)), ["\"80\""]);
}

#[test]
fn places_of_findings_are_columns() {
    let mapped = row(&full());
    let entity = &mapped.entities[0];
    assert_eq!(entity.origin(entity.iri.as_str()), Some("feuille Données"));
    assert_eq!(
        entity.origin(entity.node("temporal").as_str()),
        Some("feuille Données, colonne « Période »")
    );
    let error = map_bytes(b"{\"columns\": {\"title\": \" \"}}").unwrap_err();
    assert_eq!(
        (error.rule, error.place.as_deref()),
        ("record/no-title", Some("tableau, colonne « Titre »"))
    );
}

#[test]
fn one_column_for_whom_to_ask() {
    let mapped = row(&json!({"title": "x", "contact_name": "eau@valmer.example"}));
    let entity = &mapped.entities[0];
    let card = entity.node("contact");
    assert_eq!(
        values(entity, &card, vcard::HAS_EMAIL),
        ["<mailto:eau@valmer.example>"]
    );
    assert!(values(entity, &card, vcard::FN).is_empty());
}

#[test]
fn what_is_no_row_is_refused() {
    for body in [
        &b""[..],
        b"[]",
        b"{}",
        b"{\"columns\": []}",
        b"{\"columns\": {\"title\": \"\xe9\"}}",
    ] {
        assert!(
            map_bytes(body).is_err(),
            "{}",
            String::from_utf8_lossy(body)
        );
    }
}

proptest! {
    #[test]
    fn no_value_makes_it_panic(key in any::<prop::sample::Index>(), text in "(\\PC{0,60}|[;,/ 0-9a-zéà:.@-]{0,60})", wrong in any::<bool>()) {
        let mut columns = full();
        let keys: Vec<String> = columns.as_object().unwrap().keys().cloned().collect();
        let key = &keys[key.index(keys.len())];
        columns[key] = if wrong { json!([text]) } else { json!(text) };
        if let Ok(mapped) = map_bytes(json!({"sheet": text, "columns": columns}).to_string().as_bytes()) {
            for triple in mapped.entities.iter().flat_map(|entity| &entity.triples) {
                prop_assert!(NamedNode::new(triple.subject.to_string().trim_matches(['<', '>'])).is_ok());
            }
        }
    }
}
