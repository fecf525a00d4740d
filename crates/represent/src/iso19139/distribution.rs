//! Formats and online resources: `MD_Distribution`.

use model::EntityKind;
use model::ns::{dcat, dcterms, foaf, geodcatap, rdfs};
use vocab::{Scheme, Vocab};

use super::Entity;
use super::writer::Writer;
use crate::graph::{Node, end};

/// Online resources of a record that are written.
const MOST: usize = 2_000;

const LINK: &str = "WWW:LINK-1.0-http--link";
const DOWNLOAD: &str = "WWW:DOWNLOAD-1.0-http--download";

/// The protocols of services, by what names them: the end of a standard's address, a format of the EU's list, our own label.
const PROTOCOLS: &[(&str, &[&str])] = &[
    ("OGC:WMTS", &["wmts", "wmts_srvc"]),
    ("OGC:WMS", &["wms", "wms_srvc"]),
    ("OGC:WFS", &["wfs", "wfs_srvc"]),
    ("OGC:WCS", &["wcs", "wcs_srvc"]),
    ("OGC:WPS", &["wps", "wps_srvc"]),
    ("OGC:CSW", &["cat", "csw", "csw_srvc"]),
    ("OGC:SOS", &["sos", "sos_srvc"]),
    ("OGC:SensorThings", &["sensorthings", "sta"]),
    ("OGC API", &["ogcapi-features", "ogc api", "ogc_api"]),
    ("OSGeo:TMS", &["tms", "tms_srvc"]),
    ("ESRI:REST", &["esri rest", "esri_rest"]),
    ("OPeNDAP", &["opendap", "ese-rfc-004v1.2.pdf"]),
];

impl<'a> Entity<'a> {
    pub(super) fn distribution(&self, w: &mut Writer<'a>) {
        let distributions: Vec<Node<'a>> = self.node.nodes(dcat::DISTRIBUTION).take(MOST).collect();
        let mut formats: Vec<String> = distributions
            .iter()
            .filter_map(|file| format(*file))
            .collect();
        formats.sort();
        formats.dedup();
        w.path("gmd:distributionInfo/gmd:MD_Distribution", |w| {
            for name in &formats {
                w.path("gmd:distributionFormat", |w| self.format(w, name));
            }
            // A record with several formats does not say which file has which, unless a distributor of one format has the file.
            let told = |file: &Node<'a>| match format(*file) {
                Some(format) => formats.len() < 2 || is_told(*file, &format, &formats),
                None => formats.is_empty() || is_service(*file),
            };
            let (told, untold): (Vec<Node<'a>>, Vec<Node<'a>>) =
                distributions.iter().partition(|file| told(file));
            for name in &formats {
                let files: Vec<Node<'a>> = untold
                    .iter()
                    .filter(|file| format(**file).as_deref() == Some(name))
                    .copied()
                    .collect();
                self.distributor(w, name, &files);
            }
            let formatless = untold.iter().filter(|file| format(**file).is_none());
            for file in told.iter().chain(formatless) {
                w.path("gmd:transferOptions", |w| self.transfer(w, *file));
            }
            self.endpoints(w);
            self.pages(w);
        });
    }

    fn format(&self, w: &mut Writer<'a>, name: &str) {
        w.path("gmd:MD_Format", |w| {
            w.string("gmd:name", name);
            w.nil("gmd:version", "unknown");
        });
    }

    fn distributor(&self, w: &mut Writer<'a>, format: &str, files: &[Node<'a>]) {
        if files.is_empty() {
            return;
        }
        w.path("gmd:distributor/gmd:MD_Distributor", |w| {
            w.nil("gmd:distributorContact", "inapplicable");
            w.path("gmd:distributorFormat", |w| self.format(w, format));
            for file in files {
                w.path("gmd:distributorTransferOptions", |w| {
                    self.transfer(w, *file)
                });
            }
        });
    }

    fn transfer(&self, w: &mut Writer<'a>, file: Node<'a>) {
        w.path("gmd:MD_DigitalTransferOptions", |w| {
            let bytes = file
                .value(dcat::BYTE_SIZE)
                .and_then(|size| size.parse::<f64>().ok());
            if let Some(bytes) = bytes.filter(|bytes| *bytes > 0.0 && bytes.is_finite()) {
                w.path("gmd:transferSize", |w| {
                    w.leaf("gco:Real", &format!("{}", bytes / 1e6))
                });
            }
            let address = file
                .value(dcat::DOWNLOAD_URL)
                .or(file.value(dcat::ACCESS_URL));
            if let Some(address) = address {
                w.path("gmd:onLine/gmd:CI_OnlineResource", |w| {
                    w.url("gmd:linkage", address);
                    w.string("gmd:protocol", &protocol(file));
                    w.texts("gmd:name", &file.texts(dcterms::TITLE));
                    w.texts("gmd:description", &file.texts(dcterms::DESCRIPTION));
                    w.code("gmd:function", "CI_OnLineFunctionCode", "download");
                });
            }
        });
    }

    /// Of a service, and what describes it: INSPIRE wants them here, whatever the operations say.
    fn endpoints(&self, w: &mut Writer<'a>) {
        if self.kind != EntityKind::DataService {
            return;
        }
        let protocol = service_protocol(self.node);
        let described = self.node.value(dcat::ENDPOINT_DESCRIPTION);
        let endpoint = self.node.value(dcat::ENDPOINT_URL);
        let asks = described.filter(|address| is_capabilities(address));
        if let Some(address) = asks.or(endpoint) {
            link(w, address, protocol.unwrap_or(LINK), Some("download"));
        }
        if let Some(address) = described.filter(|_| asks.is_none()) {
            link(w, address, LINK, Some("information"));
        }
    }

    /// A page about the resource has the function of informing, its landing page none.
    fn pages(&self, w: &mut Writer<'a>) {
        for page in self.node.objects(dcat::LANDING_PAGE).take(MOST) {
            link(w, page.as_str(), LINK, None);
        }
        for page in self.node.objects(foaf::PAGE).take(MOST) {
            link(w, page.as_str(), LINK, Some("information"));
        }
    }
}

