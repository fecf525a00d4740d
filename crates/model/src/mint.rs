//! Minting of IRIs: every IRI that Moisson gives begins with the configured base.

use oxiri::Iri;
use oxrdf::NamedNode;
use uuid::Uuid;

use crate::{EntityKind, RecordId, SourceId};

/// Identifiers are UUIDs of version 5 (RFC 9562, 5.5) in this name space of our own: all of one length, so
/// that no entity's IRI is the beginning of another's.
const NAMESPACE: Uuid = Uuid::from_u128(0x6d6f_6973_736f_6e00_8000_0000_0000_0001);

/// The address under which IRIs are minted: absolute, `http` or `https`, ending with `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base(String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` cannot be the base of IRIs: give an absolute http or https address without query or fragment, such as https://donnees.example.org/"
)]
pub struct BaseError(String);

impl Base {
    pub fn new(base: &str) -> Result<Self, BaseError> {
        let mut base = base.trim().to_owned();
        if !base.ends_with('/') {
            base.push('/');
        }
        match Iri::parse(base.as_str()) {
            Ok(iri)
                if matches!(iri.scheme(), "http" | "https")
                    && iri
                        .authority()
                        .is_some_and(|authority| !authority.is_empty())
                    && iri.query().is_none()
                    && iri.fragment().is_none() =>
            {
                Ok(Self(base))
            }
            _ => Err(BaseError(base)),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Gives IRIs. The same names give the same IRI, on every machine and at any time.
#[derive(Debug, Clone)]
pub struct Minter {
    base: Base,
}

impl Minter {
    pub fn new(base: Base) -> Self {
        Self { base }
    }

    pub fn base(&self) -> &str {
        self.base.as_str()
    }

    /// The catalogue of everything that is public.
    pub fn catalogue(&self) -> NamedNode {
        self.under("catalogue")
    }

    /// The entity that a record describes.
    pub fn record(&self, kind: EntityKind, source: &SourceId, record: &RecordId) -> NamedNode {
        self.entity(kind, &format!("record\0{source}\0{record}"))
    }

    /// An agent known by a key that says whose identifier it is: `siret:13002526500013`,
    /// `www.data.gouv.fr/organizations/534fff75a3a7292c64a77de4`, `name:dreal hauts de france`.
    pub fn agent(&self, key: &str) -> NamedNode {
        self.entity(EntityKind::Organisation, &format!("agent\0{key}"))
    }

    /// An entity IRI with a given identifier (the last segment of the IRI).
    pub fn with_id(&self, kind: EntityKind, id: Uuid) -> NamedNode {
        self.under(&format!("{}/{id}", kind.segment()))
    }

    fn entity(&self, kind: EntityKind, name: &str) -> NamedNode {
        self.with_id(kind, Uuid::new_v5(&NAMESPACE, name.as_bytes()))
    }

    fn under(&self, path: &str) -> NamedNode {
        // The base was parsed, and the path is made of ASCII letters, digits, `-` and `/`.
        NamedNode::new_unchecked(format!("{}{path}", self.base.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minter() -> Minter {
        Minter::new(Base::new("https://donnees.example.org").unwrap())
    }

    #[test]
    fn the_base_is_an_absolute_web_address() {
        assert_eq!(
            Base::new("https://a.example/x").unwrap().as_str(),
            "https://a.example/x/"
        );
        for bad in [
            "",
            "/x",
            "ftp://a.example/",
            "https://",
            "https://a.example/?q=1",
            "https://a b/",
            "a.example",
        ] {
            assert!(Base::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn iris_are_stable() {
        let iri = minter().record(
            EntityKind::Dataset,
            &SourceId::new("geo2france").unwrap(),
            &RecordId::new("a"),
        );
        assert_eq!(
            iri.as_str(),
            "https://donnees.example.org/dataset/d5fddb94-3c03-5233-80e3-5f0604b3ecf8"
        );
    }

    #[test]
    fn a_source_and_a_record_do_not_run_together() {
        let (ab, a) = (SourceId::new("ab").unwrap(), SourceId::new("a").unwrap());
        assert_ne!(
            minter().record(EntityKind::Dataset, &ab, &RecordId::new("c")),
            minter().record(EntityKind::Dataset, &a, &RecordId::new("bc")),
        );
    }
}
