//! Which part of the catalogue a target is sent.

use std::collections::{BTreeSet, HashSet};

use archive::{ArchiveError, Candidate, EntityKey, Part};
use model::{EntityKind, SourceId};
use uuid::Uuid;

use crate::target::{Catalogue, Target};

/// Entities that are looked at together.
const SOME: usize = 500;

/// Of each list that is not empty, one has to fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    pub sources: Vec<SourceId>,
    /// UUIDs of publishers.
    pub organisations: Vec<Uuid>,
    /// IRIs of themes.
    pub themes: Vec<String>,
    /// High-value datasets only.
    pub hvd: bool,
    /// What any of these sources has, too, is not sent: it came from the target, or is another's to send. What the target has from us
    /// stays, also where such a source brings it back.
    pub not_from: Vec<SourceId>,
}

impl Selection {
    fn is_whole(&self) -> bool {
        *self == Self::default()
    }

    /// What the target is to have now, in the order of identifiers. With a part of the catalogue go the organisations that publish it.
    pub(crate) async fn candidates(
        &self,
        catalogue: &Catalogue,
        target: &dyn Target,
        sent: &HashSet<Uuid>,
    ) -> Result<Vec<Candidate>, ArchiveError> {
        let mut all = catalogue.archive.candidates().await?;
        all.retain(|candidate| target.carries(candidate.kind));
        if self.is_whole() {
            return Ok(all);
        }
        let barred: HashSet<Uuid> = catalogue
            .archive
            .having_records_of(&self.not_from)
            .await?
            .into_iter()
            .filter(|id| !sent.contains(id))
            .collect();
        let resources: Vec<EntityKey> = all
            .iter()
            .filter(|candidate| is_resource(candidate) && !barred.contains(&candidate.key.id))
            .map(|candidate| candidate.key)
            .collect();
        let (mut chosen, mut publishers) = (HashSet::new(), HashSet::new());
        for keys in resources.chunks(SOME) {
            let mut parts = catalogue.archive.parts_of(keys).await?;
            let valued = match self.hvd {
                true => Some(high_value(catalogue, keys).await?),
                false => None,
            };
            for key in keys {
                let parts = parts.remove(key).unwrap_or_default();
                if self.fits(&parts) && valued.as_ref().is_none_or(|valued| valued.contains(key)) {
                    chosen.insert(key.id);
                    publishers.extend(parts.iter().filter_map(publisher));
                }
            }
        }
        all.retain(|candidate| match is_resource(candidate) {
            true => chosen.contains(&candidate.key.id),
            false => publishers.contains(&candidate.key.id),
        });
        Ok(all)
    }

    fn fits(&self, parts: &BTreeSet<Part>) -> bool {
        let source = self.sources.iter().cloned().map(Part::Source);
        let organisation = self.organisations.iter().copied().map(Part::Publisher);
        let theme = self.themes.iter().cloned().map(Part::Theme);
        any(source, parts) && any(organisation, parts) && any(theme, parts)
    }
}

/// Whether one of the wanted parts is there, or none is wanted.
fn any(mut wanted: impl ExactSizeIterator<Item = Part>, parts: &BTreeSet<Part>) -> bool {
    wanted.len() == 0 || wanted.any(|part| parts.contains(&part))
}

fn is_resource(candidate: &Candidate) -> bool {
    candidate.kind != EntityKind::Organisation
}

fn publisher(part: &Part) -> Option<Uuid> {
    match part {
        Part::Publisher(id) => Some(*id),
        _ => None,
    }
}

/// Those that fall under a category of high-value datasets.
async fn high_value(
    catalogue: &Catalogue,
    keys: &[EntityKey],
) -> Result<HashSet<EntityKey>, ArchiveError> {
    let mut found = HashSet::new();
    for entity in catalogue.archive.entities(keys).await? {
        let about = format!(
            "<{}> <http://data.europa.eu/r5r/hvdCategory> ",
            catalogue.iri(entity.key)
        );
        if entity.text()?.lines().any(|line| line.starts_with(&about)) {
            found.insert(entity.key);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_list_one_has_to_fit() {
        let ville = SourceId::new("ville").expect("an identifier");
        let parts = BTreeSet::from([
            Part::Source(ville.clone()),
            Part::Theme("https://themes.example/eau".to_owned()),
        ]);
        let of = |themes: &[&str]| Selection {
            sources: vec![ville.clone()],
            themes: themes.iter().map(|theme| (*theme).to_owned()).collect(),
            ..Selection::default()
        };
        assert!(Selection::default().fits(&parts));
        assert!(of(&[]).fits(&parts));
        assert!(of(&["https://themes.example/air", "https://themes.example/eau"]).fits(&parts));
        assert!(!of(&["https://themes.example/air"]).fits(&parts));
    }
}
