//! Records of Dublin Core of our own, and those that lie beside the repository.

mod iso_support;

use iso_support::{files, lines, map_as, map_bytes, shared};
use model::{EntityKind, LinkTarget, Mapped, RecordFormat};
use proptest::prelude::*;

const OAI_DC: &str = include_str!("fixtures/dublin_core/dataset.oai_dc.xml");
const RECORD: &str = include_str!("fixtures/dublin_core/dataset.csw.xml");

fn map(body: &str) -> Mapped {
    map_as(
        "oai:entrepot.example:12",
        body.as_bytes(),
        RecordFormat::DublinCore,
    )
    .unwrap()
}

fn record(inside: &str) -> Mapped {
    map(&format!(
        "<csw:Record xmlns:csw=\"http://www.opengis.net/cat/csw/2.0.2\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dct=\"http://purl.org/dc/terms/\" xmlns:ows=\"http://www.opengis.net/ows\"><dc:title>Haies</dc:title>{inside}</csw:Record>"
    ))
}

fn oai_dc(inside: &str) -> Mapped {
    map(&format!(
        "<oai_dc:dc xmlns:oai_dc=\"http://www.openarchives.org/OAI/2.0/oai_dc/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>Haies</dc:title>{inside}</oai_dc:dc>"
    ))
}

fn text(mapped: &Mapped) -> String {
    lines(&mapped.entities[0]).join("\n")
}

fn expect(mapped: &Mapped, wanted: &[&str]) {
    let text = text(mapped);
    for line in wanted {
        assert!(text.contains(line), "{line}\nis not in\n{text}");
    }
}

fn expect_none(mapped: &Mapped, unwanted: &[&str]) {
    let text = text(mapped);
    for line in unwanted {
        assert!(!text.contains(line), "{line}\nis in\n{text}");
    }
}

fn rules(mapped: &Mapped) -> Vec<&str> {
    mapped
        .findings
        .iter()
        .map(|finding| finding.rule.as_ref())
        .collect()
}

#[test]
fn a_record_of_a_repository_says_what_it_says() {
    let mapped = map(OAI_DC);
    assert_eq!(mapped.entities[0].kind, EntityKind::Dataset);
    expect(
        &mapped,
        &[
            "<:> <http://purl.org/dc/terms/title> \"Relevés floristiques de la Vionne\"@fr",
            "<:> <http://purl.org/dc/terms/title> \"Plant records of the Vionne\"@en",
            "<:> <http://purl.org/dc/terms/alternative> \"FLORE-VIONNE\"@fr",
            "<:> <http://purl.org/dc/terms/identifier> \"oai:entrepot.example:12\"",
            "<:> <http://purl.org/dc/terms/issued> \"2021-03-02\"",
            "<:> <http://purl.org/dc/terms/modified> \"2024-05-06T10:00:00Z\"",
            "<:> <http://purl.org/dc/terms/type> <http://purl.org/dc/dcmitype/Dataset>",
            "<:> <http://www.w3.org/ns/dcat#keyword> \"botanique\"@fr",
            "<:> <http://www.w3.org/ns/dcat#theme> <http://inspire.ec.europa.eu/theme/sd>",
            "<:> <http://purl.org/dc/terms/language> \"fre\"",
            "<:> <http://www.w3.org/ns/dcat#landingPage> <https://entrepot.example/jeux/12>",
            "<:> <http://purl.org/dc/terms/accessRights> \"info:eu-repo/semantics/openAccess\"",
            "<http://purl.org/dc/terms/license> <https://creativecommons.org/licenses/by/4.0/>",
            "<http://www.w3.org/ns/dcat#mediaType> \"text/csv\"",
            "<http://www.w3.org/ns/dcat#accessURL> <https://entrepot.example/jeux/12>",
            "<http://www.w3.org/2006/vcard/ns#hasEmail> <mailto:flore@entrepot.example>",
            "<http://www.w3.org/ns/dcat#startDate> \"1999\"",
            "<http://www.w3.org/ns/dcat#bbox> \"POLYGON((1.4 49.5,3.2 49.5,3.2 50.3,1.4 50.3,1.4 49.5))\"",
            "<http://www.w3.org/2004/02/skos/core#prefLabel> \"Vallée de la Vionne\"@fr",
            "<http://www.w3.org/2004/02/skos/core#notation> \"https://doi.org/10.5072/vionne.12\"",
        ],
    );
    let agents: Vec<String> = mapped.entities[1..]
        .iter()
        .map(|agent| lines(agent).join("\n"))
        .collect();
    assert_eq!(agents.len(), 2, "{agents:?}");
    assert!(agents[0].contains("\"Deschamps, Aude\""));
    assert!(agents[1].contains("\"Conservatoire botanique de la Vionne\""));
    assert!(
        mapped.entities[0]
            .aliases
            .contains(&"https://doi.org/10.5072/vionne.12".to_owned())
    );
    assert_eq!(mapped.entities[0].rank, "2024-05-06T10:00:00Z");
    assert!(mapped.findings.is_empty(), "{:?}", mapped.findings);
}

