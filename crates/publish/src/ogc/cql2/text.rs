//! CQL2 as text.

use search::Op;

use super::{Expr, MAX_DEPTH, MAX_PARTS, Property, Value, box_of, corners, turned};
use crate::tokens::{Cursor, Logic, Token, tokens};

pub(super) fn read(text: &str) -> Result<Expr, String> {
    Parser(Cursor::new(tokens(text, Some('\\'))?, "filter")).whole()
}

struct Parser(Cursor);

/// One side of a comparison.
enum Operand {
    Property(Property),
    Value(Value),
}

impl Logic for Parser {
    type Expression = Expr;
    type Error = String;

    fn cursor(&mut self) -> &mut Cursor {
        &mut self.0
    }

    fn wrong(text: String) -> String {
        text
    }

    fn and(all: Vec<Expr>) -> Expr {
        Expr::And(all)
    }

    fn or(all: Vec<Expr>) -> Expr {
        Expr::Or(all)
    }

    fn not(expression: Expr) -> Expr {
        Expr::Not(Box::new(expression))
    }

    fn predicate(&mut self) -> Result<Expr, String> {
        if let (Some(Token::Word(name)), Some(Token::Sign("("))) = (self.0.peek(), self.0.second())
        {
            let name = name.to_ascii_lowercase();
            let kind = name.split_once('_').map(|(kind, _)| kind);
            if let Some(kind @ ("s" | "t" | "a")) = kind {
                let kind = kind.to_owned();
                self.0.skip(2);
                let expression = self.function(&kind, name)?;
                self.0.sign(")")?;
                return Ok(expression);
            }
        }
        match self.operand()? {
            // A name that stands alone: `hvd`, as a truth value.
            Operand::Property(property) => self.of_property(property),
            Operand::Value(Value::Boolean(constant)) if !self.compares() => {
                Ok(Expr::Constant(constant))
            }
            Operand::Value(value) => {
                let op = self.operator()?;
                match self.operand()? {
                    Operand::Property(property) => Ok(Expr::Compare(property, turned(op), value)),
                    Operand::Value(_) => Err("two constants are compared".to_owned()),
                }
            }
        }
    }
}

impl Parser {
    fn compares(&self) -> bool {
        matches!(
            self.0.peek(),
            Some(Token::Sign("=" | "<>" | "<" | "<=" | ">" | ">="))
        )
    }

    fn of_property(&mut self, property: Property) -> Result<Expr, String> {
        if self.0.takes("IS") {
            let not = self.0.takes("NOT");
            if !self.0.takes("NULL") {
                return Err("IS lacks its NULL".to_owned());
            }
            return Ok(negate(Expr::IsNull(property), not));
        }
        let negated = self.0.takes("NOT");
        let expression = if self.0.takes("LIKE") {
            Expr::Like(property, self.pattern()?)
        } else if self.0.takes("BETWEEN") {
            let low = self.value()?;
            if !self.0.takes("AND") {
                return Err("BETWEEN lacks its AND".to_owned());
            }
            Expr::Between(property, low, self.value()?)
        } else if self.0.takes("IN") {
            Expr::In(property, self.list()?)
        } else if negated {
            return Err("after NOT, there is LIKE, BETWEEN or IN".to_owned());
        } else {
            let op = self.operator()?;
            Expr::Compare(property, op, self.value()?)
        };
        Ok(negate(expression, negated))
    }

    fn operator(&mut self) -> Result<Op, String> {
        Ok(match self.0.next() {
            Some(Token::Sign("=")) => Op::Eq,
            Some(Token::Sign("<>")) => Op::Ne,
            Some(Token::Sign("<")) => Op::Lt,
            Some(Token::Sign("<=")) => Op::Le,
            Some(Token::Sign(">")) => Op::Gt,
            Some(Token::Sign(">=")) => Op::Ge,
            Some(other) => return Err(format!("`{}` is no operator of CQL2", other.text())),
            None => return Err("the filter ends where an operator was expected".to_owned()),
        })
    }

    /// A property, a constant, or one of them in `CASEI`.
    fn operand(&mut self) -> Result<Operand, String> {
        let mut any_case = 0;
        while self.opens("CASEI") {
            any_case += 1;
            if any_case > MAX_DEPTH {
                return Err("CASEI stands in CASEI".to_owned());
            }
        }
        let operand = match self.0.next() {
            Some(Token::Text(text)) => Operand::Value(Value::Text(text)),
            Some(Token::Word(word)) => self.word(word, any_case > 0)?,
            Some(Token::Sign(sign)) => {
                return Err(format!("`{sign}` stands where a property was expected"));
            }
            None => return Err("the filter ends where a property was expected".to_owned()),
        };
        for _ in 0..any_case {
            self.0.sign(")")?;
        }
        Ok(operand)
    }

    fn opens(&mut self, function: &str) -> bool {
        let is = self.0.peek().is_some_and(|token| token.is(function))
            && self.0.second() == Some(&Token::Sign("("));
        self.0.skip(2 * usize::from(is));
        is
    }

    fn word(&mut self, word: String, any_case: bool) -> Result<Operand, String> {
        if self.0.peek() == Some(&Token::Sign("(")) {
            return match word.to_ascii_uppercase().as_str() {
                "DATE" | "TIMESTAMP" => {
                    self.0.skip(1);
                    let text = self.text()?;
                    self.0.sign(")")?;
                    Ok(Operand::Value(Value::Instant(text)))
                }
                _ => Err(format!("the function `{word}` is not offered")),
            };
        }
        let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
        Ok(match number {
            _ if word.eq_ignore_ascii_case("true") => Operand::Value(Value::Boolean(true)),
            _ if word.eq_ignore_ascii_case("false") => Operand::Value(Value::Boolean(false)),
            Some(number) => Operand::Value(Value::Number(number)),
            None => Operand::Property(Property {
                name: word,
                any_case,
            }),
        })
    }

