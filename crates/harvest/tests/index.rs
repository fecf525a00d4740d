//! The search index follows the archive: after each change it is what it would be if it were filled from nothing.

mod portal;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use harvest::Indexer;
use portal::{World, dataset};
use search::{Field, Filter, Index, MIN_MEMORY, Search};

struct Followed {
    world: World,
    indexer: Indexer,
}

impl Followed {
    async fn new() -> Self {
        let world = World::new().await;
        let index = Index::memory(MIN_MEMORY).unwrap();
        let indexer = start(&world, index).await;
        Self { world, indexer }
    }

    async fn harvest(&self) {
        self.world.run().await;
        self.check().await;
    }

    async fn check(&self) {
        self.indexer.flush().await.unwrap();
        let fresh = start(&self.world, Index::memory(MIN_MEMORY).unwrap()).await;
        let (followed, filled) = (self.indexer.index().snapshot(), fresh.index().snapshot());
        assert_eq!(followed.position(), filled.position());
        let (followed, filled) = (followed.terms().unwrap(), filled.terms().unwrap());
        let differ: Vec<_> = followed
            .iter()
            .filter(|entry| filled.get(entry.0) != Some(entry.1))
            .chain(
                filled
                    .iter()
                    .filter(|entry| followed.get(entry.0) != Some(entry.1)),
            )
            .collect();
        assert!(differ.is_empty(), "{differ:?}");
        fresh.stop().await.unwrap();
    }

    fn found(&self, filter: Filter) -> BTreeSet<String> {
        let mut search = Search::new(filter, "2026-03-01T03:00:00Z".parse().unwrap());
        search.limit = 100;
        let found = self.indexer.index().snapshot().search(&search).unwrap();
        found.hits.iter().map(|hit| hit.key.iri("")).collect()
    }
}

async fn start(world: &World, index: Index) -> Indexer {
    let base = world.workshop.minter.base().to_owned();
    Indexer::start(world.workshop.archive.clone(), index, &base)
        .await
        .unwrap()
}

fn datasets() -> Filter {
    Filter::eq(Field::Kind, "dataset")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_changes_and_goes_is_found_as_it_is() {
    let followed = Followed::new().await;
    let portal = &followed.world.portal;
    portal.set((0..12).map(|n| dataset(n, "Titre")));
    followed.harvest().await;
    assert_eq!(followed.found(datasets()).len(), 12);
    portal.put(dataset(3, "Haies bocagères"));
    followed.harvest().await;
    assert_eq!(followed.found(Filter::Text("haie".to_owned())).len(), 1);
    portal.set((0..11).map(|n| dataset(n, "Titre")));
    followed.harvest().await;
    assert!(followed.found(Filter::Text("haie".to_owned())).is_empty());
    followed.world.advance(TimeDelta::days(8));
    followed.harvest().await;
    assert_eq!(followed.found(datasets()).len(), 11);
    portal.set((0..12).map(|n| dataset(n, "Titre")));
    followed.harvest().await;
    assert_eq!(followed.found(datasets()).len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_called_otherwise_is_so_with_all_that_they_publish() {
    let followed = Followed::new().await;
    let named = |n, name: &str| {
        let mut record = dataset(n, "Titre");
        record["organization"]["name"] = name.into();
        record
    };
    let portal = &followed.world.portal;
    portal.set((0..5).map(|n| named(n, "Agence des eaux")));
    followed.harvest().await;
    let by = |name: &str| {
        followed
            .found(datasets().and(Filter::eq(Field::Organisation, name)))
            .len()
    };
    assert_eq!(by("Agence des eaux"), 5);
    // One record tells the new name, which is that of the agent, whoever names it.
    let mut newer = named(0, "Agence des forêts et des eaux vives");
    newer["last_modified"] = "2026-02-28T00:00:00+00:00".into();
    portal.put(newer);
    followed.harvest().await;
    let both = by("Agence des eaux") + by("Agence des forêts et des eaux vives");
    assert_eq!(both, 5);
    assert!(by("Agence des eaux") == 0 || by("Agence des eaux") == 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_while_nobody_followed_is_made_up_for() {
    let followed = Followed::new().await;
    let portal = &followed.world.portal;
    portal.set((0..8).map(|n| dataset(n, "Titre")));
    followed.harvest().await;
    let Followed { world, indexer } = followed;
    let index = indexer.index().clone();
    let before = index.position();
    indexer.stop().await.unwrap();
    world.portal.set((2..9).map(|n| dataset(n, "Autre titre")));
    world.run().await;
    assert_eq!(index.position(), before);
    let indexer = start(&world, index).await;
    let followed = Followed { world, indexer };
    followed.check().await;
    assert!(followed.indexer.index().position() > before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_of_another_archive_is_filled_from_nothing() {
    let other = Followed::new().await;
    other.world.portal.set((0..30).map(|n| dataset(n, "Titre")));
    other.harvest().await;
    let index = other.indexer.index().clone();
    other.indexer.stop().await.unwrap();
    let world = World::new().await;
    world.portal.set([dataset(1, "Seul")]);
    world.run().await;
    let indexer = start(&world, index).await;
    let followed = Followed { world, indexer };
    followed.check().await;
    assert_eq!(followed.found(datasets()).len(), 1);
}