#[test]
fn a_record_of_a_catalogue_has_services_and_files() {
    let mapped = map(RECORD);
    expect(
        &mapped,
        &[
            "<:> <http://purl.org/dc/terms/description> \"Linéaire de haies.\"@fr",
            "<:> <http://purl.org/dc/terms/modified> \"2023-06-01T10:00:00\"",
            "<:> <http://data.europa.eu/930/topicCategory> <http://inspire.ec.europa.eu/metadata-codelist/TopicCategory/environment>",
            "<:> <http://data.europa.eu/930/resourceType> <http://inspire.ec.europa.eu/metadata-codelist/ResourceType/dataset>",
            "<http://www.w3.org/ns/dcat#endpointURL> <https://carto.example/wms>",
            "<http://purl.org/dc/terms/conformsTo> <http://www.opengeospatial.org/standards/wms>",
            "<http://www.w3.org/ns/dcat#downloadURL> <https://carto.example/haies.zip>",
            "<http://purl.org/dc/terms/format> \"ESRI Shapefile\"",
            "<:> <http://www.w3.org/ns/dcat#landingPage> <https://carto.example/haies.html>",
            "<:> <http://xmlns.com/foaf/0.1/depiction> <https://carto.example/haies.png>",
            "<http://www.w3.org/ns/dcat#bbox> \"POLYGON((1.42 48.67,4.27 48.67,4.27 50.53,1.42 50.53,1.42 48.67))\"",
            "<http://purl.org/dc/terms/license> \"Licence Ouverte 2.0\"",
            "<:> <http://purl.org/dc/terms/accessRights> \"Pas de restriction d'accès public\"",
        ],
    );
    // The description and the box are given twice, and a bare code says nothing.
    let text = text(&mapped);
    assert_eq!(text.matches("dcat#bbox").count(), 1);
    assert!(!text.contains("otherRestrictions") && !text.contains("resources.get"));
    assert_eq!(text.matches("\"Linéaire de haies.").count(), 1);
}

#[test]
fn types_tell_services_and_series() {
    for (kind, wanted) in [
        ("service", EntityKind::DataService),
        (
            "http://purl.org/dc/dcmitype/Service",
            EntityKind::DataService,
        ),
        ("series", EntityKind::DatasetSeries),
        ("Text", EntityKind::Dataset),
        ("nonGeographicDataset", EntityKind::Dataset),
    ] {
        let mapped = record(&format!("<dc:type>{kind}</dc:type>"));
        assert_eq!(mapped.entities[0].kind, wanted, "{kind}");
    }
    let service = record(
        "<dc:type>service</dc:type><dc:URI>https://carto.example/doc</dc:URI><dct:references scheme=\"OGC:WFS\">https://carto.example/ows?service=WFS&amp;request=GetCapabilities</dct:references><dc:rights>Licence Ouverte</dc:rights>",
    );
    expect(
        &service,
        &[
            "<:> <http://www.w3.org/ns/dcat#endpointURL> <https://carto.example/ows>",
            "<:> <http://www.w3.org/ns/dcat#endpointDescription> <https://carto.example/ows?service=WFS&request=GetCapabilities>",
            "<:> <http://www.w3.org/ns/dcat#landingPage> <https://carto.example/doc>",
            "<:> <http://purl.org/dc/terms/license> \"Licence Ouverte\"",
        ],
    );
    expect_none(&service, &["dcat#distribution>"]);
}

