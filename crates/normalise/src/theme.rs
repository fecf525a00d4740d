//! Themes: of the EU, of INSPIRE, and the topic categories of ISO 19115.

use model::ns::{dcat, geodcatap};
use model::{EntityKind, Severity};
use oxrdf::{Term, Triple};
use vocab::{Concept, Scheme, Vocab};

use crate::desk::{Desk, Outcome, is_void, note, subject_of, text_of};

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
        let found = concept(vocab, &value, topic, is_text);
        desk.decide("theme", &value, || match found {
            Some(found) => Outcome::Resolved {
                to: found.iri.as_str().to_owned(),
                certain: true,
            },
            None if is_text && is_void(&value) => Outcome::Void,
            None => Outcome::Unresolved,
        });
        match found {
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

/// A category of high-value datasets is a claim under the regulation: its address is one, a common word such as « mobilité » is not.
fn concept<'a>(vocab: &'a Vocab, value: &str, topic: bool, is_text: bool) -> Option<&'a Concept> {
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
        .filter(|scheme| !is_text || *scheme != Scheme::HvdCategory)
        .find_map(|scheme| vocab.scheme(scheme).resolve(value))
        .map(|found| found.concept)
        .or_else(|| gemet(vocab, value))
        .or_else(|| elsewhere(vocab, value))
        .or_else(|| {
            // Switzerland divides the topic categories: `planningCadastre_Planning`.
            let (category, _) = value.split_once('_')?;
            vocab.scheme(Scheme::TopicCategory).get(category)
        })
}

/// Where no EU data theme is stated, those that keywords name: DCAT-AP recommends one, and portals sort by them.
pub fn from_keywords(desk: &mut Desk<'_>) {
    if !matches!(
        desk.entity.kind,
        EntityKind::Dataset | EntityKind::DatasetSeries
    ) || !desk.has(&[dcat::KEYWORD])
    {
        return;
    }
    let vocab = desk.context.vocab;
    let themes = vocab.scheme(Scheme::DataTheme);
    let iri = desk.entity.iri.clone();
    let stated = desk
        .entity
        .objects(&iri, dcat::THEME)
        .any(|theme| themes.by_iri(text_of(theme)).is_some());
    if stated {
        return;
    }
    let mut derived: Vec<(&Concept, String)> = Vec::new();
    for keyword in desk.entity.objects(&iri, dcat::KEYWORD) {
        let keyword = text_of(keyword);
        let known = [
            Scheme::DataTheme,
            Scheme::InspireTheme,
            Scheme::TopicCategory,
        ]
        .into_iter()
        .find_map(|scheme| vocab.scheme(scheme).resolve(keyword));
        let Some(known) = known.map(|found| found.concept) else {
            continue;
        };
        if known.scheme == Scheme::DataTheme {
            derived.push((known, keyword.to_owned()));
        } else {
            derived.extend(vocab.mapped(known).map(|theme| (theme, keyword.to_owned())));
        }
    }
    derived.sort_by(|a, b| (a.0.iri.as_str(), &a.1).cmp(&(b.0.iri.as_str(), &b.1)));
    derived.dedup_by(|a, b| a.0.iri == b.0.iri);
    for (theme, keyword) in derived {
        desk.entity
            .triples
            .push(Triple::new(iri.clone(), dcat::THEME, theme.iri.clone()));
        desk.find(
            note(
                "theme/derived",
                Severity::Info,
                format!(
                    "no theme is stated: « {} » was taken from a keyword",
                    theme.label()
                ),
                "state the data theme: one of the thirteen of DCAT-AP",
            ),
            iri.as_str(),
            dcat::KEYWORD,
            &keyword,
        );
    }
}

/// INSPIRE themes at their addresses in GEMET: `http://www.eionet.europa.eu/gemet/fr/inspire-theme/hy`.
fn gemet<'a>(vocab: &'a Vocab, value: &str) -> Option<&'a Concept> {
    let (_, code) = value.rsplit_once("/inspire-theme/")?;
    vocab
        .scheme(Scheme::InspireTheme)
        .get(code.trim_end_matches('/'))
}

/// Themes at the addresses that other portals mint of their labels (`…/id/theme/transports-déplacements`), and topic categories in other
/// registries (`…/MD_TopicCategoryCode/society`).
fn elsewhere<'a>(vocab: &'a Vocab, value: &str) -> Option<&'a Concept> {
    if let Some((_, label)) = value.rsplit_once("opendatasoft.com/id/theme/") {
        return vocab
            .scheme(Scheme::DataTheme)
            .resolve(label)
            .map(|found| found.concept);
    }
    let (list, code) = value.rsplit_once(['/', '#'])?;
    list.ends_with("MD_TopicCategoryCode")
        .then(|| vocab.scheme(Scheme::TopicCategory).get(code))?
}
