//! A small catalogue in an archive, committed as a harvest does.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use archive::{
    Absence, Archive, Batch, Content, EntityKey, Guard, NamedLink, Packed, RecordKey, RecordWrite,
    Sealed, Verdict,
};
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::BoxFuture;
use graph::{Access, Graph, QueryService};
use model::ns::{dcat, dcterms, foaf, skos, vcard};
use model::{
    Base, Checksum, Entity, EntityKind, Finding, LinkTarget, Minter, Outcome, RawRecord,
    RecordFormat, RecordId, RunId, RunReport, Severity, SourceId, Stage,
};
use oxrdf::vocab::xsd;
use oxrdf::{NamedNode, NamedNodeRef};
use publish::sparql::{SparqlService, SparqlSettings};
use publish::{AdminRefusal, Administration, Merge, OaiPmh, Readiness, Site, SourceCard, Split};
use search::{Agent, Context, Document, Index, agents_in};
use vocab::Vocab;

pub const DATASETS: usize = 20;
pub const SERVICES: usize = 3;
pub const SERIES: usize = 2;
pub const TOKEN: &str = "un jeton de 40 caractères, ou à peu près";

pub struct Fixture {
    pub archive: Archive,
    pub minter: Minter,
    pub source: SourceId,
    pub report: RunReport,
}

impl Fixture {
    pub async fn new(dir: &Path, base: &str) -> Self {
        let minter = Minter::new(Base::new(base).expect("a base"));
        let archive = Archive::open(&dir.join("archive.sqlite"), minter.base())
            .await
            .expect("an archive");
        let source = SourceId::new("geoportail").expect("an identifier");
        let report = archive
            .begin_run(&source, at(0), true)
            .await
            .expect("a run");
        let mut fixture = Self {
            archive,
            minter,
            source,
            report,
        };
        fixture.fill().await;
        fixture
    }

    async fn fill(&mut self) {
        let mut entities: Vec<(EntityKind, usize)> =
            (0..DATASETS).map(|n| (EntityKind::Dataset, n)).collect();
        entities.extend((0..SERVICES).map(|n| (EntityKind::DataService, n)));
        entities.extend((0..SERIES).map(|n| (EntityKind::DatasetSeries, n)));
        let writes = entities
            .into_iter()
            .map(|(kind, n)| self.write(kind, n, &title(kind, n)))
            .collect();
        self.commit(writes, findings()).await;
        self.report.outcome = Outcome::Complete;
        self.report.finished = Some(at(75));
        self.report.announced = Some(25);
        self.archive.save_run(&self.report).await.expect("saved");
    }

    pub async fn commit(&mut self, writes: Vec<RecordWrite>, findings: Vec<Finding>) {
        self.commit_at(at(60), writes, findings).await;
    }

    pub async fn commit_at(
        &mut self,
        at: DateTime<Utc>,
        writes: Vec<RecordWrite>,
        findings: Vec<Finding>,
    ) {
        self.go_on().await;
        let batch = Batch {
            source: self.source.clone(),
            run: self.report.run,
            at,
            unchanged: Vec::new(),
            back: Vec::new(),
            writes,
            findings,
        };
        self.archive
            .commit(batch, &mut self.report)
            .await
            .expect("a commit");
    }

    /// A run that has ended writes nothing more: another one begins.
    async fn go_on(&mut self) {
        if self.report.finished.is_some() {
            let begun = self.archive.begin_run(&self.source, at(80), true).await;
            self.report = begun.expect("a run");
        }
    }

    pub fn iri(&self, kind: EntityKind, n: usize) -> NamedNode {
        self.minter.record(kind, &self.source, &record(kind, n))
    }

    /// The path of an entity on the site.
    pub fn path(&self, kind: EntityKind, n: usize) -> String {
        let iri = self.iri(kind, n).into_string();
        iri.replacen(self.minter.base(), "/", 1)
    }

    pub fn publisher(&self) -> NamedNode {
        self.minter.agent("name:agence de l'eau")
    }

    pub fn write(&self, kind: EntityKind, n: usize, title: &str) -> RecordWrite {
        let raw = RawRecord {
            id: record(kind, n),
            format: RecordFormat::Iso19139,
            body: format!("<gmd:MD_Metadata><!-- {title} --></gmd:MD_Metadata>").into(),
        };
        RecordWrite {
            key: RecordKey::new(&self.source, &raw.id),
            checksum: raw.checksum(),
            format: raw.format,
            body: Packed::new(&raw.body),
            verdict: Verdict::Accepted {
                primary: Box::new(self.seal(self.entity(kind, n, title), Some(&raw.id))),
                agents: vec![self.seal(self.agent(), None)],
            },
            id: raw.id,
        }
    }

