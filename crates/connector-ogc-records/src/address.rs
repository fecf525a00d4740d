//! Addresses of pages: their parameters, and where links lead.

use url::Url;

/// The number that a parameter of the query has.
pub(crate) fn number(url: &Url, name: &str) -> Option<u64> {
    url.query_pairs()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .and_then(|(_, value)| value.parse().ok())
}

/// The address with a parameter set; where the parameter has a place already, it keeps it.
pub(crate) fn with_number(url: &Url, name: &str, number: u64) -> Url {
    let mut pairs: Vec<(String, String)> = url
        .query_pairs()
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    match pairs
        .iter_mut()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
    {
        Some((_, value)) => *value = number.to_string(),
        None => pairs.push((name.to_owned(), number.to_string())),
    }
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url
}

/// The parameter that says where a page begins, with its number.
pub(crate) fn offset(url: &Url) -> Option<(&'static str, u64)> {
    ["offset", "startindex"]
        .into_iter()
        .find_map(|name| Some((name, number(url, name)?)))
}

/// `base` with segments added to its path, and the parameters that a link would not have left out: a format, a key.
pub(crate) fn below(base: &Url, segments: &[&str]) -> Option<Url> {
    let mut url = base.clone();
    url.path_segments_mut()
        .ok()?
        .pop_if_empty()
        .extend(segments);
    Some(url)
}

/// Where a link leads.
pub(crate) enum Lead {
    Here(Url),
    /// To another host.
    Away(String),
    /// It is no address.
    Nowhere,
}

/// Resolves a link of the page at `page`. A server behind a proxy may not know by which scheme and port it is asked.
pub(crate) fn follow(page: &Url, href: &str) -> Lead {
    let Ok(mut url) = page.join(href.trim()) else {
        return Lead::Nowhere;
    };
    url.set_fragment(None);
    if !matches!(url.scheme(), "http" | "https") {
        return Lead::Nowhere;
    }
    if url.origin() == page.origin() {
        return Lead::Here(url);
    }
    let same_host = url.host_str() == page.host_str();
    let default_ports = url.port().is_none() && page.port().is_none();
    if same_host && default_ports && url.set_scheme(page.scheme()).is_ok() {
        return Lead::Here(url);
    }
    Lead::Away(url.into())
}
