//! Spreadsheets as services send them, and worse ones.

mod files;

use connector_inventory::{Config, Inventory};
use files::{CSV_PLAIN, ods, ods_package, package, xlsx_messy};
use model::{Connector, Page, RawRecord, ReadError, Request, Response};
use proptest::prelude::*;
use serde_json::Value;

fn inventory(config: &str) -> Inventory {
    let text = format!("url = \"https://valmer.example/inventaire.xlsx\"\n{config}");
    Inventory::new(toml::from_str(&text).expect("keys")).expect("a connector")
}

fn answer(connector: &Inventory, body: impl Into<Vec<u8>>) -> Result<Page, ReadError> {
    connector.read(&response(
        connector.start(None).remove(0),
        body.into(),
        None,
    ))
}

fn response(request: Request, body: Vec<u8>, content_type: Option<&str>) -> Response {
    Response {
        url: request.url.clone(),
        request,
        status: 200,
        content_type: content_type.map(str::to_owned),
        etag: None,
        last_modified: None,
        body: body.into(),
    }
}

fn read(body: impl Into<Vec<u8>>) -> Page {
    answer(&inventory(""), body).expect("a page")
}

fn ids(page: &Page) -> Vec<&str> {
    page.records
        .iter()
        .map(|record| record.id.as_str())
        .collect()
}

fn columns(record: &RawRecord) -> Value {
    let body: Value = serde_json::from_slice(&record.body).expect("JSON");
    body["columns"].clone()
}

fn findings(page: &Page) -> Vec<(&str, &str)> {
    let of = |finding| -> (&str, &str) {
        let finding: &model::Finding = finding;
        (&finding.rule, finding.place.as_deref().unwrap_or_default())
    };
    page.findings.iter().map(of).collect()
}

#[test]
fn a_table_as_the_template_has_it_has_no_finding() {
    let page = read(CSV_PLAIN);
    assert_eq!(ids(&page), ["VAL-001", "VAL-002", "VAL-003"]);
    assert!(page.findings.is_empty(), "{:?}", page.findings);
    let first = columns(&page.records[0]);
    assert_eq!(
        first["description"],
        "Volumes prélevés par commune.\r\nDonnées déclarées par les exploitants."
    );
    assert_eq!(first["siret"], "55208131766522");
    assert_eq!(first["contact_email"], "donnees@valmer.example");
    assert_eq!(page.refused, 0);
}

#[test]
fn what_is_not_for_the_public_is_not_in_a_published_record() {
    let page = read(
        "Identifiant;Titre;Statut;Hébergement;Commentaire interne\nA;Captages;diffusé;Salle 3;mot de passe 1234\n",
    );
    assert_eq!(ids(&page), ["A"]);
    let body = String::from_utf8_lossy(&page.records[0].body);
    for kept_back in ["Salle 3", "1234", "interne"] {
        assert!(!body.contains(kept_back), "{body}");
    }
}

#[test]
fn of_several_statuses_the_one_that_closes_most_holds() {
    let page = read(
        "Identifiant;Titre;Statut;Confidentialité\nA;Un;diffusé;confidentiel\nB;Deux;;public\nC;Trois;diffusé;en attente\nD;Quatre;diffusé;public\n",
    );
    assert_eq!(ids(&page), ["B", "D"]);
    let withheld: Vec<&str> = page.withheld.iter().map(|id| id.as_str()).collect();
    assert_eq!(
        withheld,
        ["A"],
        "a status that nobody knows goes the guarded way"
    );
}

#[test]
fn a_row_that_is_refused_may_close_what_was_published_of_it() {
    let page = read("Identifiant;Titre;Statut\nA;;confidentiel\nB;;diffusé\n");
    assert_eq!((page.refused, page.records.len()), (2, 0));
    assert_eq!(page.withheld[0].as_str(), "A");
    assert_eq!(page.withheld.len(), 1);
}