#[test]
fn axes_follow_the_system_and_the_server() {
    let bbox = |crs: &str, lower: &str, upper: &str| {
        record(&format!(
            "<ows:BoundingBox crs=\"{crs}\"><ows:LowerCorner>{lower}</ows:LowerCorner><ows:UpperCorner>{upper}</ows:UpperCorner></ows:BoundingBox>"
        ))
    };
    let somme = ["\"POLYGON((1.4 49.5,3.2 49.5,3.2 50.3,1.4 50.3,1.4 49.5))\""];
    for (crs, lower, upper) in [
        ("urn:x-ogc:def:crs:EPSG:6.11:4326", "49.5 1.4", "50.3 3.2"),
        ("EPSG:4326", "1.4 49.5", "3.2 50.3"),
        (
            "urn:ogc:def:crs:EPSG::RGF93 / Lambert-93",
            "3.2 49.5",
            "1.4 50.3",
        ),
    ] {
        expect(&bbox(crs, lower, upper), &somme);
    }
    let metres = bbox(
        "urn:ogc:def:crs:EPSG::2154",
        "600000 6900000",
        "650000 6950000",
    );
    assert_eq!(rules(&metres), ["place/absurd-coordinates"]);
    assert_eq!(rules(&bbox("", "x", "1 2")), ["place/bad-geometry"]);
    let point = bbox("EPSG:4326", "2.3 49.9", "2.3 49.9");
    expect(
        &point,
        &["<http://www.w3.org/ns/dcat#centroid> \"POINT(2.3 49.9)\""],
    );
}

#[test]
fn coverage_is_a_place_or_a_period() {
    let mapped = oai_dc(
        "<dc:coverage>1999-2004</dc:coverage><dc:coverage>Bassin Adour</dc:coverage><dc:coverage>https://sws.geonames.example/1/</dc:coverage><dc:coverage>start=2001; end=2002; name=Campagne</dc:coverage><dc:coverage>Bassin Adour</dc:coverage>",
    );
    let text = text(&mapped);
    assert_eq!(
        text.matches("<http://purl.org/dc/terms/PeriodOfTime>")
            .count(),
        2,
        "{text}"
    );
    assert_eq!(
        text.matches("<http://purl.org/dc/terms/Location>").count(),
        1,
        "{text}"
    );
    expect(
        &mapped,
        &[
            "<:> <http://purl.org/dc/terms/spatial> <https://sws.geonames.example/1/>",
            "\"Bassin Adour\"@fr",
            "<http://www.w3.org/ns/dcat#endDate> \"2004\"",
            "\"Campagne\"@fr",
        ],
    );
}

#[test]
fn a_reference_system_is_no_place() {
    let mapped = record(
        "<dct:spatial>urn:ogc:def:crs:EPSG::2154</dct:spatial><dct:spatial>urn:x</dct:spatial>",
    );
    expect(
        &mapped,
        &[
            "<:> <http://data.europa.eu/930/referenceSystem> <http://www.opengis.net/def/crs/EPSG/0/2154>",
            "\"urn:x\"",
        ],
    );
    expect_none(&mapped, &["\"urn:ogc"]);
}

#[test]
fn relations_are_links_and_addresses_are_pages_or_files() {
    let mapped = oai_dc(
        "<dc:relation>jeu-7</dc:relation><dc:relation>https://entrepot.example/d/a.csv</dc:relation><dc:relation>https://entrepot.example/article</dc:relation><dc:relation>doi:10.5072/x</dc:relation><dc:source>Relevés au sol de 1999</dc:source><dc:source>jeu-3</dc:source>",
    );
    let targets: Vec<&LinkTarget> = mapped.entities[0]
        .links
        .iter()
        .map(|link| &link.target)
        .collect();
    for alias in ["jeu-7", "https://doi.org/10.5072/x", "jeu-3"] {
        assert!(
            targets.contains(&&LinkTarget::Alias(alias.to_owned())),
            "{alias} in {targets:?}"
        );
    }
    expect(
        &mapped,
        &[
            "<http://www.w3.org/ns/dcat#downloadURL> <https://entrepot.example/d/a.csv>",
            "<:> <http://purl.org/dc/terms/relation> <https://entrepot.example/article>",
            "\"Relevés au sol de 1999\"@fr",
        ],
    );
}

#[test]
fn formats_go_to_the_file_that_they_are_of() {
    let mapped = oai_dc(
        "<dc:identifier>https://entrepot.example/1</dc:identifier><dc:format>151500</dc:format><dc:format>application/pdf https://entrepot.example/r/2566/rapport.pdf</dc:format>",
    );
    expect(
        &mapped,
        &[
            "<http://www.w3.org/ns/dcat#accessURL> <https://entrepot.example/r/2566/rapport.pdf>",
            "<http://www.w3.org/ns/dcat#mediaType> \"application/pdf\"",
        ],
    );
    expect_none(&mapped, &["151500"]);
    let several = record(
        "<dc:format>application/json</dc:format><dc:format>text/csv</dc:format><dc:relation>https://a.example/all.json</dc:relation><dc:relation>https://a.example/t.csv</dc:relation><dc:relation>https://a.example/x.zip</dc:relation>",
    );
    assert_eq!(rules(&several), ["distribution/ambiguous-format"]);
    let text = text(&several);
    assert_eq!(text.matches("\"text/csv\"").count(), 1);
    assert_eq!(text.matches("\"application/json\"").count(), 2, "{text}");
}

