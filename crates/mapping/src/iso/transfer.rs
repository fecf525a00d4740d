//! Reading online resources, with the formats and sizes that stand around them.

use model::{Checksum, Severity};

use super::online::{Service, data_extension, is_intranet};
use super::paths;
use super::text::{Text, code, fold_code};
use super::{Element, Mapping};

/// How many online resources of a record are read.
const MAX_ONLINE: usize = 2_000;
/// How many formats of a distribution are read.
const MAX_FORMATS: usize = 50;

/// One `CI_OnlineResource`, with what stands around it.
pub(crate) struct Online<'t> {
    pub place: Element<'t>,
    pub address: &'t str,
    pub protocol: &'t str,
    pub names: Vec<Text<'t>>,
    pub descriptions: Vec<Text<'t>>,
    pub function: String,
    pub service: Option<&'static Service>,
    pub mime: Option<&'t str>,
    pub formats: Vec<String>,
    pub megabytes: Option<f64>,
}

/// What an online resource is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
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
        if address.contains("#/metadata/")
            || address.contains("/metadata.show")
            || self.function == "completemetadata"
        {
            return Use::Landing;
        }
        let protocol = self.protocol.to_ascii_lowercase();
        let downloads = [
            "download",
            "ftp",
            "copyfile",
            "file:",
            "atom",
            "opendap",
            "image/",
            "application/",
            "text/csv",
        ]
        .iter()
        .any(|word| protocol.contains(word))
            && !protocol.contains("html");
        let speaks = self.service.is_some();
        match self.function.as_str() {
            "download" | "offlineaccess" | "order" | "fileaccess" | "webmapservice" => Use::Data,
            "information" | "search" | "browsing" | "informationcontent" | "browsegraphic"
            | "emailservice"
                if !(speaks && address.contains("getcapabilities")) =>
            {
                Use::Page
            }
            _ if speaks || downloads || data_extension(self.address).is_some() => Use::Data,
            _ => Use::Landing,
        }
    }

    /// Whether the record does not say what it is for.
    pub fn says_nothing(&self) -> bool {
        self.function.is_empty() && self.address.starts_with("http")
    }

    /// What a distribution of it is named by.
    pub fn key(&self) -> String {
        let title = self
            .names
            .first()
            .map(|text| text.value)
            .unwrap_or_default();
        let hash = Checksum::of(format!("{}\0{title}", self.address).as_bytes()).to_string();
        hash.get(..12).unwrap_or(&hash).to_owned()
    }
}

