//! A distribution that is had from a service has that service.

use model::ns::{dcat, dcterms};
use oxrdf::vocab::rdf;
use oxrdf::{NamedNode, NamedOrBlankNode, Term};
use vocab::Concept;

use crate::desk::Desk;

/// Requests whose answer is a file, and not the service.
const FILES: [&str; 4] = [
    "request=getfeature",
    "request=getmap",
    "request=getcoverage",
    "request=gettile",
];

/// Gives the distribution a service with its protocol and endpoint, as the mapping does where it knows the format; unless it has
/// one, or its address asks for a file.
pub(super) fn attach(
    desk: &mut Desk<'_>,
    subject: &NamedOrBlankNode,
    protocol: &Concept,
    url: &str,
) {
    let NamedOrBlankNode::NamedNode(distribution) = subject else {
        return;
    };
    let lower = url.to_ascii_lowercase();
    if !lower.starts_with("http")
        || FILES.iter().any(|request| lower.contains(request))
        || desk
            .entity
            .object(distribution, dcat::ACCESS_SERVICE)
            .is_some()
    {
        return;
    }
    let Some(local) = distribution
        .as_str()
        .rsplit_once('#')
        .map(|(_, local)| local)
        .filter(|_| desk.entity.owns(distribution.as_str()))
    else {
        return;
    };
    let node = match local.strip_prefix("distribution") {
        Some(rest) => desk.entity.node(&format!("service{rest}")),
        None => desk.entity.node(&format!("service-{local}")),
    };
    if desk.entity.object(&node, rdf::TYPE).is_some() {
        return;
    }
    describe(desk, distribution, &node, protocol, url);
    if let Some(origin) = desk.entity.origin(distribution.as_str()).map(str::to_owned) {
        desk.entity.set_origin(&node, origin);
    }
}

fn describe(
    desk: &mut Desk<'_>,
    distribution: &NamedNode,
    node: &NamedNode,
    protocol: &Concept,
    url: &str,
) {
    let dataset = desk.entity.iri.clone();
    let titles: Vec<Term> = desk
        .entity
        .objects(distribution, dcterms::TITLE)
        .cloned()
        .collect();
    desk.entity.add_type(node, dcat::DATA_SERVICE);
    desk.entity
        .add(distribution, dcat::ACCESS_SERVICE, node.clone());
    desk.entity.add(node, dcat::SERVES_DATASET, dataset);
    if titles.is_empty() {
        desk.entity
            .add_text(node, dcterms::TITLE, protocol.label(), None);
    }
    for title in titles {
        desk.entity.add(node, dcterms::TITLE, title);
    }
    desk.entity
        .add_iri(node, dcat::ENDPOINT_URL, &endpoint(url));
    if url.to_ascii_lowercase().contains("request=getcapabilities") {
        desk.entity.add_iri(node, dcat::ENDPOINT_DESCRIPTION, url);
    }
    desk.entity
        .add(node, dcterms::CONFORMS_TO, protocol.iri.clone());
}

/// The address without the parameters of a request. `map`, the file that a MapServer is to read, is a part of the address, as are keys.
fn endpoint(url: &str) -> String {
    let Some((endpoint, query)) = url.split_once('?') else {
        return url.to_owned();
    };
    let query = query.split('#').next().unwrap_or(query);
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            let key = pair
                .split('=')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            matches!(
                key.as_str(),
                "map" | "apikey" | "api_key" | "workspace" | "authkey"
            )
        })
        .collect();
    if kept.is_empty() {
        endpoint.to_owned()
    } else {
        format!("{endpoint}?{}", kept.join("&"))
    }
}
