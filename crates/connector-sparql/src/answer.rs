//! Answers to SELECT: the SPARQL 1.1 Query Results JSON Format.

use std::collections::HashMap;

use model::{ReadError, Response};
use serde::Deserialize;

#[derive(Deserialize)]
struct Answer {
    results: Results,
}

#[derive(Deserialize)]
struct Results {
    bindings: Vec<HashMap<String, Value>>,
}

#[derive(Deserialize)]
struct Value {
    value: String,
}

/// The rows of an answer, as texts.
pub fn rows(answer: &Response) -> Result<Vec<HashMap<String, String>>, ReadError> {
    let body = answer
        .body
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(&answer.body);
    check_kind(body)?;
    let parsed: Answer = serde_json::from_slice(body).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => ReadError::Unexpected(format!(
            "the answer is not a table of SPARQL results: {error}"
        )),
        _ => ReadError::Malformed {
            message: format!("the answer is not well-formed JSON: {error}"),
            at: Some(format!("line {} column {}", error.line(), error.column())),
        },
    })?;
    let row = |row: HashMap<String, Value>| {
        row.into_iter()
            .map(|(name, value)| (name, value.value))
            .collect()
    };
    Ok(parsed.results.bindings.into_iter().map(row).collect())
}

/// Errors that come as if they were answers.
pub fn check_kind(body: &[u8]) -> Result<(), ReadError> {
    let start = body.trim_ascii_start();
    let beginning = String::from_utf8_lossy(start.get(..200).unwrap_or(start)).into_owned();
    if beginning.starts_with("Virtuoso ") && beginning.contains("Error") {
        let (code, message) = beginning.split_once(": ").unwrap_or((&beginning, ""));
        return Err(ReadError::Refused {
            code: code.to_owned(),
            message: message.lines().next().unwrap_or_default().to_owned(),
        });
    }
    let lower = beginning.to_ascii_lowercase();
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        let shown: String = beginning.chars().take(80).collect();
        return Err(ReadError::Unexpected(format!(
            "a page of HTML came instead of the results of a query; it begins with `{shown}`"
        )));
    }
    Ok(())
}
