//! Online resources: distributions, services that give access, pages.

use std::collections::HashSet;

use model::ns::{adms, cnt, dcat, dcterms, foaf, geodcatap};
use model::{Checksum, EntityKind, Severity};
use oxrdf::NamedNode;
use oxrdf::vocab::xsd;

use super::codes;
use super::online::{Service, data_extension, endpoint, is_intranet};
use super::paths;
use super::text::{Text, code, fold_code};
use super::{Element, Mapping};

/// How many online resources of a record are read.
const MAX_ONLINE: usize = 2_000;

/// One `CI_OnlineResource`, with what stands around it.
pub(super) struct Online<'t> {
    pub place: Element<'t>,
    pub address: &'t str,
    pub protocol: &'t str,
    pub names: Vec<Text<'t>>,
    pub descriptions: Vec<Text<'t>>,
    pub function: String,
    pub service: Option<&'static Service>,
    mime: Option<&'t str>,
    formats: Vec<String>,
    megabytes: Option<f64>,
}

/// What an online resource is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Data,
    Landing,
    Page,
}

impl Online<'_> {
    /// GeoDCAT-AP 3.0, annex B.4.5: what is for download, offline access or order is a distribution, what informs or
    /// searches is a page, what says nothing is the landing page. Most records say nothing, and say it by the protocol
    /// and the address: services and files are distributions whatever the function is left out.
    pub fn purpose(&self) -> Use {
        let address = self.address.to_ascii_lowercase();
        if address.contains("getrecordbyid") {
            return Use::Page;
        }
        if address.contains("#/metadata/") || address.contains("/metadata.show") || self.function == "completemetadata" {
            return Use::Landing;
        }
        let protocol = self.protocol.to_ascii_lowercase();
        let downloads = ["download", "ftp", "copyfile", "file:", "atom", "opendap", "image/", "application/", "text/csv"].iter().any(|word| protocol.contains(word)) && !protocol.contains("html");
        let speaks = self.service.is_some();
        match self.function.as_str() {
            "download" | "offlineaccess" | "order" | "fileaccess" | "webmapservice" => Use::Data,
            "information" | "search" | "browsing" | "informationcontent" | "browsegraphic" | "emailservice" if !(speaks && address.contains("getcapabilities")) => Use::Page,
            _ if speaks || downloads || data_extension(self.address).is_some() => Use::Data,
            _ => Use::Landing,
        }
    }

    fn key(&self) -> String {
        let title = self.names.first().map(|text| text.value).unwrap_or_default();
        let hash = Checksum::of(format!("{}\0{title}", self.address).as_bytes()).to_string();
        hash.get(..12).unwrap_or(&hash).to_owned()
    }
}

