//! What is kept of a crawl holds no secret of the configuration.

use std::collections::HashSet;

use fetch::secrets;
use model::{Connector, Request};

use crate::progress::Step;

/// The secrets of the configured addresses: what is kept has marks in their places.
#[derive(Debug)]
pub(crate) struct Mask {
    secrets: Vec<String>,
}

/// Stands before a letter; no address and no JSON of ours holds it.
const MARK: char = '\u{F8FF}';

impl Mask {
    pub(crate) fn new(connector: &dyn Connector) -> Self {
        let first = connector.start(None);
        let mut found: Vec<String> = (first.iter())
            .flat_map(|request| secrets(&request.url))
            .map(str::to_owned)
            .collect();
        // One that is a part of another is hidden after it.
        found.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        found.dedup();
        found.truncate(26);
        Self { secrets: found }
    }

    fn marks(&self) -> impl DoubleEndedIterator<Item = (&str, String)> {
        let letters: Vec<char> = ('a'..='z').take(self.secrets.len()).collect();
        (self.secrets.iter().zip(letters))
            .map(|(secret, letter)| (secret.as_str(), format!("{MARK}{letter}{MARK}")))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The step as text without the secrets; `None` if others are in it.
    pub(crate) fn hide(&self, step: &Step) -> Option<String> {
        let known: HashSet<&str> = self.secrets.iter().map(String::as_str).collect();
        let foreign = |request: &Request| {
            let found = secrets(&request.url);
            found.iter().any(|secret| !known.contains(secret))
        };
        let text = serde_json::to_string(step).ok()?;
        if step.requests().any(foreign) || text.contains(MARK) {
            return None;
        }
        Some(
            self.marks()
                .fold(text, |text, (secret, mark)| text.replace(secret, &mark)),
        )
    }

    pub(crate) fn show(&self, text: String) -> String {
        // In the other order, since a mark may hold what a shorter secret is.
        self.marks()
            .rev()
            .fold(text, |text, (secret, mark)| text.replace(&mark, secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::{Done, Progress};

    fn step(url: &str) -> Step {
        let mut step = Step::first(&Progress::begin(vec![Request::get(url, "*/*")]));
        step.done.push(Done::default());
        step
    }

    #[test]
    fn secrets_of_addresses_are_not_kept() {
        for secret in ["s3cr%C3%A9t", "a", "\u{65}1"] {
            let mask = Mask {
                secrets: vec!["motdepasse".to_owned(), secret.to_owned()],
            };
            let step = step(
                &format!("https://moi:motdepasse@a.example/?page=2&token={secret}")
                    .replace("moi:", ""),
            );
            let kept = mask.hide(&step).expect("every secret is known");
            assert!(!kept.contains("motdepasse") && !kept.contains(&format!("={secret}")));
            let shown: Step = serde_json::from_str(&mask.show(kept)).expect("JSON");
            assert_eq!(shown, step);
        }
    }

    #[test]
    fn a_step_with_a_secret_of_the_server_is_not_kept() {
        let mask = Mask {
            secrets: Vec::new(),
        };
        assert!(
            mask.hide(&step("https://a.example/?page=2&sid=12af"))
                .is_none()
        );
        assert!(
            mask.hide(&step("https://a.example/?resumptionToken=12af"))
                .is_some()
        );
    }
}
