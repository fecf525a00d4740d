//! CSW over a small catalogue, as harvesters ask.

use std::collections::BTreeSet;

use archive::{Packed, RecordWrite};
use axum::body::Body;
use axum::http::Request;
use model::EntityKind;
use search::{Index, MIN_MEMORY};

use crate::fixture::{DATASETS, SERIES, SERVICES, THEME, follow, record};
use crate::{Answered, Place, answered};

const ALL: usize = DATASETS + SERVICES + SERIES;

pub struct Catalogue {
    pub place: Place,
    pub index: Index,
}

impl Catalogue {
    pub async fn new() -> Self {
        let mut place = Place::new().await;
        let index = Index::memory(MIN_MEMORY).expect("an index");
        follow(&place.fixture, &index).await;
        let mut site = place.fixture.site();
        site.search = Some(index.clone());
        place.app = publish::app(site);
        Self { place, index }
    }

    async fn get(&self, query: &str) -> Answered {
        self.place
            .get(&format!("/csw?service=CSW&version=2.0.2&{query}"))
            .await
    }

    async fn post(&self, body: &str) -> Answered {
        let request = Request::post("/csw").header("content-type", "application/xml");
        answered(
            &self.place.app,
            request
                .body(Body::from(body.to_owned()))
                .expect("a request"),
        )
        .await
    }

    /// The identifiers of all pages, as a client walks through them; `between` is done before each next page.
    async fn walk(&mut self, query: &str, mut change: Option<RecordWrite>) -> Vec<String> {
        let (mut ids, mut start) = (Vec::new(), 1);
        loop {
            let page = self.get(&format!("request=GetRecords&typeNames=csw:Record&resultType=results&maxRecords=7&startPosition={start}&{query}")).await;
            let found = identifiers(page.text());
            assert_eq!(number(&page, "numberOfRecordsReturned"), found.len());
            assert_eq!(number(&page, "numberOfRecordsMatched"), ALL);
            ids.extend(found);
            start = number(&page, "nextRecord");
            if start == 0 {
                return ids;
            }
            assert_eq!(start, ids.len() + 1);
            if let Some(write) = change.take() {
                self.place.fixture.commit(vec![write], Vec::new()).await;
                follow(&self.place.fixture, &self.index).await;
            }
        }
    }
}

/// Of `dc:identifier` or `gmd:fileIdentifier`, in their order.
fn identifiers(xml: &str) -> Vec<String> {
    let of = |start: &str| -> Vec<String> {
        xml.split(start)
            .skip(1)
            .filter_map(|rest| rest.split('<').next())
            .map(str::to_owned)
            .collect()
    };
    let found = of("<dc:identifier>");
    match found.is_empty() {
        true => of("<gmd:fileIdentifier><gco:CharacterString>"),
        false => found,
    }
}

fn number(answer: &Answered, attribute: &str) -> usize {
    let text = answer.text();
    let after = text
        .split(&format!(" {attribute}=\""))
        .nth(1)
        .unwrap_or_else(|| panic!("no {attribute} in {text}"));
    after
        .split('"')
        .next()
        .expect("a value")
        .parse()
        .expect("a number")
}

fn expected() -> BTreeSet<String> {
    let of = |kind, count| (0..count).map(move |n| record(kind, n).as_str().to_owned());
    of(EntityKind::Dataset, DATASETS)
        .chain(of(EntityKind::DataService, SERVICES))
        .chain(of(EntityKind::DatasetSeries, SERIES))
        .collect()
}

#[tokio::test]
async fn the_capabilities_say_where_to_ask() {
    let catalogue = Catalogue::new().await;
    for path in ["/csw", "/csw?service=CSW&request=GetCapabilities"] {
        let answer = catalogue.place.get(path).await;
        assert_eq!(
            answer.header("content-type"),
            "application/xml; charset=utf-8"
        );
        for part in [
            "<csw:Capabilities ",
            "<ows:Operation name=\"GetRecords\">",
            "xlink:href=\"https://donnees.example/csw\"",
            "<ows:Value>http://www.isotc211.org/2005/gmd</ows:Value>",
        ] {
            assert!(answer.text().contains(part), "{part}");
        }
    }
}