impl<'t> Mapping<'_, 't> {
    pub(super) fn distributions(&mut self) {
        let resources = self.online_resources();
        let mut seen = HashSet::new();
        for online in &resources {
            let subject = self.entity.iri.clone();
            match online.purpose() {
                Use::Data if self.has_distributions() => {
                    if seen.insert(online.key()) {
                        self.distribution(online);
                    }
                }
                Use::Page if self.entity.kind != EntityKind::DataService => self.entity.add_iri(&subject, foaf::PAGE, online.address),
                Use::Page | Use::Landing | Use::Data => self.entity.add_iri(&subject, dcat::LANDING_PAGE, online.address),
            }
        }
    }

    /// The online resources of the record, without empty ones and those of internal networks.
    pub(super) fn online_resources(&mut self) -> Vec<Online<'t>> {
        let general: Vec<String> = self.all(self.root, &paths::DISTRIBUTION_FORMAT).into_iter().filter_map(|format| self.format(format)).collect();
        let mut found = Vec::new();
        for transfer in self.all(self.root, &paths::TRANSFER) {
            self.transfer(transfer, &general, &mut found);
        }
        for distributor in self.all(self.root, &paths::DISTRIBUTOR).into_iter().filter_map(Element::object) {
            let own: Vec<String> = distributor.all("distributorFormat").into_iter().filter_map(|format| self.format(format)).collect();
            let formats = if own.is_empty() { &general } else { &own };
            for transfer in distributor.all("distributorTransferOptions") {
                self.transfer(transfer, formats, &mut found);
            }
        }
        found
    }

    fn format(&self, property: Element<'t>) -> Option<String> {
        let object = property.object()?;
        let name = paths::FORMAT_NAME.of(self.standard).iter().find_map(|path| object.value_of(path))?;
        Some(name.to_owned())
    }

    fn transfer(&mut self, transfer: Element<'t>, formats: &[String], found: &mut Vec<Online<'t>>) {
        let Some(options) = transfer.object() else { return };
        let own: Vec<String> = options.all("distributionFormat").into_iter().filter_map(|format| self.format(format)).collect();
        let formats = if own.is_empty() { formats } else { &own };
        let megabytes = options.value_of("transferSize").and_then(|size| size.replace(',', ".").parse().ok()).filter(|size: &f64| size.is_finite() && *size > 0.0 && *size < 1e12);
        let begin = found.len();
        for place in options.all("onLine") {
            if found.len() >= MAX_ONLINE {
                return;
            }
            if let Some(mut online) = place.object().and_then(|object| self.online(object)) {
                online.formats = formats.to_vec();
                found.push(online);
            }
        }
        // The size is of the transfer: which of several files it is of cannot be known.
        let mut data = found.iter_mut().skip(begin).filter(|online| online.purpose() == Use::Data && online.service.is_none());
        if let (Some(only), None) = (data.next(), data.next()) {
            only.megabytes = megabytes;
        } else if let [only] = &mut found[begin..] {
            only.megabytes = megabytes;
        }
    }

    pub(super) fn online(&mut self, object: Element<'t>) -> Option<Online<'t>> {
        let address = object.value_of("linkage").unwrap_or_default();
        let names = object.child("name").map(|name| self.locales.texts(name)).unwrap_or_default();
        if address.is_empty() {
            if let Some(name) = names.first() {
                self.find(
                    "distribution/no-url",
                    Severity::Warning,
                    object,
                    name.value,
                    "this online resource has no address; it was left out",
                    "Give its address in linkage, or take the resource out.",
                );
            }
            return None;
        }
        if is_intranet(address) {
            self.find(
                "distribution/intranet-url",
                Severity::Info,
                object,
                address,
                "only an internal network reaches this address; it was left out of the public catalogue",
                "Publish the resource on the Internet, or keep the internal address out of the public record.",
            );
            return None;
        }
        let protocol = object.value_of("protocol").unwrap_or_default();
        let file = object.child("name").and_then(|name| name.children().find(|child| child.name() == "MimeFileType"));
        Some(Online {
            place: object,
            address,
            protocol,
            names,
            descriptions: object.child("description").map(|description| self.locales.texts(description)).unwrap_or_default(),
            function: object.child("function").and_then(code).map(fold_code).unwrap_or_default(),
            service: Service::detect(protocol, address),
            mime: file.and_then(|file| file.attribute("type")).filter(|mime| mime.contains('/')).or_else(|| mime_of(protocol)),
            formats: Vec::new(),
            megabytes: None,
        })
    }

    fn distribution(&mut self, online: &Online<'t>) {
        let subject = self.entity.iri.clone();
        let key = online.key();
        let node = self.entity.node(&format!("distribution-{key}"));
        self.entity.set_origin(&node, online.place.xpath());
        self.entity.add(&subject, dcat::DISTRIBUTION, node.clone());
        self.entity.add_type(&node, dcat::DISTRIBUTION_CLASS);
        self.add_texts(&node, dcterms::TITLE, &online.names);
        self.add_texts(&node, dcterms::DESCRIPTION, &online.descriptions);
        self.entity.add_iri(&node, dcat::ACCESS_URL, online.address);
        match online.service {
            Some(service) => self.access_service(&node, online, service, &key),
            None => self.file(&node, online),
        }
        if let Some(megabytes) = online.megabytes {
            let bytes = (megabytes * 1e6).round();
            self.entity.add_typed(&node, dcat::BYTE_SIZE, &format!("{bytes}"), xsd::NON_NEGATIVE_INTEGER);
        }
        if let Some(representation) = self.all(self.info, &paths::REPRESENTATION).into_iter().find_map(|property| codes::REPRESENTATION.address(code(property)?)) {
            self.entity.add(&node, adms::REPRESENTATION_TECHNIQUE, NamedNode::new_unchecked(representation));
        }
        if let Some(charset) = self.code(self.info, &paths::RESOURCE_CHARSET) {
            self.entity.add_text(&node, cnt::CHARACTER_ENCODING, charset_name(charset), None);
        }
    }

    /// The format of a file is that of the record, if it has one; among several, the one that the address or the name
    /// tells of. A distribution has one format (DCAT-AP 3.0.1).
    fn file(&mut self, node: &NamedNode, online: &Online<'t>) {
        if data_extension(online.address).is_some() {
            self.entity.add_iri(node, dcat::DOWNLOAD_URL, online.address);
        }
        if let Some(mime) = online.mime {
            self.entity.add_text(node, dcat::MEDIA_TYPE, mime, None);
        }
        let told = format!("{} {}", online.address, online.names.first().map(|text| text.value).unwrap_or_default()).to_lowercase();
        let words = |format: &str| format.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2).map(str::to_owned).collect::<Vec<_>>();
        let told_words: HashSet<String> = words(&told).into_iter().collect();
        let format = match online.formats.as_slice() {
            [] => None,
            [one] => Some(one),
            several => {
                let matching = several.iter().find(|format| words(format).iter().any(|word| told_words.contains(word)));
                if matching.is_none() {
                    self.find(
                        "distribution/ambiguous-format",
                        Severity::Info,
                        online.place,
                        &several.join(", "),
                        "the record gives several formats, and nothing says which one this file has; the first was kept",
                        "Give each distribution its own format (MD_Distributor with its distributorFormat and its transfer options).",
                    );
                }
                matching.or(several.first())
            }
        };
        if let Some(format) = format {
            self.entity.add_text(node, dcterms::FORMAT, format, None);
        }
    }

    fn access_service(&mut self, distribution: &NamedNode, online: &Online<'t>, service: &'static Service, key: &str) {
        let subject = self.entity.iri.clone();
        let node = self.entity.node(&format!("service-{key}"));
        self.entity.set_origin(&node, online.place.xpath());
        self.entity.add_text(distribution, dcterms::FORMAT, service.label, None);
        self.entity.add(distribution, dcat::ACCESS_SERVICE, node.clone());
        self.entity.add_type(&node, dcat::DATA_SERVICE);
        if online.names.is_empty() {
            self.entity.add_text(&node, dcterms::TITLE, service.label, None);
        } else {
            self.add_texts(&node, dcterms::TITLE, &online.names);
        }
        self.endpoint(&node, online.address, Some(service));
        self.entity.add(&node, dcat::SERVES_DATASET, subject);
    }

    /// The endpoint of a service, what describes it, and the standard it speaks.
    pub(super) fn endpoint(&mut self, node: &NamedNode, address: &str, service: Option<&'static Service>) {
        let (endpoint, description) = endpoint(address);
        self.entity.add_iri(node, dcat::ENDPOINT_URL, &endpoint);
        if let Some(description) = description {
            self.entity.add_iri(node, dcat::ENDPOINT_DESCRIPTION, description);
        }
        if let Some(standard) = service.and_then(|service| service.standard) {
            self.entity.add(node, dcterms::CONFORMS_TO, NamedNode::new_unchecked(standard));
            self.entity.add(node, geodcatap::SERVICE_PROTOCOL, NamedNode::new_unchecked(standard));
        }
    }
}