#[test]
fn a_messy_workbook_is_read_and_each_fault_is_placed() {
    let page = read(xlsx_messy());
    let made = ids(&page)[1];
    assert!(made.starts_with("qualite-des-rivieres-"), "{made}");
    assert_eq!(ids(&page), ["EAU-1", made, "BIO-2"]);
    assert_eq!(page.refused, 2);
    let gone: Vec<&str> = page.gone.iter().map(|id| id.as_str()).collect();
    assert_eq!(gone, ["EAU-2", "BIO-3", "BIO-4"]);
    let first = columns(&page.records[0]);
    for (key, value) in [
        ("service", "Service eau"),
        ("modified", "2024-03-01"),
        ("siret", "55208131766522"),
        ("temporal", "2012-2023"),
    ] {
        assert_eq!(first[key], value, "{key}");
    }
    let second = columns(&page.records[1]);
    assert_eq!(
        (&second["service"], &second["modified"]),
        (&"Service eau".into(), &"2024-03-01".into())
    );
    assert!(second.get("description").is_none());
    let expected = [
        ("inventory/sheet-skipped", "feuille Brouillon"),
        ("inventory/sheet-skipped", "feuille Suivi 2023"),
        (
            "inventory/unknown-column",
            "feuille donnees, ligne 5, colonne M « Observations »",
        ),
        (
            "inventory/unknown-column",
            "feuille donnees, ligne 5, colonne S",
        ),
        (
            "record/not-public",
            "feuille donnees, ligne 7, colonne F « Statut de diffusion »",
        ),
        (
            "inventory/formula-error",
            "feuille donnees, ligne 8, colonne D « Résumé »",
        ),
        (
            "date/repaired",
            "feuille donnees, ligne 8, colonne H « Date MAJ »",
        ),
        ("inventory/row-skipped", "feuille donnees, ligne 10"),
        (
            "record/no-title",
            "feuille donnees, ligne 11, colonne C « TITRE * »",
        ),
        (
            "record/duplicate-identifier",
            "feuille donnees, ligne 12, colonne B « Code »",
        ),
        (
            "record/not-public",
            "feuille donnees, ligne 13, colonne F « Statut de diffusion »",
        ),
        (
            "record/not-public",
            "feuille donnees, ligne 14, colonne F « Statut de diffusion »",
        ),
        ("inventory/row-skipped", "feuille donnees, ligne 16"),
        ("inventory/row-skipped", "feuille donnees, ligne 17"),
        ("inventory/no-identifier", "feuille donnees"),
        ("inventory/merged-cells", "feuille donnees"),
    ];
    assert_eq!(findings(&page), expected);
}

#[test]
fn an_open_document_is_read() {
    let page = read(ods());
    assert_eq!(ids(&page), ["R-1", "R-2"]);
    let first = columns(&page.records[0]);
    for (key, value) in [
        ("title", "Routes & chemins"),
        ("description", "Tronçons et\ncarrefours"),
        ("personal_data", "non"),
        ("modified", "2024-03-01"),
        ("siret", "55208131766522"),
        ("service", "Service routes"),
    ] {
        assert_eq!(first[key], value, "{key}");
    }
    assert_eq!(columns(&page.records[1])["service"], "Service routes");
    let expected = [
        ("inventory/sheet-skipped", "feuille Caché"),
        (
            "inventory/formula-error",
            "feuille Inventaire, ligne 6, colonne C « Description »",
        ),
        (
            "record/not-public",
            "feuille Inventaire, ligne 7, colonne D « Statut »",
        ),
        ("inventory/merged-cells", "feuille Inventaire"),
    ];
    assert_eq!(findings(&page), expected);
}

#[test]
fn rows_may_be_sorted_and_columns_moved_without_any_change() {
    let one = read("Titre;Service;Statut\nEau;A;public\nBois;B;public\n");
    let other = read("Statut,Titre,Service\npublic,Bois,B\n\npublic,Eau,A\n");
    let sums = |page: &Page| {
        let mut sums: Vec<_> = page
            .records
            .iter()
            .map(|record| (record.id.to_string(), record.checksum().to_string()))
            .collect();
        sums.sort();
        sums
    };
    assert_eq!(sums(&one), sums(&other));
    let renamed = read("Titre;Service;Statut\nEau;C;public\n");
    assert_ne!(ids(&one)[0], ids(&renamed)[0]);
}

#[test]
fn rows_that_are_not_public_leave_no_trace() {
    let table = "Identifiant;Titre;Statut;Notes;Date de mise à jour\nSECRET-1;SECRET;confidentiel;SECRET;45352\nSECRET-2;SECRET;à diffuser;#REF!;45352\nSECRET-1;SECRET;diffusé;;\n;SECRET;;;\nA;Eau;diffusé;;\n";
    let page = read(table);
    assert_eq!(ids(&page), ["A"]);
    assert!(
        !format!("{:?}", page.findings).contains("SECRET"),
        "{:?}",
        page.findings
    );
    assert_eq!(page.gone.len(), 3);
    let all = answer(&inventory("publish_all = true"), table).expect("a page");
    assert_eq!(all.records.len(), 4);
    assert!(all.gone.is_empty());
}

