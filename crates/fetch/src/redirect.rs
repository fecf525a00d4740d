//! Where a redirect leads, and with which method. Pure: the guard looks at the result.

use std::collections::HashSet;

use url::Url;

use crate::error::FetchError;
use crate::redact::hide_short;

/// One request of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Hop {
    pub(crate) url: Url,
    /// The method and its body are those of the request; otherwise it is a GET.
    pub(crate) posts: bool,
}

/// Every request made for one answer so far.
pub(crate) struct Chain {
    seen: HashSet<Hop>,
    max: usize,
}

/// Statuses that are redirects when they come with a `Location`.
pub(crate) fn redirects(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

impl Chain {
    pub(crate) fn new(first: &Hop, max: usize) -> Self {
        Self {
            seen: HashSet::from([first.clone()]),
            max,
        }
    }

    /// The hop after this answer.
    pub(crate) fn follow(
        &mut self,
        from: &Hop,
        status: u16,
        location: &str,
    ) -> Result<Hop, FetchError> {
        let next = target(from, status, location)?;
        let hops = self.seen.len();
        let seen = self.seen.contains(&next);
        if seen || hops > self.max {
            return Err(FetchError::RedirectLoop {
                url: hide_short(from.url.as_str()),
                next: hide_short(next.url.as_str()),
                hops: if seen { hops } else { self.max },
                seen,
            });
        }
        self.seen.insert(next.clone());
        Ok(next)
    }
}

fn target(from: &Hop, status: u16, location: &str) -> Result<Hop, FetchError> {
    let mut url = from
        .url
        .join(location)
        .map_err(|error| FetchError::BadUrl {
            url: hide_short(from.url.as_str()),
            reason: format!("it redirects to `{}`: {error}", hide_short(location)),
        })?;
    url.set_fragment(None);
    // A source does not choose with whose name we go elsewhere. These fail for addresses without a host, which the guard refuses.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let keeps_body = match status {
        307 | 308 => true,
        301 | 302 => is_upgrade(&from.url, &url),
        _ => false,
    };
    Ok(Hop {
        url,
        posts: from.posts && keeps_body,
    })
}

/// The same address, moved from http to https.
fn is_upgrade(from: &Url, to: &Url) -> bool {
    from.scheme() == "http"
        && to.scheme() == "https"
        && from.host() == to.host()
        && from.path() == to.path()
        && from.query() == to.query()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(from: &str, posts: bool, status: u16, location: &str) -> (String, bool) {
        let from = Hop {
            url: Url::parse(from).unwrap(),
            posts,
        };
        let hop = target(&from, status, location).unwrap();
        (hop.url.into(), hop.posts)
    }

    #[test]
    fn methods_follow_the_status() {
        let from = "http://a.example/csw";
        for (status, posts) in [
            (301, false),
            (302, false),
            (303, false),
            (307, true),
            (308, true),
        ] {
            let expected = ("http://a.example/autre".to_owned(), posts);
            assert_eq!(next(from, true, status, "/autre"), expected);
        }
        assert!(!next(from, false, 307, "/autre").1);
    }

    #[test]
    fn a_query_survives_the_move_to_https() {
        let from = "http://a.example/csw?x=1";
        assert!(next(from, true, 301, "https://a.example/csw?x=1").1);
        assert!(!next(from, true, 303, "https://a.example/csw?x=1").1);
        assert!(!next(from, true, 301, "https://a.example/login").1);
        assert!(!next(from, true, 301, "https://b.example/csw?x=1").1);
    }

    #[test]
    fn users_and_fragments_are_left_behind() {
        let (url, _) = next("http://a.example/", false, 302, "//moi:x@b.example/y#z");
        assert_eq!(url, "http://b.example/y");
    }
}
