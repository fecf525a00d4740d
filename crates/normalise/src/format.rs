//! Formats, media types and packaging of distributions, and the services that distributions are had from.

mod report;
mod service;
mod value;

use std::collections::{BTreeMap, HashMap};

use model::ns::{dcat, dcterms};
use oxrdf::vocab::rdfs;
use oxrdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term, Triple};
use vocab::{Concept, Format, Vocab};

use crate::desk::{Desk, is_void, text_of};
use report::{doubts, guessed};

const STATED: [NamedNodeRef<'static>; 4] = [
    dcterms::FORMAT,
    dcat::MEDIA_TYPE,
    dcat::COMPRESS_FORMAT,
    dcat::PACKAGE_FORMAT,
];

/// What a distribution says of its format.
#[derive(Default)]
struct Stated {
    formats: Vec<Term>,
    media_types: Vec<Term>,
    compress: Vec<Term>,
    package: Vec<Term>,
}

/// Resolves format and media type, derives one from the other where that is certain, and both from the address where neither is known.
pub fn resolve(desk: &mut Desk<'_>) {
    let mut subjects: Vec<(NamedOrBlankNode, Stated)> = Vec::new();
    // Distributions, whether they state a format or not.
    for node in desk.entity.instances(dcat::DISTRIBUTION_CLASS) {
        subjects.push((node.clone().into(), Stated::default()));
    }
    subjects.sort_by(|a, b| name(&a.0).cmp(name(&b.0)));
    subjects.dedup_by(|a, b| a.0 == b.0);
    let mut others: BTreeMap<String, (NamedOrBlankNode, Stated)> = BTreeMap::new();
    for triple in desk.take_all(&STATED) {
        let found =
            subjects.binary_search_by(|(subject, _)| name(subject).cmp(name(&triple.subject)));
        match found.ok().and_then(|at| subjects.get_mut(at)) {
            Some((_, stated)) => stated.push(triple),
            None => others
                .entry(name(&triple.subject).to_owned())
                .or_insert_with(|| (triple.subject.clone(), Stated::default()))
                .1
                .push(triple),
        }
    }
    let urls = addresses(desk);
    for (subject, stated) in subjects {
        let url = urls.get(name(&subject)).map(|(_, url)| url.as_str());
        if let Some(protocol) = of_distribution(desk, &subject, stated, url)
            && let Some(url) = url
        {
            service::attach(desk, &subject, protocol, url);
        }
    }
    for (_, (subject, stated)) in others {
        of_distribution(desk, &subject, stated, None);
    }
}

impl Stated {
    fn push(&mut self, triple: Triple) {
        let list = match triple.predicate.as_ref() {
            dcterms::FORMAT => &mut self.formats,
            dcat::MEDIA_TYPE => &mut self.media_types,
            dcat::COMPRESS_FORMAT => &mut self.compress,
            _ => &mut self.package,
        };
        list.push(triple.object);
    }
}

fn name(subject: &NamedOrBlankNode) -> &str {
    match subject {
        NamedOrBlankNode::NamedNode(node) => node.as_str(),
        NamedOrBlankNode::BlankNode(node) => node.as_str(),
    }
}

/// The address of each distribution: with `true` that which downloads, where there is one.
fn addresses(desk: &Desk<'_>) -> HashMap<String, (bool, String)> {
    let mut addresses: HashMap<String, (bool, String)> = HashMap::new();
    for triple in &desk.entity.triples {
        let download = triple.predicate == dcat::DOWNLOAD_URL;
        if !download && triple.predicate != dcat::ACCESS_URL {
            continue;
        }
        let url = (download, text_of(&triple.object).to_owned());
        match addresses.get_mut(name(&triple.subject)) {
            Some(known) if *known < url => *known = url,
            Some(_) => {}
            None => {
                addresses.insert(name(&triple.subject).to_owned(), url);
            }
        }
    }
    addresses
}

/// What is published of a format.
#[derive(Default)]
struct Result<'a> {
    file_type: Option<&'a Concept>,
    media_type: Option<&'a Concept>,
    package: Option<&'a Concept>,
    compress: Option<&'a Concept>,
    service: Option<&'a Concept>,
    /// Values in no vocabulary: foreign IRIs and own nodes, texts.
    other_format: Option<Term>,
    other_media: Option<Term>,
    other_package: Option<Term>,
    other_compress: Option<Term>,
}

impl<'a> Result<'a> {
    fn take(&mut self, format: Format<'a>) {
        self.file_type = self.file_type.or(format.file_type);
        self.media_type = self.media_type.or(format.media_type);
        self.package = self.package.or(format.package);
        self.compress = self.compress.or(format.compress);
        self.service = self.service.or(format.service);
    }
}

