//! OAI-PMH over a small catalogue, as harvesters ask.

use std::collections::{BTreeMap, BTreeSet};

use archive::Verdict;
use axum::body::Body;
use axum::http::Request;
use chrono::DateTime;
use model::EntityKind;
use model::ns::foaf;
use oxrdfio::{RdfFormat, RdfParser};
use search::{Index, MIN_MEMORY};

use crate::fixture::{DATASETS, SERIES, SERVICES, follow};
use crate::{Answered, BASE, Place, answered};

const FEW: usize = DATASETS + SERVICES + SERIES;
/// More than two pages.
const MORE: usize = 230;

/// A record or a header of an answer.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    identifier: String,
    datestamp: String,
    deleted: bool,
    sets: Vec<String>,
    metadata: bool,
}

async fn ask(place: &Place, query: &str) -> Answered {
    let answer = place.get(&format!("/oai?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    assert_eq!(answer.header("content-type"), "text/xml; charset=utf-8");
    answer
}

/// The code of the error that answers.
async fn refused(place: &Place, query: &str) -> String {
    let answer = ask(place, query).await;
    let document = roxmltree::Document::parse(answer.text()).expect("XML");
    let error = document
        .descendants()
        .find(|node| node.has_tag_name("error"))
        .unwrap_or_else(|| panic!("{query}: {}", answer.text()));
    error.attribute("code").expect("a code").to_owned()
}

/// What an answer lists, the token after it, and what the token says of where and of how many.
fn listed(answer: &Answered) -> (Vec<Told>, Option<String>, Option<usize>) {
    let document = roxmltree::Document::parse(answer.text()).expect("XML");
    let mut told = Vec::new();
    for header in document
        .descendants()
        .filter(|node| node.has_tag_name("header"))
    {
        let text = |name: &str| {
            let found = header.children().find(|node| node.has_tag_name(name));
            found
                .and_then(|node| node.text())
                .unwrap_or_default()
                .to_owned()
        };
        let sets = header
            .children()
            .filter(|node| node.has_tag_name("setSpec"));
        told.push(Told {
            identifier: text("identifier"),
            datestamp: text("datestamp"),
            deleted: header.attribute("status") == Some("deleted"),
            sets: sets
                .filter_map(|node| node.text())
                .map(str::to_owned)
                .collect(),
            metadata: header
                .parent()
                .is_some_and(|record| record.children().any(|node| node.has_tag_name("metadata"))),
        });
    }
    let token = document
        .descendants()
        .find(|node| node.has_tag_name("resumptionToken"));
    let total = token
        .and_then(|token| token.attribute("completeListSize"))
        .map(|total| total.parse().expect("a number"));
    let next = token.and_then(|token| token.text()).map(str::to_owned);
    (told, next, total)
}

/// All of a list; `between` happens once, after the first page.
async fn walk(place: &mut Place, query: &str, between: impl AsyncFnOnce(&mut Place)) -> Vec<Told> {
    let verb = query.split('&').next().expect("a verb").to_owned();
    let (mut all, mut query, mut between) = (Vec::new(), query.to_owned(), Some(between));
    loop {
        let answer = ask(place, &query).await;
        let (told, next, total) = listed(&answer);
        assert!(!told.is_empty());
        all.extend(told);
        let Some(next) = next else {
            assert_eq!(total.unwrap_or(all.len()), all.len());
            return all;
        };
        assert!(total.is_none_or(|total| total > all.len()));
        query = format!("{verb}&resumptionToken={}", next.replace(':', "%3A"));
        if let Some(between) = between.take() {
            between(place).await;
        }
    }
}

async fn large() -> Place {
    let mut place = Place::new().await;
    let fixture = &mut place.fixture;
    let writes = (100..100 + MORE)
        .map(|n| fixture.write(EntityKind::Dataset, n, &format!("Relevé n° {n}")))
        .collect();
    fixture.commit(writes, Vec::new()).await;
    place
}

fn identifier(place: &Place, n: usize) -> String {
    let path = place.fixture.path(EntityKind::Dataset, n);
    format!("oai:donnees.example:{}", path.trim_start_matches('/'))
}

fn count(all: &[Told]) -> BTreeMap<&str, usize> {
    let mut count = BTreeMap::new();
    for told in all {
        *count.entry(told.identifier.as_str()).or_default() += 1;
    }
    count
}

#[tokio::test]
async fn a_list_has_every_record_once_and_goes_on_after_a_restart() {
    let mut place = large().await;
    for verb in ["ListRecords", "ListIdentifiers"] {
        let query = format!("verb={verb}&metadataPrefix=dcat_ap");
        let all = walk(&mut place, &query, async |place| {
            place.app = publish::app(place.fixture.site());
        })
        .await;
        assert_eq!(all.len(), FEW + MORE);
        assert_eq!(count(&all).len(), FEW + MORE);
        assert!(
            all.iter()
                .all(|told| told.metadata == (verb == "ListRecords"))
        );
        assert!(all.is_sorted_by_key(|told| told.datestamp.clone()));
    }
    let first = ask(&place, "verb=ListRecords&metadataPrefix=oai_dc").await;
    let (_, next, total) = listed(&first);
    assert_eq!(total, Some(FEW + MORE));
    let again = format!(
        "verb=ListRecords&resumptionToken={}",
        next.expect("a token")
    );
    let pages = [ask(&place, &again).await, ask(&place, &again).await];
    assert_eq!(listed(&pages[0]), listed(&pages[1]));
}

#[tokio::test]
async fn what_changes_on_the_way_comes_again_and_nothing_is_missed() {
    let mut place = large().await;
    let query = "verb=ListRecords&metadataPrefix=oai_dc";
    let (first, ..) = listed(&ask(&place, query).await);
    let (told, to_come): (Vec<usize>, Vec<usize>) = (100..100 + MORE).partition(|n| {
        let identifier = identifier(&place, *n);
        first.iter().any(|told| told.identifier == identifier)
    });
    let numbers = [told[0], told[1], to_come[0], to_come[1], 999];
    let [changed, gone, late, late_gone, new] = numbers;
    let all = walk(&mut place, query, async |place| {
        let fixture = &mut place.fixture;
        let writes = [changed, late, new].map(|n| fixture.write(EntityKind::Dataset, n, "Autre"));
        fixture.commit(writes.into(), Vec::new()).await;
        fixture.withdraw(EntityKind::Dataset, gone).await;
        fixture.withdraw(EntityKind::Dataset, late_gone).await;
    })
    .await;
    let (counted, place) = (count(&all), &place);
    let times = numbers.map(|n| counted.get(identifier(place, n).as_str()).copied());
    // Those of the first page that changed come again; those that were to come do so once, as they are now.
    assert_eq!(times, [2, 2, 1, 1, 1].map(Some));
    assert_eq!(counted.len(), FEW + MORE + 1);
    assert_eq!(all.len(), FEW + MORE + 3);
    let sets = [
        format!("organisation:{}", organisation(place)),
        "source:geoportail".to_owned(),
        "theme:ENVI".to_owned(),
    ];
    for n in [gone, late_gone] {
        let identifier = identifier(place, n);
        let last = all.iter().rfind(|told| told.identifier == identifier);
        let last = last.expect("told");
        assert!(last.deleted && !last.metadata, "{last:?}");
        assert_eq!(last.sets, sets);
    }
}

fn organisation(place: &Place) -> String {
    let iri = place.fixture.publisher().into_string();
    iri.rsplit('/').next().expect("a UUID").to_owned()
}

#[tokio::test]
async fn from_and_until_take_days_and_seconds_both_ends_included() {
    let mut place = Place::new().await;
    let fixture = &mut place.fixture;
    let time = |text: &str| DateTime::parse_from_rfc3339(text).expect("a time").to_utc();
    // Later than this test will run: a change is never dated before it is written.
    for (n, at) in [(50, "2999-01-01T23:59:59Z"), (51, "2999-01-02T00:00:00Z")] {
        let write = fixture.write(EntityKind::Dataset, n, "Daté");
        fixture.commit_at(time(at), vec![write], Vec::new()).await;
    }
    // The clock was set back: what comes later is not dated before.
    let write = fixture.write(EntityKind::Dataset, 52, "Daté");
    fixture.commit(vec![write], Vec::new()).await;
    let place = &place;
    let numbers = async |query: &str| {
        let answer = ask(
            place,
            &format!("verb=ListIdentifiers&metadataPrefix=oai_dc&{query}"),
        )
        .await;
        let (told, ..) = listed(&answer);
        let number = |n: &usize| {
            told.iter()
                .any(|told| told.identifier == identifier(place, *n))
        };
        (50..53).filter(number).collect::<Vec<_>>()
    };
    for (query, expected) in [
        ("from=2999-01-01", vec![50, 51, 52]),
        ("from=2999-01-02", vec![51, 52]),
        ("from=2999-01-01&until=2999-01-01", vec![50]),
        ("until=2999-01-01", vec![50]),
        ("from=2999-01-02T00:00:00Z", vec![51, 52]),
        (
            "from=2999-01-01T23:59:59Z&until=2999-01-01T23:59:59Z",
            vec![50],
        ),
        ("until=2999-01-01T23:59:58Z", vec![]),
    ] {
        assert_eq!(numbers(query).await, expected, "{query}");
    }
    for query in [
        "from=2999-01-03",
        "until=2001-01-01",
        "from=2999-01-01T00:00:00Z&until=2999-01-01T23:59:58Z",
    ] {
        let query = format!("verb=ListRecords&metadataPrefix=oai_dc&{query}");
        assert_eq!(refused(place, &query).await, "noRecordsMatch", "{query}");
    }
}

#[tokio::test]
async fn a_renamed_organisation_is_a_change_of_what_it_publishes() {
    let mut place = Place::new().await;
    let fixture = &mut place.fixture;
    let write = fixture.write(EntityKind::Dataset, 0, "Le même jeu");
    fixture.commit(vec![write], Vec::new()).await;
    let mut write = fixture.write(EntityKind::Dataset, 0, "Le même jeu");
    let mut agent = fixture.agent();
    let iri = fixture.publisher();
    agent.add_text(&iri, foaf::NAME, "Water agency", Some("en"));
    let Verdict::Accepted { agents, .. } = &mut write.verdict else {
        unreachable!("it was accepted")
    };
    agents[0] = fixture.seal(agent, None);
    agents[0].rank = "zzz".to_owned();
    let at = DateTime::parse_from_rfc3339("2999-01-01T00:00:00Z")
        .expect("a time")
        .to_utc();
    fixture.commit_at(at, vec![write], Vec::new()).await;
    let query = "verb=ListRecords&metadataPrefix=dcat_ap&from=2999-01-01";
    let answer = ask(&place, query).await;
    assert_eq!(listed(&answer).0.len(), FEW);
    assert!(answer.text().contains("Water agency"));
}

#[tokio::test]
async fn sets_are_parts_of_the_catalogue() {
    let mut place = large().await;
    place.fixture.withdraw(EntityKind::Dataset, 3).await;
    let organisation = format!("organisation:{}", organisation(&place));
    for set in [
        "source:geoportail",
        "theme:ENVI",
        organisation.as_str(),
        "source",
        "theme",
        "organisation",
    ] {
        let query = format!(
            "verb=ListIdentifiers&metadataPrefix=oai_dc&set={}",
            set.replace(':', "%3A")
        );
        let all = walk(&mut place, &query, async |_| ()).await;
        assert_eq!(all.len(), FEW + MORE, "{set}");
        assert_eq!(all.iter().filter(|told| told.deleted).count(), 1, "{set}");
        let query = format!("verb=ListRecords&metadataPrefix=dcat_ap&set={set}");
        assert_eq!(
            count(&walk(&mut place, &query, async |_| ()).await).len(),
            FEW + MORE,
            "{set}"
        );
    }
    for set in [
        "source:autre",
        "theme:HEAL",
        "organisation:00000000-0000-4000-8000-000000000001",
    ] {
        let query = format!("verb=ListRecords&metadataPrefix=oai_dc&set={set}");
        assert_eq!(refused(&place, &query).await, "noRecordsMatch");
    }
    let sets = ask(&place, "verb=ListSets").await;
    for set in ["source:geoportail", "theme:ENVI", organisation.as_str()] {
        assert!(
            sets.text().contains(&format!("<setSpec>{set}</setSpec>")),
            "{set}"
        );
    }
    assert!(
        sets.text()
            .contains("<setName>Agence de l’eau &lt;Artois&gt;</setName>")
    );
    assert!(!sets.text().contains("resumptionToken"));
}

#[tokio::test]
async fn a_record_is_told_in_each_format() {
    let mut place = Place::new().await;
    let id = identifier(&place, 0);
    let get = |format: &str| format!("verb=GetRecord&metadataPrefix={format}&identifier={id}");
    let rdf = ask(&place, &get("dcat_ap")).await;
    let own = place
        .get(&format!(
            "{}.nt",
            place.fixture.path(EntityKind::Dataset, 0)
        ))
        .await;
    let (start, end) = (rdf.text().find("<rdf:RDF"), rdf.text().find("</rdf:RDF>"));
    let element = &rdf.text()[start.expect("RDF")..end.expect("RDF")];
    let told: BTreeSet<String> = RdfParser::from_format(RdfFormat::RdfXml)
        .for_slice(&format!("{element}</rdf:RDF>"))
        .map(|quad| format!("{} .", quad.expect("RDF/XML")))
        .collect();
    // But for its being one of the catalogue.
    let catalogue = format!("{} ", place.fixture.minter.catalogue());
    let published = own
        .text()
        .lines()
        .filter(|line| !line.starts_with(&catalogue));
    assert_eq!(told, published.map(str::to_owned).collect());
    let dc = ask(&place, &get("oai_dc")).await;
    assert!(dc.text().contains(&format!(
        "<dc:identifier>{}</dc:identifier>",
        place.fixture.iri(EntityKind::Dataset, 0).as_str()
    )));
    // Without an index, nobody knows whether the owner's identifier is another's as well.
    assert_eq!(
        place.get(&format!("/oai?{}", get("iso19139"))).await.status,
        503
    );
    let index = Index::memory(MIN_MEMORY).expect("an index");
    follow(&place.fixture, &index).await;
    let mut site = place.fixture.site();
    site.search = Some(index);
    place.app = publish::app(site);
    let iso = ask(&place, &get("iso19139")).await;
    assert!(iso.text().contains("<gmd:MD_Metadata"));
    let all = walk(
        &mut place,
        "verb=ListRecords&metadataPrefix=iso19139",
        async |_| (),
    )
    .await;
    assert_eq!(all.len(), FEW);
    assert!(all.iter().all(|told| told.metadata));
}

#[tokio::test]
async fn what_cannot_be_answered_is_told_by_its_code() {
    let mut place = Place::new().await;
    let gone = identifier(&place, 2);
    place.fixture.withdraw(EntityKind::Dataset, 2).await;
    let absent = "oai:donnees.example:dataset/00000000-0000-4000-8000-000000000009";
    for (query, code) in [
        (String::new(), "badVerb"),
        ("verb=Nothing".to_owned(), "badVerb"),
        (
            "verb=ListRecords&metadataPrefix=marc21".to_owned(),
            "cannotDisseminateFormat",
        ),
        (
            "verb=ListRecords&resumptionToken=garbage".to_owned(),
            "badResumptionToken",
        ),
        (
            format!("verb=ListIdentifiers&resumptionToken={}", "~".repeat(4_000)),
            "badResumptionToken",
        ),
        (
            "verb=ListSets&resumptionToken=".to_owned(),
            "badResumptionToken",
        ),
        (
            format!("verb=GetRecord&metadataPrefix=oai_dc&identifier={absent}"),
            "idDoesNotExist",
        ),
        (
            "verb=GetRecord&metadataPrefix=oai_dc&identifier=%00%3Cx%3E".to_owned(),
            "idDoesNotExist",
        ),
        (
            format!("verb=ListMetadataFormats&identifier={absent}"),
            "idDoesNotExist",
        ),
        (
            format!("verb=ListMetadataFormats&identifier={gone}"),
            "noMetadataFormats",
        ),
    ] {
        assert_eq!(refused(&place, &query).await, code, "{query}");
    }
    let (told, ..) = listed(
        &ask(
            &place,
            &format!("verb=GetRecord&metadataPrefix=dcat_ap&identifier={gone}"),
        )
        .await,
    );
    assert!(told[0].deleted && !told[0].metadata);
    let answer = ask(&place, "verb=ListRecords&metadataPrefix=%3C%22%26").await;
    roxmltree::Document::parse(answer.text()).expect("XML");
    assert!(answer.text().contains("metadataPrefix=\"&lt;&quot;&amp;\""));
}

#[tokio::test]
async fn a_request_may_be_posted_as_a_form() {
    let place = Place::new().await;
    let post = async |kind: &str, body: String| {
        let request = Request::post("/oai").header("content-type", kind);
        answered(
            &place.app,
            request.body(Body::from(body)).expect("a request"),
        )
        .await
    };
    let form = "application/x-www-form-urlencoded";
    let answer = post(form, "verb=Identify".to_owned()).await;
    for part in [
        "<request verb=\"Identify\">https://donnees.example/oai</request>",
        "<adminEmail>catalogue@region.example</adminEmail>",
        "<deletedRecord>persistent</deletedRecord>",
        "<repositoryIdentifier>donnees.example</repositoryIdentifier>",
    ] {
        assert!(answer.text().contains(part), "{part}");
    }
    let listed = post(
        &format!("{form}; charset=utf-8"),
        "verb=ListRecords&metadataPrefix=oai_dc".to_owned(),
    )
    .await;
    assert_eq!(listed.text().matches("<record>").count(), FEW);
    assert_eq!(
        post("text/xml", "verb=Identify".to_owned()).await.status,
        415
    );
    assert_eq!(
        post(form, format!("verb=Identify&x={}", "y".repeat(20_000)))
            .await
            .status,
        413
    );
    let mut site = place.fixture.site();
    site.oai_pmh = None;
    let off = Place {
        app: publish::app(site),
        ..place
    };
    assert_eq!(
        off.get(&format!("{BASE}oai?verb=Identify")).await.status,
        404
    );
}
