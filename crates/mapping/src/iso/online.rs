//! What an address and a protocol say about an online resource.

/// A kind of service on the web.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Service {
    /// The value of the parameter `service`, and the format that its distributions have.
    pub label: &'static str,
    /// The address of its standard.
    pub standard: Option<&'static str>,
    /// What protocols and addresses call it, beside its label.
    names: &'static [&'static str],
}

const fn service(
    label: &'static str,
    standard: Option<&'static str>,
    names: &'static [&'static str],
) -> Service {
    Service {
        label,
        standard,
        names,
    }
}

/// The standards' addresses are those that data.gouv.fr and SEMIC's stylesheet use.
const SERVICES: &[Service] = &[
    service(
        "WMTS",
        Some("http://www.opengeospatial.org/standards/wmts"),
        &["webmaptileservice"],
    ),
    service(
        "WMS",
        Some("http://www.opengeospatial.org/standards/wms"),
        &["webmapservice"],
    ),
    service(
        "WFS",
        Some("http://www.opengeospatial.org/standards/wfs"),
        &["webfeatureservice"],
    ),
    service(
        "WCS",
        Some("http://www.opengeospatial.org/standards/wcs"),
        &["webcoverageservice"],
    ),
    service(
        "WPS",
        Some("http://www.opengeospatial.org/standards/wps"),
        &["webprocessingservice"],
    ),
    service(
        "CSW",
        Some("http://www.opengeospatial.org/standards/cat"),
        &[
            "catalogueserviceweb",
            "catalogserviceweb",
            "catalogueservicefortheweb",
        ],
    ),
    service(
        "SOS",
        Some("http://www.opengeospatial.org/standards/sos"),
        &["sensorobservationservice"],
    ),
    service("TMS", None, &["tilemapservice"]),
    service(
        "STA",
        Some("http://www.opengeospatial.org/standards/sensorthings"),
        &["sensorthings"],
    ),
    service(
        "OGC API",
        Some("http://www.opengeospatial.org/standards/ogcapi-features"),
        &["ogcapi"],
    ),
    service(
        "ESRI REST",
        None,
        &[
            "esrirest",
            "esrimapservice",
            "arcgisrest",
            "arcgismapserver",
            "arcgisfeatureserver",
        ],
    ),
    service("OPeNDAP", None, &["opendap"]),
];

impl Service {
    /// The service that a protocol names, or that an address speaks to.
    pub fn detect(protocol: &str, address: &str) -> Option<&'static Self> {
        Self::named(protocol).or_else(|| Self::addressed(address))
    }

    pub fn named(protocol: &str) -> Option<&'static Self> {
        if protocol.is_empty() || protocol.len() > 200 {
            return None;
        }
        let folded: String = protocol
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        SERVICES.iter().find(|service| {
            let word = protocol
                .split(|c: char| !c.is_ascii_alphanumeric())
                .any(|word| word.eq_ignore_ascii_case(service.label));
            word || service.names.iter().any(|name| folded.contains(name))
        })
    }

    fn addressed(address: &str) -> Option<&'static Self> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let stated = query
            .split('&')
            .find_map(|pair| {
                pair.split_once('=')
                    .filter(|(name, _)| name.eq_ignore_ascii_case("service"))
            })
            .map(|(_, value)| value);
        let last = path
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default();
        let name = match stated {
            Some(service) => service,
            None if matches!(last, "MapServer" | "FeatureServer" | "ImageServer")
                && path.contains("/rest/services/") =>
            {
                "ESRI REST"
            }
            None if query.is_empty()
                || query
                    .to_ascii_lowercase()
                    .contains("request=getcapabilities") =>
            {
                last
            }
            None => return None,
        };
        SERVICES
            .iter()
            .find(|service| service.label.eq_ignore_ascii_case(name))
    }
}

/// The address of an endpoint, without the parameters of a request of capabilities; and that request, if it is one.
pub(crate) fn endpoint(address: &str) -> (String, Option<&str>) {
    let Some((path, query)) = address.split_once('?') else {
        // The request may be the end of the path, as in OGC's RESTful bindings.
        return match address.rsplit_once('/') {
            Some((path, last)) if last.eq_ignore_ascii_case("getcapabilities") => {
                (path.to_owned(), Some(address))
            }
            _ => (address.to_owned(), None),
        };
    };
    let name = |pair: &str| pair.split('=').next().unwrap_or(pair).to_ascii_lowercase();
    let asks = query.split('&').any(|pair| {
        pair.eq_ignore_ascii_case("request=getcapabilities")
            || pair.eq_ignore_ascii_case("request=capabilities")
    });
    let of_request = |pair: &str| {
        asks && matches!(
            name(pair).as_str(),
            "service" | "request" | "version" | "acceptversions"
        )
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !of_request(pair))
        .collect();
    let endpoint = if kept.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", kept.join("&"))
    };
    (endpoint, asks.then_some(address))
}

