//! Themes: of the EU, of INSPIRE, and the topic categories of ISO 19115.

use model::Severity;
use model::ns::{dcat, geodcatap};
use oxrdf::{Term, Triple};
use vocab::{Concept, Scheme, Vocab};

use crate::desk::{Desk, is_void, note, subject_of, text_of};

/// Resolves themes and topic categories, and adds the EU data themes that follow from them: DCAT-AP asks for those.
pub fn resolve(desk: &mut Desk<'_>) {
    if !desk.has(&[dcat::THEME, geodcatap::TOPIC_CATEGORY]) {
        return;
    }
    let vocab = desk.context.vocab;
    for triple in desk.take_all(&[dcat::THEME, geodcatap::TOPIC_CATEGORY]) {
        let value = text_of(&triple.object).to_owned();
        let is_text = matches!(triple.object, Term::Literal(_));
        let topic = triple.predicate == geodcatap::TOPIC_CATEGORY;
        match concept(vocab, &value, topic) {
            Some(found) => {
                for theme in vocab.mapped(found) {
                    desk.entity.triples.push(Triple::new(
                        triple.subject.clone(),
                        dcat::THEME,
                        theme.iri.clone(),
                    ));
                }
                let predicate = if found.scheme == Scheme::TopicCategory {
                    geodcatap::TOPIC_CATEGORY
                } else {
                    dcat::THEME
                };
                desk.entity
                    .triples
                    .push(Triple::new(triple.subject, predicate, found.iri.clone()));
            }
            None if is_text && is_void(&value) => {}
            None if is_text => {
                let subject = subject_of(&triple).to_owned();
                let predicate = triple.predicate.clone();
                desk.find(
                    note(
                        "theme/unknown",
                        Severity::Info,
                        "the theme is in no known list: it was kept as a keyword",
                        "choose the theme from the list, or enter it as a keyword",
                    ),
                    &subject,
                    predicate.as_ref(),
                    &value,
                );
                desk.entity
                    .triples
                    .push(Triple::new(triple.subject, dcat::KEYWORD, triple.object));
            }
            None => desk.entity.triples.push(triple),
        }
    }
}

fn concept<'a>(vocab: &'a Vocab, value: &str, topic: bool) -> Option<&'a Concept> {
    let order = if topic {
        [
            Scheme::TopicCategory,
            Scheme::DataTheme,
            Scheme::InspireTheme,
            Scheme::HvdCategory,
        ]
    } else {
        [
            Scheme::DataTheme,
            Scheme::InspireTheme,
            Scheme::TopicCategory,
            Scheme::HvdCategory,
        ]
    };
    order
        .into_iter()
        .find_map(|scheme| vocab.scheme(scheme).resolve(value))
        .map(|found| found.concept)
        .or_else(|| gemet(vocab, value))
        .or_else(|| {
            // Switzerland divides the topic categories: `planningCadastre_Planning`.
            let (category, _) = value.split_once('_')?;
            vocab.scheme(Scheme::TopicCategory).get(category)
        })
}

/// INSPIRE themes at their addresses in GEMET: `http://www.eionet.europa.eu/gemet/fr/inspire-theme/hy`.
fn gemet<'a>(vocab: &'a Vocab, value: &str) -> Option<&'a Concept> {
    let (_, code) = value.rsplit_once("/inspire-theme/")?;
    vocab
        .scheme(Scheme::InspireTheme)
        .get(code.trim_end_matches('/'))
}
