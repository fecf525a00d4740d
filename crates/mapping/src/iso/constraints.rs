//! Constraints into licence, rights and access rights.

use model::ns::{dcat, dcterms};
use model::{EntityKind, Severity, check_iri};
use oxrdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term};

use super::paths;
use super::terms::{About, Block, about, family};
use super::text::{anchor, code, fold_code};
use super::{Element, Mapping};

const MAX_CONSTRAINTS: usize = 200;

/// One value of a constraint.
#[derive(Clone)]
struct Statement<'t> {
    place: Element<'t>,
    text: &'t str,
    address: Option<&'t str>,
    about: About,
}

impl<'t> Mapping<'_, 't> {
    /// Licence and rights belong to the distributions, access rights to the resource (GeoDCAT-AP 3.0, annex B.4.13 and
    /// B.4.14); a service, and a dataset without distributions, bears them all itself.
    pub(super) fn constraints(&mut self) {
        let subject = self.entity.iri.clone();
        let statements = self.statements();
        let access: Vec<&Statement<'t>> = statements
            .iter()
            .filter(|statement| statement.about == About::Access)
            .collect();
        let best = access
            .iter()
            .find(|statement| statement.address.is_some())
            .or_else(|| access.first());
        if let Some(best) = best {
            self.state(&subject, dcterms::ACCESS_RIGHTS, best);
        }
        let others: Vec<&Statement<'t>> = access
            .iter()
            .filter(|statement| best.is_none_or(|best| best.place != statement.place))
            .copied()
            .collect();
        self.rights(&subject, &others);
        let licence = self.licence(&statements);
        let bearers = self.bearers();
        for bearer in bearers {
            if let Some(licence) = &licence {
                self.state(&bearer, dcterms::LICENSE, licence);
            }
            // That nothing limits the use adds nothing to a licence.
            let adds = |statement: &&Statement<'t>| match (&licence, statement.about) {
                (_, About::Access) | (Some(_), About::NoCondition) => false,
                (Some(licence), _) => licence.place != statement.place,
                (None, _) => true,
            };
            let rights: Vec<&Statement<'t>> = statements.iter().filter(adds).collect();
            self.rights(&bearer, &rights);
        }
    }

    /// One rights statement: DCAT-AP's shapes allow no second one.
    fn rights(&mut self, subject: &NamedNode, statements: &[&Statement<'t>]) {
        let stated = self.entity.object(subject, dcterms::RIGHTS).is_some();
        match statements {
            [] => {}
            [one] if !stated => self.state(subject, dcterms::RIGHTS, one),
            several => {
                let lines: Vec<String> = several
                    .iter()
                    .map(|statement| match statement.address {
                        Some(address) if !statement.text.is_empty() => {
                            format!("{} ({address})", statement.text)
                        }
                        Some(address) => address.to_owned(),
                        None => statement.text.to_owned(),
                    })
                    .collect();
                let before = self.take_rights(subject);
                let text = before
                    .into_iter()
                    .chain(lines)
                    .collect::<Vec<_>>()
                    .join("\n");
                let language = self.locales.default.clone();
                self.entity
                    .add_text(subject, dcterms::RIGHTS, &text, language.as_deref());
            }
        }
    }

    /// Takes out what is already said: of a dataset without distributions, which bears the rights of access and of use.
    fn take_rights(&mut self, subject: &NamedNode) -> Option<String> {
        let text = self
            .entity
            .object(subject, dcterms::RIGHTS)
            .map(|object| match object {
                Term::Literal(literal) => literal.value().to_owned(),
                Term::NamedNode(node) => node.as_str().to_owned(),
                Term::BlankNode(node) => node.as_str().to_owned(),
            });
        self.entity.triples.retain(|triple| {
            triple.predicate != dcterms::RIGHTS
                || triple.subject != NamedOrBlankNode::from(subject.clone())
        });
        text
    }

    fn bearers(&self) -> Vec<NamedNode> {
        let distributions: Vec<NamedNode> = self
            .entity
            .instances(dcat::DISTRIBUTION_CLASS)
            .cloned()
            .collect();
        if distributions.is_empty() || self.entity.kind == EntityKind::DataService {
            vec![self.entity.iri.clone()]
        } else {
            distributions
        }
    }

    /// The one licence: an anchor or an address first, then a name, then INSPIRE's `no conditions apply`.
    fn licence(&mut self, statements: &[Statement<'t>]) -> Option<Statement<'t>> {
        let licences: Vec<&Statement<'t>> = statements
            .iter()
            .filter(|statement| statement.about == About::Licence)
            .collect();
        let chosen = licences
            .iter()
            .find(|statement| statement.address.is_some() || statement.text.contains("://"))
            .or_else(|| licences.first())
            .copied();
        let family = |statement: &Statement<'_>| {
            family(statement.text).or_else(|| statement.address.and_then(family))
        };
        let first = chosen.and_then(family);
        if let Some(other) = licences
            .iter()
            .find(|statement| matches!((family(statement), first), (Some(a), Some(b)) if a != b))
        {
            self.find(
                "licence/contradictory",
                Severity::Warning,
                other.place,
                other.text,
                format!(
                    "the record gives another licence too: {}; that one was kept",
                    chosen.map(|chosen| chosen.text).unwrap_or_default()
                ),
                "Give one licence in useConstraints and otherConstraints, and take the others out.",
            );
        }
        chosen
            .or_else(|| {
                statements
                    .iter()
                    .find(|statement| statement.about == About::NoCondition)
            })
            .cloned()
    }

    /// An anchor is the value, unless it is about access and leads to no list of access rights: to a home page, say.
    fn state(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        statement: &Statement<'t>,
    ) {
        let listed = |address: &&str| {
            statement.about != About::Access
                || ["LimitationsOnPublicAccess", "authority/access-right"]
                    .iter()
                    .any(|list| address.contains(list))
        };
        // A licence by its name, and the publisher's own page about it: the name says which one it is.
        let named = statement.about == About::Licence
            && family(statement.text).is_some()
            && statement
                .address
                .is_some_and(|address| family(address).is_none());
        if let Some(address) = statement.address.filter(|_| named) {
            let text = format!("{} ({address})", statement.text);
            self.entity.add_text(subject, predicate, &text, None);
            return;
        }
        match statement.address.filter(listed).and_then(check_iri) {
            Some(iri) => self.entity.add(subject, predicate, iri),
            None => {
                let language = self
                    .locales
                    .default
                    .clone()
                    .filter(|_| predicate == dcterms::RIGHTS);
                let text = if statement.text.is_empty() {
                    statement.address.unwrap_or_default()
                } else {
                    statement.text
                };
                self.entity
                    .add_text(subject, predicate, text, language.as_deref());
            }
        }
    }

    fn statements(&self) -> Vec<Statement<'t>> {
        let mut found: Vec<Statement<'t>> = Vec::new();
        for constraint in self
            .all(self.info, &paths::CONSTRAINTS)
            .into_iter()
            .take(MAX_CONSTRAINTS)
            .flat_map(Element::children)
        {
            let access: Vec<&str> = constraint
                .all("accessConstraints")
                .into_iter()
                .filter_map(code)
                .collect();
            let use_codes: Vec<&str> = constraint
                .all("useConstraints")
                .into_iter()
                .filter_map(code)
                .collect();
            let block = match (access.is_empty(), use_codes.is_empty()) {
                (false, true) => Block::Access,
                (true, false) => Block::Use,
                _ => Block::Both,
            };
            let before = found.len();
            let licensed = use_codes.iter().any(|code| {
                matches!(
                    fold_code(code).as_str(),
                    "license" | "licence" | "licenceunrestricted" | "licenceenduser"
                )
            });
            for (path, kind) in [
                ("otherConstraints", block),
                ("useLimitation", Block::Use),
                ("reference/title", block),
            ] {
                for place in constraint.all(path).into_iter().take(MAX_CONSTRAINTS) {
                    let address = anchor(place).filter(|address| address.starts_with("http"));
                    let text = place.value();
                    let known = found
                        .iter()
                        .any(|statement| statement.text == text && statement.address == address);
                    if (!text.is_empty() || address.is_some())
                        && !known
                        && found.len() < MAX_CONSTRAINTS
                    {
                        found.push(Statement {
                            place,
                            text,
                            address,
                            about: about(text, address, kind),
                        });
                    }
                }
            }
            // The block says that it holds a licence, or it binds use by a document that it links: then that is the licence,
            // if nothing else in the block looks like one.
            let block_statements = found.get_mut(before..).unwrap_or_default();
            if !block_statements
                .iter()
                .any(|statement| matches!(statement.about, About::Licence | About::NoCondition))
            {
                let bound = |statement: &&mut Statement<'_>| {
                    statement.about == About::Use
                        && (licensed
                            || (block == Block::Use
                                && statement.address.is_some_and(|address| {
                                    !address.ends_with("conditionsUnknown")
                                })))
                };
                if let Some(first) = block_statements.iter_mut().find(bound) {
                    first.about = About::Licence;
                }
            }
            if found.len() == before {
                self.bare_codes(constraint, &mut found);
            }
        }
        found
    }

    /// Codes that say something without a text.
    fn bare_codes(&self, constraint: Element<'t>, found: &mut Vec<Statement<'t>>) {
        let codes = [
            ("accessConstraints", About::Access),
            ("useConstraints", About::Use),
            ("classification", About::Access),
        ];
        for (property, about) in codes {
            for place in constraint.all(property).into_iter().take(MAX_CONSTRAINTS) {
                let Some(text) = code(place) else { continue };
                let says = matches!(
                    fold_code(text).as_str(),
                    "restricted"
                        | "confidential"
                        | "secret"
                        | "topsecret"
                        | "inconfidence"
                        | "private"
                        | "statutory"
                        | "unrestricted"
                        | "copyright"
                        | "intellectualpropertyrights"
                        | "patent"
                        | "trademark"
                        | "forofficialuseonly"
                        | "sensitivebutunclassified"
                        | "protected"
                        | "limiteddistribution"
                );
                if says && !found.iter().any(|statement| statement.text == text) {
                    // A copyright is no limit of access.
                    let about = if matches!(
                        fold_code(text).as_str(),
                        "copyright" | "intellectualpropertyrights" | "patent" | "trademark"
                    ) {
                        About::Use
                    } else {
                        about
                    };
                    found.push(Statement {
                        place,
                        text,
                        address: None,
                        about,
                    });
                }
            }
        }
    }
}
