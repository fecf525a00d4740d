//! Links and formats: distributions.

use model::ns::{dcat, dcterms};

use super::{origin, parts};
use crate::draft::{Draft, short_hash};
use crate::json::View;
use crate::online::{FILES, ogc_service, service};

/// Links of one row.
const MOST: usize = 500;

/// Maps the links, and says how many distributions they became. As many formats as links belong to them in order; one format belongs to
/// each; of other numbers nobody knows which is whose.
pub(super) fn map(
    draft: &mut Draft<'_>,
    columns: View<'_, '_>,
    sheet: &str,
    licence: Option<&str>,
) -> usize {
    let links = columns.text_of("links").unwrap_or_default();
    let links: Vec<&str> = addresses(&links).take(MOST).collect();
    let formats = columns.text_of("formats").unwrap_or_default();
    let formats: Vec<&str> = parts(&formats, true).collect();
    let mut count = 0;
    for (at, link) in links.iter().enumerate() {
        let format = match formats.len() {
            1 => formats.first(),
            several if several == links.len() => formats.get(at),
            _ => None,
        };
        count += usize::from(distribution(
            draft,
            columns,
            link,
            format.copied(),
            sheet,
            licence,
        ));
    }
    count
}

fn distribution(
    draft: &mut Draft<'_>,
    columns: View<'_, '_>,
    link: &str,
    format: Option<&str>,
    sheet: &str,
    licence: Option<&str>,
) -> bool {
    let node = draft
        .entity
        .node(&format!("distribution-{}", short_hash(link)));
    if !draft.claim(&node) {
        return false;
    }
    let iri = draft.entity.iri.clone();
    draft.entity.add_type(&node, dcat::DISTRIBUTION_CLASS);
    draft.entity.add(&iri, dcat::DISTRIBUTION, node.clone());
    draft.entity.set_origin(&node, origin(sheet));
    draft.entity.add_iri(&node, dcat::ACCESS_URL, link);
    let path = link.split(['?', '#']).next().unwrap_or_default();
    let extension = path
        .rsplit('/')
        .next()
        .and_then(|file| file.rsplit_once('.'))
        .map(|(_, extension)| extension.to_ascii_lowercase());
    let said = format.map(str::to_ascii_lowercase).unwrap_or_default();
    let ogc = ogc_service(&said, link);
    // Of a link whose address does not end like a file, nobody knows whether it leads to a page.
    if ogc.is_none() && extension.is_some_and(|extension| FILES.contains(&extension.as_str())) {
        draft.entity.add_iri(&node, dcat::DOWNLOAD_URL, link);
    }
    if ogc.is_some() {
        service(draft, &node, columns, link, ogc);
        // Its place is that of a member of an object, which a cell is none of.
        if let Some((_, place)) = draft.entity.origins.last_mut() {
            *place = origin(sheet);
        }
    }
    if let Some(format) = format {
        let predicate = match said.contains('/') && said.is_ascii() && !said.contains(' ') {
            true => dcat::MEDIA_TYPE,
            false => dcterms::FORMAT,
        };
        draft.entity.add_text(&node, predicate, format, None);
    }
    if let Some(licence) = licence {
        draft
            .entity
            .add_text(&node, dcterms::LICENSE, licence, None);
    }
    true
}

/// Addresses separated by semicolons, line breaks or spaces, or by commas before the next one. What is no address is kept whole, for
/// the rules to judge.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let is_address = |word: &str| {
        let word = word.to_ascii_lowercase();
        word.starts_with("http://")
            || word.starts_with("https://")
            || word.starts_with("ftp://")
            || word.starts_with("www.")
    };
    parts(text, false).flat_map(move |part| {
        let words: Vec<&str> = part
            .split_whitespace()
            .map(|word| word.trim_end_matches(','))
            .filter(|word| !word.is_empty())
            .collect();
        match words.iter().all(|word| is_address(word)) {
            true => words,
            false => vec![part],
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_told_apart() {
        let cases = [
            ("https://a.example/x.csv", vec!["https://a.example/x.csv"]),
            (
                "https://a.example/x,1 ; https://a.example/y",
                vec!["https://a.example/x,1", "https://a.example/y"],
            ),
            (
                "https://a.example/x\nwww.a.example/y",
                vec!["https://a.example/x", "www.a.example/y"],
            ),
            (
                "https://a.example/x, https://a.example/y",
                vec!["https://a.example/x", "https://a.example/y"],
            ),
            ("voir le site", vec!["voir le site"]),
        ];
        for (text, wanted) in cases {
            assert_eq!(addresses(text).collect::<Vec<_>>(), wanted, "{text}");
        }
    }
}
