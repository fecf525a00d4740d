//! Boxes on the Earth.

use serde::{Deserialize, Serialize};

/// The bounds of a dataset in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Extent {
    pub west: f32,
    pub south: f32,
    pub east: f32,
    pub north: f32,
}

/// Positions of a geometry that are looked at.
const MOST: usize = 20_000;

impl Extent {
    /// The bounds of a geometry in WKT whose axes are longitude and latitude.
    pub fn of_wkt(wkt: &str) -> Option<Self> {
        let inner = wkt.get(wkt.find('(')?..)?;
        let mut extent: Option<Self> = None;
        for position in inner.split([',', '(', ')']).take(MOST) {
            let mut numbers = position
                .split_whitespace()
                .filter_map(|word| word.parse::<f32>().ok());
            let (Some(x), Some(y)) = (numbers.next(), numbers.next()) else {
                continue;
            };
            if !(x.is_finite() && y.is_finite()) {
                continue;
            }
            let known = extent.get_or_insert(Self {
                west: x,
                south: y,
                east: x,
                north: y,
            });
            known.west = known.west.min(x);
            known.east = known.east.max(x);
            known.south = known.south.min(y);
            known.north = known.north.max(y);
        }
        extent
    }

    /// The box around both.
    pub fn with(self, other: Self) -> Self {
        Self {
            west: self.west.min(other.west),
            south: self.south.min(other.south),
            east: self.east.max(other.east),
            north: self.north.max(other.north),
        }
    }

    /// Whether nothing lies in both.
    pub fn is_apart_from(&self, other: &Self) -> bool {
        // Boxes of different makers of the same territory differ by some hundred metres.
        const SLACK: f32 = 0.02;
        self.west > other.east + SLACK
            || other.west > self.east + SLACK
            || self.south > other.north + SLACK
            || other.south > self.north + SLACK
    }

    /// The share that two boxes have in common, from 0 to 1 (Jaccard).
    pub fn likeness(&self, other: &Self) -> f32 {
        let area = |west: f32, south: f32, east: f32, north: f32| {
            (east - west + 0.001).max(0.0) * (north - south + 0.001).max(0.0)
        };
        let common = area(
            self.west.max(other.west),
            self.south.max(other.south),
            self.east.min(other.east),
            self.north.min(other.north),
        );
        let common = if self.is_apart_from(other) {
            0.0
        } else {
            common
        };
        let all = area(self.west, self.south, self.east, self.north)
            + area(other.west, other.south, other.east, other.north)
            - common;
        if all > 0.0 { common / all } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_and_what_they_share() {
        let oise =
            Extent::of_wkt("POLYGON((1.68 49.05,3.17 49.05,3.17 49.77,1.68 49.77,1.68 49.05))")
                .unwrap();
        assert_eq!((oise.west, oise.north), (1.68, 49.77));
        let somme = Extent::of_wkt("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POLYGON((1.37 49.80,3.21 49.80,3.21 50.37,1.37 50.37,1.37 49.80))").unwrap();
        assert!(oise.is_apart_from(&somme));
        assert!(oise.likeness(&oise) > 0.99);
        assert_eq!(oise.likeness(&somme), 0.0);
        assert_eq!(Extent::of_wkt("POLYGON EMPTY"), None);
    }
}