#[test]
fn a_stray_separator_refuses_its_row() {
    // « confidentiel » has moved out of its column, and « diffusé » into it.
    let page = read(
        "Titre;Description;Statut\nEau;a;diffusé\nBois;b; c;diffusé\nAir;diffusé;diffusé;confidentiel\n",
    );
    assert_eq!((page.records.len(), page.refused), (1, 2));
    assert_eq!(findings(&page)[0], ("inventory/shifted-row", "ligne 3"));
}

#[test]
fn without_a_column_of_the_status_nothing_is_published_or_withdrawn() {
    let page = read("Titre;Service\nEau;A\nBois;B\n");
    assert!(page.records.is_empty() && page.gone.is_empty());
    assert_eq!(page.findings.len(), 1);
    assert!(page.findings[0].message.contains("none of its 2 rows"));
}

#[test]
fn a_row_without_a_service_has_that_of_the_source() {
    let page = answer(
        &inventory("service = \"DDT\""),
        "Titre;Service;Statut\nEau;;public\nBois;A;public\n",
    )
    .expect("a page");
    let services: Vec<Value> = page
        .records
        .iter()
        .map(|record| columns(record)["service"].clone())
        .collect();
    assert_eq!(services, ["DDT", "A"]);
}

#[test]
fn an_address_behind_a_word_is_found() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet
        .write_row(0, 0, ["Titre", "Service", "Statut", "Lien"])
        .expect("a row");
    sheet
        .write_row(1, 0, ["Eau", "DDT", "diffusé"])
        .expect("a row");
    sheet
        .write_url_with_text(1, 3, "https://valmer.example/eau.csv", "ici")
        .expect("a link");
    let page = read(workbook.save_to_buffer().expect("a file"));
    assert_eq!(
        columns(&page.records[0])["links"],
        "https://valmer.example/eau.csv"
    );
    let cell = |text: &str| {
        format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
        )
    };
    let row = |cells: [&str; 4]| {
        format!(
            "<table:table-row>{}</table:table-row>",
            cells.map(cell).concat()
        )
    };
    let rows = row(["Titre", "Service", "Statut", "Lien"])
        + &row([
            "Eau",
            "DDT",
            "diffusé",
            "<text:a xlink:href=\"https://valmer.example/eau.csv\">ici</text:a>",
        ]);
    let page = read(ods_package(&format!(
        "<table:table table:name=\"x\">{rows}</table:table>"
    )));
    assert_eq!(
        columns(&page.records[0])["links"],
        "https://valmer.example/eau.csv"
    );
}

#[test]
fn a_heading_across_the_table_is_no_record() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet
        .write_row(0, 0, ["Titre", "Service", "Statut"])
        .expect("a row");
    sheet
        .merge_range(
            1,
            0,
            1,
            2,
            "Direction des routes",
            &rust_xlsxwriter::Format::new(),
        )
        .expect("a heading");
    sheet
        .write_row(2, 0, ["Ponts", "DDT", "diffusé"])
        .expect("a row");
    let page = read(workbook.save_to_buffer().expect("a file"));
    assert_eq!(
        (page.records.len(), page.gone.len(), page.refused),
        (1, 0, 0)
    );
    assert_eq!(
        findings(&page)[0],
        ("inventory/row-skipped", "feuille Sheet1, ligne 2")
    );
}

#[test]
fn the_sheet_may_be_named() {
    let error = answer(&inventory("sheet = \"Absente\""), xlsx_messy()).expect_err("no sheet");
    assert!(error.to_string().contains("donnees, Suivi 2023"), "{error}");
    let page = answer(&inventory("sheet = \"Données\""), xlsx_messy()).expect("a page");
    assert_eq!(page.records.len(), 3);
}

#[test]
fn other_tables_and_other_files_are_refused() {
    let cases: [(&[u8], &str); 9] = [
        (b"", "Titre"),
        (b"a;b;c\n1;2;3\n", "Titre"),
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", ".xls"),
        (b"\x89PNG\r\n\x1a\n\0\0", "no spreadsheet"),
        (b"\"dataset.id\";\"title\";\"format\"\n", "files"),
        (
            b"id;name;description;organization;members_count\n",
            "organisations",
        ),
        (b"PK\x03\x04", "unpacked"),
        (b"id,name,url\n1,GDS,\n", "Titre"),
    ];
    for (body, wanted) in cases {
        let error = answer(&inventory(""), body).expect_err(wanted).to_string();
        assert!(error.contains(wanted), "{error}");
    }
    let word = package(&[("word/document.xml", b"<w/>")]);
    assert!(
        answer(&inventory(""), word)
            .expect_err("a text")
            .to_string()
            .contains("no spreadsheet")
    );
}

