//! Exception reports in the dialects of OWS 1.0 and 1.1, CSW, `ServiceExceptionReport` and SOAP.

use model::ReadError;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use xml_records::{attribute, local, resolve};

/// Whether an element of this local name begins a report.
pub fn is_report(local: &str) -> bool {
    matches!(
        local,
        "ExceptionReport" | "ServiceExceptionReport" | "Exception" | "ServiceException" | "Fault"
    )
}

/// Reads what can be read of a report: a broken one is still a refusal.
pub fn parse(text: &str) -> ReadError {
    const MAX_MESSAGE: usize = 500;
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut code = None;
    let mut message = String::new();
    let mut speaking = false;
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                code = code.or_else(|| exception_code(&element));
                speaking = speaks(local(element.name().as_ref()));
            }
            Ok(Event::Empty(element)) => code = code.or_else(|| exception_code(&element)),
            Ok(Event::End(_)) => {
                if speaking && !message.is_empty() && !message.ends_with(' ') {
                    message.push(' ');
                }
                speaking = false;
            }
            Ok(Event::Text(words)) if speaking => message.push_str(&words.xml10_content()),
            Ok(Event::CData(words)) if speaking => message.push_str(&words.xml10_content()),
            Ok(Event::GeneralRef(reference)) if speaking => {
                message.push_str(&resolve(&reference).unwrap_or_default())
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
        if message.len() > 8 * MAX_MESSAGE {
            break;
        }
    }
    let words: Vec<&str> = message.split_whitespace().collect();
    ReadError::Refused {
        code: code.unwrap_or_else(|| "an exception".to_owned()),
        message: words.join(" ").chars().take(MAX_MESSAGE).collect(),
    }
}

fn speaks(local: &str) -> bool {
    matches!(
        local,
        "ExceptionText" | "ServiceException" | "Exception" | "faultstring" | "faultcode" | "Text"
    )
}

fn exception_code(element: &BytesStart<'_>) -> Option<String> {
    let name = element.name();
    if !matches!(local(name.as_ref()), "Exception" | "ServiceException") {
        return None;
    }
    let code = attribute(element, "exceptionCode").or_else(|| attribute(element, "code"))?;
    Some(
        match attribute(element, "locator").filter(|locator| !locator.is_empty()) {
            Some(locator) => format!("{code} ({locator})"),
            None => code,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> (String, String) {
        match parse(text) {
            ReadError::Refused { code, message } => (code, message),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_dialect_tells_its_code_and_message() {
        let cases = [
            (
                r#"<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows"><ows:Exception exceptionCode="InvalidParameterValue" locator="sortby"><ows:ExceptionText>tri &amp; ordre</ows:ExceptionText></ows:Exception></ows:ExceptionReport>"#,
                "InvalidParameterValue (sortby)",
                "tri & ordre",
            ),
            (
                r#"<ExceptionReport xmlns="http://www.opengis.net/ows/1.1"><Exception exceptionCode="NoApplicableCode"><ExceptionText>un</ExceptionText><ExceptionText>deux</ExceptionText></Exception></ExceptionReport>"#,
                "NoApplicableCode",
                "un deux",
            ),
            (
                "<!DOCTYPE ServiceExceptionReport SYSTEM \"http://example.org/x.dtd\"><ServiceExceptionReport><ServiceException code=\"OperationNotSupported\">\n  non\n</ServiceException></ServiceExceptionReport>",
                "OperationNotSupported",
                "non",
            ),
            (
                "<ServiceExceptionReport><ServiceException><![CDATA[a < b]]></ServiceException></ServiceExceptionReport>",
                "an exception",
                "a < b",
            ),
            (
                "<soap:Envelope><soap:Body><soap:Fault><faultstring>panne</faultstring></soap:Fault></soap:Body></soap:Envelope>",
                "an exception",
                "panne",
            ),
            (
                "<csw:ExceptionReport><Exception exceptionCode='X'/><Exception",
                "X",
                "",
            ),
        ];
        for (text, code, message) in cases {
            assert_eq!(refusal(text), (code.to_owned(), message.to_owned()));
        }
    }
}
