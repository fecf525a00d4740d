//! A request of CSW 2.0.2, however it came.

use represent::dublin_core::ElementSet;
use search::{Direction, Field, Filter};

use super::exception::Exception;
use super::names::Queryable;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Request {
    GetCapabilities {
        /// Those that are wanted; all of them without any.
        sections: Vec<String>,
    },
    DescribeRecord {
        /// All of them, unless some were named.
        types: Option<Vec<Type>>,
    },
    GetDomain {
        properties: Vec<String>,
        parameters: Vec<String>,
    },
    GetRecords(Box<GetRecords>),
    GetRecordById {
        ids: Vec<String>,
        /// What was written as one value, and is an identifier with commas if there is a record of that name.
        whole: Option<String>,
        schema: Schema,
        set: ElementSet,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct GetRecords {
    pub result: ResultType,
    pub schema: Schema,
    pub elements: Elements,
    pub filter: Filter,
    pub sort: Vec<(Field, Direction)>,
    /// From 1.
    pub start: usize,
    pub most: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResultType {
    Hits,
    Results,
    Validate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Elements {
    Set(ElementSet),
    /// The names of elements, in lower case without prefix.
    Named(Vec<String>),
}

/// What a record is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schema {
    DublinCore,
    Iso,
    Dcat,
    GeoDcat,
}

/// Of records, for DescribeRecord.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    DublinCore,
    Iso,
}

/// Records that a page has unless the request says otherwise, and at most.
pub(super) const DEFAULT_PAGE: usize = 10;
pub(super) const MAX_PAGE: usize = 200;
/// Identifiers of one GetRecordById.
const MAX_IDS: usize = 200;
const MAX_ELEMENTS: usize = 100;

impl Schema {
    pub const ALL: [Self; 4] = [Self::DublinCore, Self::Iso, Self::Dcat, Self::GeoDcat];

    pub fn address(self) -> &'static str {
        match self {
            Self::DublinCore => represent::dublin_core::NAMESPACE,
            Self::Iso => represent::iso19139::NAMESPACE,
            Self::Dcat => model::ns::dcat::NAMESPACE,
            Self::GeoDcat => model::ns::geodcatap::NAMESPACE,
        }
    }

    /// By its address, or by the prefix that clients know it by.
    pub fn parse(text: &str) -> Result<Self, Exception> {
        let known = match text
            .trim()
            .trim_start_matches("csw:")
            .to_ascii_lowercase()
            .as_str()
        {
            "csw" | "record" | "ogccore" => Some(Self::DublinCore),
            "gmd" | "isorecord" => Some(Self::Iso),
            "dcat" => Some(Self::Dcat),
            _ => Self::ALL.into_iter().find(|schema| {
                schema.address().trim_end_matches('#') == text.trim().trim_end_matches('#')
            }),
        };
        known.ok_or_else(|| {
            let all = Self::ALL.map(Self::address).join(", ");
            Exception::invalid(
                "outputschema",
                format!("`{text}` is not offered as an outputSchema: there are {all}"),
            )
        })
    }
}

pub(super) fn element_set(text: &str) -> Result<ElementSet, Exception> {
    [ElementSet::Brief, ElementSet::Summary, ElementSet::Full]
        .into_iter()
        .find(|set| set.name().eq_ignore_ascii_case(text.trim()))
        .ok_or_else(|| {
            Exception::invalid(
                "elementsetname",
                format!("`{text}` is no set of elements: there are brief, summary and full"),
            )
        })
}

pub(super) fn result_type(text: &str) -> Result<ResultType, Exception> {
    match text.trim().to_ascii_lowercase().as_str() {
        "hits" => Ok(ResultType::Hits),
        "results" => Ok(ResultType::Results),
        "validate" => Ok(ResultType::Validate),
        _ => Err(Exception::invalid(
            "resulttype",
            format!("`{text}` is no resultType: there are hits, results and validate"),
        )),
    }
}

pub(super) fn output_format(text: &str) -> Result<(), Exception> {
    let format = text.split(';').next().unwrap_or(text).trim();
    match format.to_ascii_lowercase().as_str() {
        "application/xml" | "text/xml" | "" => Ok(()),
        _ => Err(Exception::invalid(
            "outputformat",
            format!("`{text}` is not offered: there is application/xml"),
        )),
    }
}

pub(super) fn service(text: Option<&str>) -> Result<(), Exception> {
    match text {
        None => Err(Exception::missing("service")),
        Some(service) if service.eq_ignore_ascii_case("CSW") => Ok(()),
        Some(other) => Err(Exception::invalid(
            "service",
            format!("`{other}` is no service of this address: it is CSW"),
        )),
    }
}

pub(super) fn version(text: Option<&str>) -> Result<(), Exception> {
    match text {
        None => Err(Exception::missing("version")),
        Some("2.0.2") => Ok(()),
        Some(other) => Err(Exception::invalid(
            "version",
            format!("this server speaks version 2.0.2, and not {other}"),
        )),
    }
}

/// Of the versions that a client accepts, ours has to be one.
pub(super) fn accepted(versions: &[&str]) -> Result<(), Exception> {
    match versions.is_empty() || versions.contains(&"2.0.2") {
        true => Ok(()),
        false => Err(Exception::version("acceptversions", &versions.join(", "))),
    }
}

/// Names of types, as `csw:Record` and `gmd:MD_Metadata`, perhaps many: all are the same records here.
pub(super) fn type_names(text: &str) -> Result<Vec<Type>, Exception> {
    text.split([',', ' ', '\n', '\t'])
        .filter(|name| !name.is_empty())
        .take(MAX_ELEMENTS)
        .map(|name| {
            // A name in braces has its name space: `{http://...}Record`.
            let local = name.rsplit([':', '}']).next().unwrap_or(name);
            match local {
                "Record" | "BriefRecord" | "SummaryRecord" | "Dataset" | "Resource" | "CatalogRecord" | "dcat" => Ok(Type::DublinCore),
                "MD_Metadata" | "MI_Metadata" => Ok(Type::Iso),
                _ => Err(Exception::invalid("typenames", format!("`{name}` is no type of record here: there are csw:Record and gmd:MD_Metadata"))),
            }
        })
        .collect()
}

/// Names of types to describe. They have a prefix or a name space; those that are not known are not described.
pub(super) fn described_types(names: &[&str]) -> Result<Option<Vec<Type>>, Exception> {
    let names = names
        .iter()
        .flat_map(|names| names.split([',', ' ']))
        .filter(|name| !name.is_empty());
    let mut types = None;
    for name in names.take(MAX_ELEMENTS) {
        if !name.contains([':', '}']) {
            return Err(Exception::invalid(
                "typename",
                format!("`{name}` has no name space: write csw:Record or gmd:MD_Metadata"),
            ));
        }
        let known = type_names(name).unwrap_or_default();
        types.get_or_insert_with(Vec::new).extend(known);
    }
    Ok(types)
}

/// A whole number, from one on.
pub(super) fn number(
    locator: &str,
    text: Option<&str>,
    default: usize,
    least: usize,
) -> Result<usize, Exception> {
    let Some(text) = text else { return Ok(default) };
    match text.trim().parse::<usize>() {
        Ok(number) if number >= least => Ok(number),
        _ => Err(Exception::invalid(
            locator,
            format!("`{text}` is no whole number from {least} on"),
        )),
    }
}

pub(super) fn element_names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    names
        .map(|name| {
            name.trim()
                .rsplit([':', '/'])
                .next()
                .unwrap_or(name)
                .to_ascii_lowercase()
        })
        .filter(|name| !name.is_empty())
        .take(MAX_ELEMENTS)
        .collect()
}

