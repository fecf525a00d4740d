//! How fast documents are made and indexed, and how fast an index of 75,000 answers.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::OnceLock;

use chrono::{DateTime, TimeZone, Utc};
use divan::Bencher;
use divan::counter::ItemsCount;
use model::{EntityKey, EntityKind};
use search::{
    Agent, Bbox, Context, Direction, Document, Field, Filter, Index, Op, Pattern, Relation, Search,
    Snapshot, agents_in,
};
use vocab::Vocab;

const BASE: &str = "https://donnees.example/";
const MEMORY: usize = 64 * 1024 * 1024;
/// Datasets of a large catalogue.
const MANY: u64 = 75_000;

fn main() {
    divan::main();
}

fn now() -> DateTime<Utc> {
    Utc.timestamp_opt(1_767_225_600, 0)
        .single()
        .unwrap_or_default()
}

const WORDS: [&str; 40] = [
    "eau",
    "potable",
    "réseaux",
    "d'assainissement",
    "zones",
    "humides",
    "inventaire",
    "l'agriculture",
    "bocage",
    "haies",
    "cadastre",
    "parcelles",
    "urbanisme",
    "plan",
    "local",
    "qualité",
    "l'air",
    "stations",
    "mesure",
    "transport",
    "arrêts",
    "bus",
    "horaires",
    "établissements",
    "scolaires",
    "population",
    "communes",
    "intercommunalités",
    "énergie",
    "consommation",
    "électricité",
    "logement",
    "social",
    "patrimoine",
    "monuments",
    "risques",
    "inondation",
    "forêts",
    "biodiversité",
    "espèces",
];

/// Numbers that look random and are the same each time.
fn mix(number: u64) -> u64 {
    let mixed = number
        .wrapping_add(0x9e37_79b9_7f4a_7c15)
        .wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 29)
}

fn text(number: u64, words: u64) -> String {
    let mut text = String::new();
    for at in 0..words {
        let at = mix(number * 1_000 + at);
        // A few words are frequent, and one in ten is rare.
        let word = match at % 10 {
            0 => format!("lieu{}", mix(at) % 20_000),
            _ => WORDS[(mix(at) % 40).min(mix(at + 1) % 40) as usize].to_owned(),
        };
        text.push_str(&word);
        text.push(' ');
    }
    text
}

fn key(kind: EntityKind, number: u64) -> EntityKey {
    let id = uuid::Uuid::from_u64_pair(mix(number), mix(number + 7));
    EntityKey { minted: kind, id }
}