fn link(w: &mut Writer<'_>, address: &str, protocol: &str, function: Option<&str>) {
    let path = "gmd:transferOptions/gmd:MD_DigitalTransferOptions/gmd:onLine/gmd:CI_OnlineResource";
    w.path(path, |w| {
        w.url("gmd:linkage", address);
        w.string("gmd:protocol", protocol);
        if let Some(function) = function {
            w.code("gmd:function", "CI_OnLineFunctionCode", function);
        }
    });
}

pub(super) fn is_capabilities(address: &str) -> bool {
    address.to_ascii_lowercase().contains("getcapabilities")
}

fn is_service(distribution: Node<'_>) -> bool {
    distribution.first(dcat::ACCESS_SERVICE).is_some()
}

/// The name of the format of a file; that of a service is its protocol.
fn format(file: Node<'_>) -> Option<String> {
    if is_service(file) {
        return None;
    }
    let format = file.objects(dcterms::FORMAT).next()?;
    let table = Vocab::bundled().scheme(Scheme::FileType);
    let listed = table
        .by_iri(format.as_str())
        .map(|found| found.concept.code.clone());
    let stated = file
        .first(dcterms::FORMAT)
        .and_then(|node| node.value(rdfs::LABEL));
    Some(
        listed
            .or_else(|| stated.map(str::to_owned))
            .unwrap_or_else(|| end(format.as_str()).to_owned()),
    )
}

/// Whether the address or the name of a file has a word of its format and of no format that stands before it.
fn is_told(file: Node<'_>, format: &str, formats: &[String]) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.len() > 2)
            .map(str::to_owned)
            .collect()
    };
    let address = file
        .value(dcat::DOWNLOAD_URL)
        .or(file.value(dcat::ACCESS_URL));
    let title = file.value(dcterms::TITLE);
    let told = words(&format!(
        "{} {}",
        address.unwrap_or_default(),
        title.unwrap_or_default()
    ));
    let names = |format: &String| words(format).iter().any(|word| told.contains(word));
    formats
        .iter()
        .find(|format| names(format))
        .map(String::as_str)
        == Some(format)
}

/// How a distribution is got: the protocol of its service, or that of a download.
pub(crate) fn protocol(file: Node<'_>) -> String {
    if let Some(service) = file.first(dcat::ACCESS_SERVICE) {
        let format = file.value(dcterms::FORMAT).and_then(protocol_of);
        let esri = file
            .value(dcat::ACCESS_URL)
            .filter(|address| address.contains("/rest/services"))
            .map(|_| "ESRI:REST");
        return service_protocol(service)
            .or(format)
            .or(esri)
            .unwrap_or(LINK)
            .to_owned();
    }
    match stated_media_type(file) {
        Some(media) => format!("WWW:DOWNLOAD:{media}"),
        None => DOWNLOAD.to_owned(),
    }
}

/// The media type of a file, where its format does not imply it.
fn stated_media_type(file: Node<'_>) -> Option<&str> {
    let vocab = Vocab::bundled();
    let media = file.value(dcat::MEDIA_TYPE)?;
    let implied = file
        .value(dcterms::FORMAT)
        .and_then(|format| vocab.scheme(Scheme::FileType).by_iri(format))
        .is_some_and(|found| {
            vocab
                .mapped(found.concept)
                .any(|implied| implied.iri.as_str() == media)
        });
    let name = media
        .split_once("/media-types/")
        .map_or(media, |(_, name)| name);
    let plain = ["application/", "image/", "text/"]
        .iter()
        .any(|kind| name.starts_with(kind));
    (!implied && plain && name != "text/html").then_some(name)
}

pub(super) fn service_protocol(service: Node<'_>) -> Option<&'static str> {
    service
        .nodes(geodcatap::SERVICE_PROTOCOL)
        .chain(service.nodes(dcterms::CONFORMS_TO))
        .find_map(|standard| protocol_of(standard.iri))
}

fn protocol_of(standard: &str) -> Option<&'static str> {
    let name = end(standard).to_ascii_lowercase();
    PROTOCOLS
        .iter()
        .find(|(_, names)| names.contains(&name.as_str()))
        .map(|(protocol, _)| *protocol)
}
