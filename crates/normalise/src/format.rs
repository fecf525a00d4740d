//! Formats, media types and packaging of distributions.

use std::collections::{BTreeMap, HashMap};

use model::Severity;
use model::ns::{dcat, dcterms};
use oxrdf::vocab::rdfs;
use oxrdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term, Triple};
use vocab::{Concept, Format, Vocab};

use crate::desk::{Desk, is_void, note, text_of};

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
        of_distribution(desk, &subject, stated, url);
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
    /// Values in no vocabulary: foreign IRIs and own nodes, texts.
    other_format: Option<Term>,
    other_media: Option<Term>,
}

impl<'a> Result<'a> {
    fn take(&mut self, format: Format<'a>) {
        self.file_type = self.file_type.or(format.file_type);
        self.media_type = self.media_type.or(format.media_type);
        self.package = self.package.or(format.package);
        self.compress = self.compress.or(format.compress);
    }
}

fn of_distribution(
    desk: &mut Desk<'_>,
    subject: &NamedOrBlankNode,
    stated: Stated,
    url: Option<&str>,
) {
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
    let (media, other_media) = first(desk, vocab, &stated.media_types);
    let (format, other_format) = first(desk, vocab, &stated.formats);
    result.other_format = other_format;
    result.other_media = other_media;
    combine(vocab, &mut result, format, media);
    let guess = if result.file_type.is_none() && result.media_type.is_none() {
        url.and_then(|url| vocab.format_of_url(url))
    } else {
        None
    };
    match guess {
        Some(guess) => guessed(desk, &node, &stated, &mut result, guess),
        None => doubts(desk, &node, &stated, format, &result),
    }
    write(desk, subject, result);
}

/// What the address shows stands for nothing, and for a label that nobody understands.
fn guessed<'a>(
    desk: &mut Desk<'_>,
    node: &str,
    stated: &Stated,
    result: &mut Result<'a>,
    guess: Format<'a>,
) {
    result.take(guess);
    let Some(known) = guess.file_type.or(guess.media_type) else {
        return;
    };
    let said: Vec<&str> = stated.formats.iter().map(text_of).collect();
    desk.find(
        note(
            "format/guessed",
            Severity::Info,
            format!(
                "the format « {} » was taken from the address",
                known.label()
            ),
            "choose the format of the file from the list",
        ),
        node,
        dcterms::FORMAT,
        &said.join(", "),
    );
}

/// The first value that is understood, and the first that is not.
fn first<'a>(
    desk: &Desk<'_>,
    vocab: &'a Vocab,
    values: &[Term],
) -> (Option<Format<'a>>, Option<Term>) {
    let mut values: Vec<&Term> = values.iter().collect();
    values.sort_by_key(|value| text_of(value));
    let mut known: Option<Format<'a>> = None;
    let mut other = None;
    for value in values {
        let text = text_of(value);
        if matches!(value, Term::NamedNode(node) if desk.entity.owns(node.as_str())) {
            other = other.or_else(|| Some(value.clone()));
            continue;
        }
        match vocab.format(text) {
            Some(format) if known.is_none_or(|known| format.confidence > known.confidence) => {
                known = Some(format);
            }
            Some(_) => {}
            None if is_void(text) && matches!(value, Term::Literal(_)) => {}
            None => other = other.or_else(|| Some(value.clone())),
        }
    }
    (known, other)
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

fn doubts(
    desk: &mut Desk<'_>,
    node: &str,
    stated: &Stated,
    format: Option<Format<'_>>,
    result: &Result<'_>,
) {
    let hint = "choose the format of the file from the list: one format a resource";
    let values: Vec<&str> = stated
        .formats
        .iter()
        .filter(|term| matches!(term, Term::Literal(_)))
        .map(text_of)
        .collect();
    if let Some(found) = format
        && !found.is_certain()
        && let Some(known) = found.file_type.or(found.media_type)
    {
        desk.find(
            note(
                "format/doubtful",
                Severity::Info,
                format!("read as « {} »", known.label()),
                hint,
            ),
            node,
            dcterms::FORMAT,
            &values.join(", "),
        );
    }
    if let Some(Term::Literal(unknown)) = &result.other_format {
        let message = match result.file_type.or(result.media_type) {
            Some(known) => format!(
                "the format is in no known list: « {} » was taken from what else is said",
                known.label()
            ),
            None => "the format is in no known list: it was kept as it stands".to_owned(),
        };
        desk.find(
            note("format/unknown", Severity::Info, message, hint),
            node,
            dcterms::FORMAT,
            unknown.value(),
        );
    }
    let media = stated.media_types.first().map(text_of);
    if let (Some(format), Some(media), Some(published)) = (format, media, result.media_type)
        && let Some(implied) = format.media_type
        && implied.iri != published.iri
        && published.code != "application/octet-stream"
        && !related(&implied.code, &published.code)
    {
        desk.find(
            note(
                "format/contradiction",
                Severity::Info,
                format!(
                    "the format « {} » and the media type {} do not agree: both were kept",
                    format.file_type.map_or("", Concept::label),
                    published.code
                ),
                "correct the one that is wrong",
            ),
            node,
            dcat::MEDIA_TYPE,
            media,
        );
    }
}

/// GML is XML, GeoJSON is JSON: the more general of the two is not wrong.
fn related(a: &str, b: &str) -> bool {
    let general = |one: &str, other: &str| match other {
        "application/xml" | "text/xml" => one.ends_with("+xml") || one.ends_with("/xml"),
        "application/json" => one.ends_with("+json"),
        "text/plain" => one.starts_with("text/") || one == "application/json",
        _ => false,
    };
    general(a, b) || general(b, a)
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
    if let Some(package) = iri(result.package) {
        put(desk, dcat::PACKAGE_FORMAT, package);
    }
    if let Some(compress) = iri(result.compress) {
        put(desk, dcat::COMPRESS_FORMAT, compress);
    }
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