/// A dataset with two distributions, as portals have them: some 2.5 kB.
fn lines(number: u64) -> String {
    let iri = key(EntityKind::Dataset, number).iri(BASE);
    let (dct, dcat) = ("http://purl.org/dc/terms/", "http://www.w3.org/ns/dcat#");
    let authority = "http://publications.europa.eu/resource/authority";
    let (x, y) = (
        1.0 + (mix(number) % 400) as f64 / 100.0,
        47.0 + (mix(number + 1) % 400) as f64 / 100.0,
    );
    let mut lines = String::new();
    let mut say = |subject: &str, predicate: &str, object: String| {
        // Writing to a string does not fail.
        let _ = writeln!(lines, "<{subject}> <{predicate}> {object} .");
    };
    say(
        &iri,
        &format!("{dct}title"),
        format!("\"{}\"@fr", text(number, 7).trim()),
    );
    say(
        &iri,
        &format!("{dct}description"),
        format!("\"{}\"@fr", text(number + 1, 90).trim()),
    );
    say(
        &iri,
        &format!("{dct}identifier"),
        format!("\"identifiant-{number}\""),
    );
    for at in 0..4 {
        say(
            &iri,
            &format!("{dcat}keyword"),
            format!("\"{}\"@fr", text(number * 7 + at, 1).trim()),
        );
    }
    let publisher = key(EntityKind::Organisation, mix(number) % 800).iri(BASE);
    say(&iri, &format!("{dct}publisher"), format!("<{publisher}>"));
    say(
        &iri,
        &format!("{dcat}theme"),
        format!(
            "<{authority}/data-theme/{}>",
            ["ENVI", "TRAN", "GOVE", "AGRI"][(mix(number) % 4) as usize]
        ),
    );
    say(
        &iri,
        &format!("{dct}modified"),
        format!(
            "\"20{:02}-0{}-11\"",
            10 + mix(number) % 16,
            1 + mix(number) % 9
        ),
    );
    say(&iri, &format!("{dct}spatial"), format!("<{iri}#place>"));
    let (e, n) = (x + 0.5, y + 0.3);
    say(
        &format!("{iri}#place"),
        &format!("{dcat}bbox"),
        format!("\"POLYGON(({x} {y},{e} {y},{e} {n},{x} {n},{x} {y}))\""),
    );
    for at in 0..2 {
        let node = format!("{iri}#distribution-{at}");
        say(&iri, &format!("{dcat}distribution"), format!("<{node}>"));
        say(
            &node,
            &format!("{dct}title"),
            format!("\"{}.csv\"", text(number + at, 2).trim()),
        );
        say(
            &node,
            &format!("{dct}format"),
            format!("<{authority}/file-type/{}>", ["CSV", "SHP"][at as usize]),
        );
        say(
            &node,
            &format!("{dct}license"),
            format!("<{authority}/licence/ETALAB_2_0>"),
        );
        say(
            &node,
            &format!("{dcat}downloadURL"),
            format!("<https://fichiers.example/{number}/{at}.csv>"),
        );
    }
    lines
}

fn document(number: u64, lines: &str) -> Document {
    let agents: HashMap<EntityKey, Agent> = agents_in(BASE, lines)
        .into_iter()
        .map(|key| {
            let names = vec![format!("Organisation {}", key.id.as_u128() % 800)];
            (key, Agent { names })
        })
        .collect();
    let context = Context {
        key: key(EntityKind::Dataset, number),
        kind: EntityKind::Dataset,
        base: BASE,
        sources: &[format!("source-{}", mix(number) % 12)],
        changed: now(),
        quality: None,
        agents: &agents,
        vocab: Vocab::bundled(),
    };
    match Document::from_entity(&context, lines) {
        Ok(document) => document,
        Err(error) => panic!("{error}"),
    }
}

fn fill(index: &Index, numbers: std::ops::Range<u64>) -> Result<(), search::SearchError> {
    let mut writer = index.writer()?;
    for number in numbers {
        writer.put(&document(number, &lines(number)))?;
    }
    writer.commit(Some(1))?;
    writer.close()
}

#[divan::bench]
fn make_a_document(bencher: Bencher) {
    let lines = lines(42);
    bencher.bench(|| document(42, &lines));
}

#[divan::bench(sample_count = 5)]
fn index_5000_documents_on_disk(bencher: Bencher) {
    bencher
        .counter(ItemsCount::new(5_000u64))
        .with_inputs(|| {
            tempfile::tempdir().map(|directory| (directory.path().join("index"), directory))
        })
        .bench_values(|directory| {
            let (path, directory) = directory.map_err(|error| error.to_string())?;
            let index = Index::open(&path, MEMORY).map_err(|error| error.to_string())?;
            fill(&index, 0..5_000).map_err(|error| error.to_string())?;
            Ok::<_, String>(directory)
        });
}

/// The index of 75,000 datasets, made once.
fn large() -> &'static Snapshot {
    static LARGE: OnceLock<(Index, Snapshot)> = OnceLock::new();
    let (_, snapshot) = LARGE.get_or_init(|| {
        let made = Index::memory(MEMORY).and_then(|index| {
            let began = std::time::Instant::now();
            fill(&index, 0..MANY)?;
            eprintln!(
                "{MANY} datasets indexed in {:?}, on one thread that makes them",
                began.elapsed()
            );
            Ok(index)
        });
        match made {
            Ok(index) => {
                let snapshot = index.snapshot();
                (index, snapshot)
            }
            Err(error) => panic!("{error}"),
        }
    });
    snapshot
}

