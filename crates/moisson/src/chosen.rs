//! The files of the configuration that a command is about: sources, targets.

use anyhow::{Context, bail};
use model::SourceId;

use crate::config::{Loaded, SourceFile, TargetFile};

/// A file of the configuration that commands call by its name.
pub trait Called {
    /// What it is, and the directory that such files are in.
    const KIND: (&str, &str);

    fn id(&self) -> &SourceId;
    fn is_enabled(&self) -> bool;
}

impl Called for SourceFile {
    const KIND: (&str, &str) = ("source", "sources/");

    fn id(&self) -> &SourceId {
        &self.id
    }

    fn is_enabled(&self) -> bool {
        self.config.enabled
    }
}

impl Called for TargetFile {
    const KIND: (&str, &str) = ("target", "targets/");

    fn id(&self) -> &SourceId {
        &self.id
    }

    fn is_enabled(&self) -> bool {
        self.config.enabled
    }
}

/// Those that were named, or all that are enabled.
pub fn chosen<'a, T: Called>(files: &'a [T], named: &[SourceId]) -> anyhow::Result<Vec<&'a T>> {
    if !named.is_empty() {
        return named.iter().map(|id| called(files, id)).collect();
    }
    let enabled: Vec<_> = files.iter().filter(|file| file.is_enabled()).collect();
    if enabled.is_empty() {
        let (kind, directory) = T::KIND;
        bail!("no {kind} is enabled; name one, or set `enabled = true` in a file of {directory}");
    }
    Ok(enabled)
}

fn called<'a, T: Called>(files: &'a [T], id: &SourceId) -> anyhow::Result<&'a T> {
    let found = files.iter().find(|file| file.id() == id);
    found.with_context(|| {
        let known: Vec<&str> = files.iter().map(|file| file.id().as_str()).collect();
        format!(
            "there is no {} `{id}`; the configuration has: {}",
            T::KIND.0,
            if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            }
        )
    })
}

/// The source of this name.
pub fn find<'a>(loaded: &'a Loaded, id: &SourceId) -> anyhow::Result<&'a SourceFile> {
    called(&loaded.sources, id)
}
