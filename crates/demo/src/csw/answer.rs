//! Answers, as XML documents.

use super::records::{Record, escape};
use super::request::{CSW, Exception, GMD, Query, Schema};

const NAMESPACES: &str = concat!(
    "xmlns:csw=\"http://www.opengis.net/cat/csw/2.0.2\" xmlns:ows=\"http://www.opengis.net/ows\" ",
    "xmlns:ogc=\"http://www.opengis.net/ogc\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xlink=\"http://www.w3.org/1999/xlink\""
);
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
/// The catalogue as of this time.
const TIMESTAMP: &str = "2026-01-15T06:00:00Z";

pub(super) fn records(records: &[Record], query: &Query) -> String {
    let mut order: Vec<&Record> = records.iter().collect();
    if query.sorted {
        order.sort_by(|a, b| a.id.cmp(&b.id));
    }
    let matched = order.len();
    let limit = if query.hits { 0 } else { query.limit };
    let page: Vec<&Record> = order
        .into_iter()
        .skip(query.start - 1)
        .take(limit)
        .collect();
    let after = query.start + page.len();
    let next = if after > matched { 0 } else { after };
    let schema = match query.schema {
        Schema::Gmd => GMD,
        Schema::Csw => CSW,
    };
    let mut xml = format!(
        "{HEAD}<csw:GetRecordsResponse {NAMESPACES} version=\"2.0.2\"><csw:SearchStatus timestamp=\"{TIMESTAMP}\"/><csw:SearchResults numberOfRecordsMatched=\"{matched}\" numberOfRecordsReturned=\"{}\" nextRecord=\"{next}\" elementSet=\"full\" recordSchema=\"{schema}\">",
        page.len()
    );
    for record in page {
        xml.push('\n');
        xml.push_str(&one(record, query.schema));
    }
    xml.push_str("</csw:SearchResults></csw:GetRecordsResponse>\n");
    xml
}

pub(super) fn by_id(records: &[Record], ids: &[String], schema: Schema) -> String {
    let mut xml = format!("{HEAD}<csw:GetRecordByIdResponse {NAMESPACES}>");
    for record in records.iter().filter(|record| ids.contains(&record.id)) {
        xml.push_str(&one(record, schema));
    }
    xml.push_str("</csw:GetRecordByIdResponse>\n");
    xml
}

fn one(record: &Record, schema: Schema) -> String {
    match schema {
        Schema::Gmd => record.xml.clone(),
        Schema::Csw => format!(
            "<csw:Record><dc:identifier>{}</dc:identifier><dc:title>{}</dc:title><dc:type>{}</dc:type></csw:Record>",
            escape(&record.id),
            escape(&record.title),
            escape(&record.kind)
        ),
    }
}

pub(super) fn exception(exception: &Exception) -> String {
    let locator = match exception.locator.as_str() {
        "" => String::new(),
        locator => format!(" locator=\"{}\"", escape(locator)),
    };
    format!(
        "{HEAD}<ows:ExceptionReport {NAMESPACES} version=\"1.2.0\" language=\"fr\"><ows:Exception exceptionCode=\"{}\"{locator}><ows:ExceptionText>{}</ows:ExceptionText></ows:Exception></ows:ExceptionReport>\n",
        exception.code,
        escape(&exception.text)
    )
}

pub(super) fn capabilities(url: &str) -> String {
    let url = escape(url);
    let operation = |name: &str, rest: &str| {
        format!(
            "<ows:Operation name=\"{name}\"><ows:DCP><ows:HTTP><ows:Get xlink:href=\"{url}\"/><ows:Post xlink:href=\"{url}\"/></ows:HTTP></ows:DCP>{rest}</ows:Operation>"
        )
    };
    let parameter = |kind: &str, name: &str, values: &[&str]| {
        let values: String = values
            .iter()
            .map(|value| format!("<ows:Value>{value}</ows:Value>"))
            .collect();
        format!("<ows:{kind} name=\"{name}\">{values}</ows:{kind}>")
    };
    let schemas = parameter("Parameter", "outputSchema", &[CSW, GMD]);
    let get_records = [
        parameter("Parameter", "resultType", &["hits", "results"]),
        parameter("Parameter", "outputFormat", &["application/xml"]),
        schemas.clone(),
        parameter("Parameter", "typeNames", &["csw:Record", "gmd:MD_Metadata"]),
        parameter("Constraint", "PostEncoding", &["XML"]),
        parameter(
            "Constraint",
            "SupportedISOQueryables",
            &["Identifier", "Type", "Title"],
        ),
    ]
    .concat();
    [
        format!("{HEAD}<csw:Capabilities {NAMESPACES} version=\"2.0.2\"><ows:ServiceIdentification><ows:Title>Catalogue géographique des territoires (démonstration)</ows:Title><ows:Abstract>Fiches inventées, dans le goût des vraies</ows:Abstract><ows:ServiceType>CSW</ows:ServiceType><ows:ServiceTypeVersion>2.0.2</ows:ServiceTypeVersion></ows:ServiceIdentification><ows:ServiceProvider><ows:ProviderName>Plateforme géographique fictive</ows:ProviderName></ows:ServiceProvider><ows:OperationsMetadata>"),
        operation("GetCapabilities", ""),
        operation("GetRecords", &get_records),
        operation("GetRecordById", &schemas),
        parameter("Parameter", "service", &["CSW"]),
        parameter("Parameter", "version", &["2.0.2"]),
        "</ows:OperationsMetadata><ogc:Filter_Capabilities><ogc:Scalar_Capabilities/><ogc:Id_Capabilities><ogc:EID/></ogc:Id_Capabilities></ogc:Filter_Capabilities></csw:Capabilities>\n".to_owned(),
    ]
    .concat()
}
