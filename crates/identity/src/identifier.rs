//! Identifiers that mean one thing wherever they stand.

/// The longest identifier that is looked at, in bytes.
const LONGEST: usize = 500;

/// The forms under which an identifier is known everywhere: a UUID, a DOI, an IRI, a long hexadecimal number. None for a code
/// that only its catalogue understands.
///
/// An IRI that ends with a UUID is known by both: catalogues that copy a record often keep the UUID alone.
pub fn global(identifier: &str) -> Vec<String> {
    let identifier = identifier.trim();
    if identifier.len() > LONGEST {
        return Vec::new();
    }
    let lower = identifier.to_ascii_lowercase();
    let mut forms = Vec::new();
    forms.extend(last_uuid(&lower).map(|uuid| format!("uuid:{uuid}")));
    forms.extend(doi(&lower).map(|doi| format!("doi:{doi}")));
    if lower.starts_with("http://") || lower.starts_with("https://") {
        if forms.iter().all(|form| !form.starts_with("doi:")) {
            forms.extend(crate::address::page(identifier).map(|page| format!("iri:{page}")));
        }
    } else if let Some(name) = lower.strip_prefix("urn:").filter(|name| name.contains(':')) {
        if !name.starts_with("uuid:") {
            forms.push(format!("urn:{name}"));
        }
    } else if is_long_hexadecimal(&lower) {
        forms.push(format!("hex:{lower}"));
    }
    forms
}

/// The UUID at the end of an identifier, however it is written there. The nil UUID and its like mean nothing.
fn last_uuid(lower: &str) -> Option<&str> {
    let bare = lower.trim_end_matches(['}', '/', '>']);
    let uuid = bare.get(bare.len().checked_sub(36)?..)?;
    let before = bare.get(..bare.len() - 36)?.chars().next_back();
    if before.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let groups: Vec<&str> = uuid.split('-').collect();
    let has_form = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups
            .iter()
            .all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()));
    (has_form && varied(uuid)).then_some(uuid)
}

/// `10.5281/zenodo.123`, `doi:10...`, `https://doi.org/10...`
fn doi(lower: &str) -> Option<&str> {
    let rest = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"))
        .unwrap_or(lower);
    let rest = [
        "dx.doi.org/",
        "doi.org/",
        "www.doi.org/",
        "doi:",
        "info:doi/",
    ]
    .iter()
    .find_map(|prefix| rest.strip_prefix(prefix))
    .unwrap_or(rest)
    .trim();
    let (registrant, name) = rest.strip_prefix("10.")?.split_once('/')?;
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    (registrant.len() >= 4 && registrant.chars().all(is_number) && name.len() >= 2).then_some(rest)
}

/// Such as the identifiers of udata (24 digits) and ArcGIS (32).
fn is_long_hexadecimal(lower: &str) -> bool {
    let digits = lower.bytes().filter(u8::is_ascii_digit).count();
    (24..=64).contains(&lower.len())
        && lower.bytes().all(|byte| byte.is_ascii_hexdigit())
        && digits > 0
        && digits < lower.len()
        && varied(lower)
}

/// Whether somebody drew the number: `00000000-0000-...` and `11111111-1111-...` are fillings of forms.
fn varied(digits: &str) -> bool {
    let mut seen = [false; 128];
    for byte in digits.bytes().filter(u8::is_ascii_hexdigit) {
        if let Some(seen) = seen.get_mut(usize::from(byte)) {
            *seen = true;
        }
    }
    seen.iter().filter(|seen| **seen).count() >= 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_has_one_form_however_it_is_written() {
        let uuid = "4b112795-181a-4af5-9f66-c0837f50cbfa";
        for written in [
            uuid.to_owned(),
            uuid.to_uppercase(),
            format!("{{{uuid}}}"),
            format!("urn:uuid:{uuid}"),
            format!("fr-120066022-{uuid}"),
            format!("https://catalogue.example/resource/{uuid}/"),
        ] {
            assert!(
                global(&written).contains(&format!("uuid:{uuid}")),
                "{written}: {:?}",
                global(&written)
            );
        }
        for written in [
            "10.5281/Zenodo.17",
            "doi:10.5281/zenodo.17",
            "https://doi.org/10.5281/zenodo.17",
        ] {
            assert_eq!(global(written), ["doi:10.5281/zenodo.17"], "{written}");
        }
        assert_eq!(
            global("66a000000000000abc000020"),
            ["hex:66a000000000000abc000020"]
        );
        assert_eq!(global("urn:isbn:12"), ["urn:isbn:12"]);
    }

    #[test]
    fn what_only_its_catalogue_understands_is_not_global() {
        for local in [
            "",
            "1",
            "communes",
            "budget-primitif-2023",
            "00000000-0000-0000-0000-000000000000",
            "11111111-1111-1111-1111-111111111111",
            "x4b112795-181a-4af5-9f66-c0837f50cbf",
            "123456789012345678901234",
            "10.12/x",
            "https://portail.example/",
        ] {
            assert!(global(local).is_empty(), "{local}: {:?}", global(local));
        }
    }
}
