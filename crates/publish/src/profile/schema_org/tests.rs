use super::*;

const PLACE: &str =
    "\"POLYGON((2 48,3 48,3 49,2 49,2 48))\"^^<http://www.opengis.net/ont/geosparql#wktLiteral>";

fn statements() -> String {
    let dcat = "http://www.w3.org/ns/dcat#";
    let dct = "http://purl.org/dc/terms/";
    let a = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>";
    [
        format!("<a:c> {a} <{dcat}Catalog> ."),
        format!("<a:c> <{dcat}dataset> <a:1> ."),
        "<a:c> <http://www.w3.org/ns/hydra/core#totalItems> \"1\" .".to_owned(),
        format!("<a:1> {a} <{dcat}Dataset> ."),
        format!("<a:1> <{dct}title> \"L’eau \\\"</script>\\\"\"@fr ."),
        format!("<a:1> <{dct}spatial> <a:1#p> ."),
        format!("<a:1> <{dct}temporal> <a:1#t> ."),
        format!("<a:1> <{dcat}distribution> <a:1#d> ."),
        format!("<a:1> <{dcat}distribution> <a:1#e> ."),
        format!("<a:1#p> <{dcat}bbox> {PLACE} ."),
        format!("<a:1#t> <{dcat}startDate> \"2020-01-01\" ."),
        format!("<a:1#d> {a} <{dcat}Distribution> ."),
        format!("<a:1#d> <{dct}license> <a:l> ."),
        format!(
            "<a:1#d> <{dcat}mediaType> <http://www.iana.org/assignments/media-types/text/csv> ."
        ),
        format!("<a:1#d> <{dcat}byteSize> \"12\" ."),
        format!("<a:1#e> <{dct}license> <a:l> ."),
    ]
    .join("\n")
        + "\n"
}

#[test]
fn a_dataset_is_what_search_engines_look_for() {
    let told = of(&statements()).join("\n");
    for expected in [
        "<a:1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://schema.org/Dataset> .",
        "<a:1> <http://schema.org/name> \"L’eau \\\"</script>\\\"\"@fr .",
        "<a:1> <http://schema.org/includedInDataCatalog> <a:c> .",
        "<a:1> <http://schema.org/license> <a:l> .",
        "<a:1> <http://schema.org/url> <a:1> .",
        "<a:1> <http://schema.org/temporalCoverage> \"2020-01-01/..\" .",
        "<a:1#p-geo> <http://schema.org/box> \"48 2 49 3\" .",
        "<a:1#d> <http://schema.org/encodingFormat> \"text/csv\" .",
        "<a:1#d> <http://schema.org/contentSize> \"12 B\" .",
        "<a:c> <http://www.w3.org/ns/hydra/core#totalItems> \"1\" .",
    ] {
        assert!(told.contains(expected), "{expected} in {told}");
    }
    assert!(!told.contains("http://www.w3.org/ns/dcat#"), "{told}");
}

#[test]
fn a_licence_of_some_files_is_none_of_the_dataset() {
    let dct = "http://purl.org/dc/terms/";
    let other = statements().replace(
        &format!("<a:1#e> <{dct}license> <a:l> .\n"),
        &format!("<a:1#e> <{dct}license> <a:m> .\n"),
    );
    assert!(
        !of(&other)
            .iter()
            .any(|line| line.starts_with("<a:1> <http://schema.org/license>"))
    );
}
