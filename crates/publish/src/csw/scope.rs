//! Parts of the catalogue that have a CSW, a feed and a collection of their own.

use archive::EntityKey;
use axum::http::StatusCode;
use model::{EntityKind, SourceId};
use search::{Field, Filter};
use vocab::place::{Kind, Places};
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

    /// `source/ID`, `organisation/UUID`, `theme/CODE`, `territory/CODE`.
    pub async fn part(app: &App, kind: &str, id: &str) -> Result<Self, Failure> {
        let (title, filter) = match kind {
            "source" => source(app, id)?,
            "organisation" => organisation(app, id).await?,
            "theme" => theme(id)?,
            "territory" => {
                let (name, title, filter) = territory(id)?;
                return Ok(Self {
                    path: format!("/{kind}/{name}"),
                    title: Some(title),
                    filter: resources().and(filter),
                });
            }
            _ => return Err(no_part()),
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

pub(crate) fn no_part() -> Failure {
    Failure::new(
        StatusCode::NOT_FOUND,
        "the parts of the catalogue are source/ID, organisation/UUID, theme/CODE, territory/CODE and, of the feed, hvd",
        "Les parties du catalogue sont : source, organisation, theme, territory, chacune avec un identifiant ; et hvd.",
    )
}

/// Where INSEE's addresses of territories begin.
const INSEE: &str = "http://id.insee.fr/geo/";

/// By what ends its address (`departement-60`, `region-32`), or by a code that is clear alone: of a commune, a département, a collectivity
/// beyond the sea, an intercommunality. Its name in addresses, its title, and what lies in it.
fn territory(id: &str) -> Result<(String, String, Filter), Failure> {
    let places = Places::bundled();
    let found = match id.split_once('-') {
        Some((class, code)) => places.by_iri(&format!("{INSEE}{class}/{code}")),
        None => {
            let code = id.to_ascii_uppercase();
            CODED.iter().find_map(|kind| places.get(*kind, &code))
        }
    };
    let address = found.and_then(|territory| Some((territory, territory.iri()?)));
    let named = address.as_ref().and_then(|(territory, iri)| {
        let (class, code) = iri.as_str().strip_prefix(INSEE)?.split_once('/')?;
        Some((format!("{class}-{code}"), territory.full_name()))
    });
    let (Some((name, title)), Some((_, iri))) = (named, address) else {
        return Err(no_territory());
    };
    Ok((name, title, Filter::eq(Field::Within, iri.as_str())))
}

/// A code of two digits is that of a département: regions have such, too.
const CODED: [Kind; 7] = [
    Kind::Commune,
    Kind::Department,
    Kind::Overseas,
    Kind::Intercommunality,
    Kind::CityDistrict,
    Kind::Delegate,
    Kind::Associate,
];

fn no_territory() -> Failure {
    Failure::new(
        StatusCode::NOT_FOUND,
        "no territory has this code: ask by the official geographic code, as `region-32`, `departement-60`, `intercommunalite-200067999`, `commune-60057`; all but regions also by the code alone",
        "Aucun territoire ne porte ce code. Les territoires se nomment par le code officiel géographique : `region-32`, `departement-60`, `intercommunalite-` et un SIREN, `commune-60057`.",
    )
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
