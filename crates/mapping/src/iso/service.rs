//! Services: type, endpoints, operations, and the datasets that they work on.

use model::EntityKind;
use model::ns::{dcat, geodcatap};
use oxrdf::NamedNode;

use super::codes;
use super::online::Service;
use super::text::is_code;
use super::transfer::{Online, Use};
use super::{Element, Mapping};

impl<'t> Mapping<'_, 't> {
    pub(super) fn service(&mut self) {
        let subject = self.entity.iri.clone();
        let stated = self.info.value_of("serviceType").unwrap_or_default();
        let known = Service::named(stated.trim_start_matches("urn:ogc:serviceType:"));
        if let Some(address) = codes::SERVICE_TYPE.address(stated) {
            self.entity.add(
                &subject,
                geodcatap::SERVICE_TYPE,
                NamedNode::new_unchecked(address),
            );
        }
        self.endpoints(known);
        self.operates_on();
    }

    /// The endpoint is where capabilities are asked for; else where an operation is; else the online resource that
    /// speaks a service's protocol; else the first online resource for data, else the first that does not say what it is for.
    fn endpoints(&mut self, known: Option<&'static Service>) {
        let subject = self.entity.iri.clone();
        let mut operations: Vec<(bool, Element<'t>)> = Vec::new();
        for operation in self
            .info
            .all("containsOperations")
            .into_iter()
            .take(200)
            .filter_map(Element::object)
        {
            let capabilities = operation
                .value_of("operationName")
                .is_some_and(|name| is_code(name, "GetCapabilities"));
            operations.extend(
                operation
                    .all("connectPoint")
                    .into_iter()
                    .filter_map(Element::object)
                    .map(|point| (capabilities, point)),
            );
        }
        let mut points = Vec::new();
        for (capabilities, point) in operations.into_iter().take(500) {
            if let Some(online) = self.online(point) {
                points.push((capabilities, online));
            }
        }
        let resources = self.online_resources();
        let operation = points
            .iter()
            .find(|(capabilities, _)| *capabilities)
            .or_else(|| points.first())
            .map(|(_, online)| online);
        let speaking = resources.iter().find(|online| online.service.is_some());
        let data = resources
            .iter()
            .find(|online| online.purpose() == Use::Data);
        let unsaid = resources
            .iter()
            .find(|online| online.says_nothing() && online.purpose() == Use::Landing);
        let Some(chosen) = operation.or(speaking).or(data).or(unsaid) else {
            self.landing_pages(&resources, None);
            return;
        };
        let service = chosen
            .service
            .or(known)
            .or_else(|| resources.iter().find_map(|online| online.service));
        self.endpoint(&subject, chosen.address, service);
        let described = self
            .entity
            .object(&subject, dcat::ENDPOINT_DESCRIPTION)
            .is_some();
        if !described
            && let Some(other) = resources
                .iter()
                .chain(points.iter().map(|(_, online)| online))
                .find(|online| {
                    online
                        .address
                        .to_ascii_lowercase()
                        .contains("getcapabilities")
                })
        {
            self.entity
                .add_iri(&subject, dcat::ENDPOINT_DESCRIPTION, other.address);
        }
        let address = chosen.address;
        self.landing_pages(&resources, Some(address));
    }

    fn landing_pages(&mut self, resources: &[Online<'t>], endpoint: Option<&str>) {
        let subject = self.entity.iri.clone();
        for online in resources
            .iter()
            .filter(|online| online.purpose() != Use::Data && Some(online.address) != endpoint)
        {
            self.entity
                .add_iri(&subject, dcat::LANDING_PAGE, online.address);
        }
    }

    fn operates_on(&mut self) {
        for property in self
            .info
            .all("operatesOn")
            .into_iter()
            .chain(self.info.all("coupledResource/resource"))
        {
            let identifier = property.value_of("citation/identifier/code");
            self.link(
                dcat::SERVES_DATASET,
                EntityKind::Dataset,
                property,
                identifier,
            );
        }
        for identifier in self.info.all("coupledResource/identifier") {
            self.link(
                dcat::SERVES_DATASET,
                EntityKind::Dataset,
                identifier,
                Some(identifier.value()),
            );
        }
    }
}
