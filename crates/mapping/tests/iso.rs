//! ISO records of our own, in both encodings.

mod iso_support;

use iso_support::{lines, map_as, map_bytes};
use model::{EntityKind, LinkTarget, Mapped, RecordFormat, RecordId};
use proptest::prelude::*;

const OLD: &str = include_str!("fixtures/iso/dataset.iso19139.xml");
const NEW: &str = include_str!("fixtures/iso/dataset.iso19115-3.xml");
const SERVICE: &str = include_str!("fixtures/iso/service.iso19139.xml");

fn dataset() -> Mapped {
    map_as("zh-somme-2023", OLD.as_bytes(), RecordFormat::Iso19139).unwrap()
}

fn rules(mapped: &Mapped) -> Vec<&str> {
    mapped
        .findings
        .iter()
        .map(|finding| finding.rule.as_ref())
        .collect()
}

#[test]
fn both_encodings_give_the_same_graph() {
    let (old, new) = (
        dataset(),
        map_as("zh-somme-2023", NEW.as_bytes(), RecordFormat::Iso19115_3).unwrap(),
    );
    assert_eq!(
        old.entities.iter().map(lines).collect::<Vec<_>>(),
        new.entities.iter().map(lines).collect::<Vec<_>>()
    );
    assert_eq!(old.entities[0].aliases, new.entities[0].aliases);
    assert_eq!(old.entities[0].links, new.entities[0].links);
    assert_eq!(old.entities[0].rank, new.entities[0].rank);
    assert_eq!(rules(&old), rules(&new));
}

#[test]
fn a_dataset_says_what_its_record_says() {
    let mapped = dataset();
    let entity = &mapped.entities[0];
    assert_eq!(entity.kind, EntityKind::Dataset);
    let lines = lines(entity).join("\n");
    for wanted in [
        "<:> <http://purl.org/dc/terms/title> \"Zones humides de la Somme\"@fr",
        "<:> <http://purl.org/dc/terms/title> \"Wetlands of the Somme\"@en",
        "<:> <http://purl.org/dc/terms/description> \"Inventaire & cartographie <1 ha exclus>\"@fr",
        "<:> <http://purl.org/dc/terms/identifier> \"zh-somme-2023\"",
        "<:> <http://purl.org/dc/terms/issued> \"2019-05-01\"",
        "<:> <http://purl.org/dc/terms/modified> \"2023-06-01\"",
        "<:> <http://purl.org/dc/terms/accrualPeriodicity> \"annually\"",
        "<:> <http://purl.org/dc/terms/language> \"fre\"",
        "<:> <http://data.europa.eu/930/topicCategory> <http://inspire.ec.europa.eu/metadata-codelist/TopicCategory/inlandWaters>",
        "<:> <http://data.europa.eu/930/referenceSystem> <http://www.opengis.net/def/crs/EPSG/0/2154>",
        "<:> <http://data.europa.eu/r5r/hvdCategory> <http://data.europa.eu/bna/c_ac64a52d>",
        "<:> <http://data.europa.eu/r5r/applicableLegislation> <http://data.europa.eu/eli/reg_impl/2023/138/oj>",
        "<:> <http://www.w3.org/ns/dcat#theme> \"Hydrographie\"@fr",
        "<:> <http://www.w3.org/ns/dcat#keyword> \"zone humide\"@fr",
        "<http://www.w3.org/2004/02/skos/core#exactMatch> <https://thesaurus.example/zh>",
        "<:> <http://www.w3.org/ns/dcat#spatialResolutionInMeters> \"20\"^^<http://www.w3.org/2001/XMLSchema#decimal>",
        "<:#scale-5000> <http://www.w3.org/ns/dqv#value> \"0.0002\"^^<http://www.w3.org/2001/XMLSchema#decimal>",
        "skos/core#notation> \"https://somme.example/id/zh-somme\"^^<http://www.w3.org/2001/XMLSchema#anyURI>",
        "<:#location-1> <http://www.w3.org/ns/dcat#bbox> \"POLYGON((1.4 49.6,3.2 49.6,3.2 50.4,1.4 50.4,1.4 49.6))\"^^<http://www.opengis.net/ont/geosparql#wktLiteral>",
        "<:#location-1> <http://www.w3.org/2004/02/skos/core#prefLabel> \"Vallée de la Somme\"@fr",
        "<:#period-1> <http://www.w3.org/ns/dcat#startDate> \"2015-01-01\"",
        "<:> <http://purl.org/dc/terms/conformsTo> <http://data.europa.eu/eli/reg/2010/1089>",
        "<:#conformity-1-result> <http://purl.org/dc/terms/type> <http://inspire.ec.europa.eu/metadata-codelist/DegreeOfConformity/conformant>",
        "<:#provenance-1> <http://purl.org/dc/terms/description> \"Relevés de terrain\"@fr",
        "<:> <http://purl.org/dc/terms/accessRights> <http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/noLimitations>",
        "<http://purl.org/dc/terms/license> \"Licence Ouverte 2.0\"",
        "<http://purl.org/dc/terms/rights> \"Citer le syndicat\"@fr",
        "<:> <http://xmlns.com/foaf/0.1/page> <https://somme.example/zh.html>",
        "<http://www.w3.org/ns/dcat#downloadURL> <https://somme.example/zh.zip>",
        "<http://www.w3.org/ns/dcat#byteSize> \"1500000\"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>",
        "<http://purl.org/dc/terms/format> \"Shapefile\"",
        "<http://www.w3.org/ns/dcat#endpointURL> <https://somme.example/wxs?map=zh>",
        "<http://purl.org/dc/terms/conformsTo> <http://www.opengeospatial.org/standards/wms>",
        "<:#contact-1> <http://www.w3.org/2006/vcard/ns#fn> \"Camille Exemple\"",
        "<:#contact-1> <http://www.w3.org/2006/vcard/ns#hasEmail> \"sig@somme.example; autre@somme.example\"^^<http://www.w3.org/2001/XMLSchema#anyURI>",
        "<:#contact-1> <http://www.w3.org/2006/vcard/ns#hasTelephone> <tel:+33322000000>",
        "<:#contact-1-address> <http://www.w3.org/2006/vcard/ns#locality> \"Amiens\"",
        "<:#attribution-1> <http://www.w3.org/ns/dcat#hadRole> <http://inspire.ec.europa.eu/metadata-codelist/ResponsiblePartyRole/owner>",
        "<:#record> <http://purl.org/dc/terms/modified> \"2024-02-03T10:00:00Z\"",
        "<:#record> <http://xmlns.com/foaf/0.1/primaryTopic> <:>",
        "<:#metadata-standard> <http://www.w3.org/2002/07/owl#versionInfo> \"2\"",
    ] {
        assert!(lines.contains(wanted), "{wanted}\nis not in\n{lines}");
    }
    assert!(!lines.contains("rie.gouv.fr"), "{lines}");
}

