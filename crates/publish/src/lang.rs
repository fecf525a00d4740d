//! The language of the pages that exist in both.

use axum::http::{HeaderMap, HeaderValue, Response, header};
use serde::Deserialize;

use crate::failure::Failure;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    Fr,
    En,
}

/// `?lang=` goes before the header.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    lang: Option<String>,
}

impl Lang {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    fn parse(tag: &str) -> Option<Self> {
        match tag.split('-').next()?.trim().to_ascii_lowercase().as_str() {
            "fr" => Some(Self::Fr),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The text in this language.
    pub fn of(self, french: &'static str, english: &'static str) -> &'static str {
        match self {
            Self::Fr => french,
            Self::En => english,
        }
    }

    /// Says in which language an answer is, and that it depends on what was asked.
    pub fn mark<T>(self, response: &mut Response<T>) {
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(self.as_str()),
        );
        headers.append(header::VARY, HeaderValue::from_static("accept-language"));
    }
}

/// The language that is asked for; French for those without preference.
pub(crate) fn asked(wanted: &Wanted, headers: &HeaderMap) -> Result<Lang, Failure> {
    match wanted.lang.as_deref() {
        Some(lang) => {
            Lang::parse(lang).ok_or_else(|| Failure::bad_request("`lang` has to be fr or en"))
        }
        None => Ok(preferred(headers)),
    }
}

fn preferred(headers: &HeaderMap) -> Lang {
    let mut best: Option<(f32, Lang)> = None;
    let ranges = headers
        .get_all(header::ACCEPT_LANGUAGE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    for range in ranges.take(MAX_RANGES) {
        let (tag, quality) = range.split_once(";q=").unwrap_or((range, "1"));
        let quality: f32 = quality.trim().parse().unwrap_or(0.0);
        if let Some(lang) = Lang::parse(tag.trim())
            && quality > best.map_or(0.0, |(known, _)| known)
        {
            best = Some((quality, lang));
        }
    }
    best.map_or(Lang::Fr, |(_, lang)| lang)
}

const MAX_RANGES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_that_is_preferred() {
        for (accept, lang) in [
            ("fr-FR,fr;q=0.9,en;q=0.8", Lang::Fr),
            ("en-US,en;q=0.9", Lang::En),
            ("de, en;q=0.5, fr;q=0.4", Lang::En),
            ("de", Lang::Fr),
            ("en;q=0", Lang::Fr),
        ] {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accept))]);
            assert_eq!(preferred(&headers), lang, "{accept}");
        }
    }
}
