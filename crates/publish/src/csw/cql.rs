//! CQL of CSW 2.0.2 (07-006r1, 6.2.2) and what clients write of ECQL, to the filters of the index.

use search::{Filter, Op};

use super::exception::Exception;
use super::predicate::{self, Like};
use crate::tokens::{Token, tokens};

/// Expressions within expressions.
const MAX_DEPTH: usize = 32;
/// Bytes of a constraint.
const LONGEST: usize = 64 * 1024;

pub(super) fn filter(text: &str) -> Result<Filter, Exception> {
    if text.len() > LONGEST {
        return Err(wrong("the constraint is too long"));
    }
    let mut parser = Parser {
        tokens: tokens(text, None).map_err(wrong)?,
        at: 0,
        depth: 0,
    };
    let filter = parser.disjunction()?;
    match parser.next() {
        None => Ok(filter),
        Some(token) => Err(wrong(format!("`{}` was not expected there", token.text()))),
    }
}

fn wrong(text: impl Into<String>) -> Exception {
    Exception::invalid("constraint", text)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    /// Takes a keyword, if it comes next.
    fn takes(&mut self, keyword: &str) -> bool {
        let is = self.peek().is_some_and(|token| token.is(keyword));
        self.at += usize::from(is);
        is
    }

    fn sign(&mut self, sign: &'static str) -> Result<(), Exception> {
        match self.next() {
            Some(Token::Sign(found)) if found == sign => Ok(()),
            Some(other) => Err(wrong(format!(
                "`{}` stands where `{sign}` was expected",
                other.text()
            ))),
            None => Err(wrong(format!(
                "the constraint ends where `{sign}` was expected"
            ))),
        }
    }

    fn value(&mut self) -> Result<String, Exception> {
        match self.next() {
            Some(Token::Text(value) | Token::Word(value)) => Ok(value),
            _ => Err(wrong("a value was expected")),
        }
    }

    fn disjunction(&mut self) -> Result<Filter, Exception> {
        let mut all = vec![self.conjunction()?];
        while self.takes("OR") {
            all.push(self.conjunction()?);
        }
        Ok(of_several(all, Filter::Or))
    }

    fn conjunction(&mut self) -> Result<Filter, Exception> {
        let mut all = vec![self.factor()?];
        while self.takes("AND") {
            all.push(self.factor()?);
        }
        Ok(of_several(all, Filter::And))
    }

    fn factor(&mut self) -> Result<Filter, Exception> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(wrong(format!(
                "the constraint is nested deeper than {MAX_DEPTH} levels"
            )));
        }
        let filter = if self.takes("NOT") {
            Filter::Not(Box::new(self.factor()?))
        } else if self.peek() == Some(&Token::Sign("(")) {
            self.at += 1;
            let filter = self.disjunction()?;
            self.sign(")")?;
            filter
        } else {
            self.predicate()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn predicate(&mut self) -> Result<Filter, Exception> {
        let Some(Token::Word(name)) = self.next() else {
            return Err(wrong("the name of a property was expected"));
        };
        if self.peek() == Some(&Token::Sign("(")) {
            return self.spatial(&name);
        }
        let negated = self.takes("NOT");
        let filter = if self.takes("LIKE") || self.takes("ILIKE") {
            let text = self.value()?;
            let like = Like {
                text: &text,
                any_string: '%',
                any_char: Some('_'),
                escape: Some('\\'),
                match_case: false,
            };
            predicate::like(&name, &like)?
        } else if self.takes("BETWEEN") {
            let low = self.value()?;
            if !self.takes("AND") {
                return Err(wrong("BETWEEN lacks its AND"));
            }
            let high = self.value()?;
            predicate::between(&name, &low, &high)?
        } else if self.takes("IN") {
            self.one_of(&name)?
        } else if negated {
            return Err(wrong("after NOT, there is LIKE, BETWEEN or IN"));
        } else if self.takes("IS") {
            let not = self.takes("NOT");
            if !self.takes("NULL") {
                return Err(wrong("IS lacks its NULL"));
            }
            let null = predicate::is_null(&name)?;
            return Ok(negate(null, not));
        } else {
            self.comparison(&name)?
        };
        Ok(negate(filter, negated))
    }

    fn comparison(&mut self, name: &str) -> Result<Filter, Exception> {
        let op = match self.next() {
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
            if self.peek() != Some(&Token::Sign(",")) {
                break;
            }
            self.at += 1;
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
        let system = match self.peek() {
            Some(Token::Sign(",")) => {
                self.at += 1;
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
            match self.next() {
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

fn of_several(mut all: Vec<Filter>, several: fn(Vec<Filter>) -> Filter) -> Filter {
    match all.len() {
        1 => all.pop().unwrap_or(Filter::All),
        _ => several(all),
    }
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
