//! Words that are looked for in all texts, by how much they say.

use std::collections::BTreeMap;

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, FuzzyTermQuery, Occur, PhraseQuery,
    Query, TermQuery,
};
use tantivy::schema::IndexRecordOption;
use tantivy_fst::Automaton;

use crate::analysis::{self, Asked};
use crate::filter::MAX_WORDS;
use crate::query::{either, term};
use crate::{Pattern, Piece, SearchError, Snapshot};

type Boxed = Box<dyn Query>;

/// Words that are in no text, with those that were looked for in their place.
pub(crate) type Corrections = Vec<(String, Vec<String>)>;

/// What a title counts that is what was asked for.
const EXACT_TITLE: f32 = 50.0;
/// A word that is only alike counts less.
const ALIKE: f32 = 0.4;
/// So many words take the place of one that is unknown.
const MOST_ALIKE: usize = 8;
/// So many words of the index are looked at, at most.
const MOST_LOOKED_AT: usize = 20_000;

/// All words, in any text; what stands in quotes has to follow each other.
pub(crate) fn query(
    snapshot: &Snapshot,
    text: &str,
    corrections: &mut Corrections,
) -> Result<Boxed, SearchError> {
    let mut all: Vec<(Occur, Boxed)> = Vec::new();
    let mut count = 0;
    let mut common = Vec::new();
    for (at, part) in text.split(['"', '«', '»', '“', '”']).enumerate() {
        let asked = analysis::asked(part);
        count += asked.len();
        if count > MAX_WORDS {
            return Err(SearchError::TooManyWords(MAX_WORDS));
        }
        let quoted = at % 2 == 1;
        let telling = asked.iter().filter(|word| word.stem.is_some()).count();
        if quoted && telling > 1 {
            all.push((Occur::Must, phrase(snapshot, &asked)));
            continue;
        }
        for word in asked {
            match &word.stem {
                Some(stem) => all.push((Occur::Must, one(snapshot, &word, stem, corrections)?)),
                None => common.push(word.folded),
            }
        }
    }
    if all.is_empty() {
        // There is nothing but stop words, so they are meant.
        let words = common.iter();
        all.extend(words.map(|word| (Occur::Must, term(snapshot.columns.words, word))));
    }
    if all.is_empty() {
        return Ok(Box::new(EmptyQuery));
    }
    let title = term(snapshot.columns.title, &analysis::sort_key(text));
    all.push((
        Occur::Should,
        Box::new(ConstScoreQuery::new(title, EXACT_TITLE)),
    ));
    Ok(Box::new(BooleanQuery::new(all)))
}

/// A word in any text; or what it may have been meant to be, if it is in none.
fn one(
    snapshot: &Snapshot,
    word: &Asked,
    stem: &str,
    corrections: &mut Corrections,
) -> Result<Boxed, SearchError> {
    let mut found = Vec::new();
    for text in &snapshot.columns.texts {
        let term = Term::from_field_text(text.column, stem);
        if snapshot.searcher.doc_freq(&term)? > 0 {
            let query = Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
            found.push(Box::new(BoostQuery::new(query, text.weight)) as Boxed);
        }
    }
    if !found.is_empty() {
        return Ok(either(found));
    }
    let alike = alike(snapshot, &word.folded)?;
    if alike.is_empty() {
        return Ok(Box::new(EmptyQuery));
    }
    let queries = alike
        .iter()
        .map(|word| {
            let word = term(snapshot.columns.words, word);
            Box::new(BoostQuery::new(word, ALIKE)) as Boxed
        })
        .collect();
    corrections.push((word.folded.clone(), alike));
    Ok(either(queries))
}

fn phrase(snapshot: &Snapshot, asked: &[Asked]) -> Boxed {
    let first = asked.iter().find(|word| word.stem.is_some());
    let first = first.map_or(0, |word| word.position);
    let queries = snapshot
        .columns
        .texts
        .iter()
        .map(|text| {
            let terms = asked
                .iter()
                .filter_map(|word| {
                    let term = Term::from_field_text(text.column, word.stem.as_deref()?);
                    Some((word.position.saturating_sub(first), term))
                })
                .collect();
            let phrase = Box::new(PhraseQuery::new_with_offset(terms));
            Box::new(BoostQuery::new(phrase, text.weight)) as Boxed
        })
        .collect();
    either(queries)
}

/// The words that begin like this one; else those that are one slip away from it; else, for long ones, two. The most
/// frequent ones.
fn alike(snapshot: &Snapshot, word: &str) -> Result<Vec<String>, SearchError> {
    let length = word.chars().count();
    if length < 3 || word.chars().all(|c| c.is_ascii_digit()) {
        return Ok(Vec::new());
    }
    let begins = Pattern::new([Piece::Literal(word.to_owned()), Piece::AnyString])?;
    let found = known(snapshot, &begins.matcher())?;
    if !found.is_empty() || length < 4 {
        return Ok(found);
    }
    let term = Term::from_field_text(snapshot.columns.words, word);
    let slips = if length < 8 { 1 } else { 2 };
    for distance in 1..=slips {
        let automaton = FuzzyTermQuery::new(term.clone(), distance, true).automaton()?;
        let found = known(snapshot, &automaton)?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

fn known<A: Automaton>(snapshot: &Snapshot, automaton: &A) -> Result<Vec<String>, SearchError>
where
    A::State: Clone,
{
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    for segment in snapshot.searcher.segment_readers() {
        let index = segment.inverted_index(snapshot.columns.words)?;
        let mut terms = index
            .terms()
            .search(automaton)
            .into_stream()
            .map_err(tantivy::TantivyError::from)?;
        let mut looked_at = 0;
        while terms.advance() && looked_at < MOST_LOOKED_AT {
            looked_at += 1;
            if let Ok(word) = std::str::from_utf8(terms.key()) {
                *found.entry(word.to_owned()).or_default() += u64::from(terms.value().doc_freq);
            }
        }
    }
    let mut found: Vec<(String, u64)> = found.into_iter().collect();
    found.sort_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
    found.truncate(MOST_ALIKE);
    Ok(found.into_iter().map(|(word, _)| word).collect())
}
