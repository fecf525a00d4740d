//! Writes the spreadsheets of the golden cases: `cargo run -p connector-inventory --example golden-cases`.

#[path = "../tests/files/mod.rs"]
mod files;

fn main() -> std::io::Result<()> {
    let root = std::path::Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/golden/inventory"
    ));
    for (case, extension, body) in [
        ("csv-plain", "csv", files::CSV_PLAIN.as_bytes().to_vec()),
        ("xlsx-messy", "xlsx", files::xlsx_messy()),
        ("ods", "ods", files::ods()),
    ] {
        let pages = root.join(case).join("pages");
        std::fs::create_dir_all(&pages)?;
        let url = format!("https://www.prefecture-valmer.example/inventaire.{extension}");
        let source = format!(
            "title = \"Inventaire de la préfecture de Valmer\"\n\n[connector.inventory]\nurl = \"{url}\"\n"
        );
        std::fs::write(root.join(case).join("source.toml"), source)?;
        std::fs::write(
            pages.join("001.meta.json"),
            format!("{{\n  \"url\": \"{url}\"\n}}\n"),
        )?;
        std::fs::write(pages.join("001.body"), body)?;
    }
    Ok(())
}
