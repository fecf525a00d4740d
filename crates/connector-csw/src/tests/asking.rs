//! What is asked, and what is tried where a server refuses it.

use model::{Connector, Method};

use super::*;

#[test]
fn the_capabilities_decide_what_is_asked() {
    let requests = |keys: &str| {
        let connector = csw(keys);
        let first = connector.start(None).remove(0);
        assert_eq!(
            first.url,
            "https://catalogue.example/csw?service=CSW&version=2.0.2&request=GetCapabilities"
        );
        let page = connector
            .read(&response(&first, CAPABILITIES))
            .expect("capabilities");
        assert!(page.findings.is_empty());
        page.next.into_iter().next().expect("GetRecords")
    };
    let request = requests("filter = \"apiso:Type = 'dataset' AND x < 3\"");
    assert_eq!(request.url, "https://catalogue.example/csw/post");
    let Method::Post(body) = request.method else {
        panic!("not a POST")
    };
    for part in [
        "outputSchema=\"http://www.isotc211.org/2005/gmd\"",
        "typeNames=\"gmd:MD_Metadata\"",
        "resultType=\"results\"",
        "<ogc:PropertyName>apiso:Identifier</ogc:PropertyName>",
        "<csw:CqlText>apiso:Type = &apos;dataset&apos; AND x &lt; 3</csw:CqlText>",
    ] {
        assert!(body.content.contains(part), "{part} in {}", body.content);
    }
    let Method::Post(body) = requests("prefer = \"iso19115-3\"\nsort_by = \"\"").method else {
        panic!("not a POST")
    };
    assert!(
        body.content
            .contains("outputSchema=\"http://standards.iso.org/iso/19115/-3/mdb/2.0\"")
    );
    assert!(
        body.content.contains("typeNames=\"mdb:MD_Metadata\"") && !body.content.contains("SortBy")
    );
    let kvp = requests("binding = \"kvp\"");
    assert_eq!(kvp.method, Method::Get);
    assert!(
        kvp.url.starts_with(
            "https://catalogue.example/csw?langue=fre&service=CSW&version=2.0.2&request=GetRecords&"
        ),
        "{}",
        kvp.url
    );
    assert!(kvp.url.contains("sortBy=apiso%3AIdentifier%3AA"));
}

#[test]
fn wrong_keys_are_refused_with_a_hint() {
    assert!(toml::from_str::<Config>("url = \"https://c.example\"\npagesize = 3").is_err());
    for (keys, key) in [
        ("url = \"c.example\"", "url"),
        ("url = \"file:///etc/passwd\"", "url"),
        ("url = \"https://c.example\"\npage_size = 0", "page_size"),
        ("url = \"https://c.example\"\nfilter = ' '", "filter"),
        (
            "url = \"https://c.example\"\norganisation = ''",
            "organisation",
        ),
        (
            "url = \"https://c.example\"\ngroup_property = 'x'",
            "group_property",
        ),
    ] {
        let error = Csw::new(toml::from_str(keys).expect("keys")).expect_err(keys);
        assert_eq!(error.key, key);
    }
    let whole = Csw::new(
        toml::from_str(
            "url = \"https://c.example/csw?config=a.cfg&SERVICE=CSW&request=GetCapabilities\"",
        )
        .expect("keys"),
    )
    .expect("good");
    assert_eq!(
        whole.start(None)[0].url,
        "https://c.example/csw?config=a.cfg&service=CSW&version=2.0.2&request=GetCapabilities"
    );
}

#[test]
fn a_foreign_endpoint_is_not_used() {
    for foreign in [
        "http://localhost:8080/csw/post",
        "http://catalogue.example/csw/post",
        "https://catalogue.example:8443/x",
    ] {
        let crawl = crawl(&csw(""), |request| match Asked::of(request) {
            None => Ok(CAPABILITIES.replace("https://catalogue.example/csw/post", foreign)),
            Some(asked) => {
                assert_eq!(request.url, ENDPOINT);
                Ok(honest(&asked, 37))
            }
        });
        crawl.expect_all(37);
        assert_eq!(crawl.rules(), ["csw/foreign-endpoint"]);
    }
}

#[test]
fn capabilities_that_cannot_be_read_do_not_end_the_crawl() {
    let answers: [Answer; 5] = [
        Ok(CAPABILITIES[..CAPABILITIES.len() / 2].to_owned()),
        Ok("<html><body>Bienvenue".to_owned()),
        Ok("<ExceptionReport><Exception exceptionCode=\"X\"/></ExceptionReport>".to_owned()),
        Ok(String::new()),
        Err(Some(500)),
    ];
    for capabilities in answers {
        let crawl = crawl(&csw(""), |request| match Asked::of(request) {
            None => capabilities.clone(),
            Some(asked) => Ok(honest(&asked, 60)),
        });
        crawl.expect_all(60);
        assert_eq!(crawl.rules(), ["csw/capabilities-unreadable"]);
    }
    let absent = crawl(&csw(""), |_| Err(None));
    assert_eq!((absent.requests, absent.lost), (1, 1));
}

