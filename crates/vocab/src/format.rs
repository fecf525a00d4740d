//! Formats: what a distribution's file is, and in what it is packed.

use crate::fold::{MAX_KEY, fold};
use crate::{Concept, How, Match, Scheme, Vocab};

/// File types that are services, and the codes of their protocols.
const SERVICES: [(&str, &str); 6] = [
    ("WMS_SRVC", "wms"),
    ("WFS_SRVC", "wfs"),
    ("WCS_SRVC", "wcs"),
    ("WMTS_SRVC", "wmts"),
    ("REST", "esri rest"),
    ("MAP_SRVC", "esri rest"),
];

/// Protocols by which files are had, not services.
const FILES: [&str; 4] = ["kml", "gpkg", "wmc", "rfc4287"];

/// Codes of the list that mean other things where people write them: an API, points in a text file, the world.
const AMBIGUOUS: [&str; 4] = ["rest", "xyz", "world", "leg"];

/// What is known of a format. At least one of the five is known.
#[derive(Debug, Clone, Copy)]
pub struct Format<'a> {
    pub file_type: Option<&'a Concept>,
    pub media_type: Option<&'a Concept>,
    /// Several files grouped (`dcat:packageFormat`).
    pub package: Option<&'a Concept>,
    /// One file made smaller (`dcat:compressFormat`).
    pub compress: Option<&'a Concept>,
    /// The protocol, where it is no file but a service.
    pub service: Option<&'a Concept>,
    pub how: How,
    pub confidence: f32,
}

impl Format<'_> {
    pub fn is_certain(&self) -> bool {
        self.confidence >= 0.9
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Packing {
    Package(&'static str),
    Compress(&'static str),
    /// Known, and without a registered media type.
    Other,
}

pub(crate) fn packing(word: &str) -> Option<Packing> {
    Some(match word {
        "zip" | "zippe" | "zippes" | "zippee" | "zippees" | "zipped" | "compresse"
        | "compresses" | "compressee" | "compressed" | "archive" | "archives" => {
            Packing::Package("application/zip")
        }
        "gz" | "gzip" | "gzippe" | "gzipped" => Packing::Compress("application/gzip"),
        "zst" | "zstd" => Packing::Compress("application/zstd"),
        "rar" => Packing::Package("application/vnd.rar"),
        "7z" | "7zip" | "tar" | "tgz" | "bz2" | "xz" => Packing::Other,
        _ => return None,
    })
}

impl Vocab {
    /// What a statement of a format means: `CSV`, `text/csv; charset=utf-8`, `SHP zippé`, `csv.gz`, `Comma-separated values (CSV)`.
    pub fn format(&self, value: &str) -> Option<Format<'_>> {
        let value = value.trim();
        let value = value.strip_prefix("mime:").unwrap_or(value);
        if value.is_empty() || value.len() > MAX_KEY {
            return None;
        }
        self.plain(value)
            .or_else(|| {
                // Parameters of a media type.
                let (media, _) = value.split_once(';')?;
                self.plain(media.trim()).filter(|_| media.contains('/'))
            })
            .or_else(|| self.service(value))
            .or_else(|| self.packed(&fold(value)))
            .or_else(|| self.bracketed(value))
            .or_else(|| {
                // A media type, and an address that does not belong there.
                let (media, rest) = value.split_once(char::is_whitespace)?;
                let found = self
                    .plain(media)
                    .filter(|_| media.contains('/') && rest.trim_start().starts_with("http"))?;
                Some(Format {
                    how: How::Pattern,
                    confidence: 0.85,
                    ..found
                })
            })
    }

    /// The formats that a list names, each once: `CSV, JSON`, `xml et pdf`; empty if anything in it is no format.
    pub fn formats(&self, value: &str) -> Vec<Format<'_>> {
        if value.len() > MAX_KEY {
            return Vec::new();
        }
        let spaced = value
            .replace(" et ", ",")
            .replace(" ou ", ",")
            .replace(" and ", ",");
        let parts = spaced
            .split([',', ';', '/', '|', '+', '&', '(', ')'])
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let mut found: Vec<Format<'_>> = Vec::new();
        for part in parts.take(20) {
            let Some(format) = self.plain(part).or_else(|| self.service(part)) else {
                return Vec::new();
            };
            if !found.iter().any(|known| same(known, &format)) {
                found.push(format);
            }
        }
        found
    }

    /// A protocol: `OGC:WMS-1.3.0-http-get-map`, `WFS 2.0.0`, `OData`.
    fn service(&self, value: &str) -> Option<Format<'_>> {
        let table = self.scheme(Scheme::Protocol);
        let name = protocol_name(&fold(value));
        if name.as_deref().is_some_and(|name| FILES.contains(&name)) {
            return name.and_then(|name| self.plain(&name));
        }
        let found = table
            .resolve(value)
            .or_else(|| table.resolve(name.as_deref()?))
            .filter(|found| {
                !FILES
                    .iter()
                    .any(|file| found.concept.iri.as_str().ends_with(file))
            })?;
        let code = SERVICES
            .iter()
            .find(|(_, protocol)| {
                table
                    .resolve(protocol)
                    .is_some_and(|known| known.concept.iri == found.concept.iri)
            })
            .map(|(code, _)| *code);
        Some(Format {
            file_type: code.and_then(|code| self.scheme(Scheme::FileType).get(code)),
            media_type: None,
            package: None,
            compress: None,
            service: Some(found.concept),
            how: found.how,
            confidence: found.confidence,
        })
    }

    pub(crate) fn plain(&self, value: &str) -> Option<Format<'_>> {
        if AMBIGUOUS.contains(&fold(value).as_str()) {
            return None;
        }
        let in_scheme = |scheme| self.scheme(scheme).resolve(value);
        let found = if value.contains("media-types/") {
            in_scheme(Scheme::MediaType).or_else(|| in_scheme(Scheme::FileType))
        } else {
            in_scheme(Scheme::FileType).or_else(|| in_scheme(Scheme::MediaType))
        };
        found.map(|found| self.completed(found))
    }

    /// `shp zip`, `csv gz`, `archive zip de shp`.
    fn packed(&self, key: &str) -> Option<Format<'_>> {
        let mut packed = None;
        let rest: Vec<&str> = key
            .split(' ')
            .filter(|word| {
                let packing = packing(word);
                packed = packed.or(packing);
                packing.is_none()
                    && !matches!(
                        *word,
                        "de" | "au" | "format" | "fichier" | "fichiers" | "en"
                    )
            })
            .collect();
        let packed = packed?;
        let key = rest.join(" ");
        let inner = self
            .scheme(Scheme::FileType)
            .by_folded(&key)
            .or_else(|| self.scheme(Scheme::MediaType).by_folded(&key))?;
        let mut format = self.pack(self.completed(inner), packed);
        format.how = How::Pattern;
        format.confidence = inner.confidence.min(0.95);
        Some(format)
    }

    /// `CSV (séparateur ;)`, `Comma-separated values (CSV)`: one of the two must be known, and not the other as something else.
    fn bracketed(&self, value: &str) -> Option<Format<'_>> {
        let (before, after) = value.split_once('(')?;
        let inside = after.split(')').next().unwrap_or(after);
        let outer = self.plain(before.trim());
        let inner = self.plain(inside.trim());
        let format = match (outer, inner) {
            (Some(outer), None) => outer,
            (None, Some(inner)) => inner,
            (Some(outer), Some(inner)) if same(&outer, &inner) => outer,
            // `Excel (xlsx)`: the code says which one.
            (Some(outer), Some(inner)) if !outer.is_certain() && inner.how == How::Code => inner,
            _ => return None,
        };
        Some(Format {
            how: How::Pattern,
            confidence: 0.85,
            ..format
        })
    }

    pub(crate) fn pack<'a>(&'a self, inner: Format<'a>, packed: Packing) -> Format<'a> {
        let media = |name| self.scheme(Scheme::MediaType).get(name);
        match packed {
            Packing::Package(name) => Format {
                package: media(name),
                ..inner
            },
            Packing::Compress(name) => Format {
                compress: media(name),
                ..inner
            },
            Packing::Other => inner,
        }
    }

    pub(crate) fn completed<'a>(&'a self, found: Match<'a>) -> Format<'a> {
        let (file_type, media_type) = if found.concept.scheme == Scheme::FileType {
            (Some(found.concept), self.mapped(found.concept).next())
        } else {
            (self.file_type_of(found.concept), Some(found.concept))
        };
        let service = file_type.and_then(|file_type| {
            let (_, protocol) = SERVICES.iter().find(|(code, _)| *code == file_type.code)?;
            self.scheme(Scheme::Protocol)
                .resolve(protocol)
                .map(|found| found.concept)
        });
        Format {
            file_type,
            media_type,
            package: None,
            compress: None,
            service,
            how: found.how,
            confidence: found.confidence,
        }
    }
}

