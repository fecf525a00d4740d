//! Requests as XML.

use represent::dublin_core::ElementSet;
use search::Filter;

use super::exception::Exception;
use super::kvp::{domain, formats, schema_language};
use super::request::{
    self, DEFAULT_PAGE, Elements, GetRecords, MAX_PAGE, Request, ResultType, Schema,
};
use super::tree::Element;
use super::{cql, fes};

const NAMESPACE: &str = represent::dublin_core::NAMESPACE;

pub(super) fn read(body: &str) -> Result<Request, Exception> {
    let root = Element::parse(body).map_err(|error| {
        Exception::unreadable(format!("the request is no well-formed XML: {error}"))
    })?;
    if root
        .namespace
        .starts_with("http://www.opengis.net/cat/csw/3")
    {
        return Err(Exception::version("version", "3.0.0"));
    }
    if root.namespace != NAMESPACE {
        return Err(Exception::unreadable(format!(
            "`{}` is no request of `{NAMESPACE}`",
            root.name
        )));
    }
    request::service(root.attribute("service"))?;
    if root.name == "GetCapabilities" {
        return capabilities(&root);
    }
    request::version(root.attribute("version"))?;
    request::output_format(root.attribute("outputFormat").unwrap_or_default())?;
    match root.name.as_str() {
        "DescribeRecord" => describe(&root),
        "GetDomain" => {
            let names = |name: &str| -> Vec<String> {
                let children = root.children.iter().filter(|child| child.name == name);
                children
                    .flat_map(|child| child.value().split(','))
                    .map(|name| name.trim().to_owned())
                    .filter(|name| !name.is_empty())
                    .collect()
            };
            domain(names("PropertyName"), names("ParameterName"))
        }
        "GetRecords" => records(&root).map(|records| Request::GetRecords(Box::new(records))),
        "GetRecordById" => by_id(&root),
        other => Err(Exception::unsupported(other)),
    }
}

fn capabilities(root: &Element) -> Result<Request, Exception> {
    let values = |list: &str, item: &str| -> Vec<&str> {
        let list = root.children.iter().filter(|child| child.name == list);
        list.flat_map(|list| list.children.iter())
            .filter(|child| child.name == item)
            .map(Element::value)
            .collect()
    };
    request::accepted(&values("AcceptVersions", "Version"))?;
    formats(values("AcceptFormats", "OutputFormat").into_iter())?;
    Ok(Request::GetCapabilities {
        sections: values("Sections", "Section")
            .into_iter()
            .map(str::to_owned)
            .collect(),
    })
}

fn describe(root: &Element) -> Result<Request, Exception> {
    if let Some(language) = root.attribute("schemaLanguage") {
        schema_language(language)?;
    }
    let names: Vec<&str> = root.all("TypeName").map(Element::value).collect();
    Ok(Request::DescribeRecord {
        types: request::described_types(&names)?,
    })
}

fn by_id(root: &Element) -> Result<Request, Exception> {
    let set = root
        .child("ElementSetName")
        .map_or("summary", Element::value);
    Ok(Request::GetRecordById {
        ids: request::ids(root.all("Id").map(Element::value))?,
        whole: None,
        schema: Schema::parse(root.attribute("outputSchema").unwrap_or("csw"))?,
        set: request::element_set(set)?,
    })
}

