//! Licence, rights and access rights.

use model::EntityKind;
use model::ns::{dcat, dcterms};
use oxrdf::{NamedNode, NamedNodeRef};

use super::{Element, Mapping, is_address};
use crate::iso::terms::{About, Block, about};
use crate::iso::text::fold_code;

/// Codes of ISO that say only that a text somewhere else says something.
const BARE_CODES: [&str; 4] = ["otherrestrictions", "license", "licence", "unrestricted"];

impl<'t> Mapping<'_, 't> {
    /// Licence and rights belong to the distributions, access rights to the resource; a service, and a dataset without
    /// distributions, bears them all itself. There is one licence: the others are rights.
    pub(super) fn rights(&mut self) {
        let mut licence: Option<Element<'t>> = None;
        let mut access: Vec<Element<'t>> = self.all(&["accessRights"]);
        let mut others: Vec<Element<'t>> = Vec::new();
        let statements = self.all(&["license", "rights"]);
        let stated = statements.iter().filter(|right| right.name() == "license");
        let texts = statements.iter().filter(|right| right.name() == "rights");
        for right in stated.chain(texts) {
            let value = right.value();
            if BARE_CODES.contains(&fold_code(value).as_str()) {
                continue;
            }
            let what = match right.name() {
                "license" => About::Licence,
                _ if value.starts_with("info:eu-repo/semantics/") => About::Access,
                _ => about(value, None, Block::Use),
            };
            match what {
                About::Access => access.push(*right),
                About::Licence if licence.is_none() => licence = Some(*right),
                About::Licence | About::NoCondition | About::Use => others.push(*right),
            }
        }
        let iri = self.iri();
        for right in &access {
            self.iri_or_text(&iri, dcterms::ACCESS_RIGHTS, right.value());
        }
        let stated = licence.iter().chain(&others);
        let length = stated.map(|right| right.value().len()).sum();
        for bearer in self.bearers(length) {
            if let Some(licence) = licence {
                self.iri_or_text(&bearer, dcterms::LICENSE, licence.value());
            }
            self.joined(&bearer, dcterms::RIGHTS, &others);
        }
    }

    /// The dataset itself also where so many copies of `length` bytes would make much of one long text.
    fn bearers(&self, length: usize) -> Vec<NamedNode> {
        const MOST_BYTES: usize = 1024 * 1024;
        let entity = &self.draft.entity;
        let distributions: Vec<NamedNode> = entity
            .instances(dcat::DISTRIBUTION_CLASS)
            .cloned()
            .collect();
        let too_much = length.saturating_mul(distributions.len()) > MOST_BYTES;
        if distributions.is_empty() || too_much || entity.kind == EntityKind::DataService {
            vec![entity.iri.clone()]
        } else {
            distributions
        }
    }

    /// One statement: DCAT-AP's shapes allow no second one.
    fn joined(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, texts: &[Element<'t>]) {
        let mut values: Vec<&str> = Vec::new();
        for text in texts {
            if !values.contains(&text.value()) {
                values.push(text.value());
            }
        }
        match (values.as_slice(), texts.first()) {
            ([one], _) if is_address(one) => self.draft.entity.add_iri(subject, predicate, one),
            (_, Some(first)) => {
                let language = self.language(*first);
                self.draft.entity.add_text(
                    subject,
                    predicate,
                    &values.join("\n"),
                    language.as_deref(),
                );
            }
            (_, None) => {}
        }
    }
}
