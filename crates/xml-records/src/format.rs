//! Which format of record an element is.

use model::RecordFormat;

use crate::xml::local;

pub const GMD: &str = "http://www.isotc211.org/2005/gmd";
pub const MDB: &str = "http://standards.iso.org/iso/19115/-3/mdb/";

/// By namespace; by local name where the namespace is a draft's, a profile's or a misspelt one. `iso_type` is the value of
/// `gco:isoType`: the class of ISO 19139 that a profile's class stands for.
pub fn format(namespace: &str, name: &str, iso_type: Option<&str>) -> Option<RecordFormat> {
    let name = local(name);
    let class = iso_type.map_or(name, local);
    let iso = matches!(class, "MD_Metadata" | "MI_Metadata")
        || name.ends_with("_MD_Metadata")
        || name.ends_with("_MI_Metadata");
    let rdf = namespace.contains("/22-rdf-syntax-ns");
    let dcat = namespace.contains("/ns/dcat");
    let dublin_core = namespace.contains("/cat/csw")
        || namespace.contains("oai_dc")
        || namespace.contains("purl.org/dc/");
    match name {
        _ if iso && (namespace.contains("19115/-3") || namespace.contains("19115-3")) => {
            Some(RecordFormat::Iso19115_3)
        }
        _ if iso => Some(RecordFormat::Iso19139),
        "RDF" | "Description" if rdf => Some(RecordFormat::DcatRdfXml),
        "Dataset" | "DataService" | "DatasetSeries" | "Catalog" | "CatalogRecord" if dcat => {
            Some(RecordFormat::DcatRdfXml)
        }
        "Record" | "SummaryRecord" | "BriefRecord" | "dc" | "simpledc" | "qualifieddc"
            if dublin_core =>
        {
            Some(RecordFormat::DublinCore)
        }
        // The roots of the containers of Dublin Core have namespaces of their own, and few servers agree on them.
        "dc" | "simpledc" | "qualifieddc" => Some(RecordFormat::DublinCore),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_namespace_and_name() {
        for (namespace, name, wanted) in [
            (GMD, "gmd:MD_Metadata", Some(RecordFormat::Iso19139)),
            (
                "https://www.isotc211.org/2005/gmd/",
                "MD_Metadata",
                Some(RecordFormat::Iso19139),
            ),
            (
                "http://standards.iso.org/iso/19115/-3/mdb/2.0",
                "m:MD_Metadata",
                Some(RecordFormat::Iso19115_3),
            ),
            (
                "http://www.opengis.net/cat/csw/3.0",
                "csw30:Record",
                Some(RecordFormat::DublinCore),
            ),
            (
                "http://www.openarchives.org/OAI/2.0/oai_dc/",
                "oai_dc:dc",
                Some(RecordFormat::DublinCore),
            ),
            (
                "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
                "rdf:RDF",
                Some(RecordFormat::DcatRdfXml),
            ),
            (
                "http://www.w3.org/ns/dcat#",
                "ns1:Dataset",
                Some(RecordFormat::DcatRdfXml),
            ),
            ("http://datacite.org/schema/kernel-4", "resource", None),
            ("http://www.loc.gov/MARC21/slim", "marc:record", None),
            ("urn:x", "Dataset", None),
            ("", "Record", None),
        ] {
            assert_eq!(format(namespace, name, None), wanted, "{namespace} {name}");
        }
        assert_eq!(
            format("urn:p", "p:Fiche", Some("gmd:MD_Metadata")),
            Some(RecordFormat::Iso19139)
        );
    }
}