#[test]
fn bombs_are_refused_before_they_are_opened() {
    let zeros = vec![b' '; 65 * 1024 * 1024];
    for name in ["xl/sharedStrings.xml", "content.xml", "xl/styles.xml"] {
        let bomb = package(&[("xl/workbook.xml", b"<workbook/>"), (name, &zeros)]);
        assert!(bomb.len() < 1024 * 1024);
        let error = answer(&inventory(""), bomb)
            .expect_err("a bomb")
            .to_string();
        assert!(error.contains("far greater"), "{error}");
    }
}

#[test]
fn repetitions_are_bounded() {
    let cell = "<table:table-cell table:number-columns-repeated=\"4000000000\" office:value-type=\"string\"><text:p>Titre</text:p></table:table-cell>";
    let rows = format!(
        "<table:table table:name=\"Données\"><table:table-row table:number-rows-repeated=\"4000000000\">{cell}</table:table-row></table:table>"
    );
    assert!(answer(&inventory(""), ods_package(&rows)).is_err());
    // Each within its limits, and too much together.
    let rows = format!(
        "<table:table-row table:number-rows-repeated=\"1000\">{}</table:table-row>",
        cell.replace("Titre", &"x".repeat(2000))
    );
    let many = format!(
        "<table:table table:name=\"Données\">{}</table:table>",
        rows.repeat(50)
    );
    assert!(answer(&inventory(""), ods_package(&many)).is_err());
    let deep = "<a>".repeat(100_000);
    assert!(answer(&inventory(""), ods_package(&deep)).is_err());
}

#[test]
fn findings_of_one_rule_are_counted_beyond_some() {
    let rows: String = (0..5_000)
        .map(|row| format!("R{row};T;confidentiel\n"))
        .collect();
    let page = read(format!("Identifiant;Titre;Statut\n{rows}"));
    assert_eq!((page.gone.len(), page.findings.len()), (5_000, 201));
    assert!(page.findings[200].message.starts_with("4800 more"));
}

#[test]
fn a_folder_is_asked_for_file_by_file() {
    let connector =
        Inventory::new(toml::from_str("path = \"Inventaires de l'État/\"").expect("keys"))
            .expect("a connector");
    let request = connector.start(None).remove(0);
    assert_eq!(request.url, "file:Inventaires%20de%20l%27%C3%89tat/");
    let list = r#"{"files": [{"name": "eau.ods", "size": 1, "modified": 0}, {"name": "a b.XLSX"}, {"name": "lisez-moi.pdf"}, {"name": "~$a b.xlsx"}, {"name": ".~lock.eau.ods#"}]}"#;
    let folder = "application/vnd.moisson.folder+json";
    let page = connector
        .read(&response(request, list.into(), Some(folder)))
        .expect("a list");
    let asked: Vec<&str> = page
        .next
        .iter()
        .map(|request| request.url.as_str())
        .collect();
    assert_eq!(
        asked,
        [
            "file:Inventaires%20de%20l%27%C3%89tat/eau.ods",
            "file:Inventaires%20de%20l%27%C3%89tat/a%20b.XLSX"
        ]
    );
    assert_eq!(
        findings(&page),
        [("inventory/file-skipped", "lisez-moi.pdf")]
    );
    let page = connector
        .read(&response(page.next[1].clone(), xlsx_messy(), None))
        .expect("a page");
    assert_eq!(page.records.len(), 3);
    assert!(page.findings.iter().all(|finding| {
        finding
            .place
            .as_deref()
            .is_some_and(|place| place.starts_with("a b.XLSX, feuille "))
    }));
}

#[test]
fn a_server_cannot_pass_for_a_folder() {
    let connector = inventory("");
    let request = connector.start(None).remove(0);
    let list = r#"{"files": [{"name": "../../etc/passwd.csv"}]}"#;
    let read = connector.read(&response(
        request,
        list.into(),
        Some("application/vnd.moisson.folder+json"),
    ));
    assert!(read.is_err());
}

