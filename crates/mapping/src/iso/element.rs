//! The elements of a tree, and the paths that lead to them.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::tree::{NONE, Node, Tree};

/// How many values of a property are read.
const MAX_VALUES: usize = 5_000;

/// One element of a tree.
#[derive(Clone, Copy)]
pub(crate) struct Element<'t> {
    pub(crate) tree: &'t Tree<'t>,
    pub(crate) id: u32,
}

impl std::fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.xpath())
    }
}

impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && std::ptr::eq(self.tree, other.tree)
    }
}

impl<'t> Element<'t> {
    fn node(self) -> &'t Node {
        &self.tree.nodes[self.id as usize]
    }

    /// The local name.
    pub fn name(self) -> &'t str {
        let node = self.node();
        self.tree
            .source
            .get(node.local as usize..node.name.1 as usize)
            .unwrap_or_default()
    }

    fn qualified_name(self) -> &'t str {
        let node = self.node();
        self.tree
            .source
            .get(node.name.0 as usize..node.name.1 as usize)
            .unwrap_or_default()
    }

    /// The element's own text, trimmed.
    pub fn text(self) -> &'t str {
        self.slice(self.node().text).trim()
    }

    /// The value of an attribute, by its local name; `None` when it is empty.
    pub fn attribute(self, name: &str) -> Option<&'t str> {
        let (begin, end) = self.node().attributes;
        let attributes = self.tree.attributes.get(begin as usize..end as usize)?;
        let found = attributes
            .iter()
            .find(|attribute| self.slice(attribute.name) == name)?;
        Some(self.slice(found.value)).filter(|value| !value.is_empty())
    }

    fn slice(self, (begin, end): (u32, u32)) -> &'t str {
        self.tree
            .text
            .get(begin as usize..end as usize)
            .unwrap_or_default()
    }

    pub fn children(self) -> impl Iterator<Item = Element<'t>> {
        let tree = self.tree;
        std::iter::successors(
            Some(self.node().first_child).filter(|id| *id != NONE),
            move |id| Some(tree.nodes[*id as usize].next).filter(|id| *id != NONE),
        )
        .map(move |id| Element { tree, id })
    }

    pub fn child(self, name: &str) -> Option<Element<'t>> {
        self.children().find(|child| child.name() == name)
    }

    /// What a property holds: its first child element.
    pub fn object(self) -> Option<Element<'t>> {
        self.children().next()
    }

    /// The properties at the end of a path of property names, from an object. ISO 19118 alternates properties
    /// (`citation`) and objects (`CI_Citation`), and the object's name says nothing that its property does not: so the
    /// path `citation/title` stands for `citation/*/title`.
    pub fn all(self, path: &str) -> Vec<Element<'t>> {
        let mut found = Vec::new();
        self.collect(path, &mut found);
        found
    }

    fn collect(self, path: &str, found: &mut Vec<Element<'t>>) {
        let (step, rest) = path.split_once('/').unwrap_or((path, ""));
        for property in self.children().filter(|child| child.name() == step) {
            if found.len() >= MAX_VALUES {
                return;
            }
            if rest.is_empty() {
                found.push(property);
            } else {
                property
                    .children()
                    .for_each(|object| object.collect(rest, found));
            }
        }
    }

    pub fn first(self, path: &str) -> Option<Element<'t>> {
        let (step, rest) = path.split_once('/').unwrap_or((path, ""));
        let mut properties = self.children().filter(|child| child.name() == step);
        if rest.is_empty() {
            properties.next()
        } else {
            properties
                .find_map(|property| property.children().find_map(|object| object.first(rest)))
        }
    }

    /// The first text in or under the element.
    pub fn value(self) -> &'t str {
        let own = self.text();
        if !own.is_empty() {
            return own;
        }
        self.children()
            .map(Element::value)
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    }

    /// The value of the first property at a path that has one.
    pub fn value_of(self, path: &str) -> Option<&'t str> {
        self.all(path)
            .into_iter()
            .map(Element::value)
            .find(|value| !value.is_empty())
    }

    /// An XPath in the document's own prefixes, with positions where a name stands several times.
    pub fn xpath(self) -> String {
        let mut steps = Vec::new();
        let mut at = self;
        while at.id != 0 {
            steps.push((at.qualified_name(), at.position()));
            at = Element {
                tree: at.tree,
                id: at.node().parent,
            };
        }
        steps.push((at.qualified_name(), None));
        let mut path = String::new();
        for (name, position) in steps.into_iter().rev() {
            path.push('/');
            path.push_str(name);
            if let Some(position) = position {
                let _ = write!(path, "[{position}]");
            }
        }
        path
    }

    /// Which of its parent's children of that name the element is, where there are several. The positions of a parent's
    /// children are counted once: a hostile record has thousands of them, and a place for each.
    fn position(self) -> Option<u32> {
        let parent = self.node().parent;
        let mut known = self.tree.positions.borrow_mut();
        let positions = known.entry(parent).or_insert_with(|| {
            let mut counts: HashMap<&str, u32> = HashMap::new();
            let parent = Element {
                tree: self.tree,
                id: parent,
            };
            let numbered: Vec<(u32, &str, u32)> = parent
                .children()
                .map(|child| {
                    let name = child.qualified_name();
                    let count = counts.entry(name).or_default();
                    *count += 1;
                    (child.id, name, *count)
                })
                .collect();
            numbered
                .into_iter()
                .filter(|(_, name, _)| counts.get(name).is_some_and(|count| *count > 1))
                .map(|(id, _, position)| (id, position))
                .collect()
        });
        positions.get(&self.id).copied()
    }
}
