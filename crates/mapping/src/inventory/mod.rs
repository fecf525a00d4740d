use model::{Mapped, RawRecord};

use crate::{MapContext, MapError};

pub(crate) fn map(_: &RawRecord, _: &MapContext<'_>) -> Result<Mapped, MapError> {
    Err(MapError {
        rule: "record/unsupported-format",
        message: "not mapped".to_owned(),
        place: None,
        hint: None,
    })
}
