//! The whole catalogue in one file.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use archive::{Archive, ArchiveError};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::channel;

use crate::rdf::{Format, Writer};

#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("the export could not be written: {0}; what was written is not the whole catalogue")]
    Write(#[from] io::Error),
}

/// Writes the public catalogue: as sorted canonical N-Triples, or from these in another format. Memory stays flat.
pub async fn export<W: AsyncWrite + Unpin>(
    archive: &Archive,
    format: Format,
    writer: &mut W,
) -> Result<(), ExportError> {
    let (sender, mut pieces) = channel::<String>(4);
    let read = async move {
        let hand_on = |piece| {
            let sender = sender.clone();
            async move {
                // Nobody takes it when writing has failed, which is then the error that counts.
                let _ = sender.send(piece).await;
                Ok::<_, ArchiveError>(())
            }
        };
        archive.dump(hand_on).await.map_err(ExportError::from)
    };
    let write = async move {
        let spill = Spill::default();
        let mut lines = (!format.is_lines()).then(|| Writer::new(format, spill.clone()));
        while let Some(piece) = pieces.recv().await {
            match &mut lines {
                None => writer.write_all(piece.as_bytes()).await?,
                Some(lines) => {
                    lines.write(&piece)?;
                    writer.write_all(&spill.take()).await?;
                }
            }
        }
        if let Some(lines) = lines {
            lines.finish()?;
            writer.write_all(&spill.take()).await?;
        }
        writer.flush().await.map_err(ExportError::from)
    };
    // Either error ends both.
    tokio::try_join!(read, write)?;
    Ok(())
}

/// What a serialiser has written and nobody has taken yet.
#[derive(Clone, Default)]
pub(crate) struct Spill(Arc<Mutex<Vec<u8>>>);

impl Spill {
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Spill {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