#[test]
fn what_cannot_be_published_is_refused_by_name() {
    for (body, rule) in [
        ("<dc><identifier>1</identifier></dc>", "record/no-title"),
        ("<dc><x/></dc>", "record/unreadable"),
        ("<dc><title>a", "record/unreadable"),
        ("", "record/unreadable"),
    ] {
        let error = map_bytes(body.as_bytes(), RecordFormat::DublinCore).unwrap_err();
        assert_eq!(error.rule, rule, "{body}");
    }
    let intranet = record("<dc:URI>http://carto.ddt.i2/x.zip</dc:URI>");
    assert_eq!(rules(&intranet), ["distribution/intranet-url"]);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        values in prop::collection::vec(("[a-zA-Z]{0,3}(coverage|spatial|BoundingBox|format|identifier|relation|date|rights|subject|references)?", "\\PC{0,40}"), 0..12),
        corners in "[-0-9. ,eE]{0,12}",
    ) {
        let inside: String = values.iter().map(|(name, value)| {
            let name = if name.is_empty() { "type" } else { name };
            format!("<dc:{name} crs=\"urn:x:4326\" scheme=\"x\">{}<ows:LowerCorner>{corners}</ows:LowerCorner><ows:UpperCorner>{corners}</ows:UpperCorner></dc:{name}>", value.replace(['<', '&', '>'], " "))
        }).collect();
        let body = format!("<csw:Record><dc:title>t</dc:title>{inside}</csw:Record>");
        let _ = map_bytes(body.as_bytes(), RecordFormat::DublinCore);
    }
}

/// Every record of Dublin Core of the corpus is published, or refused because it has no title.
#[test]
fn real_records_are_mapped() {
    let mut mapped_records = 0;
    let mut untitled = 0;
    for folder in ["corpus/oai-pmh", "corpus/csw-responses"] {
        let Some(root) = shared(folder) else { return };
        for file in files(&root, "xml") {
            let body = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
            for record in records(&body) {
                match map_bytes(record.as_bytes(), RecordFormat::DublinCore) {
                    Ok(mapped) => {
                        mapped_records += 1;
                        assert!(!lines(&mapped.entities[0]).is_empty());
                    }
                    Err(error) if error.rule == "record/no-title" => {
                        untitled += 1;
                        assert!(
                            !record.contains("title>") || record.contains("<dc:title></"),
                            "{}: {error}",
                            file.display()
                        );
                    }
                    Err(error) => panic!("{}: {error}", file.display()),
                }
            }
        }
    }
    eprintln!("{mapped_records} records mapped, {untitled} without a title");
    assert!(mapped_records > 250, "{mapped_records}");
}

/// The elements of a text that are records, cut out by their tags.
fn records(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for tag in [
        "csw:Record",
        "csw:SummaryRecord",
        "csw:BriefRecord",
        "oai_dc:dc",
    ] {
        let mut rest = text;
        while let Some(at) = rest.find(&format!("<{tag}")) {
            rest = &rest[at..];
            let end = format!("</{tag}>");
            let opens = rest[tag.len() + 1..].starts_with(['>', ' ', '\n', '\r', '\t']);
            let Some(length) = rest.find(&end).filter(|_| opens) else {
                rest = &rest[1..];
                continue;
            };
            found.push(&rest[..length + end.len()]);
            rest = &rest[length..];
        }
    }
    found
}

#[test]
fn long_texts_are_not_copied_for_each_address() {
    let addresses: String = (0..50)
        .map(|at| format!("<dc:URI>https://a.example/f{at}.csv</dc:URI>"))
        .collect();
    let long = "x".repeat(50_000);
    let mapped = record(&format!(
        "{addresses}<dc:format>CSV</dc:format><dc:format>{long}</dc:format><dc:rights>{long}</dc:rights>"
    ));
    let text = text(&mapped);
    assert!(text.len() < 200_000, "{}", text.len());
    assert_eq!(
        text.matches("<http://purl.org/dc/terms/rights> \"xxx")
            .count(),
        1
    );
    assert_eq!(
        text.matches("<http://purl.org/dc/terms/format> \"CSV\"")
            .count(),
        50
    );
    assert!(rules(&mapped).contains(&"format/not-a-format"));
}
