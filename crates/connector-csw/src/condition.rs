//! The condition of GetRecords: what the configuration says in CQL, and the keys that spare it.

use crate::config::Config;
use crate::plan::queryable;

/// All that the configuration wants at once. A server that cannot decide it refuses the request; nothing is left out of a
/// condition, since that would harvest what nobody asked for.
pub fn condition(config: &Config, queryables: &[String]) -> Option<String> {
    let filter = config.filter.as_deref().map(|filter| {
        // Simple readers of CQL know no parentheses: only an alternative needs them.
        let alternative = filter
            .split_whitespace()
            .any(|word| word.eq_ignore_ascii_case("or"));
        let alone = config.organisation.is_none() && config.group.is_none();
        if alternative && !alone {
            format!("({filter})")
        } else {
            filter.to_owned()
        }
    });
    let organisation = config.organisation.as_deref().map(|name| {
        let property =
            queryable(queryables, "OrganisationName").unwrap_or("apiso:OrganisationName");
        equals(property, name)
    });
    let group = config
        .group
        .as_deref()
        .map(|group| equals(group_property(config, group), group));
    let conditions: Vec<String> = [filter, organisation, group]
        .into_iter()
        .flatten()
        .collect();
    (!conditions.is_empty()).then(|| conditions.join(" AND "))
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

fn equals(property: &str, value: &str) -> String {
    format!("{property} = '{}'", value.trim().replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(keys: &str, queryables: &[&str]) -> Option<String> {
        let config: Config =
            toml::from_str(&format!("url = \"https://c.example\"\n{keys}")).expect("keys");
        let queryables: Vec<String> = queryables.iter().map(|name| (*name).to_owned()).collect();
        condition(&config, &queryables)
    }

    #[test]
    fn conditions_are_joined_and_quoted() {
        assert_eq!(of("", &[]), None);
        assert_eq!(
            of("organisation = \"Agence de l'eau\"", &["OrganisationName"]).as_deref(),
            Some("OrganisationName = 'Agence de l''eau'")
        );
        assert_eq!(
            of(
                "filter = \"Type = 'dataset'\"\norganisation = \"DREAL\"\ngroup = \"12\"",
                &["apiso:OrganisationName", "apiso:Title"]
            )
            .as_deref(),
            Some("Type = 'dataset' AND apiso:OrganisationName = 'DREAL' AND groupOwner = '12'")
        );
        assert_eq!(
            of("filter = \"a = 1 or b = 2\"\ngroup = \"eau\"", &[]).as_deref(),
            Some("(a = 1 or b = 2) AND groupPublished = 'eau'")
        );
        assert_eq!(
            of("group = \"12\"\ngroup_property = \"_groupOwner\"", &[]).as_deref(),
            Some("_groupOwner = '12'")
        );
    }
}
