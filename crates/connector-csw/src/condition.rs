//! The condition of GetRecords: what the configuration says in CQL, and the keys that spare it.

use quick_xml::escape::escape;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::plan::queryable;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    Cql(String),
    /// `ogc:Filter`.
    Filter(String),
}

/// All that the configuration wants at once. A server that cannot decide it refuses the request; nothing is left out of a
/// condition, since that would harvest what nobody asked for.
///
/// Where nothing is said in CQL, neither is the rest: pycsw's reader of CQL drops every apostrophe, and names have some.
pub fn condition(config: &Config, queryables: &[String]) -> Option<Condition> {
    let organisation = config.organisation.as_deref().map(|name| {
        let property =
            queryable(queryables, "OrganisationName").unwrap_or("apiso:OrganisationName");
        (property, name.trim())
    });
    let group = config
        .group
        .as_deref()
        .map(|group| (group_property(config, group), group.trim()));
    let equal: Vec<(&str, &str)> = [organisation, group].into_iter().flatten().collect();
    match (&config.filter, equal.as_slice()) {
        (None, []) => None,
        (None, equal) => Some(Condition::Filter(filter(equal))),
        (Some(filter), equal) => Some(Condition::Cql(cql(filter, equal))),
    }
}

fn filter(equal: &[(&str, &str)]) -> String {
    let each: String = equal
        .iter()
        .map(|(property, value)| {
            format!(
                "<ogc:PropertyIsEqualTo><ogc:PropertyName>{}</ogc:PropertyName><ogc:Literal>{}</ogc:Literal></ogc:PropertyIsEqualTo>",
                escape(*property),
                escape(*value)
            )
        })
        .collect();
    match equal {
        [_] => each,
        _ => format!("<ogc:And>{each}</ogc:And>"),
    }
}

fn cql(filter: &str, equal: &[(&str, &str)]) -> String {
    // Simple readers of CQL know no parentheses: only an alternative needs them.
    let alternative = filter
        .split_whitespace()
        .any(|word| word.eq_ignore_ascii_case("or"));
    let mut cql = if alternative && !equal.is_empty() {
        format!("({filter})")
    } else {
        filter.to_owned()
    };
    for (property, value) in equal {
        cql.push_str(&format!(
            " AND {property} = '{}'",
            value.replace('\'', "''")
        ));
    }
    cql
}

/// GeoNetwork 4 takes the fields of its index for properties: a group by its number, or by its name.
fn group_property<'c>(config: &'c Config, group: &str) -> &'c str {
    let numbered = group.trim().chars().all(|c| c.is_ascii_digit());
    config.group_property.as_deref().unwrap_or(if numbered {
        "groupOwner"
    } else {
        "groupPublished"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(keys: &str, queryables: &[&str]) -> Option<Condition> {
        let config: Config =
            toml::from_str(&format!("url = \"https://c.example\"\n{keys}")).expect("keys");
        let queryables: Vec<String> = queryables.iter().map(|name| (*name).to_owned()).collect();
        condition(&config, &queryables)
    }

    fn cql(text: &str) -> Option<Condition> {
        Some(Condition::Cql(text.to_owned()))
    }

    fn filter(text: &str) -> Option<Condition> {
        let text = text
            .replace("[", "<ogc:PropertyIsEqualTo><ogc:PropertyName>")
            .replace("=", "</ogc:PropertyName><ogc:Literal>")
            .replace("]", "</ogc:Literal></ogc:PropertyIsEqualTo>");
        Some(Condition::Filter(text))
    }

    #[test]
    fn conditions_are_joined_and_quoted() {
        assert_eq!(of("", &[]), None);
        assert_eq!(
            of(
                "organisation = \"Agence de l'eau <x>\"",
                &["OrganisationName"]
            ),
            filter("[OrganisationName=Agence de l&apos;eau &lt;x&gt;]")
        );
        assert_eq!(
            of(
                "organisation = \"DREAL\"\ngroup = \"12\"",
                &["apiso:OrganisationName"]
            ),
            filter("<ogc:And>[apiso:OrganisationName=DREAL][groupOwner=12]</ogc:And>")
        );
        assert_eq!(
            of(
                "filter = \"Type = 'dataset'\"\norganisation = \"L'Eau\"\ngroup = \"12\"",
                &[]
            ),
            cql("Type = 'dataset' AND apiso:OrganisationName = 'L''Eau' AND groupOwner = '12'")
        );
        assert_eq!(
            of("filter = \"a = 1 or b = 2\"\ngroup = \"eau\"", &[]),
            cql("(a = 1 or b = 2) AND groupPublished = 'eau'")
        );
        assert_eq!(
            of("filter = \"a = 1 or b = 2\"", &[]),
            cql("a = 1 or b = 2")
        );
        assert_eq!(
            of("group = \"12\"\ngroup_property = \"_groupOwner\"", &[]),
            filter("[_groupOwner=12]")
        );
    }
}
