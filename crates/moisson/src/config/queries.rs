//! Files of queries: the file's name, without `.rq`, is the query's address.

use std::path::Path;

use publish::SavedQuery;

use super::Fault;

/// Reads every query, in the order of their titles. `endpoint` is the address of `/sparql`; none where the main file has no base that
/// can be used, which is fault enough.
pub(super) fn load(
    directory: &Path,
    endpoint: Option<&str>,
    faults: &mut Vec<Fault>,
) -> Vec<SavedQuery> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            faults.push(fault(directory, None, format!("cannot be read: {error}")));
            return Vec::new();
        }
    };
    let mut files: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "rq"))
        .collect();
    files.sort();
    let endpoint = endpoint.unwrap_or("https://donnees.example.org/sparql");
    let mut queries: Vec<SavedQuery> = files
        .iter()
        .filter_map(|file| read(file, endpoint, faults))
        .collect();
    queries.sort_by(|a, b| a.title.cmp(&b.title));
    queries
}

fn read(file: &Path, endpoint: &str, faults: &mut Vec<Fault>) -> Option<SavedQuery> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            faults.push(fault(file, None, format!("cannot be read: {error}")));
            return None;
        }
    };
    match SavedQuery::parse(&name, &text, endpoint) {
        Ok(query) => Some(query),
        Err(found) => {
            let place =
                |it: publish::QueryFault| fault(file, Some((it.line, it.column)), it.message);
            faults.extend(found.into_iter().map(place));
            None
        }
    }
}

fn fault(file: &Path, at: Option<(usize, usize)>, message: String) -> Fault {
    Fault {
        file: file.to_owned(),
        at,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_has_its_file_and_place_and_other_files_are_none_of_ours() {
        let dir = tempfile::tempdir().expect("a directory");
        let put = |name: &str, text: &str| {
            std::fs::write(dir.path().join(name), text).expect("written");
        };
        put("b.rq", "# title: Alpha\nASK {}");
        put("a.rq", "# title: Beta\nASK {}");
        put("c.rq", "# title: c\nASK {\n  ?s }");
        put("NOTES.txt", "x");
        let mut faults = Vec::new();
        let queries = load(dir.path(), Some("https://a.example/sparql"), &mut faults);
        let names: Vec<_> = queries.iter().map(|query| query.name.as_str()).collect();
        assert_eq!(names, ["b", "a"]);
        let [fault] = faults.as_slice() else {
            panic!("{faults:?}")
        };
        assert_eq!(fault.file, dir.path().join("c.rq"));
        assert_eq!(fault.at, Some((3, 6)));
        assert!(load(&dir.path().join("none"), None, &mut Vec::new()).is_empty());
    }
}
