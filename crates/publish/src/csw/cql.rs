//! CQL of CSW 2.0.2 (07-006r1, 6.2.2) and what clients write of ECQL, to the filters of the index.

use search::{Filter, Op};

use super::exception::Exception;
use super::predicate::{self, Like};
use crate::tokens::{Cursor, Logic, Token, of_several, tokens};

/// Bytes of a constraint.
const LONGEST: usize = 64 * 1024;

pub(super) fn filter(text: &str) -> Result<Filter, Exception> {
    if text.len() > LONGEST {
        return Err(wrong("the constraint is too long"));
    }
    let tokens = tokens(text, None).map_err(wrong)?;
    Parser(Cursor::new(tokens, "constraint")).whole()
}

fn wrong(text: impl Into<String>) -> Exception {
    Exception::invalid("constraint", text)
}

struct Parser(Cursor);

impl Logic for Parser {
    type Expression = Filter;
    type Error = Exception;

    fn cursor(&mut self) -> &mut Cursor {
        &mut self.0
    }

    fn wrong(text: String) -> Exception {
        wrong(text)
    }

    fn and(all: Vec<Filter>) -> Filter {
        Filter::And(all)
    }

    fn or(all: Vec<Filter>) -> Filter {
        Filter::Or(all)
    }

    fn not(filter: Filter) -> Filter {
        Filter::Not(Box::new(filter))
    }

    fn predicate(&mut self) -> Result<Filter, Exception> {
        let Some(Token::Word(name)) = self.0.next() else {
            return Err(wrong("the name of a property was expected"));
        };
        if self.0.peek() == Some(&Token::Sign("(")) {
            return self.spatial(&name);
        }
        let negated = self.0.takes("NOT");
        let filter = if self.0.takes("LIKE") || self.0.takes("ILIKE") {
            let text = self.value()?;
            let like = Like {
                text: &text,
                any_string: '%',
                any_char: Some('_'),
                escape: Some('\\'),
                match_case: false,
            };
            predicate::like(&name, &like)?
        } else if self.0.takes("BETWEEN") {
            let low = self.value()?;
            if !self.0.takes("AND") {
                return Err(wrong("BETWEEN lacks its AND"));
            }
            let high = self.value()?;
            predicate::between(&name, &low, &high)?
        } else if self.0.takes("IN") {
            self.one_of(&name)?
        } else if negated {
            return Err(wrong("after NOT, there is LIKE, BETWEEN or IN"));
        } else if self.0.takes("IS") {
            let not = self.0.takes("NOT");
            if !self.0.takes("NULL") {
                return Err(wrong("IS lacks its NULL"));
            }
            let null = predicate::is_null(&name)?;
            return Ok(negate(null, not));
        } else {
            self.comparison(&name)?
        };
        Ok(negate(filter, negated))
    }
}

impl Parser {
    fn sign(&mut self, sign: &'static str) -> Result<(), Exception> {
        self.0.sign(sign).map_err(wrong)
    }

    fn value(&mut self) -> Result<String, Exception> {
        match self.0.next() {
            Some(Token::Text(value) | Token::Word(value)) => Ok(value),
            _ => Err(wrong("a value was expected")),
        }
    }

    fn comparison(&mut self, name: &str) -> Result<Filter, Exception> {
        let op = match self.0.next() {
            Some(Token::Sign("=")) => Op::Eq,
            Some(Token::Sign("<>" | "!=")) => Op::Ne,
            Some(Token::Sign("<")) => Op::Lt,
            Some(Token::Sign("<=")) => Op::Le,
            Some(Token::Sign(">")) => Op::Gt,
            Some(Token::Sign(">=")) => Op::Ge,
            other => {
                let found = other
                    .map(|token| token.text().to_owned())
                    .unwrap_or_default();
                return Err(wrong(format!("`{found}` after `{name}` is no operator")));
            }
        };
        let value = self.value()?;
        predicate::compare(name, op, &value, true)
    }

    fn one_of(&mut self, name: &str) -> Result<Filter, Exception> {
        self.sign("(")?;
        let mut all = Vec::new();
        loop {
            let value = self.value()?;
            all.push(predicate::compare(name, Op::Eq, &value, true)?);
            if self.0.peek() != Some(&Token::Sign(",")) {
                break;
            }
            self.0.skip(1);
        }
        self.sign(")")?;
        Ok(of_several(all, Filter::Or))
    }