/// One property to sort by.
pub(super) fn sort(property: &str, order: &str) -> Result<(Field, Direction), Exception> {
    let field = match Queryable::named(property) {
        Some(Queryable::Field(field)) => field,
        Some(Queryable::Type) => Field::Kind,
        _ => {
            return Err(Exception::invalid(
                "sortby",
                format!("`{property}` is nothing to sort by"),
            ));
        }
    };
    let direction = match order.trim().to_ascii_uppercase().as_str() {
        "" | "A" | "ASC" => Direction::Ascending,
        "D" | "DESC" => Direction::Descending,
        _ => {
            return Err(Exception::invalid(
                "sortby",
                format!("`{order}` is no order: there are ASC and DESC"),
            ));
        }
    };
    Ok((field, direction))
}

pub(super) fn ids<'a>(ids: impl Iterator<Item = &'a str>) -> Result<Vec<String>, Exception> {
    let mut found: Vec<String> = Vec::new();
    for id in ids.map(str::trim).filter(|id| !id.is_empty()) {
        if found.len() == MAX_IDS {
            return Err(Exception::invalid(
                "id",
                format!("not more than {MAX_IDS} records are given at once"),
            ));
        }
        if !found.iter().any(|known| known == id) {
            found.push(id.to_owned());
        }
    }
    match found.is_empty() {
        true => Err(Exception::missing("id")),
        false => Ok(found),
    }
}