/// `WWW:DOWNLOAD:text/csv`, `image/jp2`.
fn mime_of(protocol: &str) -> Option<&str> {
    let last = protocol.rsplit(':').next().unwrap_or(protocol).trim();
    let is_mime = ["application/", "image/", "text/"].iter().any(|kind| last.starts_with(kind)) && !last.contains(' ') && last != "text/html";
    is_mime.then_some(last)
}

/// The name that IANA gives a character set.
fn charset_name(code: &str) -> &str {
    match fold_code(code).as_str() {
        "utf8" => "UTF-8",
        "utf16" => "UTF-16",
        "8859part1" | "iso88591" => "ISO-8859-1",
        "8859part15" | "iso885915" => "ISO-8859-15",
        "usascii" => "US-ASCII",
        _ => code,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::*;

    fn purpose(function: &str, protocol: &str, address: &str) -> Use {
        let tree = Tree::parse(b"<a/>").unwrap();
        let place = tree.root();
        Online { place, address, protocol, names: Vec::new(), descriptions: Vec::new(), function: fold_code(function), service: Service::detect(protocol, address), mime: None, formats: Vec::new(), megabytes: None }.purpose()
    }

    #[test]
    fn what_online_resources_are_for() {
        for (function, protocol, address, wanted) in [
            ("download", "WWW:LINK", "https://a.example/x", Use::Data),
            ("", "OGC:WMS", "https://a.example/wms?", Use::Data),
            ("", "WWW:DOWNLOAD-1.0-http--download", "https://a.example/x", Use::Data),
            ("", "WWW:DOWNLOAD-1.0-http--download", "https://a.example/catalog.search#/metadata/1", Use::Landing),
            ("", "", "https://a.example/x.zip", Use::Data),
            ("", "WWW:LINK-1.0-http--link", "https://a.example/x", Use::Landing),
            ("Information", "WWW:DOWNLOAD", "https://a.example/x.pdf", Use::Page),
            ("information", "", "https://a.example/csw?request=GetRecordById&id=1", Use::Page),
            ("information", "OGC:WMS", "https://a.example/wms?service=WMS&request=GetCapabilities", Use::Data),
        ] {
            assert_eq!(purpose(function, protocol, address), wanted, "{function} {protocol} {address}");
        }
    }

    #[test]
    fn mime_types_of_protocols() {
        assert_eq!(mime_of("WWW:DOWNLOAD:text/csv"), Some("text/csv"));
        assert_eq!(mime_of("OGC:WMS"), None);
    }
}