    /// Takes an entity out of the catalogue.
    pub async fn withdraw(&mut self, kind: EntityKind, n: usize) {
        let guard = Guard {
            share: 1.0,
            agree: 1,
            grace: TimeDelta::zero(),
        };
        self.go_on().await;
        let gone = [RecordKey::new(&self.source, &record(kind, n))];
        self.archive
            .retire(
                &self.source,
                guard,
                at(120),
                Absence {
                    whole: false,
                    doubt: false,
                    proven: true,
                    gone: &gone,
                },
                &mut self.report,
            )
            .await
            .expect("a retirement");
    }

    pub fn agent(&self) -> Entity {
        let iri = self.publisher();
        let mut agent = Entity::new(EntityKind::Organisation, iri.clone());
        agent.add_type(&iri, foaf::AGENT);
        agent.add_text(&iri, foaf::NAME, "Agence de l’eau <Artois>", Some("fr"));
        agent.add_iri(&iri, foaf::HOMEPAGE, "https://eau.example/");
        agent
    }

    fn entity(&self, kind: EntityKind, n: usize, title: &str) -> Entity {
        let iri = self.iri(kind, n);
        let mut entity = Entity::new(kind, iri.clone());
        let class = match kind {
            EntityKind::DatasetSeries => dcat::DATASET_SERIES,
            EntityKind::DataService => dcat::DATA_SERVICE,
            _ => dcat::DATASET_CLASS,
        };
        entity.add_type(&iri, class);
        entity.add_text(&iri, dcterms::TITLE, title, Some("fr"));
        entity.add_text(&iri, dcterms::DESCRIPTION, DESCRIPTION, Some("fr"));
        entity.add_text(&iri, dcterms::IDENTIFIER, record(kind, n).as_str(), None);
        entity.add(&iri, dcterms::PUBLISHER, self.publisher());
        entity.add_iri(&iri, dcat::THEME, THEME);
        entity.add_iri(&iri, dcterms::ACCRUAL_PERIODICITY, ANNUAL);
        entity.add_typed(&iri, dcterms::MODIFIED, "2024-03-01", xsd::DATE);
        for keyword in ["eau", "qualité", "<i>rivière</i>"] {
            entity.add_text(&iri, dcat::KEYWORD, keyword, Some("fr"));
        }
        entity.add_iri(&iri, dcat::LANDING_PAGE, "javascript:alert(1)");
        let contact = entity.node("contact-1");
        entity.add(&iri, dcat::CONTACT_POINT, contact.clone());
        entity.add_type(&contact, vcard::KIND);
        entity.add_text(&contact, vcard::FN, "Service des données", Some("fr"));
        entity.add_iri(&contact, vcard::HAS_EMAIL, "mailto:donnees@eau.example");
        let place = entity.node("spatial-1");
        entity.add(&iri, dcterms::SPATIAL, place.clone());
        entity.add_type(&place, dcterms::LOCATION);
        entity.add_text(&place, skos::PREF_LABEL, "Hauts-de-France", Some("fr"));
        match kind {
            EntityKind::Dataset => distributions(&mut entity),
            EntityKind::DataService => {
                entity.add_iri(&iri, dcat::ENDPOINT_URL, "https://eau.example/wfs")
            }
            _ => {}
        }
        if kind == EntityKind::Dataset && n < 3 {
            entity.links.push(model::Link {
                subject: iri,
                predicate: dcat::IN_SERIES.into_owned(),
                target: LinkTarget::Record(record(EntityKind::DatasetSeries, 0)),
                kind: EntityKind::DatasetSeries,
            });
        }
        entity
    }

