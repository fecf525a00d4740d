//! Queries in worker processes: what they answer, and what is left when they misbehave.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use graph::model::{Literal, NamedNode, Triple};
use graph::{
    Access, Change, Format, Formats, Graph, Limits, Pool, PoolSettings, Query, QueryError,
    QueryService,
};

struct Bench {
    graph: Graph,
    service: QueryService,
    pool: Pool,
    dir: tempfile::TempDir,
}

fn triple(n: usize) -> Triple {
    let node = |local: &str| NamedNode::new(format!("https://a.example/{local}")).expect("an IRI");
    Triple::new(
        node(&format!("d/{n}")),
        node("p"),
        Literal::from(format!("value {n}")),
    )
}

#[cfg(feature = "rocksdb")]
fn new_graph(dir: &std::path::Path) -> Graph {
    Graph::open(&dir.join("graph")).expect("a store")
}

#[cfg(not(feature = "rocksdb"))]
fn new_graph(_: &std::path::Path) -> Graph {
    Graph::memory().expect("a store")
}

fn bench(adjust: impl FnOnce(&mut PoolSettings)) -> Bench {
    let dir = tempfile::tempdir().expect("a directory");
    let graph = new_graph(dir.path());
    graph.bulk_insert((0..2000).map(triple)).expect("load");
    let checkpoints = dir.path().join("checkpoints");
    let mut settings = PoolSettings::new(
        PathBuf::from(env!("CARGO_BIN_EXE_sparql-worker")),
        vec![checkpoints.clone().into()],
        checkpoints,
    );
    settings.freshness = Duration::from_millis(10);
    adjust(&mut settings);
    let pool = Pool::new(graph.clone(), settings).expect("a pool");
    Bench {
        graph,
        service: QueryService::Workers(pool.clone()),
        pool,
        dir,
    }
}

impl Bench {
    fn ask(&self, text: &str, limits: &Limits) -> Result<String, QueryError> {
        let formats = Formats {
            solutions: Some(Format::Csv),
            boolean: Some(Format::Csv),
            graph: Some(Format::NTriples),
        };
        let query = Query {
            text: text.to_owned(),
            formats,
            ..Query::default()
        };
        let mut bytes = Vec::new();
        for part in self.service.query(query, limits)? {
            bytes.extend(part?);
        }
        Ok(String::from_utf8(bytes).expect("UTF-8"))
    }

    fn count(&self) -> String {
        self.ask("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", &Limits::default())
            .expect("an answer")
    }

    fn checkpoints(&self) -> usize {
        std::fs::read_dir(self.dir.path().join("checkpoints"))
            .expect("a directory")
            .count()
    }
}

fn short() -> Limits {
    Limits {
        timeout: Duration::from_millis(1500),
        ..Limits::default()
    }
}

