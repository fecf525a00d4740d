//! The tables as files: tab-separated values, with a head of `#:` lines. `vocab/README.md` describes them.

use oxrdf::NamedNode;

use crate::Scheme;
use crate::table::Concept;

/// What is wrong with a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("vocab/{file}, line {line}: {message}")]
pub struct TableError {
    pub file: &'static str,
    pub line: usize,
    pub message: String,
}

#[derive(Debug)]
pub(crate) struct Row {
    pub concept: Concept,
    /// With `true` for the doubtful ones.
    pub aliases: Vec<(String, bool)>,
}

#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub version: String,
    pub iri: Option<NamedNode>,
    pub base: String,
    pub title_fr: String,
    pub title_en: String,
    pub classes: Vec<NamedNode>,
    pub dct_type: Option<NamedNode>,
    pub rows: Vec<Row>,
}

const PREFIXES: [(&str, &str); 3] = [
    ("dct:", "http://purl.org/dc/terms/"),
    ("skos:", "http://www.w3.org/2004/02/skos/core#"),
    ("dcat:", "http://www.w3.org/ns/dcat#"),
];

pub(crate) fn parse(
    scheme: Scheme,
    file: &'static str,
    content: &str,
) -> Result<Parsed, TableError> {
    let mut parsed = Parsed::default();
    let mut columns: Option<Vec<&str>> = None;
    for (at, line) in content.lines().enumerate() {
        let fail = |message: String| TableError {
            file,
            line: at + 1,
            message,
        };
        if let Some(setting) = line.strip_prefix("#:") {
            let (key, value) = setting
                .trim()
                .split_once(' ')
                .ok_or_else(|| fail("write `#: key value`".into()))?;
            set(&mut parsed, key, value.trim()).map_err(fail)?;
        } else if line.trim().is_empty() || line.starts_with('#') {
        } else if let Some(columns) = &columns {
            let row = row(scheme, &parsed.base, columns, line).map_err(fail)?;
            parsed.rows.push(row);
        } else {
            columns = Some(line.split('\t').collect());
        }
    }
    if parsed.version.is_empty() || parsed.title_fr.is_empty() || parsed.base.is_empty() {
        return Err(TableError {
            file,
            line: 1,
            message: "the head must give version, base, title.fr and title.en".into(),
        });
    }
    Ok(parsed)
}

fn set(parsed: &mut Parsed, key: &str, value: &str) -> Result<(), String> {
    match key {
        "version" => value.clone_into(&mut parsed.version),
        "scheme" => parsed.iri = (value != "-").then(|| iri(value)).transpose()?,
        "base" => value.clone_into(&mut parsed.base),
        "title.fr" => value.clone_into(&mut parsed.title_fr),
        "title.en" => value.clone_into(&mut parsed.title_en),
        "class" => parsed.classes = value.split(' ').map(iri).collect::<Result<_, _>>()?,
        "type" => parsed.dct_type = Some(iri(value)?),
        _ => return Err(format!("unknown key `{key}`")),
    }
    Ok(())
}

fn row(scheme: Scheme, base: &str, columns: &[&str], line: &str) -> Result<Row, String> {
    let mut row = Row {
        concept: Concept {
            scheme,
            iri: NamedNode::new_unchecked(""),
            code: String::new(),
            codes: Vec::new(),
            fr: None,
            en: None,
            exact: Vec::new(),
            maps: Vec::new(),
            both_ways: true,
            extensions: Vec::new(),
            homologated: None,
        },
        aliases: Vec::new(),
    };
    let concept = &mut row.concept;
    let cells: Vec<&str> = line.split('\t').collect();
    if cells.len() > columns.len() {
        return Err(format!(
            "{} cells for {} columns",
            cells.len(),
            columns.len()
        ));
    }
    for (column, cell) in columns.iter().zip(cells) {
        let cell = cell.trim();
        let list = || {
            cell.split(" | ")
                .map(str::trim)
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
        };
        let text = || Some(cell.to_owned()).filter(|cell| !cell.is_empty());
        match *column {
            "iri" if cell.contains("://") => {
                concept.iri = iri(cell)?;
                cell.clone_into(&mut concept.code);
            }
            "iri" => {
                concept.iri = iri(&format!("{base}{cell}"))?;
                cell.clone_into(&mut concept.code);
            }
            "fr" => concept.fr = text(),
            "en" => concept.en = text(),
            "codes" => concept.codes = list().collect(),
            "aliases" => {
                row.aliases = list()
                    .map(|alias| match alias.strip_prefix('~') {
                        Some(doubtful) => (doubtful.to_owned(), true),
                        None => (alias, false),
                    })
                    .collect();
            }
            "exact" => {
                concept.exact = list().map(|cell| iri(&cell)).collect::<Result<_, _>>()?;
            }
            "maps" => concept.maps = list().collect(),
            "media" => {
                concept.both_ways = !cell.starts_with('>');
                concept.maps = list()
                    .map(|media| media.trim_start_matches('>').to_owned())
                    .collect();
            }
            "extensions" => concept.extensions = list().collect(),
            "homologated" => {
                concept.homologated = match cell {
                    "" => None,
                    "oui" => Some(true),
                    "non" | "logiciel" => Some(false),
                    other => {
                        return Err(format!("`{other}`: write oui, non, logiciel or nothing"));
                    }
                }
            }
            column => return Err(format!("unknown column `{column}`")),
        }
    }
    Ok(row)
}

fn iri(value: &str) -> Result<NamedNode, String> {
    let value = PREFIXES
        .iter()
        .find_map(|(prefix, base)| {
            value
                .strip_prefix(prefix)
                .map(|local| format!("{base}{local}"))
        })
        .unwrap_or_else(|| value.to_owned());
    model::check_iri(&value).ok_or_else(|| format!("`{value}` is no IRI"))
}