/// Resolves what is stated of one distribution, and says the protocol of the service behind it.
fn of_distribution<'a>(
    desk: &mut Desk<'a>,
    subject: &NamedOrBlankNode,
    stated: Stated,
    url: Option<&str>,
) -> Option<&'a Concept> {
    let vocab = desk.context.vocab;
    let node = name(subject).to_owned();
    let mut result = Result::default();
    let packing = |values: &[Term]| {
        let mut values: Vec<&str> = values.iter().map(text_of).collect();
        values.sort_unstable();
        values
            .into_iter()
            .find_map(|value| vocab.format(value)?.media_type)
    };
    result.package = packing(&stated.package);
    result.compress = packing(&stated.compress);
    result.other_package = unknown(&stated.package);
    result.other_compress = unknown(&stated.compress);
    let shown = url.and_then(|url| vocab.format_of_url(url));
    let (media, other_media) = value::first(desk, &node, &stated.media_types, shown);
    let (format, other_format) = value::first(desk, &node, &stated.formats, shown);
    result.other_format = other_format;
    result.other_media = other_media;
    combine(vocab, &mut result, format, media);
    // `octet-stream` is any file at all.
    let says_nothing = result.file_type.is_none_or(|known| known.code == "BIN")
        && result
            .media_type
            .is_none_or(|media| media.code == "application/octet-stream")
        && result.service.is_none();
    match shown.filter(|_| says_nothing) {
        Some(guess) => {
            (result.file_type, result.media_type) = (None, None);
            guessed(desk, &node, &stated, &mut result, guess);
        }
        None => doubts(desk, &node, &stated, format, &result),
    }
    let service = result.service;
    write(desk, subject, result);
    service
}

/// Format and media type, each from the other where it is missing. An archive is the packaging of what is in it.
fn combine<'a>(
    vocab: &'a Vocab,
    result: &mut Result<'a>,
    format: Option<Format<'a>>,
    media: Option<Format<'a>>,
) {
    let is = |concept: Option<&Concept>, codes: &[&str]| {
        concept.is_some_and(|concept| codes.contains(&concept.code.as_str()))
    };
    let archive = |media: Option<Format<'a>>| {
        is(
            media.and_then(|media| media.media_type),
            &["application/zip", "application/gzip", "application/vnd.rar"],
        )
    };
    match (format, media) {
        // A label that may mean several formats gives way to a media type: `Excel`, and that of XLSX.
        (Some(format), Some(media))
            if !format.is_certain()
                && media.is_certain()
                && media.file_type.is_some()
                && !archive(Some(media)) =>
        {
            result.take(media);
        }
        (Some(format), Some(media)) => {
            let packed = archive(Some(media)) && !archive(Some(format));
            let says_nothing = is(media.media_type, &["application/octet-stream"]);
            if packed {
                if is(media.media_type, &["application/gzip"]) {
                    result.compress = result.compress.or(media.media_type);
                } else {
                    result.package = result.package.or(media.media_type);
                }
                result.take(format);
            } else {
                result.file_type = format.file_type;
                result.media_type = if says_nothing {
                    format.media_type.or(media.media_type)
                } else {
                    media.media_type.or(format.media_type)
                };
                result.package = result.package.or(format.package).or(media.package);
                result.compress = result.compress.or(format.compress).or(media.compress);
                result.service = format.service.or(media.service);
            }
            if result.file_type.is_none() {
                result.file_type = result
                    .media_type
                    .and_then(|media| vocab.file_type_of(media));
            }
        }
        (Some(one), None) | (None, Some(one)) => result.take(one),
        (None, None) => {}
    }
}

fn write(desk: &mut Desk<'_>, subject: &NamedOrBlankNode, result: Result<'_>) {
    let put = |desk: &mut Desk<'_>, predicate: NamedNodeRef<'_>, object: NamedNode| {
        desk.entity
            .triples
            .push(Triple::new(subject.clone(), predicate, object));
    };
    let iri = |concept: Option<&Concept>| concept.map(|concept| concept.iri.clone());
    // Without a file type, the media type is the format: it is a `dct:MediaTypeOrExtent` too.
    let format = iri(result.file_type).or_else(|| iri(result.media_type));
    match (format, result.other_format) {
        (Some(format), _) => put(desk, dcterms::FORMAT, format),
        (None, Some(Term::NamedNode(foreign))) => put(desk, dcterms::FORMAT, foreign),
        (None, Some(Term::Literal(label))) => {
            let node = own(desk, "format", &label);
            put(desk, dcterms::FORMAT, node);
        }
        _ => {}
    }
    match (iri(result.media_type), result.other_media) {
        (Some(media), _) => put(desk, dcat::MEDIA_TYPE, media),
        (None, Some(Term::NamedNode(foreign))) => put(desk, dcat::MEDIA_TYPE, foreign),
        (None, Some(Term::Literal(label))) => {
            let node = own(desk, "media", &label);
            put(desk, dcat::MEDIA_TYPE, node);
        }
        _ => {}
    }
    let packings = [
        (dcat::PACKAGE_FORMAT, result.package, result.other_package),
        (
            dcat::COMPRESS_FORMAT,
            result.compress,
            result.other_compress,
        ),
    ];
    for (predicate, known, other) in packings {
        match (iri(known), other) {
            (Some(known), _) => put(desk, predicate, known),
            (None, Some(Term::NamedNode(foreign))) => put(desk, predicate, foreign),
            (None, Some(Term::Literal(label))) => {
                let node = own(desk, "media", &label);
                put(desk, predicate, node);
            }
            _ => {}
        }
    }
}

/// The first value of a packaging, for where none of them is in a list.
fn unknown(values: &[Term]) -> Option<Term> {
    let void = |value: &&Term| matches!(value, Term::Literal(_)) && is_void(text_of(value));
    values
        .iter()
        .filter(|value| !void(value))
        .min_by_key(|value| text_of(value))
        .cloned()
}

fn own(desk: &mut Desk<'_>, prefix: &str, label: &Literal) -> NamedNode {
    let media = [dcterms::MEDIA_TYPE, dcterms::MEDIA_TYPE_OR_EXTENT];
    let classes = if prefix == "media" {
        &media[..]
    } else {
        &media[1..]
    };
    desk.own_node(prefix, classes, rdfs::LABEL, label)
}
