//! The provenance of one entity.

use archive::{EntityKey, Trace, TracedRecord};
use model::ns::{dcterms, foaf, prov};
use oxrdf::vocab::rdf;
use oxrdf::{NamedNode, NamedOrBlankNode, Triple};

use crate::alternatives::{Alternatives, Value};
use crate::terms::{
    ALTERNATE_OF, GENERATED_AT_TIME, HAD_PRIMARY_SOURCE, PROPERTY_PARTITION, VOID_PROPERTY,
    WAS_INFLUENCED_BY,
};
use crate::{Names, Told, decision, finding, time};

/// Where an entity comes from: from one record by default; what is from another, or was changed by a rule, is told apart.
pub fn entity(names: &Names, trace: &Trace) -> Vec<Triple> {
    let mut told = Told::default();
    let iri = names.entity(trace.entity);
    let nodes: Vec<NamedNode> = trace
        .records
        .iter()
        .map(|record| names.record(trace.entity, &record.source, &record.id))
        .collect();
    for (at, (record, node)) in trace.records.iter().zip(&nodes).enumerate() {
        tell_record(&mut told, names, record, node);
        if record.speaks {
            told.say(&iri, prov::WAS_DERIVED_FROM, node.clone());
            if at == 0 {
                told.say(&iri, HAD_PRIMARY_SOURCE, node.clone());
            }
            let run = names.run(record.mapped);
            told.say(&iri, prov::WAS_GENERATED_BY, run.clone());
            told.say(&run, prov::USED, node.clone());
        } else {
            told.say(&iri, WAS_INFLUENCED_BY, node.clone());
        }
    }
    tell_parts(&mut told, names, trace, &nodes);
    for (at, n, finding) in &trace.findings {
        if let (Some(record), Some(node)) = (trace.records.get(*at), nodes.get(*at)) {
            let name = names.finding(&record.source, record.mapped, *n);
            let whole = *at == 0;
            finding::tell(
                &mut told,
                names,
                &name,
                (trace.entity, node, whole),
                finding,
            );
        }
    }
    for decided in &trace.decisions {
        // One about a record that is not told of would be found again by nobody.
        if nodes.contains(&names.party(&decided.a)) {
            told.0.extend(decision(names, decided));
        }
    }
    told.0
}

/// Whether a triple of the graph is told with an entity, of those whose subject is the entity or whose object is a record of it.
pub fn owned(names: &Names, entity: EntityKey, triple: &Triple) -> bool {
    let NamedOrBlankNode::NamedNode(subject) = &triple.subject else {
        return false;
    };
    let iri = names.entity(entity);
    match subject.as_str().strip_prefix(iri.as_str()) {
        Some(rest) => rest.is_empty() || rest.starts_with('/'),
        None => {
            let rest = subject.as_str().strip_prefix(names.base());
            let is = |prefix: &str| rest.is_some_and(|rest| rest.starts_with(prefix));
            is("sources/") || triple.predicate == prov::USED && is("runs/")
        }
    }
}

fn tell_record(told: &mut Told, names: &Names, record: &TracedRecord, node: &NamedNode) {
    told.say(node, dcterms::SOURCE, names.source(&record.source));
    told.text(node, dcterms::IDENTIFIER, record.id.as_str());
    told.say(node, GENERATED_AT_TIME, time(record.fetched));
}

