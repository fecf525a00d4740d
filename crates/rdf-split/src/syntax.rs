//! Which syntax of RDF a document is in.

/// The syntaxes that are read. Notation3 is not one of them: it can say what RDF cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    Turtle,
    TriG,
    NTriples,
    NQuads,
    RdfXml,
    JsonLd,
}

impl Syntax {
    pub const ALL: [Self; 6] = [
        Self::Turtle,
        Self::TriG,
        Self::NTriples,
        Self::NQuads,
        Self::RdfXml,
        Self::JsonLd,
    ];

    /// Its name in configuration files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Turtle => "turtle",
            Self::TriG => "trig",
            Self::NTriples => "n-triples",
            Self::NQuads => "n-quads",
            Self::RdfXml => "rdf-xml",
            Self::JsonLd => "json-ld",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|syntax| syntax.name() == name)
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Turtle => "text/turtle",
            Self::TriG => "application/trig",
            Self::NTriples => "application/n-triples",
            Self::NQuads => "application/n-quads",
            Self::RdfXml => "application/rdf+xml",
            Self::JsonLd => "application/ld+json",
        }
    }

    /// What a document is: by its content type, else by the extension of its address, both believed only as far as its first
    /// characters agree; else by these alone. `None` is a document that begins like none of the syntaxes.
    pub fn detect(text: &str, content_type: Option<&str>, url: &str) -> Option<Self> {
        let stated = content_type.and_then(of_content_type);
        let declared = stated.or_else(|| of_extension(url));
        let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let shape = shape(text, declared);
        match (shape, declared) {
            (Shape::Xml, _) => Some(Self::RdfXml),
            (Shape::Json, _) => Some(Self::JsonLd),
            (Shape::Text, Some(declared)) if declared.is_text() => Some(declared),
            (Shape::Text, _) if is_lines(text) => Some(Self::NTriples),
            (Shape::Text, _) => Some(Self::Turtle),
            // An error message has the address of what it stands for.
            (Shape::Unknown, _) => stated.filter(|stated| stated.is_text()),
        }
    }

    fn is_text(self) -> bool {
        !matches!(self, Self::RdfXml | Self::JsonLd)
    }
}

fn of_content_type(content_type: &str) -> Option<Syntax> {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    Some(match essence.as_str() {
        "text/turtle" | "application/x-turtle" | "application/turtle" => Syntax::Turtle,
        "application/trig" | "application/x-trig" => Syntax::TriG,
        "application/n-triples" => Syntax::NTriples,
        "application/n-quads" | "text/x-nquads" => Syntax::NQuads,
        "application/rdf+xml" | "application/xml" | "text/xml" => Syntax::RdfXml,
        "application/ld+json" | "application/json" => Syntax::JsonLd,
        _ => return None,
    })
}

fn of_extension(url: &str) -> Option<Syntax> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let (_, extension) = path
        .rsplit_once('/')
        .unwrap_or(("", path))
        .1
        .rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "ttl" => Syntax::Turtle,
        "trig" => Syntax::TriG,
        "nt" => Syntax::NTriples,
        "nq" => Syntax::NQuads,
        "rdf" | "xml" | "owl" => Syntax::RdfXml,
        "jsonld" | "json" => Syntax::JsonLd,
        _ => return None,
    })
}

enum Shape {
    Xml,
    Json,
    /// Turtle and its kin.
    Text,
    Unknown,
}

fn shape(text: &str, declared: Option<Syntax>) -> Shape {
    let mut characters = text.chars();
    let first = characters.next();
    let second = characters.as_str().trim_start().chars().next();
    match (first, second) {
        (Some('<'), _) if is_markup(text) => Shape::Xml,
        (Some('{'), Some('"' | '}')) => Shape::Json,
        (Some('['), Some('{' | '[' | '"')) => Shape::Json,
        (Some('['), Some(']')) => {
            let after = characters
                .as_str()
                .trim_start()
                .get(1..)
                .unwrap_or_default();
            if after.trim().is_empty() {
                Shape::Json
            } else {
                Shape::Text
            }
        }
        (Some('{' | '['), _) if declared == Some(Syntax::JsonLd) => Shape::Json,
        (Some('<' | '@' | '#' | '[' | '{'), _) => Shape::Text,
        _ if begins_like_turtle(text) => Shape::Text,
        _ => Shape::Unknown,
    }
}

