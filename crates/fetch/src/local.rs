//! Files of this machine that a source's configuration names. Nothing else asks for one with success: no redirect, no link.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytes::Bytes;
use model::{Method, Request, Response};
use serde::Serialize;

use crate::error::FetchError;

/// The content type of the list of a folder.
const FOLDER: &str = "application/vnd.moisson.folder+json";
/// Files of a folder.
const MAX_FILES: usize = 10_000;

/// What a source may read: the paths that its configuration names, each with what is below it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Local {
    /// Where paths begin that are not absolute.
    root: PathBuf,
    allowed: Vec<PathBuf>,
}

impl Local {
    pub(crate) fn new(root: &Path, addresses: &[String]) -> Self {
        let root = root.to_owned();
        let paths = addresses.iter().filter_map(|address| path(&root, address));
        Self {
            allowed: paths.collect(),
            root,
        }
    }

    /// Reads a file, or the list of a folder. It blocks.
    pub(crate) fn read(&self, request: &Request, limit: u64) -> Result<Response, FetchError> {
        let url = request.url.as_str();
        let failed = |error: io::Error| FetchError::Local {
            url: url.to_owned(),
            reason: error.to_string(),
        };
        let refused = || FetchError::ForbiddenPath {
            url: url.to_owned(),
        };
        let path = path(&self.root, url).filter(|_| request.method == Method::Get);
        let path = path.ok_or_else(refused)?;
        // What is not below a named path as it is written is not even looked for: errors would tell what there is.
        if !self.allowed.iter().any(|named| is_below(&path, named)) {
            return Err(refused());
        }
        // Links are followed, and what they lead to has to be below a named path again.
        let path = fs::canonicalize(path).map_err(failed)?;
        let named = self
            .allowed
            .iter()
            .filter_map(|named| fs::canonicalize(named).ok());
        if !named.into_iter().any(|named| path.starts_with(named)) {
            return Err(refused());
        }
        let metadata = fs::metadata(&path).map_err(failed)?;
        let (content_type, body) = if metadata.is_dir() {
            (Some(FOLDER.to_owned()), list(&path).map_err(failed)?)
        } else {
            (None, content(&path, &metadata, url, limit)?)
        };
        Ok(Response {
            request: request.clone(),
            url: url.to_owned(),
            status: 200,
            content_type,
            etag: None,
            last_modified: metadata.modified().ok().map(httpdate::fmt_http_date),
            body,
        })
    }
}

/// Whether an address is of a file of this machine.
pub(crate) fn is_local(address: &str) -> bool {
    address.starts_with("file:")
}

/// The path that an address names: `file:inventaires/eau.ods` below the root, or `file:///srv/eau.ods`.
fn path(root: &Path, address: &str) -> Option<PathBuf> {
    let rest = address.strip_prefix("file:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let path = decode(rest).filter(|path| !path.is_empty() && !path.contains('\0'))?;
    Some(root.join(path))
}

fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'%' {
            let digits = text.get(at + 1..at + 3)?;
            decoded.push(u8::from_str_radix(digits, 16).ok()?);
            at += 3;
        } else {
            decoded.push(*byte);
            at += 1;
        }
    }
    String::from_utf8(decoded).ok()
}

/// Whether the path is the named one or leads down from it.
fn is_below(path: &Path, named: &Path) -> bool {
    use std::path::Component;
    path.strip_prefix(named).is_ok_and(|rest| {
        rest.components()
            .all(|part| matches!(part, Component::Normal(_)))
    })
}

fn content(path: &Path, metadata: &Metadata, url: &str, limit: u64) -> Result<Bytes, FetchError> {
    let failed = |reason: String| FetchError::Local {
        url: url.to_owned(),
        reason,
    };
    let too_large = |announced| FetchError::TooLarge {
        url: url.to_owned(),
        limit,
        announced,
    };
    // To open a pipe or a device may wait for ever.
    if !metadata.is_file() {
        return Err(failed("it is neither a file nor a folder".to_owned()));
    }
    if metadata.len() > limit {
        return Err(too_large(Some(metadata.len())));
    }
    let mut body = Vec::new();
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    file.take(limit.saturating_add(1))
        .read_to_end(&mut body)
        .map_err(|error| failed(error.to_string()))?;
    match body.len() as u64 > limit {
        true => Err(too_large(None)),
        false => Ok(body.into()),
    }
}

#[derive(Serialize)]
struct Listed {
    name: String,
    size: u64,
    /// Seconds since 1970.
    modified: u64,
}

