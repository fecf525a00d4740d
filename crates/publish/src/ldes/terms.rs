//! Terms of the vocabularies of event streams.

use oxrdf::NamedNodeRef;

macro_rules! terms {
    ($($(#[$doc:meta])* $module:ident = $namespace:literal { $($name:ident = $local:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        pub(super) mod $module {
            use oxrdf::NamedNodeRef;
            $(pub(in crate::ldes) const $name: NamedNodeRef<'static> = NamedNodeRef::new_unchecked(concat!($namespace, $local));)*
        }
    )*};
}

terms! {
    /// <https://w3id.org/tree/specification>
    tree = "https://w3id.org/tree#" {
        NODE = "Node",
        MEMBER = "member",
        VIEW = "view",
        VIEW_DESCRIPTION = "viewDescription",
        SHAPE = "shape",
        RELATION = "relation",
        NODE_PROPERTY = "node",
        PATH = "path",
        VALUE = "value",
        GREATER_THAN_OR_EQUAL_TO = "GreaterThanOrEqualToRelation",
        LESS_THAN_OR_EQUAL_TO = "LessThanOrEqualToRelation",
    }
    /// <https://w3id.org/ldes/specification>
    ldes = "https://w3id.org/ldes#" {
        EVENT_STREAM = "EventStream",
        EVENT_SOURCE = "EventSource",
        TIMESTAMP_PATH = "timestampPath",
        VERSION_OF_PATH = "versionOfPath",
        RETENTION_POLICY = "retentionPolicy",
        LATEST_VERSION_SUBSET = "LatestVersionSubset",
        AMOUNT = "amount",
    }
    /// <https://www.w3.org/TR/activitystreams-vocabulary/>
    activity = "https://www.w3.org/ns/activitystreams#" {
        CREATE = "Create",
        UPDATE = "Update",
        DELETE = "Delete",
        OBJECT = "object",
        PUBLISHED = "published",
    }
}

/// The shape of members.
pub(super) const SHAPE: NamedNodeRef<'static> = NamedNodeRef::new_unchecked(
    "https://semiceu.github.io/LDES-DCAT-AP-feeds/shape.ttl#ActivityShape",
);
