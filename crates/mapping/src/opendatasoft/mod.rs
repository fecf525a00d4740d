//! Opendatasoft's Explore API (versions 2.1, 2.0) and Search API (1.0) to DCAT-AP 3.
//!
//! The connector hands over `{"portal": address, "dataset": item}`. The three versions say the same in other places; a
//! [`Record`] finds it. Each mapping is written beside the fields it reads: [`dataset`], [`agents`], [`coverage`],
//! [`distributions`], [`federation`], and [`custom`] for the fields that portals make up.

mod agents;
mod coverage;
mod custom;
mod dataset;
mod distributions;
mod federation;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use model::{EntityKind, Mapped, RawRecord};
use oxrdf::NamedNode;

use crate::draft::{Draft, host, rank};
use crate::json::{Json, Report, View};
use crate::{MapContext, MapError, json};

/// Items of any list that are read.
const MOST: usize = 500;
/// Bytes of an identifier.
const LONGEST_ID: usize = 1_024;

/// How a dataset is shown on its portal, and how its fields are displayed: nothing about the data.
fn skipped(key: &str) -> bool {
    matches!(
        key,
        "annotations"
            | "visualization"
            | "extra_metas"
            | "asset_content_configuration"
            | "internal"
    )
}

pub(crate) fn map(record: &RawRecord, context: &MapContext<'_>) -> Result<Mapped, MapError> {
    let body = json::text(&record.body)?;
    let document = json::document(&body, skipped)?;
    let report = Report::default();
    let root = View::root(&document, &report);
    let outer = root.get("dataset");
    let inner = outer.get("dataset");
    let dataset = [inner, outer]
        .into_iter()
        .find(|view| is_object(*view))
        .unwrap_or(root);
    let metas = dataset.get("metas");
    let basic = dataset.get("basic_metas");
    let interop = dataset.get("interop_metas");
    let (clean, plain) = (basic.get("default"), metas.get("default"));
    let (custom, old_custom) = (metas.get("custom"), basic.get("custom"));
    let (dcat, old_dcat) = (metas.get("dcat"), interop.get("dcat"));
    let (inspire, old_inspire) = (metas.get("inspire"), interop.get("inspire"));
    let national = keys(metas)
        .map(|key| metas.get(key))
        .chain(keys(interop).map(|key| interop.get(key)));
    let addresses = [root, outer, dataset].map(|view| portal(view));
    let found = Record {
        portal: addresses.into_iter().flatten().next(),
        // Each address has it.
        id: first(&[dataset], &["dataset_id", "datasetid"])
            .filter(|id| id.len() <= LONGEST_ID)
            .unwrap_or_else(|| Cow::Owned(record.id.to_string())),
        old: !dataset.get("datasetid").is_null(),
        dataset,
        // What version 1.0 gives beside `basic_metas` has damaged HTML.
        default: object(&[clean, plain]).unwrap_or(metas),
        dcat: object(&[dcat, old_dcat]).unwrap_or(dcat),
        inspire: object(&[inspire, old_inspire]).unwrap_or(inspire),
        // An old portal without `basic_metas` has its own fields among the others.
        custom: object(&[custom, old_custom]).unwrap_or(metas),
        national: national.filter(|view| is_object(*view)).take(8).collect(),
        language: String::new(),
    };
    let found = Record {
        language: found.language(context.language),
        ..found
    };
    refuse(&found)?;
    let mut draft = Draft::new(record, context, EntityKind::Dataset);
    let changed = first(&[found.default], &["modified", "metadata_processed"]);
    draft.entity.rank = rank(&changed.unwrap_or_default());
    if let Some(host) = found.portal.as_deref().and_then(host) {
        draft.host = host;
    }
    origin(&mut draft, found.default);
    dataset::map(&mut draft, &found);
    Ok(draft.finish(record, report))
}

/// Where the fields of a dataset stand in its record, and what they say of it as a whole.
struct Record<'d, 'v> {
    /// The address of the portal, without a slash at its end.
    portal: Option<String>,
    id: Cow<'d, str>,
    /// Whether the portal has version 1.0 of the API only.
    old: bool,
    dataset: View<'d, 'v>,
    /// Title, description, licence, publisher...: what every dataset has.
    default: View<'d, 'v>,
    dcat: View<'d, 'v>,
    inspire: View<'d, 'v>,
    /// What the portal made up.
    custom: View<'d, 'v>,
    /// The templates of DCAT-AP and of its national profiles: `dcat_ap`, `dcat_ap_ch`...
    national: Vec<View<'d, 'v>>,
    /// The language of texts.
    language: String,
}

impl<'d, 'v> Record<'d, 'v> {
    /// DCAT's template, then those of DCAT-AP.
    fn profiles(&self) -> Vec<View<'d, 'v>> {
        let national = self.national.iter().copied();
        std::iter::once(self.dcat).chain(national).collect()
    }

