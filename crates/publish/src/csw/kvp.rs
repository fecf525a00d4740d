//! Requests as keyword-value pairs: names without regard to case, the first of each.

use std::collections::{HashMap, HashSet};

use represent::dublin_core::ElementSet;
use search::Filter;

use super::exception::Exception;
use super::request::{
    self, DEFAULT_PAGE, Elements, GetRecords, MAX_PAGE, Request, ResultType, Schema,
};
use super::tree::Element;
use super::{cql, fes};

/// Pairs of a query.
const MOST: usize = 200;
/// Names of one GetDomain, of each kind.
const MOST_DOMAINS: usize = 10;

pub(super) struct Pairs(HashMap<String, String>);

impl Pairs {
    pub fn read(query: &str) -> Self {
        let mut pairs = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()).take(MOST) {
            pairs
                .entry(name.to_ascii_lowercase())
                .or_insert_with(|| value.into_owned());
        }
        Self(pairs)
    }

    /// A value that is not empty.
    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    fn list<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.get(name)
            .into_iter()
            .flat_map(|value| value.split(','))
            .map(str::trim)
    }
}

/// Reads a request. A query without any pair asks what this is: for the capabilities.
pub(super) fn read(query: &str) -> Result<Request, Exception> {
    let pairs = Pairs::read(query);
    if pairs.0.is_empty() {
        return Ok(Request::GetCapabilities {
            sections: Vec::new(),
        });
    }
    request::service(pairs.get("service"))?;
    let name = pairs
        .get("request")
        .ok_or_else(|| Exception::missing("request"))?;
    if name.eq_ignore_ascii_case("GetCapabilities") {
        return capabilities(&pairs);
    }
    request::version(pairs.get("version"))?;
    request::output_format(pairs.get("outputformat").unwrap_or_default())?;
    match name.to_ascii_lowercase().as_str() {
        "describerecord" => describe(&pairs),
        "getdomain" => {
            let names = |name| pairs.list(name).map(str::to_owned).take(MOST).collect();
            domain(names("propertyname"), names("parametername"))
        }
        "getrecords" => records(&pairs).map(|records| Request::GetRecords(Box::new(records))),
        "getrecordbyid" => by_id(&pairs),
        _ => Err(Exception::unsupported(name)),
    }
}

pub(super) fn domain(
    mut properties: Vec<String>,
    mut parameters: Vec<String>,
) -> Result<Request, Exception> {
    for (names, locator) in [
        (&mut properties, "propertyname"),
        (&mut parameters, "parametername"),
    ] {
        let mut known = HashSet::new();
        names.retain(|name| known.insert(name.clone()));
        if names.len() > MOST_DOMAINS {
            return Err(Exception::invalid(
                locator,
                format!("the values of not more than {MOST_DOMAINS} names are told at once"),
            ));
        }
    }
    match properties.is_empty() && parameters.is_empty() {
        true => Err(Exception::missing("parametername")),
        false => Ok(Request::GetDomain {
            properties,
            parameters,
        }),
    }
}

fn capabilities(pairs: &Pairs) -> Result<Request, Exception> {
    let accepted: Vec<&str> = pairs.list("acceptversions").collect();
    request::accepted(&accepted)?;
    if let Some(version) = pairs
        .get("version")
        .filter(|version| accepted.is_empty() && *version != "2.0.2")
    {
        return Err(Exception::version("version", version));
    }
    formats(pairs.list("acceptformats"))?;
    Ok(Request::GetCapabilities {
        sections: pairs.list("sections").map(str::to_owned).collect(),
    })
}

/// Of the formats that a client accepts, ours has to be one.
pub(super) fn formats<'a>(accepted: impl Iterator<Item = &'a str>) -> Result<(), Exception> {
    let accepted: Vec<&str> = accepted.collect();
    let ours = |format: &&str| request::output_format(format).is_ok();
    match accepted.is_empty() || accepted.iter().any(ours) {
        true => Ok(()),
        false => Err(Exception::invalid(
            "acceptformats",
            format!(
                "`{}` is not offered: there is application/xml",
                accepted.join(", ")
            ),
        )),
    }
}

fn describe(pairs: &Pairs) -> Result<Request, Exception> {
    if let Some(language) = pairs.get("schemalanguage") {
        schema_language(language)?;
    }
    Ok(Request::DescribeRecord {
        types: request::described_types(&[pairs.get("typename").unwrap_or_default()])?,
    })
}

pub(super) fn schema_language(language: &str) -> Result<(), Exception> {
    let known = [
        "http://www.w3.org/XML/Schema",
        "http://www.w3.org/2001/XMLSchema",
        "http://www.w3.org/TR/xmlschema-1/",
        "XMLSCHEMA",
    ];
    match known.contains(&language) {
        true => Ok(()),
        false => Err(Exception::invalid(
            "schemalanguage",
            format!("`{language}` is not offered: there is {}", known[0]),
        )),
    }
}

fn by_id(pairs: &Pairs) -> Result<Request, Exception> {
    Ok(Request::GetRecordById {
        ids: request::ids(pairs.list("id"))?,
        whole: pairs
            .get("id")
            .filter(|id| id.contains(','))
            .map(str::to_owned),
        schema: Schema::parse(pairs.get("outputschema").unwrap_or("csw"))?,
        set: request::element_set(pairs.get("elementsetname").unwrap_or("summary"))?,
    })
}

