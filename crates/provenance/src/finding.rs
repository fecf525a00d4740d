//! What rules did with values.

use archive::EntityKey;
use model::Finding;
use model::ns::prov;
use oxrdf::NamedNode;
use oxrdf::vocab::rdf;

use crate::terms::{FOCUS_NODE, HAS_SELECTOR, RESULT_PATH, SOURCE_CONSTRAINT_COMPONENT, VALUE};
use crate::{Names, Told};

/// Says which rule did something with which value. `whole`: the nodes of the entity are those of the record.
pub(crate) fn tell(
    told: &mut Told,
    names: &Names,
    node: &NamedNode,
    (entity, record, whole): (EntityKey, &NamedNode, bool),
    finding: &Finding,
) {
    let iri = names.entity(entity);
    let focus = match finding.node.as_deref() {
        Some(fragment) if fragment.starts_with('#') && whole => {
            NamedNode::new(format!("{}{fragment}", iri.as_str())).ok()
        }
        Some(other) if other.starts_with(names.base()) => NamedNode::new(other).ok(),
        _ => None,
    };
    told.say(node, FOCUS_NODE, focus.unwrap_or(iri));
    let property = finding.property.as_deref();
    if let Some(property) = property.and_then(|property| NamedNode::new(property).ok()) {
        told.say(node, RESULT_PATH, property);
    }
    if let Some(value) = &finding.value {
        told.text(node, VALUE, value);
    }
    told.say(node, SOURCE_CONSTRAINT_COMPONENT, names.rule(&finding.rule));
    told.say(node, prov::WAS_DERIVED_FROM, record.clone());
    if let Some(place) = &finding.place {
        let selector = NamedNode::new_unchecked(format!("{}-place", node.as_str()));
        told.say(node, HAS_SELECTOR, selector.clone());
        told.text(&selector, rdf::VALUE, place);
    }
}