#[test]
fn agents_are_entities_of_their_own() {
    let mapped = dataset();
    let [_, agent] = mapped.entities.as_slice() else {
        panic!("one party, one agent: {:?}", mapped.entities)
    };
    assert_eq!(agent.kind, EntityKind::Organisation);
    assert_eq!(agent.rank, "2024-02-03T10:00:00Z");
    assert_eq!(
        lines(agent),
        [
            "<:> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://xmlns.com/foaf/0.1/Agent>",
            "<:> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://xmlns.com/foaf/0.1/Organization>",
            "<:> <http://xmlns.com/foaf/0.1/name> \"Syndicat de la Somme\"",
        ]
    );
}

#[test]
fn findings_name_rule_place_and_value() {
    let mapped = dataset();
    assert_eq!(
        rules(&mapped),
        ["place/swapped-bounds", "distribution/intranet-url"]
    );
    let intranet = &mapped.findings[1];
    assert_eq!(
        intranet.value.as_deref(),
        Some("https://atom.somme.e2.rie.gouv.fr/zh")
    );
    assert_eq!(
        intranet.place.as_deref(),
        Some(
            "/gmd:MD_Metadata/gmd:distributionInfo/gmd:MD_Distribution/gmd:transferOptions/gmd:MD_DigitalTransferOptions/gmd:onLine[3]/gmd:CI_OnlineResource"
        )
    );
    assert!(
        mapped
            .findings
            .iter()
            .all(|finding| finding.hint.is_some() && finding.record.is_some())
    );
}

#[test]
fn links_wait_for_their_targets() {
    let mapped = dataset();
    let series = &mapped.entities[0].links[0];
    assert_eq!(
        (series.kind, &series.target),
        (
            EntityKind::DatasetSeries,
            &LinkTarget::Alias("zh-serie".into())
        )
    );
    assert_eq!(
        mapped.entities[0].aliases,
        [
            "zh-somme",
            "https://somme.example/id/zh-somme",
            "https://somme.example/idzh-somme"
        ]
    );
}

