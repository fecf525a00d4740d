//! Tells the provenance of what is published, in a named graph of the graph store.
//!
//! The archive notes which entities and runs are due (`provenance_due`). What is told of one is compared with what the store has of
//! it, so that only differences are written, and telling twice does no harm.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use archive::{Archive, Due, EntityKey, Trace};
use graph::Graph;
use model::ns::prov;
use model::{RunId, SourceId};
use oxrdf::{NamedNode, NamedOrBlankNode, Term, Triple};
use provenance::{Names, SourceName};

use crate::HarvestError;
use crate::project::{CHUNK, EDITS, Fresh, load_named};

/// The name of this projection in the archive, and the number of the way in which provenance is told: another one has it told again.
const PROJECTION: &str = "provenance";
const VERSION: i64 = 1;

/// Rows of what is due, and runs, that are read at a time.
const PART: u32 = 4_000;
/// Entities that are read at a time: of several records, with all that these state.
const ENTITIES: u32 = 500;

/// Whether provenance is told, and by which names.
#[derive(Debug, Clone)]
pub struct Provenance {
    pub names: Names,
    /// Sources, as people call them.
    pub sources: Vec<SourceName>,
    /// If not, what was told is taken back.
    pub told: bool,
}

/// What was due.
pub(crate) struct Told {
    /// What the graph has nothing of yet.
    pub(crate) fresh: Fresh,
    /// The number of the last of it, for [`Teller::done`] once the store is on disk.
    pub(crate) last: i64,
}

/// All methods block: they are called on the thread of the graph store's writer, or before it starts.
pub(crate) struct Teller {
    archive: Archive,
    graph: Graph,
    runtime: tokio::runtime::Handle,
    provenance: Provenance,
    name: NamedNode,
}

impl Teller {
    /// Must be called within a tokio runtime.
    pub(crate) fn new(archive: Archive, graph: Graph, provenance: Provenance) -> Self {
        Self {
            archive,
            graph,
            runtime: tokio::runtime::Handle::current(),
            name: provenance.names.graph(),
            provenance,
        }
    }

    /// Brings the named graph to where the archive stands. `empty`: the store was just made, and has none.
    pub(crate) fn start(&self, empty: bool) -> Result<(), HarvestError> {
        let known = self.ask(self.archive.projected(PROJECTION))?;
        if !self.provenance.told {
            if known.is_some() {
                self.graph.clear_named(&self.name)?;
                self.graph.flush()?;
                self.ask(self.archive.forget_projection_of(PROJECTION))?;
            }
        } else if empty || known != Some(VERSION) {
            return self.fill();
        } else {
            self.describe()?;
        }
        if let Some(told) = self.follow()? {
            self.load(told.fresh)?;
            self.graph.flush()?;
            self.done(told.last)?;
        }
        Ok(())
    }

    /// The named graph.
    pub(crate) fn name(&self) -> &NamedNode {
        &self.name
    }

    /// Tells what is due by now, but for what is new: the caller loads that.
    pub(crate) fn follow(&self) -> Result<Option<Told>, HarvestError> {
        let until = self.ask(self.archive.last_provenance_due())?;
        if until == 0 {
            return Ok(None);
        }
        if !self.provenance.told {
            let fresh = Fresh::default();
            return Ok(Some(Told { fresh, last: until }));
        }
        let (mut fresh, mut waiting) = (Fresh::default(), HashSet::new());
        let mut after = 0;
        while after < until {
            let Some(due) = self.ask(self.archive.provenance_due(after, PART))? else {
                break;
            };
            after = due.last;
            // What is told of one that waits to be loaded may be another thing by now.
            let again = due.entities.iter().any(|key| !waiting.insert(*key));
            if again || fresh.len() >= CHUNK {
                self.load(std::mem::take(&mut fresh))?;
                waiting = due.entities.iter().copied().collect();
            }
            self.tell(&due, &mut fresh)?;
        }
        Ok(Some(Told { fresh, last: after }))
    }

    pub(crate) fn done(&self, last: i64) -> Result<(), HarvestError> {
        self.ask(self.archive.provenance_told(last))
    }

    /// Tells everything, into a graph that it empties first: what is left there is from a telling that was cut off, or of another way.
    fn fill(&self) -> Result<(), HarvestError> {
        self.graph.clear_named(&self.name)?;
        let until = self.ask(self.archive.last_provenance_due())?;
        let mut fresh = Fresh::default();
        let mut after = None;
        loop {
            let keys = self.ask(self.archive.traceable(after, ENTITIES))?;
            let Some(last) = keys.last() else { break };
            after = Some(last.id);
            for trace in self.ask(self.archive.traces(&keys))? {
                fresh.add(provenance::entity(&self.provenance.names, &trace));
            }
            if fresh.len() >= CHUNK {
                self.load(std::mem::take(&mut fresh))?;
            }
        }
        self.load(fresh)?;
        self.describe()?;
        self.graph.flush()?;
        self.ask(self.archive.set_projected(PROJECTION, VERSION))?;
        self.done(until)
    }

