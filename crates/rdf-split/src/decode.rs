//! From the bytes of a document to text.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The text, and whether bytes were found that are not in the charset that they claim.
///
/// By BOM, then as UTF-8 if the bytes are that, then by HTTP, then by the XML declaration. What remains is UTF-8 with other bytes in
/// it: these are read as Windows-1252, so that one bad character does not cost the document.
pub fn decode<'a>(body: &'a [u8], content_type: Option<&str>) -> (Cow<'a, str>, bool) {
    let (encoding, body) = match Encoding::for_bom(body) {
        Some((encoding, length)) => (Some(encoding), body.get(length..).unwrap_or_default()),
        None => (wide(body), body),
    };
    if let Some(encoding) = encoding.filter(|encoding| *encoding != UTF_8) {
        return encoding.decode_without_bom_handling(body);
    }
    if let Ok(text) = std::str::from_utf8(body) {
        return (Cow::Borrowed(text), false);
    }
    let declared = [content_type.and_then(http_charset), xml_charset(body)];
    match declared
        .into_iter()
        .flatten()
        .find(|encoding| *encoding != UTF_8)
    {
        Some(encoding) => encoding.decode_without_bom_handling(body),
        None => (Cow::Owned(mixed(body)), true),
    }
}

/// UTF-16 without a BOM shows by the zero bytes around its first character.
fn wide(body: &[u8]) -> Option<&'static Encoding> {
    match body {
        [b'<' | b'@' | b'{' | b'[', 0, ..] => Some(UTF_16LE),
        [0, b'<' | b'@' | b'{' | b'[', ..] => Some(UTF_16BE),
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
    let start = String::from_utf8_lossy(body.get(..200).unwrap_or(body)).into_owned();
    let declaration = start.split_once("<?xml")?.1.split_once("?>")?.0;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
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

    #[test]
    fn charsets_are_found_wherever_they_are_declared() {
        let text = |body: &'static [u8], content_type| decode(body, Some(content_type)).0;
        assert_eq!(text(b"\xEF\xBB\xBF# \xC3\xA9", ""), "# é");
        assert_eq!(text(b"# \xE9", "text/turtle; charset=ISO-8859-1"), "# é");
        assert_eq!(
            text(b"<?xml version='1.0' encoding='iso-8859-15' ?>\xA4", ""),
            "<?xml version='1.0' encoding='iso-8859-15' ?>€"
        );
        assert_eq!(text(b"{\0}\0", ""), "{}");
        let (mixed, repaired) = decode(b"\xC3\xA9t\xE9 \x92", Some("text/turtle"));
        assert_eq!((mixed.as_ref(), repaired), ("été ’", true));
    }
}
