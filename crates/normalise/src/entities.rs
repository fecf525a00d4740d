//! Character references of HTML that portals leave in plain text: `&amp;`, `&nbsp;`, `&#39;`, `&#xE9;`.

use html_escape::decode_html_entities;

/// Longer names are none (`&CounterClockwiseContourIntegral;` is the longest of HTML).
const LONGEST: usize = 33;
/// Text that was escaped that often was escaped on purpose.
const MOST_PASSES: usize = 8;

/// The text without character references; what stands for nothing is left as it is. Text that was escaped twice is
/// read twice, so that doing it again changes nothing.
pub fn decode(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..MOST_PASSES {
        match once(&text) {
            Some(decoded) => text = decoded,
            None => break,
        }
    }
    text
}

/// `None` where there is nothing to decode.
fn once(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut changed = false;
    while let Some(at) = rest.find('&') {
        let (before, reference) = rest.split_at(at);
        out.push_str(before);
        let end = reference
            .char_indices()
            .take(LONGEST)
            .find(|(_, c)| *c == ';')
            .map(|(end, _)| end);
        match end.and_then(|end| Some((end, character(reference.get(1..end)?)?))) {
            Some((end, character)) => {
                out.push_str(&character);
                changed = true;
                rest = reference.get(end + 1..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = reference.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    changed.then_some(out)
}

fn character(name: &str) -> Option<String> {
    let Some(number) = name.strip_prefix('#') else {
        let reference = format!("&{name};");
        let decoded = decode_html_entities(&reference);
        return (decoded != reference).then(|| decoded.into_owned());
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
        None => number.parse().ok()?,
    };
    // HTML reads the numbers of Windows-1252 as what was meant.
    let meant = match code {
        0x85 => '…',
        0x8c => 'Œ',
        0x91 => '‘',
        0x92 => '’',
        0x93 => '“',
        0x94 => '”',
        0x96 => '–',
        0x97 => '—',
        0x9c => 'œ',
        code => char::from_u32(code)?,
    };
    (!meant.is_control() || matches!(meant, '\n' | '\t')).then(|| meant.to_string())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn references_are_read_and_the_rest_is_left() {
        for (given, text) in [
            ("R&amp;D", "R&D"),
            ("l&#39;eau", "l'eau"),
            ("&eacute;t&#xE9;", "été"),
            ("l&#146;eau", "l’eau"),
            ("a&nbsp;b", "a\u{a0}b"),
            ("&amp;lt;", "<"),
            ("?a=1&b=2;c", "?a=1&b=2;c"),
            ("Dupont & fils; Valmer", "Dupont & fils; Valmer"),
            ("&#0;&#x110000;&inconnu;&", "&#0;&#x110000;&inconnu;&"),
            ("&é;", "&é;"),
        ] {
            assert_eq!(decode(given), text, "{given}");
            assert_eq!(decode(&decode(given)), decode(given));
        }
    }
}