impl<'t> Mapping<'_, 't> {
    /// The online resources of the record, without empty ones and those of internal networks.
    pub(super) fn online_resources(&mut self) -> Vec<Online<'t>> {
        let general: Vec<String> = self
            .all(self.root, &paths::DISTRIBUTION_FORMAT)
            .into_iter()
            .take(MAX_FORMATS)
            .filter_map(|format| self.format(format))
            .collect();
        let mut found = Vec::new();
        for transfer in self.all(self.root, &paths::TRANSFER) {
            self.transfer(transfer, &general, &mut found);
        }
        for distributor in self
            .all(self.root, &paths::DISTRIBUTOR)
            .into_iter()
            .filter_map(Element::object)
        {
            let own: Vec<String> = distributor
                .all("distributorFormat")
                .into_iter()
                .take(MAX_FORMATS)
                .filter_map(|format| self.format(format))
                .collect();
            let formats = if own.is_empty() { &general } else { &own };
            for transfer in distributor.all("distributorTransferOptions") {
                self.transfer(transfer, formats, &mut found);
            }
        }
        found
    }

    fn format(&self, property: Element<'t>) -> Option<String> {
        let object = property.object()?;
        let name = paths::FORMAT_NAME
            .of(self.standard)
            .iter()
            .find_map(|path| object.value_of(path))?;
        Some(name.to_owned())
    }

    fn transfer(&mut self, transfer: Element<'t>, formats: &[String], found: &mut Vec<Online<'t>>) {
        let Some(options) = transfer.object() else {
            return;
        };
        let own: Vec<String> = options
            .all("distributionFormat")
            .into_iter()
            .take(MAX_FORMATS)
            .filter_map(|format| self.format(format))
            .collect();
        let formats = if own.is_empty() { formats } else { &own };
        let megabytes = options
            .value_of("transferSize")
            .and_then(|size| size.replace(',', ".").parse().ok())
            .filter(|size: &f64| size.is_finite() && *size > 0.0 && *size < 1e12);
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
        let mut data = found
            .iter_mut()
            .skip(begin)
            .filter(|online| online.purpose() == Use::Data && online.service.is_none());
        if let (Some(only), None) = (data.next(), data.next()) {
            only.megabytes = megabytes;
        } else if let [only] = &mut found[begin..] {
            only.megabytes = megabytes;
        }
    }

    pub(super) fn online(&mut self, object: Element<'t>) -> Option<Online<'t>> {
        let address = object.value_of("linkage").unwrap_or_default();
        let names = object
            .child("name")
            .map(|name| self.locales.texts(name))
            .unwrap_or_default();
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
        let file = object
            .child("name")
            .and_then(|name| name.children().find(|child| child.name() == "MimeFileType"));
        Some(Online {
            place: object,
            address,
            protocol,
            names,
            descriptions: object
                .child("description")
                .map(|description| self.locales.texts(description))
                .unwrap_or_default(),
            function: object
                .child("function")
                .and_then(code)
                .map(fold_code)
                .unwrap_or_default(),
            service: Service::detect(protocol, address),
            mime: file
                .and_then(|file| file.attribute("type"))
                .filter(|mime| mime.contains('/'))
                .or_else(|| mime_of(protocol)),
            formats: Vec::new(),
            megabytes: None,
        })
    }
}

/// `WWW:DOWNLOAD:text/csv`, `image/jp2`.
fn mime_of(protocol: &str) -> Option<&str> {
    let last = protocol.rsplit(':').next().unwrap_or(protocol).trim();
    let is_mime = ["application/", "image/", "text/"]
        .iter()
        .any(|kind| last.starts_with(kind))
        && !last.contains(' ')
        && last != "text/html";
    is_mime.then_some(last)
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::*;

    fn purpose(function: &str, protocol: &str, address: &str) -> Use {
        let tree = Tree::parse(b"<a/>").unwrap();
        let place = tree.root();
        Online {
            place,
            address,
            protocol,
            names: Vec::new(),
            descriptions: Vec::new(),
            function: fold_code(function),
            service: Service::detect(protocol, address),
            mime: None,
            formats: Vec::new(),
            megabytes: None,
        }
        .purpose()
    }

    #[test]
    fn what_online_resources_are_for() {
        for (function, protocol, address, wanted) in [
            ("download", "WWW:LINK", "https://a.example/x", Use::Data),
            ("", "OGC:WMS", "https://a.example/wms?", Use::Data),
            (
                "",
                "WWW:DOWNLOAD-1.0-http--download",
                "https://a.example/x",
                Use::Data,
            ),
            (
                "",
                "WWW:DOWNLOAD-1.0-http--download",
                "https://a.example/catalog.search#/metadata/1",
                Use::Landing,
            ),
            ("", "", "https://a.example/x.zip", Use::Data),
            (
                "",
                "WWW:LINK-1.0-http--link",
                "https://a.example/x",
                Use::Landing,
            ),
            (
                "Information",
                "WWW:DOWNLOAD",
                "https://a.example/x.pdf",
                Use::Page,
            ),
            (
                "information",
                "",
                "https://a.example/csw?request=GetRecordById&id=1",
                Use::Page,
            ),
            (
                "information",
                "OGC:WMS",
                "https://a.example/wms?service=WMS&request=GetCapabilities",
                Use::Data,
            ),
        ] {
            assert_eq!(
                purpose(function, protocol, address),
                wanted,
                "{function} {protocol} {address}"
            );
        }
    }

    #[test]
    fn mime_types_of_protocols() {
        assert_eq!(mime_of("WWW:DOWNLOAD:text/csv"), Some("text/csv"));
        assert_eq!(mime_of("OGC:WMS"), None);
    }
}
