//! The formats that addresses show.

use crate::format::packing;
use crate::{Format, How, Match, Scheme, Vocab};

impl Vocab {
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
}
