//! Compressed bytes, as they are kept.

use std::cell::RefCell;
use std::io::Read;

use zstd::bulk::{Compressor, Decompressor};

/// Bytes compressed with zstd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed(pub(crate) Vec<u8>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TooLarge {
    #[error("a stored body is larger than {0} bytes when decompressed")]
    Limit(u64),
    #[error(
        "a stored body cannot be decompressed ({0}): the archive is damaged; restore it from a backup"
    )]
    Damaged(String),
}

/// A third or less of JSON, a tenth of N-Triples, at some 400 MB/s.
const LEVEL: i32 = 1;

/// Nothing larger is ever written: fetching and mapping are bounded below it.
const MAX_UNPACKED: u64 = 1 << 30;

/// What is at most so long, as nearly everything is, is unpacked in one go.
const AT_ONCE: u64 = 4 << 20;

impl Packed {
    /// Compresses. The state of the compressor is kept by each thread, since making one costs more than a record.
    pub fn new(bytes: &[u8]) -> Self {
        thread_local! {
            static COMPRESSOR: RefCell<Option<Compressor<'static>>> = RefCell::new(Compressor::new(LEVEL).ok());
        }
        let packed = COMPRESSOR.with_borrow_mut(|compressor| match compressor {
            Some(compressor) => compressor.compress(bytes),
            None => zstd::bulk::compress(bytes, LEVEL),
        });
        // Compressing in memory cannot fail; were it to, an empty frame would be noticed on reading.
        Self(packed.unwrap_or_default())
    }

    pub(crate) fn from_stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub fn unpack(&self) -> Result<Vec<u8>, TooLarge> {
        // What [`Packed::new`] writes says how long it is; as it is not believed, what is long is read bit by bit.
        match zstd::zstd_safe::get_frame_content_size(&self.0) {
            Ok(Some(length)) if length <= AT_ONCE => self.unpack_at_once(length as usize),
            _ => self.unpack_long(),
        }
    }

    /// The state of the decompressor is kept by each thread, since making one costs more than an entity.
    fn unpack_at_once(&self, length: usize) -> Result<Vec<u8>, TooLarge> {
        thread_local! {
            static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = RefCell::new(Decompressor::new().ok());
        }
        DECOMPRESSOR
            .with_borrow_mut(|decompressor| match decompressor {
                Some(decompressor) => decompressor.decompress(&self.0, length),
                None => zstd::bulk::decompress(&self.0, length),
            })
            .map_err(|error| TooLarge::Damaged(error.to_string()))
    }

    fn unpack_long(&self) -> Result<Vec<u8>, TooLarge> {
        let mut bytes = Vec::with_capacity(self.0.len().saturating_mul(6).min(1 << 20));
        zstd::Decoder::new(self.0.as_slice())
            .and_then(|decoder| decoder.take(MAX_UNPACKED + 1).read_to_end(&mut bytes))
            .map_err(|error| TooLarge::Damaged(error.to_string()))?;
        if bytes.len() as u64 > MAX_UNPACKED {
            return Err(TooLarge::Limit(MAX_UNPACKED));
        }
        Ok(bytes)
    }

    pub fn unpack_text(&self) -> Result<String, TooLarge> {
        String::from_utf8(self.unpack()?).map_err(|error| TooLarge::Damaged(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_back() {
        let text = "<http://a.example/> \"é\" .\n".repeat(1000);
        let packed = Packed::new(text.as_bytes());
        assert!(packed.0.len() < text.len() / 10);
        assert_eq!(packed.unpack_text().unwrap(), text);
    }

    #[test]
    fn what_is_long_comes_back_too() {
        let long = vec![7; AT_ONCE as usize + 1];
        assert_eq!(Packed::new(&long).unpack().unwrap(), long);
        let none = Packed::new(b"");
        assert_eq!(none.unpack().unwrap(), b"");
    }

    #[test]
    fn damage_is_an_error() {
        assert!(matches!(
            Packed(vec![1, 2, 3]).unpack(),
            Err(TooLarge::Damaged(_))
        ));
    }
}