#[test]
fn a_service_has_its_endpoint_and_serves_datasets() {
    let mapped = map_as("wms-zh", SERVICE.as_bytes(), RecordFormat::Iso19139).unwrap();
    let entity = &mapped.entities[0];
    assert_eq!(entity.kind, EntityKind::DataService);
    let lines = lines(entity).join("\n");
    for wanted in [
        "<:> <http://www.w3.org/ns/dcat#endpointURL> <https://somme.example/wms>",
        "<:> <http://www.w3.org/ns/dcat#endpointDescription> <https://somme.example/wms?SERVICE=WMS&REQUEST=GetCapabilities>",
        "<:> <http://data.europa.eu/930/serviceType> <http://inspire.ec.europa.eu/metadata-codelist/SpatialDataServiceType/view>",
        "<:> <http://data.europa.eu/930/serviceCategory> <http://inspire.ec.europa.eu/metadata-codelist/SpatialDataServiceCategory/infoMapAccessService>",
        "<:> <http://purl.org/dc/terms/conformsTo> <http://www.opengeospatial.org/standards/wms>",
    ] {
        assert!(lines.contains(wanted), "{wanted}\nis not in\n{lines}");
    }
    let targets: Vec<_> = entity.links.iter().map(|link| &link.target).collect();
    assert_eq!(
        targets,
        [
            &LinkTarget::Record(RecordId::new("zh-somme-2023")),
            &LinkTarget::Alias("https://somme.example/id/zh-somme".into()),
            &LinkTarget::Alias("autre".into()),
        ]
    );
}

#[test]
fn prefixes_and_namespaces_of_other_hands_make_no_difference() {
    let renamed = OLD
        .replace("gmd:", "x:")
        .replace("xmlns:gmd", "xmlns:x")
        .replace("2005/gmd\"", "schemas/2005/gmd\"");
    let wrapped = format!(
        "\u{feff}<csw:GetRecordByIdResponse xmlns:csw=\"http://www.opengis.net/cat/csw/2.0.2\">{}</csw:GetRecordByIdResponse>",
        renamed.split_once("?>").unwrap().1
    );
    let mapped = map_as("zh-somme-2023", wrapped.as_bytes(), RecordFormat::Iso19139).unwrap();
    assert_eq!(lines(&mapped.entities[0]), lines(&dataset().entities[0]));
}

#[test]
fn what_is_no_record_is_refused_with_its_reason() {
    let untitled = OLD
        .replace("Zones humides de la Somme", "")
        .replace("Wetlands of the Somme", " ");
    for (body, rule) in [
        ("", "record/unreadable"),
        ("<html><body>Erreur 500</body></html>", "record/unreadable"),
        (&OLD[..OLD.len() / 2], "record/unreadable"),
        (&untitled, "record/no-title"),
        ("<gmd:MD_Metadata/>", "record/no-title"),
    ] {
        let error = map_bytes(body.as_bytes(), RecordFormat::Iso19139).unwrap_err();
        assert_eq!(error.rule, rule, "{error}");
        assert!(error.hint.is_some() && error.place.is_some(), "{error:?}");
    }
}

#[test]
fn a_licence_keeps_its_name_beside_an_address_that_names_none() {
    let licence = |address: &str| {
        let anchor = format!("<gmx:Anchor xlink:href=\"{address}\">Licence ODbL 1.0</gmx:Anchor>");
        let body = OLD.replace(
            "<gco:CharacterString>Licence Ouverte 2.0</gco:CharacterString>",
            &anchor,
        );
        let mapped = map_bytes(body.as_bytes(), RecordFormat::Iso19139).unwrap();
        lines(&mapped.entities[0])
            .into_iter()
            .find(|line| line.contains("dc/terms/license>"))
            .unwrap_or_default()
    };
    // The publisher's own page: the name says which licence it is.
    assert!(
        licence("https://sig.example/licence/")
            .ends_with("\"Licence ODbL 1.0 (https://sig.example/licence/)\"")
    );
    assert!(
        licence("http://opendatacommons.org/licenses/odbl/1.0/")
            .ends_with("<http://opendatacommons.org/licenses/odbl/1.0/>")
    );
}

#[test]
fn contradictory_licences_are_told() {
    let body = OLD.replace("Citer le syndicat", "Licence ODbL");
    let mapped = map_bytes(body.as_bytes(), RecordFormat::Iso19139).unwrap();
    assert!(
        rules(&mapped).contains(&"licence/contradictory"),
        "{:?}",
        rules(&mapped)
    );
}

