//! Lists the pages of `rules/`, so that adding a file is enough.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=rules");
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let mut pages = Vec::new();
    for topic in fs::read_dir(Path::new(&root).join("rules"))? {
        let topic = topic?.path();
        if !topic.is_dir() {
            continue;
        }
        println!("cargo:rerun-if-changed={}", topic.display());
        for page in fs::read_dir(&topic)? {
            let page = page?.path();
            if page.extension().is_some_and(|extension| extension == "md")
                && let (Some(topic), Some(name)) = (topic.file_name(), page.file_stem())
            {
                let rule = format!("{}/{}", topic.to_string_lossy(), name.to_string_lossy());
                pages.push((rule, page));
            }
        }
    }
    pages.sort();
    let mut code = String::from("&[\n");
    for (rule, page) in pages {
        writeln!(
            code,
            "    ({rule:?}, include_str!({:?})),",
            page.display().to_string()
        )
        .map_err(io::Error::other)?;
    }
    code.push_str("]\n");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("pages.rs"), code)
}
