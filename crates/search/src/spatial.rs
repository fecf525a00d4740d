//! Boxes in WGS 84, and what they are to each other.

use serde::{Deserialize, Serialize};

use crate::{Relation, SearchError};

/// In degrees, longitude first (CRS84). A box whose west is greater than its east lies over the antimeridian.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bbox {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

impl Bbox {
    /// A box on the Earth; points and lines are boxes, too.
    pub fn new(west: f64, south: f64, east: f64, north: f64) -> Result<Self, SearchError> {
        let on_earth = (-180.0..=180.0).contains(&west)
            && (-180.0..=180.0).contains(&east)
            && (-90.0..=90.0).contains(&south)
            && (south..=90.0).contains(&north);
        if on_earth {
            Ok(Self {
                west,
                south,
                east,
                north,
            })
        } else {
            Err(SearchError::Bbox)
        }
    }

    pub fn west(&self) -> f64 {
        self.west
    }

    pub fn south(&self) -> f64 {
        self.south
    }

    pub fn east(&self) -> f64 {
        self.east
    }

    pub fn north(&self) -> f64 {
        self.north
    }

    /// The same as one box, or as the two on both sides of the antimeridian.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Rect> {
        let rect = |west, east| Rect {
            x: Span(west, east),
            y: Span(self.south, self.north),
        };
        let (first, second) = if self.west <= self.east {
            (rect(self.west, self.east), None)
        } else {
            (rect(self.west, 180.0), Some(rect(-180.0, self.east)))
        };
        std::iter::once(first).chain(second)
    }
}

/// From a number to one that is not smaller.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span(pub(crate) f64, pub(crate) f64);

/// A box that does not lie over the antimeridian.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: Span,
    pub(crate) y: Span,
}

impl Span {
    fn meets(self, other: Self) -> bool {
        self.0 <= other.1 && other.0 <= self.1
    }

    fn holds(self, other: Self) -> bool {
        self.0 <= other.0 && self.1 >= other.1
    }

    fn is_point(self) -> bool {
        self.0 >= self.1
    }

    /// Whether the insides have something in common; that of a point is itself.
    fn shares(self, other: Self) -> bool {
        match (self.is_point(), other.is_point()) {
            (true, true) => self.0 == other.0,
            (true, false) => other.0 < self.0 && self.0 < other.1,
            (false, true) => self.0 < other.0 && other.0 < self.1,
            (false, false) => self.0.max(other.0) < self.1.min(other.1),
        }
    }
}

impl Rect {
    fn meets(&self, other: &Self) -> bool {
        self.x.meets(other.x) && self.y.meets(other.y)
    }

    fn holds(&self, other: &Self) -> bool {
        self.x.holds(other.x) && self.y.holds(other.y)
    }

    fn shares(&self, other: &Self) -> bool {
        self.x.shares(other.x) && self.y.shares(other.y)
    }

    /// 0 for a point, 1 for a line, 2 for an area.
    fn dimension(&self) -> u8 {
        u8::from(!self.x.is_point()) + u8::from(!self.y.is_point())
    }
}

/// Whether boxes stand in a relation to others. Each box of one side is compared with each of the other: an area that several
/// boxes cover only together counts as not covered.
pub(crate) fn relates(relation: Relation, own: &[Rect], asked: &[Rect]) -> bool {
    if own.is_empty() || asked.is_empty() {
        return false;
    }
    let any = |test: fn(&Rect, &Rect) -> bool| {
        own.iter()
            .any(|rect| asked.iter().any(|other| test(rect, other)))
    };
    let covers = |outer: &[Rect], inner: &[Rect]| {
        inner
            .iter()
            .all(|rect| outer.iter().any(|other| other.holds(rect)))
    };
    let (meets, shares) = (any(Rect::meets), any(Rect::shares));
    let dimension = |rects: &[Rect]| rects.iter().map(Rect::dimension).max().unwrap_or(0);
    let (mine, theirs) = (dimension(own), dimension(asked));
    let (within, contains) = (covers(asked, own) && shares, covers(own, asked) && shares);
    match relation {
        Relation::Bbox | Relation::Intersects => meets,
        Relation::Disjoint => !meets,
        Relation::Within => within,
        Relation::Contains => contains,
        Relation::Equals => within && contains,
        Relation::Touches => meets && !shares,
        // Two lines that cross have a point in common, and not a line.
        Relation::Overlaps => {
            mine == theirs && shares && !within && !contains && !crossing(own, asked)
        }
        Relation::Crosses if mine == 1 && theirs == 1 => shares && crossing(own, asked),
        Relation::Crosses if mine < theirs => shares && !within,
        Relation::Crosses if mine > theirs => shares && !contains,
        Relation::Crosses => false,
    }
}

