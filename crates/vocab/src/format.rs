//! Formats: what a distribution's file is, and in what it is packed.

use crate::fold::{MAX_KEY, fold};
use crate::{Concept, How, Match, Scheme, Vocab};

/// What is known of a format. At least one of the four is known.
#[derive(Debug, Clone, Copy)]
pub struct Format<'a> {
    pub file_type: Option<&'a Concept>,
    pub media_type: Option<&'a Concept>,
    /// Several files grouped (`dcat:packageFormat`).
    pub package: Option<&'a Concept>,
    /// One file made smaller (`dcat:compressFormat`).
    pub compress: Option<&'a Concept>,
    pub how: How,
    pub confidence: f32,
}

impl Format<'_> {
    pub fn is_certain(&self) -> bool {
        self.confidence >= 0.9
    }
}

#[derive(Debug, Clone, Copy)]
enum Packing {
    Package(&'static str),
    Compress(&'static str),
    /// Known, and without a registered media type.
    Other,
}

fn packing(word: &str) -> Option<Packing> {
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
        if value.is_empty() || value.len() > MAX_KEY {
            return None;
        }
        self.plain(value)
            .or_else(|| {
                // Parameters of a media type.
                let (media, _) = value.split_once(';')?;
                self.plain(media.trim()).filter(|_| media.contains('/'))
            })
            .or_else(|| self.packed(&fold(value)))
            .or_else(|| self.bracketed(value))
    }

    /// The format that an address shows by the extension of its path, or by the parameters of its query.
    pub fn format_of_url(&self, url: &str) -> Option<Format<'_>> {
        let url = url.split('#').next().unwrap_or(url);
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let after_host = path
            .split_once("://")
            .map_or(path, |(_, rest)| rest)
            .split_once('/')
            .map_or("", |(_, path)| path);
        let name = after_host.rsplit('/').next().unwrap_or("");
        self.of_name(name)
            .or_else(|| self.of_query(query))
            .map(|format| Format {
                how: How::Pattern,
                confidence: 0.8,
                ..format
            })
    }

    fn of_name(&self, name: &str) -> Option<Format<'_>> {
        let (stem, extension) = name.rsplit_once('.')?;
        let extension = extension.to_ascii_lowercase();
        if extension.len() > 12 || stem.is_empty() {
            return None;
        }
        if let Some(packed) = packing(&extension)
            && let Some((_, inner)) = stem.rsplit_once('.')
            && let Some(inner) = self.of_extension(&inner.to_ascii_lowercase())
        {
            return Some(self.pack(inner, packed));
        }
        self.of_extension(&extension)
    }

    fn of_extension(&self, extension: &str) -> Option<Format<'_>> {
        let found = |scheme| {
            self.scheme(scheme)
                .by_extension(extension)
                .map(|concept| Match {
                    concept,
                    how: How::Pattern,
                    confidence: 0.8,
                })
        };
        found(Scheme::FileType)
            .or_else(|| found(Scheme::MediaType))
            .map(|found| self.completed(found))
    }

    fn of_query(&self, query: &str) -> Option<Format<'_>> {
        let parameter = |name: &str| {
            query.split('&').find_map(|pair| {
                pair.split_once('=')
                    .filter(|(key, _)| key.eq_ignore_ascii_case(name))
                    .map(|(_, value)| value)
            })
        };
        let format = ["outputformat", "format", "f"]
            .into_iter()
            .find_map(parameter)
            .and_then(|value| self.plain(&value.replace("%2F", "/").replace("%2f", "/")));
        format.or_else(|| {
            // A service's own address; a request for one image or file of it has a format.
            let service = parameter("service")?;
            ["WMS", "WFS", "WCS", "WMTS"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(service))
                .then(|| self.plain(&format!("ogc:{service}")))?
        })
    }

    fn plain(&self, value: &str) -> Option<Format<'_>> {
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
            (Some(outer), Some(inner)) if same(outer.file_type, inner.file_type) => outer,
            _ => return None,
        };
        Some(Format {
            how: How::Pattern,
            confidence: 0.85,
            ..format
        })
    }

    fn pack<'a>(&'a self, inner: Format<'a>, packed: Packing) -> Format<'a> {
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

    fn completed<'a>(&'a self, found: Match<'a>) -> Format<'a> {
        let (file_type, media_type) = if found.concept.scheme == Scheme::FileType {
            (Some(found.concept), self.mapped(found.concept).next())
        } else {
            (self.file_type_of(found.concept), Some(found.concept))
        };
        Format {
            file_type,
            media_type,
            package: None,
            compress: None,
            how: found.how,
            confidence: found.confidence,
        }
    }
}

fn same(a: Option<&Concept>, b: Option<&Concept>) -> bool {
    a.map(|concept| &concept.iri) == b.map(|concept| &concept.iri)
}
