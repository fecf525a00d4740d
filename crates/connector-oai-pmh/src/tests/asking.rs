//! What is asked: formats, sets, what changed since.

use model::Coverage;

use super::*;

#[test]
fn the_format_is_the_listed_one_that_says_most() {
    let mut first = Vec::new();
    let crawl = crawl_since(&oai("set = \"eau:mares\""), None, |asked| {
        if asked.verb == "ListMetadataFormats" {
            return Ok(formats(&[OAI_DC, ("datacite", "x"), ISO]));
        }
        first.push((asked.prefix.clone(), asked.set.clone(), asked.token.clone()));
        Ok(honest(asked, 2, 3))
    });
    crawl.expect_all(3);
    let set = Some("eau:mares".to_owned());
    assert_eq!(first[0], (Some("iso19139".to_owned()), set, None));
    // The token excludes all else.
    assert_eq!(first[1], (None, None, Some("3".to_owned())));
    let configured = oai("metadata_prefix = \"rdf\"").start(None).remove(0);
    assert_eq!(
        configured.url,
        format!("{BASE}?verb=ListRecords&metadataPrefix=rdf")
    );
}

#[test]
fn a_format_that_is_listed_and_refused_gives_way_to_the_next() {
    for refusal in ["cannotDisseminateFormat", "badArgument"] {
        let crawl = crawl_since(&oai(""), None, |asked| match asked.prefix.as_deref() {
            None if asked.token.is_none() => Ok(formats(&[OAI_DC, ISO])),
            Some("iso19139") => Ok(error(refusal)),
            _ => Ok(honest(asked, 2, 5)),
        });
        crawl.expect_all(5);
        assert_eq!(crawl.rules(), ["oai-pmh/format-refused"]);
    }
    let all = crawl_since(&oai(""), None, |asked| match asked.verb.as_str() {
        "ListMetadataFormats" => Ok(formats(&[OAI_DC, ISO])),
        _ => Ok(error("cannotDisseminateFormat")),
    });
    assert_eq!((all.lost, all.asked.len()), (1, 3));
}

#[test]
fn formats_that_cannot_be_had_do_not_end_the_crawl() {
    let answers: [Answer; 5] = [
        Err(Some(500)),
        Ok("<html><body>".to_owned()),
        Ok(error("badVerb")),
        Ok(String::new()),
        Ok(envelope("<ListMetadataFormats>")),
    ];
    for answer in answers {
        let crawl = crawl_since(&oai(""), None, |asked| {
            if asked.verb == "ListMetadataFormats" {
                return answer.clone();
            }
            Ok(honest(asked, 2, 5))
        });
        crawl.expect_all(5);
        assert_eq!(crawl.rules(), ["oai-pmh/formats-unreadable"]);
    }
    let absent = crawl_since(&oai(""), None, |_| Err(None));
    assert_eq!((absent.asked.len(), absent.lost), (1, 1));
}

#[test]
fn what_changed_is_asked_for_in_the_granularity_of_the_repository() {
    let connector = oai("incremental = true");
    let since = checkpoint();
    assert_eq!(connector.coverage(None), Coverage::Full);
    assert_eq!(connector.coverage(Some(&since)), Coverage::Delta);
    assert_eq!(oai("").coverage(Some(&since)), Coverage::Full);
    let identify = |granularity: &str, deleted: &str| {
        envelope(&format!(
            "<Identify><granularity>{granularity}</granularity><deletedRecord>{deleted}</deletedRecord></Identify>"
        ))
    };
    for (answer, from, rules) in [
        (
            Ok(identify("YYYY-MM-DDThh:mm:ssZ", "persistent")),
            "2026-03-01T04:05:06Z",
            &[][..],
        ),
        (
            Ok(identify("YYYY-MM-DD", "no")),
            "2026-03-01",
            &["oai-pmh/no-deletions"],
        ),
        (Ok("<html>".to_owned()), "2026-03-01", &[]),
        (Err(Some(500)), "2026-03-01", &[]),
    ] {
        let mut asked_from = None;
        let crawl = crawl_since(&connector, Some(&since), |asked| {
            match asked.verb.as_str() {
                "Identify" => answer.clone(),
                "ListMetadataFormats" => Ok(formats(&[OAI_DC])),
                _ => {
                    asked_from.clone_from(&asked.from);
                    Ok(error("noRecordsMatch"))
                }
            }
        });
        assert_eq!(asked_from.as_deref(), Some(from));
        assert_eq!(crawl.rules(), rules);
        assert_eq!((crawl.announced, crawl.lost), (Some(0), 0));
    }
}