    fn value(&mut self) -> Result<Value, String> {
        match self.operand()? {
            Operand::Value(value) => Ok(value),
            Operand::Property(property) => Err(format!(
                "`{}` stands where a constant was expected: texts are written in single quotes",
                property.name
            )),
        }
    }

    fn text(&mut self) -> Result<String, String> {
        match self.0.next() {
            Some(Token::Text(text)) => Ok(text),
            _ => Err("a text in single quotes was expected".to_owned()),
        }
    }

    fn pattern(&mut self) -> Result<String, String> {
        match self.value()? {
            Value::Text(text) => Ok(text),
            _ => Err("LIKE wants a text in single quotes".to_owned()),
        }
    }

    fn property(&mut self) -> Result<Property, String> {
        match self.operand()? {
            Operand::Property(property) => Ok(property),
            Operand::Value(_) => Err("a property was expected as the first argument".to_owned()),
        }
    }

    fn list(&mut self) -> Result<Vec<Value>, String> {
        self.0.sign("(")?;
        let mut values = Vec::new();
        if self.0.takes_sign(")") {
            return Ok(values);
        }
        loop {
            values.push(self.value()?);
            if values.len() > MAX_PARTS {
                return Err(format!("a list has more than {MAX_PARTS} values"));
            }
            if !self.0.takes_sign(",") {
                break;
            }
        }
        self.0.sign(")")?;
        Ok(values)
    }

    /// What stands in the parentheses of `s_…`, `t_…` and `a_…`.
    fn function(&mut self, kind: &str, name: String) -> Result<Expr, String> {
        let property = self.property()?;
        self.0.sign(",")?;
        Ok(match kind {
            "s" => Expr::Spatial(name, property, self.geometry()?),
            "t" => Expr::Temporal(name, property, self.period()?),
            _ => Expr::Array(name, property, self.list()?),
        })
    }

    fn period(&mut self) -> Result<[String; 2], String> {
        if !self.opens("INTERVAL") {
            return match self.value()? {
                Value::Instant(at) => Ok([at.clone(), at]),
                _ => Err("DATE('…'), TIMESTAMP('…') or INTERVAL('…','…') was expected".to_owned()),
            };
        }
        let start = self.text_or_instant()?;
        self.0.sign(",")?;
        let end = self.text_or_instant()?;
        self.0.sign(")")?;
        Ok([start, end])
    }

    fn text_or_instant(&mut self) -> Result<String, String> {
        match self.value()? {
            Value::Text(text) | Value::Instant(text) => Ok(text),
            _ => Err("an interval has two dates, or `'..'` for an open end".to_owned()),
        }
    }

    /// The corners of a geometry in WKT, or of `BBOX`.
    fn geometry(&mut self) -> Result<[f64; 4], String> {
        let Some(Token::Word(kind)) = self.0.next() else {
            return Err("a geometry was expected".to_owned());
        };
        let dimensions = ["Z", "M", "ZM"];
        while dimensions.iter().any(|name| self.0.takes(name)) {}
        let (mut positions, mut open) = (vec![Vec::new()], 0_usize);
        loop {
            match self.0.next() {
                Some(Token::Sign("(")) => open += 1,
                Some(Token::Sign(")")) => open = open.saturating_sub(1),
                Some(Token::Sign(",")) => positions.push(Vec::new()),
                // Parts of a GEOMETRYCOLLECTION.
                Some(Token::Word(word)) if is_geometry(&word) && open > 0 => {}
                Some(Token::Word(word)) => {
                    let number = word.parse::<f64>().ok().filter(|n| n.is_finite());
                    let number = number.ok_or_else(|| format!("`{word}` is no number"))?;
                    if let Some(position) = positions.last_mut() {
                        position.push(number);
                    }
                }
                _ => return Err("the geometry is not understood".to_owned()),
            }
            if open == 0 {
                break;
            }
        }
        let found = match kind.eq_ignore_ascii_case("BBOX") {
            true => box_of(&positions.concat()),
            false if !is_geometry(&kind) => {
                return Err(format!("`{kind}` is no geometry of WKT"));
            }
            false => {
                let position = |numbers: &Vec<f64>| match numbers.as_slice() {
                    [x, y, ..] => Some((*x, *y)),
                    _ => None,
                };
                let positions: Option<Vec<(f64, f64)>> = positions.iter().map(position).collect();
                positions.and_then(|positions| corners(positions.into_iter()))
            }
        };
        found.ok_or_else(|| "the geometry does not have the numbers that it needs".to_owned())
    }
}

fn is_geometry(word: &str) -> bool {
    const NAMES: [&str; 7] = [
        "POINT",
        "LINESTRING",
        "POLYGON",
        "MULTIPOINT",
        "MULTILINESTRING",
        "MULTIPOLYGON",
        "GEOMETRYCOLLECTION",
    ];
    NAMES.iter().any(|name| word.eq_ignore_ascii_case(name))
}

fn negate(expression: Expr, negated: bool) -> Expr {
    match negated {
        true => Expr::Not(Box::new(expression)),
        false => expression,
    }
}
