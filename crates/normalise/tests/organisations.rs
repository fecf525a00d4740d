//! Organisations: names as sources write them, and what is certain of them.

use chrono::{TimeZone, Utc};
use model::ns::{adms, dcterms, foaf, skos};
use model::{Entity, EntityKind, Finding, Mapped, RecordId};
use normalise::{Context, normalise};
use oxrdf::NamedNode;
use vocab::Vocab;

fn run(name: &str, siret: &str, mail: &str) -> (Entity, Vec<Finding>) {
    let iri = NamedNode::new_unchecked("https://m.example/organisation/1");
    let mut agent = Entity::new(EntityKind::Organisation, iri.clone());
    agent.add_type(&iri, foaf::AGENT);
    agent.add_text(&iri, foaf::NAME, name, None);
    agent.add_iri(&iri, foaf::MBOX, mail);
    if !siret.is_empty() {
        let node = agent.node("siret");
        agent.add(&iri, adms::IDENTIFIER, node.clone());
        agent.add_text(&node, skos::NOTATION, siret, None);
        agent.add_text(&node, adms::SCHEMA_AGENCY, "INSEE", None);
    }
    let record = RecordId::new("r1");
    let mut mapped = Mapped {
        entities: vec![agent],
        findings: Vec::new(),
    };
    let context = Context {
        vocab: Vocab::bundled(),
        record: &record,
        fetched: Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap(),
    };
    normalise(&mut mapped, &context);
    let once = mapped.clone();
    normalise(&mut mapped, &context);
    assert_eq!(
        mapped.entities[0].triples, once.entities[0].triples,
        "{name}"
    );
    let mut once = once;
    (once.entities.remove(0), once.findings)
}

fn text(entity: &Entity, local: &str, predicate: oxrdf::NamedNodeRef<'_>) -> String {
    let subject = match local {
        "" => entity.iri.clone(),
        local => entity.node(local),
    };
    match entity.object(&subject, predicate) {
        Some(oxrdf::Term::Literal(literal)) => literal.value().to_owned(),
        Some(oxrdf::Term::NamedNode(node)) => node
            .as_str()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned(),
        _ => String::new(),
    }
}

