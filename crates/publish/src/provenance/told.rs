//! What is told of the provenance of an entity, whatever the form.

use std::collections::HashSet;

use archive::{
    Decided, EntityKey, Provenance, PublishedEntity, RecordState, Relation, SourceRecord,
};
use minijinja::context;
use model::EntityKind;
use model::ns::{adms, dcat, dcterms, foaf};
use oxrdf::vocab::rdf;
use oxrdf::{NamedNode, NamedNodeRef, Term};
use serde_json::{Value as Json, json};

use super::nodes;
use crate::clock;
use crate::failure::Failure;
use crate::lines::{object_iri, with_concepts};
use crate::rdf::{Format, curie};
use crate::router::App;
use crate::view::facts::{Reader, Value, property_name};
use crate::view::pair::{Pair, pairs, split, titles};
use crate::view::{Described, entity, value};
use report::Lang;

pub(super) struct Told {
    pub key: EntityKey,
    pub kind: EntityKind,
    pub iri: String,
    pub provenance: Provenance,
    pub properties: Vec<Property>,
    pub decisions: Vec<Decided>,
}

/// A property of the entity: from which records it is, by their places, and what others state.
pub(super) struct Property {
    pub iri: String,
    pub from: Vec<usize>,
    pub alternatives: Vec<Alternative>,
}

pub(super) struct Alternative {
    pub record: usize,
    pub values: Vec<(Term, Value)>,
}

impl Told {
    pub async fn read(app: &App, entity: &PublishedEntity) -> Result<Self, Failure> {
        let archive = &app.site.archive;
        let iri = entity.key.iri(app.site.minter.base());
        let provenance = archive.provenance(entity).await?;
        let mut described = Vec::with_capacity(provenance.records.len());
        for record in &provenance.records {
            described.push(described_by(app, &iri, record.statement.as_deref()).await?);
        }
        let properties = provenance
            .origins
            .iter()
            .filter(|(property, _)| property.as_str() != rdf::TYPE.as_str())
            .map(|(property, from)| Property {
                iri: property.clone(),
                from: from.clone(),
                alternatives: alternatives(app, &iri, property, from, &described),
            })
            .collect();
        Ok(Self {
            key: entity.key,
            kind: entity.kind,
            iri,
            provenance,
            properties,
            decisions: archive.public_decisions(entity.key).await?,
        })
    }

    /// What follows the entity's IRI in the address of a record as it was fetched. None for what its source withdrew, of which
    /// nothing is told but that it was there.
    pub fn original(&self, record: &SourceRecord) -> Option<String> {
        record
            .is_public()
            .then(|| ::provenance::original(&record.source, &record.id))
    }

    pub async fn json(&self, app: &App) -> Result<Json, Failure> {
        let decisions = pairs(app, &self.decisions).await?;
        let records: Vec<Json> = self
            .provenance
            .records
            .iter()
            .map(|record| {
                let original = self.original(record);
                json!({
                    "source": record.source, "title": nodes::source_title(app, &record.source), "state": state(record).0,
                    "record": original.as_ref().map(|_| &record.id), "published": record.statement.is_some(),
                    "original": original.map(|rest| format!("{}{rest}", self.iri)), "format": record.format.as_str(),
                    "first_seen": clock::moment(record.first_seen).machine, "fetched": clock::moment(record.fetched).machine,
                    "missing_since": record.missing_since.map(|since| clock::moment(since).machine), "run": record.mapped.0,
                })
            })
            .collect();
        let properties: Vec<Json> = self
            .properties
            .iter()
            .map(|property| {
                let alternatives: Vec<Json> = property
                    .alternatives
                    .iter()
                    .map(|other| {
                        json!({ "record": other.record, "values": other.values.iter().map(json_value).collect::<Vec<_>>() })
                    })
                    .collect();
                json!({ "property": property.iri, "records": property.from, "alternatives": alternatives })
            })
            .collect();
        Ok(json!({
            "entity": self.iri, "records": records, "more_records": self.provenance.more, "properties": properties,
            "decisions": decisions.iter().map(Pair::json).collect::<Vec<_>>(),
        }))
    }

    pub async fn page(&self, app: &App, lang: Lang) -> Result<minijinja::Value, Failure> {
        let title = titles(app, &[self.key]).await?.remove(&self.key);
        let single = self.provenance.records.len() == 1;
        let records: Vec<minijinja::Value> = self
            .provenance
            .records
            .iter()
            .map(|record| {
                let original = self.original(record);
                let (class, french, english) = state(record);
                context! {
                    source => record.source.as_str(), source_title => nodes::source_title(app, &record.source),
                    record => original.as_ref().map(|_| record.id.as_str()), state => lang.of(french, english), class,
                    original => original.as_ref().map(|rest| format!("{}{rest}", self.path(app))),
                    first_seen => value(clock::moment(record.first_seen)), fetched => value(clock::moment(record.fetched)),
                    missing_since => value(record.missing_since.map(clock::moment)), run => record.mapped.0,
                    published => record.statement.is_some(), format => record.format.as_str(),
                    split => original.as_ref().filter(|_| !single).and_then(|_| split(&self.iri, record.source.as_str(), record.id.as_str())),
                }
            })
            .collect();
        let decisions = pairs(app, &self.decisions).await?;
        let of = |relation: Relation| -> Vec<&Pair> {
            decisions
                .iter()
                .filter(|pair| pair.relation == relation.as_str())
                .collect()
        };
        Ok(context! {
            lang => lang.as_str(), title => title.unwrap_or_default(), kind => entity::kind_name(self.kind), path => self.path(app), records,
            several => self.provenance.records.iter().filter(|record| record.statement.is_some()).count() > 1,
            more => self.provenance.more,
            properties => self.properties.iter().map(|property| self.row(app, property, lang)).collect::<Vec<_>>(),
            same => value(of(Relation::Same)), perhaps => value(of(Relation::Perhaps)), apart => value(of(Relation::Apart)),
            formats => value(Format::PUBLISHED.map(|format| (format.extension(), format.name()))),
        })
    }

