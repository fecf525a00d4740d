//! One pass through a document, with the namespaces in scope.

use model::ReadError;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use crate::Page;
use crate::slice::{Declaration, OpenSlice, Slice};
use crate::xml::{
    MAX_ATTRIBUTES, MAX_COPIED, MAX_DECLARATIONS, MAX_DEPTH, MAX_IRI, attribute, local, malformed,
    position, prefix, resolve, syntax_error,
};

/// What looks on while a document is read.
pub trait Visit<'t> {
    /// An element begins. `true` makes it a record, unless it stands inside of one: [`Visit::sliced`] then has it.
    fn open(&mut self, element: &Open<'t, '_>) -> Result<bool, ReadError>;

    /// Text of the innermost element, in pieces.
    fn text(&mut self, _text: &str) {}

    /// The innermost element ends. Of a record, [`Visit::sliced`] follows.
    fn close(&mut self, _depth: usize) {}

    fn sliced(&mut self, slice: Slice<'t>);
}

/// A start tag.
pub struct Open<'t, 'e> {
    pub name: &'t str,
    /// 1 for the root.
    pub depth: usize,
    /// Where in the text the tag begins.
    pub start: usize,
    event: &'e BytesStart<'e>,
}

impl<'t> Open<'t, '_> {
    pub fn local(&self) -> &'t str {
        local(self.name)
    }

    /// The value of an attribute by its local name.
    pub fn attribute(&self, name: &str) -> Option<String> {
        attribute(self.event, name)
    }
}

/// Reads the page to its end.
///
/// # Errors
/// What the visitor says, and [`ReadError`] where the page is no well-formed XML or ends too early.
pub fn walk<'t, V: Visit<'t>>(page: Page<'t>, visitor: &mut V) -> Result<(), ReadError> {
    let text = page.text;
    let mut reader = Reader::from_str(text);
    let mut walk = Walk {
        page,
        visitor,
        depth: 0,
        seen_root: false,
        declarations: Vec::new(),
        slice: None,
        copied: 0,
    };
    loop {
        let start = position(reader.buffer_position());
        let event = reader
            .read_event()
            .map_err(|error| syntax_error(text, &reader, &error))?;
        let end = position(reader.buffer_position());
        match event {
            Event::Start(element) => walk.open(&element, start)?,
            Event::Empty(element) => {
                walk.open(&element, start)?;
                walk.close(end)?;
            }
            Event::End(_) => walk.close(end)?,
            Event::Text(words) => walk.visitor.text(&words.xml10_content()),
            Event::CData(words) => walk.visitor.text(&words.xml10_content()),
            Event::GeneralRef(reference) => match resolve(&reference) {
                Some(character) => walk.visitor.text(&character),
                None => {
                    let message = format!(
                        "`&{};` is no character and no entity of XML",
                        &*reference.xml10_content()
                    );
                    return Err(malformed(text, start, message));
                }
            },
            Event::Eof => break,
            // A DOCTYPE declares entities: none is expanded, and a reference to one is malformed.
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) => {}
        }
    }
    if !walk.seen_root {
        return Err(ReadError::Unexpected(
            "the answer is empty or not XML".to_owned(),
        ));
    }
    if walk.depth > 0 {
        return Err(malformed(
            text,
            text.len(),
            "the answer ends before its root element does: it was cut off",
        ));
    }
    Ok(())
}

struct Walk<'t, 'v, V> {
    page: Page<'t>,
    visitor: &'v mut V,
    depth: usize,
    seen_root: bool,
    declarations: Vec<Declaration<'t>>,
    slice: Option<OpenSlice<'t>>,
    /// Bytes of the records so far.
    copied: usize,
}

