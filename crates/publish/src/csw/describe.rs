//! What the catalogue says of itself: GetCapabilities, DescribeRecord.

use represent::Xml;

use super::DECLARATION;
use super::names::{DUBLIN_CORE, ISO};
use super::request::{MAX_PAGE, Schema, Type};
use super::scope::Scope;
use crate::site::Site;

const OPERATIONS: [&str; 5] = [
    "GetCapabilities",
    "DescribeRecord",
    "GetDomain",
    "GetRecords",
    "GetRecordById",
];
const SECTIONS: [&str; 4] = [
    "ServiceIdentification",
    "ServiceProvider",
    "OperationsMetadata",
    "Filter_Capabilities",
];
const SETS: [&str; 3] = ["brief", "summary", "full"];
const FORMATS: [&str; 1] = ["application/xml"];
const LANGUAGES: [&str; 1] = ["http://www.w3.org/XML/Schema"];
const TYPES: [&str; 2] = ["csw:Record", "gmd:MD_Metadata"];

/// The values of a parameter of an operation, as `GetRecords.outputSchema`.
pub(super) fn parameter(name: &str) -> Option<Vec<&'static str>> {
    let (operation, parameter) = name.split_once('.')?;
    OPERATIONS
        .iter()
        .find(|known| known.eq_ignore_ascii_case(operation))
        .and_then(|operation| {
            parameters(operation)
                .into_iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(parameter))
        })
        .map(|(_, values)| values)
}

fn parameters(operation: &str) -> Vec<(&'static str, Vec<&'static str>)> {
    let schemas = || Schema::ALL.map(Schema::address).to_vec();
    match operation {
        "GetCapabilities" => vec![("sections", SECTIONS.to_vec())],
        "DescribeRecord" => vec![
            ("typeName", TYPES.to_vec()),
            ("outputFormat", FORMATS.to_vec()),
            ("schemaLanguage", LANGUAGES.to_vec()),
        ],
        "GetRecords" => vec![
            ("resultType", vec!["hits", "results", "validate"]),
            ("outputFormat", FORMATS.to_vec()),
            ("outputSchema", schemas()),
            ("typeNames", TYPES.to_vec()),
            ("CONSTRAINTLANGUAGE", vec!["FILTER", "CQL_TEXT"]),
            ("ElementSetName", SETS.to_vec()),
        ],
        "GetRecordById" => vec![
            ("outputFormat", FORMATS.to_vec()),
            ("outputSchema", schemas()),
            ("ElementSetName", SETS.to_vec()),
        ],
        "GetDomain" => vec![(
            "ParameterName",
            vec![
                "GetRecords.outputSchema",
                "GetRecords.ElementSetName",
                "GetRecords.resultType",
                "GetRecords.typeNames",
            ],
        )],
        _ => Vec::new(),
    }
}

pub(super) fn capabilities(
    site: &Site,
    scope: &Scope,
    address: &str,
    position: i64,
    sections: &[String],
) -> String {
    let wanted = |section: &str| {
        let named =
            |name: &String| name.eq_ignore_ascii_case(section) || name.eq_ignore_ascii_case("all");
        sections.iter().all(String::is_empty) || sections.iter().any(named)
    };
    let mut xml = Xml::new();
    xml.raw(DECLARATION);
    let position = position.to_string();
    let attributes = [
        ("xmlns:csw", represent::dublin_core::NAMESPACE),
        ("xmlns:ows", "http://www.opengis.net/ows"),
        ("xmlns:ogc", "http://www.opengis.net/ogc"),
        ("xmlns:gml", "http://www.opengis.net/gml"),
        ("xmlns:gmd", represent::iso19139::NAMESPACE),
        ("xmlns:apiso", "http://www.opengis.net/cat/csw/apiso/1.0"),
        ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
        ("xmlns:dct", "http://purl.org/dc/terms/"),
        ("xmlns:xlink", "http://www.w3.org/1999/xlink"),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
        ("version", "2.0.2"),
        ("updateSequence", &position),
        (
            "xsi:schemaLocation",
            "http://www.opengis.net/cat/csw/2.0.2 http://schemas.opengis.net/csw/2.0.2/CSW-discovery.xsd",
        ),
    ];
    xml.within("csw:Capabilities", &attributes, |xml| {
        if wanted("ServiceIdentification") {
            identification(xml, site, scope);
        }
        if wanted("ServiceProvider") {
            xml.within("ows:ServiceProvider", &[], |xml| {
                xml.leaf("ows:ProviderName", &[], &site.publisher);
                xml.empty(
                    "ows:ProviderSite",
                    &[("xlink:type", "simple"), ("xlink:href", site.minter.base())],
                );
                xml.empty("ows:ServiceContact", &[]);
            });
        }
        if wanted("OperationsMetadata") {
            operations(xml, address);
        }
        // Its schema does not let it be left out.
        filters(xml);
    });
    xml.finish()
}

fn identification(xml: &mut Xml, site: &Site, scope: &Scope) {
    let title = match &scope.title {
        Some(part) => format!("{} : {part}", site.title),
        None => site.title.clone(),
    };
    xml.within("ows:ServiceIdentification", &[], |xml| {
        xml.leaf("ows:Title", &[], &title);
        xml.leaf("ows:Abstract", &[], &site.description);
        xml.within("ows:Keywords", &[], |xml| {
            xml.leaf("ows:Keyword", &[], "catalogue");
            xml.leaf("ows:Keyword", &[], "DCAT-AP");
        });
        xml.leaf("ows:ServiceType", &[("codeSpace", "OGC")], "CSW");
        xml.leaf("ows:ServiceTypeVersion", &[], "2.0.2");
        xml.leaf("ows:Fees", &[], "NONE");
        xml.leaf("ows:AccessConstraints", &[], "NONE");
    });
}