#[tokio::test]
async fn every_record_is_given_once_also_while_the_catalogue_changes() {
    let mut catalogue = Catalogue::new().await;
    for query in [
        "elementSetName=brief",
        "elementSetName=brief&sortBy=apiso:identifier:A",
        "elementSetName=full&outputSchema=http://www.isotc211.org/2005/gmd",
    ] {
        let new = catalogue
            .place
            .fixture
            .write(EntityKind::Dataset, 500, "Une de plus");
        let ids = catalogue.walk(query, Some(new)).await;
        let distinct: BTreeSet<String> = ids.iter().cloned().collect();
        assert_eq!((ids.len(), distinct), (ALL, expected()), "{query}");
        // For the next one, as it was before.
        catalogue = Catalogue::new().await;
    }
}

#[tokio::test]
async fn a_record_is_had_by_its_identifier_or_by_ours() {
    let catalogue = Catalogue::new().await;
    let iri = catalogue
        .place
        .fixture
        .iri(EntityKind::Dataset, 3)
        .into_string();
    let uuid = iri.rsplit('/').next().expect("an identifier");
    for id in ["dataset-3", uuid, &iri] {
        let answer = catalogue
            .get(&format!(
                "request=GetRecordById&elementSetName=full&id={id}"
            ))
            .await;
        assert_eq!(identifiers(answer.text()), ["dataset-3"], "{id}");
    }
    let several = catalogue
        .get("request=GetRecordById&id=dataset-3,nowhere,dataservice-1")
        .await;
    assert_eq!(identifiers(several.text()), ["dataset-3", "dataservice-1"]);
    let none = catalogue.get("request=GetRecordById&id=nowhere").await;
    assert!(none.text().ends_with("</csw:GetRecordByIdResponse>"));
    let rdf = catalogue
        .get("request=GetRecordById&outputSchema=http://www.w3.org/ns/dcat%23&id=dataset-3")
        .await;
    assert!(
        rdf.text().contains("<rdf:RDF ") && rdf.text().contains(&format!("rdf:about=\"{iri}\"")),
        "{}",
        rdf.text()
    );
}

#[tokio::test]
async fn a_record_of_iso_is_given_as_its_owner_wrote_it_and_others_are_made() {
    let mut catalogue = Catalogue::new().await;
    let own = "<gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd\" xmlns:gco=\"http://www.isotc211.org/2005/gco\"><gmd:fileIdentifier><gco:CharacterString>dataset-1</gco:CharacterString></gmd:fileIdentifier><!-- à moi --></gmd:MD_Metadata>";
    let mut write =
        catalogue
            .place
            .fixture
            .write(EntityKind::Dataset, 1, "Qualité de l’eau, mot pour mot");
    write.body = Packed::new(own.as_bytes());
    write.checksum = model::Checksum::of(own.as_bytes());
    catalogue
        .place
        .fixture
        .commit(vec![write], Vec::new())
        .await;
    follow(&catalogue.place.fixture, &catalogue.index).await;
    let query = "request=GetRecordById&outputSchema=http://www.isotc211.org/2005/gmd&elementSetName=full&id=";
    let kept = catalogue.get(&format!("{query}dataset-1")).await;
    assert!(kept.text().contains(own), "{}", kept.text());
    // What the source has for this one is no metadata.
    let made = catalogue.get(&format!("{query}dataset-2")).await;
    let series = record(EntityKind::DatasetSeries, 0);
    for part in [
        "<gmd:fileIdentifier><gco:CharacterString>dataset-2<",
        &format!(
            "<gmd:parentIdentifier><gco:CharacterString>{}<",
            series.as_str()
        ),
        "Agence de l’eau &lt;Artois&gt;",
    ] {
        assert!(
            made.text().contains(part),
            "{part} is not in {}",
            made.text()
        );
    }
}

