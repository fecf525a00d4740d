//! Why a target did not take what it was sent.

use fetch::FetchError;

/// What went wrong, in the words of the target where it has some.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// `moisson explain RULE` tells more.
    pub rule: &'static str,
    pub message: String,
    /// Nothing else can be expected to get through either.
    pub fatal: bool,
    /// Nothing was done there; otherwise nobody knows.
    pub sure: bool,
}

impl Failure {
    /// The target says no to what it was sent.
    pub fn refused(message: impl Into<String>) -> Self {
        Self {
            rule: "push/refused",
            message: message.into(),
            fatal: false,
            sure: false,
        }
    }

    /// What answers is not what the configuration says that it is.
    pub fn unexpected(message: impl Into<String>) -> Self {
        Self {
            rule: "push/unexpected",
            message: message.into(),
            fatal: true,
            sure: false,
        }
    }

    /// The answer does not confirm what was sent.
    pub fn unconfirmed(message: impl Into<String>) -> Self {
        Self {
            rule: "push/unconfirmed",
            message: message.into(),
            fatal: false,
            sure: false,
        }
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        // What a server says of one document; all else, it would say of any.
        let of_this = matches!(
            error.status(),
            Some(400 | 405 | 409 | 410 | 411 | 412 | 413 | 414 | 415 | 422 | 500)
        );
        let sure = error.status().is_some_and(|status| status < 500);
        Self {
            rule: match of_this {
                true => "push/refused",
                false => error.rule(),
            },
            message: error.to_string(),
            fatal: !of_this,
            sure,
        }
    }
}
