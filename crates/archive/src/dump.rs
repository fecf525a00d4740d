//! The whole public catalogue, sorted: three sorted streams, merged.

use futures::stream::{BoxStream, StreamExt};
use model::EntityKind;

use crate::db::{Archive, ArchiveError};

/// Lines are handed on in pieces of about this size.
const PIECE: usize = 64 * 1024;

impl Archive {
    /// Hands the public catalogue on as sorted canonical N-Triples, each line once, in pieces of whole lines.
    ///
    /// IRIs of entities are all of one length within their kind, so the order of entities is the order of lines: only
    /// one entity is held in memory at a time.
    pub async fn dump<E, F>(&self, mut write: impl FnMut(String) -> F) -> Result<(), E>
    where
        E: From<ArchiveError>,
        F: Future<Output = Result<(), E>>,
    {
        let mut shared = Lines::new(
            self.shared_lines()
                .map(|line| line.map(|line| vec![line]))
                .boxed(),
        )
        .await?;
        let links = self.link_lines().await?;
        let mut links = Lines::new(futures::stream::iter([Ok(links)]).boxed()).await?;
        let mut entities = Lines::new(self.entity_lines()).await?;
        let mut piece = String::with_capacity(PIECE + 4096);
        let mut last = String::new();
        loop {
            let least = [shared.peek(), links.peek(), entities.peek()]
                .into_iter()
                .flatten()
                .min();
            let Some(least) = least.map(str::to_owned) else {
                break;
            };
            for stream in [&mut shared, &mut links, &mut entities] {
                if stream.peek() == Some(least.as_str()) {
                    stream.advance().await?;
                }
            }
            if least == last {
                continue;
            }
            piece.push_str(&least);
            piece.push('\n');
            last = least;
            if piece.len() >= PIECE {
                write(std::mem::take(&mut piece)).await?;
            }
        }
        if piece.is_empty() {
            Ok(())
        } else {
            write(piece).await
        }
    }

    fn entity_lines(&self) -> BoxStream<'_, Result<Vec<String>, ArchiveError>> {
        let mut segments = EntityKind::ALL;
        segments.sort_unstable_by_key(|kind| kind.segment());
        futures::stream::iter(segments)
            .flat_map(|minted| self.published(minted))
            .map(|entity| Ok(entity?.text()?.lines().map(str::to_owned).collect()))
            .boxed()
    }
}

/// A sorted stream of lines that come in groups.
struct Lines<'a> {
    groups: BoxStream<'a, Result<Vec<String>, ArchiveError>>,
    group: std::vec::IntoIter<String>,
    next: Option<String>,
}

impl<'a> Lines<'a> {
    async fn new(
        groups: BoxStream<'a, Result<Vec<String>, ArchiveError>>,
    ) -> Result<Self, ArchiveError> {
        let mut lines = Self {
            groups,
            group: Vec::new().into_iter(),
            next: None,
        };
        lines.advance().await?;
        Ok(lines)
    }

    fn peek(&self) -> Option<&str> {
        self.next.as_deref()
    }

    async fn advance(&mut self) -> Result<(), ArchiveError> {
        loop {
            self.next = self.group.next();
            if self.next.is_some() {
                return Ok(());
            }
            match self.groups.next().await {
                Some(group) => self.group = group?.into_iter(),
                None => return Ok(()),
            }
        }
    }
}
