//! Addresses, so that two ways of writing one are one.

use url::Url;

/// The longest address that is compared, in bytes.
const LONGEST: usize = 2_000;

/// What says who sent a reader, or how an answer is to look: not what it is about.
const IDLE: [&str; 12] = [
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
    "fbclid",
    "gclid",
    "jsessionid",
    "phpsessid",
    "sid",
    "lang",
    "_ga",
];

/// A page: scheme, `www.`, default port, fragment, closing slash, order of parameters and tracking do not count. None for the
/// home page of a site, which says nothing about one dataset.
pub fn page(address: &str) -> Option<String> {
    let url = parse(address)?;
    let mut pairs = parameters(&url);
    pairs.sort();
    let mut page = place(&url)?;
    // Catalogues in the browser keep what they show behind `#`: `#/metadata/{uuid}`.
    if let Some(shown) = url
        .fragment()
        .filter(|shown| shown.starts_with(['/', '!']) && shown.len() > 8)
    {
        page.push('#');
        page.push_str(shown);
    }
    push(&mut page, &pairs);
    let says_nothing = !page.contains(['/', '?', '#']);
    (!says_nothing).then_some(page)
}

/// A file or a layer of a service. None for a service as a whole, unless the address or the name beside it says which layer.
pub fn resource(address: &str, layer: Option<&str>) -> Option<String> {
    let url = parse(address)?;
    let pairs = parameters(&url);
    let value = |names: &[&str]| {
        pairs
            .iter()
            .find(|(name, value)| names.contains(&name.as_str()) && !value.is_empty())
            .map(|(_, value)| value.clone())
    };
    let service = value(&["service"]).filter(|service| SERVICES.contains(&service.as_str()));
    let path = url.path().to_ascii_lowercase();
    let is_service = service.is_some()
        || path
            .split('/')
            .any(|part| SERVICES.contains(&part) || part == "mapserver" || part == "featureserver");
    if !is_service {
        return page(address);
    }
    let named = value(&[
        "layers",
        "layer",
        "typename",
        "typenames",
        "coverageid",
        "coverage",
    ])
    .or_else(|| layer.map(|layer| layer.trim().to_ascii_lowercase()))
    .filter(|layer| !layer.is_empty());
    let last = path
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    // `FeatureServer/3` is a layer of ArcGIS.
    let numbered = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    if named.is_none() && !numbered {
        return None;
    }
    let mut place = place(&url)?;
    let map = value(&["map"]);
    for (name, value) in [("map", map), ("layer", named)] {
        if let Some(value) = value {
            place.push_str(&format!("?{name}={value}"));
        }
    }
    Some(place)
}

const SERVICES: [&str; 6] = ["wms", "wfs", "wmts", "wcs", "ows", "csw"];

fn parse(address: &str) -> Option<Url> {
    let address = address.trim();
    if address.len() > LONGEST {
        return None;
    }
    Url::parse(address)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https" | "ftp"))
}

/// Host, port and path.
fn place(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    let mut place = host.strip_prefix("www.").unwrap_or(host).to_owned();
    if let Some(port) = url.port().filter(|port| !matches!(port, 80 | 443 | 8443)) {
        place.push_str(&format!(":{port}"));
    }
    let mut parts = url
        .path()
        .split('/')
        .filter(|part| !part.is_empty())
        .peekable();
    // The language of a page is not another page.
    parts.next_if(|part| matches!(*part, "fr" | "en"));
    for part in parts {
        let part = part.split(';').next().unwrap_or_default();
        place.push('/');
        place.push_str(part);
    }
    Some(place)
}

fn parameters(url: &Url) -> Vec<(String, String)> {
    url.query_pairs()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_lowercase()))
        .filter(|(name, _)| !IDLE.contains(&name.as_str()))
        .take(50)
        .collect()
}

fn push(page: &mut String, pairs: &[(String, String)]) {
    for (at, (name, value)) in pairs.iter().enumerate() {
        page.push(if at == 0 { '?' } else { '&' });
        page.push_str(name);
        page.push('=');
        page.push_str(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_of_writing_one_page() {
        let plain = page("https://portail.example/datasets/mares").unwrap();
        for written in [
            "http://www.portail.example:80/datasets/mares/",
            "https://portail.example/fr/datasets/mares#apercu",
            "https://portail.example//datasets//mares?utm_source=lettre",
            " https://PORTAIL.example/datasets/mares;jsessionid=12 ",
        ] {
            assert_eq!(page(written).as_ref(), Some(&plain), "{written}");
        }
        assert_ne!(
            page("https://portail.example/datasets/Mares").unwrap(),
            plain
        );
        assert_eq!(
            page("https://a.example/p?b=2&a=1"),
            page("https://a.example/p?a=1&b=2")
        );
        assert_ne!(
            page("https://a.example/#/metadata/aaaa-bbbb"),
            page("https://a.example/#/metadata/cccc-dddd")
        );
        for none in [
            "https://portail.example/",
            "https://portail.example",
            "mailto:a@b.example",
            "portail",
            "https://portail.example/fr/",
        ] {
            assert_eq!(page(none), None, "{none}");
        }
    }

    #[test]
    fn a_layer_and_not_its_service() {
        let layer = resource(
            "https://geo.example/wms?SERVICE=WMS&REQUEST=GetMap&LAYERS=dreal:zones&BBOX=1,2,3,4",
            None,
        );
        assert_eq!(layer.as_deref(), Some("geo.example/wms?layer=dreal:zones"));
        assert_eq!(
            resource("https://geo.example/wms", Some("dreal:zones")),
            layer
        );
        assert_eq!(
            resource(
                "https://geo.example/wms?service=WMS&request=GetCapabilities",
                None
            ),
            None
        );
        assert_ne!(
            resource(
                "https://geo.example/wms?service=wms&map=/a.map&layers=z",
                None
            ),
            resource(
                "https://geo.example/wms?service=wms&map=/b.map&layers=z",
                None
            )
        );
        assert!(
            resource(
                "https://geo.example/arcgis/rest/services/x/FeatureServer/3",
                None
            )
            .is_some()
        );
        assert_eq!(
            resource(
                "https://geo.example/arcgis/rest/services/x/FeatureServer",
                None
            ),
            None
        );
        assert_eq!(
            resource("https://a.example/mares.csv", None).as_deref(),
            Some("a.example/mares.csv")
        );
    }
}
