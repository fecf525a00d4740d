//! From the bytes of an answer to text.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

pub struct Decoded<'a> {
    pub text: Cow<'a, str>,
    /// Set where the bytes are not in the charset that they claim.
    pub repaired: bool,
}

/// By BOM, then as UTF-8 if the bytes are that, then by HTTP, then by the XML declaration. What remains is UTF-8 with other
/// bytes in it: these are read as Windows-1252, so that one bad character does not cost the record.
pub fn decode<'a>(body: &'a [u8], content_type: Option<&str>) -> Decoded<'a> {
    let (encoding, body) = match Encoding::for_bom(body) {
        Some((encoding, length)) => (Some(encoding), body.get(length..).unwrap_or_default()),
        None => (wide(body), body),
    };
    if let Some(encoding) = encoding.filter(|encoding| *encoding != UTF_8) {
        return decoded(encoding.decode_without_bom_handling(body));
    }
    if let Ok(text) = std::str::from_utf8(body) {
        return decoded((Cow::Borrowed(text), false));
    }
    let declared = [content_type.and_then(http_charset), xml_charset(body)];
    match declared
        .into_iter()
        .flatten()
        .find(|encoding| *encoding != UTF_8)
    {
        Some(encoding) => decoded(encoding.decode_without_bom_handling(body)),
        None => decoded((Cow::Owned(mixed(body)), true)),
    }
}

fn decoded((text, repaired): (Cow<'_, str>, bool)) -> Decoded<'_> {
    Decoded { text, repaired }
}

/// UTF-16 without a BOM shows by the zero bytes around its first `<`.
fn wide(body: &[u8]) -> Option<&'static Encoding> {
    match body {
        [b'<', 0, ..] => Some(UTF_16LE),
        [0, b'<', ..] => Some(UTF_16BE),
        _ => None,
    }
}

fn http_charset(content_type: &str) -> Option<&'static Encoding> {
    let charset = content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then_some(value)
    })?;
    Encoding::for_label(charset.trim().trim_matches(['"', '\'']).as_bytes())
}

fn xml_charset(body: &[u8]) -> Option<&'static Encoding> {
    let start = String::from_utf8_lossy(body.get(..200).unwrap_or(body));
    let declaration = start.split_once("<?xml")?.1.split_once("?>")?.0;
    let value = declaration
        .split_once("encoding")?
        .1
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let quote = value
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    Encoding::for_label(value.get(1..)?.split(quote).next()?.as_bytes())
}

fn mixed(body: &[u8]) -> String {
    let mut text = String::with_capacity(body.len() + body.len() / 8);
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: &[u8], content_type: &str) -> String {
        decode(body, Some(content_type)).text.into_owned()
    }

    #[test]
    fn charsets_are_found_wherever_they_are_declared() {
        assert_eq!(text(b"\xEF\xBB\xBF<a>\xC3\xA9</a>", ""), "<a>é</a>");
        assert_eq!(
            text(b"<a>\xE9</a>", "text/xml; charset=ISO-8859-1"),
            "<a>é</a>"
        );
        assert_eq!(
            text(
                b"<?xml version='1.0' encoding='iso-8859-15' ?><a>\xA4</a>",
                "text/xml"
            ),
            "<?xml version='1.0' encoding='iso-8859-15' ?><a>€</a>"
        );
        assert_eq!(
            text(
                b"<?xml version=\"1.0\" encoding=\"us-ascii\"?><a>\xE9</a>",
                ""
            ),
            "<?xml version=\"1.0\" encoding=\"us-ascii\"?><a>é</a>"
        );
        assert_eq!(text(b"\xFF\xFE<\0a\0/\0>\0", ""), "<a/>");
        assert_eq!(text(b"\0<\0a\0/\0>", ""), "<a/>");
    }

    #[test]
    fn valid_utf8_is_utf8_whatever_is_declared() {
        assert_eq!(
            text("<a>é</a>".as_bytes(), "text/xml; charset=iso-8859-1"),
            "<a>é</a>"
        );
    }

    #[test]
    fn a_stray_byte_does_not_spoil_its_neighbours() {
        let page = decode(
            b"<a>\xC3\xA9t\xE9 \x92</a>",
            Some("text/xml; charset=utf-8"),
        );
        assert_eq!(page.text, "<a>été ’</a>");
        assert!(page.repaired);
    }
}
