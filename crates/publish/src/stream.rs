//! Bodies that are written while they are sent.

use std::io::{self, Write};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::Instant;

use crate::rdf::{Format, Writer};

/// Lines in a format. The permit is given back when the last part has been taken, or the client is too slow.
pub(crate) fn body(text: String, format: Format, permit: Option<OwnedSemaphorePermit>) -> Body {
    let (sender, receiver) = channel(PARTS);
    let parts = Parts {
        sender,
        handle: Handle::current(),
        until: Instant::now() + TRANSFER,
        part: Vec::with_capacity(PART),
    };
    tokio::task::spawn_blocking(move || {
        let sender = parts.sender.clone();
        if let Err(error) = write(&text, format, parts) {
            // Breaks the connection off, so that no client takes a part of an answer for the whole.
            let _ = sender.try_send(Err(error));
        }
        drop(permit);
    });
    of_parts(receiver)
}

/// What comes from elsewhere, part by part.
pub(crate) fn of_parts(receiver: Receiver<io::Result<Bytes>>) -> Body {
    Body::from_stream(stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|part| (part, receiver))
    }))
}

fn write(text: &str, format: Format, mut parts: Parts) -> io::Result<()> {
    if format.is_lines() {
        parts.write_all(text.as_bytes())?;
        return parts.flush();
    }
    let mut writer = Writer::new(format, parts);
    writer.write(text)?;
    writer.finish()?.flush()
}

/// A writer whose parts go to the client.
struct Parts {
    sender: Sender<io::Result<Bytes>>,
    handle: Handle,
    until: Instant,
    part: Vec<u8>,
}

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = PART.saturating_sub(self.part.len()).max(1).min(bytes.len());
        self.part.extend(bytes.iter().take(room));
        if self.part.len() >= PART {
            self.flush()?;
        }
        Ok(room)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.part.is_empty() {
            return Ok(());
        }
        let part = std::mem::replace(&mut self.part, Vec::with_capacity(PART));
        let sent = self.sender.send(Ok(part.into()));
        match self
            .handle
            .block_on(async { tokio::time::timeout_at(self.until, sent).await })
        {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

const PART: usize = 64 * 1024;
const PARTS: usize = 4;
/// The time for a whole answer, when the client reads slowly.
pub(crate) const TRANSFER: Duration = Duration::from_secs(300);
