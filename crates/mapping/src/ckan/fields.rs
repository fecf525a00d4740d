//! The fields of a package, wherever and however they are written.

use std::borrow::Cow;

use crate::json::{Json, View, nested};

/// More values than this are no list of anything.
const MOST_VALUES: usize = 1_000;

/// The fields of a package or of a resource: its members, and what it has not, in its extras.
#[derive(Clone, Copy)]
pub(super) struct Fields<'d, 'p> {
    view: View<'d, 'p>,
    extras: &'p [View<'d, 'p>],
}

impl<'d, 'p> Fields<'d, 'p> {
    pub(super) fn new(view: View<'d, 'p>, extras: &'p [View<'d, 'p>]) -> Self {
        Self { view, extras }
    }

    pub(super) fn view(&self) -> View<'d, 'p> {
        self.view
    }

    /// The field; `null` when it is absent or empty.
    pub(super) fn get<'s>(&'s self, key: &'s str) -> View<'d, 's> {
        let own = self.view.get(key);
        if !is_empty(own.value()) {
            return own;
        }
        let extra = self.extras.iter().find_map(|extra| {
            let is_it = matches!(extra.get("key").value(), Json::Text(name) if name.trim() == key);
            let value = extra.get("value");
            (is_it && !is_empty(value.value())).then_some(value)
        });
        extra.unwrap_or(own)
    }

    /// The first of these fields that is there.
    pub(super) fn first<'s>(&'s self, keys: &[&'s str]) -> Option<View<'d, 's>> {
        keys.iter()
            .map(|key| self.get(key))
            .find(|field| !is_empty(field.value()))
    }

    /// The text of a field that has one value.
    pub(super) fn text(&self, key: &str) -> Option<Cow<'d, str>> {
        scalar(&self.get(key))
    }

    pub(super) fn first_text(&self, keys: &[&str]) -> Option<Cow<'d, str>> {
        keys.iter().find_map(|key| self.text(key))
    }
}

/// A value, and its language where the record says it.
pub(super) struct Leaf<'d> {
    pub(super) text: Cow<'d, str>,
    pub(super) language: Option<String>,
}

/// The texts of a field: one, a list, or for each language one or a list.
pub(super) fn leaves<'d>(field: &View<'d, '_>) -> Vec<Leaf<'d>> {
    let mut found = Vec::new();
    collect(field, None, 0, &mut found);
    found
}

fn collect<'d>(field: &View<'d, '_>, language: Option<&str>, depth: u8, found: &mut Vec<Leaf<'d>>) {
    // Of the field, and not of each list in it.
    if found.len() >= MOST_VALUES {
        return;
    }
    match field.value() {
        Json::List(_) if depth < 3 => {
            for item in field.items().take(MOST_VALUES) {
                collect(&item, language, depth + 1, found);
            }
        }
        Json::Object(members) if depth < 3 && is_translated(members) => {
            for (key, _) in members.iter().take(MOST_VALUES) {
                let tag = key.replace('_', "-");
                collect(&field.get(key), Some(&tag), depth + 1, found);
            }
        }
        Json::Object(_) | Json::List(_) => {
            const NAMES: [&str; 8] = [
                "uri",
                "url",
                "value",
                "name",
                "title",
                "label",
                "display_name",
                "id",
            ];
            let named = NAMES.iter().find_map(|key| scalar(&field.get(key)));
            match named {
                Some(text) => found.push(leaf(text, language)),
                None if is_empty(field.value()) => {}
                None => field.bad("text"),
            }
        }
        _ => found.extend(scalar(field).map(|text| leaf(text, language))),
    }
}

fn leaf<'d>(text: Cow<'d, str>, language: Option<&str>) -> Leaf<'d> {
    Leaf {
        text,
        language: language.map(str::to_owned),
    }
}

