//! What a client asks, read from its request: <https://www.w3.org/TR/sparql11-protocol/#query-operation>

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, header};
use graph::Limits;

use super::problem::Problem;

/// A query operation.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub query: String,
    pub default_graphs: Vec<String>,
    pub named_graphs: Vec<String>,
    /// The name of a format, for people who cannot set headers.
    pub format: Option<String>,
    /// Whether CSV begins with a byte order mark, as some spreadsheets want it.
    pub bom: bool,
}

/// The media types that can be posted.
pub(crate) const POSTED: &str = "application/x-www-form-urlencoded, application/sparql-query";

/// A query by GET; none when there are no parameters at all, which asks for the service description.
pub(crate) fn from_url(query: Option<&str>) -> Result<Option<Asked>, Problem> {
    let parameters = parameters(query.unwrap_or_default().as_bytes())?;
    if parameters.is_empty() {
        return Ok(None);
    }
    asked(parameters, None).map(Some)
}

/// Reads a posted body, as far as a query may be long.
pub(crate) async fn read(
    body: Body,
    headers: &HeaderMap,
    limits: &Limits,
) -> Result<Bytes, Problem> {
    // In a form, each byte may take three. The limit of the query itself is checked when it is decoded.
    let limit = limits.max_query_bytes.saturating_mul(3) + 16 * 1024;
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(Problem::too_long(limits.max_query_bytes));
    }
    to_bytes(body, limit)
        .await
        .map_err(|_| Problem::too_long(limits.max_query_bytes))
}

/// A query by POST, as a form or as it is. The dataset may be named in the URL in both cases.
pub(crate) fn from_body(
    query: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Asked, Problem> {
    let (media_type, charset) = content_type(headers)?;
    let mut all = parameters(query.unwrap_or_default().as_bytes())?;
    match media_type.as_str() {
        "application/x-www-form-urlencoded" => {
            all.extend(parameters(body)?);
            asked(all, None)
        }
        "application/sparql-query" => {
            if charset.is_some_and(|charset| charset != "utf-8") {
                return Err(Problem::unsupported("the query has to be in UTF-8"));
            }
            let text = std::str::from_utf8(body)
                .map_err(|_| Problem::bad_request("the query is not UTF-8"))?;
            asked(all, Some(text.to_owned()))
        }
        "application/sparql-update" => Err(Problem::read_only()),
        other => Err(Problem::unsupported(&format!(
            "`{other}` is not understood: post {POSTED}"
        ))),
    }
}

fn content_type(headers: &HeaderMap) -> Result<(String, Option<String>), Problem> {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| Problem::unsupported(&format!("no content type: post {POSTED}")))?;
    let mut parts = value.split(';');
    let media_type = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = parts.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    Ok((media_type, charset))
}

fn asked(parameters: Vec<(String, String)>, posted: Option<String>) -> Result<Asked, Problem> {
    let mut asked = Asked::default();
    let mut queries: Vec<String> = posted.into_iter().collect();
    for (name, value) in parameters {
        match name.as_str() {
            "query" => queries.push(value),
            "default-graph-uri" => asked.default_graphs.push(value),
            "named-graph-uri" => asked.named_graphs.push(value),
            "format" => asked.format = Some(value),
            "update" | "using-graph-uri" | "using-named-graph-uri" => {
                return Err(Problem::read_only());
            }
            // Clients send parameters of other servers, which do no harm.
            _ => {}
        }
    }
    let mut queries = queries.into_iter();
    match (queries.next(), queries.next()) {
        (Some(query), None) => {
            asked.query = query;
            Ok(asked)
        }
        (None, _) => Err(Problem::bad_request("the parameter `query` is missing")),
        (Some(_), Some(_)) => Err(Problem::bad_request("there is more than one query")),
    }
}

/// The parameters of a form. Unlike most readers of forms this one refuses what is not UTF-8, rather than changing it.
pub(crate) fn parameters(form: &[u8]) -> Result<Vec<(String, String)>, Problem> {
    form.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let mut half = || decode(halves.next().unwrap_or_default());
            Ok((half()?, half()?))
        })
        .collect()
}

fn decode(text: &[u8]) -> Result<String, Problem> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let rest = bytes.as_slice();
                match rest.get(..2).and_then(hex) {
                    Some(value) => {
                        bytes = rest.get(2..).unwrap_or_default().iter();
                        value
                    }
                    None => byte,
                }
            }
            other => other,
        });
    }
    String::from_utf8(decoded).map_err(|_| Problem::bad_request("a parameter is not UTF-8"))
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let [high, low] = digits else { return None };
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_decoded_and_must_be_utf8() {
        let read = |form: &str| parameters(form.as_bytes()).ok();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            read("query=ASK+%7B%7D&&x&default-graph-uri=%C3%A9"),
            Some(vec![
                pair("query", "ASK {}"),
                pair("x", ""),
                pair("default-graph-uri", "é")
            ])
        );
        assert_eq!(
            read("a=100%&b=%4"),
            Some(vec![pair("a", "100%"), pair("b", "%4")])
        );
        assert_eq!(read("a=%FF"), None);
    }

    #[test]
    fn nothing_asked_is_told_from_a_query_forgotten() {
        assert!(matches!(from_url(None), Ok(None)));
        assert!(matches!(from_url(Some("")), Ok(None)));
        assert!(from_url(Some("default-graph-uri=x")).is_err());
        assert!(from_url(Some("query=a&query=b")).is_err());
        assert!(
            matches!(from_url(Some("query=a&output=json")), Ok(Some(asked)) if asked.query == "a")
        );
    }
}
