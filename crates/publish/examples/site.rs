//! Serves an invented catalogue, to look at the pages: `site 127.0.0.1:8098`. A number after it says how many datasets
//! there are, to see how long large pages take.

#[path = "../tests/site/fixture.rs"]
#[allow(dead_code)]
mod fixture;

use fixture::Fixture;
use model::EntityKind;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).ok_or("say where to listen")?;
    let dir = tempfile::tempdir()?;
    let base = format!("http://{address}/");
    let mut fixture = Fixture::new(dir.path(), &base).await;
    let wanted = std::env::args()
        .nth(2)
        .map_or(Ok(0), |n| n.parse::<usize>())?;
    for from in (fixture::DATASETS..wanted).step_by(1000) {
        let numbers = from..wanted.min(from + 1000);
        let write = |n| fixture.write(EntityKind::Dataset, n, &format!("Jeu de données {n}"));
        let writes = numbers.map(write).collect();
        fixture.commit(writes, Vec::new()).await;
    }
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("{base}");
    let index = search::Index::memory(search::MIN_MEMORY)?;
    fixture::follow(&fixture, &index).await;
    let mut site = fixture.site();
    site.search = Some(index);
    publish::serve(listener, site, std::future::pending()).await?;
    Ok(())
}
