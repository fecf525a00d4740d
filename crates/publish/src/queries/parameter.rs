//! The parameters of a query, and the values that clients give them.

use axum::http::StatusCode;
use chrono::NaiveDate;
use oxrdf::vocab::xsd;
use oxrdf::{Literal, NamedNode, Term};

use super::SavedQuery;
use crate::failure::Failure;
use crate::view::cut;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    String,
    Iri,
    Integer,
    Date,
    LangString,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub name: String,
    pub kind: Kind,
    /// As a client would write it.
    pub default: Option<String>,
}

impl Kind {
    pub const ALL: [Self; 5] = [
        Self::String,
        Self::Iri,
        Self::Integer,
        Self::Date,
        Self::LangString,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Iri => "iri",
            Self::Integer => "integer",
            Self::Date => "date",
            Self::LangString => "langString",
        }
    }

    /// The type of the field of a form.
    pub fn field(self) -> &'static str {
        match self {
            Self::String | Self::LangString => "text",
            Self::Iri => "url",
            Self::Integer => "number",
            Self::Date => "date",
        }
    }

    /// What the value of a client stands for; what to write instead, where it stands for nothing.
    pub fn term(self, value: &str) -> Result<Term, &'static str> {
        if value.chars().count() > MAX_VALUE {
            return Err("at most 1000 characters");
        }
        if value.chars().any(char::is_control) {
            return Err("text without control characters");
        }
        Ok(match self {
            Self::String => Literal::new_simple_literal(value).into(),
            Self::Iri => {
                let iri = NamedNode::new(value.trim());
                iri.map_err(|_| "an absolute IRI, such as https://donnees.example.org/dataset/1")?
                    .into()
            }
            Self::Integer => {
                let number: i64 = value
                    .trim()
                    .parse()
                    .map_err(|_| "a whole number, such as 20")?;
                Literal::new_typed_literal(number.to_string(), xsd::INTEGER).into()
            }
            Self::Date => {
                let date = NaiveDate::parse_from_str(value.trim(), "%Y-%m-%d");
                let date = date.map_err(|_| "a date, such as 2026-01-31")?;
                Literal::new_typed_literal(date.format("%Y-%m-%d").to_string(), xsd::DATE).into()
            }
            Self::LangString => {
                let wanted = "a text and its language, such as eau@fr";
                let (text, language) = value.rsplit_once('@').ok_or(wanted)?;
                let literal = Literal::new_language_tagged_literal(text, language.trim());
                literal.map_err(|_| wanted)?.into()
            }
        })
    }
}

/// What a client gives a query.
pub(super) struct Given<'a> {
    /// In the order of the query; none where a value is missing.
    pub fields: Vec<(&'a Parameter, Option<(String, Term)>)>,
    /// Those that the client named itself.
    pub named: Vec<(String, String)>,
    pub bom: bool,
    /// The name of a format, for people who cannot set headers.
    pub format: Option<String>,
}

impl<'a> Given<'a> {
    pub fn read(query: &'a SavedQuery, pairs: Vec<(String, String)>) -> Result<Self, Failure> {
        let mut named: Vec<(String, String)> = Vec::new();
        let mut unknown: Vec<String> = Vec::new();
        let mut bom = false;
        let mut format = None;
        for (name, value) in pairs {
            if name == BOM {
                bom = is_yes(&value)?;
            } else if name == FORMAT {
                format = Some(value).filter(|value| !value.is_empty());
            } else if !query.parameters.iter().any(|known| known.name == name) {
                unknown.push(format!("`{}`", cut(&name, 60)));
            } else if named.iter().any(|(known, _)| *known == name) {
                return Err(refused(format!("`{name}` is given more than once")));
            } else if !value.is_empty() {
                // A form sends every field, also those that were left empty.
                named.push((name, value));
            }
        }
        if !unknown.is_empty() {
            unknown.truncate(MAX_TOLD);
            let known: Vec<&str> = query
                .parameters
                .iter()
                .map(|parameter| parameter.name.as_str())
                .chain(RESERVED)
                .collect();
            return Err(refused(format!(
                "unknown: {}; the parameters of this query are {}",
                unknown.join(", "),
                known.join(", ")
            )));
        }
        let field = |parameter: &'a Parameter| {
            let given = named.iter().find(|(name, _)| *name == parameter.name);
            let text = given.map(|(_, value)| value).or(parameter.default.as_ref());
            let value = text
                .map(|text| match parameter.kind.term(text) {
                    Ok(term) => Ok((text.clone(), term)),
                    Err(wanted) => Err(refused(format!("`{}` has to be {wanted}", parameter.name))),
                })
                .transpose()?;
            Ok((parameter, value))
        };
        let fields = query
            .parameters
            .iter()
            .map(field)
            .collect::<Result<_, Failure>>()?;
        Ok(Self {
            fields,
            named,
            bom,
            format,
        })
    }

    /// The values of all parameters: none may be missing.
    pub fn values(&self) -> Result<Vec<(&'a str, Term)>, Failure> {
        self.fields
            .iter()
            .map(|(parameter, value)| match value {
                Some((_, term)) => Ok((parameter.name.as_str(), term.clone())),
                None => Err(refused(format!(
                    "`{}` is missing: it has no default",
                    parameter.name
                ))),
            })
            .collect()
    }
}

fn is_yes(value: &str) -> Result<bool, Failure> {
    match value {
        "1" => Ok(true),
        "0" | "" => Ok(false),
        _ => Err(refused("`bom` has to be 1 or 0".to_owned())),
    }
}

pub(super) fn refused(detail: String) -> Failure {
    let explanation =
        "Un paramètre de la requête manque, est inconnu ou n’a pas la forme attendue.";
    Failure::new(StatusCode::BAD_REQUEST, detail, explanation)
}

/// Whether CSV begins with a byte order mark.
pub(super) const BOM: &str = "bom";
/// In which format the results are, as the extension says it too.
const FORMAT: &str = "format";
/// What no query can call its parameters.
pub(super) const RESERVED: [&str; 2] = [BOM, FORMAT];

const MAX_VALUE: usize = 1_000;
const MAX_TOLD: usize = 5;