#[tokio::test]
async fn filters_select() {
    let catalogue = Catalogue::new().await;
    let count = async |constraint: &str| {
        let constraint: String =
            url::form_urlencoded::byte_serialize(constraint.as_bytes()).collect();
        let answer = catalogue.get(&format!("request=GetRecords&typeNames=csw:Record&constraintLanguage=CQL_TEXT&constraint={constraint}")).await;
        number(&answer, "numberOfRecordsMatched")
    };
    assert_eq!(count("apiso:type = 'service'").await, SERVICES);
    assert_eq!(
        count("dc:type = 'dataset' OR apiso:Type = 'series'").await,
        DATASETS + SERIES
    );
    assert_eq!(count("NOT apiso:type = 'service'").await, ALL - SERVICES);
    assert_eq!(count("csw:AnyText LIKE '%campagne 2004%'").await, 1);
    assert_eq!(count("Identifier = 'dataset-7'").await, 1);
    assert_eq!(count("BBOX(ows:BoundingBox, -180, -90, 180, 90)").await, 0);
    let filter = |operator: &str| {
        format!(
            "<csw:GetRecords xmlns:csw=\"http://www.opengis.net/cat/csw/2.0.2\" xmlns:ogc=\"http://www.opengis.net/ogc\" service=\"CSW\" version=\"2.0.2\" resultType=\"hits\"><csw:Query typeNames=\"csw:Record,gmd:MD_Metadata\">\
             <csw:ElementSetName>summary</csw:ElementSetName><csw:Constraint version=\"1.1.0\"><ogc:Filter>{operator}</ogc:Filter></csw:Constraint></csw:Query></csw:GetRecords>"
        )
    };
    let like = "<ogc:PropertyIsLike wildCard=\"%\" singleChar=\"_\" escapeChar=\"\\\"><ogc:PropertyName>csw:AnyText</ogc:PropertyName><ogc:Literal>%CAMPAGNE 200_%</ogc:Literal></ogc:PropertyIsLike>";
    let answer = catalogue.post(&filter(like)).await;
    assert_eq!(
        (
            number(&answer, "numberOfRecordsMatched"),
            number(&answer, "numberOfRecordsReturned")
        ),
        (9, 0)
    );
}

#[tokio::test]
async fn parts_of_the_catalogue_have_addresses_of_their_own() {
    let catalogue = Catalogue::new().await;
    let organisation = catalogue.place.fixture.publisher().into_string();
    let organisation = organisation
        .rsplit('/')
        .next()
        .expect("an identifier")
        .to_owned();
    for path in [
        "source/geoportail".to_owned(),
        format!("organisation/{organisation}"),
        "theme/ENVI".to_owned(),
    ] {
        let address = format!("/csw/{path}?service=CSW&version=2.0.2");
        let hits = catalogue
            .place
            .get(&format!(
                "{address}&request=GetRecords&typeNames=csw:Record"
            ))
            .await;
        assert_eq!(
            number(&hits, "numberOfRecordsMatched"),
            ALL,
            "{path} {THEME}"
        );
        let capabilities = catalogue
            .place
            .get(&format!("{address}&request=GetCapabilities"))
            .await;
        assert!(capabilities.text().contains(&format!(
            "xlink:href=\"https://donnees.example/csw/{path}\""
        )));
    }
    let other = catalogue
        .place
        .get("/csw/theme/AGRI?service=CSW&version=2.0.2&request=GetRecords&typeNames=csw:Record")
        .await;
    assert_eq!(number(&other, "numberOfRecordsMatched"), 0);
    let hidden = catalogue
        .place
        .get("/csw/theme/AGRI?service=CSW&version=2.0.2&request=GetRecordById&id=dataset-1")
        .await;
    assert!(identifiers(hidden.text()).is_empty());
    for path in ["source/autre", "organisation/x", "theme/NULLE", "filtre/x"] {
        assert_eq!(
            catalogue.place.get(&format!("/csw/{path}")).await.status,
            404,
            "{path}"
        );
    }
}

#[tokio::test]
async fn domains_and_types_are_told() {
    let catalogue = Catalogue::new().await;
    let domain = catalogue.get("request=GetDomain&propertyName=apiso:type,dc:subject,dc:date&parameterName=GetRecords.resultType").await;
    for value in [
        "<csw:Value>series</csw:Value>",
        "<csw:Value>eau</csw:Value>",
        "<csw:Value>hits</csw:Value>",
        "<csw:PropertyName>dc:date</csw:PropertyName></csw:DomainValues>",
    ] {
        assert!(
            domain.text().contains(value),
            "{value} is not in {}",
            domain.text()
        );
    }
    let types = catalogue
        .get("request=DescribeRecord&typeName=gmd:MD_Metadata")
        .await;
    assert_eq!(types.text().matches("<csw:SchemaComponent").count(), 1);
}

