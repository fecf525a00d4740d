//! Order, pages, facets, snapshots.

use search::{Cursor, Direction, Field, Filter, Index, MAX_KEPT, Search, SearchError, Snapshot};

use crate::catalogue::{Dataset, index, now, numbers};

fn sorted(sort: Vec<(Field, Direction)>) -> Search {
    Search {
        sort,
        ..Search::new(Filter::All, now())
    }
}

fn many() -> Vec<Dataset> {
    (0..50u128)
        .map(|number| Dataset {
            modified: (number % 3 != 0).then(|| format!("20{:02}-01-01", number % 10 + 10)),
            keywords: vec![format!("mot {}", number % 4), "tous".to_owned()],
            source: Some(format!("source-{}", number % 2)),
            ..Dataset::titled(
                number,
                if number % 5 == 0 {
                    ""
                } else {
                    ["Éau", "eaux", "Zone", "âge"][(number % 4) as usize]
                },
            )
        })
        .collect()
}

/// All pages, by cursors.
fn crawl(snapshot: &Snapshot, mut search: Search) -> Vec<u128> {
    let mut all = Vec::new();
    loop {
        let found = snapshot.search(&search).unwrap();
        all.extend(numbers(&found));
        assert_eq!(found.total, snapshot.len());
        match found.next {
            // As in the address of the next page.
            Some(next) => search.after = Some(next.to_string().parse::<Cursor>().unwrap()),
            None => return all,
        }
    }
}

#[test]
fn titles_are_sorted_as_people_do() {
    let titles = ["Zone", "âge", "Eau", "éolienne", "École", "", "L'eau"];
    let datasets: Vec<Dataset> = titles
        .iter()
        .zip(0..)
        .map(|(title, number)| Dataset::titled(number, title))
        .collect();
    let snapshot = index(&datasets).snapshot();
    let by = |direction| {
        numbers(
            &snapshot
                .search(&sorted(vec![(Field::Title, direction)]))
                .unwrap(),
        )
    };
    assert_eq!(by(Direction::Ascending), [1, 2, 4, 3, 6, 0, 5]);
    // What has none comes last both ways.
    assert_eq!(by(Direction::Descending), [0, 6, 3, 4, 2, 1, 5]);
}

#[test]
fn pages_by_cursor_give_all_once_in_one_order() {
    let snapshot = index(&many()).snapshot();
    for sort in [
        vec![],
        vec![(Field::Title, Direction::Ascending)],
        vec![
            (Field::Title, Direction::Descending),
            (Field::Modified, Direction::Ascending),
        ],
        vec![(Field::Modified, Direction::Descending)],
        vec![
            (Field::Quality, Direction::Descending),
            (Field::Identifier, Direction::Ascending),
        ],
        vec![(Field::Score, Direction::Descending)],
    ] {
        let mut whole = sorted(sort.clone());
        whole.limit = 1000;
        let whole = numbers(&snapshot.search(&whole).unwrap());
        for limit in [1, 7, 50, 51] {
            let mut search = sorted(sort.clone());
            search.limit = limit;
            assert_eq!(crawl(&snapshot, search), whole, "{sort:?} {limit}");
        }
        let mut search = sorted(sort);
        (search.offset, search.limit) = (13, 5);
        assert_eq!(numbers(&snapshot.search(&search).unwrap()), whole[13..18]);
    }
}

#[test]
fn a_cursor_may_stand_after_all_that_a_segment_has() {
    // Three segments of two: in each direction, pages go on where some segments end before the cursor.
    let titles = ["abricot", "aulne", "marais", "moulin", "verger", "zone"];
    let datasets: Vec<Dataset> = titles
        .iter()
        .zip(0..)
        .map(|(title, number)| Dataset::titled(number, title))
        .collect();
    let snapshot = index(&datasets).snapshot();
    for (direction, expected) in [
        (Direction::Ascending, [0, 1, 2, 3, 4, 5]),
        (Direction::Descending, [5, 4, 3, 2, 1, 0]),
    ] {
        for limit in [1, 2, 3] {
            let mut search = sorted(vec![(Field::Title, direction)]);
            search.limit = limit;
            assert_eq!(crawl(&snapshot, search), expected, "{direction:?} {limit}");
        }
    }
}

#[test]
fn a_cursor_holds_its_place_when_the_catalogue_changes() {
    let index = index(&many());
    let mut search = sorted(vec![(Field::Title, Direction::Ascending)]);
    search.limit = 20;
    let first = index.snapshot().search(&search).unwrap();
    let mut writer = index.writer().unwrap();
    // Gone from behind the cursor, come before and behind it; the one at which it stands is gone, too.
    let last = first.hits.last().unwrap().key;
    writer.remove(last);
    writer.put(&Dataset::titled(100, "aaa").document()).unwrap();
    writer.put(&Dataset::titled(101, "zzz").document()).unwrap();
    writer
        .put(&Dataset::titled(102, "eaut").document())
        .unwrap();
    writer.commit(Some(2)).unwrap();
    search.after = first.next.clone();
    search.limit = 1000;
    let rest = numbers(&index.snapshot().search(&search).unwrap());
    assert!(!rest.contains(&100) && rest.contains(&101));
    let seen = numbers(&first);
    assert!(rest.iter().all(|number| !seen.contains(number)));
    assert_eq!(seen.len() + rest.len(), 52);
}

