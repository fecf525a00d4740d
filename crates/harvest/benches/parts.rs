//! What each step of a run costs: `cargo bench -p harvest`. The whole way is measured by `moisson bench`.

use bytes::Bytes;
use connector_udata::{Config, Udata};
use demo::{Order, World};
use divan::{Bencher, counter::ItemsCount};
use mapping::MapContext;
use model::{Base, Connector, Minter, Page, RawRecord, RecordFormat, RecordId, Response, SourceId};
use normalise::Context;
use vocab::Vocab;

const DATASETS: u64 = 100;

fn main() {
    divan::main();
}

/// A page of a udata as it comes from the network.
fn answer() -> (Udata, Response) {
    let config: Config = serde_json::from_value(serde_json::json!({
        "url": "https://portail.example/", "page_size": DATASETS, "dataservices": false
    }))
    .expect("a configuration");
    let udata = Udata::new(config).expect("a connector");
    let request = udata.start(None).remove(0);
    let body = World::new(DATASETS, 1).page(
        1,
        DATASETS,
        0,
        Order::Created,
        "https://portail.example/api/1/datasets/",
    );
    let response = Response {
        url: request.url.clone(),
        request,
        status: 200,
        content_type: Some("application/json".to_owned()),
        etag: None,
        last_modified: None,
        body: Bytes::from(body),
    };
    (udata, response)
}

fn page() -> Page {
    let (udata, response) = answer();
    udata.read(&response).expect("a page")
}

struct Names {
    source: SourceId,
    minter: Minter,
}

impl Names {
    fn new() -> Self {
        Self {
            source: SourceId::new("bench").expect("an identifier"),
            minter: Minter::new(Base::new("https://donnees.example.org/").expect("a base")),
        }
    }

    fn map(&self, record: &RawRecord) -> model::Mapped {
        let context = MapContext {
            source: &self.source,
            minter: &self.minter,
            minted: None,
            language: "fr",
        };
        mapping::map(record, &context).expect("a mapping")
    }
}

/// Taking a page apart.
#[divan::bench]
fn read_udata_page(bencher: Bencher<'_, '_>) {
    let (udata, response) = answer();
    bencher
        .counter(ItemsCount::new(DATASETS))
        .bench(|| udata.read(&response).expect("a page"));
}

/// The checksum that says whether a record changed.
#[divan::bench]
fn checksum(bencher: Bencher<'_, '_>) {
    let page = page();
    bencher.counter(ItemsCount::new(DATASETS)).bench(|| {
        page.records
            .iter()
            .map(RawRecord::checksum)
            .collect::<Vec<_>>()
    });
}

#[divan::bench]
fn map_udata(bencher: Bencher<'_, '_>) {
    let (page, names) = (page(), Names::new());
    bencher.counter(ItemsCount::new(DATASETS)).bench(|| {
        page.records
            .iter()
            .map(|record| names.map(record))
            .collect::<Vec<_>>()
    });
}

/// A rich record, once.
#[divan::bench]
fn map_iso_19139(bencher: Bencher<'_, '_>) {
    let names = Names::new();
    let record = RawRecord {
        id: RecordId::new("bench"),
        format: RecordFormat::Iso19139,
        body: Bytes::from_static(include_bytes!(
            "../../mapping/tests/fixtures/iso/dataset.iso19139.xml"
        )),
    };
    bencher
        .counter(ItemsCount::new(1_u32))
        .bench(|| names.map(&record));
}

#[divan::bench]
fn normalise(bencher: Bencher<'_, '_>) {
    let (page, names, vocab) = (page(), Names::new(), Vocab::bundled());
    bencher
        .counter(ItemsCount::new(DATASETS))
        .with_inputs(|| {
            let mapped: Vec<_> = page
                .records
                .iter()
                .map(|record| names.map(record))
                .collect();
            mapped
        })
        .bench_values(|mut mapped| {
            for (mapped, record) in mapped.iter_mut().zip(&page.records) {
                let fetched = chrono::DateTime::UNIX_EPOCH;
                normalise::normalise(
                    mapped,
                    &Context {
                        vocab,
                        record: &record.id,
                        fetched,
                    },
                );
            }
            mapped
        });
}

/// Compressing a body for the archive.
#[divan::bench]
fn pack(bencher: Bencher<'_, '_>) {
    let page = page();
    bencher.counter(ItemsCount::new(DATASETS)).bench(|| {
        page.records
            .iter()
            .map(|record| archive::Packed::new(&record.body))
            .collect::<Vec<_>>()
    });
}