/// Trimmed text, if there is some. Numbers are text here: whether a field is one or the other depends on how the portal is set up.
pub(super) fn scalar<'d>(field: &View<'d, '_>) -> Option<Cow<'d, str>> {
    let text = match field.value() {
        Json::Text(text) => Cow::Borrowed(text.trim()),
        Json::Number(number) => Cow::Owned(number.to_string()),
        Json::Bool(value) => Cow::Owned(value.to_string()),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

pub(super) fn is_empty(value: &Json<'_>) -> bool {
    match value {
        Json::Null => true,
        Json::Text(text) => text.trim().is_empty(),
        Json::List(items) => items.iter().take(MOST_VALUES).all(is_empty),
        Json::Object(members) => members
            .iter()
            .take(MOST_VALUES)
            .all(|(_, value)| is_empty(value)),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

/// `{"fr": …, "en-GB": …, "pt_BR": …}`
fn is_translated(members: &[(Cow<'_, str>, Json<'_>)]) -> bool {
    !members.is_empty()
        && !matches!(members, [(key, _)] if key == "id")
        && members.iter().all(|(key, _)| {
            let mut parts = key.split(['-', '_']);
            parts.next().is_some_and(|part| {
                part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_lowercase())
            }) && parts.all(|part| {
                (2..=8).contains(&part.len())
                    && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
        })
}

/// Fields that are texts: a list in brackets is one of their texts.
const TEXTS: [&str; 9] = [
    "title",
    "name",
    "notes",
    "description",
    "url",
    "author",
    "maintainer",
    "version",
    "id",
];

/// Puts lists and objects where they stand as JSON in a text: an extra of CKAN can be a text only.
pub(super) fn unfold(package: &mut Json<'_>) {
    let Json::Object(members) = package else {
        return;
    };
    for (key, value) in members {
        match (&**key, value) {
            ("extras", extras) => unfold_extras(extras),
            ("resources", Json::List(resources)) => {
                for resource in resources {
                    let Json::Object(members) = resource else {
                        continue;
                    };
                    for (key, value) in members {
                        unfold_value(key, value);
                    }
                }
            }
            (key, value) => unfold_value(key, value),
        }
    }
}

/// A list of `{"key": …, "value": …}`; some portals have an object, which becomes such a list.
fn unfold_extras(extras: &mut Json<'_>) {
    if let Json::Object(members) = extras {
        let list = std::mem::take(members)
            .into_iter()
            .map(|(key, value)| {
                Json::Object(vec![
                    (Cow::Borrowed("key"), Json::Text(key)),
                    (Cow::Borrowed("value"), value),
                ])
            })
            .collect();
        *extras = Json::List(list);
    }
    let Json::List(list) = extras else {
        return;
    };
    for extra in list {
        let Json::Object(members) = extra else {
            continue;
        };
        let name = members.iter().find_map(|(key, value)| match value {
            Json::Text(name) if key == "key" => Some(name.to_string()),
            _ => None,
        });
        for (key, value) in members {
            if key == "value" {
                unfold_value(name.as_deref().unwrap_or_default(), value);
            }
        }
    }
}

fn unfold_value(key: &str, value: &mut Json<'_>) {
    let Json::Text(text) = &*value else {
        return;
    };
    let text = text.trim();
    let is_text = TEXTS.contains(&key);
    // CKAN 1 wrote the values of extras as JSON, texts too.
    let is_quoted = text.len() > 1 && text.starts_with('"') && text.ends_with('"');
    let is_json = text.starts_with('{') || (!is_text && (text.starts_with('[') || is_quoted));
    if !is_json {
        return;
    }
    // DKAN escapes them for HTML.
    let inner = nested(text)
        .map(owned)
        .or_else(|| nested(&text.replace("&quot;", "\"").replace("&amp;", "&")).map(owned));
    if let Some(inner) = inner {
        *value = inner;
    }
}

/// As deep as the parser went, which is not deep.
fn owned(value: Json<'_>) -> Json<'static> {
    match value {
        Json::Null => Json::Null,
        Json::Bool(value) => Json::Bool(value),
        Json::Number(value) => Json::Number(value),
        Json::Text(text) => Json::Text(Cow::Owned(text.into_owned())),
        Json::List(items) => Json::List(items.into_iter().map(owned).collect()),
        Json::Object(members) => Json::Object(
            members
                .into_iter()
                .map(|(key, value)| (Cow::Owned(key.into_owned()), owned(value)))
                .collect(),
        ),
    }
}
