//! Reading responsible parties: `CI_ResponsibleParty` of ISO 19139, `CI_Responsibility` of ISO 19115-3.

use super::online::is_intranet;
use super::paths;
use super::text::{Text, code, is_code};
use super::{Element, Mapping};

/// How many parties of a record are read.
pub(super) const MAX_PARTIES: usize = 300;

/// One party in one role.
pub(super) struct Party<'t> {
    pub place: Element<'t>,
    pub organisation: Vec<Text<'t>>,
    pub individual: Option<String>,
    pub position: Option<&'t str>,
    pub role: Option<&'t str>,
    /// `CI_Contact` elements: the organisation's, the person's.
    pub contacts: Vec<Element<'t>>,
}

impl<'t> Party<'t> {
    pub fn has_role(&self, role: &str) -> bool {
        self.role.is_some_and(|given| is_code(given, role))
    }

    pub fn name(&self) -> Option<&str> {
        let organisation = self.organisation.first().map(|text| text.value);
        organisation
            .or(self.individual.as_deref())
            .or(self.position)
    }

    pub fn detail(&self, path: &str) -> Option<&'t str> {
        self.contacts
            .iter()
            .find_map(|contact| contact.value_of(path))
    }

    /// The fields of e-mail addresses; a field may hold several.
    pub fn email_fields(&self) -> Vec<&'t str> {
        self.contacts
            .iter()
            .flat_map(|contact| contact.all("address/electronicMailAddress"))
            .map(|field| field.value())
            .filter(|field| !field.is_empty())
            .take(20)
            .collect()
    }

    pub fn can_be_reached(&self) -> bool {
        self.email_fields().iter().any(|email| email.contains('@'))
            || self
                .detail("phone/voice")
                .or_else(|| self.detail("phone/number"))
                .is_some()
            || self.url().is_some()
    }

    pub fn url(&self) -> Option<&'t str> {
        self.detail("onlineResource/linkage")
            .filter(|url| url.starts_with("http") && !is_intranet(url))
    }
}

impl<'t> Mapping<'_, 't> {
    pub(super) fn parties(&self, from: Element<'t>, path: &paths::Path) -> Vec<Party<'t>> {
        self.all(from, path)
            .into_iter()
            .take(MAX_PARTIES)
            .filter_map(|contact| self.party(contact))
            .collect()
    }

    /// `CI_ResponsibleParty` of ISO 19139, `CI_Responsibility` of ISO 19115-3.
    pub(super) fn party(&self, contact: Element<'t>) -> Option<Party<'t>> {
        let object = contact.object()?;
        let role = object.first("role").and_then(code);
        let mut party = Party {
            place: contact,
            organisation: Vec::new(),
            individual: None,
            position: None,
            role,
            contacts: Vec::new(),
        };
        if object.child("party").is_none() {
            party.organisation = object
                .child("organisationName")
                .map(|name| self.locales.texts(name))
                .unwrap_or_default();
            party.individual = person(object);
            party.position = object.value_of("positionName");
            party.contacts = object
                .all("contactInfo")
                .into_iter()
                .filter_map(Element::object)
                .collect();
        }
        for part in object
            .all("party")
            .into_iter()
            .take(20)
            .filter_map(Element::object)
        {
            let mut people: Vec<Element<'t>> = part
                .all("individual")
                .into_iter()
                .filter_map(Element::object)
                .collect();
            if part.name().ends_with("CI_Organisation") {
                if party.organisation.is_empty() {
                    party.organisation = part
                        .child("name")
                        .map(|name| self.locales.texts(name))
                        .unwrap_or_default();
                }
                party.contacts.extend(
                    part.all("contactInfo")
                        .into_iter()
                        .filter_map(Element::object),
                );
            } else {
                people.push(part);
            }
            for individual in people {
                party.individual = party
                    .individual
                    .or_else(|| individual.value_of("name").map(str::to_owned));
                party.position = party
                    .position
                    .or_else(|| individual.value_of("positionName"));
                party.contacts.extend(
                    individual
                        .all("contactInfo")
                        .into_iter()
                        .filter_map(Element::object),
                );
            }
        }
        party.name().is_some().then_some(party)
    }
}

/// The person's name; the Swiss profile has it in two parts.
fn person(object: Element<'_>) -> Option<String> {
    let whole = object.value_of("individualName").map(str::to_owned);
    whole.or_else(|| {
        let parts: Vec<&str> = ["individualFirstName", "individualLastName"]
            .iter()
            .filter_map(|part| object.value_of(part))
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    })
}

/// An address of RFC 3966. A number without its country's prefix is one of the country, where that is France; else it
/// stays as it is written.
pub(super) fn telephone(number: &str, country: Option<&str>) -> Option<String> {
    let first = number.split([',', ';', '/', '\n']).next().unwrap_or(number);
    let international = first.trim_start().starts_with('+') || first.trim_start().starts_with("00");
    let digits: String = first
        .replace("(0)", "")
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    if !(4..=18).contains(&digits.len()) {
        return None;
    }
    let in_france = country.is_some_and(|country| {
        matches!(
            country.trim().to_lowercase().as_str(),
            "france" | "fr" | "fra"
        )
    });
    Some(match digits.strip_prefix("00") {
        Some(rest) => format!("tel:+{rest}"),
        None if international => format!("tel:+{digits}"),
        None if in_france && digits.len() == 10 && digits.starts_with('0') => {
            format!("tel:+33{}", &digits[1..])
        }
        None => format!("tel:{digits}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephones() {
        for (given, country, wanted) in [
            ("01 82 52 51 84", Some("France"), Some("tel:+33182525184")),
            ("01 82 52 51 84", None, Some("tel:0182525184")),
            ("+33 (0)1 82 52 51 84", None, Some("tel:+33182525184")),
            ("0032 2 123 45 67", None, Some("tel:+3221234567")),
            ("néant", None, None),
        ] {
            assert_eq!(telephone(given, country).as_deref(), wanted, "{given}");
        }
    }
}