impl<'t, V: Visit<'t>> Walk<'t, '_, V> {
    fn open(&mut self, element: &BytesStart<'_>, start: usize) -> Result<(), ReadError> {
        let length = element.name().as_ref().len();
        let name: &'t str = self
            .page
            .text
            .get(start + 1..start + 1 + length)
            .unwrap_or_default();
        self.seen_root = true;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(malformed(
                self.page.text,
                start,
                format!("elements nest more than {MAX_DEPTH} deep"),
            ));
        }
        let open = Open {
            name,
            depth: self.depth,
            start,
            event: element,
        };
        if self.visitor.open(&open)? && self.slice.is_none() {
            self.slice = Some(OpenSlice::new(start, name, self.depth));
        }
        self.attributes(element, name, start)
    }

    /// Checks the attributes, notes the declarations among them, then the prefixes in use.
    fn attributes(
        &mut self,
        element: &BytesStart<'_>,
        name: &'t str,
        start: usize,
    ) -> Result<(), ReadError> {
        let text: &'t str = self.page.text;
        let mut used: Vec<&'t str> = Vec::new();
        let mut behind = start + 1 + name.len();
        for (index, attribute) in element.attributes().enumerate() {
            if index >= MAX_ATTRIBUTES || self.declarations.len() >= MAX_DECLARATIONS {
                return Err(malformed(
                    text,
                    start,
                    format!("<{name}> has too many attributes or namespaces"),
                ));
            }
            let attribute = attribute.map_err(|error| {
                malformed(
                    text,
                    start,
                    format!("<{name}> has a bad attribute: {error}"),
                )
            })?;
            let key = attribute.key.as_ref();
            if attribute.value.contains('&')
                && let Err(error) = unescape(&attribute.value)
            {
                return Err(malformed(
                    text,
                    start,
                    format!("the attribute {key} of <{name}> is not well-formed: {error}"),
                ));
            }
            let declared = if key == "xmlns" {
                Some("")
            } else {
                key.strip_prefix("xmlns:")
            };
            let key = declared.unwrap_or(prefix(key));
            let Some(key) = find_in(text, &mut behind, key) else {
                continue;
            };
            match declared {
                Some(_) if attribute.value.len() > MAX_IRI => {
                    let message = "a namespace is too long to be one";
                    return Err(malformed(text, start, message));
                }
                Some(_) => self.declarations.push(Declaration {
                    prefix: key,
                    iri: attribute.value.into_owned(),
                    depth: self.depth,
                }),
                None => used.push(key),
            }
        }
        if let Some(slice) = &mut self.slice {
            slice.use_prefix(prefix(name), &self.declarations);
            used.into_iter()
                .for_each(|prefix| slice.use_prefix(prefix, &self.declarations));
            if slice.has_too_many_undeclared() {
                let message = "a record has too many prefixes that no element declares";
                return Err(malformed(text, start, message));
            }
        }
        Ok(())
    }

    /// The innermost element ends at `end`.
    fn close(&mut self, end: usize) -> Result<(), ReadError> {
        let depth = self.depth;
        self.visitor.close(depth);
        if let Some(slice) = self.slice.take_if(|slice| slice.depth == depth) {
            let around = self
                .declarations
                .partition_point(|declaration| declaration.depth < depth);
            let (around, own) = self.declarations.split_at(around);
            let slice = slice.finish(&self.page, end, around, own);
            self.copied = self.copied.saturating_add(slice.document.len());
            if self.copied > MAX_COPIED {
                return Err(ReadError::Unexpected(
                    "the namespaces of the page make its records many times as long as it is"
                        .to_owned(),
                ));
            }
            self.visitor.sliced(slice);
        }
        while self
            .declarations
            .last()
            .is_some_and(|declaration| declaration.depth >= depth)
        {
            self.declarations.pop();
        }
        self.depth = depth.saturating_sub(1);
        Ok(())
    }
}

/// The same word with the lifetime of the page: quick-xml lends attributes for the length of their event only. They stand one behind
/// the other, so that the next is searched for behind this one.
fn find_in<'t>(text: &'t str, behind: &mut usize, word: &str) -> Option<&'t str> {
    if word.is_empty() {
        return Some("");
    }
    let at = *behind + text.get(*behind..)?.find(word)?;
    *behind = at + word.len();
    text.get(at..*behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes each element `r` for a record, and keeps nothing of it but the number.
    #[derive(Default)]
    struct Count {
        records: usize,
        undeclared: usize,
    }

    impl<'t> Visit<'t> for Count {
        fn open(&mut self, element: &Open<'t, '_>) -> Result<bool, ReadError> {
            Ok(element.local() == "r")
        }

        fn sliced(&mut self, slice: Slice<'t>) {
            self.records += 1;
            self.undeclared += slice.undeclared.len();
        }
    }

    fn count(text: &str) -> (Count, Result<(), ReadError>) {
        let mut count = Count::default();
        let read = walk(Page { text, shared: None }, &mut count);
        (count, read)
    }

    fn declarations(numbers: std::ops::Range<usize>, length: usize) -> String {
        numbers
            .map(|n| format!(" xmlns:n{n:03}=\"urn:{n:0length$}\""))
            .collect()
    }

    #[test]
    fn namespaces_cost_the_page_and_not_the_page_times_its_records() {
        let (_, read) = count(&format!("<a{}><r/></a>", declarations(0..1, 600)));
        assert!(matches!(read, Err(ReadError::Malformed { .. })), "{read:?}");
        // Each record has 190 namespaces of half a kilobyte: 97 KB a record.
        let names: String = (0..99).map(|n| format!(" n{n:03}:x=\"\"")).collect();
        let rest: String = (99..190).map(|n| format!("<n{n:03}:y/>")).collect();
        let records = format!("<r{names}>{rest}</r>").repeat(3_500);
        let (seen, read) = count(&format!(
            "<a{}><b{}>{records}</b></a>",
            declarations(0..95, 500),
            declarations(95..190, 500)
        ));
        assert!(matches!(read, Err(ReadError::Unexpected(_))), "{read:?}");
        assert!(seen.records < 3_000, "{}", seen.records);
    }

    #[test]
    fn prefixes_and_attributes_are_bounded() {
        let uses =
            |number: usize| -> String { (0..number).map(|n| format!("<n{n}:y/>")).collect() };
        let (seen, read) = count(&format!("<a><r>{0}{0}</r></a>", uses(100)));
        assert_eq!((read, seen.records, seen.undeclared), (Ok(()), 1, 100));
        let attributes =
            |number: usize| -> String { (0..number).map(|n| format!(" n{n}=\"\"")).collect() };
        assert!(count(&format!("<a{}/>", attributes(100))).1.is_ok());
        for bad in [
            format!("<a><r>{}</r></a>", uses(101)),
            format!("<a{}/>", attributes(101)),
        ] {
            let read = count(&bad).1;
            assert!(matches!(read, Err(ReadError::Malformed { .. })), "{read:?}");
        }
    }
}
