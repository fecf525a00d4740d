//! Sets: parts of the catalogue, as `theme:ENVI`; the first segment alone is all of them.

use archive::Part;
use model::SourceId;
use uuid::Uuid;
use vocab::{Concept, Scheme, Vocab};

/// In the order in which a code is looked for, as in the parts of the CSW.
const SCHEMES: [Scheme; 3] = [Scheme::DataTheme, Scheme::InspireTheme, Scheme::HvdCategory];

/// The part of the catalogue that a setSpec names; `None` for one that is no setSpec of this repository, whatever its catalogue has.
pub(super) fn part(spec: &str) -> Option<Part> {
    match spec.split_once(':') {
        None => match spec {
            "source" => Some(Part::Sources),
            "organisation" => Some(Part::Publishers),
            "theme" => Some(Part::Themes),
            _ => None,
        },
        Some(("source", id)) => SourceId::new(id).ok().map(Part::Source),
        Some(("organisation", id)) => Uuid::try_parse(id)
            .ok()
            .filter(|uuid| uuid.to_string() == id)
            .map(Part::Publisher),
        Some(("theme", code)) => {
            theme(code).map(|concept| Part::Theme(concept.iri.as_str().to_owned()))
        }
        _ => None,
    }
}

/// The setSpec of a part. A theme of another vocabulary has none but that of all themes.
pub(super) fn spec(part: &Part) -> String {
    match part {
        Part::Source(id) => format!("source:{id}"),
        Part::Publisher(id) => format!("organisation:{id}"),
        Part::Theme(iri) => match concept(iri) {
            Some(concept) => format!("theme:{}", concept.code),
            None => "theme".to_owned(),
        },
        Part::Sources => "source".to_owned(),
        Part::Publishers => "organisation".to_owned(),
        Part::Themes => "theme".to_owned(),
    }
}

/// Every theme that has a set.
pub(super) fn themes() -> impl Iterator<Item = &'static Concept> {
    SCHEMES
        .into_iter()
        .flat_map(|scheme| Vocab::bundled().scheme(scheme).concepts())
        .filter(|concept| {
            is_spec(concept) && theme(&concept.code).is_some_and(|found| found.iri == concept.iri)
        })
}

fn theme(code: &str) -> Option<&'static Concept> {
    SCHEMES
        .into_iter()
        .find_map(|scheme| Vocab::bundled().scheme(scheme).get(code))
        .filter(|concept| concept.code == code && is_spec(concept))
}

fn concept(iri: &str) -> Option<&'static Concept> {
    Vocab::bundled()
        .concept(iri)
        .filter(|concept| theme(&concept.code).is_some_and(|found| found.iri == concept.iri))
}

/// <https://www.openarchives.org/OAI/openarchivesprotocol.html#Set>
fn is_spec(concept: &Concept) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.!~*'()".contains(c);
    !concept.code.is_empty() && concept.code.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_leads_to_its_part_and_back() {
        for text in [
            "source",
            "organisation",
            "theme",
            "source:geo2france",
            "organisation:00000000-0000-4000-8000-000000000001",
            "theme:ENVI",
            "theme:hy",
        ] {
            assert_eq!(spec(&part(text).expect(text)), text);
        }
        for bad in [
            "",
            ":",
            "source:",
            "source:É",
            "theme:",
            "theme:NONE",
            "organisation:1",
            "a:b:c",
            "theme:ENVI:x",
        ] {
            assert_eq!(part(bad), None, "{bad}");
        }
        let all: Vec<String> = themes()
            .map(|concept| format!("theme:{}", concept.code))
            .collect();
        assert!(all.len() > 40, "{}", all.len());
        for text in &all {
            assert_eq!(spec(&part(text).expect(text)), *text);
        }
        assert_eq!(
            spec(&Part::Theme("https://autre.example/x".to_owned())),
            "theme"
        );
    }
}
