//! The parameters of `/items` (20-004r1, 7.3; 17-069r4, 7.15), read and bounded. One that is not known is refused by its name.

use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use search::{Bbox, Cursor, Direction, Field, Filter, Relation, SnapshotId};
use uuid::Uuid;

use super::cql2::{self, Language};
use super::keys_of;
use super::queryables::{self, Queryable};
use crate::csw::predicate::{is_type, latitude_first};
use crate::failure::Failure;

/// Records of a page, unless another number is asked for; more than the most are cut down to that.
pub(super) const DEFAULT_LIMIT: usize = 10;
pub(super) const MAX_LIMIT: usize = 500;
/// Values of a list.
const MOST: usize = 100;
/// Characters of a cursor.
const LONGEST_CURSOR: usize = 20 * 1024;

pub(super) const NAMES: &[&str] = &[
    "q",
    "bbox",
    "datetime",
    "type",
    "ids",
    "externalIds",
    "filter",
    "filter-lang",
    "filter-crs",
    "sortby",
    "limit",
    "cursor",
    "f",
];

/// What `/items` is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    pub filter: Filter,
    /// To be looked up: a scheme is not in the index.
    pub external_ids: Option<Vec<String>>,
    pub sort: Vec<(Field, Direction)>,
    pub limit: usize,
    pub from: Option<Place>,
    pub format: Option<String>,
    /// What was asked, without the place: pages after this one ask the same.
    pub repeated: Vec<(String, String)>,
    pub q: Option<String>,
}

/// Where a page begins: in which state of the catalogue, after how many records, after which one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    pub snapshot: SnapshotId,
    /// Relevance is measured from here on all pages of a crawl.
    pub now: DateTime<Utc>,
    pub offset: usize,
    pub after: Option<Cursor>,
}

/// The pairs of a query, each name once and known.
pub(super) fn pairs(query: &str, known: &[&str]) -> Result<Vec<(String, String)>, Failure> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if !known.contains(&&*name) {
            let shown: String = name.chars().take(100).collect();
            return Err(bad(
                &shown,
                format!(
                    "there is no such parameter here: there are {}",
                    known.join(", ")
                ),
            ));
        }
        if pairs.iter().any(|(other, _)| *other == name) {
            return Err(bad(&name, "it is given twice"));
        }
        pairs.push((name.into_owned(), value.into_owned()));
    }
    Ok(pairs)
}

/// A refusal that names the parameter.
pub(super) fn bad(name: &str, detail: impl std::fmt::Display) -> Failure {
    Failure::new(
        StatusCode::BAD_REQUEST,
        format!("`{name}`: {detail}"),
        format!("Le paramètre « {name} » de l’adresse ne peut pas être pris en compte."),
    )
}