/// What the entity says by one property is a part of its description, told where it is not from the first record alone, or where
/// other records state something else.
fn tell_parts(told: &mut Told, names: &Names, trace: &Trace, records: &[NamedNode]) {
    if trace.records.iter().filter(|record| record.speaks).count() < 2 {
        return;
    }
    let iri = names.entity(trace.entity);
    let description = names.description(trace.entity);
    let statements = trace
        .records
        .iter()
        .map(|record| record.statement.as_deref())
        .collect();
    let stated = Alternatives::read(iri.as_str(), statements);
    let mut any = false;
    for (property, from) in &trace.origins {
        let others = stated.of(property, from);
        let Ok(name) = NamedNode::new(property.as_str()) else {
            continue;
        };
        if name == rdf::TYPE || (from.as_slice() == [0] && others.is_empty()) {
            continue;
        }
        any = true;
        let part = names.part(trace.entity, property);
        told.say(&description, PROPERTY_PARTITION, part.clone());
        told.say(&part, VOID_PROPERTY, name.clone());
        for record in from.iter().filter_map(|at| records.get(*at)) {
            told.say(&part, prov::WAS_DERIVED_FROM, record.clone());
        }
        for (at, values) in others {
            let Some(record) = records.get(at) else {
                continue;
            };
            let other = NamedNode::new_unchecked(format!("{}-alternate-{at}", part.as_str()));
            told.say(&other, VOID_PROPERTY, name.clone());
            told.say(&other, ALTERNATE_OF, part.clone());
            told.say(&other, prov::WAS_DERIVED_FROM, record.clone());
            for value in values {
                match value {
                    Value::Term(term) => told.say(&other, rdf::VALUE, term),
                    Value::Label(label) => {
                        told.text(&other, model::ns::rdfs::LABEL, &label);
                    }
                }
            }
        }
    }
    if any {
        told.say(&description, foaf::PRIMARY_TOPIC, iri);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use archive::TracedRecord;
    use chrono::DateTime;
    use model::{EntityKind, Finding, RecordId, RunId, Severity, SourceId, Stage};
    use uuid::Uuid;

    use super::*;

    const BASE: &str = "https://donnees.example/";
    const IRI: &str = "https://donnees.example/dataset/00000000-0000-0000-0000-000000000001";

    fn record(source: &str, statement: Option<&str>) -> TracedRecord {
        TracedRecord {
            source: SourceId::new(source).expect("a source"),
            id: RecordId::new("a b"),
            fetched: DateTime::UNIX_EPOCH,
            mapped: RunId(7),
            speaks: true,
            statement: statement.map(|lines| lines.replace("<>", &format!("<{IRI}>"))),
        }
    }

    fn trace(records: Vec<TracedRecord>) -> Trace {
        let id = Uuid::from_u128(1);
        let minted = EntityKind::Dataset;
        Trace {
            entity: EntityKey { minted, id },
            records,
            origins: BTreeMap::new(),
            findings: Vec::new(),
            decisions: Vec::new(),
        }
    }

    fn lines(trace: &Trace) -> Vec<String> {
        let triples = entity(&Names::new(BASE), trace);
        triples.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_entity_of_one_record_costs_seven_triples() {
        let lines = lines(&trace(vec![record("s", None)]));
        assert_eq!(lines.len(), 7, "{lines:#?}");
        let derived = format!(
            "<{IRI}> <http://www.w3.org/ns/prov#wasDerivedFrom> <{IRI}/original?source=s&record=a+b>"
        );
        assert!(lines.contains(&derived), "{lines:#?}");
    }

    #[test]
    fn only_what_is_otherwise_has_a_part() {
        let (title, keyword) = ("http://purl.org/dc/terms/title", "http://k.example/keyword");
        let first = format!("<> <{title}> \"un\" .\n<> <http://p.example/same> \"x\" .");
        let second = format!(
            "<> <{title}> \"deux\" .\n<> <http://p.example/same> \"x\" .\n<> <{keyword}> \"k\" ."
        );
        let mut trace = trace(vec![record("s", Some(&first)), record("t", Some(&second))]);
        for (property, from) in [(title, 0), ("http://p.example/same", 0), (keyword, 1)] {
            trace.origins.insert(property.to_owned(), vec![from]);
        }
        let lines = lines(&trace);
        let of = |property: &str| {
            let property = format!("<http://rdfs.org/ns/void#property> <{property}>");
            lines.iter().filter(|line| line.contains(&property)).count()
        };
        assert_eq!(of(title), 2, "the part, and what the other says");
        assert_eq!(of(keyword), 1);
        assert_eq!(of("http://p.example/same"), 0);
        assert!(lines.iter().any(|line| line.ends_with("\"deux\"")));
        assert!(!lines.iter().any(|line| line.ends_with("\"un\"")));
    }

    #[test]
    fn a_finding_names_node_property_and_place() {
        let finding = |node: Option<&str>| {
            let mut finding = Finding::new("format/unknown", Severity::Info, Stage::Normalise, "")
                .place("/resources/0/format")
                .value("x");
            finding.node = node.map(str::to_owned);
            finding.property = Some("http://purl.org/dc/terms/format".into());
            finding
        };
        let mut trace = trace(vec![record("s", None), record("t", None)]);
        trace.findings = vec![
            (0, 1, finding(Some("#distribution-1"))),
            (1, 2, finding(Some("#distribution-1"))),
            (0, 3, finding(Some("https://elsewhere.example/x"))),
        ];
        let lines = lines(&trace);
        let focus = |source: &str, n: u32| {
            let about = format!(
                "<{BASE}sources/{source}/report#finding-7-{n}> <http://www.w3.org/ns/shacl#focusNode> "
            );
            let mut found = lines.iter().filter_map(|line| line.strip_prefix(&about));
            found.next().map(str::to_owned)
        };
        assert_eq!(focus("s", 1), Some(format!("<{IRI}#distribution-1>")));
        // Nodes of a further record may have other names by now; and nothing but what is ours is told about.
        assert_eq!(focus("t", 2), Some(format!("<{IRI}>")));
        assert_eq!(focus("s", 3), Some(format!("<{IRI}>")));
        let place = format!(
            "<{BASE}sources/s/report#finding-7-1-place> <http://www.w3.org/1999/02/22-rdf-syntax-ns#value> \"/resources/0/format\""
        );
        assert!(lines.contains(&place), "{lines:#?}");
    }
}