#[test]
fn wrong_keys_are_refused_with_a_hint() {
    for (text, key) in [
        ("", "url"),
        ("url = \"https://a.example/x.ods\"\npath = \"x\"", "path"),
        ("url = \"inventaire.xlsx\"", "url"),
        ("url = \"file:///etc/passwd\"", "url"),
        ("path = \"file:///etc/passwd\"", "path"),
        ("path = \" \"", "path"),
        ("path = \"x\"\nsheet = \"\"", "sheet"),
    ] {
        let config: Config = toml::from_str(text).expect("keys");
        assert_eq!(Inventory::new(config).expect_err(text).key, key, "{text}");
    }
    assert!(toml::from_str::<Config>("url = \"x\"\nfeuille = \"y\"").is_err());
}

fn damaged(
    mut body: Vec<u8>,
    changes: &[(prop::sample::Index, u8)],
    cut: Option<prop::sample::Index>,
) -> Vec<u8> {
    if body.is_empty() {
        return body;
    }
    for (at, byte) in changes {
        let at = at.index(body.len());
        body[at] = *byte;
    }
    if let Some(cut) = cut {
        body.truncate(cut.index(body.len()));
    }
    body
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_makes_it_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
        content in "[<>a-z\"/=: 0-9é]{0,300}",
    ) {
        for body in [xlsx_messy(), ods(), CSV_PLAIN.as_bytes().to_vec(), content.clone().into_bytes()] {
            let _ = answer(&inventory(""), damaged(body, &changes, cut));
        }
        // Damage within a part, where no checksum shows it.
        let _ = answer(&inventory(""), ods_package(&content));
        let table = format!("<table:table table:name=\"Données\"><table:table-row><table:table-cell>{content}</table:table-cell></table:table-row></table:table>");
        let _ = answer(&inventory(""), ods_package(&table));
    }

    #[test]
    fn every_row_is_published_refused_or_withheld(rows in prop::collection::vec(("[ab]{0,2}", "[A-Za-zé]{0,3}", "(diffusé|confidentiel|)"), 1..40)) {
        let lines: String = rows.iter().map(|(id, title, status)| format!("{id};{title};{status};x\n")).collect();
        let page = read(format!("Identifiant;Titre;Statut;Service\n{lines}"));
        let skipped = page.findings.iter().filter(|finding| finding.rule == "inventory/row-skipped").count();
        prop_assert_eq!(page.records.len() + page.gone.len() + page.refused as usize + skipped, rows.len());
    }
}

/// What is recognised of the catalogues that others publish as CSV.
#[test]
fn the_corpus_is_recognised() {
    let root = std::path::Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpus/csv-inventory"
    ));
    let mut files = Vec::new();
    collect(root, &mut files);
    if files.is_empty() {
        eprintln!("skipped: ../shared is absent");
        return;
    }
    files.sort();
    let (mut tables, mut rows) = (0, 0);
    for file in &files {
        let body = std::fs::read(file).expect("a file");
        let name = file.strip_prefix(root).unwrap_or(file).display();
        match answer(&inventory("publish_all = true"), body) {
            Ok(page) => {
                tables += 1;
                rows += page.records.len();
                let mut known = std::collections::BTreeSet::new();
                for record in &page.records {
                    known.extend(
                        columns(record)
                            .as_object()
                            .expect("an object")
                            .keys()
                            .cloned(),
                    );
                }
                let unknown = page
                    .findings
                    .iter()
                    .filter(|finding| finding.rule == "inventory/unknown-column")
                    .count();
                eprintln!(
                    "{name}: {} records, {} refused, {unknown} unknown columns; {}",
                    page.records.len(),
                    page.refused,
                    Vec::from_iter(known).join(" ")
                );
            }
            Err(error) => eprintln!(
                "{name}: {}",
                error.to_string().chars().take(110).collect::<String>()
            ),
        }
    }
    eprintln!("{} files, {tables} tables, {rows} rows", files.len());
    let example = root.join("schema-catalogue-donnees/exemple-valide.csv");
    if let Ok(body) = std::fs::read(example) {
        let page =
            answer(&inventory("publish_all = true"), body).expect("the example of the schema");
        assert!(!page.records.is_empty() && page.refused == 0);
        let first = columns(&page.records[0]);
        for key in [
            "title",
            "description",
            "keywords",
            "direction",
            "siret",
            "modified",
            "frequency",
            "licence",
            "links",
        ] {
            assert!(first.get(key).is_some(), "{key}: {first}");
        }
    }
}

fn collect(folder: &std::path::Path, into: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "csv") {
            into.push(path);
        }
    }
}
