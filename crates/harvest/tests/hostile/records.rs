//! Records that are meant to break what reads them.

use crate::world::*;

#[tokio::test(flavor = "multi_thread")]
async fn entity_bombs() {
    let mut laughs = String::from("<!DOCTYPE lolz [<!ENTITY a0 \"lol\">");
    for n in 1..=10 {
        let reference = format!("&a{};", n - 1).repeat(10);
        laughs.push_str(&format!("<!ENTITY a{n} \"{reference}\">"));
    }
    laughs.push_str("]>");
    let external = "<!DOCTYPE x [<!ENTITY xxe SYSTEM \"file:///etc/passwd\">]>".to_owned();
    for (doctype, reference) in [(laughs, "&a10;"), (external, "&xxe;")] {
        let world = World::csw().await;
        let record = iso("bombe", reference);
        let page = results(&record, 1, 1, 0);
        world.server.say(csw_saying(format!("{doctype}{page}")));
        let run = world.run().await;
        let dump = world.instance.dump().await;
        assert!(
            !dump.contains("lollol") && !dump.contains("root:"),
            "{dump}"
        );
        assert_said(&run, "record/unreadable", "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_nesting() {
    const DEEP: usize = 100_000;
    let world = World::udata().await;
    let deep = format!(
        "{{\"id\":\"profond\",\"title\":\"x\",\"extras\":{}{}}}",
        "[".repeat(DEEP),
        "]".repeat(DEEP)
    );
    world.server.say(udata_with(&deep));
    let run = world.run().await;
    assert!(run.report.refused > 0, "{run:#?}");
    assert_said(&run, "record/unreadable", "recursion");

    let world = World::csw().await;
    let deep = iso(
        "profond",
        &format!("{}{}", "<gmd:x>".repeat(DEEP), "</gmd:x>".repeat(DEEP)),
    );
    world.server.say(csw_with(deep));
    let run = world.run().await;
    assert!(run.report.refused > 0, "{run:#?}");
    assert_said(&run, "record/unreadable", "deep");
}

#[tokio::test(flavor = "multi_thread")]
async fn records_with_too_much_of_everything() {
    let many = |item: &str| format!("[{}{item}]", format!("{item},").repeat(100_000));
    let fields = [
        ("tags", many("\"mot\"")),
        ("tags", many("{}")),
        ("resources", many("{}")),
        (
            "resources",
            many(r#"{"id":"1","url":"https://a.example/"}"#),
        ),
        ("contact_points", many(r#"{"name":"a"}"#)),
        ("badges", many("3")),
        (
            "spatial",
            format!("{{\"zones\":{}}}", many("\"fr:commune:1\"")),
        ),
        (
            "spatial",
            format!(
                "{{\"geom\":{{\"type\":\"MultiPoint\",\"coordinates\":{}}}}}",
                many("[1,2]")
            ),
        ),
        ("description", format!("\"{}\"", "<b>&amp;".repeat(500_000))),
        ("title", format!("\"{}\"", "é".repeat(2_000_000))),
        (
            "license",
            format!("\"{}\"", "licence ouverte ".repeat(100_000)),
        ),
        (
            "page",
            format!("\"https://a.example/{}\"", "%zz [".repeat(200_000)),
        ),
    ];
    for (number, (field, value)) in fields.into_iter().enumerate() {
        let world = World::udata().await;
        let record = format!("{{\"id\":\"trop\",\"title\":\"Trop\",\"{field}\":{value}}}");
        world.server.say(udata_with(&record));
        let run = world.run().await;
        let report = &run.report;
        assert_eq!(report.unchanged, KNOWN, "{number} {field}: {report:?}");
        assert_eq!(
            report.created + report.refused,
            1,
            "{number} {field}: {report:?}"
        );
        assert!(
            run.findings.len() < 1000,
            "{number} {field}: {} findings",
            run.findings.len()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strange_values() {
    let world = World::udata().await;
    let record = r#"{"id":"étrange 1/../..?#<>\"{}|\\^` [x]","title":"Titre \u0000 \u0007 \ud800 fin","description":"\u0001\u001b[31m \udfff","page":"https://a.example/é è/[x]<y>{z}|\\^` \u0000","created_at":1e999,"last_modified":-1e400,"last_update":"9999999999999-01-01","tags":["\ud800","\u0000"],
        "resources":[{"id":"\u0000","url":"https://a.example/a b[c]","filesize":1e999,"format":"\u0000"},{"id":" ","url":"javascript:alert(1)"},{"id":"3","url":"https://user:secret@a.example/"},{"id":"4","url":"http://[::1"},{"id":"5","url":"https://a.example/\u202egpj.exe"}],
        "frequency":"\ud83d","license":"\u0000","organization":{"id":"\ud800","name":"\u0000"},"temporal_coverage":{"start":"\u0000","end":1e999}}"#;
    world.server.say(udata_with(record));
    let run = world.run().await;
    assert_eq!(
        run.report.unchanged + run.report.refused,
        KNOWN + 1 - run.report.created,
        "{run:#?}"
    );
    assert_lines(&world.instance.dump().await);

    let world = World::csw().await;
    let record = iso(
        "\u{1}bizarre&#0; &#xD800; &#x1F;\u{7f}",
        "Titre &#0;\u{0}\u{b} &#xFFFE; fin",
    );
    world.server.say(csw_with(record));
    let run = world.run().await;
    assert!(run.report.unchanged >= KNOWN - 1, "{run:#?}");
    assert_lines(&world.instance.dump().await);
}

/// The dump is N-Triples, whatever came in.
fn assert_lines(dump: &str) {
    for triple in oxttl::NTriplesParser::new().for_slice(dump.as_bytes()) {
        triple.expect("the dump is N-Triples");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_as_long_as_a_page_may_be() {
    let world = World::udata().await;
    let list = "0,".repeat(20_000_000);
    let record = format!("{{\"id\":\"long\",\"title\":\"x\",\"extras\":[{list}0]}}");
    world.server.say(udata_with(&record));
    let run = world.run().await;
    assert_eq!((run.report.unchanged, run.report.refused), (KNOWN, 1));
    let finding = run.finding("record/too-large");
    assert_eq!(
        finding.record.as_ref().map(model::RecordId::as_str),
        Some("long")
    );
    // What was refused does not come in by another way.
    world.instance.rebuild().await;
    assert_eq!(world.instance.dump().await, world.before);
}

#[tokio::test(flavor = "multi_thread")]
async fn iso_records_with_too_much_of_everything() {
    let text = "<gco:CharacterString>x</gco:CharacterString>";
    let keyword = format!(
        "<gmd:descriptiveKeywords><gmd:MD_Keywords><gmd:keyword>{text}</gmd:keyword></gmd:MD_Keywords></gmd:descriptiveKeywords>"
    );
    let party = format!(
        "<gmd:pointOfContact><gmd:CI_ResponsibleParty><gmd:organisationName>{text}</gmd:organisationName></gmd:CI_ResponsibleParty></gmd:pointOfContact>"
    );
    let limit = format!(
        "<gmd:resourceConstraints><gmd:MD_Constraints><gmd:useLimitation>{text}</gmd:useLimitation></gmd:MD_Constraints></gmd:resourceConstraints>"
    );
    let extent = "<gmd:extent><gmd:EX_Extent><gmd:geographicElement><gmd:EX_GeographicBoundingBox/></gmd:geographicElement></gmd:EX_Extent></gmd:extent>".to_owned();
    let online = "<gmd:transferOptions><gmd:MD_DigitalTransferOptions><gmd:onLine><gmd:CI_OnlineResource><gmd:linkage><gmd:URL>x y</gmd:URL></gmd:linkage></gmd:CI_OnlineResource></gmd:onLine></gmd:MD_DigitalTransferOptions></gmd:transferOptions>";
    let identification = [keyword, party, limit, extent];
    let mut records: Vec<String> = identification
        .iter()
        .map(|part| {
            iso("trop", "Trop").replace(
                "</gmd:MD_DataIdentification>",
                &(part.repeat(20_000) + "</gmd:MD_DataIdentification>"),
            )
        })
        .collect();
    let distribution = format!(
        "<gmd:distributionInfo><gmd:MD_Distribution>{}</gmd:MD_Distribution></gmd:distributionInfo></gmd:MD_Metadata>",
        online.repeat(20_000)
    );
    records.push(iso("trop", "Trop").replace("</gmd:MD_Metadata>", &distribution));
    records.push(iso("trop", &"é&amp;".repeat(700_000)));
    records.push(iso("trop", &"<!-- -->x".repeat(300_000)));
    for (number, record) in records.into_iter().enumerate() {
        let world = World::csw().await;
        world.server.say(csw_with(record));
        let run = world.run().await;
        let report = &run.report;
        assert_eq!(report.unchanged, KNOWN, "{number}: {report:?}");
        assert_eq!(report.created + report.refused, 1, "{number}: {report:?}");
        assert!(
            run.findings.len() < 5000,
            "{number}: {} findings",
            run.findings.len()
        );
    }
}
