//! `links`: distributions, services, pages.

use std::borrow::Cow;

use model::ns::{dcat, dcterms, foaf};
use oxrdf::NamedNode;
use oxrdf::vocab::xsd;

use crate::draft::{Draft, short_hash};
use crate::json::{Json, View};
use crate::online::{ogc_service, service};

/// What a link is for, by its relation (IANA's registry, and those of OGC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    File,
    /// Data behind a page or an interface.
    Access,
    Service,
    Page,
    Landing,
    /// An image that shows what the data are like.
    Preview,
    Nothing,
}

fn use_of(rel: &str, media_type: &str) -> Use {
    let name = rel.rsplit(['/', '#']).next().unwrap_or(rel);
    match name {
        "enclosure" | "download" | "item" => Use::File,
        "data" | "items" | "archives" | "search" | "distribution" | "dataset" => Use::Access,
        "service" | "service-desc" | "hub" | "endpoint" => Use::Service,
        "alternate" | "canonical" | "about" if media_type.starts_with("text/html") => Use::Landing,
        "describedby" | "documentation" | "help" | "service-doc" | "describes" | "about"
        | "related" | "via" | "info" | "copyright" | "cite-as" => Use::Page,
        "preview" | "thumbnail" | "icon" => Use::Preview,
        _ => Use::Nothing,
    }
}

/// Maps the links, and says how many distributions they became.
pub(super) fn map(
    draft: &mut Draft<'_>,
    root: View<'_, '_>,
    properties: View<'_, '_>,
    licences: &[String],
) -> usize {
    let mut distributions = Vec::new();
    for link in root.get("links").items() {
        distributions.extend(self::link(draft, link, licences));
    }
    // Templates are no addresses: what they describe is a service, at the part before the first variable.
    for template in root.get("linkTemplates").items() {
        distributions.extend(self::template(draft, template, licences));
    }
    if let [only] = distributions.as_slice() {
        formats(draft, only, properties);
    }
    distributions.len()
}

fn link(draft: &mut Draft<'_>, link: View<'_, '_>, licences: &[String]) -> Option<NamedNode> {
    let link = link.object()?;
    let href = link.text_of("href")?;
    let rel = link.text_of("rel").unwrap_or_default();
    let media_type = link.text_of("type").unwrap_or_default();
    let iri = draft.entity.iri.clone();
    let is_service = draft.entity.kind == model::EntityKind::DataService;
    match use_of(&rel, &media_type) {
        Use::Nothing | Use::Preview => None,
        Use::Page => {
            draft.entity.add_iri(&iri, foaf::PAGE, &href);
            None
        }
        Use::Landing => {
            draft.entity.add_iri(&iri, dcat::LANDING_PAGE, &href);
            None
        }
        Use::Service if is_service => {
            let description = matches!(&*rel, "service-desc");
            let predicate = if description {
                dcat::ENDPOINT_DESCRIPTION
            } else {
                dcat::ENDPOINT_URL
            };
            draft.entity.add_iri(&iri, predicate, &href);
            None
        }
        Use::Access | Use::File if is_service => {
            draft.entity.add_iri(&iri, dcat::ENDPOINT_URL, &href);
            None
        }
        kind => distribution(draft, link, &href, kind, licences),
    }
}

fn template(
    draft: &mut Draft<'_>,
    template: View<'_, '_>,
    licences: &[String],
) -> Option<NamedNode> {
    let text = template.text_of("uriTemplate")?;
    let (before, _) = text.split_once('{')?;
    let (endpoint, _) = before.split_once('?').unwrap_or((before, ""));
    if draft.entity.kind == model::EntityKind::DataService {
        let iri = draft.entity.iri.clone();
        draft.entity.add_iri(&iri, dcat::ENDPOINT_URL, endpoint);
        return None;
    }
    distribution(draft, template, endpoint, Use::Service, licences)
}

fn distribution(
    draft: &mut Draft<'_>,
    link: View<'_, '_>,
    href: &str,
    kind: Use,
    licences: &[String],
) -> Option<NamedNode> {
    let title = link.first_of(&["title", "name"]).unwrap_or_default();
    let node = draft.entity.node(&format!(
        "distribution-{}",
        short_hash(&format!("{href}\n{title}"))
    ));
    if !draft.claim(&node) {
        return None;
    }
    draft.open(&node, dcat::DISTRIBUTION_CLASS, dcat::DISTRIBUTION, &link);
    let language = draft.language();
    draft
        .entity
        .add_text(&node, dcterms::TITLE, &title, language);
    draft.text(&node, dcterms::DESCRIPTION, link, "description");
    draft.entity.add_iri(&node, dcat::ACCESS_URL, href);
    for predicate in [dcat::ACCESS_URL, dcat::DOWNLOAD_URL] {
        draft.wrote(&node, predicate, &link.get("href"));
    }
    if kind == Use::File {
        draft.entity.add_iri(&node, dcat::DOWNLOAD_URL, href);
    }
    draft.plain(&node, dcat::MEDIA_TYPE, link, &["type"]);
    draft.plain(&node, dcterms::LANGUAGE, link, &["hreflang"]);
    draft.plain(&node, dcterms::MODIFIED, link, &["updated"]);
    draft.plain(&node, dcterms::ISSUED, link, &["created"]);
    if let Some(length) = link.get("length").count().filter(|_| kind == Use::File) {
        draft.entity.add_typed(
            &node,
            dcat::BYTE_SIZE,
            &length.to_string(),
            xsd::NON_NEGATIVE_INTEGER,
        );
    }
    for licence in licences {
        draft
            .entity
            .add_text(&node, dcterms::LICENSE, licence, None);
    }
    let standard = ogc_service("", href);
    if kind == Use::Service || standard.is_some() {
        service(draft, &node, link, href, standard);
    }
    Some(node)
}

/// `formats` are of the resource: of its distribution, where there is only one.
fn formats(draft: &mut Draft<'_>, node: &NamedNode, properties: View<'_, '_>) {
    let formats = properties.get("formats");
    let mut list = formats.items();
    let (Some(format), None) = (list.next(), list.next()) else {
        return;
    };
    let (name, media_type): (Option<Cow<'_, str>>, _) = match format.value() {
        Json::Object(_) => (format.text_of("name"), format.text_of("mediaType")),
        _ => (format.text(), None),
    };
    if let Some(name) = name {
        draft.entity.add_text(node, dcterms::FORMAT, &name, None);
        draft.wrote(node, dcterms::FORMAT, &format);
    }
    if let Some(media_type) = media_type
        && draft.entity.object(node, dcat::MEDIA_TYPE).is_none()
    {
        draft
            .entity
            .add_text(node, dcat::MEDIA_TYPE, &media_type, None);
    }
}
