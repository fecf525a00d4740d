//! The file of a query: SPARQL, whose first comments say what it is.

use graph::{Limits, QueryError, Results, bind, check, has_variable};

use super::parameter::{Kind, Parameter, RESERVED};

/// A query that is kept, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedQuery {
    pub name: String,
    /// As it is written, with its comments.
    pub text: String,
    pub title: String,
    pub description: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) results: Results,
}

/// What is wrong with the file of a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryFault {
    /// From 1, as `column`.
    pub line: usize,
    pub column: usize,
    pub message: String,
}

impl SavedQuery {
    /// Reads a query: `name` is that of its file without `.rq`, `endpoint` the address of `/sparql`, against which relative IRIs are
    /// resolved.
    pub fn parse(name: &str, text: &str, endpoint: &str) -> Result<Self, Vec<QueryFault>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut head = Head::default();
        head.read(text);
        if !is_name(name) {
            head.fault(1, 1, "the name of the file becomes an address: small letters a to z, digits and hyphens, 64 at most, then `.rq`");
        }
        if head.title.is_none() {
            head.fault(
                1,
                1,
                "the title is missing: begin the file with `# title: ...`",
            );
        }
        let results = match check(text, endpoint, &Limits::default()) {
            Ok(results) => {
                head.check_parameters(text, endpoint);
                Some(results)
            }
            Err(error) => {
                let (line, column) = place(&error);
                head.fault(line, column, error.to_string());
                None
            }
        };
        match (head.title, results) {
            (Some(title), Some(results)) if head.faults.is_empty() => Ok(Self {
                name: name.to_owned(),
                text: text.to_owned(),
                title,
                description: head.description.join(" "),
                parameters: head.parameters.into_iter().map(|(_, it)| it).collect(),
                results,
            }),
            _ => Err(head.faults),
        }
    }
}

/// What the comments before the query say.
#[derive(Default)]
struct Head {
    title: Option<String>,
    description: Vec<String>,
    /// Each with its line.
    parameters: Vec<(usize, Parameter)>,
    faults: Vec<QueryFault>,
}

impl Head {
    fn fault(&mut self, line: usize, column: usize, message: impl Into<String>) {
        self.faults.push(QueryFault {
            line,
            column,
            message: message.into(),
        });
    }

    fn read(&mut self, text: &str) {
        for (number, line) in text.lines().enumerate() {
            let line_number = number + 1;
            let comment = match line.trim_start().strip_prefix('#') {
                Some(comment) => comment.trim(),
                None if line.trim().is_empty() => continue,
                None => break,
            };
            let Some((key, value)) = comment.split_once(": ").or_else(|| {
                comment
                    .split_once(':')
                    .filter(|(_, value)| value.is_empty())
            }) else {
                continue;
            };
            // Other comments are free: only what looks like a key has to be one.
            if key.is_empty() || !key.chars().all(|c| c.is_ascii_lowercase()) {
                continue;
            }
            let value = value.trim();
            let column = line
                .find(key)
                .map_or(1, |at| line[..at].chars().count() + 1);
            match key {
                "title" if self.title.is_some() => {
                    self.fault(line_number, column, "there is more than one title")
                }
                "title" if value.is_empty() => {
                    self.fault(line_number, column, "the title is empty")
                }
                "title" => self.title = Some(value.to_owned()),
                "description" => self.description.push(value.to_owned()),
                "param" => match parameter(value) {
                    Ok(parameter) => self.add(line_number, column, parameter),
                    Err(message) => self.fault(line_number, column, message),
                },
                _ => self.fault(
                    line_number,
                    column,
                    format!("`{key}` is not known here: write `title`, `description` or `param`"),
                ),
            }
        }
    }

    fn add(&mut self, line: usize, column: usize, parameter: Parameter) {
        if self
            .parameters
            .iter()
            .any(|(_, known)| known.name == parameter.name)
        {
            self.fault(
                line,
                column,
                format!("`{}` is stated more than once", parameter.name),
            );
        } else {
            self.parameters.push((line, parameter));
        }
    }

    /// Each parameter has to be a variable of the query, at places where a value of its type may stand.
    fn check_parameters(&mut self, text: &str, endpoint: &str) {
        for (line, parameter) in self.parameters.clone() {
            let name = &parameter.name;
            if !has_variable(text, name) {
                self.fault(line, 1, format!("the query has no variable ?{name}"));
                continue;
            }
            let example = match parameter.kind {
                Kind::String => "a",
                Kind::Iri => "http://example.org/",
                Kind::Integer => "1",
                Kind::Date => "2026-01-31",
                Kind::LangString => "a@fr",
            };
            let Ok(term) = parameter.kind.term(example) else {
                continue;
            };
            let bound = bind(text, &[(name, term)], &Limits::default());
            if let Err(error) = bound.and_then(|bound| check(&bound, endpoint, &Limits::default()))
            {
                let (at, _) = place(&error);
                let message = format!(
                    "no value of type {} can stand where the query has ?{name} in line {at}: a parameter is put in everywhere, and cannot be selected, bound or grouped by",
                    parameter.kind.name()
                );
                self.fault(line, 1, message);
            }
        }
    }
}