pub(super) fn read(query: &str) -> Result<Asked, Failure> {
    let pairs = pairs(query, NAMES)?;
    let of = |name: &str| -> Option<&str> {
        let found = pairs.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    // What a form leaves empty is not asked for.
    let given = |name: &str| of(name).map(str::trim).filter(|value| !value.is_empty());
    let mut filter = Filter::All;
    let mut and = |more: Filter| filter = std::mem::replace(&mut filter, Filter::All).and(more);
    if let Some(text) = given("q") {
        and(words(text));
    }
    if let Some(text) = given("bbox") {
        and(bbox(text).map_err(|detail| bad("bbox", detail))?);
    }
    if let Some(text) = of("datetime").filter(|text| !text.is_empty()) {
        and(datetime(text).map_err(|detail| bad("datetime", detail))?);
    }
    if let Some(text) = given("type") {
        let types = list("type", text)?.into_iter().map(is_type).collect();
        and(Filter::Or(types));
    }
    // An empty list is one that nothing is in.
    if let Some(text) = of("ids") {
        let ids = list("ids", text)?;
        let uuids = ids.iter().filter_map(|id| Uuid::try_parse(id).ok());
        and(Filter::Ids(uuids.flat_map(keys_of).collect()));
    }
    if let Some(expression) =
        expression(given("filter"), given("filter-lang"), given("filter-crs"))?
    {
        and(expression);
    }
    filter.check().map_err(|error| {
        bad(
            if given("filter").is_some() {
                "filter"
            } else {
                "q"
            },
            error,
        )
    })?;
    let external_ids = given("externalIds").map(|text| list("externalIds", text));
    Ok(Asked {
        filter,
        external_ids: external_ids.transpose()?,
        sort: given_sort(of("sortby"))?,
        limit: limit(given("limit"))?,
        from: given("cursor").map(place).transpose()?,
        format: given("f").map(str::to_owned),
        q: given("q").map(str::to_owned),
        repeated: pairs
            .iter()
            .filter(|(name, value)| name != "cursor" && (!value.is_empty() || name == "ids"))
            .cloned()
            .collect(),
    })
}

/// Terms between commas: any of them; words of one term: all, in that order.
fn words(text: &str) -> Filter {
    let terms = text
        .split(',')
        .map(str::trim)
        .filter(|term| !term.is_empty());
    let mut terms: Vec<Filter> = terms
        .map(|term| {
            let plain = term.replace('"', " ");
            Filter::Text(match plain.split_whitespace().nth(1) {
                Some(_) => format!("\"{}\"", plain.trim()),
                None => plain.trim().to_owned(),
            })
        })
        .collect();
    match terms.len() {
        1 => terms.pop().unwrap_or(Filter::All),
        _ => Filter::Or(terms),
    }
}

fn bbox(text: &str) -> Result<Filter, String> {
    let number = |part: &str| part.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    let numbers: Option<Vec<f64>> = text.split(',').take(7).map(number).collect();
    let corners = numbers.and_then(|numbers| cql2::box_of(&numbers));
    let [west, south, east, north] =
        corners.ok_or("four numbers are wanted (west,south,east,north), or six with heights")?;
    let bbox = Bbox::new(west, south, east, north).map_err(|error| error.to_string())?;
    Ok(Filter::Spatial {
        relation: Relation::Intersects,
        bbox,
    })
}

/// Records whose time has something in common with an instant or an interval.
fn datetime(text: &str) -> Result<Filter, String> {
    // The plus of an offset comes as a space where it was not escaped.
    let text = text.trim_end().replace(' ', "+");
    let (start, end) = text.split_once('/').unwrap_or((&text, &text));
    let sides = [start, end].map(|side| if side.is_empty() { ".." } else { side }.to_owned());
    let sides = period(&sides)?;
    if sides == [None, None] {
        return Err("one side of an interval has to be a date".to_owned());
    }
    let fields = [Field::TemporalStart, Field::TemporalEnd];
    Ok(cql2::intersects(fields, sides))
}

/// A day or an instant (RFC 3339), as the first instant that it has.
pub(super) fn moment(text: &str) -> Option<DateTime<Utc>> {
    if text.len() == 10 {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        return Some(day.and_time(chrono::NaiveTime::MIN).and_utc());
    }
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|at| at.to_utc())
}

/// Two sides, of which each may be open, and the first not behind the second.
pub(super) fn period(sides: &[String; 2]) -> Result<[Option<String>; 2], String> {
    let side = |text: &String| match text.as_str() {
        ".." => Ok(None),
        text => match moment(text) {
            Some(at) => Ok(Some((at, text.to_owned()))),
            None => Err(format!(
                "`{}` is no date: write 2024-05-31 or 2024-05-31T12:00:00Z, or `..` for an open side",
                text.chars().take(60).collect::<String>()
            )),
        },
    };
    let [start, end] = sides;
    let (start, end) = (side(start)?, side(end)?);
    if let (Some((from, a)), Some((to, b))) = (&start, &end)
        // A day has a length: an instant of it is not behind it.
        && from > to
        && !(b.len() == 10 && a.starts_with(b.as_str()))
    {
        return Err("the interval ends before it begins".to_owned());
    }
    Ok([start, end].map(|side| side.map(|(_, text)| text)))
}

fn list(name: &str, text: &str) -> Result<Vec<String>, Failure> {
    let values: Vec<String> = text
        .split(',')
        .map(str::trim)
        .filter(|value| !value.is_empty())
        .take(MOST + 1)
        .map(str::to_owned)
        .collect();
    match values.len() > MOST {
        true => Err(bad(
            name,
            format!("not more than {MOST} values are looked for at once"),
        )),
        false => Ok(values),
    }
}