#[test]
fn answers_follow_the_graph_and_old_checkpoints_go() {
    let bench = bench(|_| {});
    assert_eq!(bench.count(), "n\r\n2000\r\n");
    let worker = bench.pool.processes();
    let change = Change {
        insert: vec![triple(5000)],
        remove: vec![triple(1), triple(2)],
    };
    bench.graph.apply(&[change]).expect("apply");
    let until = Instant::now() + Duration::from_secs(10);
    while bench.count() != "n\r\n1999\r\n" {
        assert!(Instant::now() < until, "the answer stays old");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(bench.pool.processes(), worker, "the same process answers");
    assert_eq!(bench.checkpoints(), 1);
}

#[test]
fn a_query_that_takes_too_long_is_killed_and_the_next_one_is_answered() {
    let bench = bench(|_| {});
    let sum = "SELECT (SUM(STRLEN(?o1) + STRLEN(?o2) + STRLEN(?o3)) AS ?n) { ?s1 ?p1 ?o1 . ?s2 ?p2 ?o2 . ?s3 ?p3 ?o3 }";
    let sort =
        "SELECT * { ?s1 ?p1 ?o1 . ?s2 ?p2 ?o2 . ?s3 ?p3 ?o3 } ORDER BY DESC(?o3) ?o2 LIMIT 1";
    for query in [sum, sort] {
        let begun = Instant::now();
        let error = bench.ask(query, &short()).expect_err("no answer");
        assert!(
            matches!(error, QueryError::Timeout { .. } | QueryError::Memory),
            "{error}"
        );
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert!(bench.pool.processes().is_empty(), "the worker is gone");
        assert_eq!(bench.count(), "n\r\n2000\r\n");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_query_that_takes_too_much_memory_ends_alone() {
    let bench = bench(|settings| settings.memory = 256 * 1024 * 1024);
    let sort = "SELECT * { ?s1 ?p1 ?o1 . ?s2 ?p2 ?o2 } ORDER BY DESC(?o2) ?o1";
    let limits = Limits {
        timeout: Duration::from_secs(120),
        ..Limits::default()
    };
    let error = bench.ask(sort, &limits).expect_err("no answer");
    assert_eq!(error, QueryError::Memory);
    assert_eq!(bench.count(), "n\r\n2000\r\n");
}

#[test]
fn an_answer_beyond_its_bounds_ends_with_an_error() {
    let bench = bench(|_| {});
    let all = "SELECT * { ?s ?p ?o . ?t ?p ?u }";
    let limits = Limits {
        max_bytes: 300_000,
        ..Limits::default()
    };
    let query = Query {
        text: all.to_owned(),
        ..Query::default()
    };
    let parts: Vec<_> = bench
        .service
        .query(query, &limits)
        .expect("a head")
        .collect();
    let (last, rest) = parts.split_last().expect("parts");
    assert!(matches!(last, Err(QueryError::TooLarge { .. })), "{last:?}");
    assert!(rest.len() >= 4 && rest.iter().all(Result::is_ok));
    let limits = Limits {
        max_rows: Some(10),
        ..Limits::default()
    };
    assert!(matches!(
        bench.ask(all, &limits),
        Err(QueryError::TooLarge { .. })
    ));
    let construct = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 10";
    assert_eq!(
        bench
            .ask(construct, &limits)
            .expect("ten are allowed")
            .lines()
            .count(),
        10
    );
}

#[test]
fn an_answer_that_nobody_reads_frees_its_place() {
    let bench = bench(|settings| settings.workers = 1);
    let query = || Query {
        text: "SELECT * { ?s ?p ?o . ?t ?p ?u }".to_owned(),
        ..Query::default()
    };
    let mut answer = bench
        .service
        .query(query(), &Limits::default())
        .expect("a head");
    assert!(answer.next().is_some_and(|part| part.is_ok()));
    assert!(matches!(
        bench.service.query(query(), &Limits::default()),
        Err(QueryError::Busy)
    ));
    drop(answer);
    assert_eq!(bench.count(), "n\r\n2000\r\n");
}

#[test]
fn a_client_that_reads_slowly_does_not_keep_a_worker_for_ever() {
    let bench = bench(|_| {});
    let limits = Limits {
        transfer: Duration::from_millis(700),
        ..Limits::default()
    };
    let query = Query {
        text: "SELECT * { ?s ?p ?o . ?t ?p ?u }".to_owned(),
        ..Query::default()
    };
    let mut failure = None;
    for part in bench.service.query(query, &limits).expect("a head") {
        std::thread::sleep(Duration::from_millis(100));
        failure = part.err();
    }
    assert!(matches!(failure, Some(QueryError::Timeout { .. })));
}

#[test]
fn intricate_queries_are_refused_or_end_their_worker_only() {
    let bench = bench(|_| {});
    let around = |open: &str, n: usize, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(n), close.repeat(n))
    };
    // What the scan lets through has to be survived as well: once with the usual limits, once with none.
    let unbounded = Limits {
        max_nesting: usize::MAX,
        ..short()
    };
    let queries = [
        format!("ASK {{ FILTER({}) }}", around("(", 10_000, "1", ")")),
        format!("ASK {}", around("{", 10_000, "", "}")),
        format!("ASK {{ ?s ?p {} }}", around("[ ?p ", 9_000, "1", "]")),
        format!("ASK {{ ?s {} ?o }}", around("(", 10_000, "<p:p>", ")*")),
        format!("ASK {{ FILTER({}) }}", around("!(", 60, "true", ")")),
        format!("ASK {{ FILTER(1{} > 0) }}", "+1".repeat(3_900)),
        format!("ASK {{ {{}} {} }}", "UNION {} ".repeat(3_900)),
        format!("ASK {{ ?s <p:p>{} ?o }}", "/<p:p>".repeat(3_900)),
        format!("ASK {{ ?s {} ?o }}", around("(", 60, "<p:p>", ")*")),
        format!("ASK {{ {} }}", "OPTIONAL { ?s ?p ?o } ".repeat(2_000)),
    ];
    for query in &queries {
        for limits in [&short(), &unbounded] {
            let begun = Instant::now();
            let result = bench.ask(query, limits);
            assert!(begun.elapsed() < Duration::from_secs(5));
            assert!(
                !matches!(result, Err(QueryError::Internal(_))),
                "{:.80}: {result:?}",
                query
            );
        }
    }
    assert_eq!(bench.count(), "n\r\n2000\r\n");
}

#[test]
fn idle_workers_end_and_checkpoints_with_them() {
    let bench = bench(|settings| settings.idle = Duration::from_millis(200));
    bench.count();
    assert_eq!(bench.pool.processes().len(), 1);
    let until = Instant::now() + Duration::from_secs(10);
    while !bench.pool.processes().is_empty() || bench.checkpoints() > 0 {
        assert!(Instant::now() < until, "the worker stays");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(bench.count(), "n\r\n2000\r\n");
}

#[test]
fn a_worker_that_died_in_the_meantime_is_replaced() {
    let bench = bench(|_| {});
    bench.count();
    let [process] = bench.pool.processes()[..] else {
        panic!("one worker");
    };
    let status = std::process::Command::new("kill")
        .args(["-9", &process.to_string()])
        .status()
        .expect("kill");
    assert!(status.success());
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(bench.count(), "n\r\n2000\r\n");
}

#[test]
fn what_a_killed_program_left_is_removed_and_nothing_else() {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::create_dir_all(dir.path().join("checkpoint-7/x")).expect("a directory");
    std::fs::create_dir(dir.path().join("other")).expect("a directory");
    let settings = PoolSettings::new(PathBuf::from("none"), vec![], dir.path().to_owned());
    let pool = Pool::new(Graph::memory().expect("a store"), settings).expect("a pool");
    assert!(!dir.path().join("checkpoint-7").exists());
    assert!(dir.path().join("other").exists());
    let service = QueryService::Workers(pool);
    let query = Query {
        text: "ASK {}".to_owned(),
        ..Query::default()
    };
    let failure = service.query(query, &Limits::default()).err();
    assert!(
        matches!(failure, Some(QueryError::Internal(_))),
        "no such program"
    );
}

#[test]
fn workers_have_the_access_of_the_pool_and_no_other() {
    let bench = bench(|settings| {
        settings.access = Access {
            catalogue: Some("https://a.example/catalogue".to_owned()),
            public: vec![],
        };
    });
    let ask = |query: &str| bench.ask(query, &Limits::default()).expect("an answer");
    assert_eq!(
        ask("ASK FROM <https://a.example/catalogue> { ?s ?p ?o }"),
        "true"
    );
    assert_eq!(
        ask("ASK FROM <https://a.example/other> { ?s ?p ?o }"),
        "false"
    );
    assert_eq!(ask("ASK { GRAPH ?g { ?s ?p ?o } }"), "false");
}

#[test]
fn a_query_that_nobody_waits_for_is_stopped() {
    let bench = bench(|_| {});
    let query = Query {
        text: "SELECT (COUNT(*) AS ?n) { ?s1 ?p1 ?o1 . ?s2 ?p2 ?o2 . ?s3 ?p3 ?o3 }".to_owned(),
        ..Query::default()
    };
    let begun = Instant::now();
    let left = move || begun.elapsed() < Duration::from_millis(300);
    let failure = bench
        .service
        .query_while(query, &Limits::default(), left)
        .err();
    assert_eq!(failure, Some(QueryError::Unwanted));
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(bench.pool.processes().is_empty());
}