    /// `BBOX(name, x, y, x, y [, system])`, `INTERSECTS(name, ENVELOPE(west, east, south, north))`, or WKT of a point or polygon.
    fn spatial(&mut self, operator: &str) -> Result<Filter, Exception> {
        let relation = predicate::relation(operator)
            .ok_or_else(|| wrong(format!("the operator `{operator}` is not offered")))?;
        self.sign("(")?;
        let name = self.value()?;
        self.sign(",")?;
        if !operator.eq_ignore_ascii_case("BBOX") {
            let corners = self.geometry()?;
            self.sign(")")?;
            return predicate::spatial(&name, relation, corners, None);
        }
        let mut corners = [0.0; 4];
        for (at, corner) in corners.iter_mut().enumerate() {
            if at > 0 {
                self.sign(",")?;
            }
            *corner = self.number()?;
        }
        let system = match self.0.peek() {
            Some(Token::Sign(",")) => {
                self.0.skip(1);
                Some(self.value()?)
            }
            _ => None,
        };
        self.sign(")")?;
        predicate::spatial(&name, relation, corners, system.as_deref())
    }

    fn geometry(&mut self) -> Result<[f64; 4], Exception> {
        let kind = self.value()?;
        let mut numbers = Vec::new();
        let mut open = 0_usize;
        loop {
            match self.0.next() {
                Some(Token::Sign("(")) => open += 1,
                Some(Token::Sign(")")) => open = open.saturating_sub(1),
                Some(Token::Sign(",")) => {}
                Some(Token::Word(word)) => numbers.push(number(&word)?),
                _ => return Err(wrong("the geometry is not understood")),
            }
            if open == 0 {
                break;
            }
        }
        if kind.eq_ignore_ascii_case("ENVELOPE") {
            return match numbers.as_slice() {
                [west, east, south, north] => Ok([*west, *south, *east, *north]),
                _ => Err(wrong("ENVELOPE has four numbers: west, east, south, north")),
            };
        }
        let mut points = numbers.chunks_exact(2);
        let Some(&[x, y]) = points.next() else {
            return Err(wrong("the geometry has no points"));
        };
        Ok(points.fold(
            [x, y, x, y],
            |[west, south, east, north], point| match point {
                [x, y] => [west.min(*x), south.min(*y), east.max(*x), north.max(*y)],
                _ => [west, south, east, north],
            },
        ))
    }

    fn number(&mut self) -> Result<f64, Exception> {
        number(&self.value()?)
    }
}

fn number(text: &str) -> Result<f64, Exception> {
    text.parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .ok_or_else(|| wrong(format!("`{text}` is no number")))
}

fn negate(filter: Filter, negated: bool) -> Filter {
    match negated {
        true => Filter::Not(Box::new(filter)),
        false => filter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use search::{Bbox, Field, Relation};

    #[test]
    fn precedence_and_negation() {
        let eq = |field, value: &str| Filter::eq(field, value);
        assert_eq!(
            filter("dc:title = 'L''eau' OR NOT (dc:subject <> 'x') AND \"dc:language\"=fre"),
            Ok(Filter::Or(vec![
                eq(Field::Title, "L'eau"),
                Filter::And(vec![
                    Filter::Not(Box::new(Filter::Compare {
                        field: Field::Subject,
                        op: Op::Ne,
                        value: "x".into(),
                        match_case: true
                    })),
                    eq(Field::Language, "fre"),
                ]),
            ]))
        );
    }

    #[test]
    fn boxes() {
        let spatial = |relation| Filter::Spatial {
            relation,
            bbox: Bbox::new(1.0, 45.0, 2.0, 46.0).unwrap(),
        };
        for (text, relation) in [
            ("BBOX(the_geom, 1, 45, 2, 46)", Relation::Bbox),
            (
                "bbox(ows:BoundingBox,45,1,46,2,'urn:ogc:def:crs:EPSG::4326')",
                Relation::Bbox,
            ),
            ("WITHIN(BoundingBox, ENVELOPE(1,2,45,46))", Relation::Within),
            (
                "INTERSECTS(BoundingBox, POLYGON((1 45, 2 45, 2 46, 1 46, 1 45)))",
                Relation::Intersects,
            ),
        ] {
            assert_eq!(filter(text), Ok(spatial(relation)), "{text}");
        }
    }

    #[test]
    fn what_is_no_constraint_says_why() {
        let deep = "(".repeat(10_000);
        let nots = "NOT ".repeat(10_000);
        for text in [
            "",
            "dc:title",
            "dc:title =",
            "dc:title = 'x",
            "dc:title LIKE",
            "nom = 'x'",
            "dc:title = 'x' dc:title",
            "BBOX(the_geom, 1, 2, 3)",
            "BBOX(dc:title,1,2,3,4)",
            "dc:title IN ('a'",
            "WITHIN(BoundingBox, POLYGON((a b)))",
            "dc:title IS 'x'",
            "& = 1",
            &deep,
            &nots,
        ] {
            assert!(filter(text).is_err(), "{}", &text[..text.len().min(60)]);
        }
    }
}
