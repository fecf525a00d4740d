//! Code lists of ISO 19115 whose values have addresses in the INSPIRE registry.

use super::text::is_code;

/// Commission Implementing Regulation (EU) 2023/138 on high-value datasets.
pub(crate) const HVD_REGULATION: &str = "http://data.europa.eu/eli/reg_impl/2023/138/oj";

/// The GeoDCAT-AP metric of scales.
pub(crate) const SCALE_METRIC: &str = "http://data.europa.eu/930/spatialResolutionAsScale";

pub(crate) struct CodeList {
    base: &'static str,
    codes: &'static [&'static str],
}

impl CodeList {
    /// The address of a code, however it is written.
    pub fn address(&self, code: &str) -> Option<String> {
        let last = code.rsplit(['/', '#']).next().unwrap_or(code);
        self.codes
            .iter()
            .find(|known| is_code(last, known))
            .map(|known| format!("{}{known}", self.base))
    }
}

pub(crate) const RESOURCE_TYPE: CodeList = CodeList {
    base: "http://inspire.ec.europa.eu/metadata-codelist/ResourceType/",
    codes: &["dataset", "series", "service"],
};

pub(crate) const TOPIC: CodeList = CodeList {
    base: "http://inspire.ec.europa.eu/metadata-codelist/TopicCategory/",
    codes: &[
        "biota",
        "boundaries",
        "climatologyMeteorologyAtmosphere",
        "economy",
        "elevation",
        "environment",
        "farming",
        "geoscientificInformation",
        "health",
        "imageryBaseMapsEarthCover",
        "inlandWaters",
        "intelligenceMilitary",
        "location",
        "oceans",
        "planningCadastre",
        "society",
        "structure",
        "transportation",
        "utilitiesCommunication",
    ],
};

pub(crate) const REPRESENTATION: CodeList = CodeList {
    base: "http://inspire.ec.europa.eu/metadata-codelist/SpatialRepresentationType/",
    codes: &["vector", "grid", "textTable", "tin", "stereoModel", "video"],
};

pub(crate) const ROLE: CodeList = CodeList {
    base: "http://inspire.ec.europa.eu/metadata-codelist/ResponsiblePartyRole/",
    codes: &[
        "author",
        "custodian",
        "distributor",
        "originator",
        "owner",
        "pointOfContact",
        "principalInvestigator",
        "processor",
        "publisher",
        "resourceProvider",
        "user",
    ],
};

pub(crate) const SERVICE_TYPE: CodeList = CodeList {
    base: "http://inspire.ec.europa.eu/metadata-codelist/SpatialDataServiceType/",
    codes: &[
        "discovery",
        "view",
        "download",
        "transformation",
        "invoke",
        "other",
    ],
};

pub(crate) const SERVICE_CATEGORY: CodeList = CodeList {
    base: "http://inspire.ec.europa.eu/metadata-codelist/SpatialDataServiceCategory/",
    codes: &[
        "humanInteractionService",
        "humanCatalogueViewer",
        "humanGeographicViewer",
        "humanGeographicSpreadsheetViewer",
        "humanServiceEditor",
        "humanChainDefinitionEditor",
        "humanWorkflowEnactmentManager",
        "humanGeographicFeatureEditor",
        "humanGeographicSymbolEditor",
        "humanFeatureGeneralizationEditor",
        "humanGeographicDataStructureViewer",
        "infoManagementService",
        "infoFeatureAccessService",
        "infoMapAccessService",
        "infoCoverageAccessService",
        "infoSensorDescriptionService",
        "infoProductAccessService",
        "infoFeatureTypeService",
        "infoCatalogueService",
        "infoRegistryService",
        "infoGazetteerService",
        "infoOrderHandlingService",
        "infoStandingOrderService",
        "taskManagementService",
        "spatialProcessingService",
        "spatialCoordinateConversionService",
        "spatialCoordinateTransformationService",
        "thematicProcessingService",
        "temporalProcessingService",
        "metadataProcessingService",
        "comService",
    ],
};

pub(crate) const CONFORMITY: CodeList = CodeList {
    base: "http://inspire.ec.europa.eu/metadata-codelist/DegreeOfConformity/",
    codes: &["conformant", "notConformant", "notEvaluated"],
};

/// The European acts that records cite by number, and their addresses in ELI.
pub(crate) const ACTS: &[(&str, &str)] = &[
    ("1089/2010", "http://data.europa.eu/eli/reg/2010/1089"),
    ("976/2009", "http://data.europa.eu/eli/reg/2009/976"),
    ("1205/2008", "http://data.europa.eu/eli/reg/2008/1205"),
    ("268/2010", "http://data.europa.eu/eli/reg/2010/268"),
    ("2023/138", HVD_REGULATION),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_in_any_dress() {
        for given in [
            "planningCadastre",
            "planning cadastre",
            "http://inspire.ec.europa.eu/metadata-codelist/TopicCategory/planningCadastre",
        ] {
            assert_eq!(
                TOPIC.address(given).as_deref(),
                Some(
                    "http://inspire.ec.europa.eu/metadata-codelist/TopicCategory/planningCadastre"
                )
            );
        }
        assert_eq!(TOPIC.address("environnement"), None);
    }
}
