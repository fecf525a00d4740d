//! The formats in which records are given.

/// A metadata format, known by its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    DublinCore,
    DcatAp,
    Iso19139,
}

impl Format {
    pub const ALL: [Self; 3] = [Self::DublinCore, Self::DcatAp, Self::Iso19139];

    pub fn prefix(self) -> &'static str {
        match self {
            Self::DublinCore => "oai_dc",
            Self::DcatAp => "dcat_ap",
            Self::Iso19139 => "iso19139",
        }
    }

    pub fn parse(prefix: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.prefix() == prefix)
    }

    pub fn schema(self) -> &'static str {
        match self {
            Self::DublinCore => "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
            // RDF/XML has no schema that tells DCAT-AP: shapes do.
            Self::DcatAp => "http://www.openarchives.org/OAI/2.0/rdf.xsd",
            Self::Iso19139 => "http://schemas.opengis.net/iso/19139/20070417/gmd/gmd.xsd",
        }
    }

    pub fn namespace(self) -> &'static str {
        match self {
            Self::DublinCore => "http://www.openarchives.org/OAI/2.0/oai_dc/",
            Self::DcatAp => "http://data.europa.eu/r5r/",
            Self::Iso19139 => represent::iso19139::NAMESPACE,
        }
    }
}