/// Hosts that only the State's own networks reach, and private ones.
pub(crate) fn is_intranet(address: &str) -> bool {
    let Some((_, rest)) = address.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = host
        .split(':')
        .next()
        .unwrap_or(host)
        .trim_end_matches('.')
        .to_ascii_lowercase();
    let suffixes = [
        ".rie.gouv.fr",
        ".i2",
        ".ader.gouv.fr",
        ".intranet",
        ".intra",
        ".local",
        ".lan",
        ".localdomain",
    ];
    if host == "localhost" || suffixes.iter().any(|suffix| host.ends_with(suffix)) {
        return true;
    }
    host.parse::<std::net::Ipv4Addr>()
        .is_ok_and(|ip| ip.is_private() || ip.is_loopback() || ip.is_link_local())
}

/// The file name's extension, where it is one of data.
pub(crate) fn data_extension(address: &str) -> Option<&'static str> {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    let after_host = path.split_once("://").map_or(path, |(_, rest)| {
        rest.split_once('/').map_or("", |(_, path)| path)
    });
    let extension = after_host
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .rsplit_once('.')
        .map(|(_, extension)| extension)?;
    EXTENSIONS
        .iter()
        .copied()
        .find(|known| extension.eq_ignore_ascii_case(known))
}

const EXTENSIONS: &[&str] = &[
    "zip", "7z", "gz", "tar", "rar", "bz2", "csv", "json", "geojson", "gpkg", "shp", "kml", "kmz",
    "gml", "tif", "tiff", "ecw", "jp2", "xls", "xlsx", "ods", "tab", "mif", "dxf", "dwg", "gdb",
    "nc", "las", "laz", "asc", "parquet", "fgb", "sqlite", "rdf", "ttl", "nt", "tsv", "txt", "dbf",
    "mbtiles", "gpx",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_by_protocol_and_by_address() {
        for (protocol, address, label) in [
            ("OGC:WMS-1.1.1-http-get-map", "", Some("WMS")),
            ("OGC Web Feature Service", "", Some("WFS")),
            ("wmts", "", Some("WMTS")),
            ("ESRI: Map Service", "", Some("ESRI REST")),
            (
                "",
                "https://a.example/wxs?map=x&SERVICE=WFS&request=GetCapabilities",
                Some("WFS"),
            ),
            ("", "https://a.example/geoserver/wms", Some("WMS")),
            (
                "",
                "https://a.example/arcgis/rest/services/X/MapServer",
                Some("ESRI REST"),
            ),
            (
                "WWW:LINK-1.0-http--link",
                "https://a.example/page.html",
                None,
            ),
            ("", "https://a.example/news?x=wms", None),
        ] {
            assert_eq!(
                Service::detect(protocol, address).map(|service| service.label),
                label,
                "{protocol} {address}"
            );
        }
    }

    #[test]
    fn endpoints() {
        assert_eq!(
            endpoint("https://a.example/ows?service=WFS&version=2.0.0&request=GetCapabilities"),
            (
                "https://a.example/ows".into(),
                Some("https://a.example/ows?service=WFS&version=2.0.0&request=GetCapabilities")
            )
        );
        assert_eq!(
            endpoint("https://a.example/wxs?map=/x.map&service=WMS&REQUEST=GetCapabilities").0,
            "https://a.example/wxs?map=/x.map"
        );
        assert_eq!(
            endpoint("https://a.example/wxs?map=/x.map&"),
            ("https://a.example/wxs?map=/x.map".into(), None)
        );
        assert_eq!(
            endpoint("https://a.example/wms"),
            ("https://a.example/wms".into(), None)
        );
    }

    #[test]
    fn intranet_hosts() {
        for inside in [
            "https://atom.geo-ide.e2.rie.gouv.fr/x",
            "http://carto.x.i2/y",
            "http://localhost:8080/",
            "http://192.168.1.4/a",
            "http://u@srv.local:80",
        ] {
            assert!(is_intranet(inside), "{inside}");
        }
        for outside in [
            "https://www.geo2france.fr/",
            "https://i2.example.org/",
            "https://a.example/x.i2",
            "mailto:a@b.i2",
        ] {
            assert!(!is_intranet(outside), "{outside}");
        }
    }

    #[test]
    fn extensions_of_data() {
        assert_eq!(data_extension("https://a.example/x/y.SHP?z=1"), Some("shp"));
        assert_eq!(data_extension("https://a.example/x.html"), None);
        assert_eq!(data_extension("https://data.gz"), None);
    }
}
