//! Responsible parties as `CI_ResponsibleParty`.

use model::ns::vcard;

use super::Entity;
use super::writer::Writer;
use crate::graph::{Node, Text};
use crate::parties::{Party, parties};

impl<'a> Entity<'a> {
    /// Those who answer for the record; the catalogue where nobody does, for there must be one.
    pub(super) fn record_contacts(&self, w: &mut Writer<'a>) {
        let mut written = 0;
        if let Some(record) = self.record {
            written = write_all(w, record, "gmd:contact");
        }
        if written == 0 {
            let party = Party {
                organisation: vec![Text {
                    value: self.context.publisher,
                    language: None,
                }],
                page: Some(self.context.home),
                ..Party::default()
            };
            party.write(w, "gmd:contact", "pointOfContact");
        }
    }

    /// Those of the resource.
    pub(super) fn resource_contacts(&self, w: &mut Writer<'a>) {
        write_all(w, self.node, "gmd:pointOfContact");
    }
}

fn write_all<'a>(w: &mut Writer<'a>, of: Node<'a>, property: &str) -> usize {
    let all = parties(of);
    for (party, role) in &all {
        party.write(w, property, role);
    }
    all.len()
}

impl<'a> Party<'a> {
    fn write(&self, w: &mut Writer<'a>, property: &str, role: &str) {
        w.path(&format!("{property}/gmd:CI_ResponsibleParty"), |w| {
            if let Some(individual) = self.individual {
                w.string("gmd:individualName", individual);
            }
            w.texts("gmd:organisationName", &self.organisation);
            self.contact(w);
            w.code("gmd:role", "CI_RoleCode", role);
        });
    }

    fn contact(&self, w: &mut Writer<'a>) {
        let reachable = !self.emails.is_empty() || self.address.is_some();
        if !reachable && self.telephone.is_none() && self.page.is_none() {
            return;
        }
        w.path("gmd:contactInfo/gmd:CI_Contact", |w| {
            if let Some(telephone) = self.telephone {
                w.path("gmd:phone/gmd:CI_Telephone", |w| {
                    w.string("gmd:voice", telephone)
                });
            }
            if reachable {
                w.path("gmd:address/gmd:CI_Address", |w| self.address(w));
            }
            if let Some(page) = self.page {
                w.path("gmd:onlineResource/gmd:CI_OnlineResource", |w| {
                    w.url("gmd:linkage", page);
                });
            }
        });
    }

    fn address(&self, w: &mut Writer<'a>) {
        let parts = [
            ("gmd:deliveryPoint", vcard::STREET_ADDRESS),
            ("gmd:city", vcard::LOCALITY),
            ("gmd:administrativeArea", vcard::REGION),
            ("gmd:postalCode", vcard::POSTAL_CODE),
            ("gmd:country", vcard::COUNTRY_NAME),
        ];
        for (property, predicate) in parts {
            if let Some(value) = self.address.and_then(|address| address.value(predicate)) {
                w.string(property, value);
            }
        }
        for email in &self.emails {
            w.string("gmd:electronicMailAddress", email);
        }
    }
}
