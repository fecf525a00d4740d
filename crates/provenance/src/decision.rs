//! Decisions of identity.

use archive::Decided;
use identity::Rule;
use model::ns::{dcterms, prov, rdfs};
use oxrdf::Triple;
use oxrdf::vocab::rdf;

use crate::terms::{ENDED_AT_TIME, WAS_ASSOCIATED_WITH};
use crate::{Names, Told, time};

/// A decision is an activity that used two records, and followed a rule.
pub fn decision(names: &Names, decided: &Decided) -> Vec<Triple> {
    let mut told = Told::default();
    let node = names.decision(decided);
    told.say(&node, rdf::TYPE, prov::ACTIVITY.into_owned());
    for party in [&decided.a, &decided.b] {
        told.say(&node, prov::USED, names.party(party));
    }
    told.say(&node, ENDED_AT_TIME, time(decided.at));
    told.say(&node, dcterms::CONFORMS_TO, names.rule(decided.rule.name()));
    told.text(&node, dcterms::TYPE, decided.relation.as_str());
    let who = match decided.rule {
        Rule::Person => names.operator(),
        _ => names.software(None),
    };
    told.say(&node, WAS_ASSOCIATED_WITH, who);
    for shared in &decided.shared {
        told.text(&node, rdfs::COMMENT, shared);
    }
    if let Some(reason) = &decided.reason {
        told.text(&node, dcterms::DESCRIPTION, reason);
    }
    told.0
}
