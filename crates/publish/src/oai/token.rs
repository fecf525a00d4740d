//! Resumption tokens: the whole state of a list. The server remembers nothing of it, so that a token holds after a restart, and as long
//! as the archive does.

use archive::Place;
use model::Checksum;
use uuid::Uuid;

use super::arguments::{Listing, Moment};
use super::format::Format;
use super::sets;

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub what: Continued,
    /// How many were given before.
    pub given: u64,
    /// How many there were when the list began; of sets, not counted.
    pub total: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Continued {
    Records(Listing, Place),
    /// The organisation after which it goes on.
    Sets(Uuid),
}

/// A token of this server is never longer.
const MAX: usize = 400;
const MARK: char = '~';
const VERSION: &str = "1";

impl Token {
    /// `salt` tells tokens of this repository from those of others.
    pub fn write(&self, salt: &str) -> String {
        let fields: Vec<String> = match &self.what {
            Continued::Records(listing, place) => {
                let moment = |moment: Option<Moment>| moment.map(Moment::text).unwrap_or_default();
                let (at, seq, entity) = place.parts();
                vec![
                    VERSION.to_owned(),
                    listing.format.prefix().to_owned(),
                    moment(listing.from),
                    moment(listing.until),
                    listing.set.as_ref().map(sets::spec).unwrap_or_default(),
                    at.to_string(),
                    seq.to_string(),
                    entity.to_string(),
                    self.given.to_string(),
                    self.total.to_string(),
                ]
            }
            Continued::Sets(after) => vec![
                VERSION.to_owned(),
                "sets".to_owned(),
                after.to_string(),
                self.given.to_string(),
            ],
        };
        let state = fields.join("~");
        format!("{state}{MARK}{}", check(&state, salt))
    }

    pub fn read(text: &str, salt: &str) -> Option<Self> {
        if text.len() > MAX {
            return None;
        }
        let (state, stated) = text.rsplit_once(MARK)?;
        if check(state, salt) != stated {
            return None;
        }
        let fields: Vec<&str> = state.split(MARK).collect();
        match fields.as_slice() {
            [VERSION, "sets", after, given] => Some(Self {
                what: Continued::Sets(Uuid::try_parse(after).ok()?),
                given: given.parse().ok()?,
                total: 0,
            }),
            [
                VERSION,
                format,
                from,
                until,
                set,
                at,
                seq,
                entity,
                given,
                total,
            ] => {
                let moment = |text: &str| match text {
                    "" => Some(None),
                    text => Moment::parse(text).map(Some),
                };
                let set = match *set {
                    "" => None,
                    set => Some(sets::part(set)?),
                };
                let listing = Listing {
                    format: Format::parse(format)?,
                    from: moment(from)?,
                    until: moment(until)?,
                    set,
                };
                let entity = Uuid::try_parse(entity).ok()?;
                let place = Place::of_parts((at.parse().ok()?, seq.parse().ok()?, entity));
                Some(Self {
                    what: Continued::Records(listing, place),
                    given: given.parse().ok()?,
                    total: total.parse().ok()?,
                })
            }
            _ => None,
        }
    }
}

/// Against slips, not against forgers: whoever makes a token can ask for nothing that a request cannot ask for.
fn check(state: &str, salt: &str) -> String {
    let sum = Checksum::of(format!("{salt}\n{state}").as_bytes()).to_string();
    sum.chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use archive::Part;
    use proptest::prelude::*;

    const SALT: &str = "https://donnees.example/";

    fn listings() -> impl Strategy<Value = Listing> {
        let moment = || {
            prop_oneof![
                Just(None),
                Just(Moment::parse("2026-02-28")),
                Just(Moment::parse("2026-02-28T23:59:59Z"))
            ]
        };
        let set = prop_oneof![
            Just(None),
            "[a-z0-9][a-z0-9_-]{0,63}".prop_map(|id| sets::part(&format!("source:{id}"))),
            any::<u128>().prop_map(|id| Some(Part::Publisher(Uuid::from_u128(id)))),
            Just(sets::part("theme:ENVI")),
            Just(Some(Part::Themes)),
        ];
        (0_usize..3, moment(), moment(), set).prop_map(|(format, from, until, set)| Listing {
            format: Format::ALL[format],
            from,
            until,
            set,
        })
    }

    fn tokens() -> impl Strategy<Value = Token> {
        let place = (any::<i64>(), any::<i64>(), any::<u128>())
            .prop_map(|(at, seq, id)| Place::of_parts((at, seq, Uuid::from_u128(id))));
        let records = (listings(), place, any::<u64>(), any::<u64>()).prop_map(
            |(listing, place, given, total)| Token {
                what: Continued::Records(listing, place),
                given,
                total,
            },
        );
        let sets = (any::<u128>(), any::<u64>()).prop_map(|(after, given)| Token {
            what: Continued::Sets(Uuid::from_u128(after)),
            given,
            total: 0,
        });
        prop_oneof![records, sets]
    }

    proptest! {
        #[test]
        fn a_token_is_read_as_it_was_written(token in tokens()) {
            let text = token.write(SALT);
            prop_assert!(text.len() <= MAX, "{text}");
            prop_assert_eq!(Token::read(&text, SALT), Some(token));
            prop_assert_eq!(Token::read(&text, "https://autre.example/"), None);
        }

        #[test]
        fn what_was_changed_is_none(token in tokens(), at in any::<prop::sample::Index>(), with in any::<char>()) {
            let text = token.write(SALT);
            let mut characters: Vec<char> = text.chars().collect();
            let at = at.index(characters.len());
            prop_assume!(characters[at] != with);
            characters[at] = with;
            let changed: String = characters.iter().collect();
            prop_assert_eq!(Token::read(&changed, SALT), None);
            let cut: String = text.chars().take(at).collect();
            prop_assert_eq!(Token::read(&cut, SALT), None);
        }

        #[test]
        fn garbage_is_none(text in ".{0,500}") {
            prop_assert_eq!(Token::read(&text, SALT), None);
        }

        #[test]
        fn what_is_checked_and_no_state_is_none(state in "(1~)?[a-z0-9~:T-]{0,120}") {
            let _ = Token::read(&format!("{state}~{}", check(&state, SALT)), SALT);
        }
    }
}
