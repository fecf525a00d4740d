//! Whom to ask.

use model::ns::{dcat, vcard};
use oxrdf::{NamedNode, NamedNodeRef};

use super::agents::MOST;
use super::fields::{Fields, leaves};
use super::statements::{address, member, objects};
use crate::draft::{Draft, mailto};
use crate::json::View;

const HAS_UID: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/2006/vcard/ns#hasUID");

/// Whom to ask: the contacts of the record, the maintainer, or else the author.
pub(super) fn map(draft: &mut Draft<'_>, package: &Fields<'_, '_>) {
    let subject = draft.entity.iri.clone();
    let listed = package.first(&["contact", "contact_point"]);
    let mut made = listed.map_or(0, |list| of_list(draft, &subject, "contact", &list));
    if made == 0 {
        made += flat(
            draft,
            package,
            ["contact_name", "contact_email", "contact_url"],
            1,
        );
    }
    if made == 0 {
        made += flat(
            draft,
            package,
            ["contact-name", "contact-email", "contact-url"],
            2,
        );
    }
    let maintained = flat(
        draft,
        package,
        ["maintainer", "maintainer_email", "maintainer_url"],
        3,
    );
    if made + maintained == 0 {
        flat(draft, package, ["author", "author_email", "author_url"], 4);
    }
}

/// Contacts as objects; says how many there are.
pub(super) fn of_list(
    draft: &mut Draft<'_>,
    subject: &NamedNode,
    name: &str,
    list: &View<'_, '_>,
) -> usize {
    let mut made = 0;
    for contact in objects(list, MOST) {
        let text = |keys: &[&str]| member(&contact, keys).map(String::from);
        let translated = leaves(&contact.get("name_translated"));
        let mut names: Vec<(String, Option<String>)> = translated
            .into_iter()
            .take(MOST)
            .map(|leaf| (leaf.text.into_owned(), leaf.language))
            .collect();
        if names.is_empty() {
            names.extend(text(&["name", "fn"]).map(|name| (name, None)));
        }
        let email = text(&["email"]);
        let url = text(&["url"]);
        let uid = text(&["identifier", "uri"]);
        if names.is_empty() && email.is_none() && url.is_none() {
            continue;
        }
        made += 1;
        let node = draft.entity.node(&format!("{name}-{made}"));
        card(
            draft,
            subject,
            &node,
            &contact,
            &names,
            email.as_deref(),
            url.as_deref(),
        );
        if let Some(uid) = uid {
            match address(&uid) {
                Some(uid) => draft.entity.add(&node, HAS_UID, uid),
                None => draft.entity.add_text(&node, HAS_UID, &uid, None),
            }
        }
    }
    made
}

/// A contact in fields of its own; says whether there is one.
fn flat(draft: &mut Draft<'_>, package: &Fields<'_, '_>, keys: [&str; 3], at: usize) -> usize {
    let [name, email, url] = keys.map(|key| package.text(key).map(String::from));
    if name.is_none() && email.is_none() {
        return 0;
    }
    let place = keys
        .into_iter()
        .map(|key| package.get(key))
        .find(|field| !field.is_null());
    let Some(place) = place else {
        return 0;
    };
    let subject = draft.entity.iri.clone();
    let node = draft.entity.node(&format!("contact-field-{at}"));
    let names: Vec<_> = name.into_iter().map(|name| (name, None)).collect();
    card(
        draft,
        &subject,
        &node,
        &place,
        &names,
        email.as_deref(),
        url.as_deref(),
    );
    1
}

fn card(
    draft: &mut Draft<'_>,
    subject: &NamedNode,
    node: &NamedNode,
    place: &View<'_, '_>,
    names: &[(String, Option<String>)],
    email: Option<&str>,
    url: Option<&str>,
) {
    let entity = &mut draft.entity;
    entity.add_type(node, vcard::KIND);
    entity.add(subject, dcat::CONTACT_POINT, node.clone());
    entity.set_origin(node, place.pointer());
    for (name, language) in names {
        entity.add_text(node, vcard::FN, name, language.as_deref());
    }
    if let Some(email) = email {
        entity.add_iri(node, vcard::HAS_EMAIL, &mailto(email));
    }
    if let Some(url) = url {
        entity.add_iri(node, vcard::HAS_URL, url);
    }
}
