//! Which addresses may be reached. Sources name hosts, so sources must not be able to name ours.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::address::{Network, is_public};
use crate::error::FetchError;
use crate::redact::hide_short;

/// An address that can be fetched at all: absolute, http or https, without user or password.
pub(crate) fn parse(text: &str) -> Result<Url, FetchError> {
    let bad = |reason: String| FetchError::BadUrl {
        url: hide_short(text),
        reason,
    };
    let mut url = Url::parse(text).map_err(|error| bad(error.to_string()))?;
    check_scheme(&url)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("it carries a user or a password".into()));
    }
    url.set_fragment(None);
    Ok(url)
}

fn check_scheme(url: &Url) -> Result<(), FetchError> {
    match url.scheme() {
        "http" | "https" => Ok(()),
        scheme => Err(FetchError::BadUrl {
            url: hide_short(url.as_str()),
            reason: format!("the scheme is `{scheme}`"),
        }),
    }
}

/// The exceptions to the rule that only public addresses are fetched.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    names: Vec<(String, Option<u16>)>,
    addresses: Vec<(IpAddr, Option<u16>)>,
    networks: Vec<Network>,
}

/// How far the host of an address is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Only public addresses, and those listed.
    Guarded,
    /// The name itself is listed: wherever it resolves to.
    Named,
}

impl Guard {
    pub(crate) fn new(allow_private: &[String]) -> Result<Self, FetchError> {
        let mut guard = Self::default();
        for entry in allow_private {
            guard
                .add(entry.trim())
                .ok_or_else(|| FetchError::BadSettings {
                    reason: format!(
                        "`{entry}` in `allow_private` is no host name, IP, host:port or network (10.1.0.0/16)"
                    ),
                })?;
        }
        Ok(guard)
    }

    fn add(&mut self, entry: &str) -> Option<()> {
        if entry.contains('*') {
            // Legal in a name, and never what is meant here.
            return None;
        } else if entry.contains('/') {
            self.networks.push(Network::parse(entry)?);
        } else if let Ok(address) = entry.parse::<IpAddr>() {
            self.addresses.push((address.to_canonical(), None));
        } else if let Ok(address) = entry.parse::<SocketAddr>() {
            self.addresses
                .push((address.ip().to_canonical(), Some(address.port())));
        } else {
            let (host, port) = match entry.rsplit_once(':') {
                Some((host, port)) => (host, Some(port.parse().ok()?)),
                None => (entry, None),
            };
            match Host::parse(host).ok()? {
                Host::Domain(name) => self.names.push((bare(&name).to_owned(), port)),
                Host::Ipv4(address) => self.addresses.push((address.into(), port)),
                Host::Ipv6(address) => self
                    .addresses
                    .push((IpAddr::from(address).to_canonical(), port)),
            }
        }
        Some(())
    }

    /// Checks an address before each exchange. What a name resolves to is checked when it is connected to, by [`GuardedResolver`];
    /// that resolver is not asked about IPs, so they are checked here.
    pub(crate) fn check(&self, url: &Url) -> Result<Trust, FetchError> {
        check_scheme(url)?;
        let port = url.port_or_known_default();
        let address: IpAddr = match url.host() {
            Some(Host::Domain(name)) => {
                let listed = self.names.iter().any(|(listed, only)| {
                    listed == bare(name) && (only.is_none() || *only == port)
                });
                return Ok(if listed { Trust::Named } else { Trust::Guarded });
            }
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            None => {
                return Err(FetchError::BadUrl {
                    url: hide_short(url.as_str()),
                    reason: "it has no host".into(),
                });
            }
        };
        if is_public(address) || self.lists(address, port) {
            return Ok(Trust::Guarded);
        }
        Err(FetchError::ForbiddenAddress {
            url: hide_short(url.as_str()),
            host: address.to_string(),
            address,
        })
    }

    fn lists(&self, address: IpAddr, port: Option<u16>) -> bool {
        let address = address.to_canonical();
        self.addresses
            .iter()
            .any(|(listed, only)| *listed == address && (only.is_none() || *only == port))
            || self.networks.iter().any(|net| net.contains(address))
    }
}

