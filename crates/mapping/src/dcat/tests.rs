use bytes::Bytes;
use model::ns::{adms, dcat, dcatap, dcterms, foaf, locn, skos, spdx, vcard};
use model::{
    Base, Entity, EntityKind, LinkTarget, Mapped, Minter, RawRecord, RecordFormat, RecordId,
    SourceId,
};
use oxrdf::vocab::rdfs;
use oxrdf::{BlankNode, GraphName, Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term};
use oxrdfio::{RdfFormat, RdfParser, RdfSerializer};
use proptest::prelude::*;

use crate::{MapContext, MapError};

const PREFIXES: &str = "
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> . @prefix adms: <http://www.w3.org/ns/adms#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix schema: <http://schema.org/> . @prefix spdx: <http://spdx.org/rdf/terms#> . @prefix locn: <http://www.w3.org/ns/locn#> .
@prefix gsp: <http://www.opengis.net/ont/geosparql#> . @prefix prov: <http://www.w3.org/ns/prov#> . @prefix time: <http://www.w3.org/2006/time#> .
@prefix dcatap: <http://data.europa.eu/r5r/> . @prefix org: <http://www.w3.org/ns/org#> . @prefix : <https://portail.example/> .
";

fn map_as(format: RecordFormat, id: &str, body: Vec<u8>) -> Result<Mapped, MapError> {
    let minter = Minter::new(Base::new("https://donnees.example.org/").unwrap());
    let source = SourceId::new("portail").unwrap();
    let context = MapContext {
        source: &source,
        minter: &minter,
        minted: None,
        language: "fr",
    };
    let record = RawRecord {
        id: RecordId::new(id),
        format,
        body: Bytes::from(body),
    };
    let mapped = crate::map(&record, &context)?;
    for entity in &mapped.entities {
        for triple in &entity.triples {
            let subject = triple.subject.to_string();
            assert!(entity.owns(subject.trim_matches(['<', '>'])), "{triple}");
            assert!(!matches!(triple.object, Term::BlankNode(_)), "{triple}");
        }
    }
    Ok(mapped)
}

/// The record of `:jeu`, written in Turtle.
fn turtle(text: &str) -> Mapped {
    let quads = RdfParser::from_format(RdfFormat::Turtle)
        .for_slice(&format!("{PREFIXES}{text}"))
        .map(Result::unwrap)
        .collect::<Vec<_>>();
    let main = NamedNode::new_unchecked("https://portail.example/jeu");
    map_as(
        RecordFormat::Dcat,
        main.as_str(),
        body(quads, &main.clone().into()),
    )
    .unwrap()
}

fn body(quads: Vec<Quad>, main: &NamedOrBlankNode) -> Vec<u8> {
    let mut serializer = RdfSerializer::from_format(RdfFormat::NQuads).for_writer(Vec::new());
    for mut quad in quads {
        quad.graph_name = GraphName::from(main.clone());
        serializer.serialize_quad(&quad).unwrap();
    }
    serializer.finish().unwrap()
}

fn values(entity: &Entity, subject: &NamedNode, predicate: NamedNodeRef<'_>) -> Vec<String> {
    let mut values: Vec<String> = entity
        .objects(subject, predicate)
        .map(Term::to_string)
        .collect();
    values.sort();
    values
}

/// What the entity says, or the only node under a property.
fn said(mapped: &Mapped, predicate: NamedNodeRef<'_>) -> Vec<String> {
    values(&mapped.entities[0], &mapped.entities[0].iri, predicate)
}

fn only(mapped: &Mapped, predicate: NamedNodeRef<'_>) -> NamedNode {
    let entity = &mapped.entities[0];
    match entity.objects(&entity.iri, predicate).collect::<Vec<_>>()[..] {
        [Term::NamedNode(node)] => node.clone(),
        ref other => panic!("{predicate}: {other:?}"),
    }
}

fn under(mapped: &Mapped, first: NamedNodeRef<'_>, second: NamedNodeRef<'_>) -> Vec<String> {
    values(&mapped.entities[0], &only(mapped, first), second)
}

fn rules(mapped: &Mapped) -> Vec<&str> {
    mapped
        .findings
        .iter()
        .map(|finding| finding.rule.as_ref())
        .collect()
}

#[test]
fn a_dataset_keeps_its_names() {
    let mapped = turtle(
        ":jeu a dcat:Dataset ; dct:title 'Haies bocagères' ; dct:identifier 'haies-2024' ; dcat:keyword 'haie', 'hedge'@en .",
    );
    let entity = &mapped.entities[0];
    assert_eq!(entity.kind, EntityKind::Dataset);
    assert_eq!(said(&mapped, dcterms::TITLE), ["\"Haies bocagères\"@fr"]);
    assert_eq!(said(&mapped, dcterms::IDENTIFIER), ["\"haies-2024\""]);
    assert_eq!(
        said(&mapped, dcat::KEYWORD),
        ["\"haie\"@fr", "\"hedge\"@en"]
    );
    assert_eq!(
        under(&mapped, adms::IDENTIFIER, skos::NOTATION),
        ["\"https://portail.example/jeu\"^^<http://www.w3.org/2001/XMLSchema#anyURI>"]
    );
    assert_eq!(
        entity.aliases,
        ["https://portail.example/jeu", "haies-2024"]
    );
    assert!(said(&mapped, dcat::LANDING_PAGE).is_empty());
    assert!(mapped.findings.is_empty(), "{:?}", mapped.findings);
}

