//! The words between a pool and its workers: frames of a kind, a length and a content.
//!
//! `kind: u8, length: u32 (little endian), content`. All contents are JSON, but for data, which are bytes of the answer.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Access, Head, Limits, Query, QueryError};

/// From the pool to a worker.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Ask {
    /// Comes first.
    Start {
        memory: u64,
        access: Access,
    },
    /// Read this checkpoint from now on.
    Open(PathBuf),
    Query(Query, Limits),
}

/// From a worker to the pool. A query is answered by a head, data, and `Done`; `Failed` may come in place of any.
#[derive(Debug)]
pub(crate) enum Event {
    Head(Head),
    Data(Vec<u8>),
    Done,
    Failed(QueryError),
}

pub(crate) fn write_ask(output: &mut impl Write, ask: &Ask) -> io::Result<()> {
    write_frame(output, ASK, &serde_json::to_vec(ask)?)?;
    output.flush()
}

/// `None` at the end of the input.
pub(crate) fn read_ask(input: &mut impl Read) -> io::Result<Option<Ask>> {
    match read_frame(input)? {
        Some((ASK, content)) => Ok(Some(parse(&content)?)),
        Some((kind, _)) => Err(unknown(kind)),
        None => Ok(None),
    }
}

pub(crate) fn write_event(output: &mut impl Write, event: &Event) -> io::Result<()> {
    match event {
        Event::Head(head) => write_frame(output, HEAD, &serde_json::to_vec(head)?)?,
        Event::Data(bytes) => write_frame(output, DATA, bytes)?,
        Event::Done => write_frame(output, DONE, &[])?,
        Event::Failed(error) => write_frame(output, FAILED, &serde_json::to_vec(error)?)?,
    }
    output.flush()
}

pub(crate) fn read_event(input: &mut impl Read) -> io::Result<Option<Event>> {
    Ok(match read_frame(input)? {
        Some((HEAD, content)) => Some(Event::Head(parse(&content)?)),
        Some((DATA, content)) => Some(Event::Data(content)),
        Some((DONE, _)) => Some(Event::Done),
        Some((FAILED, content)) => Some(Event::Failed(parse(&content)?)),
        Some((kind, _)) => return Err(unknown(kind)),
        None => None,
    })
}

fn write_frame(output: &mut impl Write, kind: u8, content: &[u8]) -> io::Result<()> {
    let length = u32::try_from(content.len())
        .ok()
        .filter(|length| *length <= MAX_FRAME)
        .ok_or_else(|| io::Error::other("the frame is too long"))?;
    output.write_all(&[kind])?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(content)
}

fn read_frame(input: &mut impl Read) -> io::Result<Option<(u8, Vec<u8>)>> {
    let mut kind = [0; 1];
    if input.read(&mut kind)? == 0 {
        return Ok(None);
    }
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > MAX_FRAME {
        return Err(io::Error::other("the frame is too long"));
    }
    let mut content = vec![0; length as usize];
    input.read_exact(&mut content)?;
    Ok(Some((kind[0], content)))
}

fn parse<T: DeserializeOwned>(content: &[u8]) -> io::Result<T> {
    serde_json::from_slice(content).map_err(io::Error::other)
}

fn unknown(kind: u8) -> io::Error {
    io::Error::other(format!("a frame of unknown kind {kind}"))
}

const ASK: u8 = b'A';
const HEAD: u8 = b'H';
const DATA: u8 = b'D';
const DONE: u8 = b'E';
const FAILED: u8 = b'F';
/// Data come in parts of 64 kB; the longest frame is a query whose characters are all escaped.
const MAX_FRAME: u32 = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_back_as_they_were_sent() {
        let mut pipe = Vec::new();
        write_event(&mut pipe, &Event::Data(b"abc".to_vec())).expect("write");
        write_event(&mut pipe, &Event::Failed(QueryError::Memory)).expect("write");
        write_event(&mut pipe, &Event::Done).expect("write");
        let mut input = pipe.as_slice();
        assert!(matches!(read_event(&mut input), Ok(Some(Event::Data(data))) if data == b"abc"));
        assert!(matches!(
            read_event(&mut input),
            Ok(Some(Event::Failed(QueryError::Memory)))
        ));
        assert!(matches!(read_event(&mut input), Ok(Some(Event::Done))));
        assert!(matches!(read_event(&mut input), Ok(None)));
    }

    #[test]
    fn broken_and_boundless_frames_are_errors() {
        for bytes in [
            &b"D"[..],
            b"D\x05\0\0\0ab",
            b"D\xff\xff\xff\xff",
            b"?\0\0\0\0",
        ] {
            assert!(read_event(&mut &bytes[..]).is_err(), "{bytes:?}");
        }
    }
}
