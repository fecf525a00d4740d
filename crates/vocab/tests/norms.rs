//! The tables against the authorities' own files, where these are at hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use vocab::{Concept, Scheme, Vocab};

/// Label by IRI and language, as read from Turtle with one statement a block, or from RDF/XML with one element a line.
type Labels = BTreeMap<String, BTreeMap<String, Vec<String>>>;

fn norms() -> Option<PathBuf> {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/norms"
    ));
    if !path.is_dir() {
        eprintln!("skipped: ../shared is absent");
        return None;
    }
    Some(path)
}

fn turtle(labels: &mut Labels, text: &str) {
    for block in text.split("\n\n") {
        let Some(iri) = block
            .trim()
            .strip_prefix('<')
            .and_then(|rest| rest.split('>').next())
        else {
            continue;
        };
        let entry = labels.entry(iri.to_owned()).or_default();
        let Some((_, after)) = block.split_once("skos:prefLabel") else {
            continue;
        };
        let after = after.split(" ;\n    foaf").next().unwrap_or(after);
        let mut rest = after;
        while let Some((_, start)) = rest.split_once('"') {
            let Some((label, end)) = start.split_once('"') else {
                break;
            };
            let language: String = end
                .strip_prefix('@')
                .unwrap_or("")
                .chars()
                .take_while(char::is_ascii_alphabetic)
                .collect();
            entry.entry(language).or_default().push(label.to_owned());
            rest = end;
        }
    }
}

fn rdf_xml(labels: &mut Labels, text: &str) {
    let mut subject = String::new();
    for line in text.lines() {
        if let Some((_, rest)) = line.split_once("rdf:about=\"")
            && let Some((iri, _)) = rest.split_once('"')
        {
            subject = iri.to_owned();
            labels.entry(subject.clone()).or_default();
        }
        if let Some((_, rest)) = line.split_once("skos:prefLabel xml:lang=\"")
            && let Some((language, rest)) = rest.split_once('"')
            && let Some((label, _)) = rest
                .trim_start_matches(|c| c != '>')
                .trim_start_matches('>')
                .split_once('<')
        {
            labels
                .entry(subject.clone())
                .or_default()
                .entry(language.to_owned())
                .or_default()
                .push(label.to_owned());
        }
    }
}

/// What the stored copies lack, each with its reason.
fn is_newer(concept: &Concept) -> bool {
    match concept.scheme {
        // Codes of the list since 2022 and 2024; the stored copies are of 2016 and 2024.
        Scheme::Frequency => matches!(
            concept.code.as_str(),
            "AS_NEEDED"
                | "NOT_PLANNED"
                | "UPDATE_CONT"
                | "WEEKLY_5"
                | "1MIN"
                | "5MIN"
                | "10MIN"
                | "15MIN"
                | "30MIN"
                | "12HRS"
        ),
        // In the list of 2025 only.
        Scheme::Licence => concept.code == "ETALAB_2_0",
        // The OGC registry, and these code lists of INSPIRE, are not stored.
        Scheme::ChecksumAlgorithm
        | Scheme::ConformityDegree
        | Scheme::Crs
        | Scheme::Glossary
        | Scheme::Protocol
        | Scheme::ResourceType
        | Scheme::Role
        | Scheme::ServiceType
        | Scheme::SpatialScope
        | Scheme::Standard => true,
        _ => false,
    }
}

#[test]
fn our_tables_agree_with_the_authorities() {
    let Some(norms) = norms() else { return };
    let mut labels = Labels::new();
    for folder in ["skos", "authority"] {
        for entry in fs::read_dir(norms.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("ttl") => turtle(&mut labels, &text),
                Some("rdf") => rdf_xml(&mut labels, &text),
                _ => {}
            }
        }
    }
    for list in ["mqa/file_types.csv", "mqa/media_types.csv"] {
        for line in fs::read_to_string(norms.join(list)).unwrap().lines() {
            let iri = line.split(',').next().unwrap_or(line).trim();
            labels
                .entry(iri.replace("http://www.iana", "https://www.iana"))
                .or_default();
        }
    }
    let vocab = Vocab::bundled();
    let (mut missing, mut other, mut checked) = (Vec::new(), Vec::new(), 0);
    for scheme in Scheme::ALL {
        let table = vocab.scheme(*scheme);
        for concept in table.concepts() {
            if is_newer(concept) || !concept.iri.as_str().starts_with(&table.base) {
                continue;
            }
            let Some(known) = labels.get(concept.iri.as_str()) else {
                missing.push(concept.iri.as_str());
                continue;
            };
            for (ours, language) in [(&concept.fr, "fr"), (&concept.en, "en")] {
                if let (Some(ours), Some(theirs)) = (ours, known.get(language)) {
                    checked += 1;
                    if !theirs.contains(ours) {
                        other.push(format!("{} @{language}: {ours} / {theirs:?}", concept.iri));
                    }
                }
            }
        }
    }
    assert!(
        missing.is_empty(),
        "not in the authority's list: {missing:#?}"
    );
    assert!(other.is_empty(), "other labels: {other:#?}");
    assert!(checked > 1000, "only {checked} labels were compared");
}

#[test]
fn the_licences_of_data_gouv_fr_are_known() {
    let Some(norms) = norms() else { return };
    let text = fs::read_to_string(norms.join("france/licences.tsv")).unwrap();
    let vocab = Vocab::bundled();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let (id, title, url) = (cells[0], cells[1], cells[2]);
        // Classes of licences, and none: not licences.
        if id.starts_with("other-") || id == "notspecified" {
            continue;
        }
        let ours = vocab.licence(id).unwrap_or_else(|| panic!("{id}")).concept;
        let alternates = cells[3].split('|').chain(cells[4].split('|'));
        for value in [title, url, cells[5]]
            .into_iter()
            .chain(alternates)
            .filter(|value| !value.is_empty())
        {
            // udata calls version 2.0 what does not say its version; so do we, with a doubt.
            let found = vocab
                .licence(value)
                .unwrap_or_else(|| panic!("{id}: {value}"))
                .concept;
            assert_eq!(found.iri, ours.iri, "{id}: {value}");
        }
    }
}

#[test]
fn the_licences_of_french_administrations_are_those_of_the_code() {
    let Some(norms) = norms() else { return };
    let mut labels = Labels::new();
    turtle(
        &mut labels,
        &fs::read_to_string(norms.join("skos/plume_crpa_authorized_license.ttl")).unwrap(),
    );
    let vocab = Vocab::bundled();
    let mut listed: Vec<&str> = labels
        .keys()
        .filter(|iri| iri.starts_with("http://spdx.org/"))
        .map(|iri| vocab.licence(iri).unwrap().concept.iri.as_str())
        .collect();
    listed.sort_unstable();
    // The code names the Licence Ouverte without its version: version 1.0 is not told off.
    let mut ours: Vec<&str> = vocab
        .scheme(Scheme::Licence)
        .concepts()
        .iter()
        .filter(|concept| {
            concept.homologated == Some(true) && !concept.codes.contains(&"fr-lo".to_owned())
        })
        .map(|concept| concept.iri.as_str())
        .collect();
    ours.sort_unstable();
    assert_eq!(ours, listed);
}
