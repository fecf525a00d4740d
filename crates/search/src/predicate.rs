//! What is tested document by document: boxes, and prose.

use std::fmt;
use std::sync::{Arc, OnceLock};

use tantivy::columnar::Column;
use tantivy::query::doc_predicate_query::{
    ConstOrVariableSegmentPredicate, DocPredicate, SegmentDocPredicate,
};
use tantivy::query::{AllScorer, Weight};
use tantivy::schema::{Field as TantivyField, TantivyDocument, Value};
use tantivy::store::StoreReader;
use tantivy::{DocId, SegmentReader};

use crate::pattern::Matcher;
use crate::schema::SIDES;
use crate::spatial::{Rect, Span, relates};
use crate::{Bbox, Op, Relation, SearchError, analysis};

/// Boxes in a relation to others.
#[derive(Debug)]
pub(crate) struct Overlay {
    relation: Relation,
    asked: Vec<Rect>,
}

impl Overlay {
    pub(crate) fn new(relation: Relation, bbox: &Bbox) -> Self {
        Self {
            relation,
            asked: bbox.parts().collect(),
        }
    }
}

pub(crate) struct SegmentOverlay {
    relation: Relation,
    asked: Vec<Rect>,
    sides: [Column<f64>; 4],
    own: Vec<Rect>,
}

impl DocPredicate for Overlay {
    type SegmentDocPredicate = SegmentOverlay;

    fn doc_predicate(
        &self,
        segment: &SegmentReader,
    ) -> tantivy::Result<ConstOrVariableSegmentPredicate<SegmentOverlay>> {
        let [west, south, east, north] = SIDES;
        let side = |name| segment.fast_fields().f64(name);
        Ok(ConstOrVariableSegmentPredicate::Variable {
            predicate: SegmentOverlay {
                relation: self.relation,
                asked: self.asked.clone(),
                sides: [side(west)?, side(south)?, side(east)?, side(north)?],
                own: Vec::new(),
            },
            necessary_condition: Box::new(AllScorer::new(segment.max_doc())),
        })
    }
}

impl SegmentDocPredicate for SegmentOverlay {
    fn eval(&mut self, doc: DocId) -> bool {
        let [west, south, east, north] = &self.sides;
        let corners = west
            .values_for_doc(doc)
            .zip(south.values_for_doc(doc))
            .zip(east.values_for_doc(doc).zip(north.values_for_doc(doc)));
        self.own.clear();
        self.own
            .extend(corners.map(|((west, south), (east, north))| Rect {
                x: Span(west, east),
                y: Span(south, north),
            }));
        relates(self.relation, &self.own, &self.asked)
    }
}

/// Prose that passes a test, among candidates.
pub(crate) struct Prose {
    pub(crate) columns: Vec<TantivyField>,
    pub(crate) test: Arc<Test>,
    pub(crate) match_case: bool,
    pub(crate) candidates: Arc<dyn Weight>,
    pub(crate) faults: Faults,
}

/// Constants and patterns are in lower case where case does not matter.
#[derive(Debug)]
pub(crate) enum Test {
    Like(Matcher),
    Compare(Op, String),
    Between(String, String),
}

impl Test {
    fn passes(&self, value: &str) -> bool {
        match self {
            Self::Like(matcher) => matcher.matches(value),
            Self::Compare(op, constant) => op.holds(value.cmp(constant)),
            Self::Between(low, high) => low.as_str() <= value && value <= high.as_str(),
        }
    }
}

impl Op {
    pub(crate) fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Eq => order.is_eq(),
            Self::Ne => order.is_ne(),
            Self::Lt => order.is_lt(),
            Self::Le => order.is_le(),
            Self::Gt => order.is_gt(),
            Self::Ge => order.is_ge(),
        }
    }
}

/// The first fault of a test: what it could not read it cannot leave out in silence.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults(Arc<OnceLock<String>>);

impl Faults {
    fn note(&self, error: &tantivy::TantivyError) {
        // The first one is told.
        let _ = self.0.set(error.to_string());
    }

    pub(crate) fn check(&self) -> Result<(), SearchError> {
        match self.0.get() {
            Some(fault) => Err(SearchError::Index(tantivy::TantivyError::InternalError(
                fault.clone(),
            ))),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prose")
            .field("columns", &self.columns)
            .field("test", &self.test)
            .finish_non_exhaustive()
    }
}

pub(crate) struct SegmentProse {
    store: StoreReader,
    columns: Vec<TantivyField>,
    test: Arc<Test>,
    match_case: bool,
    faults: Faults,
}

impl DocPredicate for Prose {
    type SegmentDocPredicate = SegmentProse;

    fn doc_predicate(
        &self,
        segment: &SegmentReader,
    ) -> tantivy::Result<ConstOrVariableSegmentPredicate<SegmentProse>> {
        Ok(ConstOrVariableSegmentPredicate::Variable {
            predicate: SegmentProse {
                // Candidates come in the order of the store.
                store: segment.get_store_reader(2)?,
                columns: self.columns.clone(),
                test: Arc::clone(&self.test),
                match_case: self.match_case,
                faults: self.faults.clone(),
            },
            necessary_condition: Box::new(self.candidates.scorer(segment, 1.0)?),
        })
    }
}

impl SegmentDocPredicate for SegmentProse {
    fn eval(&mut self, doc: DocId) -> bool {
        let document: TantivyDocument = match self.store.get(doc) {
            Ok(document) => document,
            Err(error) => {
                self.faults.note(&error);
                return false;
            }
        };
        self.columns
            .iter()
            .flat_map(|column| document.get_all(*column))
            .filter_map(|value| value.as_str())
            .any(|value| match self.match_case {
                true => self.test.passes(value),
                false => self.test.passes(&analysis::lower(value)),
            })
    }

    // Much dearer than reading a column.
    fn cost(&self) -> u64 {
        100
    }
}
