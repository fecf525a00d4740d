//! The worker's side: a process that reads checkpoints and answers queries, and may be killed at any time.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use oxigraph::sparql::CancellationToken;
use oxigraph::store::Store;

use crate::query::{
    Access, Ask, Event, Head, Limits, Output, Query, QueryError, evaluate, read_ask, write_event,
};
use crate::store::open_checkpoint;

/// The whole life of a worker: answers the queries that come by `input`, on `output`, from checkpoints below `dir`.
///
/// It ends the process when the input ends, even in the midst of a query: a worker must not outlive the program that
/// started it. Nothing else may be written to the output.
pub fn run(
    dir: &Path,
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
) -> io::Result<()> {
    let (sender, asks) = channel();
    thread::Builder::new()
        .name("asks".to_owned())
        .spawn(move || {
            let mut input = input;
            while let Ok(Some(ask)) = read_ask(&mut input) {
                if sender.send(ask).is_err() {
                    return;
                }
            }
            std::process::exit(0);
        })?;
    let dir = dir.canonicalize()?;
    let evaluation = thread::Builder::new()
        .name("sparql".to_owned())
        .stack_size(STACK)
        .spawn(move || answer(&dir, &asks, output))?;
    evaluation
        .join()
        .unwrap_or_else(|_| Err(io::Error::other("the evaluation broke down")))
}

fn answer(dir: &Path, asks: &Receiver<Ask>, mut output: impl Write) -> io::Result<()> {
    let mut access = Access::default();
    let mut store: Option<Store> = None;
    let mut failure = QueryError::Internal("no checkpoint is open".to_owned());
    while let Ok(ask) = asks.recv() {
        match ask {
            Ask::Start {
                memory,
                access: given,
            } => {
                limit_memory(memory)?;
                access = given;
            }
            Ask::Open(path) => {
                // The old one goes first: two stores open at once would need twice the memory.
                store = None;
                match open(dir, &path) {
                    Ok(open) => store = Some(open),
                    Err(error) => failure = error,
                }
            }
            Ask::Query(query, limits) => {
                let result = match &store {
                    Some(store) => answer_one(store, &access, &query, &limits, &mut output),
                    None => Err(failure.clone()),
                };
                let end = result.map_or_else(Event::Failed, |()| Event::Done);
                write_event(&mut output, &end)?;
            }
        }
    }
    Ok(())
}

fn open(dir: &Path, path: &Path) -> Result<Store, QueryError> {
    let path = path
        .canonicalize()
        .map_err(|error| QueryError::Internal(format!("{}: {error}", path.display())))?;
    if !path.starts_with(dir) {
        let message = format!("{} is not below {}", path.display(), dir.display());
        return Err(QueryError::Internal(message));
    }
    Ok(open_checkpoint(&path)?)
}

fn answer_one(
    store: &Store,
    access: &Access,
    query: &Query,
    limits: &Limits,
    output: &mut impl Write,
) -> Result<(), QueryError> {
    // Nobody cancels here: whoever waits too long kills the process.
    let token = CancellationToken::new();
    evaluate(store, access, query, limits, token, &mut Frames(output))
}

/// Bounds what this process may allocate. An allocation beyond it fails, and ends the process.
fn limit_memory(memory: u64) -> io::Result<()> {
    if memory == 0 {
        return Ok(());
    }
    #[cfg(unix)]
    {
        use rlimit::Resource;
        // Private memory is what counts, with the stack that is set aside; mapped files and reserved addresses do not,
        // and the limit on addresses is there for systems that count nothing else.
        let data = memory + STACK as u64;
        Resource::DATA.set(data, data)?;
        let addresses = data + ADDRESSES;
        Resource::AS.set(addresses, addresses)?;
        Resource::CORE.set(0, 0)?;
    }
    // When memory runs out all the same, the system is to choose this process. Not every system can be told.
    let _ = fs::write("/proc/self/oom_score_adj", "1000");
    Ok(())
}

struct Frames<'a, W>(&'a mut W);

impl<W: Write> Output for Frames<'_, W> {
    fn head(&mut self, head: Head) -> io::Result<()> {
        write_event(self.0, &Event::Head(head))
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        write_event(self.0, &Event::Data(bytes.to_vec()))
    }
}

/// Room for the recursion of the parser and the optimiser; a query that needs more ends its worker only.
const STACK: usize = 256 * 1024 * 1024;
/// Addresses that a process has without using them: its program, its threads' arenas.
const ADDRESSES: u64 = 2 * 1024 * 1024 * 1024;