#[test]
fn a_server_is_asked_in_the_manner_that_it_takes() {
    let exception = "<ows:ExceptionReport xmlns:ows=\"http://www.opengis.net/ows\"><ows:Exception exceptionCode=\"InvalidParameterValue\" locator=\"sortby\"/></ows:ExceptionReport>";
    for (post_refusal, sort_refusal) in [
        (Err(Some(405)), Ok(exception.to_owned())),
        (Err(Some(501)), Err(Some(400))),
        (Ok("<html><body>non".to_owned()), Ok(exception.to_owned())),
        (Ok(exception.to_owned()), Err(Some(500))),
        // As if resultType had been hits.
        (
            Ok(results(
                "numberOfRecordsMatched=\"37\" numberOfRecordsReturned=\"10\"",
                "",
            )),
            Ok(exception.to_owned()),
        ),
    ] as [(Answer, Answer); 5]
    {
        let by_post = catalogue("page_size = 10", |asked| {
            if asked.sorted {
                sort_refusal.clone()
            } else {
                Ok(honest(&asked, 37))
            }
        });
        by_post.expect_all(37);
        assert_eq!(by_post.rules(), ["paging/unsorted"]);
        let by_kvp = catalogue("page_size = 10", |asked| {
            if asked.post {
                post_refusal.clone()
            } else {
                Ok(honest(&asked, 37))
            }
        });
        by_kvp.expect_all(37);
        assert!(by_kvp.findings.is_empty(), "{:?}", by_kvp.findings);
    }
    let refusing = catalogue("", |_| Ok(exception.to_owned()));
    assert_eq!((refusing.refused, refusing.lost), (0, 1));
    assert!(refusing.requests < 10);
    let forced = catalogue("binding = \"post\"", |asked| {
        if asked.post {
            Err(Some(405))
        } else {
            panic!("KVP was ruled out")
        }
    });
    assert_eq!(forced.lost, 1);
}

/// The body of the first GetRecords, of a server that offers these schemas.
fn first_request(keys: &str, schemas: &[&str]) -> String {
    let connector = csw(keys);
    let first = connector.start(None).remove(0);
    let begin = CAPABILITIES
        .find("<ows:Parameter name=\"outputSchema\">")
        .expect("schemas");
    let end = CAPABILITIES
        .find("<ows:Parameter name=\"typeNames\">")
        .expect("type names");
    let values: String = schemas
        .iter()
        .map(|schema| format!("<ows:Value>{schema}</ows:Value>"))
        .collect();
    let capabilities = format!(
        "{}<ows:Parameter name=\"outputSchema\">{values}</ows:Parameter>{}",
        &CAPABILITIES[..begin],
        &CAPABILITIES[end..]
    );
    let page = connector
        .read(&response(&first, capabilities))
        .expect("capabilities");
    match page.next.into_iter().next().expect("GetRecords").method {
        Method::Post(body) => body.content,
        other => panic!("not a POST: {other:?}"),
    }
}

#[test]
fn the_schema_is_the_preferred_one_of_those_offered() {
    const GMD: &str = "http://www.isotc211.org/2005/gmd";
    const CSW: &str = "http://www.opengis.net/cat/csw/2.0.2";
    const DCAT: &str = "http://www.w3.org/ns/dcat#";
    const GEODCAT: &str = "http://data.europa.eu/930/";
    for (keys, offered, schema, type_names) in [
        ("", &[CSW, GMD, DCAT][..], GMD, "gmd:MD_Metadata"),
        ("", &[CSW, DCAT], DCAT, "csw:Record"),
        ("", &[CSW], CSW, "csw:Record"),
        ("", &[], GMD, "gmd:MD_Metadata"),
        (
            "prefer = \"dcat\"",
            &[GMD, DCAT, GEODCAT],
            GEODCAT,
            "csw:Record",
        ),
        ("prefer = \"dcat\"", &[GMD, CSW], GMD, "gmd:MD_Metadata"),
        ("prefer = \"dcat\"", &[], DCAT, "csw:Record"),
        ("prefer = \"dublin-core\"", &[GMD, CSW], CSW, "csw:Record"),
        ("prefer = \"dublin-core\"", &[GMD], CSW, "csw:Record"),
        (
            "prefer = \"iso19115-3\"",
            &[CSW, GMD],
            GMD,
            "gmd:MD_Metadata",
        ),
    ] {
        let request = first_request(keys, offered);
        for part in [
            format!("outputSchema=\"{schema}\""),
            format!("typeNames=\"{type_names}\""),
        ] {
            assert!(request.contains(&part), "{keys} {offered:?}: {request}");
        }
    }
}

#[test]
fn organisation_and_group_become_conditions() {
    let request = first_request(
        "filter = \"apiso:Type = 'dataset'\"\norganisation = \"Région <Nord>\"\ngroup = \"7\"",
        &[],
    );
    assert!(
        request.contains("<csw:CqlText>apiso:Type = &apos;dataset&apos; AND apiso:OrganisationName = &apos;Région &lt;Nord&gt;&apos; AND groupOwner = &apos;7&apos;</csw:CqlText>"),
        "{request}"
    );
    // A server that cannot decide the condition is never asked without it.
    let refusing = crawl(&csw("organisation = \"X\""), |request| {
        match Asked::of(request) {
            None => Ok(CAPABILITIES.to_owned()),
            Some(_) => {
                let asked = match &request.method {
                    Method::Post(body) => body.content.clone(),
                    _ => request.url.clone(),
                };
                assert!(asked.contains("OrganisationName"), "{asked}");
                Ok("<ExceptionReport><Exception exceptionCode=\"InvalidParameterValue\" locator=\"constraint\"/></ExceptionReport>".to_owned())
            }
        }
    });
    assert_eq!((refusing.ids.len(), refusing.lost), (0, 1));
}
