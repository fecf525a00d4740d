//! Licences: what is told, and what happens when several stand together.

mod support;

use model::RecordId;
use model::ns::dcterms;
use oxrdf::NamedNode;
use oxrdf::vocab::rdfs;

use support::{dataset, rules, run, texts};

const LO_1: &str = "https://www.etalab.gouv.fr/wp-content/uploads/2014/05/Licence_Ouverte.pdf";

#[test]
fn licences() {
    let cases: &[(&[&str], &str, &[&str])] = &[
        (&["lov2"], "eu:licence/ETALAB_2_0", &[]),
        (&["odc-odbl"], "eu:licence/ODC_BL", &[]),
        (
            &["Licence Ouverte / Open Licence version 2.0"],
            "eu:licence/ETALAB_2_0",
            &[],
        ),
        (
            &["Licence ouverte"],
            "eu:licence/ETALAB_2_0",
            &["licence/doubtful"],
        ),
        (
            &["Diffusé sous licence ODbL"],
            "eu:licence/ODC_BL",
            &["licence/doubtful"],
        ),
        (
            &["https://creativecommons.org/licenses/by/4.0/"],
            "eu:licence/CC_BY_4_0",
            &["licence/not-homologated"],
        ),
        (
            &["https://a.example/conditions"],
            "https://a.example/conditions",
            &[],
        ),
        (
            &["Nous consulter"],
            "https://donnees.example.org/dataset/1#license-nous-consulter",
            &["licence/unknown"],
        ),
        (
            &["other-at"],
            "https://donnees.example.org/dataset/1#license-3db1fb2ff4b4",
            &[],
        ),
        (
            &["lov2", "Nous consulter"],
            "eu:licence/ETALAB_2_0",
            &["licence/unknown", "licence/several"],
        ),
        (
            &["Licence Ouverte 2.0 ou ODbL, au choix"],
            "https://donnees.example.org/dataset/1#license-1b18c072b0d0",
            &["licence/contradictory"],
        ),
        (
            &["http://creativecommons.org/licenses/by/3.0/it/deed.it"],
            "http://creativecommons.org/licenses/by/3.0/it/",
            &["licence/not-homologated"],
        ),
        (&["fr-lo"], LO_1, &[]),
        (
            &["mobility-licence"],
            "https://wiki.lafabriquedesmobilites.fr/wiki/Licence_Mobilit%C3%A9s",
            &[],
        ),
        (&["MIT"], "eu:licence/MIT", &["licence/not-homologated"]),
        (&["lov2", "etalab-2.0"], "eu:licence/ETALAB_2_0", &[]),
    ];
    for (values, wanted, spoken) in cases {
        let (mut entity, _, node) = dataset();
        for value in *values {
            entity.add_text(&node, dcterms::LICENSE, value, None);
        }
        let (entity, findings) = run(entity);
        let got = texts(&entity, &node, dcterms::LICENSE);
        if *values == ["other-at"] {
            assert!(got[0].contains("#license-"), "{got:?}");
            let own = NamedNode::new_unchecked(got[0].clone());
            assert_eq!(
                texts(&entity, &own, dcterms::TYPE),
                ["http://purl.org/adms/licencetype/Attribution"]
            );
        } else {
            assert_eq!(got, [(*wanted).to_owned()], "{values:?}");
        }
        assert_eq!(rules(&findings), *spoken, "{values:?}");
    }
    let (mut entity, _, node) = dataset();
    entity.add_text(&node, dcterms::LICENSE, "notspecified", None);
    let (entity, _) = run(entity);
    assert!(texts(&entity, &node, dcterms::LICENSE).is_empty());
}

#[test]
fn what_cannot_be_resolved_keeps_its_words() {
    let (mut entity, iri, node) = dataset();
    entity.add_text(
        &node,
        dcterms::LICENSE,
        "Usage réservé aux <b>agents</b>",
        Some("fr"),
    );
    let (entity, findings) = run(entity);
    let own = entity
        .instances(dcterms::LICENSE_DOCUMENT)
        .next()
        .cloned()
        .unwrap();
    assert!(entity.owns(own.as_str()) && own != iri);
    assert_eq!(
        texts(&entity, &own, rdfs::LABEL),
        ["Usage réservé aux agents"]
    );
    assert_eq!(
        findings[0].value.as_deref(),
        Some("Usage réservé aux <b>agents</b>")
    );
    assert_eq!(findings[0].place.as_deref(), Some("/license"));
    assert_eq!(
        findings[0].record.as_ref().map(RecordId::as_str),
        Some("r1")
    );
}

#[test]
fn what_speaks_of_access_goes_to_the_rights() {
    let (mut entity, _, node) = dataset();
    entity.add_text(
        &node,
        dcterms::LICENSE,
        "Pas de restriction d’accès public selon INSPIRE",
        None,
    );
    let (entity, findings) = run(entity);
    assert!(texts(&entity, &node, dcterms::LICENSE).is_empty());
    assert_eq!(
        texts(&entity, &node, dcterms::RIGHTS),
        ["http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/noLimitations"]
    );
    assert_eq!(rules(&findings), ["licence/not-a-licence"]);
}

#[test]
fn a_licence_among_the_rights_is_the_licence_of_what_has_none() {
    let among = |licence: Option<&str>, rights: &str| {
        let (mut entity, _, node) = dataset();
        if let Some(licence) = licence {
            entity.add_text(&node, dcterms::LICENSE, licence, None);
        }
        entity.add_text(&node, dcterms::RIGHTS, rights, Some("fr"));
        let (entity, findings) = run(entity);
        let spoken = rules(&findings).join(" ");
        assert_eq!(texts(&entity, &node, dcterms::RIGHTS).len(), 1);
        (texts(&entity, &node, dcterms::LICENSE), spoken)
    };
    assert_eq!(
        among(None, "Données sous Licence Ouverte 2.0"),
        (
            vec!["eu:licence/ETALAB_2_0".to_owned()],
            "licence/doubtful".to_owned()
        )
    );
    assert_eq!(
        among(Some("lov2"), "Contient des données sous licence ODbL 1.0"),
        (vec!["eu:licence/ETALAB_2_0".to_owned()], String::new())
    );
    assert_eq!(
        among(None, "Mentionner la source"),
        (Vec::new(), String::new())
    );
}
