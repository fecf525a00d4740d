//! Content negotiation: <https://www.rfc-editor.org/rfc/rfc9110#section-12>

use axum::http::{HeaderMap, header};
use graph::{Format, Formats};

/// The media ranges that a client accepts. None at all means that it takes anything.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Accept(Vec<Range>);

#[derive(Debug, Clone, PartialEq)]
struct Range {
    kind: String,
    subtype: String,
    /// From 0 to 1000.
    quality: u16,
}

/// A format, and the name under which the client asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    pub format: Format,
    pub content_type: &'static str,
}

/// The choice for each kind of result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choices {
    pub table: Option<Choice>,
    pub graph: Option<Choice>,
}

impl Choices {
    pub fn formats(&self) -> Formats {
        Formats {
            solutions: self.table.map(|choice| choice.format),
            boolean: self.table.map(|choice| choice.format),
            graph: self.graph.map(|choice| choice.format),
        }
    }

    pub fn content_type(&self, format: Format) -> &'static str {
        [self.table, self.graph]
            .into_iter()
            .flatten()
            .find(|choice| choice.format == format)
            .map_or(format.content_type(), |choice| choice.content_type)
    }
}

/// Reads the `Accept` header. What cannot be read of it is passed over.
pub(crate) fn header(headers: &HeaderMap) -> Accept {
    let values = headers.get_all(header::ACCEPT);
    Accept(
        values
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .take(MAX_RANGES)
            .filter_map(range)
            .collect(),
    )
}

/// Chooses a format for tables and one for graphs. A name given in the query string goes before the header.
pub(crate) fn choose(accept: &Accept, name: Option<&str>) -> Choices {
    let named = |names: &[(&str, Format)]| {
        let name = name?;
        let known = names
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(Choice {
            format: known.1,
            content_type: known.1.content_type(),
        })
    };
    let typed = |offers: &[Offer]| {
        let name = name.filter(|name| name.contains('/'))?;
        // A plus sign in a query string is a blank, and few clients escape it.
        Accept(range(&name.replace(' ', "+")).into_iter().collect()).best(offers)
    };
    Choices {
        table: named(&TABLE_NAMES)
            .or_else(|| typed(&TABLES))
            .or_else(|| accept.best(&TABLES)),
        graph: named(&GRAPH_NAMES)
            .or_else(|| typed(&GRAPHS))
            .or_else(|| accept.best(&GRAPHS)),
    }
}

/// The formats of this name alone, as in the extension of an address; none where nothing is called so.
pub(crate) fn named(name: &str) -> Option<Choices> {
    let of = |names: &[(&str, Format)]| {
        let format = names.iter().find(|(known, _)| *known == name)?.1;
        Some(Choice {
            format,
            content_type: format.content_type(),
        })
    };
    let choices = Choices {
        table: of(&TABLE_NAMES),
        graph: of(&GRAPH_NAMES),
    };
    (choices.table.is_some() || choices.graph.is_some()).then_some(choices)
}

impl Accept {
    /// The offer of the greatest quality; among equals one that is named exactly, then the first.
    fn best(&self, offers: &[Offer]) -> Option<Choice> {
        let mut best: Option<(u16, u8, &Offer)> = None;
        for offer in offers {
            let Some((quality, precision)) = self.quality(offer.0) else {
                continue;
            };
            let better = best.is_none_or(|(q, p, _)| (quality, precision) > (q, p));
            if quality > 0 && better {
                best = Some((quality, precision, offer));
            }
        }
        best.map(|(_, _, offer)| Choice {
            format: offer.1,
            content_type: offer.2,
        })
    }

    /// The quality of a media type, from the range that matches it most precisely.
    fn quality(&self, media_type: &str) -> Option<(u16, u8)> {
        if self.0.is_empty() {
            return Some((1000, 0));
        }
        let (kind, subtype) = media_type.split_once('/')?;
        self.0
            .iter()
            .filter_map(|range| {
                let precision = if range.kind == kind && range.subtype == subtype {
                    2
                } else if range.kind == kind && range.subtype == "*" {
                    1
                } else if range.kind == "*" {
                    0
                } else {
                    return None;
                };
                Some((range.quality, precision))
            })
            .max_by_key(|(quality, precision)| (*precision, *quality))
    }

    /// Whether it is a browser that asks.
    pub fn prefers_html(&self) -> bool {
        let named = self
            .0
            .iter()
            .any(|range| range.kind == "text" && range.subtype == "html" && range.quality > 0);
        let html = self.quality("text/html").map_or(0, |(quality, _)| quality);
        let rdf = GRAPHS
            .iter()
            .filter_map(|offer| self.quality(offer.0))
            .map(|(quality, _)| quality)
            .max();
        named && html >= rdf.unwrap_or(0)
    }
}

fn range(text: &str) -> Option<Range> {
    let mut parts = text.split(';').map(str::trim);
    let (kind, subtype) = parts.next()?.split_once('/')?;
    let mut quality = 1000;
    for parameter in parts {
        if let Some((name, value)) = parameter.split_once('=')
            && name.trim().eq_ignore_ascii_case("q")
        {
            let value: f32 = value.trim().parse().ok()?;
            quality = (value.clamp(0.0, 1.0) * 1000.0).round() as u16;
        }
    }
    Some(Range {
        kind: kind.trim().to_ascii_lowercase(),
        subtype: subtype.trim().to_ascii_lowercase(),
        quality,
    })
}