#[test]
fn an_entity_bomb_is_not_expanded() {
    let bomb = OLD
        .replace(
            "?>",
            "?><!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]>",
        )
        .replace("Zones humides de la Somme", "&b;");
    let mapped = map_bytes(bomb.as_bytes(), RecordFormat::Iso19139).unwrap();
    assert!(
        lines(&mapped.entities[0])
            .iter()
            .any(|line| line.contains("title> \"&b;\"@fr"))
    );
}

proptest! {
    #[test]
    fn damaged_records_never_panic(cut in 0..OLD.len(), at in 0..OLD.len(), byte: u8, new: bool) {
        let mut body = if new { NEW } else { OLD }.as_bytes().to_vec();
        let at = at.min(body.len() - 1);
        body[at] = byte;
        let _ = map_bytes(&body, RecordFormat::Iso19139);
        body.truncate(cut);
        let _ = map_bytes(&body, RecordFormat::Iso19115_3);
    }

    #[test]
    fn any_values_make_triples_that_are_well_formed(value in "\\PC{0,60}") {
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace(']', "&#93;");
        let body = SERVICE.replace("view", &escaped).replace("https://somme.example", &escaped).replace("autre", &escaped.replace('"', "&quot;"));
        if let Ok(mapped) = map_bytes(body.as_bytes(), RecordFormat::Iso19139) {
            for triple in mapped.entities.iter().flat_map(|entity| &entity.triples) {
                if let oxrdf::Term::NamedNode(node) = &triple.object {
                    prop_assert!(oxrdf::NamedNode::new(node.as_str()).is_ok(), "{node}");
                }
            }
        }
    }

    #[test]
    fn mapping_is_a_function(swap in 0..OLD.len()) {
        let body = OLD.replacen("Somme", "Oise", swap % 7);
        let lines_of = || map_bytes(body.as_bytes(), RecordFormat::Iso19139).map(|mapped| mapped.entities.iter().map(lines).collect::<Vec<_>>());
        prop_assert_eq!(lines_of(), lines_of());
    }
}

/// Records differ in charset, prefixes and the spelling of namespaces, and say the same.
#[test]
fn charsets_prefixes_and_spellings_of_namespaces_do_not_matter() {
    let wanted: Vec<_> = dataset().entities.iter().map(lines).collect();
    let declared = OLD.find("?>").map_or(OLD, |at| OLD[at + 2..].trim_start());
    let bytes = |text: &str| text.as_bytes().to_vec();
    let utf16 = |text: &str| -> Vec<u8> {
        "\u{feff}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(u16::to_be_bytes)
            .collect()
    };
    let latin = |text: &str| -> Vec<u8> {
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).expect("a character of ISO-8859-1"))
            .collect()
    };
    let renamed = declared
        .replace("gmd:", "ns0:")
        .replace("xmlns:gmd=", "xmlns:ns0=")
        .replace("gco:", "c:")
        .replace("xmlns:gco=", "xmlns:c=");
    let default = declared.replace("xmlns:gmd=", "xmlns=").replace("gmd:", "");
    let spelt = |namespace: &str| declared.replace("http://www.isotc211.org/2005/gmd\"", namespace);
    for (case, body) in [
        ("UTF-16", utf16(declared)),
        (
            "UTF-16 that says UTF-8",
            utf16(&format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{declared}")),
        ),
        (
            "UTF-8 that says ISO-8859-1",
            bytes(&format!(
                "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{declared}"
            )),
        ),
        (
            "ISO-8859-1 that says UTF-8",
            latin(&format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>{}",
                declared.replace(['’', '–', '—', 'œ', '…'], "-")
            )),
        ),
        (
            "a declaration behind a BOM and a line break",
            bytes(&format!(
                "\u{feff}\r\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>{declared}"
            )),
        ),
        ("other prefixes", bytes(&renamed)),
        ("a default namespace", bytes(&default)),
        ("https", bytes(&spelt("https://www.isotc211.org/2005/gmd\""))),
        ("a slash", bytes(&spelt("http://www.isotc211.org/2005/gmd/\""))),
        ("a draft", bytes(&spelt("http://schemas.opengis.net/iso19139\""))),
        (
            "a schema location of three words",
            bytes(&declared.replacen(
                " xmlns:gmd=",
                " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"a b\n c\" xmlns:gmd=",
                1,
            )),
        ),
    ] {
        let mapped = map_as("zh-somme-2023", &body, RecordFormat::Iso19139)
            .unwrap_or_else(|error| panic!("{case}: {error}"));
        let found: Vec<_> = mapped.entities.iter().map(lines).collect();
        assert_eq!(found, wanted, "{case}");
    }
}
