//! What GetCapabilities tells of GetRecords.

use model::ReadError;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use xml_records::{MAX_DEPTH, attribute, local, position, resolve};

use crate::exception;

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// The addresses of GetRecords by POST, and the encodings that each takes, if it says so.
    posts: Vec<(String, Vec<String>)>,
    gets: Vec<String>,
    pub output_schemas: Vec<String>,
    pub type_names: Vec<String>,
    /// The values of the constraints, among them the queryable properties.
    pub queryables: Vec<String>,
    /// Why the rest of the document could not be read.
    pub broken: Option<String>,
}

impl Capabilities {
    /// Reads as far as the document can be read. It is an error only where it is something else.
    pub fn parse(text: &str) -> Result<Self, ReadError> {
        let mut state = State::default();
        let mut reader = Reader::from_str(text.trim_start());
        loop {
            match reader.read_event() {
                Ok(Event::Start(element)) => state.open(&element, text)?,
                Ok(Event::Empty(element)) => {
                    state.open(&element, text)?;
                    state.close();
                }
                Ok(Event::End(_)) => state.close(),
                Ok(Event::Text(words)) => state.value.push_str(&words.xml10_content()),
                Ok(Event::CData(words)) => state.value.push_str(&words.xml10_content()),
                Ok(Event::GeneralRef(reference)) => state
                    .value
                    .push_str(&resolve(&reference).unwrap_or_default()),
                Ok(Event::Eof) => break,
                Ok(_) => {}
                Err(error) => {
                    state.found.broken = Some(format!(
                        "{error} (at byte {})",
                        position(reader.error_position())
                    ));
                    break;
                }
            }
        }
        if state.found.broken.is_none() && !state.path.is_empty() {
            state.found.broken = Some(format!(
                "the document ends inside <{}>",
                state.path.join("/")
            ));
        }
        match state.seen_root {
            true => Ok(state.found),
            false => Err(ReadError::Unexpected(
                "the answer to GetCapabilities is empty or not XML".to_owned(),
            )),
        }
    }

    /// The address for XML documents. One that takes only SOAP is none.
    pub fn post(&self) -> Option<&str> {
        let takes = |wanted: &str, encodings: &[String]| {
            encodings
                .iter()
                .any(|encoding| encoding.eq_ignore_ascii_case(wanted))
        };
        let xml = self
            .posts
            .iter()
            .find(|(_, encodings)| takes("XML", encodings));
        let silent = || {
            self.posts
                .iter()
                .find(|(_, encodings)| !takes("SOAP", encodings))
        };
        xml.or_else(silent).map(|(url, _)| url.as_str())
    }

    pub fn get(&self) -> Option<&str> {
        self.gets.first().map(String::as_str)
    }
}

/// A list in capabilities longer than this is not read on.
const MAX_VALUES: usize = 1000;
/// Addresses of one method: each may have the encodings of the whole operation.
const MAX_ADDRESSES: usize = 20;

#[derive(Default)]
struct State {
    found: Capabilities,
    seen_root: bool,
    path: Vec<String>,
    operation: String,
    parameter: String,
    constraint: String,
    value: String,
    /// Encodings named for the whole operation.
    encodings: Vec<String>,
    in_post: bool,
    /// Within a POST that has no address, or is one too many.
    in_no_post: bool,
}

impl State {
    fn open(&mut self, element: &BytesStart<'_>, text: &str) -> Result<(), ReadError> {
        let name = element.name();
        let local = local(name.as_ref());
        if !self.seen_root {
            self.check_root(local, text)?;
        }
        if self.path.len() >= MAX_DEPTH {
            return Err(ReadError::Unexpected(format!(
                "the capabilities nest more than {MAX_DEPTH} deep"
            )));
        }
        let name_of = || attribute(element, "name").unwrap_or_default();
        let href = || {
            attribute(element, "href")
                .map(|url| url.trim().to_owned())
                .filter(|url| !url.is_empty())
        };
        match local {
            "Operation" => self.operation = name_of(),
            "Parameter" => self.parameter = name_of(),
            "Constraint" => self.constraint = name_of(),
            "Get" if self.in_get_records() && self.found.gets.len() < MAX_ADDRESSES => {
                self.found.gets.extend(href());
            }
            "Post" if self.in_get_records() => {
                let url = href().filter(|_| self.found.posts.len() < MAX_ADDRESSES);
                self.in_post = url.is_some();
                self.in_no_post = url.is_none();
                self.found.posts.extend(url.map(|url| (url, Vec::new())));
            }
            _ => {}
        }
        self.value.clear();
        self.path.push(local.to_owned());
        Ok(())
    }

    fn check_root(&mut self, local: &str, text: &str) -> Result<(), ReadError> {
        if exception::is_report(local) {
            return Err(exception::parse(text));
        }
        if local != "Capabilities" {
            return Err(ReadError::Unexpected(format!(
                "GetCapabilities was answered by <{local}> instead of <csw:Capabilities>"
            )));
        }
        self.seen_root = true;
        Ok(())
    }

    fn close(&mut self) {
        let Some(local) = self.path.pop() else {
            return;
        };
        match local.as_str() {
            "Value" => self.take_value(),
            "Post" => {
                self.in_post = false;
                self.in_no_post = false;
            }
            "Parameter" => self.parameter.clear(),
            "Constraint" => self.constraint.clear(),
            "Operation" => {
                let encodings = std::mem::take(&mut self.encodings);
                if self.in_get_records() {
                    let silent = self
                        .found
                        .posts
                        .iter_mut()
                        .filter(|(_, own)| own.is_empty());
                    silent.for_each(|(_, own)| own.clone_from(&encodings));
                }
                self.operation.clear();
            }
            _ => {}
        }
        self.value.clear();
    }