/// `<name`, `<?xml`, `<!--`; not `<https://...>`.
fn is_markup(text: &str) -> bool {
    let rest = text.get(1..).unwrap_or_default();
    if rest.starts_with(['?', '!']) {
        return true;
    }
    let name: usize = rest
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
        .map(char::len_utf8)
        .sum();
    let (name, after) = rest.split_at(name);
    // Both `<a/>` and `<urn:x>` are short of proof: a scheme that is known to be one decides.
    let scheme = name.split(':').next().unwrap_or_default();
    let is_iri = name.contains(':')
        && matches!(
            scheme,
            "http" | "https" | "urn" | "doi" | "mailto" | "ftp" | "tag" | "info"
        );
    !name.is_empty()
        && !is_iri
        && after.starts_with(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
}

/// `_:a`, `PREFIX`, `ex:a a ...`: a line that has a name with a colon at its beginning.
fn begins_like_turtle(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    word.eq_ignore_ascii_case("prefix")
        || word.eq_ignore_ascii_case("base")
        || word.eq_ignore_ascii_case("graph")
        || word.contains(':')
}

/// Whether the first lines are N-Triples.
fn is_lines(text: &str) -> bool {
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .take(20)
        .peekable();
    lines.peek().is_some()
        && lines.all(|line| {
            (line.starts_with('<') || line.starts_with("_:"))
                && line.ends_with('.')
                && line
                    .split_once(char::is_whitespace)
                    .is_some_and(|(_, rest)| rest.trim_start().starts_with('<'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_lie() {
        let cases = [
            ("<rdf:RDF>", "text/html", "", Some(Syntax::RdfXml)),
            (
                "\n<?xml version='1.0'?>",
                "text/turtle",
                "",
                Some(Syntax::RdfXml),
            ),
            (
                "<dcat:Catalog rdf:about='x'>",
                "text/plain",
                "",
                Some(Syntax::RdfXml),
            ),
            (
                "<https://a.example/> a <b> ; <c> <d> .",
                "application/rdf+xml",
                "",
                Some(Syntax::Turtle),
            ),
            (
                "@prefix dcat: <http://www.w3.org/ns/dcat#> .",
                "application/octet-stream",
                "",
                Some(Syntax::Turtle),
            ),
            ("{\"@graph\": []}", "text/plain", "", Some(Syntax::JsonLd)),
            ("[ {} ]", "", "", Some(Syntax::JsonLd)),
            ("[] a <x> .", "", "", Some(Syntax::Turtle)),
            ("[ a <x> ] .", "text/turtle", "", Some(Syntax::Turtle)),
            (
                "<urn:a> <urn:b> <urn:c> .\n",
                "text/plain",
                "",
                Some(Syntax::NTriples),
            ),
            (
                "<urn:a> <urn:b> <urn:c> <urn:d> .\n",
                "",
                "https://a.example/x.nq?page=2",
                Some(Syntax::NQuads),
            ),
            ("dcat:x a dcat:Dataset .", "", "", Some(Syntax::Turtle)),
            (
                "Erreur interne",
                "text/plain",
                "https://a.example/catalogue",
                None,
            ),
            ("", "text/html", "", None),
        ];
        for (text, content_type, url, wanted) in cases {
            let found = Syntax::detect(
                text,
                Some(content_type).filter(|value| !value.is_empty()),
                url,
            );
            assert_eq!(found, wanted, "{text}");
        }
    }

    #[test]
    fn names_go_there_and_back() {
        for syntax in Syntax::ALL {
            assert_eq!(Syntax::parse(syntax.name()), Some(syntax));
        }
    }
}
