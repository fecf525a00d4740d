//! What changes of an entity between two versions of its graph.

use oxigraph::model::Triple;

/// The difference between two versions of an entity.
///
/// Within one change the removals come first: a triple that is in both lists is in the store afterwards. It matters,
/// since the store rewrites typed literals (`"1"^^xsd:nonNegativeInteger` becomes the integer 1), so that two
/// different triples may be one in the store: whoever makes a change inserts again what stays and may be the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    pub remove: Vec<Triple>,
    pub insert: Vec<Triple>,
}
