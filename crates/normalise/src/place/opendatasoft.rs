//! Records of Opendatasoft: most fields stand in the template `default`, others in those beside it.

use model::Entity;
use model::ns::{dcat, dcterms, foaf, vcard};
use oxrdf::NamedNodeRef;

/// Property, template, member.
const FIELDS: &[(NamedNodeRef<'static>, &str, &str)] = &[
    (dcterms::TITLE, "default", "title"),
    (dcterms::DESCRIPTION, "default", "description"),
    (dcat::KEYWORD, "default", "keyword"),
    (dcat::THEME, "default", "theme"),
    (dcterms::LICENSE, "default", "license"),
    (dcterms::RIGHTS, "default", "attributions"),
    (dcterms::LANGUAGE, "default", "language"),
    (dcterms::MODIFIED, "default", "modified"),
    (foaf::PAGE, "default", "references"),
    (dcat::LANDING_PAGE, "default", "source_domain_address"),
    (dcterms::CREATED, "dcat", "created"),
    (dcterms::ISSUED, "dcat", "issued"),
    (dcterms::ACCRUAL_PERIODICITY, "dcat", "accrualperiodicity"),
    (dcterms::ACCESS_RIGHTS, "dcat", "accessRights"),
    (dcterms::CONFORMS_TO, "dcat", "conforms_to"),
    (dcterms::RELATION, "dcat", "relation"),
    (
        dcat::SPATIAL_RESOLUTION_IN_METERS,
        "inspire",
        "spatial_resolution",
    ),
];

/// Members of a node of its own: a file that was attached, a contact, a period.
const MEMBERS: &[(NamedNodeRef<'static>, &str)] = &[
    (dcterms::TITLE, "title"),
    (dcterms::DESCRIPTION, "description"),
    (dcterms::FORMAT, "mimetype"),
    (dcat::MEDIA_TYPE, "mimetype"),
    (dcat::ACCESS_URL, "url"),
    (dcat::DOWNLOAD_URL, "url"),
    (vcard::FN, "contact_name"),
    (vcard::HAS_EMAIL, "contact_email"),
    (dcat::START_DATE, "temporal_coverage_start"),
    (dcat::END_DATE, "temporal_coverage_end"),
];

/// A JSON pointer, in a record of Opendatasoft: what begins with `/dataset`.
pub fn of(entity: &Entity, origin: &str, predicate: NamedNodeRef<'_>) -> Option<String> {
    let root = entity.origin(entity.iri.as_str())?;
    if !root.starts_with("/dataset/") {
        return None;
    }
    let member = MEMBERS.iter().find(|(known, _)| *known == predicate);
    if origin != root
        && let Some((_, member)) = member
    {
        // What a field says by itself is no member of it.
        let template = origin.ends_with("/dcat") || origin.ends_with("/inspire");
        let field = predicate == dcat::START_DATE || predicate == dcat::END_DATE;
        return Some(if field && !template {
            origin.to_owned()
        } else {
            format!("{origin}/{member}")
        });
    }
    let (_, template, member) = FIELDS.iter().find(|(known, _, _)| *known == predicate)?;
    let templates = match *template {
        "default" => return Some(format!("{root}/{member}")),
        _ => root.strip_suffix("/metas/default").map_or_else(
            || {
                let record = root
                    .strip_suffix("/basic_metas/default")
                    .or_else(|| root.strip_suffix("/metas"))
                    .unwrap_or(root);
                format!("{record}/interop_metas")
            },
            |record| format!("{record}/metas"),
        ),
    };
    Some(format!("{templates}/{template}/{member}"))
}

#[cfg(test)]
mod tests {
    use model::EntityKind;
    use oxrdf::NamedNode;

    use super::*;

    #[test]
    fn fields_are_found_in_their_templates() {
        let place = |root: &str, origin: &str, predicate| {
            let iri = NamedNode::new_unchecked("https://a.example/dataset/1");
            let mut entity = Entity::new(EntityKind::Dataset, iri.clone());
            entity.set_origin(&iri, root);
            of(&entity, origin, predicate)
        };
        let (new, old) = ("/dataset/metas/default", "/dataset/basic_metas/default");
        let cases = [
            (new, new, dcat::KEYWORD, "/dataset/metas/default/keyword"),
            (new, new, dcterms::ISSUED, "/dataset/metas/dcat/issued"),
            (
                old,
                old,
                dcterms::ISSUED,
                "/dataset/interop_metas/dcat/issued",
            ),
            (
                new,
                "/dataset",
                dcterms::LICENSE,
                "/dataset/metas/default/license",
            ),
            (
                new,
                "/dataset/attachments/0",
                dcat::MEDIA_TYPE,
                "/dataset/attachments/0/mimetype",
            ),
            (
                new,
                "/dataset/metas/dcat/temporal",
                dcat::START_DATE,
                "/dataset/metas/dcat/temporal",
            ),
        ];
        for (root, origin, predicate, wanted) in cases {
            assert_eq!(place(root, origin, predicate).as_deref(), Some(wanted));
        }
        assert_eq!(place("", "/resources/0", dcterms::LICENSE), None);
    }
}
