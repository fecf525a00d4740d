//! GetDomain: the values of parameters and of properties.

use chrono::Utc;
use represent::Xml;
use search::{Search, Snapshot, ValueKind};

use super::answer::permit;
use super::exception::Exception;
use super::names::Queryable;
use super::scope::Scope;
use super::{DECLARATION, describe};
use crate::router::App;

/// Values of a property that are listed.
const MOST_VALUES: usize = 1_000;
/// Bytes of the values of a property: what comes after is not listed.
const MOST_BYTES: usize = 1024 * 1024;

/// Not where others wait: the values are counted.
pub(super) async fn answer(
    app: &App,
    scope: &Scope,
    snapshot: Snapshot,
    properties: Vec<String>,
    parameters: Vec<String>,
) -> Result<String, Exception> {
    let permit = permit(app).await?;
    let scope = scope.clone();
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        domain(&scope, &snapshot, &properties, &parameters)
    })
    .await
    .map_err(|error| Exception::internal(&error))?
}

fn domain(
    scope: &Scope,
    snapshot: &Snapshot,
    properties: &[String],
    parameters: &[String],
) -> Result<String, Exception> {
    let mut told: Vec<(&str, &String, Option<Vec<String>>)> = Vec::new();
    for name in parameters {
        let values =
            describe::parameter(name).map(|values| values.into_iter().map(str::to_owned).collect());
        let values = values.ok_or_else(|| {
            Exception::invalid(
                "parametername",
                format!(
                    "`{name}` is no parameter of this server: write it as GetRecords.outputSchema"
                ),
            )
        })?;
        told.push(("csw:ParameterName", name, Some(values)));
    }
    for name in properties {
        let queryable = Queryable::named(name).ok_or_else(|| {
            Exception::invalid(
                "propertyname",
                format!("`{name}` is no queryable of this catalogue: GetCapabilities lists them"),
            )
        })?;
        told.push((
            "csw:PropertyName",
            name,
            values(scope, snapshot, queryable)?.map(bounded),
        ));
    }
    let mut xml = Xml::new();
    xml.raw(DECLARATION);
    let csw = ("xmlns:csw", represent::dublin_core::NAMESPACE);
    xml.within("csw:GetDomainResponse", &[csw], |xml| {
        for (element, name, values) in &told {
            xml.within("csw:DomainValues", &[("type", "csw:Record")], |xml| {
                xml.leaf(element, &[], name);
                if let Some(values) = values.as_ref().filter(|values| !values.is_empty()) {
                    xml.within("csw:ListOfValues", &[], |xml| {
                        for value in values {
                            xml.leaf("csw:Value", &[], value);
                        }
                    });
                }
            });
        }
    });
    Ok(xml.finish())
}

fn bounded(mut values: Vec<String>) -> Vec<String> {
    let mut bytes = 0;
    let mut fits = |value: &String| {
        bytes += value.len();
        bytes <= MOST_BYTES
    };
    let count = values.iter().take_while(|value| fits(value)).count();
    values.truncate(count);
    values
}

/// The values that a property has; none of what cannot be listed: prose, dates, boxes.
fn values(
    scope: &Scope,
    snapshot: &Snapshot,
    queryable: Queryable,
) -> Result<Option<Vec<String>>, Exception> {
    let field = match queryable {
        Queryable::Type => {
            return Ok(Some(
                ["dataset", "series", "service"].map(str::to_owned).to_vec(),
            ));
        }
        Queryable::Extent => return Ok(None),
        Queryable::Field(field) if field.kind() != ValueKind::Text => return Ok(None),
        Queryable::Field(field) => field,
    };
    if field.is_facet() {
        let mut search = Search::new(scope.filter.clone(), Utc::now());
        search.limit = 0;
        search.facets = vec![field];
        search.facet_size = MOST_VALUES;
        let mut found = snapshot.search(&search)?;
        let mut values: Vec<String> = found
            .facets
            .remove(&field)
            .unwrap_or_default()
            .into_iter()
            .map(|(value, _)| value)
            .collect();
        values.sort_unstable();
        return Ok(Some(values));
    }
    // Of the whole catalogue only: what a part of it has is not known without counting.
    match scope.path.is_empty() {
        true => Ok(Some(snapshot.values(field, None, MOST_VALUES)?)),
        false => Ok(None),
    }
}
