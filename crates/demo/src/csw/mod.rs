//! A catalogue service, CSW 2.0.2 (OGC 07-006r1): GetCapabilities, GetRecords and GetRecordById, by POST and by KVP.

mod answer;
mod records;
mod request;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

pub(crate) use records::{Record, records};
use request::{Exception, Request};

use crate::{DemoError, Portal};

/// Where GeoNetwork has it.
const PATH: &str = "/geonetwork/srv/fre/csw";

/// Serves the catalogue until the portal is dropped.
///
/// # Errors
/// When the listener has no address, or the bundled records are wrong.
pub async fn csw_portal(listener: TcpListener) -> Result<Portal, DemoError> {
    let records = Arc::new(records()?);
    let router = Router::new()
        .route(PATH, get(by_kvp).post(by_post))
        .with_state(records);
    Portal::serve(listener, PATH, router)
}

type Records = State<Arc<Vec<Record>>>;

async fn by_kvp(records: Records, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    answer(
        &records,
        &headers,
        Request::from_query(&query.unwrap_or_default()),
    )
}

async fn by_post(records: Records, headers: HeaderMap, body: Bytes) -> Response {
    let request = match std::str::from_utf8(&body) {
        Ok(text) => Request::from_xml(text),
        Err(_) => Err(Exception::new(
            "NoApplicableCode",
            "",
            "the request is not UTF-8",
        )),
    };
    answer(&records, &headers, request)
}

fn answer(
    records: &[Record],
    headers: &HeaderMap,
    request: Result<Request, Exception>,
) -> Response {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    // An exception is an answer like any other, as with GeoNetwork: its status is 200.
    let body = match request {
        Ok(Request::Capabilities) => answer::capabilities(&format!("http://{host}{PATH}")),
        Ok(Request::Records(query)) => answer::records(records, &query),
        Ok(Request::ById(ids, schema)) => answer::by_id(records, &ids, schema),
        Err(exception) => answer::exception(&exception),
    };
    let xml = [(header::CONTENT_TYPE, "application/xml; charset=UTF-8")];
    (xml, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_records_are_many_various_and_well_formed() {
        let records = records().unwrap();
        assert!((38..=60).contains(&records.len()), "{}", records.len());
        let mut ids = std::collections::HashSet::new();
        let mut kinds = std::collections::HashSet::new();
        for record in &records {
            assert!(ids.insert(record.id.clone()), "{} stands twice", record.id);
            kinds.insert(record.kind.clone());
            let mut reader = quick_xml::Reader::from_str(&record.xml);
            loop {
                match reader.read_event() {
                    Ok(quick_xml::events::Event::Eof) => break,
                    Ok(_) => {}
                    Err(error) => panic!("{}: {error}\n{}", record.id, record.xml),
                }
            }
        }
        for kind in ["dataset", "series", "service", "nonGeographicDataset"] {
            assert!(kinds.contains(kind), "{kind}");
        }
    }

    #[test]
    fn kvp_and_xml_say_the_same() {
        let kvp = Request::from_query(
            "SERVICE=CSW&version=2.0.2&Request=GetRecords&typeNames=csw%3ARecord&resultType=results&elementSetName=full&startPosition=11&maxRecords=5&outputSchema=http%3A%2F%2Fwww.isotc211.org%2F2005%2Fgmd&sortBy=dc:identifier:A",
        );
        let xml = Request::from_xml(
            r#"<?xml version="1.0"?><csw:GetRecords xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:ogc="http://www.opengis.net/ogc" service="CSW" version="2.0.2" resultType="results" startPosition="11" maxRecords="5" outputSchema="http://www.isotc211.org/2005/gmd"><csw:Query typeNames="csw:Record"><csw:ElementSetName>full</csw:ElementSetName><ogc:SortBy><ogc:SortProperty><ogc:PropertyName>dc:identifier</ogc:PropertyName><ogc:SortOrder>ASC</ogc:SortOrder></ogc:SortProperty></ogc:SortBy></csw:Query></csw:GetRecords>"#,
        );
        assert_eq!(kvp, xml);
        let Ok(Request::Records(query)) = kvp else {
            panic!("{kvp:?}")
        };
        assert_eq!((query.start, query.limit, query.sorted), (11, 5, true));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases = [
            ("request=GetRecords", "MissingParameterValue", "service"),
            (
                "service=WMS&request=GetCapabilities",
                "InvalidParameterValue",
                "service",
            ),
            (
                "service=CSW&request=GetDomain",
                "OperationNotSupported",
                "GetDomain",
            ),
            (
                "service=CSW&version=2.0.2&request=GetRecords&outputSchema=urn:x",
                "InvalidParameterValue",
                "outputSchema",
            ),
            (
                "service=CSW&version=2.0.2&request=GetRecords&startPosition=0",
                "InvalidParameterValue",
                "startPosition",
            ),
            (
                "service=CSW&version=3.0.0&request=GetRecords",
                "VersionNegotiationFailed",
                "version",
            ),
        ];
        for (query, code, locator) in cases {
            let exception = Request::from_query(query).unwrap_err();
            assert_eq!(
                (exception.code, exception.locator.as_str()),
                (code, locator),
                "{query}"
            );
        }
        for xml in ["", "<a", "<csw:GetRecords service='CSW'>", "<a/>"] {
            assert!(Request::from_xml(xml).is_err(), "{xml}");
        }
    }
}
