//! IRIs that come from a source: checked, and repaired where that cannot change their meaning.

use oxiri::Iri;
use oxrdf::NamedNode;

/// What keeps a string from being an IRI that can be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IriFault {
    Empty,
    /// A relative reference, a bare host name, or plain text.
    NotAbsolute,
    /// Longer than [`MAX_IRI`] bytes.
    TooLong,
    /// Not an IRI even after the repair.
    Malformed,
}

/// Longer IRIs are refused: no server answers them.
pub const MAX_IRI: usize = 8 * 1024;

/// The IRI, if the string is an absolute IRI (RFC 3987) as it stands.
pub fn check_iri(value: &str) -> Option<NamedNode> {
    if value.len() > MAX_IRI {
        return None;
    }
    let iri = Iri::parse(value).ok()?;
    // `C:\data` and `data.example.org:8080` parse as IRIs with strange schemes.
    let scheme = iri.scheme();
    if scheme.len() < 2
        || scheme.contains('.')
        || (matches!(scheme, "http" | "https" | "ftp") && iri.authority().is_none_or(str::is_empty))
    {
        return None;
    }
    Some(NamedNode::new_unchecked(value))
}

/// An IRI made from what a source wrote: trimmed, with the characters that RFC 3987 excludes percent-encoded
/// and a missing scheme given to what begins with `www.`. Says `true` when the value was changed.
pub fn repair_iri(value: &str) -> Result<(NamedNode, bool), IriFault> {
    if let Some(iri) = check_iri(value) {
        return Ok((iri, false));
    }
    let trimmed = value.trim_matches(|c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '<' | '>' | '"' | '\u{feff}' | '\u{200b}')
    });
    if trimmed.is_empty() {
        return Err(IriFault::Empty);
    }
    if trimmed.len() > MAX_IRI {
        return Err(IriFault::TooLong);
    }
    let mut candidate = String::with_capacity(trimmed.len() + 8);
    if trimmed
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("www."))
    {
        candidate.push_str("http://");
    }
    let (scheme, rest) = match trimmed.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
        _ => (None, trimmed),
    };
    match scheme {
        Some(scheme) => {
            candidate.push_str(&scheme.to_ascii_lowercase());
            candidate.push(':');
            // `http:/host`, `http:\\host`
            if matches!(
                scheme.to_ascii_lowercase().as_str(),
                "http" | "https" | "ftp"
            ) {
                candidate.push_str("//");
                encode(rest.trim_start_matches(['/', '\\']), &mut candidate);
            } else {
                encode(rest, &mut candidate);
            }
        }
        None if candidate.is_empty() => return Err(IriFault::NotAbsolute),
        None => encode(rest, &mut candidate),
    }
    check_iri(&candidate)
        .map(|iri| (iri, true))
        .ok_or(IriFault::Malformed)
}

fn is_scheme(scheme: &str) -> bool {
    scheme.len() >= 2
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        // `data.example.org:8080/x` has no scheme.
        && !scheme.contains('.')
}

fn encode(value: &str, into: &mut String) {
    let authority_end = value.find(['/', '?', '#']).unwrap_or(value.len());
    let mut fragment = false;
    let bytes = value.as_bytes();
    for (at, c) in value.char_indices() {
        let hex = |offset: usize| bytes.get(at + offset).is_some_and(u8::is_ascii_hexdigit);
        let excluded = match c {
            '%' => !(hex(1) && hex(2)),
            '[' | ']' => at >= authority_end,
            '#' => std::mem::replace(&mut fragment, true),
            ' ' | '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`' => true,
            c => c.is_whitespace() || c.is_control() || !is_iri_char(c),
        };
        if c == '\r' || c == '\n' || c == '\t' || c == '\u{feff}' || c == '\u{200b}' {
            continue;
        }
        if excluded {
            let mut buffer = [0; 4];
            for byte in c.encode_utf8(&mut buffer).bytes() {
                into.push_str(&format!("%{byte:02X}"));
            }
        } else {
            into.push(c);
        }
    }
}

/// ASCII, or `ucschar` of RFC 3987, 2.2.
fn is_iri_char(c: char) -> bool {
    c.is_ascii()
        || matches!(c,
            '\u{A0}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFEF}')
        || (u32::from(c) >= 0x1_0000 && u32::from(c) & 0xFFFF <= 0xFFFD && u32::from(c) < 0xE_0000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_portals_write() {
        let cases = [
            ("https://a.example/x", "https://a.example/x"),
            (" https://a.example/x\n", "https://a.example/x"),
            (
                "https://a.example/un fichier.zip",
                "https://a.example/un%20fichier.zip",
            ),
            (
                "https://a.example/x?f[]=1&g={z}",
                "https://a.example/x?f%5B%5D=1&g=%7Bz%7D",
            ),
            ("http:/a.example/x", "http://a.example/x"),
            ("www.a.example/x", "http://www.a.example/x"),
            ("https://a.example/100%", "https://a.example/100%25"),
            ("https://a.example/a#b#c", "https://a.example/a#b%23c"),
            ("https://a.example/é", "https://a.example/é"),
            ("http://[::1]/a[1]", "http://[::1]/a%5B1%5D"),
            ("urn:x:y z", "urn:x:y%20z"),
            ("mailto:a@b.example", "mailto:a@b.example"),
        ];
        for (given, wanted) in cases {
            assert_eq!(
                repair_iri(given).map(|(iri, _)| iri.into_string()),
                Ok(wanted.to_owned()),
                "{given}"
            );
        }
        for (given, fault) in [
            ("", IriFault::Empty),
            ("  ", IriFault::Empty),
            ("voir le site", IriFault::NotAbsolute),
            ("/dataset/1", IriFault::NotAbsolute),
            ("data.example.org:8080/x", IriFault::NotAbsolute),
            ("C:\\data\\x.shp", IriFault::NotAbsolute),
            ("http://", IriFault::Malformed),
        ] {
            assert_eq!(repair_iri(given), Err(fault), "{given}");
        }
    }

    proptest! {
        #[test]
        fn a_repaired_iri_is_an_iri_and_stays_as_it_is(value in "\\PC{0,80}") {
            for value in [value.clone(), format!("http://a.example/{value}")] {
                if let Ok((iri, _)) = repair_iri(&value) {
                    prop_assert!(NamedNode::new(iri.as_str()).is_ok());
                    prop_assert_eq!(repair_iri(iri.as_str()), Ok((iri, false)));
                }
            }
        }
    }
}
