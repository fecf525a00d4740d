//! Every difference from the reference graphs has a written reason.

use std::path::Path;
use std::process::Command;

#[test]
fn every_difference_is_explained() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    if !root.join("../shared/corpus/PAIRS.tsv").exists() {
        eprintln!("skipped: ../shared is absent");
        return;
    }
    let output = Command::new(env!("CARGO_BIN_EXE_judge"))
        .args(["semic", "--limit", "10"])
        .current_dir(root)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let unexplained: Vec<&str> = text
        .lines()
        .filter(|line| !line.ends_with("0 without a reason"))
        .collect();
    assert!(
        output.status.success(),
        "{}\n{}",
        unexplained.join("\n"),
        String::from_utf8_lossy(&output.stderr)
    );
}
