//! Terms of the vocabularies that only provenance needs.

use oxrdf::NamedNodeRef;

macro_rules! terms {
    ($namespace:literal: $($name:ident = $local:literal),* $(,)?) => {
        $(pub(crate) const $name: NamedNodeRef<'static> = NamedNodeRef::new_unchecked(concat!($namespace, $local));)*
    };
}

// <https://www.w3.org/TR/prov-o/>
terms! { "http://www.w3.org/ns/prov#":
    STARTED_AT_TIME = "startedAtTime", ENDED_AT_TIME = "endedAtTime", GENERATED_AT_TIME = "generatedAtTime", ALTERNATE_OF = "alternateOf",
    HAD_PRIMARY_SOURCE = "hadPrimarySource", WAS_ASSOCIATED_WITH = "wasAssociatedWith", SOFTWARE_AGENT = "SoftwareAgent", PERSON = "Person",
    SPECIALIZATION_OF = "specializationOf", WAS_INFLUENCED_BY = "wasInfluencedBy",
}
// <https://www.w3.org/TR/void/#class-property-partitions>
terms! { "http://rdfs.org/ns/void#": VOID_PROPERTY = "property", PROPERTY_PARTITION = "propertyPartition" }
// <https://www.w3.org/TR/shacl/#validation-report>
terms! { "http://www.w3.org/ns/shacl#":
    FOCUS_NODE = "focusNode", RESULT_PATH = "resultPath", VALUE = "value",
    SOURCE_CONSTRAINT_COMPONENT = "sourceConstraintComponent",
}
// <https://www.w3.org/TR/annotation-vocab/#selectors>
terms! { "http://www.w3.org/ns/oa#": HAS_SELECTOR = "hasSelector" }