/// Lines of which every two that share something run across each other.
fn crossing(own: &[Rect], asked: &[Rect]) -> bool {
    let mut pairs = own
        .iter()
        .flat_map(|rect| asked.iter().map(move |other| (rect, other)))
        .filter(|(rect, other)| rect.shares(other))
        .peekable();
    pairs.peek().is_some()
        && pairs.all(|(rect, other)| {
            rect.dimension() == 1
                && other.dimension() == 1
                && rect.x.is_point() != other.x.is_point()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(relation: Relation, own: [f64; 4], asked: [f64; 4]) -> bool {
        let parts = |[west, south, east, north]: [f64; 4]| -> Vec<Rect> {
            Bbox::new(west, south, east, north)
                .unwrap()
                .parts()
                .collect()
        };
        relates(relation, &parts(own), &parts(asked))
    }

    #[test]
    fn relations_of_areas() {
        use Relation::*;
        let unit = [0.0, 0.0, 1.0, 1.0];
        for (other, relations) in [
            (unit, vec![Bbox, Intersects, Within, Contains, Equals]),
            ([-1.0, -1.0, 2.0, 2.0], vec![Bbox, Intersects, Within]),
            ([0.2, 0.2, 0.8, 0.8], vec![Bbox, Intersects, Contains]),
            ([0.5, 0.5, 2.0, 2.0], vec![Bbox, Intersects, Overlaps]),
            ([1.0, 0.0, 2.0, 1.0], vec![Bbox, Intersects, Touches]),
            ([3.0, 3.0, 4.0, 4.0], vec![Disjoint]),
        ] {
            for relation in [
                Bbox, Intersects, Within, Contains, Disjoint, Equals, Overlaps, Touches, Crosses,
            ] {
                assert_eq!(
                    holds(relation, unit, other),
                    relations.contains(&relation),
                    "{relation:?} {other:?}"
                );
            }
        }
    }

    #[test]
    fn points_and_lines_are_boxes() {
        use Relation::*;
        let (area, point) = ([0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 1.0, 1.0]);
        assert!(holds(Within, point, area) && holds(Contains, area, point));
        // On the edge it is not within (OGC Simple Features).
        assert!(!holds(Within, [2.0, 1.0, 2.0, 1.0], area));
        assert!(holds(Touches, [2.0, 1.0, 2.0, 1.0], area));
        let (across, up) = ([-1.0, 1.0, 3.0, 1.0], [1.0, 0.0, 1.0, 2.0]);
        assert!(holds(Crosses, across, area) && holds(Crosses, across, up));
        assert!(!holds(Overlaps, across, up) && !holds(Crosses, up, area));
        assert!(holds(Overlaps, across, [0.0, 1.0, 9.0, 1.0]));
    }

    #[test]
    fn boxes_over_the_antimeridian() {
        let fiji = [176.0, -21.0, -178.0, -12.0];
        assert!(holds(
            Relation::Intersects,
            fiji,
            [179.0, -20.0, 179.5, -19.0]
        ));
        assert!(holds(
            Relation::Intersects,
            fiji,
            [-180.0, -20.0, -179.0, -19.0]
        ));
        assert!(holds(Relation::Disjoint, fiji, [0.0, -20.0, 10.0, -19.0]));
        assert!(holds(Relation::Within, fiji, [170.0, -30.0, -170.0, 0.0]));
        assert!(holds(Relation::Equals, fiji, fiji));
        assert!(!holds(Relation::Within, fiji, [170.0, -30.0, 180.0, 0.0]));
    }

    #[test]
    fn what_is_not_on_earth_is_no_box() {
        for [west, south, east, north] in [
            [-181.0, 0.0, 0.0, 1.0],
            [0.0, 2.0, 1.0, 1.0],
            [0.0, 0.0, 1.0, 91.0],
            [f64::NAN, 0.0, 1.0, 1.0],
            [0.0, 0.0, f64::INFINITY, 1.0],
        ] {
            assert!(Bbox::new(west, south, east, north).is_err());
        }
    }
}