/// Name as written, name of today, SIREN that is stated, type.
const CASES: &[(&str, &str, &str, &str)] = &[
    (
        "INSEE",
        "Institut national de la statistique et des études économiques",
        "120027016",
        "NationalAuthority",
    ),
    (
        "  Insee ",
        "Institut national de la statistique et des études économiques",
        "120027016",
        "NationalAuthority",
    ),
    (
        // Belgium and Spain have an IGN too: letters give no number.
        "IGN",
        "Institut national de l'information géographique et forestière",
        "",
        "NationalAuthority",
    ),
    (
        "Institut Géographique National",
        "Institut national de l'information géographique et forestière",
        "",
        "NationalAuthority",
    ),
    (
        "CEREMA",
        "Centre d'études et d'expertise sur les risques, l'environnement, la mobilité et l'aménagement",
        "130018310",
        "NationalAuthority",
    ),
    (
        "BRGM",
        "Bureau de recherches géologiques et minières",
        "582056149",
        "NationalAuthority",
    ),
    (
        "brgm.",
        "Bureau de recherches géologiques et minières",
        "582056149",
        "NationalAuthority",
    ),
    (
        "ADEME",
        "Agence de la transition écologique",
        "385290309",
        "NationalAuthority",
    ),
    (
        "Office français de la biodiversité (OFB)",
        "Office français de la biodiversité",
        "130025919",
        "NationalAuthority",
    ),
    (
        "ONEMA",
        "Office français de la biodiversité",
        "",
        "NationalAuthority",
    ),
    (
        "DREAL HDF",
        "DREAL Hauts-de-France",
        "",
        "NationalAuthority",
    ),
    (
        "DREAL Hauts-de-France",
        "DREAL Hauts-de-France",
        "",
        "NationalAuthority",
    ),
    (
        "DREAL Nord - Pas-de-Calais Picardie",
        "DREAL Hauts-de-France",
        "",
        "NationalAuthority",
    ),
    (
        "DREAL Franche-Comté",
        "DREAL Bourgogne-Franche-Comté",
        "",
        "NationalAuthority",
    ),
    (
        "ARS HDF",
        "Agence régionale de santé Hauts-de-France",
        "",
        "NationalAuthority",
    ),
    (
        "AGENCE DE L'EAU ARTOIS-PICARDIE",
        "Agence de l'eau Artois-Picardie",
        "",
        "NationalAuthority",
    ),
    (
        "Agence de l’Eau Seine-Normandie",
        "Agence de l'eau Seine-Normandie",
        "",
        "NationalAuthority",
    ),
    (
        "Région Hauts-de-France",
        "Région Hauts-de-France",
        "200053742",
        "RegionalAuthority",
    ),
    (
        "Conseil régional Hauts-de-France",
        "Région Hauts-de-France",
        "",
        "RegionalAuthority",
    ),
    (
        "Région Bourgogne-Franche-Comté",
        "Région Bourgogne-Franche-Comté",
        "200053726",
        "RegionalAuthority",
    ),
    (
        "MEL",
        "Métropole Européenne de Lille",
        "200093201",
        "LocalAuthority",
    ),
    (
        "Métropole Européenne de Lille",
        "Métropole Européenne de Lille",
        "200093201",
        "LocalAuthority",
    ),
    (
        "LMCU",
        "Métropole Européenne de Lille",
        "",
        "LocalAuthority",
    ),
    (
        "SHOM",
        "Service hydrographique et océanographique de la marine",
        "",
        "NationalAuthority",
    ),
    ("Météo France", "Météo-France", "", "NationalAuthority"),
    ("Enedis", "Enedis", "", "Company"),
    (
        "Atmo Hauts-de-France",
        "Atmo Hauts-de-France",
        "",
        "NonProfitOrganisation",
    ),
    (
        "Université de Lille",
        "Université de Lille",
        "",
        "Academia-ScientificOrganisation",
    ),
    // Kinds that the name says.
    ("DDTM du Nord", "", "", "NationalAuthority"),
    ("DDT de l'Oise", "", "", "NationalAuthority"),
    (
        "Direction départementale des territoires de la Côte-d'Or",
        "",
        "",
        "NationalAuthority",
    ),
    ("Préfecture de la Somme", "", "", "NationalAuthority"),
    ("DREAL Bretagne", "", "", "NationalAuthority"),
    ("Conseil départemental de l'Aisne", "", "", "LocalAuthority"),
    ("Département du Pas-de-Calais", "", "", "LocalAuthority"),
    ("Région Bretagne", "", "", "RegionalAuthority"),
    ("Ville de Dunkerque", "", "", "LocalAuthority"),
    ("Mairie de Saint-Denis", "", "", "LocalAuthority"),
    ("Communauté urbaine de Dunkerque", "", "", "LocalAuthority"),
    // What is not known is not guessed.
    ("Région de gendarmerie", "", "", ""),
    ("Département informatique", "", "", ""),
    ("Ville et territoires durables", "", "", ""),
    ("Société Exemple", "", "", ""),
    ("IGN Belgique", "", "", ""),
    ("Les amis de l'INSEE", "", "", ""),
];

#[test]
fn organisations_are_who_they_are() {
    let mut wrong = Vec::new();
    for (name, today, siren, kind) in CASES {
        let (agent, _) = run(name, "", "");
        let found = (
            text(&agent, "", skos::PREF_LABEL),
            text(&agent, "siren", skos::NOTATION),
            text(&agent, "", dcterms::TYPE),
        );
        if found != ((*today).to_owned(), (*siren).to_owned(), (*kind).to_owned()) {
            wrong.push(format!("{name:?}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(CASES.len() >= 40);
}

#[test]
fn numbers_are_checked_and_a_domain_concludes_nothing() {
    let (agent, findings) = run("Exemple", "120 027 016 00563", "");
    assert_eq!(findings, []);
    assert_eq!(text(&agent, "siret", skos::NOTATION), "12002701600563");
    assert!(text(&agent, "", skos::PREF_LABEL).starts_with("Institut national de la stat"));
    let (agent, findings) = run("Exemple", "12002701600564", "");
    assert_eq!(findings[0].rule, "organisation/bad-number");
    assert_eq!(text(&agent, "siret", skos::NOTATION), "12002701600564");
    let (agent, findings) = run("Exemple", "", "sig@insee.fr");
    assert_eq!(findings[0].rule, "organisation/known-domain");
    assert_eq!(text(&agent, "", skos::PREF_LABEL), "");
}
