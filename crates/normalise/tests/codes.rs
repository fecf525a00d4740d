//! Coded values as real portals write them: licences, access rights, formats, frequencies, languages. `codes.tsv` has what
//! each one means; here are the findings, and what happens when several stand together.

mod support;

use std::collections::BTreeMap;

use model::ns::{dcat, dcterms};
use normalise::Outcome;

use support::{Case, dataset, of_dataset, run, tell, texts};

const CODES: &str = include_str!("codes.tsv");

/// An IRI as the table writes it: the code alone of a list of the EU, of INSPIRE or of IANA.
fn short(iri: &str) -> String {
    if let Some(code) = iri.strip_prefix("http://publications.europa.eu/resource/authority/") {
        return code.rsplit('/').next().unwrap_or(code).to_owned();
    }
    if let Some(code) = iri.strip_prefix("http://inspire.ec.europa.eu/metadata-codelist/") {
        return format!("inspire:{}", code.rsplit('/').next().unwrap_or(code));
    }
    iri.replace("https://www.iana.org/assignments/media-types/", "")
        .replace("http://www.opengeospatial.org/standards/", "ogc:")
}

/// What becomes of one value: codes, with `~` before them if there is a doubt; `none` or `void`.
fn became(topic: &str, value: &str) -> String {
    let (mut entity, iri, node) = dataset();
    let (subject, predicate) = match topic {
        "licence" => (&node, dcterms::LICENSE),
        "access" => (&iri, dcterms::ACCESS_RIGHTS),
        "format" => (&node, dcterms::FORMAT),
        "frequency" => (&iri, dcterms::ACCRUAL_PERIODICITY),
        "language" => (&iri, dcterms::LANGUAGE),
        other => panic!("codes.tsv: no such topic: {other}"),
    };
    entity.add_text(subject, predicate, value, None);
    let (_, _, decisions) = tell(entity);
    let mut told = decisions
        .into_iter()
        .filter(|decision| decision.topic == topic && decision.value == value);
    let outcome = told.next().map(|decision| decision.outcome);
    assert!(told.next().is_none(), "{topic} {value}: decided twice");
    match outcome {
        Some(Outcome::Resolved { to, certain }) => {
            let codes = if to.contains("://") {
                to.split(' ').map(short).collect::<Vec<_>>().join(" ")
            } else {
                to
            };
            format!("{}{codes}", if certain { "" } else { "~" })
        }
        Some(Outcome::Void) => "void".to_owned(),
        Some(Outcome::Unresolved) => "none".to_owned(),
        None => "not decided".to_owned(),
    }
}

#[test]
fn every_value_of_the_table_means_what_it_says() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for line in CODES.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [topic, value, expected] = cells.as_slice() else {
            panic!("codes.tsv: three cells: {line}");
        };
        *counts.entry(topic).or_default() += 1;
        let got = became(topic, value);
        if got != *expected {
            wrong.push(format!("{topic}\t{value}\t{expected}\tgot {got}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (topic, least) in [
        ("licence", 90),
        ("format", 110),
        ("frequency", 50),
        ("language", 30),
        ("access", 40),
    ] {
        assert!(
            counts.get(topic).is_some_and(|count| *count >= least),
            "{topic}: fewer than {least}"
        );
    }
}

#[test]
fn coded_values() {
    let cases: &[Case<'_>] = &[
        (
            dcterms::ACCRUAL_PERIODICITY,
            &["monthly"],
            &["eu:frequency/MONTHLY"],
            &[],
        ),
        (
            dcterms::ACCRUAL_PERIODICITY,
            &["asNeeded"],
            &["eu:frequency/AS_NEEDED"],
            &[],
        ),
        (
            dcterms::ACCRUAL_PERIODICITY,
            &["hebdomadiare"],
            &["eu:frequency/WEEKLY"],
            &["frequency/doubtful"],
        ),
        (
            dcterms::ACCRUAL_PERIODICITY,
            &["quand on peut"],
            &["https://donnees.example.org/dataset/1#frequency-quand-on-peut"],
            &["frequency/unknown"],
        ),
        (dcterms::ACCRUAL_PERIODICITY, &["non renseigné"], &[], &[]),
        (
            dcterms::ACCRUAL_PERIODICITY,
            &["annual", "monthly"],
            &["eu:frequency/ANNUAL"],
            &["value/several"],
        ),
        (dcterms::LANGUAGE, &["fre"], &["eu:language/FRA"], &[]),
        (dcterms::LANGUAGE, &["eng; USA"], &["eu:language/ENG"], &[]),
        (
            dcterms::LANGUAGE,
            &["fr", "eng"],
            &["eu:language/ENG", "eu:language/FRA"],
            &[],
        ),
        (
            dcterms::LANGUAGE,
            &["français, anglais"],
            &["eu:language/ENG", "eu:language/FRA"],
            &["language/doubtful"],
        ),
        (
            dcterms::CONFORMS_TO,
            &["EPSG:2154"],
            &["http://www.opengis.net/def/crs/EPSG/0/2154"],
            &[],
        ),
        (
            dcterms::CONFORMS_TO,
            &["OGC:WMS"],
            &["http://www.opengeospatial.org/standards/wms"],
            &[],
        ),
        (
            dcterms::CONFORMS_TO,
            &["scdl/budget"],
            &["https://schema.data.gouv.fr/scdl/budget/"],
            &[],
        ),
        (
            dcat::THEME,
            &["planningCadastre_Planning"],
            &["eu:data-theme/REGI"],
            &[],
        ),
        (dcat::THEME, &["Transports"], &["eu:data-theme/TRAN"], &[]),
        (
            dcat::THEME,
            &["Hydrographie"],
            &["eu:data-theme/ENVI", "http://inspire.ec.europa.eu/theme/hy"],
            &[],
        ),
        (dcat::THEME, &["Loisirs créatifs"], &[], &["theme/unknown"]),
        (
            dcterms::ACCESS_RIGHTS,
            &["open"],
            &["eu:access-right/PUBLIC"],
            &[],
        ),
        (
            dcterms::ACCESS_RIGHTS,
            &["Pas de restriction d’accès public selon INSPIRE"],
            &["eu:access-right/PUBLIC"],
            &[],
        ),
        (
            dcterms::ACCESS_RIGHTS,
            &[
                "Pas de restriction d'accès public",
                "Usage réservé, article 13(1)(c)",
            ],
            &["eu:access-right/RESTRICTED"],
            &["access/doubtful"],
        ),
        (
            dcterms::ACCESS_RIGHTS,
            &["Nous consulter"],
            &["https://donnees.example.org/dataset/1#rights-nous-consulter"],
            &["access/unknown"],
        ),
    ];
    for (predicate, values, wanted, spoken) in cases {
        let (got, said) = of_dataset(*predicate, values);
        assert_eq!(got, *wanted, "{predicate} {values:?}");
        assert_eq!(said, *spoken, "{predicate} {values:?}");
    }
}

#[test]
fn an_inspire_limitation_is_kept_among_the_rights() {
    let (mut entity, iri, _) = dataset();
    entity.add_text(
        &iri,
        dcterms::ACCESS_RIGHTS,
        "INSPIRE_Directive_Article13_1d",
        None,
    );
    let (entity, _) = run(entity);
    assert_eq!(
        texts(&entity, &iri, dcterms::ACCESS_RIGHTS),
        ["eu:access-right/RESTRICTED"]
    );
    assert_eq!(
        texts(&entity, &iri, dcterms::RIGHTS),
        [
            "http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/INSPIRE_Directive_Article13_1d"
        ]
    );
}
