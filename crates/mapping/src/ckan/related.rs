//! Other things that a dataset is related to.

use model::ns::{adms, dcat, dcterms, rdfs};
use model::{EntityKind, Link, LinkTarget, RecordId};
use oxrdf::{NamedNode, NamedNodeRef};

use super::fields::{Fields, leaves};
use super::statements::{Kind, Row, address, member, objects, table};
use crate::draft::Draft;

/// More relations than this are none.
const MOST: usize = 500;

const PROPERTIES: &[Row] = &[
    (&["is_referenced_by"], dcterms::IS_REFERENCED_BY, Kind::Iri),
    (&["related_resource"], dcterms::RELATION, Kind::Iri),
    (&["has_version"], dcat::HAS_VERSION, Kind::Iri),
    (&["is_version_of"], dcat::IS_VERSION_OF, Kind::Iri),
    (&["sample"], adms::SAMPLE, Kind::Iri),
];

/// CKAN's own relationships between packages, by what the subject is to the object.
const RELATIONSHIPS: [(&str, NamedNodeRef<'static>); 5] = [
    ("child_of", dcterms::IS_PART_OF),
    ("parent_of", dcterms::HAS_PART),
    ("depends_on", dcterms::REQUIRES),
    ("derives_from", dcterms::SOURCE),
    ("links_to", dcterms::RELATION),
];

pub(super) fn map(draft: &mut Draft<'_>, iri: &NamedNode, package: &Fields<'_, '_>) {
    table(draft, iri, package, PROPERTIES);
    source(draft, iri, package);
    qualified(draft, iri, package);
    let series = package.get("in_series");
    for leaf in leaves(&series).into_iter().take(MOST) {
        link(
            draft,
            iri,
            dcat::IN_SERIES,
            &leaf.text,
            EntityKind::DatasetSeries,
        );
    }
    let relationships = package.get("relationships_as_subject");
    for relationship in objects(&relationships, MOST) {
        let kind = member(&relationship, &["type"]);
        let known = RELATIONSHIPS
            .iter()
            .find(|(name, _)| kind.as_deref() == Some(*name));
        let inner = relationship.get("__extras");
        let object = member(&relationship, &["object", "object_package_id"])
            .or_else(|| member(&inner, &["object_package_id"]));
        if let (Some((_, predicate)), Some(object)) = (known, object) {
            link(draft, iri, *predicate, &object, EntityKind::Dataset);
        }
    }
    // What a service operates on, in the record of ISO 19139 that ckanext-spatial has read.
    let coupled = package.get("coupled-resource");
    for resource in objects(&coupled, MOST) {
        if let Some(href) = member(&resource, &["href"]) {
            draft.entity.add_iri(iri, dcterms::RELATION, &href);
        }
    }
}

/// Another dataset, by its address; or, as portals mostly write it, the words for where the data come from.
fn source(draft: &mut Draft<'_>, iri: &NamedNode, package: &Fields<'_, '_>) {
    let field = package.get("source");
    for (at, leaf) in leaves(&field).into_iter().take(MOST).enumerate() {
        if let Some(source) = address(&leaf.text) {
            draft.entity.add(iri, dcterms::SOURCE, source);
            continue;
        }
        let node = draft.entity.node(&format!("source-{}", at + 1));
        draft.open(
            &node,
            dcterms::PROVENANCE_STATEMENT,
            dcterms::PROVENANCE,
            &field,
        );
        let language = leaf.language.as_deref().or(draft.language());
        draft
            .entity
            .add_text(&node, rdfs::LABEL, &leaf.text, language);
    }
}

fn qualified(draft: &mut Draft<'_>, iri: &NamedNode, package: &Fields<'_, '_>) {
    let field = package.get("qualified_relation");
    for (at, relation) in objects(&field, MOST).enumerate() {
        let target = member(&relation, &["relation"]);
        let role = member(&relation, &["role"]);
        let Some(target) = target else { continue };
        let node = draft.entity.node(&format!("relation-{}", at + 1));
        draft.entity.add_type(&node, dcat::RELATIONSHIP);
        draft
            .entity
            .add(iri, dcat::QUALIFIED_RELATION, node.clone());
        draft.entity.set_origin(&node, relation.pointer());
        draft.entity.add_iri(&node, dcterms::RELATION, &target);
        if let Some(role) = role {
            draft.entity.add_iri(&node, dcat::HAD_ROLE, &role);
        }
    }
}

/// Another record of the portal, by its identifier or its name.
fn link(
    draft: &mut Draft<'_>,
    iri: &NamedNode,
    predicate: NamedNodeRef<'_>,
    target: &str,
    kind: EntityKind,
) {
    let target = match target.len() == 36 && target.contains('-') {
        true => LinkTarget::Record(RecordId::new(target)),
        false => LinkTarget::Alias(target.to_owned()),
    };
    draft.entity.links.push(Link {
        subject: iri.clone(),
        predicate: predicate.into_owned(),
        target,
        kind,
    });
}