/// `name type default`
fn parameter(stated: &str) -> Result<Parameter, String> {
    let (name, rest) = stated
        .split_once(char::is_whitespace)
        .unwrap_or((stated, ""));
    let rest = rest.trim();
    let (kind, default) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let is_word = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= MAX_NAME
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !is_word || RESERVED.contains(&name) {
        return Err(format!(
            "`{name}` cannot be the name of a parameter: write `# param: name type default`, with a name of small letters, digits and `_` other than `{}`",
            RESERVED.join("`, `")
        ));
    }
    let known = Kind::ALL.into_iter().find(|known| known.name() == kind);
    let kind = known.ok_or_else(|| {
        let names = Kind::ALL.map(Kind::name).join(", ");
        format!("`{kind}` is no type of a parameter: write one of {names}")
    })?;
    let default = default.trim();
    // Quotation marks are needed for a text that is empty, or has blanks at its ends.
    let quoted = default
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let default = match quoted {
        Some(text) => Some(text),
        None => Some(default).filter(|text| !text.is_empty()),
    };
    if let Some(Err(wanted)) = default.map(|default| kind.term(default)) {
        return Err(format!("the default of `{name}` has to be {wanted}"));
    }
    Ok(Parameter {
        name: name.to_owned(),
        kind,
        default: default.map(str::to_owned),
    })
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= MAX_NAME
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn place(error: &QueryError) -> (usize, usize) {
    match error {
        QueryError::Syntax { line, column, .. } | QueryError::Refused { line, column, .. } => {
            (*line, *column)
        }
        _ => (1, 1),
    }
}

const MAX_NAME: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SavedQuery, Vec<QueryFault>> {
        SavedQuery::parse("eau", text, "https://a.example/sparql")
    }

    #[test]
    fn the_first_comments_say_what_it_is() {
        let text = "# title: Jeux\n# description: Les jeux\n# description: de l’eau.\n# Une note : voir http://a.example/\n\n# param: mot string \"\"\n# param: depuis date 2026-01-31\n# param: un iri\nASK { ?s ?p ?mot, ?depuis, ?un } # param: x y\n";
        let query = read(text).expect("a query");
        assert_eq!(
            (query.title.as_str(), query.description.as_str()),
            ("Jeux", "Les jeux de l’eau.")
        );
        let stated: Vec<_> = query
            .parameters
            .iter()
            .map(|it| (it.name.as_str(), it.kind, it.default.as_deref()))
            .collect();
        assert_eq!(
            stated,
            [
                ("mot", Kind::String, Some("")),
                ("depuis", Kind::Date, Some("2026-01-31")),
                ("un", Kind::Iri, None)
            ]
        );
        assert_eq!(
            (query.text.as_str(), query.results),
            (text, Results::Boolean)
        );
    }

    #[test]
    fn each_fault_is_told_where_it_stands() {
        for (text, line, column, words) in [
            ("ASK {}", 1, 1, "title"),
            ("# title: a\n# titre: b\nASK {}", 2, 3, "`titre`"),
            ("# title: a\n#  title: b\nASK {}", 2, 4, "more than one"),
            ("# title: a\nASK {\n ?s ?p }", 3, 8, "unexpected"),
            ("# title: a\nASK { SERVICE ?x {} }", 2, 7, "SERVICE"),
            ("# title: a\nCLEAR ALL", 2, 1, "unexpected"),
            ("# title: a\n# param: x\nASK { ?s ?p ?x }", 2, 3, "type"),
            (
                "# title: a\n# param: x mot\nASK { ?s ?p ?x }",
                2,
                3,
                "langString",
            ),
            (
                "# title: a\n# param: bom string\nASK { ?s ?p ?bom }",
                2,
                3,
                "`bom`",
            ),
            (
                "# title: a\n# param: x date hier\nASK { ?s ?p ?x }",
                2,
                3,
                "2026-01-31",
            ),
            (
                "# title: a\n# param: x string\nASK { ?s ?p '?x' }",
                2,
                1,
                "no variable",
            ),
            (
                "# title: a\n# param: x string\nSELECT ?x { ?s ?p ?x }",
                2,
                1,
                "line 3",
            ),
            (
                "# title: a\n# param: x string\n# param: x iri\nASK { ?s ?p ?x }",
                3,
                3,
                "more than once",
            ),
        ] {
            let faults = read(text).expect_err(text);
            assert_eq!(faults.len(), 1, "{text}: {faults:?}");
            assert_eq!(
                (faults[0].line, faults[0].column),
                (line, column),
                "{text}: {faults:?}"
            );
            assert!(faults[0].message.contains(words), "{faults:?}");
        }
        for name in ["Eau", "a b", "", "-a", "a.b", "é"] {
            assert!(
                SavedQuery::parse(name, "# title: a\nASK {}", "https://a.example/sparql").is_err(),
                "{name}"
            );
        }
    }
}