#[test]
fn seconds_that_a_repository_promises_and_refuses_become_days() {
    let mut froms = Vec::new();
    let connector = oai("incremental = true\nmetadata_prefix = \"oai_dc\"");
    crawl_since(&connector, Some(&checkpoint()), |asked| {
        if asked.verb == "Identify" {
            return Ok(envelope(
                "<Identify><granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>",
            ));
        }
        let from = asked.from.clone().expect("a date");
        froms.push(from.clone());
        if from.len() > 10 {
            Ok(error("badArgument"))
        } else {
            Ok(honest(asked, 10, 3))
        }
    })
    .expect_all(3);
    assert_eq!(froms, ["2026-03-01T04:05:06Z", "2026-03-01"]);
}

#[test]
fn wrong_keys_are_refused_with_a_hint() {
    assert!(toml::from_str::<Config>("url = \"https://c.example\"\npage_size = 3").is_err());
    for (keys, key) in [
        ("url = \"c.example\"", "url"),
        ("url = \"ftp://c.example/oai\"", "url"),
        (
            "url = \"https://c.example/oai?verb=ListRecords&metadataPrefix=oai_dc\"",
            "url",
        ),
        ("url = \"https://c.example/oai?set=eau\"", "url"),
        ("url = \"https://c.example/oai?from=2020-01-01\"", "url"),
        ("url = \"https://c.example\"\nset = ' '", "set"),
        (
            "url = \"https://c.example\"\nmetadata_prefix = ''",
            "metadata_prefix",
        ),
    ] {
        let error = OaiPmh::new(toml::from_str(keys).expect("keys")).expect_err(keys);
        assert_eq!(error.key, key, "{keys}");
    }
    let kept = OaiPmh::new(
        toml::from_str("url = \"https://c.example/csw?mode=oaipmh&verb=Identify\"").expect("keys"),
    )
    .expect("good");
    assert_eq!(
        kept.start(None)[0].url,
        "https://c.example/csw?mode=oaipmh&verb=ListMetadataFormats"
    );
}

#[test]
fn a_repository_tells_how_much_it_has_and_how_much_changed() {
    let connector = oai("incremental = true\nset = \"eau\"");
    let since = checkpoint();
    let request = connector.probe(Some(&since)).expect("a request");
    assert!(
        request
            .url
            .ends_with("verb=ListIdentifiers&metadataPrefix=oai_dc&set=eau&from=2026-03-02"),
        "{}",
        request.url
    );
    let count = |body: &str| connector.counted(&response(&request, envelope(body)));
    let list = |token: &str| {
        let headers = format!("{}{}", header(1), header(2));
        format!("<ListIdentifiers>{headers}{token}</ListIdentifiers>")
    };
    assert_eq!(count(&list("")), Ok(Some(2)));
    assert_eq!(count(&list("<resumptionToken/>")), Ok(Some(2)));
    let told = "<resumptionToken completeListSize=\"321\">t</resumptionToken>";
    assert_eq!(count(&list(told)), Ok(Some(321)));
    assert_eq!(
        count(&list("<resumptionToken>t</resumptionToken>")),
        Ok(None)
    );
    assert_eq!(count("<error code=\"noRecordsMatch\"/>"), Ok(Some(0)));
    assert!(count("<error code=\"badArgument\">from</error>").is_err());
    assert!(count("<ListSets/>").is_err());
}