    pub fn seal(&self, entity: Entity, record: Option<&RecordId>) -> Sealed {
        let key = EntityKey::of_iri(self.minter.base(), entity.iri.as_str()).expect("our IRI");
        let mut lines: Vec<String> = entity
            .triples
            .iter()
            .map(|triple| format!("{triple} ."))
            .collect();
        lines.sort();
        lines.dedup();
        let text: String = lines
            .iter()
            .flat_map(|line| [line.as_str(), "\n"])
            .collect();
        let listed: Option<NamedNodeRef<'_>> = match entity.kind {
            EntityKind::Organisation => None,
            EntityKind::DataService => Some(dcat::SERVICE),
            EntityKind::DatasetSeries => Some(RESOURCE),
            _ => Some(dcat::DATASET),
        };
        let shared: Vec<String> = listed
            .map(|listed| format!("{} {listed} {} .", self.minter.catalogue(), entity.iri))
            .into_iter()
            .collect();
        Sealed {
            facts: None,
            key,
            kind: entity.kind,
            rank: entity.rank,
            content: Content {
                checksum: Checksum::of(format!("{text}{shared:?}").as_bytes()),
                graph: Packed::new(text.as_bytes()),
                text,
                shared,
            },
            aliases: record
                .map(|id| format!("record {id}"))
                .into_iter()
                .collect(),
            links: entity
                .links
                .into_iter()
                .map(|link| {
                    let LinkTarget::Record(target) = link.target else {
                        unreachable!("only records are linked here")
                    };
                    NamedLink {
                        subject: link.subject.into_string(),
                        predicate: link.predicate.into_string(),
                        target: format!("record {target}"),
                        kind: link.kind,
                    }
                })
                .collect(),
        }
    }

    /// The site, with an operator that knows one source.
    pub fn site(&self) -> Site {
        let queries = QueryService::local(Graph::memory().expect("a graph"), Access::default());
        let address = format!("{}sparql", self.minter.base());
        Site {
            archive: self.archive.clone(),
            minter: self.minter.clone(),
            title: "Données de la région".to_owned(),
            description: "Le catalogue des données ouvertes de la région & de ses partenaires : eau, transports, territoires.".to_owned(),
            publisher: "Conseil régional".to_owned(),
            language: "fr".to_owned(),
            sources: vec![SourceCard {
                id: self.source.clone(),
                title: "Géoportail de l’eau".to_owned(),
                address: Some("https://eau.example/geonetwork".to_owned()),
                connector: "csw".to_owned(),
                schedule: Some("0 15 3 * * *".to_owned()),
                enabled: true,
            }],
            sparql: SparqlService::new(queries, &address, &SparqlSettings::default()),
            queries: Vec::new(),
            csw: true,
            ogc_records: true,
            search: None,
            oai_pmh: Some(OaiPmh {
                admin_email: "catalogue@region.example".to_owned(),
            }),
            ldes: true,
            readiness: None,
            administration: Some(Arc::new(Operator::default())),
            token: Some(TOKEN.to_owned()),
        }
    }
}

/// Makes the index anew from the archive.
pub async fn follow(fixture: &Fixture, index: &Index) {
    let base = fixture.minter.base();
    let mut writer = index.writer().expect("the writer");
    writer.clear().expect("cleared");
    let mut documents = Vec::new();
    for kind in EntityKind::ALL {
        let page = fixture
            .archive
            .page(kind, None, 100_000)
            .await
            .expect("entities");
        documents.extend(fixture.archive.documents(page).await.expect("documents"));
    }
    let texts: HashMap<_, _> = documents
        .iter()
        .map(|document| (document.entity.key, document.text.clone()))
        .collect();
    for document in &documents {
        let agents = agents_in(base, &document.text)
            .into_iter()
            .filter_map(|key| {
                Some((
                    key,
                    Agent::from_lines(&key.iri(base), texts.get(&key)?).ok()?,
                ))
            })
            .collect();
        let context = Context {
            key: document.entity.key,
            kind: document.entity.kind,
            base,
            sources: &["geoportail".to_owned()],
            changed: document.entity.changed,
            quality: None,
            agents: &agents,
            vocab: Vocab::bundled(),
        };
        let document = Document::from_entity(&context, &document.text).expect("a document");
        writer.put(&document).expect("put");
    }
    writer.commit(Some(1)).expect("committed");
    writer.close().expect("closed");
}

fn distributions(entity: &mut Entity) {
    let iri = entity.iri.clone();
    for (name, format, address) in [
        (
            "Stations de mesure",
            "CSV",
            "https://eau.example/stations.csv",
        ),
        (
            "Tronçons de cours d’eau",
            "SHP",
            "https://eau.example/troncons.zip",
        ),
        ("<script>alert(2)</script>", "HTML", "javascript:alert(3)"),
    ] {
        let node = entity.node(&format!("distribution-{}", Checksum::of(name.as_bytes())));
        entity.add(&iri, dcat::DISTRIBUTION, node.clone());
        entity.add_type(&node, dcat::DISTRIBUTION_CLASS);
        entity.add_text(&node, dcterms::TITLE, name, Some("fr"));
        entity.add_iri(&node, dcterms::FORMAT, &format!("{FILE_TYPES}{format}"));
        entity.add_iri(
            &node,
            dcterms::LICENSE,
            "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
        );
        entity.add_iri(&node, dcat::ACCESS_URL, address);
        entity.add_iri(&node, dcat::DOWNLOAD_URL, address);
        entity.add_typed(&node, dcat::BYTE_SIZE, "1530000", xsd::NON_NEGATIVE_INTEGER);
    }
}