    /// Tells what is described once, which nothing notes as due: rules, sources, runs and versions of the program.
    fn describe(&self) -> Result<(), HarvestError> {
        let names = &self.provenance.names;
        let known = self.provenance.sources.iter().map(|name| name.id.clone());
        let mut sources: BTreeSet<SourceId> = known.collect();
        let mut versions = BTreeSet::new();
        let mut now = provenance::rules(names);
        let mut after = RunId(0);
        loop {
            let runs = self.ask(self.archive.traced_runs(after, PART))?;
            let Some(last) = runs.last() else { break };
            after = last.run;
            for run in runs {
                now.extend(provenance::run(names, &run));
                sources.insert(run.source);
                versions.extend(run.software);
            }
        }
        for id in &sources {
            now.extend(provenance::source(names, &self.named(id)));
        }
        let versions = versions.iter().map(String::as_str);
        now.extend(provenance::agents(names, versions));
        let subjects: HashSet<NamedNode> = now.iter().filter_map(subject).cloned().collect();
        let mut before = HashSet::new();
        for subject in &subjects {
            self.described(subject, &mut before)?;
        }
        self.write(vec![difference(before, now)])
    }

    /// What people call a source; its identifier, where the configuration has it no more.
    fn named(&self, id: &SourceId) -> SourceName {
        let known = self.provenance.sources.iter().find(|name| name.id == *id);
        known.cloned().unwrap_or_else(|| SourceName {
            id: id.clone(),
            title: id.to_string(),
        })
    }

    fn tell(&self, due: &Due, fresh: &mut Fresh) -> Result<(), HarvestError> {
        let names = &self.provenance.names;
        let keys: Vec<EntityKey> = due.entities.iter().copied().collect();
        let mut edits = Vec::new();
        for some in keys.chunks(ENTITIES as usize) {
            let mut traces: BTreeMap<EntityKey, Trace> = self
                .ask(self.archive.traces(some))?
                .into_iter()
                .map(|trace| (trace.entity, trace))
                .collect();
            for key in some {
                let trace = traces.remove(key);
                let now = trace.map_or_else(Vec::new, |trace| provenance::entity(names, &trace));
                let before = self.told_of(*key)?;
                if before.is_empty() {
                    fresh.add(now);
                } else {
                    edits.push(difference(before, now));
                }
            }
        }
        for run in &due.runs {
            for run in self.ask(self.archive.traced_runs(RunId(run.0 - 1), 1))? {
                let mut before = HashSet::new();
                self.described(&names.run(run.run), &mut before)?;
                edits.push(difference(before, provenance::run(names, &run)));
                // Perhaps the first of its source, or of its version.
                fresh.add(provenance::source(names, &self.named(&run.source)));
                fresh.add(provenance::agents(names, run.software.as_deref()));
            }
        }
        keep_inserted(&mut edits);
        self.write(edits)
    }

    /// What the store has of an entity: found by following it from node to node.
    fn told_of(&self, key: EntityKey) -> Result<HashSet<Triple>, HarvestError> {
        let names = &self.provenance.names;
        let iri = names.entity(key);
        let (own, records) = (
            format!("{}/", iri.as_str()),
            format!("{}/original?", iri.as_str()),
        );
        let mut told = HashSet::new();
        let mut seen: HashSet<NamedNode> = HashSet::new();
        let mut nodes = vec![iri.clone(), names.description(key)];
        while let Some(node) = nodes.pop() {
            if !seen.insert(node.clone()) {
                continue;
            }
            let of_node = self.graph.named(&self.name, Some(&node), None);
            for triple in own_part(&iri, &node, of_node.collect::<Result<_, _>>()?) {
                if let Term::NamedNode(object) = &triple.object
                    && (object.as_str().starts_with(&own)
                        || object.as_str().strip_prefix(node.as_str()) == Some("-place"))
                {
                    nodes.push(object.clone());
                }
                told.insert(triple);
            }
            if !node.as_str().starts_with(&records) {
                continue;
            }
            for triple in self.graph.named(&self.name, None, Some(&node)) {
                let triple = triple?;
                let Some(subject) = subject(&triple) else {
                    continue;
                };
                match provenance::owned(names, key, &triple) {
                    // Of a run, that it used the record is all that belongs to the entity.
                    true if triple.predicate == prov::USED && is_run(names, subject) => {
                        told.insert(triple);
                    }
                    true => nodes.push(subject.clone()),
                    false => {}
                }
            }
        }
        Ok(told)
    }

