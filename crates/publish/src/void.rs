//! `/.well-known/void`: the catalogue as a dataset of RDF, by [VoID](https://www.w3.org/TR/void/).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, header};
use model::{Checksum, EntityKind, ns};
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, NamedNodeRef};

use crate::cache::Validators;
use crate::failure::Failure;
use crate::lines::{joined, line};
use crate::rdf::Format;
use crate::router::App;
use crate::{feed, negotiate, stream};

pub(crate) async fn get(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response<Body>, Failure> {
    let format =
        negotiate::best(&headers, negotiate::GRAPHS).ok_or_else(negotiate::not_acceptable_graph)?;
    let text = joined(describe(&app).await?);
    let tag = format!("{}\n{text}", format.extension());
    let validators = Validators::new(Checksum::of(tag.as_bytes()), None);
    if validators.hold(&headers) {
        return Ok(validators.not_modified());
    }
    let mut response = Response::new(stream::body(text, format, None));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(format.content_type()),
    );
    validators.set(headers);
    Ok(response)
}

async fn describe(app: &App) -> Result<Vec<String>, Failure> {
    let base = app.site.minter.base();
    let catalogue = app.site.minter.catalogue();
    let under = |path: &str| NamedNode::new_unchecked(format!("{base}{path}"));
    let (document, own) = (under(".well-known/void"), catalogue.as_ref());
    let number = |n: u64| Literal::new_typed_literal(n.to_string(), xsd::INTEGER);
    let mut told = feed::catalogue(app);
    told.extend([
        line(document.as_ref(), rdf::TYPE, &void("DatasetDescription")),
        line(document.as_ref(), ns::foaf::PRIMARY_TOPIC, own),
        line(own, rdf::TYPE, &void("Dataset")),
        line(own, void("sparqlEndpoint").as_ref(), &under("sparql")),
        line(
            own,
            void("dataDump").as_ref(),
            &under("rdf-graph-store?default"),
        ),
        line(own, void("uriSpace").as_ref(), &Literal::from(base)),
    ]);
    for format in Format::PUBLISHED {
        let format = NamedNode::new_unchecked(format!("{FORMATS}{}", name(format)));
        told.push(line(own, void("feature").as_ref(), &format));
    }
    for vocabulary in VOCABULARIES {
        let vocabulary = NamedNodeRef::new_unchecked(vocabulary);
        told.push(line(own, void("vocabulary").as_ref(), vocabulary));
    }
    let examples = app.site.archive.page(EntityKind::Dataset, None, 1).await?;
    for example in examples {
        let example = NamedNode::new_unchecked(example.key.iri(base));
        told.push(line(own, void("exampleResource").as_ref(), &example));
    }
    let counts = app.counts().await?;
    let parts = [
        ("datasets", ns::dcat::DATASET_CLASS, counts.datasets),
        ("series", ns::dcat::DATASET_SERIES, counts.series),
        ("services", ns::dcat::DATA_SERVICE, counts.services),
    ];
    for (fragment, class, count) in parts {
        let part = under(&format!(".well-known/void#{fragment}"));
        told.extend([
            line(own, void("classPartition").as_ref(), &part),
            line(part.as_ref(), void("class").as_ref(), class),
            line(part.as_ref(), void("entities").as_ref(), &number(count)),
        ]);
    }
    told.sort_unstable();
    Ok(told)
}

fn void(local: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("http://rdfs.org/ns/void#{local}"))
}

/// The name of a format among <https://www.w3.org/ns/formats/>.
fn name(format: Format) -> &'static str {
    match format {
        Format::Turtle => "Turtle",
        Format::RdfXml => "RDF_XML",
        Format::JsonLd => "JSON-LD",
        Format::NTriples => "N-Triples",
        Format::NQuads => "N-Quads",
        Format::TriG => "TriG",
    }
}

const FORMATS: &str = "http://www.w3.org/ns/formats/";

const VOCABULARIES: [&str; 10] = [
    ns::adms::NAMESPACE,
    ns::dcat::NAMESPACE,
    ns::dcatap::NAMESPACE,
    ns::dcterms::NAMESPACE,
    ns::foaf::NAMESPACE,
    ns::geodcatap::NAMESPACE,
    ns::locn::NAMESPACE,
    ns::prov::NAMESPACE,
    ns::skos::NAMESPACE,
    ns::vcard::NAMESPACE,
];