pub fn title(kind: EntityKind, n: usize) -> String {
    match (kind, n) {
        (EntityKind::Dataset, 7) => "<script>alert(1)</script> & \"débits\"".to_owned(),
        (EntityKind::Dataset, n) => format!("Qualité de l’eau, campagne {}", 2000 + n),
        (EntityKind::DataService, n) => format!("Service de téléchargement {n}"),
        (_, n) => format!("Campagnes de mesure, volume {n}"),
    }
}

pub fn record(kind: EntityKind, n: usize) -> RecordId {
    RecordId::new(format!("{}-{n}", kind.segment()))
}

pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_750_000_000 + seconds, 0).expect("a time")
}

fn findings() -> Vec<Finding> {
    (0..250)
        .map(|n| {
            Finding::new(
                "fetch/timeout",
                Severity::Warning,
                Stage::Fetch,
                format!("page {n} came late"),
            )
            .value("<img src=x onerror=alert(1)>")
            .hint("raise `timeout`")
        })
        .collect()
}

/// <https://www.w3.org/TR/vocab-dcat-3/#Property:catalog_resource>
const RESOURCE: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/ns/dcat#resource");
const DESCRIPTION: &str = "Mesures de **qualité** des cours d’eau du bassin, station par station.\nUne campagne par an depuis 1971.\n\n\
    <script>alert(1)</script>\n\n\
    - nitrates\n- phosphates\n\n\
    [Documentation](https://eau.example/doc) et [piège](javascript:alert(1)) ![image](https://mouchard.example/pixel.png)";
pub const THEME: &str = "http://publications.europa.eu/resource/authority/data-theme/ENVI";
const ANNUAL: &str = "http://publications.europa.eu/resource/authority/frequency/ANNUAL";
const FILE_TYPES: &str = "http://publications.europa.eu/resource/authority/file-type/";

/// Counts what it was asked, and is always busy with `occupee`.
#[derive(Default)]
pub struct Operator {
    pub runs: AtomicUsize,
}

impl Administration for Operator {
    fn run_now(&self, source: &SourceId) -> Result<(), AdminRefusal> {
        match source.as_str() {
            "geoportail" => {
                self.runs.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            "occupee" => Err(AdminRefusal::Running),
            _ => Err(AdminRefusal::Unknown),
        }
    }

    fn release<'a>(
        &'a self,
        source: &'a SourceId,
        reason: Option<&'a str>,
    ) -> BoxFuture<'a, Result<(), AdminRefusal>> {
        Box::pin(async move {
            match source.as_str() {
                "geoportail" if reason == Some("le portail a fermé") => Ok(()),
                "geoportail" => Err(AdminRefusal::NothingHeld),
                _ => Err(AdminRefusal::Unknown),
            }
        })
    }

    fn stop(&self, run: RunId) -> BoxFuture<'_, Result<(), AdminRefusal>> {
        Box::pin(async move {
            match run.0 {
                1 => Err(AdminRefusal::Ended),
                2 => Ok(()),
                _ => Err(AdminRefusal::NoRun),
            }
        })
    }

    fn undo(&self, run: RunId) -> BoxFuture<'_, Result<(), AdminRefusal>> {
        Box::pin(async move {
            match run.0 {
                1 => Ok(()),
                2 => Err(AdminRefusal::Impossible("run 2 changed nothing".to_owned())),
                _ => Err(AdminRefusal::NoRun),
            }
        })
    }

    fn resume<'a>(&'a self, source: &'a SourceId) -> BoxFuture<'a, Result<(), AdminRefusal>> {
        Box::pin(async move {
            match source.as_str() {
                "geoportail" => Ok(()),
                "occupee" => Err(AdminRefusal::NotPaused),
                _ => Err(AdminRefusal::Unknown),
            }
        })
    }

    fn merge(&self, said: Merge) -> BoxFuture<'_, Result<String, AdminRefusal>> {
        Box::pin(async move {
            match said.entities.as_slice() {
                [one, other] if one != other => Ok(one.clone()),
                _ => Err(AdminRefusal::Impossible(
                    "name at least two entities".to_owned(),
                )),
            }
        })
    }

    fn split(&self, said: Split) -> BoxFuture<'_, Result<String, AdminRefusal>> {
        Box::pin(async move { Ok(format!("{} without {}", said.entity, said.record)) })
    }

    fn status(&self) -> BoxFuture<'_, serde_json::Value> {
        Box::pin(async { serde_json::json!({ "runs": self.runs.load(Ordering::Relaxed) }) })
    }
}

/// Never ready.
pub struct Late;

impl Readiness for Late {
    fn ready(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async { Err("the graph is being rebuilt".to_owned()) })
    }
}
