//! Evaluation in this process, on a thread of its own.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use oxigraph::sparql::CancellationToken;

use super::{Access, Event, Generation, Head, Limits, Output, Query, QueryError, Source, evaluate};
use crate::Graph;

/// A running evaluation; dropping it asks it to stop.
pub(super) struct Evaluation {
    pub events: Receiver<Event>,
    token: CancellationToken,
}

impl Drop for Evaluation {
    fn drop(&mut self) {
        self.token.cancel();
    }
}

pub(super) fn begin(
    graph: &Graph,
    access: &Access,
    query: Query,
    limits: &Limits,
) -> Result<(Source, Generation), QueryError> {
    let generation = graph.generation();
    let (sender, events) = sync_channel(PARTS);
    let token = CancellationToken::new();
    let evaluation = Evaluation {
        events,
        token: token.clone(),
    };
    let (graph, access, bounds) = (graph.clone(), access.clone(), limits.clone());
    std::thread::Builder::new()
        .name("sparql".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            let mut output = Channel(sender);
            let end = match evaluate(graph.store(), &access, &query, &bounds, token, &mut output) {
                Ok(()) => Event::Done,
                Err(error) => Event::Failed(error),
            };
            // Nobody waits for the end of a query that was given up.
            let _ = output.0.send(end);
        })
        .map_err(|error| QueryError::Internal(error.to_string()))?;
    Ok((Source::Thread(evaluation), generation))
}

struct Channel(SyncSender<Event>);

impl Channel {
    fn send(&self, event: Event) -> io::Result<()> {
        self.0
            .send(event)
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Output for Channel {
    fn head(&mut self, head: Head) -> io::Result<()> {
        self.send(Event::Head(head))
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.send(Event::Data(bytes.to_vec()))
    }
}

/// Parts that wait for a reader.
const PARTS: usize = 4;
/// Room for the recursion of the parser and the optimiser on the deepest query that is let through; only what is
/// used of it takes memory.
pub(crate) const STACK: usize = 256 * 1024 * 1024;
