//! The language of the pages that exist in both.

use axum::http::{HeaderMap, HeaderValue, Response, header};
use report::Lang;
use serde::Deserialize;

use crate::failure::Failure;
use crate::negotiate;

/// `?lang=` goes before the header.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    lang: Option<String>,
}

/// Says in which language an answer is, and that it depends on what was asked.
pub(crate) fn mark<T>(lang: Lang, response: &mut Response<T>) {
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_LANGUAGE,
        HeaderValue::from_static(lang.as_str()),
    );
    headers.append(header::VARY, HeaderValue::from_static("accept-language"));
}

/// The language that is asked for; French for those without preference.
pub(crate) fn asked(wanted: &Wanted, headers: &HeaderMap) -> Result<Lang, Failure> {
    match wanted.lang.as_deref() {
        Some(lang) => lang
            .parse()
            .map_err(|_| Failure::bad_request("`lang` has to be fr or en")),
        None => Ok(negotiate::language(headers)),
    }
}
