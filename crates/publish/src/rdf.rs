//! The formats of RDF that are written.

use std::io::{self, Write};

use model::ns;
use oxrdfio::{JsonLdProfileSet, RdfFormat, RdfParser, RdfSerializer, WriterQuadSerializer};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    Turtle,
    RdfXml,
    JsonLd,
    NTriples,
    NQuads,
    TriG,
}

impl Format {
    /// Those in which the feed and the entities are offered.
    pub const PUBLISHED: [Self; 4] = [Self::Turtle, Self::RdfXml, Self::JsonLd, Self::NTriples];

    pub fn extension(self) -> &'static str {
        match self {
            Self::Turtle => "ttl",
            Self::RdfXml => "rdf",
            Self::JsonLd => "jsonld",
            Self::NTriples => "nt",
            Self::NQuads => "nq",
            Self::TriG => "trig",
        }
    }

    /// The format of a file's extension.
    pub fn parse(extension: &str) -> Option<Self> {
        [
            Self::Turtle,
            Self::RdfXml,
            Self::JsonLd,
            Self::NTriples,
            Self::NQuads,
        ]
        .into_iter()
        .find(|format| format.extension() == extension)
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Turtle => "text/turtle",
            Self::RdfXml => "application/rdf+xml",
            Self::JsonLd => "application/ld+json",
            Self::NTriples => "application/n-triples",
            Self::NQuads => "application/n-quads",
            Self::TriG => "application/trig",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Turtle => "text/turtle; charset=utf-8",
            other => other.media_type(),
        }
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Turtle => "Turtle",
            Self::RdfXml => "RDF/XML",
            Self::JsonLd => "JSON-LD",
            Self::NTriples => "N-Triples",
            Self::NQuads => "N-Quads",
            Self::TriG => "TriG",
        }
    }

    /// Whether N-Triples lines are this format as they are.
    pub(crate) fn is_lines(self) -> bool {
        matches!(self, Self::NTriples | Self::NQuads)
    }

    fn rdf(self) -> RdfFormat {
        match self {
            Self::Turtle => RdfFormat::Turtle,
            Self::RdfXml => RdfFormat::RdfXml,
            Self::JsonLd => RdfFormat::JsonLd {
                profile: JsonLdProfileSet::empty(),
            },
            Self::NTriples => RdfFormat::NTriples,
            Self::NQuads => RdfFormat::NQuads,
            Self::TriG => RdfFormat::TriG,
        }
    }
}

impl Format {
    /// Whether it says in which named graph a statement is.
    pub(crate) fn has_graphs(self) -> bool {
        matches!(self, Self::JsonLd | Self::NQuads | Self::TriG)
    }
}

/// Lines as one element of XML, to stand in another document.
pub(crate) fn element(text: &str) -> io::Result<String> {
    let mut writer = Writer::new(Format::RdfXml, Vec::new());
    writer.write(text)?;
    let document = String::from_utf8(writer.finish()?).map_err(io::Error::other)?;
    let at = document.find("<rdf:RDF").unwrap_or(0);
    Ok(document.get(at..).unwrap_or_default().to_owned())
}

/// Writes lines of N-Triples or N-Quads in a format, a part at a time. Triples about one subject have to follow one another.
pub(crate) struct Writer<W: Write>(WriterQuadSerializer<W>);

impl<W: Write> Writer<W> {
    pub fn new(format: Format, writer: W) -> Self {
        let mut serializer = RdfSerializer::from_format(format.rdf());
        for (name, namespace) in PREFIXES {
            // The names are a table of ours: one that is refused is only not used.
            serializer = match serializer.clone().with_prefix(*name, *namespace) {
                Ok(with) => with,
                Err(_) => serializer,
            };
        }
        Self(serializer.for_writer(writer))
    }

    /// Writes whole lines.
    pub fn write(&mut self, lines: &str) -> io::Result<()> {
        for quad in RdfParser::from_format(RdfFormat::NQuads).for_slice(lines) {
            match quad {
                Ok(quad) => self.0.serialize_quad(&quad)?,
                Err(error) => {
                    tracing::error!(%error, "a line of the archive is no N-Triples and was left out")
                }
            }
        }
        Ok(())
    }

    pub fn finish(self) -> io::Result<W> {
        self.0.finish()
    }
}

const PREFIXES: &[(&str, &str)] = &[
    ("adms", ns::adms::NAMESPACE),
    ("as", "https://www.w3.org/ns/activitystreams#"),
    ("cnt", ns::cnt::NAMESPACE),
    ("dcat", ns::dcat::NAMESPACE),
    ("dcatap", ns::dcatap::NAMESPACE),
    ("dct", ns::dcterms::NAMESPACE),
    ("dqv", ns::dqv::NAMESPACE),
    ("eli", ns::eli::NAMESPACE),
    ("foaf", ns::foaf::NAMESPACE),
    ("geodcatap", ns::geodcatap::NAMESPACE),
    ("gsp", ns::gsp::NAMESPACE),
    ("hydra", ns::hydra::NAMESPACE),
    ("ldes", "https://w3id.org/ldes#"),
    ("locn", ns::locn::NAMESPACE),
    ("org", ns::org::NAMESPACE),
    ("owl", ns::owl::NAMESPACE),
    ("prov", ns::prov::NAMESPACE),
    ("rdfs", ns::rdfs::NAMESPACE),
    ("schema", ns::schema::NAMESPACE),
    ("sdmx-attribute", ns::sdmx_attribute::NAMESPACE),
    ("skos", ns::skos::NAMESPACE),
    ("spdx", ns::spdx::NAMESPACE),
    ("tree", "https://w3id.org/tree#"),
    ("vcard", ns::vcard::NAMESPACE),
    ("void", "http://rdfs.org/ns/void#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// A term of one of the vocabularies, with the prefix that people know it by.
pub(crate) fn curie(iri: &str) -> String {
    PREFIXES
        .iter()
        .find_map(|(name, namespace)| {
            let local = iri.strip_prefix(namespace)?;
            (!local.is_empty() && !local.contains(['/', '#'])).then(|| format!("{name}:{local}"))
        })
        .unwrap_or_else(|| iri.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_is_accepted() {
        for (name, namespace) in PREFIXES {
            assert!(
                RdfSerializer::from_format(RdfFormat::Turtle)
                    .with_prefix(*name, *namespace)
                    .is_ok(),
                "{name}"
            );
        }
    }

    #[test]
    fn every_format_says_the_same() {
        let lines = concat!(
            "<https://a.example/1> <http://purl.org/dc/terms/title> \"L\\u2019eau & \\\"<b>\\\"\\n\"@fr .\n",
            "<https://a.example/1> <http://www.w3.org/ns/dcat#theme> <https://a.example/t?a=1&b=2> .\n",
            "<https://a.example/2> <http://purl.org/dc/terms/issued> \"2024-01-01\"^^<http://www.w3.org/2001/XMLSchema#date> .\n",
        );
        let read = |format: RdfFormat, text: &[u8]| {
            let mut quads: Vec<String> = RdfParser::from_format(format)
                .for_slice(text)
                .map(|quad| quad.expect("valid").to_string())
                .collect();
            quads.sort();
            quads
        };
        let expected = read(RdfFormat::NTriples, lines.as_bytes());
        for format in [
            Format::Turtle,
            Format::RdfXml,
            Format::JsonLd,
            Format::NTriples,
            Format::NQuads,
        ] {
            let mut writer = Writer::new(format, Vec::new());
            writer.write(lines).expect("write");
            let text = writer.finish().expect("finish");
            assert_eq!(read(format.rdf(), &text), expected, "{format:?}");
        }
    }
}