fn expression(
    text: Option<&str>,
    language: Option<&str>,
    system: Option<&str>,
) -> Result<Option<Filter>, Failure> {
    let language = match language {
        None | Some("cql2-text") => Language::Text,
        Some("cql2-json") => Language::Json,
        Some(_) => {
            return Err(bad(
                "filter-lang",
                "filters are written in cql2-text or cql2-json",
            ));
        }
    };
    let latitude_first = latitude_first(system).map_err(|_| {
        bad(
            "filter-crs",
            "geometries are written in http://www.opengis.net/def/crs/OGC/1.3/CRS84 or http://www.opengis.net/def/crs/EPSG/0/4326",
        )
    })?;
    text.map(|text| cql2::filter(text, language, latitude_first))
        .transpose()
        .map_err(|detail| bad("filter", detail))
}

fn given_sort(text: Option<&str>) -> Result<Vec<(Field, Direction)>, Failure> {
    let mut sort = Vec::new();
    for name in text
        .unwrap_or_default()
        .split(',')
        .filter(|name| !name.is_empty())
    {
        // A plus that was not escaped comes as a space.
        let (name, direction) = match name.strip_prefix('-') {
            Some(name) => (name, Direction::Descending),
            None => (name.trim_start_matches(['+', ' ']), Direction::Ascending),
        };
        let field = Queryable::sortable(name.trim()).ok_or_else(|| {
            let names = queryables::sortables();
            bad(
                "sortby",
                format!("records are sorted by {names}, up or with `-` down"),
            )
        })?;
        sort.push((field, direction));
        if sort.len() > search::MAX_SORTS {
            let most = search::MAX_SORTS;
            return Err(bad(
                "sortby",
                format!("not more than {most} properties can be sorted by"),
            ));
        }
    }
    Ok(sort)
}

pub(super) fn limit(text: Option<&str>) -> Result<usize, Failure> {
    match text.map(str::parse::<u64>) {
        None => Ok(DEFAULT_LIMIT),
        Some(Ok(limit)) if limit > 0 => {
            Ok(usize::try_from(limit).unwrap_or(MAX_LIMIT).min(MAX_LIMIT))
        }
        Some(_) => Err(bad("limit", "a whole number from 1 on is wanted")),
    }
}