/// Words that say how a service is asked, and not which one it is.
fn says_how(word: &str) -> bool {
    word.trim_start_matches('v')
        .bytes()
        .all(|b| b.is_ascii_digit())
        || matches!(
            word,
            "http"
                | "https"
                | "get"
                | "post"
                | "map"
                | "capabilities"
                | "getcapabilities"
                | "feature"
                | "getfeature"
                | "getmap"
                | "coverage"
                | "tile"
                | "observation"
                | "link"
                | "server"
                | "serveur"
                | "service"
                | "ogc"
                | "inspire"
                | "view"
                | "download"
                | "g"
                | "c"
                | "t"
                | "url"
                | "flux"
        )
}

/// The protocol in the words of an online resource's protocol, or of a label: `ogc wms 1 3 0 http get map` is `wms`.
fn protocol_name(folded: &str) -> Option<String> {
    let mut words = folded.split(' ').skip_while(|word| {
        matches!(
            *word,
            "ogc" | "flux" | "service" | "serveur" | "services" | "inspire" | "api" | "url"
        )
    });
    let name = words.next().filter(|name| {
        matches!(
            *name,
            "wms"
                | "wfs"
                | "wcs"
                | "wmts"
                | "csw"
                | "wps"
                | "sos"
                | "kml"
                | "gpkg"
                | "wmc"
                | "tms"
                | "odata"
                | "opendap"
        )
    })?;
    words.all(says_how).then(|| name.to_owned())
}

fn same(a: &Format<'_>, b: &Format<'_>) -> bool {
    let iri = |concept: Option<&Concept>| concept.map(|concept| concept.iri.clone());
    iri(a.file_type) == iri(b.file_type)
        && (a.file_type.is_some()
            || (iri(a.media_type) == iri(b.media_type) && iri(a.service) == iri(b.service)))
}
