#![doc = include_str!("../README.md")]

mod decode;
mod format;
mod slice;
mod walk;
mod xml;

pub use decode::{Decoded, decode};
pub use format::{GMD, MDB, format};
pub use slice::{Slice, undeclared_prefixes, unsupported_format, wrong_charset};
pub use walk::{Open, Visit, walk};
pub use xml::{
    MAX_COPIED, MAX_DEPTH, MAX_IDENTIFIER, MAX_RECORDS, attribute, local, malformed, position,
    prefix, resolve,
};

use bytes::Bytes;

/// The text of an answer, and its bytes where they are the same.
#[derive(Clone, Copy)]
pub struct Page<'t> {
    pub text: &'t str,
    pub shared: Option<&'t Bytes>,
}

impl<'t> Page<'t> {
    /// The page of a decoded answer, without white space before its XML declaration.
    pub fn new(decoded: &'t Decoded<'_>, body: &'t Bytes) -> Self {
        let shared = matches!(decoded.text, std::borrow::Cow::Borrowed(_)).then_some(body);
        Self {
            text: decoded.text.trim_start(),
            shared,
        }
    }

    fn slice(&self, part: &str) -> Bytes {
        match self.shared {
            Some(bytes) if !part.is_empty() => bytes.slice_ref(part.as_bytes()),
            _ => Bytes::copy_from_slice(part.as_bytes()),
        }
    }
}