/// A media type that clients ask for, the format, and the content type that is sent.
type Offer = (&'static str, Format, &'static str);

const TABLES: [Offer; 8] = [
    (
        "application/sparql-results+json",
        Format::Json,
        "application/sparql-results+json",
    ),
    ("application/json", Format::Json, "application/json"),
    (
        "application/sparql-results+xml",
        Format::Xml,
        "application/sparql-results+xml",
    ),
    ("application/xml", Format::Xml, "application/xml"),
    ("text/xml", Format::Xml, "text/xml; charset=utf-8"),
    ("text/csv", Format::Csv, "text/csv; charset=utf-8"),
    (
        "text/tab-separated-values",
        Format::Tsv,
        "text/tab-separated-values; charset=utf-8",
    ),
    ("text/json", Format::Json, "application/json"),
];

const GRAPHS: [Offer; 13] = [
    ("text/turtle", Format::Turtle, "text/turtle; charset=utf-8"),
    (
        "application/x-turtle",
        Format::Turtle,
        "text/turtle; charset=utf-8",
    ),
    (
        "application/n-triples",
        Format::NTriples,
        "application/n-triples",
    ),
    ("application/rdf+xml", Format::RdfXml, "application/rdf+xml"),
    ("application/ld+json", Format::JsonLd, "application/ld+json"),
    ("application/n-quads", Format::NQuads, "application/n-quads"),
    ("application/trig", Format::TriG, "application/trig"),
    ("application/xml", Format::RdfXml, "application/xml"),
    ("text/xml", Format::RdfXml, "text/xml; charset=utf-8"),
    ("application/json", Format::JsonLd, "application/json"),
    ("text/plain", Format::NTriples, "text/plain; charset=utf-8"),
    ("text/x-nquads", Format::NQuads, "application/n-quads"),
    ("application/x-trig", Format::TriG, "application/trig"),
];

const TABLE_NAMES: [(&str, Format); 6] = [
    ("json", Format::Json),
    ("srj", Format::Json),
    ("xml", Format::Xml),
    ("srx", Format::Xml),
    ("csv", Format::Csv),
    ("tsv", Format::Tsv),
];

const GRAPH_NAMES: [(&str, Format); 14] = [
    ("turtle", Format::Turtle),
    ("ttl", Format::Turtle),
    ("n3", Format::Turtle),
    ("ntriples", Format::NTriples),
    ("nt", Format::NTriples),
    ("rdf", Format::RdfXml),
    ("rdf+xml", Format::RdfXml),
    ("xml", Format::RdfXml),
    ("jsonld", Format::JsonLd),
    ("json-ld", Format::JsonLd),
    ("json", Format::JsonLd),
    ("nquads", Format::NQuads),
    ("nq", Format::NQuads),
    ("trig", Format::TriG),
];

const MAX_RANGES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &'static str, name: Option<&str>) -> (Option<Format>, Option<Format>) {
        let mut headers = HeaderMap::new();
        if !accept.is_empty() {
            headers.insert(header::ACCEPT, accept.parse().expect("a header"));
        }
        let choices = choose(&self::header(&headers), name);
        (
            choices.table.map(|choice| choice.format),
            choices.graph.map(|choice| choice.format),
        )
    }

    #[test]
    fn quality_then_precision_then_our_order() {
        use Format::*;
        for (accept, table, graph) in [
            ("", Some(Json), Some(Turtle)),
            ("*/*", Some(Json), Some(Turtle)),
            ("text/csv, */*", Some(Csv), Some(Turtle)),
            ("text/csv;q=0.1, */*;q=0.5", Some(Json), Some(Turtle)),
            ("text/*", Some(Xml), Some(Turtle)),
            ("application/xml", Some(Xml), Some(RdfXml)),
            ("application/json", Some(Json), Some(JsonLd)),
            (
                "Application/RDF+XML;q=0.9, text/turtle;q=0.8",
                None,
                Some(RdfXml),
            ),
            (
                "application/sparql-results+json;q=0, */*",
                Some(Json),
                Some(Turtle),
            ),
            (
                "application/sparql-results+xml ; q=1.0 , application/sparql-results+json; q=0.9",
                Some(Xml),
                None,
            ),
            ("image/png", None, None),
            ("text/plain", None, Some(NTriples)),
            ("text/csv;q=abc, text/tab-separated-values", Some(Tsv), None),
        ] {
            assert_eq!(chosen(accept, None), (table, graph), "{accept}");
        }
    }

    #[test]
    fn a_name_goes_before_the_header_where_it_fits() {
        use Format::*;
        assert_eq!(chosen("text/csv", Some("XML")), (Some(Xml), Some(RdfXml)));
        assert_eq!(chosen("text/csv", Some("ttl")), (Some(Csv), Some(Turtle)));
        assert_eq!(
            chosen("", Some("application/sparql-results xml")),
            (Some(Xml), Some(Turtle))
        );
        assert_eq!(chosen("", Some("nonsense")), (Some(Json), Some(Turtle)));
    }

    #[test]
    fn browsers_are_known_by_what_they_prefer() {
        let prefers = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().expect("a header"));
            header_of(&headers)
        };
        assert!(prefers(
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        ));
        assert!(!prefers("*/*"));
        assert!(!prefers("text/turtle, text/html;q=0.5"));
    }

    fn header_of(headers: &HeaderMap) -> bool {
        self::header(headers).prefers_html()
    }
}
