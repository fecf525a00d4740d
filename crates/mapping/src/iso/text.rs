//! Values of properties: free text in several languages, anchors, codes; and the languages themselves.

use super::Element;

/// How many languages of a text are read.
const MAX_LANGUAGES: usize = 60;

/// A text and the BCP 47 tag of its language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text<'t> {
    pub value: &'t str,
    pub language: Option<String>,
}

/// The languages that a record declares.
#[derive(Debug, Clone, Default)]
pub(crate) struct Locales {
    /// Of texts that are not in a `LocalisedCharacterString`.
    pub default: Option<String>,
    /// By the identifiers of the record's `PT_Locale` elements.
    pub others: Vec<(String, String)>,
}

impl Locales {
    /// `locale="#FR"`: the identifier of a declared locale, or a language by itself.
    fn tag(&self, reference: &str) -> Option<String> {
        let id = reference.trim_start_matches('#');
        let declared = self
            .others
            .iter()
            .find(|(known, _)| known == id)
            .map(|(_, tag)| tag.clone());
        declared.or_else(|| language_tag(id.rsplit(['-', '_']).next().unwrap_or(id)))
    }

    /// The texts of a property: what its character string says, then each other language's.
    pub fn texts<'t>(&self, property: Element<'t>) -> Vec<Text<'t>> {
        let mut found: Vec<Text<'t>> = Vec::new();
        let plain = property
            .children()
            .filter(|child| child.name() != "PT_FreeText")
            .map(plain_text)
            .find(|text| !text.is_empty())
            .unwrap_or_else(|| property.text());
        if !plain.is_empty() {
            found.push(Text {
                value: plain,
                language: self.default.clone(),
            });
        }
        let groups = property
            .children()
            .filter(|child| child.name() == "PT_FreeText")
            .chain(
                property
                    .children()
                    .filter_map(|child| child.child("PT_FreeText")),
            );
        for group in groups.flat_map(Element::children) {
            for localised in group.children() {
                let value = localised.text();
                let language = localised
                    .attribute("locale")
                    .and_then(|locale| self.tag(locale))
                    .or_else(|| self.default.clone());
                if !value.is_empty()
                    && found.len() < MAX_LANGUAGES
                    && !found.iter().any(|text| text.language == language)
                {
                    found.push(Text { value, language });
                }
            }
        }
        found
    }
}

/// The text of a character string, an anchor, or a number; not of the free text beside it.
fn plain_text(element: Element<'_>) -> &str {
    let own = element.text();
    if own.is_empty() && element.child("PT_FreeText").is_none() {
        element.value()
    } else {
        own
    }
}

/// The address that an anchor (`gmx:Anchor`, `gcx:Anchor`) gives for its text.
pub(crate) fn anchor<'t>(property: Element<'t>) -> Option<&'t str> {
    property
        .children()
        .find(|child| child.name() == "Anchor")
        .and_then(|anchor| anchor.attribute("href"))
}

/// The value of a code: `codeListValue`, or the text where that is empty, or a number of the North American profile's
/// register (`RI_622`), whose text is `dataset; jeuDonnées`.
pub(crate) fn code<'t>(property: Element<'t>) -> Option<&'t str> {
    let element = property.object().unwrap_or(property);
    let listed = element.attribute("codeListValue").unwrap_or_default();
    let text = || element.value().split(';').next().unwrap_or_default().trim();
    let value = match listed.strip_prefix("RI_") {
        Some(number) if number.chars().all(|c| c.is_ascii_digit()) && !text().is_empty() => text(),
        _ if listed.is_empty() => element.value(),
        _ => listed,
    };
    Some(value.trim()).filter(|value| !value.is_empty())
}