    /// What the store has of a node that is described once. That a run used records is told with these.
    fn described(&self, node: &NamedNode, told: &mut HashSet<Triple>) -> Result<(), HarvestError> {
        for triple in self.graph.named(&self.name, Some(node), None) {
            let triple = triple?;
            if triple.predicate != prov::USED {
                told.insert(triple);
            }
        }
        Ok(())
    }

    fn write(&self, edits: Vec<graph::Change>) -> Result<(), HarvestError> {
        for some in edits.chunks(EDITS) {
            self.graph.apply_named(&self.name, some)?;
        }
        Ok(())
    }

    fn load(&self, fresh: Fresh) -> Result<(), HarvestError> {
        load_named(&self.graph, &self.name, fresh)
    }

    fn ask<T, E>(&self, question: impl Future<Output = Result<T, E>>) -> Result<T, HarvestError>
    where
        HarvestError: From<E>,
    {
        Ok(self.runtime.block_on(question)?)
    }
}

fn subject(triple: &Triple) -> Option<&NamedNode> {
    match &triple.subject {
        NamedOrBlankNode::NamedNode(node) => Some(node),
        NamedOrBlankNode::BlankNode(_) => None,
    }
}

fn is_run(names: &Names, node: &NamedNode) -> bool {
    let rest = node.as_str().strip_prefix(names.base());
    rest.is_some_and(|rest| rest.starts_with("runs/"))
}

/// What the store has of a node, as far as it belongs to an entity: a finding whose record went to another entity is perhaps told with
/// that one by now, and then only what names this one is its own.
fn own_part(entity: &NamedNode, node: &NamedNode, mut triples: Vec<Triple>) -> Vec<Triple> {
    let is_own = |node: &NamedNode| {
        let rest = node.as_str().strip_prefix(entity.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '#']))
    };
    let names_own =
        |triple: &Triple| matches!(&triple.object, Term::NamedNode(object) if is_own(object));
    let of_others =
        |triple: &Triple| triple.predicate == prov::WAS_DERIVED_FROM && !names_own(triple);
    if !is_own(node) && triples.iter().any(of_others) {
        triples.retain(names_own);
    }
    triples
}

/// What one of the changes inserts, no other one removes: of the entities that a record was of and is of, both tell of its findings.
fn keep_inserted(edits: &mut [graph::Change]) {
    let both: HashSet<Triple> = {
        let removed: HashSet<&Triple> = edits.iter().flat_map(|edit| &edit.remove).collect();
        let inserted = edits.iter().flat_map(|edit| &edit.insert);
        inserted
            .filter(|triple| removed.contains(triple))
            .cloned()
            .collect()
    };
    if !both.is_empty() {
        for edit in edits {
            edit.remove.retain(|triple| !both.contains(triple));
        }
    }
}

fn difference(mut before: HashSet<Triple>, now: Vec<Triple>) -> graph::Change {
    let mut insert = now;
    insert.retain(|triple| !before.remove(triple));
    graph::Change {
        remove: before.into_iter().collect(),
        insert,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str) -> NamedNode {
        NamedNode::new_unchecked(format!("https://donnees.example/{name}"))
    }

    fn derived(from: &str) -> Triple {
        Triple::new(
            node("sources/ville/report#finding-1-2"),
            prov::WAS_DERIVED_FROM,
            node(from),
        )
    }

    #[test]
    fn of_a_finding_that_another_entity_tells_too_only_what_names_it_is_an_entitys_own() {
        let (entity, finding) = (node("dataset/1"), node("sources/ville/report#finding-1-2"));
        let own = derived("dataset/1/original?record=a");
        let value = Triple::new(finding.clone(), model::ns::rdfs::LABEL, node("value"));
        let alone = vec![own.clone(), value.clone()];
        assert_eq!(own_part(&entity, &finding, alone.clone()), alone);
        // Its identifier begins as that of the entity.
        let with_others = vec![own.clone(), value, derived("dataset/12/original?record=a")];
        assert_eq!(own_part(&entity, &finding, with_others), [own]);
    }

    #[test]
    fn what_is_inserted_by_one_change_is_removed_by_none() {
        let (moved, gone) = (
            derived("dataset/1/original?a"),
            derived("dataset/2/original?a"),
        );
        let comes = graph::Change {
            remove: Vec::new(),
            insert: vec![moved.clone()],
        };
        let goes = graph::Change {
            remove: vec![moved, gone.clone()],
            insert: Vec::new(),
        };
        for mut edits in [[comes.clone(), goes.clone()], [goes, comes]] {
            keep_inserted(&mut edits);
            let removed: Vec<&Triple> = edits.iter().flat_map(|edit| &edit.remove).collect();
            assert_eq!(removed, [&gone]);
        }
    }
}