/// The files of a folder by their names, as JSON. Folders in it are not looked into; links are listed, and judged when they are asked for.
fn list(folder: &Path) -> io::Result<Bytes> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            continue;
        }
        if files.len() >= MAX_FILES {
            return Err(io::Error::other(format!(
                "the folder has more than {MAX_FILES} files"
            )));
        }
        let modified = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        files.push(Listed {
            name: entry.file_name().into_string().map_err(|name| {
                io::Error::other(format!(
                    "the name of the file {} is not in UTF-8",
                    name.display()
                ))
            })?,
            size: metadata.len(),
            modified: modified.map_or(0, |since| since.as_secs()),
        });
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(serde_json::to_vec(&serde_json::json!({ "files": files }))?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(local: &Local, url: &str) -> Result<Response, &'static str> {
        local
            .read(&Request::get(url, ""), 1000)
            .map_err(|error| error.rule())
    }

    /// `root/in/{a é.csv, sub/b.csv}` may be read, `root/out.csv` may not.
    fn world() -> (tempfile::TempDir, Local) {
        let root = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(root.path().join("in/sub")).expect("a directory");
        for name in ["in/a é.csv", "in/sub/b.csv", "out.csv", "in-side.csv"] {
            fs::write(root.path().join(name), name).expect("a file");
        }
        let local = Local::new(root.path(), &["file:in/".to_owned()]);
        (root, local)
    }

    #[test]
    fn a_folder_is_listed_and_its_files_are_read() {
        let (root, local) = world();
        let listed = read(&local, "file:in/").expect("a list");
        assert_eq!(listed.content_type.as_deref(), Some(FOLDER));
        let list: serde_json::Value = serde_json::from_slice(&listed.body).expect("JSON");
        assert_eq!(list["files"].as_array().map(Vec::len), Some(1));
        assert_eq!(list["files"][0]["name"], "a é.csv");
        assert_eq!(list["files"][0]["size"], 11);
        assert_eq!(
            read(&local, "file:in/a%20%C3%A9.csv").expect("a file").body,
            "in/a é.csv"
        );
        assert_eq!(
            read(&local, "file:in/sub/b.csv").expect("a file").body,
            "in/sub/b.csv"
        );
        let absolute = format!("file://{}/in/sub/b.csv", root.path().display());
        assert_eq!(
            read(&local, &absolute).expect("a file").body,
            "in/sub/b.csv"
        );
    }

    #[test]
    fn nothing_else_is_read() {
        let (root, local) = world();
        let outside = [
            "file:out.csv",
            "file:in/../out.csv",
            "file:in/%2e%2e/out.csv",
            "file:in/sub/../../out.csv",
            "file:in-side.csv",
            "file:",
            "file:/",
            "file:///etc/passwd",
            "file://localhost/etc/passwd",
            "file:in/%zz",
            "file:in/a%00b",
            "file:in/%FF",
        ];
        for url in outside {
            assert_eq!(
                read(&local, url).err(),
                Some("fetch/forbidden-path"),
                "{url}"
            );
        }
        let absolute = format!("file://{}/out.csv", root.path().display());
        assert_eq!(read(&local, &absolute).err(), Some("fetch/forbidden-path"));
        assert_eq!(
            read(&local, "file:in/absent.csv").err(),
            Some("fetch/local-file")
        );
        // A source that names no path reads none.
        assert_eq!(
            read(&Local::default(), "file:in/a%20%C3%A9.csv").err(),
            Some("fetch/forbidden-path")
        );
        let post = Request::post("file:in/", "text/plain", String::new(), "");
        assert!(local.read(&post, 1000).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_out_are_refused() {
        use std::os::unix::fs::symlink;
        let (root, local) = world();
        symlink(root.path().join("out.csv"), root.path().join("in/link.csv")).expect("a link");
        symlink(root.path(), root.path().join("in/up")).expect("a link");
        symlink("a é.csv", root.path().join("in/alias.csv")).expect("a link");
        symlink("nowhere", root.path().join("in/dead.csv")).expect("a link");
        assert_eq!(
            read(&local, "file:in/link.csv").err(),
            Some("fetch/forbidden-path")
        );
        assert_eq!(
            read(&local, "file:in/up/out.csv").err(),
            Some("fetch/forbidden-path")
        );
        assert_eq!(
            read(&local, "file:in/up").err(),
            Some("fetch/forbidden-path")
        );
        assert_eq!(
            read(&local, "file:in/dead.csv").err(),
            Some("fetch/local-file")
        );
        assert_eq!(
            read(&local, "file:in/alias.csv").expect("a file").body,
            "in/a é.csv"
        );
        // The named path itself may be a link: whoever configures it knows where it leads.
        symlink("in", root.path().join("linked")).expect("a link");
        let linked = Local::new(root.path(), &["file:linked".to_owned()]);
        assert_eq!(
            read(&linked, "file:linked/sub/b.csv").expect("a file").body,
            "in/sub/b.csv"
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_never_ends_is_not_opened() {
        let local = Local::new(Path::new("/"), &["file:/dev/zero".to_owned()]);
        assert_eq!(
            read(&local, "file:/dev/zero").err(),
            Some("fetch/local-file")
        );
    }

    #[test]
    fn a_file_that_is_too_large_is_refused() {
        let (root, local) = world();
        fs::write(root.path().join("in/large.csv"), vec![b'x'; 1001]).expect("a file");
        assert_eq!(
            read(&local, "file:in/large.csv").err(),
            Some("fetch/too-large")
        );
    }
}