/// A code without what catalogues vary: case, blanks and punctuation.
pub(crate) fn fold_code(code: &str) -> String {
    code.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether two codes are the same but for case, blanks and punctuation.
pub(crate) fn is_code(code: &str, wanted: &str) -> bool {
    fn folded(text: &str) -> impl Iterator<Item = char> {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
    }
    folded(code).eq(folded(wanted))
}

/// The BCP 47 tag of a language that a record names by a code of ISO 639-1 or 639-2, a locale, an EU address, or in words.
pub(crate) fn language_tag(code: &str) -> Option<String> {
    let code = code.trim();
    let code = if code.contains('/') {
        code.rsplit(['/', '#']).next().unwrap_or(code)
    } else {
        code
    };
    let letters: String = code
        .chars()
        .take_while(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect();
    let known = LANGUAGES
        .iter()
        .find(|(tag, names)| *tag == letters || names.contains(&letters.as_str()));
    match known {
        Some((tag, _)) => Some((*tag).to_owned()),
        None if matches!(letters.len(), 2 | 3)
            && letters.is_ascii()
            && !matches!(letters.as_str(), "und" | "mul" | "zxx") =>
        {
            Some(letters)
        }
        None => None,
    }
}

/// ISO 639-1, and the codes of ISO 639-2 (bibliographic and terminological) and names that stand for it.
const LANGUAGES: &[(&str, &[&str])] = &[
    ("fr", &["fre", "fra", "french", "francais", "français"]),
    ("en", &["eng", "english", "anglais"]),
    ("de", &["ger", "deu", "german", "allemand", "deutsch"]),
    ("it", &["ita", "italian", "italien"]),
    ("es", &["spa", "spanish", "espagnol"]),
    ("nl", &["dut", "nld", "dutch"]),
    ("pt", &["por", "portuguese"]),
    ("br", &["bre"]),
    ("oc", &["oci"]),
    ("co", &["cos"]),
    ("eu", &["baq", "eus"]),
    ("ca", &["cat"]),
    ("rm", &["roh"]),
    ("lb", &["ltz"]),
    ("bg", &["bul"]),
    ("cs", &["cze", "ces"]),
    ("da", &["dan"]),
    ("el", &["gre", "ell"]),
    ("et", &["est"]),
    ("fi", &["fin"]),
    ("ga", &["gle"]),
    ("hr", &["hrv"]),
    ("hu", &["hun"]),
    ("lt", &["lit"]),
    ("lv", &["lav"]),
    ("mt", &["mlt"]),
    ("pl", &["pol"]),
    ("ro", &["rum", "ron"]),
    ("sk", &["slo", "slk"]),
    ("sl", &["slv"]),
    ("sv", &["swe"]),
    ("no", &["nor"]),
    ("nb", &["nob"]),
    ("nn", &["nno"]),
    ("is", &["ice", "isl"]),
    ("ru", &["rus"]),
    ("uk", &["ukr"]),
    ("sr", &["srp"]),
    ("sq", &["alb", "sqi"]),
    ("mk", &["mac", "mkd"]),
    ("tr", &["tur"]),
    ("ar", &["ara"]),
    ("he", &["heb"]),
    ("zh", &["chi", "zho"]),
    ("ja", &["jpn"]),
    ("la", &["lat"]),
];

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::*;

    #[test]
    fn languages_as_records_write_them() {
        for (given, tag) in [
            ("fre", "fr"),
            ("FRA", "fr"),
            ("fr-FR", "fr"),
            ("eng; USA", "en"),
            (
                "http://publications.europa.eu/resource/authority/language/DEU",
                "de",
            ),
            ("Français", "fr"),
            ("gsw", "gsw"),
        ] {
            assert_eq!(language_tag(given).as_deref(), Some(tag), "{given}");
        }
        for given in ["", "Language", "12", "und"] {
            assert_eq!(language_tag(given), None, "{given}");
        }
    }

    #[test]
    fn free_text_in_several_languages() {
        let xml = r##"<c><title><S>Eau</S><PT_FreeText><textGroup><L locale="#a">Wasser</L></textGroup><textGroup><L locale="#FR">eau bis</L></textGroup>
            <textGroup><L locale="#locale-eng">Water</L></textGroup></PT_FreeText></title></c>"##;
        let tree = Tree::parse(xml.as_bytes()).unwrap();
        let locales = Locales {
            default: Some("fr".into()),
            others: vec![("a".into(), "de".into())],
        };
        let texts = locales.texts(tree.root().first("title").unwrap());
        let texts: Vec<_> = texts
            .iter()
            .map(|text| (text.value, text.language.as_deref().unwrap()))
            .collect();
        assert_eq!(texts, [("Eau", "fr"), ("Wasser", "de"), ("Water", "en")]);
    }

    #[test]
    fn codes_are_compared_without_their_dress() {
        assert!(is_code("Point of contact ", "pointOfContact"));
        assert!(!is_code("owner", "custodian"));
    }
}
