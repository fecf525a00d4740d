//! Code lists of ISO 19139, and what this catalogue's vocabularies have instead.

use model::ns::{dcterms, geodcatap};
use oxrdf::NamedNodeRef;
use vocab::{Scheme, Vocab};

use crate::graph::end;

/// The GeoDCAT-AP metric of scales.
pub(super) const SCALE_METRIC: &str = "http://data.europa.eu/930/spatialResolutionAsScale";

/// The roles of agents, by the properties that lead to them.
pub(crate) const ROLES: &[(NamedNodeRef<'static>, &str)] = &[
    (dcterms::PUBLISHER, "publisher"),
    (dcterms::CREATOR, "author"),
    (dcterms::RIGHTS_HOLDER, "owner"),
    (geodcatap::CUSTODIAN, "custodian"),
    (geodcatap::DISTRIBUTOR, "distributor"),
    (geodcatap::ORIGINATOR, "originator"),
    (geodcatap::PRINCIPAL_INVESTIGATOR, "principalInvestigator"),
    (geodcatap::PROCESSOR, "processor"),
    (geodcatap::RESOURCE_PROVIDER, "resourceProvider"),
    (geodcatap::USER, "user"),
];

const FREQUENCIES: &[&str] = &[
    "continual",
    "daily",
    "weekly",
    "fortnightly",
    "monthly",
    "quarterly",
    "biannually",
    "annually",
    "asNeeded",
    "irregular",
    "notPlanned",
    "unknown",
];

/// The code of `MD_MaintenanceFrequencyCode` for a frequency of the EU's list; `Err` with that list's own code where ISO has none.
pub(super) fn frequency(iri: &str) -> Result<&str, &str> {
    let concept = Vocab::bundled().scheme(Scheme::Frequency).by_iri(iri);
    concept
        .and_then(|found| {
            let known = |code: &&str| found.concept.codes.iter().any(|given| given == code);
            FREQUENCIES.iter().copied().find(known)
        })
        .ok_or_else(|| end(iri))
}

/// The code of `MD_CharacterSetCode` for the name that IANA gives a character set.
pub(super) fn character_set(name: &str) -> &str {
    let folded: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    match folded.as_str() {
        "utf8" => "utf8",
        "utf16" => "utf16",
        "usascii" => "usAscii",
        "iso88591" => "8859part1",
        "iso885915" => "8859part15",
        _ => name,
    }
}

/// The topic category that goes with an INSPIRE theme: Regulation (EC) No 1205/2008, annex, part D.2.
pub(super) fn topic(theme: &str) -> Option<&'static str> {
    let theme = theme.strip_prefix("http://inspire.ec.europa.eu/theme/")?;
    TOPICS
        .iter()
        .find(|(_, themes)| themes.split(' ').any(|known| known == theme))
        .map(|(topic, _)| *topic)
}

const TOPICS: &[(&str, &str)] = &[
    ("farming", "af"),
    ("biota", "br hb sd"),
    ("boundaries", "au su"),
    ("climatologyMeteorologyAtmosphere", "ac mf"),
    ("economy", "er mr"),
    ("elevation", "el"),
    ("environment", "ps"),
    ("geoscientificInformation", "ge nz so"),
    ("health", "hh"),
    ("imageryBaseMapsEarthCover", "lc oi"),
    ("inlandWaters", "hy"),
    ("location", "ad gn"),
    ("oceans", "of sr"),
    ("planningCadastre", "am cp lu"),
    ("society", "pd"),
    ("structure", "bu ef pf"),
    ("transportation", "tn"),
    ("utilitiesCommunication", "us"),
];

/// A register of concepts that has a thesaurus's name in records.
pub(super) struct Register {
    pub base: &'static str,
    pub title: &'static str,
    pub address: &'static str,
    pub date: &'static str,
}

pub(super) const REGISTERS: &[Register] = &[
    Register {
        base: "http://inspire.ec.europa.eu/theme/",
        title: "GEMET - INSPIRE themes, version 1.0",
        address: "http://www.eionet.europa.eu/gemet/inspire_themes",
        date: "2008-06-01",
    },
    Register {
        base: "http://inspire.ec.europa.eu/metadata-codelist/PriorityDataset/",
        title: "INSPIRE priority data set",
        address: "http://inspire.ec.europa.eu/metadata-codelist/PriorityDataset",
        date: "2018-04-04",
    },
    Register {
        base: "http://inspire.ec.europa.eu/metadata-codelist/SpatialScope/",
        title: "Spatial scope",
        address: "http://inspire.ec.europa.eu/metadata-codelist/SpatialScope",
        date: "2019-05-22",
    },
    Register {
        base: "http://inspire.ec.europa.eu/metadata-codelist/SpatialDataServiceCategory/",
        title: "Spatial data service category",
        address: "http://inspire.ec.europa.eu/metadata-codelist/SpatialDataServiceCategory",
        date: "2008-12-03",
    },
    Register {
        base: "http://publications.europa.eu/resource/authority/data-theme/",
        title: "Data theme",
        address: "http://publications.europa.eu/resource/authority/data-theme",
        date: "2015-09-24",
    },
    Register {
        base: "http://data.europa.eu/bna/",
        title: "High-value dataset categories",
        address: "http://data.europa.eu/bna/asd487ae75",
        date: "2023-09-05",
    },
    Register {
        base: "http://data.europa.eu/eli/",
        title: "EU legislation",
        address: "http://data.europa.eu/eli",
        date: "",
    },
];

/// When a regulation that records cite was published.
pub(super) fn published(specification: &str) -> &'static str {
    match specification {
        "http://data.europa.eu/eli/reg/2010/1089" => "2010-12-08",
        "http://data.europa.eu/eli/reg/2009/976" => "2009-10-20",
        "http://data.europa.eu/eli/reg/2008/1205" => "2008-12-04",
        "http://data.europa.eu/eli/reg/2010/268" => "2010-03-30",
        "http://data.europa.eu/eli/dir/2007/2" => "2007-04-25",
        "http://data.europa.eu/eli/reg_impl/2023/138/oj" => "2023-01-20",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_in_the_words_of_iso() {
        let base = "http://publications.europa.eu/resource/authority/frequency/";
        for (given, wanted) in [
            ("ANNUAL", Ok("annually")),
            ("BIWEEKLY", Ok("fortnightly")),
            ("ANNUAL_2", Ok("biannually")),
            ("UPDATE_CONT", Ok("continual")),
            ("IRREG", Ok("irregular")),
            ("BIENNIAL", Err("BIENNIAL")),
        ] {
            assert_eq!(frequency(&format!("{base}{given}")), wanted);
        }
    }

    #[test]
    fn every_inspire_theme_has_a_topic() {
        let themes = Vocab::bundled().scheme(Scheme::InspireTheme).concepts();
        assert_eq!(themes.len(), 34);
        // The regulation gives none to reference systems and grids.
        let without = themes
            .iter()
            .filter(|theme| topic(theme.iri.as_str()).is_none());
        let codes: Vec<&str> = without.map(|theme| theme.code.as_str()).collect();
        assert_eq!(codes, ["gg", "rs"]);
    }
}