#[test]
fn values_wait_for_the_rules_as_they_are_written() {
    let mapped = turtle(
        "
        :jeu a dcat:Dataset ; dct:title 'x'@fr ;
            dct:accrualPeriodicity [ a dct:Frequency ; rdf:value [ a time:DurationDescription ; time:months 1 ] ] ;
            dct:language [ a dct:LinguisticSystem ; rdf:value 'fre' ] ; dct:issued '2004-02'^^xsd:date ;
            dct:license [ a dct:LicenseDocument ; rdfs:label 'Licence Ouverte 2.0' ] ;
            dct:accessRights [ a dct:RightsStatement ; rdfs:label 'Accès libre'@fr, 'Open'@en ] ;
            dct:provenance 'Levé au GPS' ; dcat:theme [ a skos:Concept ; skos:prefLabel 'Hydrographie'@fr ], <http://inspire.ec.europa.eu/theme/hy> ;
            dcat:distribution [ a dcat:Download ; dcat:accessURL 'https://portail.example/a b.csv' ; dct:format [ a dct:IMT ; rdf:value 'text/csv' ; rdfs:label 'CSV' ] ;
                dcat:mediaType 'text/csv; charset=utf-8' ; dcat:byteSize '42 octets' ; spdx:checksum [ spdx:algorithm 'SHA-1' ; spdx:checksumValue 'DA39A3EE' ] ] .
        <http://inspire.ec.europa.eu/theme/hy> skos:prefLabel 'Hydro'@fr .
        ",
    );
    let cases: [(NamedNodeRef<'_>, &[&str]); 6] = [
        (dcterms::ACCRUAL_PERIODICITY, &["\"P1M\""]),
        (dcterms::LANGUAGE, &["\"fre\""]),
        (dcterms::ISSUED, &["\"2004-02\""]),
        (dcterms::LICENSE, &["\"Licence Ouverte 2.0\""]),
        (dcterms::ACCESS_RIGHTS, &["\"Accès libre\"@fr"]),
        (
            dcat::THEME,
            &[
                "\"Hydrographie\"@fr",
                "<http://inspire.ec.europa.eu/theme/hy>",
            ],
        ),
    ];
    for (predicate, wanted) in cases {
        assert_eq!(said(&mapped, predicate), wanted, "{predicate}");
    }
    assert_eq!(
        under(&mapped, dcterms::PROVENANCE, rdfs::LABEL),
        ["\"Levé au GPS\"@fr"]
    );
    let cases: [(NamedNodeRef<'_>, &[&str]); 5] = [
        (dcterms::FORMAT, &["\"CSV\"", "\"text/csv\""]),
        (dcat::MEDIA_TYPE, &["\"text/csv; charset=utf-8\""]),
        (dcat::BYTE_SIZE, &["\"42 octets\""]),
        (dcterms::LICENSE, &["\"Licence Ouverte 2.0\""]),
        (
            dcat::ACCESS_URL,
            &["\"https://portail.example/a b.csv\"^^<http://www.w3.org/2001/XMLSchema#anyURI>"],
        ),
    ];
    for (predicate, wanted) in cases {
        assert_eq!(
            under(&mapped, dcat::DISTRIBUTION, predicate),
            wanted,
            "{predicate}"
        );
    }
    let entity = &mapped.entities[0];
    let checksum = entity
        .instances(spdx::CHECKSUM_CLASS)
        .next()
        .unwrap()
        .clone();
    assert_eq!(
        values(entity, &checksum, spdx::ALGORITHM),
        ["<http://spdx.org/rdf/terms#checksumAlgorithm_sha1>"]
    );
    assert_eq!(
        values(entity, &checksum, spdx::CHECKSUM_VALUE),
        ["\"da39a3ee\"^^<http://www.w3.org/2001/XMLSchema#hexBinary>"]
    );
    assert!(
        entity
            .labels
            .iter()
            .any(|(concept, label)| concept.as_str().ends_with("/hy") && label.value() == "Hydro")
    );
}

#[test]
fn a_standard_is_known_by_its_iri_whatever_is_said_of_it() {
    let epsg = "<http://www.opengis.net/def/crs/EPSG/0/2154>";
    let predicate = NamedNodeRef::new_unchecked("http://data.europa.eu/930/referenceSystem");
    for told in [
        "",
        "a dct:Standard ; dct:type <http://inspire.ec.europa.eu/glossary/SpatialReferenceSystem> ; skos:prefLabel 'RGF93'",
    ] {
        let told = if told.is_empty() {
            String::new()
        } else {
            format!("{epsg} {told} .")
        };
        let mapped = turtle(&format!(
            ":jeu a dcat:DataService ; dct:title 'x' ; dcat:endpointURL :1 ; <http://data.europa.eu/930/referenceSystem> {epsg} . {told}"
        ));
        assert_eq!(said(&mapped, predicate), [epsg]);
    }
}

#[test]
fn places_in_all_their_forms() {
    let of = |spatial: &str| {
        turtle(&format!(
            ":jeu a dcat:Dataset ; dct:title 'x' ; dct:spatial {spatial} ."
        ))
    };
    let wkt =
        "\"POLYGON((1 2,3 2,3 4,1 4,1 2))\"^^<http://www.opengis.net/ont/geosparql#wktLiteral>";
    let mapped =
        of("[ a dct:Location ; locn:geometry 'POLYGON((1 2,3 2,3 4,1 4,1 2))'^^gsp:wktLiteral ]");
    assert_eq!(under(&mapped, dcterms::SPATIAL, locn::GEOMETRY), [wkt]);
    assert_eq!(under(&of("'1,2,3,4'"), dcterms::SPATIAL, dcat::BBOX), [wkt]);
    assert_eq!(
        under(&of("'Oise'"), dcterms::SPATIAL, skos::PREF_LABEL),
        ["\"Oise\""]
    );
    assert_eq!(
        said(
            &of("<http://id.insee.fr/geo/departement/60>"),
            dcterms::SPATIAL
        ),
        ["<http://id.insee.fr/geo/departement/60>"]
    );
    let template = of("'{{extent:computeSpatialProperty}}'");
    assert!(said(&template, dcterms::SPATIAL).is_empty());
    assert_eq!(rules(&template), ["record/bad-field"]);
    let metres = of(
        "[ a dct:Location ; rdfs:label 'x' ; dcat:bbox 'POLYGON((600000 6800000,700000 6900000,600000 6800000))'^^gsp:wktLiteral ]",
    );
    assert_eq!(rules(&metres), ["place/bad-geometry"]);
    let encodings =
        of("[ locn:geometry '<gml:Point/>'^^gsp:gmlLiteral, 'POINT(3 50)'^^gsp:wktLiteral ]");
    assert_eq!(
        under(&encodings, dcterms::SPATIAL, locn::GEOMETRY),
        ["\"POINT(3 50)\"^^<http://www.opengis.net/ont/geosparql#wktLiteral>"]
    );
    assert_eq!(rules(&encodings), ["value/several"]);
    // A place that others know keeps its IRI beside what is said of it.
    let known = turtle(
        ":jeu a dcat:Dataset ; dct:title 'x' ; dct:spatial :oise . :oise a dct:Location ; dcat:bbox 'POLYGON((1 2,3 2,3 4,1 4,1 2))'^^gsp:wktLiteral .",
    );
    assert_eq!(said(&known, dcterms::SPATIAL).len(), 2);
}

#[test]
fn periods_in_all_their_forms() {
    for period in [
        "[ a dct:PeriodOfTime ; schema:startDate '2010'^^xsd:gYear ; schema:endDate '2012'^^xsd:gYear ]",
        "[ a dct:PeriodOfTime ; dcat:startDate '2010' ; dcat:endDate '2012' ]",
        "[ time:hasBeginning [ time:inXSDDate '2010' ] ; time:hasEnd [ time:inXSDDate '2012' ] ]",
        "'2010/2012'",
        "'start=2010; end=2012'",
    ] {
        let mapped = turtle(&format!(
            ":jeu a dcat:Dataset ; dct:title 'x' ; dct:temporal {period} ."
        ));
        assert_eq!(
            under(&mapped, dcterms::TEMPORAL, dcat::START_DATE),
            ["\"2010\""],
            "{period}"
        );
        assert_eq!(
            under(&mapped, dcterms::TEMPORAL, dcat::END_DATE),
            ["\"2012\""],
            "{period}"
        );
    }
}

#[test]
fn agents_are_entities_by_number_iri_or_name() {
    let key = |publisher: &str| {
        let mapped = turtle(&format!(
            ":jeu a dcat:Dataset ; dct:title 'x' ; dct:publisher {publisher} . :o a foaf:Organization ; foaf:name 'Oise', 'L’Oise' . "
        ));
        (
            mapped.entities[1].clone(),
            only(&mapped, dcterms::PUBLISHER),
        )
    };
    let minter = Minter::new(Base::new("https://donnees.example.org/").unwrap());
    for (publisher, wanted) in [
        (
            "[ a vcard:Organization ; vcard:fn 'Département fictif' ]",
            "name:departement fictif",
        ),
        ("'Département fictif'", "name:departement fictif"),
        (":o", "iri:https://portail.example/o"),
        (
            "[ foaf:name 'DINUM' ; adms:identifier [ skos:notation '13002526500013' ] ]",
            "siret:13002526500013",
        ),
        (
            "<https://annuaire.example/siren/130025265>",
            "siren:130025265",
        ),
    ] {
        let (agent, iri) = key(publisher);
        assert_eq!(iri, minter.agent(wanted), "{publisher}");
        assert_eq!(agent.iri, iri);
        assert!(!values(&agent, &iri, foaf::NAME).is_empty(), "{publisher}");
    }
    let mapped = turtle(
        ":jeu a dcat:Dataset ; dct:title 'x' ; dct:publisher :inconnu ; dct:creator [ a foaf:Agent ] .",
    );
    assert_eq!(rules(&mapped), ["agent/no-name", "agent/not-described"]);
    assert_eq!(mapped.entities[1].rank, "");
    let mapped = turtle(
        ":jeu a dcat:Dataset ; dct:title 'x' ; dct:publisher [ foaf:name 'A' ], [ foaf:name 'B' ] .",
    );
    assert_eq!(said(&mapped, dcterms::PUBLISHER).len(), 1);
    assert_eq!(
        under(
            &mapped,
            model::ns::prov::QUALIFIED_ATTRIBUTION,
            model::ns::prov::AGENT
        )
        .len(),
        1
    );
    assert_eq!(mapped.entities.len(), 3);
}

#[test]
fn agents_that_point_at_each_other_end() {
    let mapped = turtle(
        ":jeu a dcat:Dataset ; dct:title 'x' ; dct:publisher :a . :a foaf:name 'A' ; org:memberOf :b . :b foaf:name 'B' ; org:subOrganizationOf :a .",
    );
    assert_eq!(mapped.entities.len(), 3);
}

#[test]
fn cards_in_the_words_of_any_vocabulary() {
    for card in [
        "[ a vcard:Organization ; vcard:fn 'Géo' ; vcard:hasEmail <mailto:mailto:sig@oise.example> ]",
        "[ a foaf:Organization ; foaf:name 'Géo' ; foaf:mbox 'sig@oise.example' ]",
        "[ vcard:organization-name 'Géo' ; vcard:hasEmail [ vcard:value 'sig@oise.example' ] ]",
        "[ vcard:fn 'Géo' ; vcard:email 'mailto:sig@oise.example' ; vcard:hasTelephone <tel:> ]",
    ] {
        let mapped = turtle(&format!(
            ":jeu a dcat:Dataset ; dct:title 'x' ; dcat:contactPoint {card} ."
        ));
        assert_eq!(
            under(&mapped, dcat::CONTACT_POINT, vcard::FN),
            ["\"Géo\""],
            "{card}"
        );
        assert_eq!(
            under(&mapped, dcat::CONTACT_POINT, vcard::HAS_EMAIL),
            ["<mailto:sig@oise.example>"],
            "{card}"
        );
    }
    let hub = turtle(
        ":jeu a dcat:Dataset ; dct:title 'x' ; dcat:contactPoint [ vcard:fn 'x' ; vcard:hasEmail 'mailto:' ] .",
    );
    assert!(under(&hub, dcat::CONTACT_POINT, vcard::HAS_EMAIL).is_empty());
}

#[test]
fn links_hold_once_the_source_has_their_target() {
    let mapped = turtle(
        ":jeu a dcat:Dataset ; dct:title 'x' ; dcat:inSeries :serie ; dct:source :autre ; dct:isVersionOf :jeu ; dct:relation 'un texte' .
         :autre a dcat:Dataset .",
    );
    let entity = &mapped.entities[0];
    let links: Vec<_> = entity
        .links
        .iter()
        .map(|link| {
            (
                link.predicate.as_str().rsplit(['/', '#']).next().unwrap(),
                link.target.clone(),
                link.kind,
            )
        })
        .collect();
    assert_eq!(
        links,
        [
            (
                "source",
                LinkTarget::Alias("https://portail.example/autre".into()),
                EntityKind::Dataset
            ),
            (
                "inSeries",
                LinkTarget::Alias("https://portail.example/serie".into()),
                EntityKind::DatasetSeries
            ),
        ]
    );
    // What the record does not say to be an entity of the source keeps its IRI.
    assert_eq!(
        said(&mapped, dcat::IN_SERIES),
        ["<https://portail.example/serie>"]
    );
    assert!(said(&mapped, dcterms::SOURCE).is_empty());
    assert_eq!(said(&mapped, dcat::IS_VERSION_OF), [entity.iri.to_string()]);
    assert_eq!(said(&mapped, dcterms::RELATION), ["\"un texte\""]);
}

#[test]
fn a_page_or_file_of_the_same_iri_stays_where_it_is() {
    let mapped = turtle(
        ":jeu a dcat:Dataset ; dct:title 'x' ; dcat:landingPage :jeu ; foaf:page :jeu ; dcat:distribution :fichier .
         :fichier a dcat:Distribution ; dcat:accessURL :fichier ; dcat:downloadURL :fichier .",
    );
    let page = ["<https://portail.example/jeu>"];
    assert_eq!(said(&mapped, dcat::LANDING_PAGE), page);
    assert_eq!(said(&mapped, foaf::PAGE), page);
    for address in [dcat::ACCESS_URL, dcat::DOWNLOAD_URL] {
        let stated = under(&mapped, dcat::DISTRIBUTION, address);
        assert_eq!(stated, ["<https://portail.example/fichier>"]);
    }
}

#[test]
fn what_no_table_has_is_carried_over() {
    let mapped = turtle(
        "@prefix x: <https://vocabulaire.example/> .
         :jeu a dcat:Dataset, x:Couche ; dct:title 'x' ; x:echelle 25000 ; x:voir <https://ailleurs.example/> ; x:note 'a'@fr ;
            x:detail [ x:de :jeu ; x:plus [ x:encore 'ici' ] ] ; dcatap:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj> ;
            dcat:accessUrl <https://portail.example/acces> .
         :mesure x:sur :jeu ; x:valeur 3 .",
    );
    let entity = &mapped.entities[0];
    let lines: String = entity
        .triples
        .iter()
        .map(|triple| format!("{triple}\n"))
        .collect();
    for wanted in [
        "Couche",
        "\"25000\"",
        "<https://ailleurs.example/>",
        "\"a\"@fr",
        "\"ici\"",
        "\"3\"^^",
    ] {
        assert!(lines.contains(wanted), "{wanted}\n{lines}");
    }
    assert_eq!(said(&mapped, dcatap::APPLICABLE_LEGISLATION).len(), 1);
    assert_eq!(
        said(&mapped, dcat::ACCESS_URL),
        ["<https://portail.example/acces>"]
    );
    assert_eq!(rules(&mapped), ["property/misspelt"]);
}

#[test]
fn a_distribution_had_by_a_service_has_its_address() {
    let mapped = turtle(
        ":jeu a dcat:Dataset ; dct:title 'x' ; dct:license <https://l.example/1> ; dcat:distribution :d .
         :d a dcat:Distribution ; dct:license <https://l.example/2> ; dcat:accessService [ a dcat:DataService ; dct:title 'WFS' ; dcat:endpointURL <https://portail.example/wfs> ; dcat:servesDataset :jeu ] .",
    );
    assert_eq!(
        under(&mapped, dcat::DISTRIBUTION, dcat::ACCESS_URL),
        ["<https://portail.example/wfs>"]
    );
    assert_eq!(
        under(&mapped, dcat::DISTRIBUTION, dcterms::LICENSE),
        ["<https://l.example/2>"]
    );
    assert_eq!(
        under(&mapped, dcat::DISTRIBUTION, dcterms::IDENTIFIER),
        ["\"https://portail.example/d\"^^<http://www.w3.org/2001/XMLSchema#anyURI>"]
    );
    let bare = turtle(
        ":jeu a dcat:Dataset ; dct:title 'x' ; dcat:distribution [ dct:title 'a' ; dcat:accessURL :1 ; dcat:accessService [ dct:conformsTo :s ] ],
            [ dct:title 'b' ; dcat:accessURL :2 ; dcat:accessService [ dct:conformsTo :s ] ] .",
    );
    let entity = &bare.entities[0];
    let mut services: Vec<_> = entity
        .instances(dcat::DATA_SERVICE)
        .map(|node| values(entity, node, dcat::ENDPOINT_URL))
        .collect();
    services.sort();
    assert_eq!(
        services,
        [
            ["<https://portail.example/1>"],
            ["<https://portail.example/2>"]
        ]
    );
    let entity = &mapped.entities[0];
    let service = entity.instances(dcat::DATA_SERVICE).next().unwrap().clone();
    assert_eq!(
        values(entity, &service, dcat::SERVES_DATASET),
        [entity.iri.to_string()]
    );
}

#[test]
fn names_of_nodes_do_not_depend_on_order_or_labels() {
    let text = ":jeu a dcat:Dataset ; dct:title 'x' ; dcat:distribution [ dct:title 'a' ; dcat:accessURL :1 ], [ dct:title 'b' ; dcat:accessURL :1 ] ;
        dcat:contactPoint [ vcard:fn 'c' ; vcard:hasEmail 'c@d.example' ], [ vcard:fn 'c' ; vcard:hasEmail 'e@d.example' ] .";
    let quads: Vec<Quad> = RdfParser::from_format(RdfFormat::Turtle)
        .for_slice(&format!("{PREFIXES}{text}"))
        .map(Result::unwrap)
        .collect();
    let main = NamedNode::new_unchecked("https://portail.example/jeu");
    let graph = |quads: Vec<Quad>| {
        let mapped = map_as(
            RecordFormat::Dcat,
            main.as_str(),
            body(quads, &main.clone().into()),
        )
        .unwrap();
        let mut lines: Vec<String> = mapped.entities[0]
            .triples
            .iter()
            .map(ToString::to_string)
            .collect();
        lines.sort();
        lines
    };
    let renamed = |node: &BlankNode| {
        BlankNode::new_unchecked(
            format!("z{}", 1_000_000 - node.as_str().len())
                + &node.as_str().chars().rev().collect::<String>(),
        )
    };
    let turned = quads.iter().rev().cloned().map(|mut quad| {
        if let NamedOrBlankNode::BlankNode(node) = &quad.subject {
            quad.subject = renamed(node).into();
        }
        if let Term::BlankNode(node) = &quad.object {
            quad.object = renamed(node).into();
        }
        quad
    });
    let one = graph(quads.clone());
    assert_eq!(one, graph(turned.collect()));
    assert_eq!(
        one.iter()
            .filter(|line| line.contains("dcat#distribution>"))
            .count(),
        2
    );
    assert_eq!(
        one.iter()
            .filter(|line| line.contains("dcat#contactPoint>"))
            .count(),
        2
    );
}

#[test]
fn an_agent_with_a_record_of_its_own() {
    let mapped = turtle(
        ":jeu a org:Organization ; foaf:name 'Oise', 'Oise'@fr ; foaf:mbox <mailto:a@oise.example> .",
    );
    assert_eq!(mapped.entities.len(), 1);
    assert_eq!(mapped.entities[0].kind, EntityKind::Organisation);
    let minter = Minter::new(Base::new("https://donnees.example.org/").unwrap());
    assert_eq!(
        mapped.entities[0].iri,
        minter.agent("iri:https://portail.example/jeu")
    );
}

#[test]
fn documents_of_rdf_xml() {
    let of = |id: &str, text: &str| map_as(RecordFormat::DcatRdfXml, id, text.as_bytes().to_vec());
    let bare = "<dcat:Dataset rdf:about='https://p.example/1'><dct:title>Été</dct:title><dct:publisher rdf:resource='rel'/></dcat:Dataset>";
    let mapped = of("x", bare).unwrap();
    assert_eq!(said(&mapped, dcterms::TITLE), ["\"Été\"@fr"]);
    assert!(rules(&mapped).contains(&"record/undeclared-prefix"));
    let two = format!(
        "<?xml version='1.0'?><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:dct='http://purl.org/dc/terms/' xmlns:dcat='http://www.w3.org/ns/dcat#'>{}<dcat:Dataset rdf:about='b'><dct:title>B</dct:title><dct:identifier>id-b</dct:identifier></dcat:Dataset></rdf:RDF>",
        bare.replace("'rel'", "'https://p.example/o'")
    );
    let mapped = of("id-b", &two).unwrap();
    assert_eq!(said(&mapped, dcterms::TITLE), ["\"B\"@fr"]);
    assert_eq!(rules(&mapped), ["record/several-entities", "iri/malformed"]);
    assert_eq!(
        said(&of("autre", &two).unwrap(), dcterms::TITLE),
        ["\"Été\"@fr"]
    );
    let latin: Vec<u8> = two
        .replace(
            "<?xml version='1.0'?>",
            "<?xml version='1.0' encoding='ISO-8859-1'?>",
        )
        .chars()
        .map(|c| c as u8)
        .collect();
    let mapped = map_as(RecordFormat::DcatRdfXml, "https://p.example/1", latin).unwrap();
    assert_eq!(said(&mapped, dcterms::TITLE), ["\"Été\"@fr"]);
    let geonetwork = two.replace("<dct:identifier>id-b</dct:identifier>", "<dct:identifier>id-b</dct:identifier><dcat:theme rdf:resource='http://t.example/hy'>Hydro &amp; co</dcat:theme>");
    let mapped = of("id-b", &geonetwork).unwrap();
    assert_eq!(said(&mapped, dcat::THEME), ["<http://t.example/hy>"]);
    assert_eq!(mapped.entities[0].labels[0].1.value(), "Hydro & co");
}

#[test]
fn what_is_refused() {
    let laughs = "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><rdf:RDF/>";
    let many = format!(
        "<!DOCTYPE r [<!ENTITY a \"{}\">]><rdf:RDF>{}</rdf:RDF>",
        "x".repeat(10_000),
        "&a;".repeat(10_000)
    );
    for (format, text, rule) in [
        (RecordFormat::Dcat, "", "record/unreadable"),
        (RecordFormat::Dcat, "{}", "record/unreadable"),
        (
            RecordFormat::Dcat,
            "<http://a.example/> <http://a.example/p> \"x\" <http://a.example/> .",
            "record/unsupported-format",
        ),
        (
            RecordFormat::Dcat,
            "<http://a.example/> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> <http://a.example/> .",
            "record/no-title",
        ),
        (
            RecordFormat::Dcat,
            "_:a <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://xmlns.com/foaf/0.1/Agent> _:a . _:a <http://a.example/p> \"x\" _:a .",
            "agent/no-name",
        ),
        (RecordFormat::DcatRdfXml, "<html>", "record/unreadable"),
        (RecordFormat::DcatRdfXml, laughs, "record/unreadable"),
        (RecordFormat::DcatRdfXml, &many, "record/unreadable"),
    ] {
        let error = map_as(format, "x", text.as_bytes().to_vec()).unwrap_err();
        assert_eq!(error.rule, rule, "{}", &text[..text.len().min(80)]);
    }
}

#[test]
fn a_chain_of_nodes_has_an_end() {
    let chain: String = (0..5_000)
        .map(|at| format!("_:n{at} dct:x _:n{} . ", at + 1))
        .collect();
    let mapped = turtle(&format!(
        ":jeu a dcat:Dataset ; dct:title 'x' ; dct:x _:n0 . {chain}"
    ));
    assert!(rules(&mapped).contains(&"node/left-out"));
}

fn any_term() -> impl Strategy<Value = Term> {
    let texts = prop::sample::select(vec![
        "",
        " ",
        "x",
        "2010/2012",
        "1,2,3,4",
        "mailto:",
        "POLYGON((1 2))",
        "{\"type\":1}",
        "{{x}}",
        "https://a.example/x",
        "http://",
        "13002526500013",
        "é",
    ]);
    let types = prop::sample::select(vec![
        "http://www.w3.org/2001/XMLSchema#string",
        "http://www.w3.org/2001/XMLSchema#date",
        "http://www.opengis.net/ont/geosparql#wktLiteral",
    ]);
    let classes = prop::sample::select(vec![
        "dcat:Dataset",
        "dcat:DataService",
        "dcat:Distribution",
        "foaf:Agent",
        "vcard:Kind",
        "dct:Location",
        "dct:PeriodOfTime",
        "dcat:CatalogRecord",
        "dcat:DatasetSeries",
    ]);
    prop_oneof![
        (texts, types).prop_map(|(text, kind)| Literal::new_typed_literal(
            text,
            NamedNode::new_unchecked(kind)
        )
        .into()),
        "\\PC{0,20}".prop_map(|text| Literal::new_simple_literal(text).into()),
        (0..6_u8).prop_map(|at| node(at).into()),
        classes.prop_map(|class| NamedNode::new_unchecked(super::terms::expand(class)).into()),
        Just(NamedNode::new_unchecked("https://ailleurs.example/").into()),
    ]
}

/// A few nodes, so that they meet: IRIs and blank ones.
fn node(at: u8) -> NamedOrBlankNode {
    match at {
        0..=2 => NamedNode::new_unchecked(format!("https://portail.example/{at}")).into(),
        at => BlankNode::new_unchecked(format!("b{at}")).into(),
    }
}

const PROPERTIES: [&str; 44] = [
    "rdf:type",
    "dct:title",
    "dct:identifier",
    "adms:identifier",
    "dct:license",
    "dct:rights",
    "dct:accessRights",
    "dct:format",
    "dcat:mediaType",
    "dcat:theme",
    "dct:spatial",
    "dct:temporal",
    "dct:publisher",
    "dct:creator",
    "dcat:contactPoint",
    "vcard:hasEmail",
    "vcard:fn",
    "foaf:name",
    "org:memberOf",
    "dcat:distribution",
    "adms:sample",
    "dcat:accessService",
    "dcat:accessURL",
    "dcat:endpointURL",
    "dcat:inSeries",
    "dct:relation",
    "dcat:servesDataset",
    "spdx:checksum",
    "spdx:algorithm",
    "foaf:page",
    "foaf:primaryTopic",
    "foaf:isPrimaryTopicOf",
    "locn:geometry",
    "dcat:bbox",
    "rdf:value",
    "rdfs:label",
    "skos:prefLabel",
    "dct:issued",
    "dct:provenance",
    "dct:conformsTo",
    "prov:qualifiedAttribution",
    "prov:agent",
    "dct:type",
    "time:hasBeginning",
];

/// However often a record says that what is said of one node is said of another, what is written has an end.
#[test]
fn what_is_said_of_many_nodes_by_one_does_not_swell() {
    let many = |number: usize, text: fn(usize) -> String| (0..number).map(text).collect::<String>();
    let licences = format!(
        ":jeu a dcat:Dataset ; dct:title 'x' . {} {}",
        many(1000, |at| format!(
            ":jeu dcat:distribution :d{at} . :d{at} dcat:accessURL <https://a.example/{at}> . "
        )),
        many(1000, |at| format!(
            ":jeu dct:license <https://l.example/{at}> . "
        )),
    );
    let creators = format!(
        ":jeu a dcat:Dataset ; dct:title 'x' . {} {}",
        many(250, |at| format!(
            ":jeu dct:creator [ foaf:name 'N{at}' ; :p :x ] . "
        )),
        many(2500, |at| format!(":x dct:issued '{at}' . ")),
    );
    let formats = format!(
        ":jeu a dcat:Dataset ; dct:title 'x' . {} :f rdf:value <https://f.example/csv> . {}",
        many(250, |at| format!(
            ":jeu dcat:distribution :d{at} . :d{at} dct:format _:f . "
        )),
        many(2500, |at| format!("_:f skos:prefLabel 'L{at}' . ")),
    )
    .replace(" :f ", " _:f ");
    for record in [licences, creators, formats] {
        let mapped = turtle(&record);
        let written: usize = mapped
            .entities
            .iter()
            .map(|entity| entity.triples.len() + entity.labels.len())
            .sum();
        assert!(written <= 402_000, "{written}");
        assert!(rules(&mapped).contains(&"record/too-large"));
        assert!(
            mapped
                .entities
                .iter()
                .skip(1)
                .all(|agent| agent.object(&agent.iri, foaf::NAME).is_some())
        );
    }
}

/// Ten thousand of each, which took minutes where each looked at all the others.
#[test]
fn what_stands_in_a_record_many_times_is_not_looked_at_each_time() {
    let many = |number: usize, text: fn(usize) -> String| (0..number).map(text).collect::<String>();
    let start = std::time::Instant::now();
    let places = many(10_000, |at| {
        format!(
            ":jeu dct:spatial [ a dct:Location ; skos:prefLabel 'L{at}' ; dcat:centroid 'POINT(1 {at}e-4)'^^gsp:wktLiteral, '{{\"type\":\"Point\",\"coordinates\":[1,{at}e-4]}}'^^gsp:geoJSONLiteral ] . "
        )
    });
    let mapped = turtle(&format!(":jeu a dcat:Dataset ; dct:title 'x' . {places}"));
    let centroids = mapped.entities[0]
        .triples
        .iter()
        .filter(|triple| triple.predicate == dcat::CENTROID);
    assert_eq!(centroids.count(), 10_000);
    let agents = many(10_500, |at| {
        format!(":jeu dct:creator [ a foaf:Agent ; foaf:name 'N{at}' ] . ")
    });
    let mapped = turtle(&format!(":jeu a dcat:Dataset ; dct:title 'x' . {agents}"));
    assert_eq!(mapped.entities.len(), 10_001);
    assert!(rules(&mapped).contains(&"record/too-large"));
    let records = many(10_000, |at| {
        format!(
            ":r{at} a dcat:CatalogRecord ; foaf:primaryTopic :jeu, :autre ; dct:issued '{at}' . "
        )
    });
    let mapped = turtle(&format!(":jeu a dcat:Dataset ; dct:title 'x' . {records}"));
    let topics = mapped.entities[0]
        .triples
        .iter()
        .filter(|triple| triple.predicate == foaf::PRIMARY_TOPIC);
    assert_eq!(topics.count(), 10_000);
    let open = format!("<rdf:RDF>{}", "<dct:a ".repeat(100_000));
    assert!(map_as(RecordFormat::DcatRdfXml, "r", open.into_bytes()).is_err());
    assert!(start.elapsed().as_secs() < 120, "{:?}", start.elapsed());
}

#[test]
fn an_agent_known_by_its_number_alone_has_a_name() {
    let mapped = turtle(
        ":jeu a dcat:Dataset ; dct:title 'x' ; dct:publisher [ adms:identifier '13002526500013' ] .",
    );
    let agent = mapped
        .entities
        .iter()
        .find(|entity| entity.kind == EntityKind::Organisation)
        .expect("an agent");
    assert_eq!(
        values(agent, &agent.iri, foaf::NAME),
        ["\"siret:13002526500013\""]
    );
}

proptest! {
    /// Whatever is said of whatever: the mapping ends, and all that it says is said of the entity's own nodes.
    #[test]
    fn any_graph_becomes_a_graph_of_own_nodes(
        statements in prop::collection::vec((0..6_u8, prop::sample::select(PROPERTIES.to_vec()), any_term()), 1..40),
        kind in prop::sample::select(vec!["dcat:Dataset", "dcat:DataService", "dcat:DatasetSeries", "foaf:Organization"]),
        main in 0..6_u8,
    ) {
        let class = |name: &str| NamedNode::new_unchecked(super::terms::expand(name));
        let mut quads = vec![Quad::new(node(main), class("rdf:type"), class(kind), GraphName::DefaultGraph)];
        quads.extend(statements.into_iter().map(|(subject, property, object)| Quad::new(node(subject), class(property), object, GraphName::DefaultGraph)));
        if let Ok(mapped) = map_as(RecordFormat::Dcat, "r", body(quads, &node(main))) {
            for triple in mapped.entities.iter().flat_map(|entity| &entity.triples) {
                if let Term::NamedNode(object) = &triple.object {
                    prop_assert!(model::check_iri(object.as_str()).is_some(), "{}", triple);
                }
            }
            for agent in mapped.entities.iter().filter(|entity| entity.kind == EntityKind::Organisation) {
                prop_assert!(agent.object(&agent.iri, foaf::NAME).is_some(), "{}", agent.iri);
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[<>/a-z:= \"'&;!\\[\\]#]{0,120}") {
        for format in [RecordFormat::Dcat, RecordFormat::DcatRdfXml] {
            let _ = map_as(format, "r", bytes.clone());
            let _ = map_as(format, "r", text.clone().into_bytes());
            let _ = map_as(format, "r", format!("<rdf:RDF><dcat:Dataset rdf:about='x'><dct:title>{text}").into_bytes());
        }
    }
}
