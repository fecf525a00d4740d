//! Addresses without their secrets, for logs, errors and recordings.

use url::Url;

const HIDDEN: &str = "***";

/// Query parameters that carry secrets. Names are matched whole: a `resumptionToken` is no secret, and tells pages apart.
const SECRET_PARAMETERS: &[&str] = &[
    "access_token",
    "accesstoken",
    "api-key",
    "api_key",
    "api_token",
    "apikey",
    "apitoken",
    "auth",
    "auth_token",
    "authorization",
    "authtoken",
    "client_secret",
    "id_token",
    "jsessionid",
    "jwt",
    "key",
    "pass",
    "passwd",
    "password",
    "private_token",
    "pwd",
    "refresh_token",
    "secret",
    "session",
    "sessionid",
    "sid",
    "sig",
    "signature",
    "subscription-key",
    "token",
    "x-amz-credential",
    "x-amz-security-token",
    "x-amz-signature",
];

/// The address without user, password, fragment, and the values of secret parameters.
pub(crate) fn hide(url: &str) -> String {
    match Url::parse(url) {
        Ok(url) => hide_parsed(url),
        Err(_) => {
            // Not an address: keep what cannot hold a secret.
            let path = url.split(['?', '#']).next().unwrap_or_default();
            match path.rsplit_once('@') {
                Some((_, rest)) => format!("{HIDDEN}@{rest}"),
                None => path.to_owned(),
            }
        }
    }
}

/// The same, short enough for a message.
pub(crate) fn hide_short(url: &str) -> String {
    const MAX: usize = 500;
    let hidden = hide(url);
    match hidden.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}…", hidden.get(..end).unwrap_or_default()),
        None => hidden,
    }
}

/// The secrets in an address, as they are written in it: user, password, and the values of secret parameters.
pub fn secrets(address: &str) -> Vec<&str> {
    let address = address.split('#').next().unwrap_or_default();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let authority = path.split_once("://").map_or("", |(_, rest)| rest);
    let authority = authority.split('/').next().unwrap_or_default();
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    let user = user.split(':').filter(|part| !part.is_empty());
    user.chain(query.split('&').filter_map(secret).map(|(_, value)| value))
        .collect()
}

/// Hides the secrets of an address in a text that its server sent back.
pub(crate) fn hide_echo(url: &Url, text: String) -> String {
    let Some(query) = url.query() else {
        return text;
    };
    query
        .split('&')
        .filter_map(secret)
        // A shorter value would be found in any word, and is no secret.
        .filter(|(_, value)| value.len() >= 4)
        .fold(text, |text, (_, value)| text.replace(value, HIDDEN))
}

fn hide_parsed(mut url: Url) -> String {
    url.set_fragment(None);
    if !url.username().is_empty() || url.password().is_some() {
        // These fail for addresses without a host only, which cannot have a user.
        let _ = url.set_username(HIDDEN);
        let _ = url.set_password(None);
    }
    if let Some(query) = url.query() {
        let query: Vec<_> = query.split('&').map(hide_parameter).collect();
        url.set_query(Some(&query.join("&")));
    }
    url.into()
}

fn hide_parameter(parameter: &str) -> String {
    match secret(parameter) {
        Some((name, _)) => format!("{name}={HIDDEN}"),
        None => parameter.to_owned(),
    }
}

/// Name and value of a parameter, if the value is a secret.
fn secret(parameter: &str) -> Option<(&str, &str)> {
    let (name, value) = parameter.split_once('=')?;
    let known = SECRET_PARAMETERS.contains(&name.to_ascii_lowercase().as_str());
    (known && !value.is_empty()).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_and_nothing_else() {
        for (url, expected) in [
            (
                "https://a.example/x?b=%20&API_KEY=abc&c#f",
                "https://a.example/x?b=%20&API_KEY=***&c",
            ),
            ("https://moi:secret@a.example/x", "https://***@a.example/x"),
            (
                "https://a.example/oai?verb=ListRecords&resumptionToken=12",
                "https://a.example/oai?verb=ListRecords&resumptionToken=12",
            ),
            ("pas une adresse?token=a", "pas une adresse"),
            ("//moi:secret@a/x", "***@a/x"),
        ] {
            assert_eq!(hide(url), expected);
        }
    }

    #[test]
    fn secrets_are_found_as_they_are_written() {
        assert_eq!(
            secrets("https://moi:a%40b@a.example/x?page=2&API_KEY=c%20d&q=e#token=f"),
            ["moi", "a%40b", "c%20d"]
        );
        assert!(secrets("https://a.example/@x?resumptionToken=12").is_empty());
    }

    #[test]
    fn long_addresses_are_cut_between_characters() {
        let url = format!("https://a.example/{}", "a".repeat(2000));
        assert_eq!(hide_short(&url).chars().count(), 501);
    }
}
