//! What is tried where a page of records fails.

use model::{Failure, ReadError, Request};

use crate::answer::NO_MATCH;
use crate::connector::OaiPmh;
use crate::position::{Position, Told};

impl OaiPmh {
    pub(crate) fn recover_records(
        &self,
        mut position: Position,
        failure: &Failure<'_>,
    ) -> Option<Vec<Request>> {
        let code = match failure {
            Failure::Read(ReadError::Refused { code, .. }) => code.as_str(),
            _ => "",
        };
        if let Failure::Read(ReadError::Malformed { .. } | ReadError::Unexpected(_)) = failure {
            // Cut off on the way, perhaps: the same once more.
            let again = !position.retried;
            position.retried = true;
            return again.then(|| vec![self.records(position)]);
        }
        let faulty = matches!(
            failure,
            Failure::Fetch {
                status: Some(400 | 404 | 410 | 422 | 500),
                ..
            }
        );
        if position.token.is_none() {
            return self.another_way(position, code, failure);
        }
        if code.is_empty() && !faulty {
            return None;
        }
        // A token behind the last record leads nowhere; nothing is missing. A count that more came than, that changed, or a server
        // that broke down proves nothing of the kind.
        let broke_down = matches!(
            failure,
            Failure::Fetch {
                status: Some(500..),
                ..
            }
        );
        if position.total == Some(position.received) && !position.varied && !broke_down {
            return Some(Vec::new());
        }
        if !matches!(code, "badResumptionToken" | NO_MATCH) && !position.with_prefix {
            position.with_prefix = true;
            return Some(vec![self.records(position)]);
        }
        (!position.restarted).then(|| vec![self.records(position.restart(reason(failure)))])
    }

    /// Another date or another format, where the first page was refused.
    fn another_way(
        &self,
        mut position: Position,
        code: &str,
        failure: &Failure<'_>,
    ) -> Option<Vec<Request>> {
        if !matches!(code, "cannotDisseminateFormat" | "badArgument") {
            return None;
        }
        if code == "badArgument"
            && let Some(from) = &mut position.from
            && let Some(day) = from.get(..10).filter(|day| day.len() < from.len())
        {
            *from = day.to_owned();
            return Some(vec![self.records(position)]);
        }
        if position.prefixes.len() < 2 {
            return None;
        }
        let prefix = position.prefixes.remove(0);
        position.told.push(Told::Refused(prefix, reason(failure)));
        Some(vec![self.records(position)])
    }
}

pub(crate) fn reason(failure: &Failure<'_>) -> String {
    let why = match failure {
        Failure::Fetch {
            status: Some(status),
            ..
        } => format!("status {status}"),
        Failure::Fetch { message, .. } => (*message).to_owned(),
        Failure::Read(error) => error.to_string(),
    };
    why.chars().take(500).collect()
}