    fn path(&self, app: &App) -> String {
        format!("{}/{}/{}", app.root, self.key.minted.segment(), self.key.id)
    }

    fn row(&self, app: &App, property: &Property, lang: Lang) -> minijinja::Value {
        let source = |at: &usize| {
            let record = self.provenance.records.get(*at);
            record.map(|record| nodes::source_title(app, &record.source).to_owned())
        };
        let name = curie(&property.iri);
        let alternatives: Vec<minijinja::Value> = property
            .alternatives
            .iter()
            .map(|other| {
                let values: Vec<&Value> = other.values.iter().map(|(_, value)| value).collect();
                context! { source => source(&other.record), values => value(values) }
            })
            .collect();
        context! {
            name => property_name(&property.iri).filter(|_| lang == Lang::Fr), curie => name,
            sources => property.from.iter().filter_map(source).collect::<Vec<_>>(), alternatives,
        }
    }
}

/// The class of a state, and what people call it in French and in English.
fn state(record: &SourceRecord) -> (&'static str, &'static str, &'static str) {
    match record.state {
        RecordState::Present => ("present", "présente", "present"),
        RecordState::Missing => ("missing", "manquante", "missing"),
        RecordState::Withdrawn => ("withdrawn", "retirée", "withdrawn"),
    }
}

/// What a record states, with the names of the concepts and agents in it.
async fn described_by(
    app: &App,
    iri: &str,
    statement: Option<&str>,
) -> Result<Option<Described>, Failure> {
    let Some(statement) = statement else {
        return Ok(None);
    };
    let base = app.site.minter.base();
    let own = format!("<{iri}> ");
    let mut lines: Vec<String> = statement.lines().map(str::to_owned).collect();
    let mut agents: Vec<EntityKey> = lines
        .iter()
        .filter(|line| line.starts_with(&own))
        .filter_map(|line| EntityKey::of_iri(base, object_iri(line)?))
        .collect();
    agents.sort_unstable();
    agents.dedup();
    agents.truncate(MAX_NAMED);
    with_concepts(&mut lines);
    for agent in app.site.archive.entities(&agents).await? {
        lines.push(agent.text()?);
    }
    Ok(Some(Described::read(&lines.join("\n"))))
}

/// The values that records state of a property of the entity, and that are not published. Of files, identifiers and pages, those of
/// all records are.
fn alternatives(
    app: &App,
    iri: &str,
    property: &str,
    from: &[usize],
    described: &[Option<Described>],
) -> Vec<Alternative> {
    if TOGETHER.iter().any(|known| known.as_str() == property) {
        return Vec::new();
    }
    let property = NamedNode::new_unchecked(property);
    let values = |graph: &Described| -> Vec<(Term, Value)> {
        let reader = Reader {
            graph,
            own: iri,
            base: app.site.minter.base(),
            root: &app.root,
        };
        graph
            .objects(iri, property.as_ref())
            .filter_map(|term| Some((term.clone(), reader.value(term)?)))
            .collect()
    };
    let published: HashSet<String> = from
        .iter()
        .filter_map(|at| described.get(*at)?.as_ref())
        .flat_map(values)
        .map(|told| mark(&told))
        .collect();
    described
        .iter()
        .enumerate()
        .filter(|(record, _)| !from.contains(record))
        .filter_map(|(record, graph)| {
            let mut values = values(graph.as_ref()?);
            values.retain(|told| !published.contains(&mark(told)));
            values.truncate(MAX_VALUES);
            (!values.is_empty()).then_some(Alternative { record, values })
        })
        .collect()
}

/// What two values have in common that say the same. A node has its name in each record: it is known by what people see of it.
fn mark((term, value): &(Term, Value)) -> String {
    match term {
        Term::Literal(literal) => literal.to_string(),
        _ => format!(
            "{} {}",
            value.text,
            value.href.as_deref().unwrap_or_default()
        ),
    }
}

fn json_value((term, value): &(Term, Value)) -> Json {
    match term {
        Term::Literal(literal) => match literal.language() {
            Some(lang) => json!({ "value": literal.value(), "lang": lang }),
            None => json!({ "value": literal.value(), "datatype": literal.datatype().as_str() }),
        },
        // The name of a node of one record means nothing to others.
        Term::NamedNode(node) if value.href.is_some() => {
            json!({ "iri": node.as_str(), "label": value.text })
        }
        _ => json!({ "label": value.text }),
    }
}

/// What the statements of all records come together in, each value once.
const TOGETHER: [NamedNodeRef<'static>; 5] = [
    dcat::DISTRIBUTION,
    dcat::LANDING_PAGE,
    dcterms::IDENTIFIER,
    adms::IDENTIFIER,
    foaf::PAGE,
];
const MAX_NAMED: usize = 50;
const MAX_VALUES: usize = 30;