fn operations(xml: &mut Xml, address: &str) {
    xml.within("ows:OperationsMetadata", &[], |xml| {
        for operation in OPERATIONS {
            xml.within("ows:Operation", &[("name", operation)], |xml| {
                xml.within("ows:DCP", &[], |xml| {
                    xml.within("ows:HTTP", &[], |xml| {
                        xml.empty(
                            "ows:Get",
                            &[("xlink:type", "simple"), ("xlink:href", address)],
                        );
                        xml.within(
                            "ows:Post",
                            &[("xlink:type", "simple"), ("xlink:href", address)],
                            |xml| {
                                values(xml, "ows:Constraint", "PostEncoding", &["XML"]);
                            },
                        );
                    });
                });
                for (name, of) in parameters(operation) {
                    values(xml, "ows:Parameter", name, &of);
                }
                if operation == "GetRecords" {
                    values(
                        xml,
                        "ows:Constraint",
                        "SupportedDublinCoreQueryables",
                        DUBLIN_CORE,
                    );
                    values(xml, "ows:Constraint", "SupportedISOQueryables", ISO);
                }
            });
        }
        values(xml, "ows:Parameter", "service", &["CSW"]);
        values(xml, "ows:Parameter", "version", &["2.0.2"]);
        values(xml, "ows:Constraint", "MaxRecordDefault", &["10"]);
        values(
            xml,
            "ows:Constraint",
            "MaxRecords",
            &[&MAX_PAGE.to_string()],
        );
        values(
            xml,
            "ows:Constraint",
            "IsoProfiles",
            &["http://www.isotc211.org/2005/gmd"],
        );
    });
}

fn values(xml: &mut Xml, element: &str, name: &str, values: &[&str]) {
    xml.within(element, &[("name", name)], |xml| {
        for value in values {
            xml.leaf("ows:Value", &[], value);
        }
    });
}

fn filters(xml: &mut Xml) {
    let spatial = [
        "BBOX",
        "Intersects",
        "Within",
        "Contains",
        "Disjoint",
        "Equals",
        "Overlaps",
        "Touches",
        "Crosses",
    ];
    let comparison = [
        "Between",
        "EqualTo",
        "GreaterThan",
        "GreaterThanEqualTo",
        "LessThan",
        "LessThanEqualTo",
        "Like",
        "NotEqualTo",
        "NullCheck",
    ];
    xml.within("ogc:Filter_Capabilities", &[], |xml| {
        xml.within("ogc:Spatial_Capabilities", &[], |xml| {
            xml.within("ogc:GeometryOperands", &[], |xml| {
                for operand in ["gml:Point", "gml:LineString", "gml:Polygon", "gml:Envelope"] {
                    xml.leaf("ogc:GeometryOperand", &[], operand);
                }
            });
            xml.within("ogc:SpatialOperators", &[], |xml| {
                for operator in spatial {
                    xml.empty("ogc:SpatialOperator", &[("name", operator)]);
                }
            });
        });
        xml.within("ogc:Scalar_Capabilities", &[], |xml| {
            xml.empty("ogc:LogicalOperators", &[]);
            xml.within("ogc:ComparisonOperators", &[], |xml| {
                for operator in comparison {
                    xml.leaf("ogc:ComparisonOperator", &[], operator);
                }
            });
        });
        xml.within("ogc:Id_Capabilities", &[], |xml| {
            xml.empty("ogc:EID", &[]);
            xml.empty("ogc:FID", &[]);
        });
    });
}

/// The schemas of records, where they are published: they are OGC's, and too large to repeat.
pub(super) fn records(types: Option<&[Type]>) -> String {
    let all = [Type::DublinCore, Type::Iso];
    let mut xml = Xml::new();
    xml.raw(DECLARATION);
    xml.within(
        "csw:DescribeRecordResponse",
        &[("xmlns:csw", represent::dublin_core::NAMESPACE)],
        |xml| {
            for kind in all
                .into_iter()
                .filter(|kind| types.is_none_or(|types| types.contains(kind)))
            {
                let (namespace, address) = match kind {
                    Type::DublinCore => (
                        represent::dublin_core::NAMESPACE,
                        "http://schemas.opengis.net/csw/2.0.2/record.xsd",
                    ),
                    Type::Iso => (
                        represent::iso19139::NAMESPACE,
                        "http://schemas.opengis.net/iso/19139/20070417/gmd/gmd.xsd",
                    ),
                };
                let attributes = [
                    ("targetNamespace", namespace),
                    ("schemaLanguage", LANGUAGES[0]),
                ];
                xml.within("csw:SchemaComponent", &attributes, |xml| {
                    let attributes = [
                        ("xmlns:xs", "http://www.w3.org/2001/XMLSchema"),
                        ("targetNamespace", namespace),
                        ("elementFormDefault", "qualified"),
                    ];
                    xml.within("xs:schema", &attributes, |xml| {
                        xml.empty("xs:include", &[("schemaLocation", address)]);
                    });
                });
            }
        },
    );
    xml.finish()
}