#[tokio::test]
async fn what_is_wrong_is_told_in_a_report() {
    let catalogue = Catalogue::new().await;
    for (query, code) in [
        (
            "request=GetRecords",
            "exceptionCode=\"MissingParameterValue\" locator=\"typenames\"",
        ),
        (
            "request=GetRecords&typeNames=csw:Record&constraintLanguage=CQL_TEXT&constraint=nom=%27x%27",
            "exceptionCode=\"InvalidParameterValue\" locator=\"constraint\"",
        ),
        (
            "request=GetRecords&typeNames=csw:Record&sortBy=dct:abstract:A",
            "exceptionCode=\"InvalidParameterValue\" locator=\"sortby\"",
        ),
        (
            "request=Harvest",
            "exceptionCode=\"OperationNotSupported\" locator=\"request\"",
        ),
        (
            "request=GetDomain&propertyName=nom",
            "exceptionCode=\"InvalidParameterValue\" locator=\"propertyname\"",
        ),
    ] {
        let answer = catalogue.get(query).await;
        assert!(
            answer.text().contains("<ows:ExceptionReport ") && answer.text().contains(code),
            "{query}: {}",
            answer.text()
        );
    }
    let three = catalogue
        .place
        .get("/csw?service=CSW&request=GetCapabilities&acceptVersions=3.0.0")
        .await;
    assert!(three.text().contains("VersionNegotiationFailed"));
    let broken = catalogue.post("<csw:GetRecords").await;
    assert!(broken.text().contains("exceptionCode=\"NoApplicableCode\""));
    let long = catalogue.post(&" ".repeat(600 * 1024)).await;
    assert_eq!(long.status, 413);
}

#[tokio::test]
async fn a_page_of_what_is_withdrawn_meanwhile_is_no_end() {
    for query in [
        "elementSetName=brief&sortBy=apiso:identifier:A",
        "elementSetName=full&outputSchema=http://www.isotc211.org/2005/gmd&sortBy=apiso:identifier:A",
    ] {
        let mut catalogue = Catalogue::new().await;
        let page = |start: usize| {
            format!(
                "request=GetRecords&typeNames=csw:Record&resultType=results&maxRecords=2&startPosition={start}&{query}"
            )
        };
        let (mut ids, mut start) = (Vec::new(), 1);
        while start > 0 {
            let answer = catalogue.get(&page(start)).await;
            let found = identifiers(answer.text());
            start = number(&answer, "nextRecord");
            assert!(start == 0 || !found.is_empty(), "{}", answer.text());
            ids.extend(found);
            if ids.len() == 2 {
                // Some pages, and the index does not know yet.
                for gone in 0..DATASETS {
                    let name = record(EntityKind::Dataset, gone).as_str().to_owned();
                    if gone != 9 && !ids.contains(&name) {
                        let fixture = &mut catalogue.place.fixture;
                        fixture.withdraw(EntityKind::Dataset, gone).await;
                    }
                }
            }
        }
        let distinct: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len(), "{ids:?}");
        // Services come first, so that none was given of the datasets.
        let left = SERVICES + 1 + SERIES;
        assert_eq!(ids.len(), left, "{ids:?}");
    }
}

