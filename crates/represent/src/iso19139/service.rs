//! What services have of their own: type, operations, the data that they work on.

use model::ns::{dcat, geodcatap};

use super::Entity;
use super::distribution::{is_capabilities, service_protocol};
use super::writer::Writer;
use crate::graph::{Node, end};

/// Datasets of a service that are named.
const MOST: usize = 5_000;

impl<'a> Entity<'a> {
    pub(super) fn service(&self, w: &mut Writer<'a>) {
        let kind = self
            .node
            .first(geodcatap::SERVICE_TYPE)
            .map_or("other", |kind| end(kind.iri));
        w.path("srv:serviceType", |w| w.leaf("gco:LocalName", kind));
        self.extents(w, "srv:extent");
        let datasets: Vec<Node<'a>> = self.node.nodes(dcat::SERVES_DATASET).take(MOST).collect();
        let coupling = match datasets.is_empty() {
            true => "loose",
            false => "tight",
        };
        w.path("srv:couplingType", |w| {
            let attributes = [
                (
                    "codeList",
                    "http://standards.iso.org/iso/19139/resources/gmxCodelists.xml#SV_CouplingType",
                ),
                ("codeListValue", coupling),
            ];
            w.leaf_with("srv:SV_CouplingType", &attributes, coupling);
        });
        self.operations(w);
        for dataset in datasets {
            let linked = self.linked(dataset.iri);
            let address = linked.address.as_deref().unwrap_or(dataset.iri);
            w.empty(
                "srv:operatesOn",
                &[("uuidref", &linked.identifier), ("xlink:href", address)],
            );
        }
    }

    /// Where capabilities are asked for. The endpoint of what speaks no such protocol stands among the online resources.
    fn operations(&self, w: &mut Writer<'a>) {
        let described = self
            .node
            .value(dcat::ENDPOINT_DESCRIPTION)
            .filter(|address| is_capabilities(address));
        let endpoint = self.node.value(dcat::ENDPOINT_URL).filter(|_| {
            service_protocol(self.node).is_some_and(|protocol| protocol.starts_with("OGC:"))
        });
        let Some(address) = described.or(endpoint) else {
            w.nil("srv:containsOperations", "missing");
            return;
        };
        w.path("srv:containsOperations/srv:SV_OperationMetadata", |w| {
            w.string("srv:operationName", "GetCapabilities");
            w.path("srv:DCP", |w| {
                let attributes = [
                    (
                        "codeList",
                        "http://standards.iso.org/iso/19139/resources/gmxCodelists.xml#DCPList",
                    ),
                    ("codeListValue", "WebServices"),
                ];
                w.leaf_with("srv:DCPList", &attributes, "WebServices");
            });
            w.path("srv:connectPoint/gmd:CI_OnlineResource", |w| {
                w.url("gmd:linkage", address);
                if let Some(protocol) = service_protocol(self.node) {
                    w.string("gmd:protocol", protocol);
                }
            });
        });
    }
}
