//! A first look at JSON-LD, for what the parser does not bound.

use model::ReadError;
use serde::de::IgnoredAny;

use crate::document::position;

/// Values nested deeper than in any document of the field.
const MAX_DEPTH: usize = 100;
/// A bound on the bytes of contexts that are copied: whatever changes the context has to copy the one that it stands in.
const MAX_COPIES: usize = 1 << 33;

/// The parser does not bound the depth of what it reads; and what it cannot read of a string would end it, so that this is refused here.
pub fn check(text: &str) -> Result<(), ReadError> {
    let mut look = Look::default();
    // Where the string begins that is being read, and whether it has escapes.
    let mut string: Option<(usize, bool)> = None;
    let mut escaped = false;
    for (offset, byte) in text.bytes().enumerate() {
        let Some((start, has_escapes)) = &mut string else {
            if byte == b'"' {
                string = Some((offset, false));
            } else if !look.sign(byte, offset) {
                let message = format!("values are nested more than {MAX_DEPTH} deep");
                return Err(refused(text, message, offset));
            }
            continue;
        };
        if !escaped && byte == b'"' {
            let written = text.get(*start..=offset).unwrap_or_default();
            let is_context = if *has_escapes {
                let read: Result<String, _> = serde_json::from_str(written);
                let read = read.map_err(|error| {
                    let message = format!("a text of the answer is not well-formed JSON: {error}");
                    refused(text, message, *start)
                })?;
                read == "@context"
            } else {
                written == "\"@context\""
            };
            look.string(is_context);
            string = None;
            continue;
        }
        escaped = !escaped && byte == b'\\';
        *has_escapes |= escaped;
    }
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| ReadError::Malformed {
        message: format!("the answer is not well-formed JSON: {error}"),
        at: Some(format!("line {} column {}", error.line(), error.column())),
    })?;
    if look.copies() > MAX_COPIES {
        let message = "too many objects stand in too large contexts".to_owned();
        return Err(refused(text, message, 0));
    }
    Ok(())
}

fn refused(text: &str, message: String, offset: usize) -> ReadError {
    ReadError::Malformed {
        message,
        at: Some(position(text, offset)),
    }
}

/// A context that is being read.
struct Context {
    start: usize,
    depth: usize,
    is_list: bool,
    members: usize,
}

#[derive(Default)]
struct Look {
    /// For each bracket that is open, the length of the contexts that hold in it.
    open: Vec<usize>,
    /// Their sum, and the greatest that it was.
    held: usize,
    heaviest: usize,
    /// Whether the last sign ended the string `@context`.
    after_name: bool,
    reading: Vec<Context>,
    contexts: usize,
    /// The members of lists of contexts: each of them is a context.
    members: usize,
    /// The longest list of contexts within a context, which each object that uses it reads again.
    scoped: Option<usize>,
    objects: usize,
    strings: usize,
}

impl Look {
    fn string(&mut self, is_context: bool) {
        self.strings += 1;
        self.after_name = is_context;
    }

    /// What stands outside of strings; `false` when it nests too deep.
    fn sign(&mut self, byte: u8, offset: usize) -> bool {
        if byte.is_ascii_whitespace() {
            return true;
        }
        let after_name = std::mem::take(&mut self.after_name);
        let depth = self.open.len();
        match byte {
            b':' if after_name => {
                self.contexts += 1;
                self.reading.push(Context {
                    start: offset,
                    depth,
                    is_list: false,
                    members: 1,
                });
            }
            b'{' | b'[' => {
                self.objects += usize::from(byte == b'{');
                if let Some(context) = self.reading.last_mut().filter(|own| own.depth == depth) {
                    context.is_list = byte == b'[';
                }
                self.open.push(0);
            }
            b',' => {
                self.end_context(depth, offset);
                if let Some(context) = self.reading.last_mut() {
                    let member = context.is_list && context.depth + 1 == depth;
                    context.members += usize::from(member);
                }
            }
            b'}' | b']' => {
                self.end_context(depth, offset);
                let length = self.open.pop().unwrap_or_default();
                self.held = self.held.saturating_sub(length);
            }
            _ => {}
        }
        self.open.len() <= MAX_DEPTH
    }

    fn end_context(&mut self, depth: usize, offset: usize) {
        let Some(context) = self.reading.pop_if(|context| context.depth == depth) else {
            return;
        };
        let length = offset.saturating_sub(context.start);
        if let Some(holder) = self.open.last_mut() {
            *holder += length;
            self.held += length;
        }
        self.heaviest = self.heaviest.max(self.held);
        self.members += context.members;
        if !self.reading.is_empty() {
            self.scoped = Some(self.scoped.unwrap_or(0).max(context.members));
        }
    }

    /// At most so many bytes of contexts are copied: at each object, where they change at all; at each type and each
    /// property, where these have contexts of their own.
    fn copies(&self) -> usize {
        let changes = match self.scoped {
            Some(members) => self.strings.saturating_mul(members),
            None if self.contexts > 1 => self.objects,
            None => 0,
        };
        let members = self.members.saturating_sub(1);
        changes
            .saturating_add(members)
            .saturating_mul(self.heaviest)
    }
}
