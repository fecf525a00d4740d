//! Identifiers of records: <https://www.openarchives.org/OAI/2.0/guidelines-oai-identifier.htm>

use archive::EntityKey;
use model::EntityKind;

/// `oai:HOST:dataset/UUID`; the entity's IRI where the host of the base is no domain name.
pub(super) fn identifier(base: &str, key: EntityKey) -> String {
    match repository(base) {
        Some(host) => format!("oai:{host}:{}/{}", key.minted.segment(), key.id),
        None => key.iri(base),
    }
}

/// The entity of an identifier, or of an IRI. Organisations have no record of their own.
pub(super) fn key(base: &str, identifier: &str) -> Option<EntityKey> {
    let local = repository(base)
        .and_then(|host| identifier.strip_prefix("oai:")?.strip_prefix(host))
        .and_then(|rest| rest.strip_prefix(':'));
    let key = match local {
        Some(local) => EntityKey::of_iri("", local),
        None => EntityKey::of_iri(base, identifier),
    };
    key.filter(|key| key.minted != EntityKind::Organisation)
}

/// The name under which the repository's identifiers are unique: the host of the base, if its labels are as a domain's have to be here.
pub(super) fn repository(base: &str) -> Option<&str> {
    let (_, rest) = base.split_once("://")?;
    let host = rest.split(['/', ':']).next()?;
    let is_label = |label: &str| {
        label.starts_with(|c: char| c.is_ascii_alphabetic())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    (host.contains('.') && host.split('.').all(is_label)).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_leads_back_to_its_entity() {
        let key = EntityKey {
            minted: EntityKind::Dataset,
            id: uuid::Uuid::from_u128(7),
        };
        for (base, start) in [
            ("https://donnees.example/", "oai:donnees.example:dataset/"),
            ("https://a.example:8080/x/", "oai:a.example:dataset/"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/dataset/"),
            ("http://localhost/", "http://localhost/dataset/"),
        ] {
            let identifier = identifier(base, key);
            assert!(identifier.starts_with(start), "{identifier}");
            assert_eq!(super::key(base, &identifier), Some(key));
            assert_eq!(super::key(base, &key.iri(base)), Some(key));
        }
        let base = "https://donnees.example/";
        for bad in [
            "",
            "oai:donnees.example:",
            "oai:donnees.example:dataset/7",
            "oai:donnees.example:organisation/00000000-0000-0000-0000-000000000007",
            "oai:autre.example:dataset/00000000-0000-0000-0000-000000000007",
            "oai:donnees.example:dataset/00000000-0000-0000-0000-000000000007/original",
        ] {
            assert_eq!(super::key(base, bad), None, "{bad}");
        }
    }
}
