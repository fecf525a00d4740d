//! The program is killed at random moments of all that it does, and what it does next ends where an undisturbed instance ends.
//!
//! `MOISSON_KILLS` says how often; without it, 20 times.

mod common;
#[path = "common/portal.rs"]
mod portal;

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::Instance;
use portal::Portal;

const KILLS: u32 = 20;
const DATASETS: u64 = 400;

/// What is done one after the other, how often each is killed before it is let end.
const STEPS: [(Step, u32); 7] = [
    // Crawl, commit, identity, projection.
    (Step::First, 3),
    // The same with changes, disappearances and withdrawals.
    (Step::Second, 3),
    (Step::Undo, 3),
    (Step::Again, 1),
    (Step::Rebuild, 2),
    (Step::Report, 1),
    // The daemon, while it ends.
    (Step::Daemon, 2),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    First,
    Second,
    Undo,
    Again,
    Rebuild,
    Report,
    Daemon,
}

#[test]
fn whatever_is_killed_ends_as_what_is_left_alone() {
    let kills = std::env::var("MOISSON_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let (city, region) = (Portal::new(), Portal::new());
    let world = World { city, region };
    let alone = world.instance();
    let mut wanted = Vec::new();
    for (step, _) in STEPS {
        world.turn(step);
        let began = Instant::now();
        alone.end(step);
        wanted.push((began.elapsed(), alone.dump(), alone.triples()));
    }
    let mut moments = Moments(0x9E37_79B9_7F4A_7C15);
    let mut killed = 0;
    while killed < kills {
        let instance = world.instance();
        for ((step, times), (took, dump, triples)) in STEPS.iter().zip(&wanted) {
            world.turn(*step);
            for _ in 0..*times {
                killed += u32::from(instance.kill(*step, took.mul_f64(moments.next())));
            }
            instance.end(*step);
            let where_ = format!("{step:?} after {killed} kills");
            same(&instance.dump(), dump, &where_);
            // The graph store that was killed on its way says the same as one that was not.
            assert_eq!(instance.triples(), *triples, "{where_}");
            instance.none_runs(&where_);
        }
        instance.0.expect(0, &["rebuild", "--json"]);
        let last = &wanted.last().unwrap().1;
        same(&instance.dump(), last, "after a rebuild");
    }
    eprintln!("{killed} kills");
}

fn same(dump: &str, wanted: &str, where_: &str) {
    if dump == wanted {
        return;
    }
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (is, was) = (lines(dump), lines(wanted));
    let added: Vec<_> = is.difference(&was).take(5).collect();
    let lost: Vec<_> = was.difference(&is).take(5).collect();
    panic!("{where_}: the dump has besides {added:#?} and lacks {lost:#?}");
}

/// Two portals that have datasets in common.
struct World {
    city: Portal,
    region: Portal,
}

impl World {
    /// The portals as they are at a step.
    fn turn(&self, step: Step) {
        let changed = step != Step::First;
        let there = |n: &u64| !(changed && n % 10 == 3);
        let end = if changed { DATASETS + 20 } else { DATASETS };
        let datasets = |name: &'static str| move |n: u64| dataset(name, n, changed && n % 4 == 1);
        self.city.set((0..end).filter(there).map(datasets("ville")));
        let shared = |n: &u64| n % 3 != 1;
        self.region.set(
            (0..end / 2)
                .filter(there)
                .filter(shared)
                .map(datasets("region")),
        );
    }

    fn instance(&self) -> Tried {
        let instance = Instance::new();
        for (name, portal) in [("ville", &self.city), ("region", &self.region)] {
            // What is not there any more leaves at once: so there is something to withdraw.
            let source = format!(
                "title = \"{name}\"\n[guard]\nshare = 1.0\ngrace = \"0s\"\n[connector.udata]\nurl = \"{}\"\npage_size = 50\n",
                portal.url
            );
            instance.configure(&format!("sources/{name}.toml"), &source);
        }
        Tried(instance)
    }
}

fn dataset(portal: &str, n: u64, changed: bool) -> String {
    let title = if changed { "Jeu modifié" } else { "Jeu" };
    let place = if portal == "ville" { 0xa } else { 0xb };
    serde_json::json!({
        "id": format!("{place:08x}{n:016x}"),
        "title": format!("{title} {n}"),
        "description": format!("Une description assez longue, selon {portal}."),
        "page": format!("https://{portal}.example/datasets/{n}/"),
        "last_modified": "2024-05-06T07:08:09+00:00",
        "license": "lov2",
        "tags": ["eau", "foret"],
        "private": changed && n % 20 == 5,
        "harvest": { "backend": "csw", "domain": "geo.example", "remote_id": format!("4b112790-181a-4af5-9f66-{n:012x}") },
        "organization": { "id": "534fff75a3a7292c64a77de4", "name": "Syndicat du Valmer", "page": "https://valmer.example/" },
        "resources": [
            { "id": format!("00000000-0000-4000-8000-{n:012}"), "title": "Données", "url": format!("https://fichiers.example/{n}.csv"), "format": "csv" },
        ],
    })
    .to_string()
}

/// An instance on which the steps are done.
struct Tried(Instance);

impl Tried {
    /// Begins a step and kills it after a while. `false` if it had ended before.
    fn kill(&self, step: Step, after: Duration) -> bool {
        if step == Step::Daemon {
            let (mut daemon, _) = self.daemon();
            ask_to_end(&daemon);
            std::thread::sleep(after.min(Duration::from_millis(500)));
            return end_now(&mut daemon);
        }
        if step == Step::Again && self.is_paused() {
            self.0.expect(0, &["resume", "ville"]);
        }
        let Some(arguments) = self.commands(step).into_iter().next() else {
            return false;
        };
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut child = self
            .0
            .command(&arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(after);
        end_now(&mut child)
    }

    /// Does a step to its end.
    fn end(&self, step: Step) {
        if step == Step::Daemon {
            let (mut daemon, _) = self.daemon();
            ask_to_end(&daemon);
            assert!(daemon.wait().unwrap().success());
            return;
        }
        for arguments in self.commands(step) {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let output = self.0.run(&arguments);
            let text = String::from_utf8_lossy(&output.stderr);
            // Of the parts of a run that was killed, some changed nothing, or were undone before they were killed.
            let undone = step == Step::Undo
                && [
                    "changed nothing",
                    "it was undone already",
                    "only harvests can be undone",
                ]
                .iter()
                .any(|known| text.contains(known));
            assert!(output.status.success() || undone, "{arguments:?}: {text}");
        }
    }

    fn commands(&self, step: Step) -> Vec<Vec<String>> {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        match step {
            Step::First | Step::Second => vec![words("harvest --json")],
            // All that was done at the second step, the latest first.
            Step::Undo => {
                let runs = self.0.json(0, &["runs", "ville", "--json"]);
                let reason =
                    |run: &serde_json::Value| run["reason"].as_str().unwrap_or_default().to_owned();
                runs.as_array()
                    .unwrap()
                    .iter()
                    .filter(|run| !reason(run).contains("undo"))
                    .take_while(|run| !self.is_first(run))
                    .map(|run| words(&format!("undo {} --json", run["run"])))
                    .collect()
            }
            Step::Again if self.is_paused() => {
                vec![words("resume ville"), words("harvest ville --json")]
            }
            Step::Again => vec![words("harvest ville --json")],
            Step::Rebuild => vec![words("rebuild --json")],
            Step::Report => vec![words("report ville --format html")],
            Step::Daemon => Vec::new(),
        }
    }

    /// The run that ended the first step: complete, and without a change of a later state.
    fn is_first(&self, run: &serde_json::Value) -> bool {
        run["outcome"] == "complete" && run["seen"] == DATASETS && run["withdrawn"] == 0
    }

    fn is_paused(&self) -> bool {
        let sources = self.0.json(0, &["sources", "--json"]);
        sources
            .as_array()
            .unwrap()
            .iter()
            .any(|source| !source["paused"].is_null())
    }

    fn dump(&self) -> String {
        self.0.expect(0, &["export", "--format", "nt"])
    }

    fn none_runs(&self, where_: &str) {
        let runs = self.0.json(0, &["runs", "--json"]);
        let mut runs = runs.as_array().unwrap().iter();
        assert!(runs.all(|run| run["outcome"] != "running"), "{where_}");
    }

    /// The daemon, once it answers.
    fn daemon(&self) -> (Child, u16) {
        let port = common::free_port();
        self.0.configure(
            "moisson.toml",
            &format!("base = \"https://donnees.example.org/\"\n[server]\nlisten = \"127.0.0.1:{port}\"\n[fetch]\nallow_private = [\"127.0.0.1\"]\ndelay = \"0s\"\n"),
        );
        let daemon = self
            .0
            .command(&["run", "--json", "--log", "error"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(120);
        let health = "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
        while portal::ask(port, health).is_none_or(|(status, _)| status != 200) {
            assert!(Instant::now() < deadline, "the server does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        (daemon, port)
    }

    fn triples(&self) -> u64 {
        let (mut daemon, port) = self.daemon();
        let deadline = Instant::now() + Duration::from_secs(120);
        let counted = loop {
            assert!(Instant::now() < deadline, "no triples are counted");
            if let Some(counted) = portal::triples(port) {
                break counted;
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        end_now(&mut daemon);
        counted
    }
}

fn ask_to_end(daemon: &Child) {
    let asked = std::process::Command::new("kill")
        .args(["-TERM", &daemon.id().to_string()])
        .status();
    assert!(asked.unwrap().success());
}

/// SIGKILL. `false` if it had ended by itself.
fn end_now(child: &mut Child) -> bool {
    let runs = child.try_wait().unwrap().is_none();
    // It may end just now.
    let _ = child.kill();
    child.wait().unwrap();
    runs
}

/// Numbers from 0 to 1, always the same ones (SplitMix64).
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) as f64 / u64::MAX as f64
    }
}