#[test]
fn a_crawl_of_a_snapshot_is_not_disturbed() {
    let index = index(&many());
    let kept = index.keep(&index.snapshot());
    let mut search = sorted(vec![]);
    search.limit = 9;
    let first = index.snapshot().search(&search).unwrap();
    let mut writer = index.writer().unwrap();
    for dataset in many() {
        writer.remove(dataset.document().key());
    }
    writer.commit(Some(2)).unwrap();
    assert!(index.snapshot().is_empty());
    search.after = first.next;
    search.limit = 1000;
    let rest = index.kept(kept).unwrap().search(&search).unwrap();
    assert_eq!(rest.hits.len(), 41);
    // The name of the current one can be asked for as well.
    assert!(index.kept(index.snapshot().id()).is_some());
}

#[test]
fn snapshots_are_kept_up_to_a_number_those_in_use_longest() {
    let index = Index::memory(search::MIN_MEMORY).unwrap();
    let mut writer = index.writer().unwrap();
    let mut ids = Vec::new();
    for number in 0..=MAX_KEPT as u128 {
        writer
            .put(&Dataset::titled(number, "x").document())
            .unwrap();
        writer.commit(Some(number as i64)).unwrap();
        ids.push(index.keep(&index.snapshot()));
        assert!(index.kept(ids[0]).is_some());
    }
    writer.commit(Some(99)).unwrap();
    assert!(index.kept(ids[1]).is_none());
    assert_eq!(index.kept(ids[0]).unwrap().len(), 1);
}

#[test]
fn facets_count_values() {
    let snapshot = index(&many()).snapshot();
    let mut search = sorted(vec![]);
    search.facets = vec![Field::Subject, Field::Source, Field::Hvd];
    search.facet_size = 2;
    search.limit = 0;
    let found = snapshot.search(&search).unwrap();
    assert!(found.hits.is_empty() && found.next.is_none());
    assert_eq!(
        found.facets[&Field::Subject],
        [("tous".to_owned(), 50), ("mot 0".to_owned(), 13)]
    );
    assert_eq!(
        found.facets[&Field::Source],
        [("source-0".to_owned(), 25), ("source-1".to_owned(), 25)]
    );
    assert_eq!(found.facets[&Field::Hvd], [("false".to_owned(), 50)]);
    search.filter = Filter::eq(Field::Source, "source-1");
    let found = snapshot.search(&search).unwrap();
    assert_eq!(found.facets[&Field::Subject][0], ("tous".to_owned(), 25));
    search.facets = vec![Field::Title];
    assert!(matches!(
        snapshot.search(&search),
        Err(SearchError::NotFacet(_))
    ));
}

#[test]
fn the_values_of_a_field_can_be_listed() {
    let index = index(&many());
    let values = |after, limit| {
        index
            .snapshot()
            .values(Field::Source, after, limit)
            .unwrap()
    };
    assert_eq!(values(None, 10), ["source-0", "source-1"]);
    assert_eq!(values(None, 1), ["source-0"]);
    assert_eq!(values(Some("source-0"), 10), ["source-1"]);
    let mut writer = index.writer().unwrap();
    for dataset in many().iter().filter(|dataset| dataset.number % 2 == 0) {
        writer.remove(dataset.document().key());
    }
    writer.commit(None).unwrap();
    assert_eq!(
        index.snapshot().values(Field::Source, None, 10).unwrap(),
        ["source-1"]
    );
}

#[test]
fn a_cursor_of_another_search_is_refused() {
    let snapshot = index(&many()).snapshot();
    let mut search = sorted(vec![(Field::Title, Direction::Ascending)]);
    let next = snapshot.search(&search).unwrap().next;
    for sort in [vec![], vec![(Field::Modified, Direction::Ascending)]] {
        search.sort = sort;
        search.after = next.clone();
        assert!(matches!(snapshot.search(&search), Err(SearchError::Cursor)));
    }
    search.after = None;
    search.offset = 100_001;
    assert!(matches!(
        snapshot.search(&search),
        Err(SearchError::TooFar(_))
    ));
    search.offset = 0;
    search.sort = vec![(Field::Description, Direction::Ascending)];
    assert!(matches!(
        snapshot.search(&search),
        Err(SearchError::NotSorted(_))
    ));
}
