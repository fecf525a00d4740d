//! Whatever a client sends: an answer or an exception, no panic.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::tree::Element;
use super::{cql, fes, kvp, post};

/// Pieces of CQL, and of what breaks it.
const CQL: &[&str] = &[
    "dc:title",
    "dc:date",
    "dc:type",
    "AnyText",
    "ows:BoundingBox",
    "nom",
    "=",
    "<>",
    "<=",
    ">",
    "(",
    ")",
    ",",
    "AND",
    "or",
    "NOT",
    "LIKE",
    "BETWEEN",
    "IS NULL",
    "BBOX(",
    "INTERSECTS(",
    "POLYGON((",
    "ENVELOPE(",
    "'%eau%'",
    "'",
    "''",
    "\"",
    "1",
    "-1e308",
    "2024-01",
    "é",
    "\u{0}",
    "🌊",
];
/// Names of elements of requests and filters.
const NAMES: &[&str] = &[
    "csw:GetRecords",
    "csw:GetRecordById",
    "csw:GetDomain",
    "csw:DescribeRecord",
    "csw:GetCapabilities",
    "csw:Query",
    "csw:ElementSetName",
    "csw:ElementName",
    "csw:Constraint",
    "csw:CqlText",
    "csw:Id",
    "csw:PropertyName",
    "ogc:Filter",
    "ogc:And",
    "ogc:Or",
    "ogc:Not",
    "ogc:BBOX",
    "ogc:Intersects",
    "ogc:PropertyIsEqualTo",
    "ogc:PropertyIsLike",
    "ogc:PropertyIsBetween",
    "ogc:PropertyIsNull",
    "ogc:PropertyName",
    "ogc:Literal",
    "ogc:LowerBoundary",
    "ogc:UpperBoundary",
    "ogc:SortBy",
    "ogc:SortProperty",
    "ogc:SortOrder",
    "ogc:FeatureId",
    "gml:Envelope",
    "gml:lowerCorner",
    "gml:upperCorner",
    "gml:Polygon",
    "gml:posList",
];
const ATTRIBUTES: &[&str] = &[
    "service='CSW'",
    "version='2.0.2'",
    "maxRecords='-1'",
    "maxRecords='99999999999999999999'",
    "startPosition='18446744073709551615'",
    "resultType='hits'",
    "outputSchema='csw'",
    "typeNames='csw:Record'",
    "wildCard='*'",
    "singleChar='é'",
    "escapeChar='*'",
    "matchCase='false'",
    "srsName='urn:ogc:def:crs:EPSG::4326'",
    "srsName='::'",
    "fid='a'",
];
const TEXTS: &[&str] = &[
    "dc:title",
    "apiso:modified",
    "ows:BoundingBox",
    "csw:AnyText",
    "full",
    "x",
    "?",
    "*",
    "**é*",
    "????-??-??",
    "200?-1*",
    "1 2",
    "-180 90 nan",
    "1e400 2",
    "DESC",
    "&amp;",
    "&#0;",
    "&x;",
];
const KEYS: &[&str] = &[
    "service",
    "request",
    "version",
    "typenames",
    "id",
    "constraint",
    "constraintlanguage",
    "sortby",
    "startposition",
    "maxrecords",
    "resulttype",
    "outputschema",
    "elementsetname",
    "elementname",
    "propertyname",
    "parametername",
    "sections",
    "acceptversions",
];
const VALUES: &[&str] = &[
    "CSW",
    "GetRecords",
    "GetRecordById",
    "GetDomain",
    "GetCapabilities",
    "2.0.2",
    "csw:Record",
    "CQL_TEXT",
    "FILTER",
    "dc:title:D",
    ":A",
    ",,,",
    "0",
    "-1",
    "18446744073709551616",
    "dc:title like 'a%25'",
    "%3CFilter/%3E",
    "%ff%fe",
    "%",
    "full",
    "hits",
];

fn document() -> impl Strategy<Value = String> {
    let attributes = vec(select(ATTRIBUTES), 0..6).prop_map(|all| all.join(" "));
    let leaf =
        (select(NAMES), select(TEXTS)).prop_map(|(name, text)| format!("<{name}>{text}</{name}>"));
    leaf.prop_recursive(6, 60, 5, move |inner| {
        (select(NAMES), attributes.clone(), vec(inner, 0..5)).prop_map(
            |(name, attributes, inner)| format!("<{name} {attributes}>{}</{name}>", inner.concat()),
        )
    })
}

/// As a request with what it needs, so that more than its head is read.
fn request() -> impl Strategy<Value = String> {
    let root = select(&NAMES[..5]);
    let attributes = vec(select(ATTRIBUTES), 0..4).prop_map(|all| {
        let mut known = vec!["service='CSW'", "version='2.0.2'"];
        known.extend(
            all.iter()
                .filter(|one| !one.starts_with("service") && !one.starts_with("version")),
        );
        known.dedup();
        known.join(" ")
    });
    (root, attributes, vec(document(), 0..4)).prop_map(|(root, attributes, inner)| {
        format!(
            "<{root} xmlns:csw='http://www.opengis.net/cat/csw/2.0.2' xmlns:ogc='http://www.opengis.net/ogc' xmlns:gml='http://www.opengis.net/gml' {attributes}>\
             <csw:Query typeNames='csw:Record'><csw:Constraint version='1.1.0'><ogc:Filter>{0}</ogc:Filter></csw:Constraint></csw:Query>{0}</{root}>",
            inner.concat()
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        let _ = (kvp::read(&text), post::read(&text), cql::filter(&text));
        let _ = Element::parse(&text).map(|element| fes::filter(&element));
    }

    #[test]
    fn pieces_of_cql(pieces in vec(select(CQL), 0..40), apart in any::<bool>()) {
        let _ = cql::filter(&pieces.join(if apart { " " } else { "" }));
    }

    #[test]
    fn documents(whole in request(), cut in any::<prop::sample::Index>()) {
        let _ = post::read(&whole);
        let _ = Element::parse(&whole).map(|element| fes::filter(&element));
        let _ = post::read(whole.get(..cut.index(whole.len())).unwrap_or_default());
    }

    #[test]
    fn pairs(pairs in vec((select(KEYS), select(VALUES)), 0..12)) {
        let query: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let _ = kvp::read(&query.join("&"));
        let _ = kvp::read(&format!("service=CSW&version=2.0.2&request=GetRecords&typenames=csw:Record&{}", query.join("&")));
    }
}

/// Refused, without recursion or time that grows with it.
#[test]
fn what_is_deep_or_long_is_refused() {
    let deep = |open: &str, close: &str| {
        format!(
            "{}dc:title = 'a'{}",
            open.repeat(10_000),
            close.repeat(10_000)
        )
    };
    assert!(cql::filter(&deep("(", ")")).is_err());
    assert!(cql::filter(&deep("NOT ", "")).is_err());
    assert!(cql::filter(&"dc:title = 'a' OR ".repeat(100_000)).is_err());
    assert!(post::read(&"<a>".repeat(100_000)).is_err());
    let wide = format!("<a>{}</a>", "<b/>".repeat(100_000));
    assert!(post::read(&wide).is_err());
}
