//! The crawl: a file, or a folder and its files.

use model::{
    Checkpoint, ConfigError, Connector, Coverage, Finding, Page, ReadError, Request, Response,
    Severity, Stage,
};
use serde::Deserialize;
use serde_json::json;

use crate::config::{Config, encode};
use crate::{sheet, workbook};

/// An inventory kept in spreadsheets.
#[derive(Debug, Clone)]
pub struct Inventory {
    pub(crate) config: Config,
    address: String,
}

/// How the fetcher lists a folder.
const FOLDER: &str = "application/vnd.moisson.folder+json";

const ACCEPT: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, application/vnd.oasis.opendocument.spreadsheet, text/csv, */*;q=0.1";

const EXTENSIONS: [&str; 5] = ["xlsx", "xlsm", "ods", "csv", "tsv"];

/// Files of a folder. A folder with more is none of inventories.
const MAX_FILES: usize = 2_000;

impl Inventory {
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let address = config.address()?;
        Ok(Self { config, address })
    }
}

impl Connector for Inventory {
    fn start(&self, _: Option<&Checkpoint>) -> Vec<Request> {
        vec![Request::get(self.address.clone(), ACCEPT)]
    }

    fn read(&self, answer: &Response) -> Result<Page, ReadError> {
        let local = answer.request.url.starts_with("file:");
        let first = answer.request.url == self.address;
        if local && first && answer.content_type.as_deref() == Some(FOLDER) {
            return self.folder(&answer.body);
        }
        let file = answer
            .request
            .cursor
            .get("file")
            .and_then(|file| file.as_str());
        let mut workbook = workbook::open(&answer.body)?;
        sheet::read(workbook.as_mut(), &self.config, file.unwrap_or_default())
    }

    fn coverage(&self, _: Option<&Checkpoint>) -> Coverage {
        Coverage::Full
    }

    fn is_document(&self) -> bool {
        true
    }
}

#[derive(Deserialize)]
struct Folder {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    name: String,
}

impl Inventory {
    fn folder(&self, body: &[u8]) -> Result<Page, ReadError> {
        let folder: Folder = serde_json::from_slice(body).map_err(|error| {
            ReadError::Unexpected(format!("the list of the folder cannot be read: {error}"))
        })?;
        if folder.files.len() > MAX_FILES {
            return Err(ReadError::Unexpected(format!(
                "the folder has more than {MAX_FILES} files: give one that has inventories only"
            )));
        }
        let mut page = Page::default();
        for File { name } in folder.files {
            let extension = name
                .rsplit_once('.')
                .map(|(_, extension)| extension.to_ascii_lowercase());
            // What spreadsheet programs and systems put beside a file that is open.
            if name.starts_with(['.', '~']) {
                continue;
            }
            if extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str())) {
                let url = format!("{}/{}", self.address.trim_end_matches('/'), encode(&name));
                page.next.push(
                    Request::get(url, ACCEPT).cursor(json!({ "file": name, "listing": name })),
                );
            } else {
                page.findings.push(
                    Finding::new("inventory/file-skipped", Severity::Info, Stage::Read, "the file is no spreadsheet by its name: it was left aside")
                        .place(name)
                        .hint("save it as .xlsx, .ods or .csv if it has rows of the inventory, or else move it elsewhere"),
                );
            }
        }
        Ok(page)
    }
}
