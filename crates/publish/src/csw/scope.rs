//! Parts of the catalogue that have a CSW, a feed and a collection of their own.

use archive::EntityKey;
use model::{EntityKind, SourceId};
use search::{Field, Filter};
use vocab::{Scheme, Vocab};

use crate::failure::Failure;
use crate::router::App;

/// The part of the catalogue that an address serves.
#[derive(Clone)]
pub(crate) struct Scope {
    /// What follows `csw` or `catalog` in the address.
    pub path: String,
    pub title: Option<String>,
    pub filter: Filter,
}

/// Records are about datasets, series and services.
pub(crate) fn resources() -> Filter {
    Filter::Not(Box::new(Filter::eq(
        Field::Kind,
        EntityKind::Organisation.segment(),
    )))
}

impl Scope {
    pub fn whole() -> Self {
        Self {
            path: String::new(),
            title: None,
            filter: resources(),
        }
    }

    /// High-value datasets.
    pub fn hvd() -> Self {
        Self {
            path: "/hvd".to_owned(),
            title: Some("Ensembles de données de forte valeur".to_owned()),
            filter: resources().and(Filter::eq(Field::Hvd, "true")),
        }
    }

    /// `source/ID`, `organisation/UUID`, `theme/CODE`.
    pub async fn part(app: &App, kind: &str, id: &str) -> Result<Self, Failure> {
        let (title, filter) = match kind {
            "source" => source(app, id)?,
            "organisation" => organisation(app, id).await?,
            "theme" => theme(id)?,
            _ => return Err(Failure::not_found()),
        };
        Ok(Self {
            path: format!("/{kind}/{id}"),
            title: Some(title),
            filter: resources().and(filter),
        })
    }

    /// By which a theme has a part of its own, and its IRI.
    pub fn theme_code(iri: &str) -> Option<(&'static str, &'static str)> {
        let concept = Vocab::bundled().concept(iri)?;
        let listed = THEMES.contains(&concept.scheme) && !concept.code.contains(['/', '?', '#']);
        listed.then(|| (concept.code.as_str(), concept.iri.as_str()))
    }

    pub fn address(&self, app: &App) -> String {
        format!("{}csw{}", app.site.minter.base(), self.path)
    }
}

fn source(app: &App, id: &str) -> Result<(String, Filter), Failure> {
    let id = SourceId::new(id).map_err(|_| Failure::not_found())?;
    let card = app.site.sources.iter().find(|card| card.id == id);
    let card = card.ok_or_else(Failure::not_found)?;
    Ok((card.title.clone(), Filter::eq(Field::Source, id.as_str())))
}

async fn organisation(app: &App, id: &str) -> Result<(String, Filter), Failure> {
    let uuid = uuid::Uuid::try_parse(id).map_err(|_| Failure::not_found())?;
    let key = EntityKey {
        minted: EntityKind::Organisation,
        id: uuid,
    };
    let row = app.site.archive.entity(key).await?.filter(|row| row.public);
    let row = row.ok_or_else(Failure::not_found)?;
    let iri = key.iri(app.site.minter.base());
    let text = row.entity.text()?;
    let graph = represent::Graph::read(&text);
    let name = graph
        .node(&iri)
        .value(model::ns::foaf::NAME)
        .unwrap_or(&iri);
    Ok((
        name.to_owned(),
        Filter::eq(Field::OrganisationIri, iri.as_str()),
    ))
}

/// Of DCAT-AP, of INSPIRE, or categories of high-value datasets.
const THEMES: [Scheme; 3] = [Scheme::DataTheme, Scheme::InspireTheme, Scheme::HvdCategory];

fn theme(code: &str) -> Result<(String, Filter), Failure> {
    let vocab = Vocab::bundled();
    let concept = THEMES
        .into_iter()
        .find_map(|scheme| vocab.scheme(scheme).get(code))
        .ok_or_else(Failure::not_found)?;
    Ok((
        concept.label().to_owned(),
        Filter::eq(Field::Theme, concept.iri.as_str()),
    ))
}
