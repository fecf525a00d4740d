//! The formats of results.

use oxigraph::io::{JsonLdProfileSet, RdfFormat};
use oxigraph::sparql::results::QueryResultsFormat;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Format {
    Json,
    Xml,
    Csv,
    Tsv,
    Turtle,
    NTriples,
    RdfXml,
    JsonLd,
    NQuads,
    TriG,
}

impl Format {
    /// Formats for solutions and for booleans; the first is the default.
    pub const TABLES: [Self; 4] = [Self::Json, Self::Xml, Self::Csv, Self::Tsv];
    /// Formats for graphs; the first is the default.
    pub const GRAPHS: [Self; 6] = [
        Self::Turtle,
        Self::NTriples,
        Self::RdfXml,
        Self::JsonLd,
        Self::NQuads,
        Self::TriG,
    ];

    /// The media type, without parameters.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/sparql-results+json",
            Self::Xml => "application/sparql-results+xml",
            Self::Csv => "text/csv",
            Self::Tsv => "text/tab-separated-values",
            Self::Turtle => "text/turtle",
            Self::NTriples => "application/n-triples",
            Self::RdfXml => "application/rdf+xml",
            Self::JsonLd => "application/ld+json",
            Self::NQuads => "application/n-quads",
            Self::TriG => "application/trig",
        }
    }

    /// The media type as it is sent: text has its character encoding.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Tsv => "text/tab-separated-values; charset=utf-8",
            Self::Turtle => "text/turtle; charset=utf-8",
            other => other.media_type(),
        }
    }

    /// Its IRI, for a service description: <https://www.w3.org/ns/formats/>
    pub fn iri(self) -> &'static str {
        match self {
            Self::Json => "http://www.w3.org/ns/formats/SPARQL_Results_JSON",
            Self::Xml => "http://www.w3.org/ns/formats/SPARQL_Results_XML",
            Self::Csv => "http://www.w3.org/ns/formats/SPARQL_Results_CSV",
            Self::Tsv => "http://www.w3.org/ns/formats/SPARQL_Results_TSV",
            Self::Turtle => "http://www.w3.org/ns/formats/Turtle",
            Self::NTriples => "http://www.w3.org/ns/formats/N-Triples",
            Self::RdfXml => "http://www.w3.org/ns/formats/RDF_XML",
            Self::JsonLd => "http://www.w3.org/ns/formats/JSON-LD",
            Self::NQuads => "http://www.w3.org/ns/formats/N-Quads",
            Self::TriG => "http://www.w3.org/ns/formats/TriG",
        }
    }

    pub(crate) fn table(self) -> Option<QueryResultsFormat> {
        Some(match self {
            Self::Json => QueryResultsFormat::Json,
            Self::Xml => QueryResultsFormat::Xml,
            Self::Csv => QueryResultsFormat::Csv,
            Self::Tsv => QueryResultsFormat::Tsv,
            _ => return None,
        })
    }

    /// The serialisation of a graph in this format.
    pub fn graph(self) -> Option<RdfFormat> {
        Some(match self {
            Self::Turtle => RdfFormat::Turtle,
            Self::NTriples => RdfFormat::NTriples,
            Self::RdfXml => RdfFormat::RdfXml,
            Self::JsonLd => RdfFormat::JsonLd {
                profile: JsonLdProfileSet::empty(),
            },
            Self::NQuads => RdfFormat::NQuads,
            Self::TriG => RdfFormat::TriG,
            _ => return None,
        })
    }
}

/// The format chosen for each kind of result; none where the client accepts none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Formats {
    pub solutions: Option<Format>,
    pub boolean: Option<Format>,
    pub graph: Option<Format>,
}

impl Default for Formats {
    fn default() -> Self {
        Self {
            solutions: Some(Format::Json),
            boolean: Some(Format::Json),
            graph: Some(Format::Turtle),
        }
    }
}