fn bench(bencher: Bencher, search: Search) {
    let snapshot = large();
    match snapshot.search(&search) {
        Ok(found) => eprintln!("{} found", found.total),
        Err(error) => panic!("{error}"),
    }
    bencher.bench(|| snapshot.search(&search).map(|found| found.total).ok());
}

fn ask(filter: Filter) -> Search {
    Search {
        limit: 20,
        ..Search::new(filter, now())
    }
}

fn text_filter(text: &str) -> Filter {
    Filter::Text(text.to_owned())
}

fn like(field: Field, pattern: &str) -> Filter {
    match Pattern::parse(pattern, '%', Some('_'), None) {
        Ok(pattern) => Filter::Like {
            field,
            pattern,
            match_case: false,
        },
        Err(error) => panic!("{error}"),
    }
}

#[divan::bench]
fn words(bencher: Bencher) {
    bench(bencher, ask(text_filter("qualité de l'eau potable")));
}

#[divan::bench]
fn words_with_facets(bencher: Bencher) {
    let mut search = ask(text_filter("eau"));
    search.facets = vec![
        Field::Theme,
        Field::Organisation,
        Field::Territory,
        Field::Format,
        Field::Licence,
        Field::Source,
        Field::Hvd,
        Field::Kind,
    ];
    bench(bencher, search);
}

#[divan::bench]
fn facets_of_all(bencher: Bencher) {
    let mut search = ask(Filter::All);
    search.facets = vec![
        Field::Theme,
        Field::Organisation,
        Field::Format,
        Field::Source,
        Field::Subject,
    ];
    bench(bencher, search);
}

#[divan::bench]
fn a_slip(bencher: Bencher) {
    bench(bencher, ask(text_filter("biodivresité")));
}

#[divan::bench]
fn box_and_words(bencher: Bencher) {
    let Ok(bbox) = Bbox::new(2.0, 49.0, 2.2, 49.2) else {
        return;
    };
    let relation = Relation::Bbox;
    bench(
        bencher,
        ask(text_filter("forêt").and(Filter::Spatial { relation, bbox })),
    );
}

#[divan::bench]
fn box_alone(bencher: Bencher) {
    let Ok(bbox) = Bbox::new(2.0, 49.0, 2.2, 49.2) else {
        return;
    };
    let relation = Relation::Bbox;
    bench(bencher, ask(Filter::Spatial { relation, bbox }));
}

#[divan::bench]
fn any_text_like_word(bencher: Bencher) {
    bench(bencher, ask(like(Field::AnyText, "%lieu777%")));
}

#[divan::bench]
fn any_text_like_frequent_phrase(bencher: Bencher) {
    bench(bencher, ask(like(Field::AnyText, "%eau potable%")));
}

#[divan::bench]
fn title_like(bencher: Bencher) {
    bench(bencher, ask(like(Field::Title, "%inventaire%haies%")));
}

#[divan::bench]
fn modified_since_sorted(bencher: Bencher) {
    let mut search = ask(Filter::Compare {
        field: Field::Modified,
        op: Op::Ge,
        value: "2024".to_owned(),
        match_case: true,
    });
    search.sort = vec![(Field::Modified, Direction::Descending)];
    bench(bencher, search);
}

#[divan::bench]
fn page_of_100_by_title_in_the_middle(bencher: Bencher) {
    let mut search = ask(Filter::All);
    search.sort = vec![(Field::Title, Direction::Ascending)];
    (search.offset, search.limit) = (MANY as usize / 2, 1);
    let Ok(found) = large().search(&search) else {
        return;
    };
    (search.offset, search.limit, search.after) = (0, 100, found.next);
    bench(bencher, search);
}

#[divan::bench]
fn page_of_100_by_iri(bencher: Bencher) {
    let mut search = ask(Filter::All);
    search.limit = 100;
    bench(bencher, search);
}
