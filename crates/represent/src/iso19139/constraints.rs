//! Licence, rights, access rights: `MD_LegalConstraints`.

use model::ns::{dcat, dcterms};

use super::Entity;
use super::writer::Writer;
use crate::graph::{Node, Object, Text};

const NO_LIMITATIONS: &str =
    "http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/noLimitations";
const LIMITATIONS: &str =
    "http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/";
const PUBLIC: &str = "http://publications.europa.eu/resource/authority/access-right/PUBLIC";
const UNKNOWN_CONDITIONS: &str = "http://inspire.ec.europa.eu/metadata-codelist/ConditionsApplyingToAccessAndUse/conditionsUnknown";

/// Rights of a record that are written: distributions repeat them.
const MOST: usize = 50;

impl<'a> Entity<'a> {
    pub(super) fn constraints(&self, w: &mut Writer<'a>) {
        self.access(w);
        self.conditions(w);
    }

    /// The limitation of INSPIRE's list that says it, else the access right of the EU's list; then the other rights of the resource.
    fn access(&self, w: &mut Writer<'a>) {
        let stated = self.node.objects(dcterms::ACCESS_RIGHTS).next();
        let rights: Vec<&Object<'a>> = self.node.objects(dcterms::RIGHTS).take(MOST).collect();
        let article = rights
            .iter()
            .find(|right| right.as_str().starts_with(LIMITATIONS))
            .copied();
        if stated.is_none() && rights.is_empty() {
            return;
        }
        w.path("gmd:resourceConstraints/gmd:MD_LegalConstraints", |w| {
            w.code(
                "gmd:accessConstraints",
                "MD_RestrictionCode",
                "otherRestrictions",
            );
            match (stated, article) {
                (Some(stated), _) if stated.as_str() == PUBLIC => {
                    let none = self.node.graph.node(NO_LIMITATIONS);
                    w.path("gmd:otherConstraints", |w| {
                        w.anchor(none.iri, none.label(w.speech.main));
                    });
                }
                (_, Some(article)) => self.statement(w, article),
                (Some(stated), None) => self.statement(w, stated),
                (None, None) => {}
            }
            // A service, and a dataset without distributions, bears the rights of use itself.
            for right in rights
                .iter()
                .filter(|right| Some(**right) != article && !self.bears_use())
            {
                self.statement(w, right);
            }
        });
    }

    fn bears_use(&self) -> bool {
        self.node.first(dcat::DISTRIBUTION).is_none()
    }

    /// Under which conditions the resource may be used: what it states itself, and what its distributions do.
    fn conditions(&self, w: &mut Writer<'a>) {
        let mut bearers = vec![self.node];
        bearers.extend(self.node.nodes(dcat::DISTRIBUTION));
        let mut statements: Vec<&Object<'a>> = Vec::new();
        let licences = bearers
            .iter()
            .flat_map(|bearer| bearer.objects(dcterms::LICENSE));
        let rights = bearers
            .iter()
            .skip(usize::from(!self.bears_use()))
            .flat_map(|bearer| bearer.objects(dcterms::RIGHTS));
        for statement in licences.chain(rights) {
            let access = statement.as_str().starts_with(LIMITATIONS);
            if !access && !statements.contains(&statement) && statements.len() < MOST {
                statements.push(statement);
            }
        }
        w.path("gmd:resourceConstraints/gmd:MD_LegalConstraints", |w| {
            w.code(
                "gmd:useConstraints",
                "MD_RestrictionCode",
                "otherRestrictions",
            );
            for statement in &statements {
                self.statement(w, statement);
            }
            if statements.is_empty() {
                w.path("gmd:otherConstraints", |w| {
                    w.anchor(
                        UNKNOWN_CONDITIONS,
                        "Conditions d’accès et d’utilisation inconnues",
                    );
                });
            }
        });
    }

    /// A text, a node of the record that has one, or a concept with its address.
    fn statement(&self, w: &mut Writer<'a>, statement: &Object<'a>) {
        match statement {
            Object::Literal { value, .. } => w.string("gmd:otherConstraints", value),
            Object::Iri(iri) => {
                let node: Node<'a> = self.node.graph.node(iri);
                if node.is_part_of(self.node) {
                    let names: Vec<Text<'a>> = node.names();
                    w.texts("gmd:otherConstraints", &names);
                } else {
                    w.path("gmd:otherConstraints", |w| {
                        w.anchor(node.iri, node.label(w.speech.main));
                    });
                }
            }
        }
    }
}