fn records(root: &Element) -> Result<GetRecords, Exception> {
    let query = root
        .child("Query")
        .ok_or_else(|| Exception::missing("query"))?;
    let types = query
        .attribute("typeNames")
        .ok_or_else(|| Exception::missing("typenames"))?;
    request::type_names(types)?;
    let names = request::element_names(query.all("ElementName").map(Element::value));
    let elements = match (query.child("ElementSetName"), names.is_empty()) {
        (None, false) => Elements::Named(names),
        (None, true) => Elements::Set(ElementSet::Summary),
        (Some(set), _) => Elements::Set(request::element_set(set.value())?),
    };
    let sorted = query
        .child("SortBy")
        .into_iter()
        .flat_map(|by| by.all("SortProperty"));
    let sort = sorted.map(|property| {
        let name = property.child("PropertyName").map_or("", Element::value);
        request::sort(name, property.child("SortOrder").map_or("", Element::value))
    });
    Ok(GetRecords {
        result: match root.attribute("resultType") {
            Some(result) => request::result_type(result)?,
            None => ResultType::Hits,
        },
        schema: Schema::parse(root.attribute("outputSchema").unwrap_or("csw"))?,
        elements,
        filter: constraint(query)?,
        sort: sort.collect::<Result<_, _>>()?,
        start: request::number("startposition", root.attribute("startPosition"), 1, 1)?,
        most: request::number("maxrecords", root.attribute("maxRecords"), DEFAULT_PAGE, 0)?
            .min(MAX_PAGE),
    })
}

fn constraint(query: &Element) -> Result<Filter, Exception> {
    let Some(constraint) = query.child("Constraint") else {
        return Ok(Filter::All);
    };
    match constraint.children.first() {
        None => Ok(Filter::All),
        Some(text) if text.name == "CqlText" => cql::filter(text.value()),
        Some(filter) => fes::filter(filter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use search::{Direction, Field};

    const UDATA: &str = r#"<csw:GetRecords xmlns:apiso="http://www.opengis.net/cat/csw/apiso/1.0" xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:ogc="http://www.opengis.net/ogc"
        service="CSW" version="2.0.2" resultType="results" startPosition="26" maxRecords="25" outputSchema="http://www.w3.org/ns/dcat#">
        <csw:Query typeNames="gmd:MD_Metadata"><csw:ElementSetName>full</csw:ElementSetName><csw:Constraint version="1.1.0"><ogc:Filter><ogc:Or>
        <ogc:PropertyIsEqualTo><ogc:PropertyName>apiso:type</ogc:PropertyName><ogc:Literal>dataset</ogc:Literal></ogc:PropertyIsEqualTo>
        <ogc:PropertyIsEqualTo><ogc:PropertyName>apiso:type</ogc:PropertyName><ogc:Literal>service</ogc:Literal></ogc:PropertyIsEqualTo></ogc:Or></ogc:Filter></csw:Constraint>
        <ogc:SortBy><ogc:SortProperty><ogc:PropertyName>apiso:identifier</ogc:PropertyName><ogc:SortOrder>ASC</ogc:SortOrder></ogc:SortProperty></ogc:SortBy></csw:Query></csw:GetRecords>"#;

    #[test]
    fn a_request_of_data_gouv_fr() {
        let Ok(Request::GetRecords(records)) = read(UDATA) else {
            panic!("{:?}", read(UDATA))
        };
        assert_eq!(
            (records.start, records.most, records.schema),
            (26, 25, Schema::Dcat)
        );
        assert_eq!(records.sort, [(Field::Identifier, Direction::Ascending)]);
        assert_eq!(records.elements, Elements::Set(ElementSet::Full));
        assert!(matches!(records.filter, Filter::Or(all) if all.len() == 2));
    }

    #[test]
    fn version_3_and_what_is_no_request_are_refused() {
        for (body, code) in [
            (
                r#"<GetCapabilities xmlns="http://www.opengis.net/cat/csw/3.0" service="CSW"/>"#,
                "VersionNegotiationFailed",
            ),
            (r#"<GetCapabilities service="CSW"/>"#, "NoApplicableCode"),
            ("no XML", "NoApplicableCode"),
            (
                r#"<Transaction xmlns="http://www.opengis.net/cat/csw/2.0.2" service="CSW" version="2.0.2"/>"#,
                "OperationNotSupported",
            ),
            (
                r#"<GetRecords xmlns="http://www.opengis.net/cat/csw/2.0.2" service="CSW" version="2.0.2"/>"#,
                "MissingParameterValue",
            ),
        ] {
            assert!(
                format!("{:?}", read(body)).contains(code),
                "{body}: {:?}",
                read(body)
            );
        }
    }
}
