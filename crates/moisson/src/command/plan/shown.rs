//! How a plan is shown to a person.

use std::io::IsTerminal;

use harvest::plan::{
    EntityChange, EntityEntry, Entry, Property, RecordChange, RecordEntry, Summary, shortened,
};
use model::RunReport;

use crate::output::printable;

/// Characters of a value that are shown, unless all are asked for.
const VALUE: usize = 160;

/// Records of an entity, and what two records have in common, that are named.
const NAMED: usize = 5;

const GREEN: &str = "32";
const RED: &str = "31";
const YELLOW: &str = "33";
const CYAN: &str = "36";

pub struct Shown {
    verbose: bool,
    colour: bool,
}

impl Shown {
    /// In colour on a terminal, unless NO_COLOR asks for none.
    pub fn new(verbose: bool) -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            verbose,
            colour: wanted && std::io::stdout().is_terminal(),
        }
    }

    pub fn heading(&self, report: &RunReport) -> String {
        format!("plan of {}: what a run would change\n\n", report.source)
    }

    pub fn entry(&self, entry: &Entry) -> String {
        match entry {
            Entry::Entity(entity) => self.entity(entity),
            Entry::Record(record) => self.record(record),
        }
    }

    fn entity(&self, entity: &EntityEntry) -> String {
        let (sign, colour, word) = match entity.change {
            EntityChange::Created => ('+', GREEN, ""),
            EntityChange::Restored => ('^', GREEN, " comes back"),
            EntityChange::Updated => ('~', YELLOW, ""),
            EntityChange::Withdrawn => ('-', RED, " leaves the catalogue"),
            EntityChange::Merged => ('>', CYAN, " becomes a part of another"),
            EntityChange::Separated => ('<', CYAN, " is parted from another"),
        };
        let title = entity.title.as_deref().unwrap_or("(no title)");
        let mut text = self.paint(
            colour,
            &format!("{sign} {} \"{}\"{word}", entity.kind, printable(title)),
        );
        if entity.change != EntityChange::Updated {
            text.push_str(&format!(", {} triples", entity.triples));
        }
        text.push_str(&format!("\n    {}\n", printable(&entity.iri)));
        if !entity.records.is_empty() {
            text.push_str(&format!("    records: {}\n", list(&entity.records)));
        }
        if let Some(into) = &entity.into {
            text.push_str(&format!("    into {}\n", printable(into)));
        }
        for from in &entity.from {
            text.push_str(&format!("    from {}\n", printable(from)));
        }
        for joined in &entity.joined {
            text.push_str(&format!("    joined by {}\n", printable(&joined.record)));
            for because in &joined.because {
                text.push_str(&format!(
                    "        {} with {}: {}\n",
                    because.rule,
                    printable(&because.with),
                    list(&because.shared)
                ));
            }
        }
        // Of one that becomes a part of another, the records go there.
        for left in entity.left.iter().filter(|_| entity.into.is_none()) {
            let (record, to) = (printable(&left.record), printable(&left.to));
            text.push_str(&format!("    left by {record}, which is {to}\n"));
        }
        for property in &entity.properties {
            text.push_str(&self.property(property));
        }
        text.push('\n');
        text
    }

    fn property(&self, property: &Property) -> String {
        let node = match (&property.label, &property.node) {
            (Some(label), _) => format!(" (of \"{}\")", printable(&cut(label, VALUE))),
            (None, Some(node)) => format!(" (of {})", printable(node)),
            (None, None) => String::new(),
        };
        let line = |sign, value: &String| {
            let value = shortened(value);
            let value = match self.verbose {
                true => value,
                false => cut(&value, VALUE),
            };
            format!("    {sign} {}{node} {}", property.path, printable(&value))
        };
        let removed = property.removed.iter().map(|value| (RED, line('-', value)));
        let added = property.added.iter().map(|value| (GREEN, line('+', value)));
        removed
            .chain(added)
            .map(|(colour, line)| self.paint(colour, &line) + "\n")
            .collect()
    }

    fn record(&self, record: &RecordEntry) -> String {
        let (sign, colour, what) = match record.change {
            RecordChange::Missing => ('?', YELLOW, "is missing: it stays for the period of grace"),
            RecordChange::Held => ('=', YELLOW, "is missing: the deletion guard holds it"),
            RecordChange::Back => ('!', GREEN, "was missing, and is there again"),
        };
        let title = record.title.as_deref();
        let title = title.map_or_else(String::new, |title| format!(" \"{}\"", printable(title)));
        let name = printable(&record.record);
        let mut text = self.paint(colour, &format!("{sign} {name}{title} {what}"));
        text.push('\n');
        text
    }

    pub fn summary(&self, summary: &Summary) -> String {
        let mut text = String::from("in all\n");
        for (kind, changes) in &summary.entities {
            let told: Vec<String> = changes
                .iter()
                .map(|(change, count)| format!("{count} {}", word(*change)))
                .collect();
            text.push_str(&format!("    {kind}: {}\n", told.join(", ")));
        }
        if summary.entities.is_empty() {
            text.push_str("    nothing in the catalogue would change\n");
        }
        let (gone, come) = (summary.triples_removed, summary.triples_added);
        if gone + come > 0 {
            text.push_str(&format!(
                "    of entities that stay: {come} triples come, {gone} go\n"
            ));
        }
        for (count, what) in [
            (summary.joined, "records would be one with others"),
            (
                summary.proposed,
                "pairs more would be proposed: `moisson decisions` lists them after the run",
            ),
        ] {
            if count > 0 {
                text.push_str(&format!("    {count} {what}\n"));
            }
        }
        text.push('\n');
        text
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        match self.colour {
            true => format!("\u{1b}[{colour}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }
}

fn word(change: EntityChange) -> &'static str {
    match change {
        EntityChange::Created => "created",
        EntityChange::Updated => "changed",
        EntityChange::Withdrawn => "withdrawn",
        EntityChange::Restored => "restored",
        EntityChange::Merged => "merged",
        EntityChange::Separated => "separated",
    }
}

fn cut(text: &str, length: usize) -> String {
    let mut cut: String = text.chars().take(length).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

fn list(names: &[String]) -> String {
    let mut told: Vec<String> = (names.iter().take(NAMED))
        .map(|name| printable(&cut(name, VALUE)))
        .collect();
    if names.len() > NAMED {
        told.push(format!("and {} more", names.len() - NAMED));
    }
    told.join(", ")
}