fn records(pairs: &Pairs) -> Result<GetRecords, Exception> {
    let types = pairs
        .get("typenames")
        .or(pairs.get("typename"))
        .ok_or_else(|| Exception::missing("typenames"))?;
    request::type_names(types)?;
    let names = request::element_names(pairs.list("elementname"));
    let elements = match (pairs.get("elementsetname"), names.is_empty()) {
        (None, false) => Elements::Named(names),
        (None, true) => Elements::Set(ElementSet::Summary),
        (Some(set), _) => Elements::Set(request::element_set(set)?),
    };
    let sort = pairs
        .list("sortby")
        .filter(|item| !item.is_empty())
        .map(|item| {
            // `dc:title:A`: the name has a colon, too.
            match item.rsplit_once(':') {
                Some((name, order))
                    if ["A", "D", "ASC", "DESC"]
                        .iter()
                        .any(|known| known.eq_ignore_ascii_case(order)) =>
                {
                    request::sort(name, order)
                }
                _ => request::sort(item, ""),
            }
        });
    Ok(GetRecords {
        result: match pairs.get("resulttype") {
            Some(result) => request::result_type(result)?,
            None => ResultType::Hits,
        },
        schema: Schema::parse(pairs.get("outputschema").unwrap_or("csw"))?,
        elements,
        filter: constraint(pairs)?,
        sort: sort.collect::<Result<_, _>>()?,
        start: request::number("startposition", pairs.get("startposition"), 1, 1)?,
        most: request::number("maxrecords", pairs.get("maxrecords"), DEFAULT_PAGE, 0)?
            .min(MAX_PAGE),
    })
}

fn constraint(pairs: &Pairs) -> Result<Filter, Exception> {
    let Some(constraint) = pairs.get("constraint") else {
        return Ok(Filter::All);
    };
    let language = pairs
        .get("constraintlanguage")
        .ok_or_else(|| Exception::missing("constraintlanguage"))?;
    match language.to_ascii_uppercase().as_str() {
        "CQL_TEXT" | "CQL" => cql::filter(constraint),
        "FILTER" => {
            let element = Element::parse(constraint)
                .map_err(|error| Exception::invalid("constraint", error))?;
            fes::filter(&element)
        }
        _ => Err(Exception::invalid(
            "constraintlanguage",
            format!("`{language}` is not offered: there are FILTER and CQL_TEXT"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use search::{Direction, Field};

    #[test]
    fn a_search_of_a_harvester() {
        let query = "service=CSW&VERSION=2.0.2&Request=GetRecords&typeNames=csw:Record&resultType=results&elementSetName=full&startPosition=11&maxRecords=5000&\
            constraintLanguage=CQL_TEXT&constraint=dc:title%20like%20%27%25eau%25%27&sortBy=apiso:identifier:A,dc:title:D&outputSchema=http://www.isotc211.org/2005/gmd";
        let Ok(Request::GetRecords(records)) = read(query) else {
            panic!("{:?}", read(query))
        };
        assert_eq!(
            (records.start, records.most, records.schema),
            (11, MAX_PAGE, Schema::Iso)
        );
        assert_eq!(
            records.sort,
            [
                (Field::Identifier, Direction::Ascending),
                (Field::Title, Direction::Descending)
            ]
        );
        assert!(matches!(records.filter, Filter::Like { .. }));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (query, code, locator) in [
            (
                "request=GetCapabilities",
                "MissingParameterValue",
                "service",
            ),
            (
                "service=WMS&request=GetCapabilities",
                "InvalidParameterValue",
                "service",
            ),
            ("service=CSW", "MissingParameterValue", "request"),
            (
                "service=CSW&request=GetCapabilities&version=3.0.0",
                "VersionNegotiationFailed",
                "version",
            ),
            (
                "service=CSW&request=GetCapabilities&acceptversions=3.0.0",
                "VersionNegotiationFailed",
                "acceptversions",
            ),
            (
                "service=CSW&request=GetRecords",
                "MissingParameterValue",
                "version",
            ),
            (
                "service=CSW&version=2.0.2&request=Transaction",
                "OperationNotSupported",
                "request",
            ),
            (
                "service=CSW&version=2.0.2&request=GetRecords",
                "MissingParameterValue",
                "typenames",
            ),
            (
                "service=CSW&version=2.0.2&request=GetRecords&typenames=x:Y",
                "InvalidParameterValue",
                "typenames",
            ),
            (
                "service=CSW&version=2.0.2&request=GetRecords&typenames=csw:Record&startposition=0",
                "InvalidParameterValue",
                "startposition",
            ),
            (
                "service=CSW&version=2.0.2&request=GetRecords&typenames=csw:Record&constraint=a",
                "MissingParameterValue",
                "constraintlanguage",
            ),
            (
                "service=CSW&version=2.0.2&request=GetRecordById",
                "MissingParameterValue",
                "id",
            ),
            (
                "service=CSW&version=2.0.2&request=GetRecordById&id=a&outputschema=x",
                "InvalidParameterValue",
                "outputschema",
            ),
            (
                "service=CSW&version=2.0.2&request=GetRecordById&id=a&outputformat=text/html",
                "InvalidParameterValue",
                "outputformat",
            ),
        ] {
            let told = format!("{:?}", read(query));
            assert!(
                told.contains(code) && told.contains(&format!("\"{locator}\"")),
                "{query}: {told}"
            );
        }
    }
}
