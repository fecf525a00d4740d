//! What is described once: sources, runs, rules, and who carries them out.

use archive::TracedRun;
use model::SourceId;
use model::ns::{dcat, dcterms, foaf, prov, rdfs};
use oxrdf::vocab::rdf;
use oxrdf::{Literal, NamedNode, Triple};

use crate::terms::{
    ENDED_AT_TIME, PERSON, SOFTWARE_AGENT, SPECIALIZATION_OF, STARTED_AT_TIME, WAS_ASSOCIATED_WITH,
};
use crate::{Names, Told, time};

/// What people call a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceName {
    pub id: SourceId,
    pub title: String,
}

/// A source is a catalogue.
pub fn source(names: &Names, name: &SourceName) -> Vec<Triple> {
    let mut told = Told::default();
    let node = names.source(&name.id);
    told.say(&node, rdf::TYPE, dcat::CATALOG_CLASS.into_owned());
    told.text(&node, dcterms::TITLE, &name.title);
    told.text(&node, dcterms::IDENTIFIER, name.id.as_str());
    told.0
}

/// A run is an activity of the program with a source.
pub fn run(names: &Names, run: &TracedRun) -> Vec<Triple> {
    let mut told = Told::default();
    let node = names.run(run.run);
    told.say(&node, rdf::TYPE, prov::ACTIVITY.into_owned());
    told.say(&node, STARTED_AT_TIME, time(run.started));
    if let Some(finished) = run.finished {
        told.say(&node, ENDED_AT_TIME, time(finished));
    }
    told.say(&node, dcterms::SOURCE, names.source(&run.source));
    let version = run.software.as_deref();
    told.say(&node, WAS_ASSOCIATED_WITH, names.software(version));
    told.0
}

/// The program, in each version that carried a run out, and whoever decides what rules cannot.
pub fn agents<'a>(names: &Names, versions: impl IntoIterator<Item = &'a str>) -> Vec<Triple> {
    let mut told = Told::default();
    let program = names.software(None);
    software(&mut told, &program, "Moisson");
    for version in versions {
        let node = names.software(Some(version));
        software(&mut told, &node, &format!("Moisson {version}"));
        told.text(&node, dcat::VERSION, version);
        told.say(&node, SPECIALIZATION_OF, program.clone());
    }
    let operator = names.operator();
    told.say(&operator, rdf::TYPE, PERSON.into_owned());
    let label = Literal::new_language_tagged_literal_unchecked("une personne", "fr");
    told.say(&operator, foaf::NAME, label);
    told.0
}

fn software(told: &mut Told, node: &NamedNode, name: &str) {
    told.say(node, rdf::TYPE, SOFTWARE_AGENT.into_owned());
    told.text(node, foaf::NAME, name);
}

/// The rules are plans that runs and decisions follow.
pub fn rules(names: &Names) -> Vec<Triple> {
    let mut told = Told::default();
    for (rule, title) in normalise::rules() {
        let node = names.rule(rule);
        told.say(&node, rdf::TYPE, prov::PLAN.into_owned());
        told.text(&node, dcterms::IDENTIFIER, rule);
        let title = Literal::new_language_tagged_literal_unchecked(title, "fr");
        told.say(&node, rdfs::LABEL, title);
    }
    told.0
}