#[tokio::test]
async fn a_walk_goes_on_when_its_snapshot_is_gone_and_when_another_client_walks() {
    let mut catalogue = Catalogue::new().await;
    let page = |start: usize| {
        format!(
            "/csw?service=CSW&version=2.0.2&request=GetRecords&typeNames=csw:Record&resultType=results&maxRecords=7&startPosition={start}&sortBy=apiso:identifier:A"
        )
    };
    let ask = async |catalogue: &Catalogue, client: &str, start: usize| {
        let request = Request::get(page(start)).header("user-agent", client);
        answered(
            &catalogue.place.app,
            request.body(Body::empty()).expect("a request"),
        )
        .await
    };
    let mut ids = identifiers(ask(&catalogue, "a", 1).await.text());
    // What would stand before all others comes, and moves every place but the cursor's.
    let new = |catalogue: &Catalogue, n| {
        let fixture = &catalogue.place.fixture;
        fixture.write(EntityKind::Dataset, n, "Une de plus")
    };
    for n in 100..=100 + search::MAX_KEPT + 1 {
        let write = new(&catalogue, n);
        catalogue
            .place
            .fixture
            .commit(vec![write], Vec::new())
            .await;
        follow(&catalogue.place.fixture, &catalogue.index).await;
        // Others, each with a state of its own.
        ask(&catalogue, "b", 1).await;
    }
    let mut start = 8;
    while start > 0 {
        let answer = ask(&catalogue, "a", start).await;
        ids.extend(identifiers(answer.text()));
        start = number(&answer, "nextRecord");
        assert!(start <= number(&answer, "numberOfRecordsMatched"));
    }
    let distinct: BTreeSet<String> = ids.iter().cloned().collect();
    assert_eq!(distinct.len(), ids.len(), "{ids:?}");
    assert!(expected().is_subset(&distinct), "{ids:?}");
}

#[tokio::test]
async fn what_is_asked_in_excess_is_refused() {
    let catalogue = Catalogue::new().await;
    let domain = |names: &str| {
        format!(
            "<csw:GetDomain xmlns:csw=\"http://www.opengis.net/cat/csw/2.0.2\" service=\"CSW\" version=\"2.0.2\"><csw:PropertyName>{names}</csw:PropertyName></csw:GetDomain>"
        )
    };
    let same = catalogue.post(&domain(&"dc:type,".repeat(50_000))).await;
    assert_eq!(same.text().matches("<csw:DomainValues").count(), 1);
    let many: String = (0..50_000).map(|n| format!("p{n},")).collect();
    let many = catalogue.post(&domain(&many)).await;
    assert!(
        many.text()
            .contains("exceptionCode=\"InvalidParameterValue\" locator=\"propertyname\"")
    );
}

#[tokio::test]
async fn an_identifier_may_have_commas() {
    let catalogue = Catalogue::new().await;
    let by_id = |id: &str| {
        format!(
            "<csw:GetRecordById xmlns:csw=\"http://www.opengis.net/cat/csw/2.0.2\" service=\"CSW\" version=\"2.0.2\">{id}</csw:GetRecordById>"
        )
    };
    let two = catalogue
        .post(&by_id(
            "<csw:Id>dataset-3</csw:Id><csw:Id>dataset-4</csw:Id>",
        ))
        .await;
    assert_eq!(identifiers(two.text()), ["dataset-3", "dataset-4"]);
    let one = catalogue
        .post(&by_id("<csw:Id>dataset-3,dataset-4</csw:Id>"))
        .await;
    assert!(identifiers(one.text()).is_empty());
}

#[tokio::test]
async fn what_is_echoed_is_the_request_alone() {
    let catalogue = Catalogue::new().await;
    let request = "<csw:GetRecords xmlns:csw=\"http://www.opengis.net/cat/csw/2.0.2\" service=\"CSW\" version=\"2.0.2\" resultType=\"validate\"><csw:Query typeNames=\"csw:Record\"/></csw:GetRecords>";
    let echo = catalogue
        .post(&format!(
            "<?xml version=\"1.0\"?><!-- x -->{request}<!-- </y> -->\n"
        ))
        .await;
    assert!(
        echo.text()
            .contains(&format!("<csw:EchoedRequest>{request}</csw:EchoedRequest>")),
        "{}",
        echo.text()
    );
    for after in ["<x></x>", "text", "</x>", "&#1;", "\u{1}"] {
        let refused = catalogue.post(&format!("{request}{after}")).await;
        assert!(
            refused
                .text()
                .contains("exceptionCode=\"NoApplicableCode\""),
            "{after}: {}",
            refused.text()
        );
    }
}

#[tokio::test]
async fn without_the_switch_there_is_none() {
    let mut place = Place::new().await;
    let mut site = place.fixture.site();
    site.csw = false;
    place.app = publish::app(site);
    for path in ["/csw", "/csw?service=CSW", "/csw/source/geoportail"] {
        assert_eq!(place.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn without_an_index_it_asks_for_patience() {
    let place = Place::new().await;
    let answer = place.get("/csw?service=CSW&request=GetCapabilities").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
}
