//! Copies of the archive, in which runs are planned.

use std::path::Path;

use anyhow::Context;
use archive::Archive;

use crate::instance::{Layout, Lock};

/// What the names of their directories begin with.
const PREFIX: &str = "plan-";

/// A copy of the archive, in the data directory, for as long as this is there.
pub struct Scratch {
    // Closed before its directory goes.
    _lock: Lock,
    _directory: tempfile::TempDir,
}

impl Scratch {
    /// Copies an archive.
    pub async fn copy(layout: &Layout, archive: &Archive) -> anyhow::Result<(Self, Archive)> {
        sweep(&layout.root);
        let directory = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(&layout.root)
            .with_context(|| layout.root.display().to_string())?;
        let there = Layout {
            root: directory.path().to_owned(),
        };
        let scratch = Self {
            _lock: Lock::take(&there)?,
            _directory: directory,
        };
        let copy = archive.copy_to(&there.archive()).await.with_context(|| {
            format!(
                "the archive cannot be copied to plan in; that takes as much room in {} as it has",
                layout.root.display()
            )
        })?;
        Ok((scratch, copy))
    }
}

/// Removes what programs left that were killed.
fn sweep(root: &Path) {
    for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let there = Layout { root: entry.path() };
        if is_ours && there.lock().exists() && Lock::take(&there).is_ok() {
            // The next one tries again.
            let _ = std::fs::remove_dir_all(&there.root);
        }
    }
}
