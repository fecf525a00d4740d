//! Error conditions of the protocol: <https://www.openarchives.org/OAI/openarchivesprotocol.html#ErrorConditions>

use crate::failure::Failure;

/// Why a request has no answer.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Told in the terms of the protocol.
    Told(Code, String),
    /// Told by HTTP: a client may ask the same again later.
    Failed(Failure),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    BadVerb,
    BadArgument,
    BadResumptionToken,
    CannotDisseminateFormat,
    IdDoesNotExist,
    NoRecordsMatch,
    NoMetadataFormats,
}

impl Code {
    pub fn name(self) -> &'static str {
        match self {
            Self::BadVerb => "badVerb",
            Self::BadArgument => "badArgument",
            Self::BadResumptionToken => "badResumptionToken",
            Self::CannotDisseminateFormat => "cannotDisseminateFormat",
            Self::IdDoesNotExist => "idDoesNotExist",
            Self::NoRecordsMatch => "noRecordsMatch",
            Self::NoMetadataFormats => "noMetadataFormats",
        }
    }

    /// Whether the attributes of a request may be repeated in its answer.
    pub fn repeats(self) -> bool {
        !matches!(self, Self::BadVerb | Self::BadArgument)
    }
}

impl Refusal {
    pub fn verb(text: impl Into<String>) -> Self {
        Self::Told(Code::BadVerb, text.into())
    }

    pub fn argument(text: impl Into<String>) -> Self {
        Self::Told(Code::BadArgument, text.into())
    }

    pub fn token() -> Self {
        let text = "the resumptionToken is none that this repository gave: begin the list anew";
        Self::Told(Code::BadResumptionToken, text.to_owned())
    }

    pub fn format(prefix: &str) -> Self {
        let text = format!("`{prefix}` is not offered: ListMetadataFormats lists what is");
        Self::Told(Code::CannotDisseminateFormat, text)
    }

    pub fn nothing() -> Self {
        let text = "no record is in this period and set";
        Self::Told(Code::NoRecordsMatch, text.to_owned())
    }

    pub fn unknown(identifier: &str) -> Self {
        let text = format!("`{identifier}` is no identifier of this repository");
        Self::Told(Code::IdDoesNotExist, text)
    }

    pub fn no_formats() -> Self {
        let text = "the record is deleted";
        Self::Told(Code::NoMetadataFormats, text.to_owned())
    }
}

impl From<archive::ArchiveError> for Refusal {
    fn from(error: archive::ArchiveError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}
