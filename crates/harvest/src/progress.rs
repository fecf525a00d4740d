//! Where a crawl stands, in a form that can be kept: what was done, request by request, from which the requests that are left follow.

use std::collections::{HashMap, HashSet, VecDeque};

use model::{Checksum, Page, RecordId, Request};
use serde::{Deserialize, Serialize};

/// What is left to ask, and what is remembered of what was asked.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) queue: VecDeque<Request>,
    /// Checksums of the requests made, so that none is made twice.
    asked: HashSet<Checksum>,
    /// How many records each listing has, by its own word.
    announced: HashMap<String, u64>,
    /// Listings that gave records.
    giving: HashSet<String>,
    /// The last page that was read of each listing.
    last: HashMap<String, LastPage>,
}

/// A page that was read, by which one sees later whether its listing is as it was.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LastPage {
    pub(crate) request: Request,
    pub(crate) read: ReadPage,
}

/// What a page was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReadPage {
    /// A checksum of its identifiers, in their order.
    mark: String,
    announced: Option<u64>,
    /// Whether it has records.
    gives: bool,
}

/// What became of the first request of the queue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Done {
    /// Set if its answer could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<ReadPage>,
    /// What is asked instead of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instead: Vec<Request>,
    /// What is asked at the end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next: Vec<Request>,
}

/// What is counted of a crawl.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tally {
    pub(crate) pages: u64,
    /// Requests that gave nothing, whatever was tried.
    pub(crate) lost_pages: u64,
    /// Single records that could not be read, whatever was tried.
    pub(crate) lost_records: u64,
    /// Set when the pages contradict one another so that records may lack.
    pub(crate) incomplete: Option<String>,
    /// Whether a listing came without an order, so that what came twice may stand where another record was missed.
    pub(crate) unsorted: bool,
}

/// A part of a crawl: it is kept together with the records that it gave.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Step {
    /// The first requests of the crawl.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    first: Vec<Request>,
    pub(crate) done: Vec<Done>,
    /// What is counted at its end.
    pub(crate) tally: Tally,
    /// What the source says is deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) gone: Vec<RecordId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) withheld: Vec<RecordId>,
    /// Refused records of which nobody knows which they are, up to its end.
    pub(crate) nameless: u64,
    /// Records that came again on another page, up to its end.
    pub(crate) strayed: u64,
}

impl Progress {
    pub(crate) fn begin(first: Vec<Request>) -> Self {
        Self {
            queue: first.into(),
            ..Self::default()
        }
    }

    /// Where the crawl stood after these steps.
    pub(crate) fn replay<'s>(steps: impl IntoIterator<Item = &'s Step>) -> Self {
        let mut progress = Self::default();
        for step in steps {
            progress.queue.extend(step.first.iter().cloned());
            step.done.iter().for_each(|done| progress.apply(done));
        }
        progress
    }

    pub(crate) fn apply(&mut self, done: &Done) {
        let Some(request) = self.queue.pop_front() else {
            return;
        };
        self.asked.insert(fingerprint(&request));
        for instead in done.instead.iter().rev() {
            self.queue.push_front(instead.clone());
        }
        self.queue.extend(done.next.iter().cloned());
        if let Some(read) = &done.read {
            let listing = listing(&request).to_owned();
            if let Some(announced) = read.announced {
                self.announced.insert(listing.clone(), announced);
            }
            if read.gives && !self.giving.contains(&listing) {
                self.giving.insert(listing.clone());
            }
            let read = read.clone();
            self.last.insert(listing, LastPage { request, read });
        }
    }

    pub(crate) fn was_asked(&self, request: &Request) -> bool {
        self.asked.contains(&fingerprint(request))
    }

    pub(crate) fn requests(&self) -> u64 {
        self.asked.len() as u64
    }

    /// The sum of what the listings announce, if they do.
    pub(crate) fn announced(&self) -> Option<u64> {
        let announced = self.announced.values().copied();
        (!self.announced.is_empty()).then(|| announced.fold(0, u64::saturating_add))
    }

    /// Whether each listing that gave records announced how many.
    pub(crate) fn all_announced(&self) -> bool {
        let mut giving = self.giving.iter();
        !self.announced.is_empty() && giving.all(|listing| self.announced.contains_key(listing))
    }

    /// The last page of each listing that is not read to its end.
    pub(crate) fn joints(&self) -> Vec<&LastPage> {
        let mut listings: Vec<&str> = self.queue.iter().map(listing).collect();
        listings.sort_unstable();
        listings.dedup();
        (listings.into_iter())
            .filter_map(|listing| self.last.get(listing))
            .collect()
    }
}

