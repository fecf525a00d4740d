//! A TOML file with its text, so that faults can be placed.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::Fault;

pub(super) struct TomlText {
    file: PathBuf,
    text: String,
}

impl TomlText {
    pub(super) fn read(file: &Path, faults: &mut Vec<Fault>) -> Option<Self> {
        match std::fs::read_to_string(file) {
            Ok(text) => Some(Self {
                file: file.to_owned(),
                text,
            }),
            Err(error) => {
                faults.push(Fault { file: file.to_owned(), at: None, message: format!("cannot be read: {error}; give the directory of the configuration with --config") });
                None
            }
        }
    }

    pub(super) fn parse<T: DeserializeOwned>(&self, faults: &mut Vec<Fault>) -> Option<T> {
        match toml::from_str(&self.text) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                faults.push(self.fault(error.span(), error.message().to_owned()));
                None
            }
        }
    }

    pub(super) fn check<T, E: ToString>(
        &self,
        result: Result<T, E>,
        span: Option<Range<usize>>,
        faults: &mut Vec<Fault>,
    ) -> Option<T> {
        result
            .map_err(|error| faults.push(self.fault(span, error.to_string())))
            .ok()
    }

    pub(super) fn fault(&self, span: Option<Range<usize>>, message: String) -> Fault {
        Fault {
            file: self.file.clone(),
            at: span.map(|span| self.line_and_column(span.start)),
            message,
        }
    }

    /// Where a key stands, for checks that concern its value.
    pub(super) fn find(&self, key: &str) -> Option<Range<usize>> {
        let mut offset = 0;
        for line in self.text.split_inclusive('\n') {
            let trimmed = line.trim_start();
            if trimmed
                .strip_prefix(key)
                .is_some_and(|rest| rest.trim_start().starts_with('='))
            {
                let start = offset + line.len() - trimmed.len();
                return Some(start..start + key.len());
            }
            offset += line.len();
        }
        None
    }

    fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (
            before.matches('\n').count() + 1,
            before[line_start..].chars().count() + 1,
        )
    }
}
