//! Where each value stands in each standard: a path of property names (objects are passed over, see
//! [`super::tree::Element::all`]). Several paths are tried in order, or united where a property may have several values.

use super::Element;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standard {
    Iso19139,
    Iso19115_3,
}

impl Standard {
    /// By what the record has, whatever its name space and its format's name are: only ISO 19115-3 has these.
    pub fn of(root: Element<'_>) -> Self {
        let new = [
            "metadataIdentifier",
            "dateInfo",
            "metadataScope",
            "defaultLocale",
            "metadataStandard",
            "resourceLineage",
        ];
        if root.children().any(|child| new.contains(&child.name())) {
            Self::Iso19115_3
        } else {
            Self::Iso19139
        }
    }
}

pub(super) struct Path {
    iso19139: &'static [&'static str],
    iso19115_3: &'static [&'static str],
}

impl Path {
    pub fn of(&self, standard: Standard) -> &'static [&'static str] {
        match standard {
            Standard::Iso19139 => self.iso19139,
            Standard::Iso19115_3 => self.iso19115_3,
        }
    }
}

const fn both(paths: &'static [&'static str]) -> Path {
    Path {
        iso19139: paths,
        iso19115_3: paths,
    }
}

const fn each(iso19139: &'static [&'static str], iso19115_3: &'static [&'static str]) -> Path {
    Path {
        iso19139,
        iso19115_3,
    }
}

// From MD_Metadata.
pub(super) const FILE_IDENTIFIER: Path = each(&["fileIdentifier"], &["metadataIdentifier/code"]);
pub(super) const METADATA_LANGUAGE: Path = each(&["language"], &["defaultLocale/language"]);
pub(super) const LOCALES: Path = each(&["locale"], &["defaultLocale", "otherLocale"]);
pub(super) const DATE_STAMP: Path = each(&["dateStamp"], &[]);
pub(super) const SCOPE: Path = each(&["hierarchyLevel"], &["metadataScope/resourceScope"]);
pub(super) const RECORD_CONTACT: Path = both(&["contact"]);
pub(super) const STANDARD_NAME: Path = each(&["metadataStandardName"], &["metadataStandard/title"]);
pub(super) const STANDARD_VERSION: Path =
    each(&["metadataStandardVersion"], &["metadataStandard/edition"]);
pub(super) const PARENT: Path = each(
    &["parentIdentifier"],
    &["parentMetadata", "parentMetadata/identifier/code"],
);
pub(super) const DATASET_URI: Path = each(
    &["dataSetURI"],
    &["identificationInfo/citation/onlineResource/linkage"],
);
pub(super) const REFERENCE_SYSTEM: Path = both(&["referenceSystemInfo/referenceSystemIdentifier"]);
pub(super) const LINEAGE: Path = each(
    &["dataQualityInfo/lineage"],
    &["resourceLineage", "dataQualityInfo/lineage"],
);
pub(super) const CONFORMANCE: Path = both(&["dataQualityInfo/report/result"]);
pub(super) const DISTRIBUTION_FORMAT: Path = both(&["distributionInfo/distributionFormat"]);
pub(super) const DISTRIBUTOR: Path = both(&["distributionInfo/distributor"]);
pub(super) const TRANSFER: Path = both(&["distributionInfo/transferOptions"]);

// From the identification.
pub(super) const TITLE: Path = both(&["citation/title"]);
pub(super) const ALTERNATE_TITLE: Path = both(&["citation/alternateTitle"]);
pub(super) const ABSTRACT: Path = both(&["abstract"]);
pub(super) const PURPOSE: Path = both(&["purpose"]);
pub(super) const EDITION: Path = both(&["citation/edition"]);
pub(super) const DATE: Path = both(&["citation/date"]);
pub(super) const RESOURCE_IDENTIFIER: Path = both(&["citation/identifier"]);
pub(super) const RESOURCE_LANGUAGE: Path = each(
    &["language"],
    &["defaultLocale/language", "otherLocale/language", "language"],
);
pub(super) const RESOURCE_CHARSET: Path =
    each(&["characterSet"], &["defaultLocale/characterEncoding"]);
pub(super) const TOPIC: Path = both(&["topicCategory"]);
pub(super) const REPRESENTATION: Path = both(&["spatialRepresentationType"]);
pub(super) const FREQUENCY: Path = both(&[
    "resourceMaintenance/maintenanceAndUpdateFrequency",
    "resourceMaintenance/userDefinedMaintenanceFrequency",
]);
pub(super) const OVERVIEW: Path = each(
    &["graphicOverview/fileName"],
    &[
        "graphicOverview/fileName",
        "graphicOverview/linkage/linkage",
    ],
);
pub(super) const KEYWORDS: Path = both(&["descriptiveKeywords"]);
pub(super) const RESOURCE_CONTACT: Path = both(&["pointOfContact"]);
pub(super) const CITED_PARTY: Path = both(&["citation/citedResponsibleParty"]);
pub(super) const EXTENT: Path = both(&["extent"]);
pub(super) const RESOLUTION: Path = both(&["spatialResolution"]);
pub(super) const CONSTRAINTS: Path = both(&["resourceConstraints"]);
pub(super) const ASSOCIATION: Path = each(&["aggregationInfo"], &["associatedResource"]);
pub(super) const DOCUMENTATION: Path =
    each(&[], &["additionalDocumentation/onlineResource/linkage"]);

// From MD_AggregateInformation and MD_AssociatedResource.
pub(super) const ASSOCIATED_CODE: Path = each(
    &[
        "aggregateDataSetIdentifier/code",
        "aggregateDataSetName/identifier/code",
    ],
    &["metadataReference/identifier/code", "name/identifier/code"],
);
pub(super) const ASSOCIATED_REFERENCE: Path =
    each(&["aggregateDataSetName"], &["metadataReference", "name"]);

// From MD_Format.
pub(super) const FORMAT_NAME: Path = each(&["name"], &["formatSpecificationCitation/title"]);