impl Done {
    pub(crate) fn read(page: &Page) -> Self {
        Self {
            read: Some(ReadPage::of(page)),
            instead: Vec::new(),
            next: page.next.clone(),
        }
    }

    pub(crate) fn replaced(instead: Vec<Request>) -> Self {
        Self {
            instead,
            ..Self::default()
        }
    }
}

impl ReadPage {
    pub(crate) fn of(page: &Page) -> Self {
        let ids = page.records.iter().map(|record| &record.id);
        let ids: Vec<&str> = ids.chain(&page.gone).map(RecordId::as_str).collect();
        Self {
            mark: Checksum::of(ids.join("\n").as_bytes()).to_string(),
            announced: page.announced,
            gives: !page.records.is_empty(),
        }
    }
}

impl Step {
    pub(crate) fn first(progress: &Progress) -> Self {
        Self {
            first: progress.queue.iter().cloned().collect(),
            ..Self::default()
        }
    }

    /// Whether nothing was done in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.done.is_empty() && self.first.is_empty()
    }

    /// Adds what was done after it.
    pub(crate) fn add(&mut self, later: Self) {
        if later.is_empty() {
            return;
        }
        self.first.extend(later.first);
        self.done.extend(later.done);
        self.tally = later.tally;
        self.gone.extend(later.gone);
        self.withheld.extend(later.withheld);
        self.nameless = self.nameless.max(later.nameless);
        self.strayed = self.strayed.max(later.strayed);
    }

    /// Every request that it holds.
    pub(crate) fn requests(&self) -> impl Iterator<Item = &Request> {
        let later = (self.done.iter()).flat_map(|done| done.instead.iter().chain(&done.next));
        self.first.iter().chain(later)
    }
}

/// The listing that a request is a part of.
fn listing(request: &Request) -> &str {
    let listing = request.cursor.get("listing");
    listing
        .and_then(|listing| listing.as_str())
        .unwrap_or_default()
}

pub(crate) fn fingerprint(request: &Request) -> Checksum {
    let body = request
        .method
        .body()
        .map_or("", |body| body.content.as_str());
    Checksum::of(format!("{}\0{body}\0{}", request.url, request.cursor).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(listing: &str, page: u64) -> Request {
        Request::get(format!("https://a.example/{listing}?page={page}"), "")
            .cursor(json!({ "listing": listing, "page": page }))
    }

    fn read(announced: u64, next: Vec<Request>) -> Done {
        Done::read(&Page {
            announced: Some(announced),
            next,
            ..Page::default()
        })
    }

    #[test]
    fn steps_that_were_kept_give_what_is_left() {
        let mut live = Progress::begin(vec![request("a", 1), request("b", 1)]);
        let mut step = Step::first(&live);
        for done in [
            read(40, vec![request("a", 2)]),
            // The first page of `b` is halved.
            Done::replaced(vec![request("b", 11), request("b", 12)]),
            read(7, Vec::new()),
            Done::default(),
        ] {
            live.apply(&done);
            step.done.push(done);
        }
        let kept = serde_json::to_string(&step).unwrap();
        let again = Progress::replay([&serde_json::from_str::<Step>(&kept).unwrap()]);
        assert_eq!(Vec::from(again.queue.clone()), [request("a", 2)]);
        assert_eq!(again.queue, live.queue);
        assert_eq!(again.announced, live.announced);
        assert_eq!((again.announced(), again.all_announced()), (Some(47), true));
        assert_eq!((again.requests(), live.requests()), (4, 4));
        assert!(again.was_asked(&request("b", 12)) && !again.was_asked(&request("a", 2)));
        // `b` is read to its end: only the place in `a` has to be as it was.
        let joints: Vec<_> = again
            .joints()
            .into_iter()
            .map(|last| &last.request)
            .collect();
        assert_eq!(joints, [&request("a", 1)]);
    }
}
