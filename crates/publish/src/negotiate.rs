//! Content negotiation: <https://www.rfc-editor.org/rfc/rfc9110#section-12>

use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use report::Lang;

use crate::failure::Failure;
use crate::rdf::Format;

/// In what form something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Html,
    Rdf(Format),
}

impl Form {
    pub fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Rdf(format) => format.extension(),
        }
    }

    /// The form of a file's extension.
    pub fn parse(extension: &str) -> Option<Self> {
        match extension {
            "html" => Some(Self::Html),
            _ => Format::parse(extension)
                .filter(|format| Format::PUBLISHED.contains(format))
                .map(Self::Rdf),
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Rdf(format) => format.content_type(),
        }
    }
}

/// What is offered, best first; a client without preference gets the first.
const OFFERS: &[(&str, Form)] = &[
    ("text/turtle", Form::Rdf(Format::Turtle)),
    ("application/rdf+xml", Form::Rdf(Format::RdfXml)),
    ("application/ld+json", Form::Rdf(Format::JsonLd)),
    ("application/n-triples", Form::Rdf(Format::NTriples)),
    ("text/html", Form::Html),
    ("application/xhtml+xml", Form::Html),
    ("application/x-turtle", Form::Rdf(Format::Turtle)),
    ("application/xml", Form::Rdf(Format::RdfXml)),
    ("text/xml", Form::Rdf(Format::RdfXml)),
    ("application/json", Form::Rdf(Format::JsonLd)),
    ("text/plain", Form::Rdf(Format::NTriples)),
];

/// The formats of whole graphs, best first.
pub(crate) const GRAPHS: &[(&str, Format)] = &[
    ("text/turtle", Format::Turtle),
    ("application/n-triples", Format::NTriples),
    ("application/rdf+xml", Format::RdfXml),
    ("application/ld+json", Format::JsonLd),
    ("application/x-turtle", Format::Turtle),
    ("application/xml", Format::RdfXml),
    ("text/xml", Format::RdfXml),
    ("application/json", Format::JsonLd),
    ("text/plain", Format::NTriples),
];

/// Why nothing of [`GRAPHS`] is sent.
pub(crate) fn not_acceptable_graph() -> Failure {
    let offered: Vec<_> = Format::PUBLISHED
        .into_iter()
        .map(Format::media_type)
        .collect();
    Failure::new(
        StatusCode::NOT_ACCEPTABLE,
        format!("this is offered as {}", offered.join(", ")),
        "Cette ressource existe en Turtle, N-Triples, RDF/XML et JSON-LD.",
    )
    .with(header::VARY, "accept")
}

/// The form that the client prefers; none when it accepts nothing that is offered.
pub(crate) fn choose(headers: &HeaderMap) -> Option<Form> {
    best(headers, OFFERS)
}

/// The one of the offers, best first, that the client prefers.
pub(crate) fn best<T: Copy>(headers: &HeaderMap, offers: &[(&str, T)]) -> Option<T> {
    let ranges = ranges(headers);
    let mut best: Option<((u16, u8), T)> = None;
    for (media_type, form) in offers {
        if let Some(rank) = rank(&ranges, media_type)
            && rank.0 > 0
            && best.is_none_or(|(known, _)| rank > known)
        {
            best = Some((rank, *form));
        }
    }
    best.map(|(_, form)| form)
}

/// The language that the client prefers; French for one without preference.
pub(crate) fn language(headers: &HeaderMap) -> Lang {
    let mut best: Option<(u16, Lang)> = None;
    for (tag, quality) in weighed(headers, header::ACCEPT_LANGUAGE) {
        if let Ok(lang) = tag.parse::<Lang>()
            && quality > best.map_or(0, |(known, _)| known)
        {
            best = Some((quality, lang));
        }
    }
    best.map_or(Lang::Fr, |(_, lang)| lang)
}

/// Whether a failure should be shown as a page.
pub(crate) fn prefers_html(headers: &HeaderMap) -> bool {
    let named = ranges(headers)
        .iter()
        .any(|range| range.media_type == "text/html" && range.quality > 0);
    named && choose(headers) == Some(Form::Html)
}