fn place(text: &str) -> Result<Place, Failure> {
    let wrong = || bad("cursor", "it has to be what the links to other pages give");
    if text.len() > LONGEST_CURSOR {
        return Err(wrong());
    }
    let mut parts = text.splitn(4, '.');
    let mut number = || {
        parts
            .next()
            .and_then(|part| u64::from_str_radix(part, 36).ok())
    };
    let (snapshot, now, offset) = (number(), number(), number());
    let now = now.and_then(|now| DateTime::from_timestamp(i64::try_from(now).ok()?, 0));
    let after = match parts.next() {
        None | Some("") => None,
        Some(after) => Some(after.parse().map_err(|_| wrong())?),
    };
    Ok(Place {
        snapshot: SnapshotId(snapshot.ok_or_else(wrong)?),
        now: now.ok_or_else(wrong)?,
        offset: offset
            .and_then(|offset| usize::try_from(offset).ok())
            .ok_or_else(wrong)?,
        after,
    })
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = u64::try_from(self.now.timestamp()).unwrap_or_default();
        let offset = u64::try_from(self.offset).unwrap_or_default();
        for number in [self.snapshot.0, seconds, offset] {
            write!(f, "{}.", base36(number))?;
        }
        match &self.after {
            Some(after) => write!(f, "{after}"),
            None => Ok(()),
        }
    }
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(number % 36).unwrap_or_default();
        digits.extend(char::from_digit(digit, 36));
        number /= 36;
        if number == 0 {
            break;
        }
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn detail(query: &str) -> String {
        match read(query) {
            Ok(asked) => panic!("{query} is taken as {asked:?}"),
            Err(failure) => failure.detail,
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_its_parameter() {
        for (query, name) in [
            ("nom=x", "nom"),
            ("Q=x", "Q"),
            ("q=a&q=b", "q"),
            ("limit=0", "limit"),
            ("limit=-1", "limit"),
            ("limit=x", "limit"),
            ("bbox=1,2,3", "bbox"),
            ("bbox=1,2,3,x", "bbox"),
            ("bbox=1,2,3,NaN", "bbox"),
            ("bbox=0,50,1,40", "bbox"),
            ("bbox=1,2,3,4,5,6,7", "bbox"),
            ("datetime=hier", "datetime"),
            ("datetime=../..", "datetime"),
            ("datetime=2024-02-30", "datetime"),
            ("datetime=2025-01-01/2024-01-01", "datetime"),
            ("sortby=nom", "sortby"),
            ("sortby=-description", "sortby"),
            ("sortby=title,title,title,title,title", "sortby"),
            ("filter=title", "filter"),
            ("filter-lang=cql-text&filter=title='x'", "filter-lang"),
            (
                "filter-crs=http://www.opengis.net/def/crs/EPSG/0/2154",
                "filter-crs",
            ),
            ("cursor=x", "cursor"),
            ("cursor=1.1.1.zz", "cursor"),
        ] {
            let told = detail(query);
            assert!(told.starts_with(&format!("`{name}`: ")), "{query}: {told}");
        }
        let many = vec!["x"; MOST + 1].join(",");
        assert!(detail(&format!("type={many}")).starts_with("`type`"));
        let words = vec!["mot"; 65].join(",");
        assert!(detail(&format!("q={words}")).starts_with("`q`"));
    }

    #[test]
    fn words_between_commas_are_alternatives_and_words_of_a_term_follow_each_other() {
        let text = |text: &str| Filter::Text(text.to_owned());
        assert_eq!(read("q=eau").unwrap().filter, text("eau"));
        assert_eq!(
            read("q=eau+potable,%22nappe").unwrap().filter,
            Filter::Or(vec![text("\"eau potable\""), text("nappe")])
        );
        assert_eq!(read("q=&bbox=&limit=").unwrap().filter, Filter::All);
    }

    #[test]
    fn boxes_may_have_heights_and_lie_over_the_antimeridian() {
        let spatial = |west, east| Filter::Spatial {
            relation: Relation::Intersects,
            bbox: Bbox::new(west, -21.0, east, -12.0).unwrap(),
        };
        assert_eq!(
            read("bbox=176,-21,-178,-12").unwrap().filter,
            spatial(176.0, -178.0)
        );
        assert_eq!(
            read("bbox=1,-21,0,2,-12,9000").unwrap().filter,
            spatial(1.0, 2.0)
        );
    }

    #[test]
    fn a_limit_that_is_too_high_is_cut_down_and_sorting_has_two_directions() {
        let asked = read("limit=100000&sortby=+title,-updated,issued").unwrap();
        assert_eq!(asked.limit, MAX_LIMIT);
        assert_eq!(
            asked.sort,
            [
                (Field::Title, Direction::Ascending),
                (Field::Changed, Direction::Descending),
                (Field::Issued, Direction::Ascending)
            ]
        );
        let same = read("sortby=%2Btitle").unwrap().sort;
        assert_eq!(same, [(Field::Title, Direction::Ascending)]);
    }

    #[test]
    fn an_empty_list_of_identifiers_is_one_that_nothing_is_in() {
        assert_eq!(read("ids=").unwrap().filter, Filter::Ids(Vec::new()));
        assert_eq!(read("ids=x,y").unwrap().filter, Filter::Ids(Vec::new()));
    }

    #[test]
    fn places_survive_as_text() {
        let place_of = Place {
            snapshot: SnapshotId(u64::MAX),
            now: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
            offset: 1_234,
            after: None,
        };
        assert_eq!(place(&place_of.to_string()).unwrap(), place_of);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_query_breaks_anything(query in "\\PC{0,200}") {
            let _ = read(&query);
        }

        #[test]
        fn what_is_like_a_query_breaks_nothing_and_is_bounded(
            pairs in proptest::collection::vec((proptest::sample::select(NAMES), "[-+a-z0-9,./:T'\"(){}\\[\\]%&= ]{0,60}"), 0..6)
        ) {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in &pairs {
                query.append_pair(name, value);
            }
            if let Ok(asked) = read(&query.finish()) {
                prop_assert!(asked.filter.check().is_ok());
                prop_assert!((1..=MAX_LIMIT).contains(&asked.limit));
                prop_assert!(asked.sort.len() <= search::MAX_SORTS);
            }
        }
    }
}