    fn in_get_records(&self) -> bool {
        self.operation.eq_ignore_ascii_case("GetRecords")
    }

    fn take_value(&mut self) {
        let value = self.value.trim();
        if value.is_empty() || !self.in_get_records() {
            return;
        }
        let list = if self.constraint.eq_ignore_ascii_case("PostEncoding") {
            if self.in_no_post {
                return;
            }
            match self.found.posts.last_mut().filter(|_| self.in_post) {
                Some((_, encodings)) => encodings,
                None => &mut self.encodings,
            }
        } else if !self.constraint.is_empty() {
            &mut self.found.queryables
        } else if self.parameter.eq_ignore_ascii_case("outputSchema") {
            &mut self.found.output_schemas
        } else if self.parameter.eq_ignore_ascii_case("typeNames")
            || self.parameter.eq_ignore_ascii_case("typeName")
        {
            &mut self.found.type_names
        } else {
            return;
        };
        if list.len() < MAX_VALUES {
            list.push(value.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"
<?xml version="1.0"?><csw:Capabilities xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:ows="http://www.opengis.net/ows" xmlns:xlink="http://www.w3.org/1999/xlink">
<ows:OperationsMetadata>
 <ows:Operation name="DescribeRecord"><ows:DCP><ows:HTTP><ows:Post xlink:href="https://c.example/autre"/></ows:HTTP></ows:DCP>
  <ows:Parameter name="typeName"><ows:Value>autre:Type</ows:Value></ows:Parameter></ows:Operation>
 <ows:Operation name="GetRecords"><ows:DCP><ows:HTTP>
   <ows:Get xlink:href="https://c.example/csw?a=1&amp;b=2"/>
   <ows:Post xlink:href="https://c.example/soap"><ows:Constraint name="PostEncoding"><ows:Value>SOAP</ows:Value></ows:Constraint></ows:Post>
   <ows:Post xlink:href="https://c.example/xml"><ows:Constraint name="PostEncoding"><ows:Value>XML</ows:Value></ows:Constraint></ows:Post>
  </ows:HTTP></ows:DCP>
  <ows:Parameter name="outputSchema"><ows:Value>http://www.isotc211.org/2005/gmd</ows:Value></ows:Parameter>
  <ows:Parameter name="typeNames"><ows:Value> gmd:MD_Metadata </ows:Value></ows:Parameter>
  <ows:Constraint name="SupportedISOQueryables"><ows:Value>apiso:Identifier</ows:Value></ows:Constraint>
 </ows:Operation></ows:OperationsMetadata></csw:Capabilities>"#;

    #[test]
    fn get_records_is_found_among_the_operations() {
        let found = Capabilities::parse(DOCUMENT).expect("capabilities");
        assert_eq!(found.post(), Some("https://c.example/xml"));
        assert_eq!(found.get(), Some("https://c.example/csw?a=1&b=2"));
        assert_eq!(found.output_schemas, ["http://www.isotc211.org/2005/gmd"]);
        assert_eq!(found.type_names, ["gmd:MD_Metadata"]);
        assert_eq!(found.queryables, ["apiso:Identifier"]);
        assert_eq!(found.broken, None);
    }

    #[test]
    fn addresses_without_number_are_not_kept() {
        let post = |encoding: &str, url: &str| {
            format!(
                "<ows:Post xlink:href=\"{url}\"><ows:Constraint name=\"PostEncoding\"><ows:Value>{encoding}</ows:Value></ows:Constraint></ows:Post>"
            )
        };
        let many: String = (0..10_000)
            .map(|at| {
                let url = format!("https://c.example/{at}");
                format!("<ows:Get xlink:href=\"{url}\"/>{}", post("SOAP", &url))
            })
            .collect();
        let document = |inside: &str| {
            format!(
                "<csw:Capabilities xmlns:csw=\"c\" xmlns:ows=\"o\" xmlns:xlink=\"x\"><ows:Operation name=\"GetRecords\">{inside}</ows:Operation></csw:Capabilities>"
            )
        };
        let found = Capabilities::parse(&document(&many)).expect("capabilities");
        assert_eq!((found.posts.len(), found.gets.len()), (20, 20));
        // What a POST without an address takes says nothing of another.
        let nowhere = format!(
            "{}{}",
            post("SOAP", "https://c.example/soap"),
            post("XML", "")
        );
        let found = Capabilities::parse(&document(&nowhere)).expect("capabilities");
        assert_eq!(found.post(), None);
    }

    #[test]
    fn a_truncated_document_tells_what_it_had() {
        let cut = DOCUMENT
            .find("<ows:Parameter name=\"typeNames\">")
            .expect("in it")
            + 20;
        let found = Capabilities::parse(&DOCUMENT[..cut]).expect("capabilities");
        assert!(found.broken.is_some());
        assert_eq!(found.post(), Some("https://c.example/xml"));
        assert!(found.type_names.is_empty());
    }

    #[test]
    fn other_documents_are_not_capabilities() {
        assert!(matches!(
            Capabilities::parse("<html><body>"),
            Err(ReadError::Unexpected(_))
        ));
        assert!(matches!(
            Capabilities::parse("panne"),
            Err(ReadError::Unexpected(_))
        ));
        assert!(matches!(
            Capabilities::parse(
                "<ExceptionReport><Exception exceptionCode='X'/></ExceptionReport>"
            ),
            Err(ReadError::Refused { .. })
        ));
    }
}