struct Range {
    media_type: String,
    /// From 0 to 1000.
    quality: u16,
}

fn ranges(headers: &HeaderMap) -> Vec<Range> {
    weighed(headers, header::ACCEPT)
        .filter(|(media_type, _)| media_type.contains('/'))
        .map(|(media_type, quality)| Range {
            media_type,
            quality,
        })
        .collect()
}

/// What a header lists, in lower case, each with its quality from 0 to 1000.
fn weighed(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = (String, u16)> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .take(MAX_RANGES)
        .filter_map(|range| {
            let mut parts = range.split(';');
            let what = parts.next()?.trim().to_ascii_lowercase();
            Some((what, quality(parts)?))
        })
}

/// The quality that parameters say, from 0 to 1000.
fn quality<'p>(parameters: impl Iterator<Item = &'p str>) -> Option<u16> {
    parameters
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .map_or(Some(1.0), |(_, quality)| quality.trim().parse::<f32>().ok())
        .filter(|quality| (0.0..=1.0).contains(quality))
        .map(|quality| (quality * 1000.0) as u16)
}

/// The IRIs of profiles that the client asks for, each with its quality from 0 to 1000: `Accept-Profile: <IRI>;q=0.9`.
pub(crate) fn profiles(headers: &HeaderMap) -> Vec<(String, u16)> {
    headers
        .get_all("accept-profile")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split('<').skip(1))
        .take(MAX_RANGES)
        .filter_map(|range| {
            let (iri, rest) = range.split_once('>')?;
            let parameters = rest.split(',').next().unwrap_or_default();
            Some((iri.to_owned(), quality(parameters.split(';'))?))
        })
        .collect()
}

/// The quality of a media type and how precisely it is named, from the most precise range.
fn rank(ranges: &[Range], media_type: &str) -> Option<(u16, u8)> {
    if ranges.is_empty() {
        return Some((1000, 0));
    }
    let (kind, _) = media_type.split_once('/')?;
    ranges
        .iter()
        .filter_map(|range| {
            let precision = match range.media_type.split_once('/')? {
                _ if range.media_type == media_type => 2,
                (wanted, "*") if wanted == kind => 1,
                ("*", "*") => 0,
                _ => return None,
            };
            Some((range.quality, precision))
        })
        .max_by_key(|(quality, precision)| (*precision, *quality))
}

const MAX_RANGES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn quality_then_precision_then_our_order() {
        let rdf = |format| Some(Form::Rdf(format));
        for (accept, form) in [
            ("*/*", rdf(Format::Turtle)),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                Some(Form::Html),
            ),
            (
                "application/rdf+xml, text/turtle;q=0.9",
                rdf(Format::RdfXml),
            ),
            ("text/turtle;q=0, */*;q=0.1", rdf(Format::RdfXml)),
            ("application/json", rdf(Format::JsonLd)),
            (
                "application/n-triples;q=0.5, text/html;q=0.4",
                rdf(Format::NTriples),
            ),
            ("text/html;q=nonsense, text/turtle", rdf(Format::Turtle)),
            ("image/png", None),
        ] {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(choose(&headers), form, "{accept}");
        }
        assert_eq!(choose(&HeaderMap::new()), rdf(Format::Turtle));
        assert!(!prefers_html(&HeaderMap::new()));
    }

    #[test]
    fn the_language_is_the_one_that_is_preferred() {
        for (accept, lang) in [
            ("fr-FR,fr;q=0.9,en;q=0.8", Lang::Fr),
            ("en-US,en;q=0.9", Lang::En),
            ("de, en;q=0.5, fr;q=0.4", Lang::En),
            ("de", Lang::Fr),
            ("en;q=0", Lang::Fr),
            ("EN", Lang::En),
        ] {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accept))]);
            assert_eq!(language(&headers), lang, "{accept}");
        }
        assert_eq!(language(&HeaderMap::new()), Lang::Fr);
    }
}