/// A name without the dot of the root.
fn bare(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Resolves names as the system does, and keeps back what must not be reached. Connections go to what this returns and
/// nowhere else, so a name that changes between check and use gains nothing.
pub(crate) struct GuardedResolver {
    pub(crate) guard: Arc<Guard>,
    pub(crate) trust: Trust,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.guard);
        let trust = self.trust;
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let mut refused = None;
            let mut reachable = Vec::new();
            for found in tokio::net::lookup_host((host.as_str(), 0)).await? {
                let address = found.ip();
                if trust == Trust::Named || is_public(address) || guard.lists(address, None) {
                    reachable.push(found);
                } else {
                    refused = Some(address);
                }
            }
            match refused {
                Some(address) if reachable.is_empty() => Err(Refused { host, address }.into()),
                None if reachable.is_empty() => {
                    Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address").into())
                }
                _ => Ok(Box::new(reachable.into_iter()) as Addrs),
            }
        })
    }
}

/// A name resolved to nothing but forbidden addresses.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) host: String,
    pub(crate) address: IpAddr,
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is at {}, not a public address",
            self.host, self.address
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(allow: &[&str], url: &str) -> Result<Trust, &'static str> {
        let allow: Vec<String> = allow.iter().map(|entry| (*entry).to_owned()).collect();
        let guard = Guard::new(&allow).unwrap();
        parse(url)
            .and_then(|url| guard.check(&url))
            .map_err(|error| error.rule())
    }

    #[test]
    fn disguised_addresses_are_seen_through() {
        for url in [
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://0177.0.0.1/",
            "http://%31%32%37.0.0.1/",
            "http://１２７.0.0.1/",
            "http://127.0.0.1./",
            "http://[::ffff:7f00:1]/",
            "http://[::]:8080/",
        ] {
            assert_eq!(check(&[], url), Err("fetch/forbidden-address"), "{url}");
        }
        for url in ["ftp://example.org/", "file:///etc/passwd", "http://u:p@a/"] {
            assert_eq!(check(&[], url), Err("fetch/bad-url"), "{url}");
        }
    }

    #[test]
    fn what_is_listed_is_allowed_and_nothing_beside_it() {
        let local = "http://127.0.0.1:8080/";
        assert_eq!(check(&["127.0.0.1"], local), Ok(Trust::Guarded));
        assert_eq!(check(&["127.0.0.1:8080"], local), Ok(Trust::Guarded));
        assert_eq!(check(&["127.0.0.0/8"], local), Ok(Trust::Guarded));
        assert_eq!(check(&["[::1]:80"], "http://[::1]/"), Ok(Trust::Guarded));
        assert_eq!(
            check(&["127.0.0.1"], "http://[::ffff:127.0.0.1]/"),
            Ok(Trust::Guarded)
        );
        for allow in ["127.0.0.2", "127.0.0.1:80", "10.0.0.0/8", "localhost"] {
            assert_eq!(check(&[allow], local), Err("fetch/forbidden-address"));
        }
        let csw = "https://CSW.interne.:8443/";
        for allow in ["csw.interne", "csw.Interne:8443"] {
            assert_eq!(check(&[allow], csw), Ok(Trust::Named), "{allow}");
        }
        for allow in ["interne", "csw.interne:443", "0.0.0.0/0"] {
            assert_eq!(check(&[allow], csw), Ok(Trust::Guarded), "{allow}");
        }
    }

    #[test]
    fn a_wrong_entry_is_named() {
        for entry in [
            "",
            "10.0.0.0/33",
            "a b",
            "csw.interne:port",
            "x/8",
            "*.interne",
        ] {
            let Err(error) = Guard::new(&[entry.to_owned()]) else {
                panic!("`{entry}` was taken");
            };
            let text = error.to_string();
            assert!(
                text.contains(&format!("`{entry}` in `allow_private`")),
                "{text}"
            );
        }
    }
}