    /// The language of the description, if there is one only; else that of the dataset; else that of the source.
    fn language(&self, source: &str) -> String {
        let stated = texts(self.default, "metadata_languages");
        let own = match stated.as_slice() {
            [one] => Some(one.clone()),
            _ => texts(self.default, "language").into_iter().next(),
        };
        let good = |tag: &Cow<'_, str>| {
            (2..=3).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_lowercase())
        };
        own.filter(good)
            .map_or_else(|| source.to_owned(), Cow::into_owned)
    }

    /// Adds text in the language of the record.
    fn text(
        &self,
        draft: &mut Draft<'_>,
        subject: &NamedNode,
        predicate: oxrdf::NamedNodeRef<'_>,
        text: &str,
    ) {
        draft
            .entity
            .add_text(subject, predicate, text, Some(&self.language));
    }

    /// An address under the portal; `{}` stands for the dataset.
    fn address(&self, path: &str) -> Option<String> {
        let portal = self.portal.as_deref()?;
        Some(format!(
            "{portal}{}",
            path.replace("{}", &segment(&self.id))
        ))
    }
}

/// Refuses what cannot be published, or must not be.
fn refuse(record: &Record<'_, '_>) -> Result<(), MapError> {
    let metas = record.dataset.get("metas");
    let visibility = [record.dataset, metas].map(|view| first(&[view], &["visibility"]));
    if visibility
        .iter()
        .any(|text| text.as_deref() == Some("restricted"))
    {
        return Err(MapError {
            rule: "record/not-public",
            message: "the portal shows the dataset to some of its users only (`visibility`)"
                .to_owned(),
            place: Some(format!("{}/visibility", record.dataset.pointer())),
            hint: Some("let everybody see the dataset, or leave it out".to_owned()),
        });
    }
    if title(record).is_none() {
        return Err(MapError {
            rule: "record/no-title",
            message: "the record has no title".to_owned(),
            place: Some(format!("{}/title", record.default.pointer())),
            hint: Some("give the dataset a title: DCAT-AP requires one".to_owned()),
        });
    }
    Ok(())
}

fn title<'d>(record: &Record<'d, '_>) -> Option<Cow<'d, str>> {
    first(&[record.default], &["title"]).or_else(|| first(&record.national, &["title"]))
}

/// The address of the portal as the connector gives it, or as the links of the API begin.
fn portal(view: View<'_, '_>) -> Option<String> {
    let links = view.get("links");
    let link = links.items_quietly().take(MOST).find_map(|link| {
        let href = link.text_of("href")?;
        Some(href.split_once("/api/")?.0.to_owned())
    });
    let address = first(&[view], &["portal"]).map(Cow::into_owned).or(link)?;
    let address = address.trim_end_matches('/').to_owned();
    (address.starts_with("https://") || address.starts_with("http://")).then_some(address)
}

/// Findings about the dataset point at the template that has most of its fields.
fn origin(draft: &mut Draft<'_>, default: View<'_, '_>) {
    draft.entity.origins.clear();
    let iri = draft.entity.iri.clone();
    draft.entity.set_origin(&iri, default.pointer());
}

fn is_object(view: View<'_, '_>) -> bool {
    matches!(view.value(), Json::Object(_))
}

fn object<'d, 'v>(views: &[View<'d, 'v>]) -> Option<View<'d, 'v>> {
    views.iter().copied().find(|view| is_object(*view))
}

/// The names of the templates of DCAT-AP.
fn keys<'d>(templates: View<'d, '_>) -> impl Iterator<Item = &'d str> + use<'d> {
    let members: &'d [(Cow<'d, str>, Json<'d>)] = match templates.value() {
        Json::Object(members) => members,
        _ => &[],
    };
    members
        .iter()
        .map(|(key, _)| key.as_ref())
        .filter(|key| key.starts_with("dcat_ap"))
}

/// The texts of a member: one, or a list of them.
fn texts<'d>(view: View<'d, '_>, key: &str) -> Vec<Cow<'d, str>> {
    let member = view.get(key);
    let texts: Vec<_> = member.texts().take(MOST).collect();
    texts
}

/// The first text that one of these views has under one of these keys.
fn first<'d>(views: &[View<'d, '_>], keys: &[&str]) -> Option<Cow<'d, str>> {
    let mut all = views
        .iter()
        .flat_map(|view| keys.iter().map(move |key| texts(*view, key)));
    all.find_map(|texts| texts.into_iter().next())
}

/// A node of the dataset that is not taken yet: `period-1`, `period-2`...
fn numbered(draft: &mut Draft<'_>, name: &str) -> Option<NamedNode> {
    (1..=MOST).find_map(|number| {
        let node = draft.entity.node(&format!("{name}-{number}"));
        draft.claim(&node).then_some(node)
    })
}

/// An address, if the text is one.
fn web(text: &str) -> Option<&str> {
    let text = text.trim();
    let scheme = text.starts_with("https://") || text.starts_with("http://");
    (scheme && !text.contains(char::is_whitespace)).then_some(text)
}

/// A segment of a path (RFC 3986, 3.3).
fn segment(text: &str) -> String {
    let mut segment = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'@') {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}
