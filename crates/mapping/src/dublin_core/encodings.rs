//! The encodings in which coverage is written: DCMI Box, Point and Period, what catalogues make of ISO, intervals.

/// A place or a period that a text encodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Coverage<'t> {
    /// West, south, east and north, as they are written; and a name.
    Box([&'t str; 4], Option<&'t str>),
    /// Longitude, latitude; and a name.
    Point([&'t str; 2], Option<&'t str>),
    Period(Option<&'t str>, Option<&'t str>, Option<&'t str>),
    /// Words.
    Name(&'t str),
}

impl<'t> Coverage<'t> {
    pub fn read(text: &'t str) -> Self {
        dcmi(text)
            .or_else(|| sentence(text))
            .or_else(|| interval(text))
            .unwrap_or(Self::Name(text))
    }
}

/// `northlimit=50.1; southlimit=49; westlimit=2; eastlimit=3; name=Somme` (DCMI Box), `east=2.3; north=49.9` (Point),
/// `start=1999; end=2004; name=...` (Period).
fn dcmi(text: &str) -> Option<Coverage<'_>> {
    let of = |names: &[&str]| {
        text.split([';', '\n']).find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let named = names.iter().any(|n| name.trim().eq_ignore_ascii_case(n));
            Some(value.trim()).filter(|value| named && !value.is_empty())
        })
    };
    let name = of(&["name"]);
    let sides = [
        of(&["westlimit"]),
        of(&["southlimit"]),
        of(&["eastlimit"]),
        of(&["northlimit"]),
    ];
    if let [Some(west), Some(south), Some(east), Some(north)] = sides {
        return Some(Coverage::Box([west, south, east, north], name));
    }
    if let (Some(east), Some(north)) = (of(&["east"]), of(&["north"])) {
        return Some(Coverage::Point([east, north], name));
    }
    let (start, end) = (of(&["start"]), of(&["end"]));
    (start.is_some() || end.is_some()).then_some(Coverage::Period(start, end, name))
}

/// `North 46.3, South 42.51, East 3.88, West -1.84. Name`: what GeoNetwork makes of a box.
fn sentence(text: &str) -> Option<Coverage<'_>> {
    let side = |name: &str| {
        let at = text.find(name)?;
        let rest = text
            .get(at + name.len()..)?
            .trim_start_matches([' ', ':', '=']);
        let number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
        let end = rest.find(|c| !number(c)).unwrap_or(rest.len());
        let value = rest.get(..end)?.trim_end_matches('.');
        value.parse::<f64>().ok().map(|_| value)
    };
    let sides = [side("West")?, side("South")?, side("East")?, side("North")?];
    let last = ["West", "South", "East", "North"]
        .iter()
        .zip(sides)
        .filter_map(|(name, value)| {
            let at = text.find(name)?;
            Some(at + text.get(at..)?.find(value)? + value.len())
        })
        .max()?;
    let name = text
        .get(last..)?
        .trim_matches(['.', ',', ' ', '(', ')', '\n']);
    Some(Coverage::Box(
        sides,
        Some(name).filter(|name| !name.is_empty()),
    ))
}

/// `2001-01-01/2004-12-31`, `1999-2004`, `1999/..`, and a date alone.
fn interval(text: &str) -> Option<Coverage<'_>> {
    let (start, end) = match text.split_once('/') {
        Some((start, end)) => (start.trim(), end.trim()),
        None => match text.split_once(" - ").or_else(|| years(text)) {
            Some((start, end)) => (start.trim(), end.trim()),
            None => (text, text),
        },
    };
    let open = |side: &str| matches!(side, "" | ".." | "..." | "?");
    let side = |side: &'_ str| open(side) || is_date(side);
    if !side(start) || !side(end) || (open(start) && open(end)) {
        return None;
    }
    Some(Coverage::Period(
        Some(start).filter(|side| !open(side)),
        Some(end).filter(|side| !open(side)),
        None,
    ))
}

/// `1999-2004`, which is no month.
fn years(text: &str) -> Option<(&str, &str)> {
    let (start, end) = text.split_once(['-', '–'])?;
    let year = |side: &str| {
        let side = side.trim();
        side.len() == 4 && side.bytes().all(|byte| byte.is_ascii_digit())
    };
    (year(start) && year(end)).then_some((start, end))
}

/// A year, or a date that begins with one.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let year = bytes
        .get(..4)
        .is_some_and(|year| year.iter().all(u8::is_ascii_digit));
    year && match bytes.get(4) {
        None => true,
        Some(b'-') => bytes
            .iter()
            .all(|byte| byte.is_ascii_digit() || b"-:TZ.+".contains(byte)),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_from_names() {
        for (text, wanted) in [
            (
                "name=Somme; northlimit=50.3; southlimit=49.5; westlimit=1.4; eastlimit=3.2; units=signed decimal degrees",
                Coverage::Box(["1.4", "49.5", "3.2", "50.3"], Some("Somme")),
            ),
            (
                "North 46.3, South 42.51, East 3.88, West -1.84. Bassin de la Vionne",
                Coverage::Box(
                    ["-1.84", "42.51", "3.88", "46.3"],
                    Some("Bassin de la Vionne"),
                ),
            ),
            (
                "North 46.3, South 42.51, East 3.88, West -1.84",
                Coverage::Box(["-1.84", "42.51", "3.88", "46.3"], None),
            ),
            (
                "east=2.3; north=49.9; name=Amiens",
                Coverage::Point(["2.3", "49.9"], Some("Amiens")),
            ),
            (
                "start=1999; end=2004-05; scheme=W3C-DTF;",
                Coverage::Period(Some("1999"), Some("2004-05"), None),
            ),
            (
                "2001-01-01/2004-12-31",
                Coverage::Period(Some("2001-01-01"), Some("2004-12-31"), None),
            ),
            (
                "1999-2004",
                Coverage::Period(Some("1999"), Some("2004"), None),
            ),
            ("1999/..", Coverage::Period(Some("1999"), None, None)),
            ("1987", Coverage::Period(Some("1987"), Some("1987"), None)),
            (
                "1987-05",
                Coverage::Period(Some("1987-05"), Some("1987-05"), None),
            ),
            ("Bassin Adour", Coverage::Name("Bassin Adour")),
            ("North of West", Coverage::Name("North of West")),
            ("80000 Amiens", Coverage::Name("80000 Amiens")),
            ("80021", Coverage::Name("80021")),
            ("../..", Coverage::Name("../..")),
            ("FR/80", Coverage::Name("FR/80")),
        ] {
            assert_eq!(Coverage::read(text), wanted, "{text}");
        }
    }
}
