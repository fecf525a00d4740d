//! Who publishes, made, and answers for a dataset.

use model::ns::{dcat, dcterms, vcard};
use oxrdf::NamedNodeRef;

use super::{Record, first, texts, web};
use crate::agent;
use crate::draft::{Draft, mailto};
use crate::json::View;

const CONTRIBUTOR: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://purl.org/dc/terms/contributor");

/// The publisher types of ADMS, of which Opendatasoft gives the codes.
const PUBLISHER_TYPES: [&str; 10] = [
    "Academia-ScientificOrganisation",
    "Company",
    "IndustryConsortium",
    "LocalAuthority",
    "NationalAuthority",
    "NonGovernmentalOrganisation",
    "NonProfitOrganisation",
    "RegionalAuthority",
    "StandardisationBody",
    "SupraNationalAuthority",
];

pub(super) fn map(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    publisher(draft, record);
    let roles = [("creator", dcterms::CREATOR), ("contributor", CONTRIBUTOR)];
    for (key, predicate) in roles {
        let field = record.dcat.get(key);
        for name in field.texts().take(super::MOST) {
            named(draft, &name, field, predicate);
        }
    }
    contact(draft, record);
    inspire_contact(draft, record);
}

fn publisher(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    let name = first(&[record.default], &["publisher"])
        .or_else(|| first(&record.national, &["publisher_name", "publisher"]));
    let Some(name) = name else { return };
    let place = format!("{}/publisher", record.default.pointer());
    let Some(mut agent) = agent::by_name(draft, &name, place) else {
        return;
    };
    let iri = agent.iri.clone();
    if let Some(kind) = first(&record.profiles(), &["publisher_type"]) {
        let known = PUBLISHER_TYPES
            .iter()
            .find(|code| kind.eq_ignore_ascii_case(code));
        match (known, web(&kind)) {
            (Some(code), _) => {
                let address = format!("http://purl.org/adms/publishertype/{code}");
                agent.add_iri(&iri, dcterms::TYPE, &address);
            }
            (None, Some(address)) => agent.add_iri(&iri, dcterms::TYPE, address),
            (None, None) => {}
        }
    }
    agent::finish(draft, agent, dcterms::PUBLISHER);
}

/// An agent by its name.
pub(super) fn named(
    draft: &mut Draft<'_>,
    name: &str,
    place: View<'_, '_>,
    predicate: NamedNodeRef<'_>,
) {
    if let Some(agent) = agent::by_name(draft, name, place.pointer()) {
        agent::finish(draft, agent, predicate);
    }
}

fn contact(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    for template in record.profiles() {
        let name = first(&[template], &["contact_name"]);
        let email = first(&[template], &["contact_email"]);
        if name.is_some() || email.is_some() {
            card(
                draft,
                "contact",
                name.as_deref(),
                email.as_deref(),
                template,
            );
            return;
        }
    }
}

/// A vCard, and whether there is none yet of this name.
pub(super) fn card(
    draft: &mut Draft<'_>,
    local: &str,
    name: Option<&str>,
    email: Option<&str>,
    place: View<'_, '_>,
) -> bool {
    let node = draft.entity.node(local);
    if !draft.claim(&node) {
        return false;
    }
    draft.open(&node, vcard::KIND, dcat::CONTACT_POINT, &place);
    if let Some(name) = name {
        draft.entity.add_text(&node, vcard::FN, name, None);
    }
    if let Some(email) = email {
        draft
            .entity
            .add_iri(&node, vcard::HAS_EMAIL, &mailto(email));
    }
    true
}

/// INSPIRE's contact is a person, with a position and a postal address.
fn inspire_contact(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    let field = |key| texts(record.inspire, key).into_iter().next();
    let name = field("contact_individual_name");
    let email = field("contact_email");
    let (position, address) = (field("contact_position"), field("contact_address"));
    let known = [&name, &email, &position, &address];
    if known.iter().all(|field| field.is_none()) {
        return;
    }
    // The same as in the template of DCAT, which has no more to say.
    let same = first(&[record.dcat], &["contact_name"]) == name
        && first(&[record.dcat], &["contact_email"]) == email;
    let local = if same { "contact" } else { "contact-inspire" };
    card(
        draft,
        local,
        name.as_deref(),
        email.as_deref(),
        record.inspire,
    );
    let node = draft.entity.node(local);
    if let Some(position) = position {
        record.text(draft, &node, vcard::TITLE, &position);
    }
    if let Some(address) = address {
        let own = draft.entity.node(&format!("{local}-address"));
        draft.entity.add_type(&own, vcard::ADDRESS);
        draft.entity.add(&node, vcard::HAS_ADDRESS, own.clone());
        draft.entity.set_origin(&own, record.inspire.pointer());
        draft
            .entity
            .add_text(&own, vcard::STREET_ADDRESS, &address, None);
    }
}
