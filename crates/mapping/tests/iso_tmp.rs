mod iso_support;
use iso_support::*;
#[test]
fn dump() {
    let path = std::env::var("ISO").unwrap();
    let mapped = map_bytes(&std::fs::read(path).unwrap(), model::RecordFormat::Iso19139);
    match mapped { Ok(mapped) => { for e in &mapped.entities { println!("== {:?} {}", e.kind, e.iri); for l in lines(e) { println!("{l}"); } for l in &e.links { println!("LINK {l:?}"); } println!("ALIAS {:?}", e.aliases);} for f in &mapped.findings { println!("{f:?}"); } } Err(e) => println!("{e:?}") }
}
#[test]
fn all_findings() {
  for d in ["csw-iso19139","iso19115-3"] { for p in files(&shared(&format!("corpus/{d}")).unwrap(), "xml") {
    if let Ok(m) = map_bytes(&std::fs::read(&p).unwrap(), model::RecordFormat::Iso19139) { for f in m.findings { println!("{} | {} | {} | {}", f.rule, f.value.unwrap_or_default().replace('\n'," "), f.message.replace('\n'," "), p.file_name().unwrap().to_string_lossy()); } }
    else if let Err(e) = map_bytes(&std::fs::read(&p).unwrap(), model::RecordFormat::Iso19139) { println!("REFUSED {} | {}", e.rule, p.display()); }
  }}
}
