//! Why the last run was not all that it was to be, in French, for people who look after a portal and not after Moisson.

use model::{Finding, Outcome, RunReport, Severity, reason};

use crate::gather::{Report, Rule};
use crate::rule::french_title;
use crate::text::line;
use crate::words::Lang;

/// Rules of findings that belong to no record, the most telling first. Others tell a cause if they are errors.
const TELLING: &[&str] = &[
    "fetch/http-status",
    "fetch/timeout",
    "fetch/truncated",
    "fetch/connection",
    "page/unreadable",
    "record/unreadable",
    "paging/unstable-order",
    "run/empty",
    "run/fewer-than-announced",
    "run/more-than-announced",
    "paging/empty-pages",
    "run/deletion-held",
    "run/broken-off",
];

impl Report {
    /// What went wrong in the last run that ended, and what Moisson did then; none where all was well.
    pub fn cause(&self) -> Option<String> {
        let run = self.last()?;
        let why = match outside(run) {
            Some(why) => why.to_owned(),
            None => {
                let mut rules: Vec<(usize, &Rule, &Finding)> = self
                    .rules
                    .iter()
                    .filter_map(|rule| Some((place(rule)?, rule, of_the_run(rule)?)))
                    .collect();
                rules.sort_by_key(|(place, ..)| *place);
                let (_, rule, finding) = rules.first()?;
                told(rule, finding, run)
            }
        };
        Some(format!("{why}. {}", done(run)))
    }
}

/// What is not the doing of the source.
fn outside(run: &RunReport) -> Option<&'static str> {
    let begins = |with: &str| {
        run.reason
            .as_deref()
            .is_some_and(|reason| reason.starts_with(with))
    };
    if begins(reason::STOPPED) {
        Some("Une personne a arrêté le moissonnage")
    } else if begins(reason::INTERRUPTED) || begins(reason::ABANDONED) {
        Some("Moisson a été arrêté pendant le moissonnage : la source n'est pas en cause")
    } else if begins(reason::NOT_RESUMED) {
        Some("Moisson a été arrêté pendant le moissonnage, et n'a pas pu le reprendre")
    } else if begins(reason::IN_DOUBT) {
        Some("Le moissonnage a été interrompu puis repris, et la source a pu changer entre-temps")
    } else if begins(reason::NOT_CARRIED_OUT) {
        Some("Incident chez Moisson, et non à la source : son administrateur doit y remédier")
    } else {
        None
    }
}

fn place(rule: &Rule) -> Option<usize> {
    let known = TELLING.iter().position(|telling| *telling == rule.rule);
    let topic = rule.rule.split('/').next().unwrap_or_default();
    let other = rule.severity == Severity::Error
        && matches!(
            topic,
            "fetch" | "page" | "paging" | "run" | "oai-pmh" | "csw"
        );
    // Before what only says that something went wrong.
    known.map(|at| at * 2).or(other.then_some(13))
}

fn of_the_run(rule: &Rule) -> Option<&Finding> {
    rule.examples
        .iter()
        .map(|example| &example.finding)
        .find(|finding| finding.record.is_none())
}

fn told(rule: &Rule, finding: &Finding, run: &RunReport) -> String {
    let number = |n: u64| Lang::Fr.number(n);
    let answer = finding.value.as_deref().and_then(status);
    let what = match (rule.rule.as_str(), answer) {
        ("record/unreadable", Some(code)) => {
            let many = rule.findings;
            format!("{} n'ont pas pu être lues : {}", fiches(many), code)
        }
        ("fetch/http-status" | "page/unreadable", Some(code)) => capital(&code),
        ("fetch/timeout", _) => {
            "Le serveur n'a pas répondu à temps, ou a envoyé sa réponse trop lentement".to_owned()
        }
        ("fetch/truncated", _) => "Le serveur a coupé sa réponse avant la fin".to_owned(),
        ("fetch/connection", _) => "Le serveur n'a pas pu être joint, ou a coupé la connexion".to_owned(),
        ("page/unreadable", _) => "Une page reçue n'est pas dans le format attendu : page d'erreur ou de maintenance, réponse coupée".to_owned(),
        ("record/unreadable", _) => format!("{} n'ont pas pu être lues : leur contenu est abîmé", fiches(rule.findings)),
        ("paging/unstable-order", _) => "L'ordre de la liste change d'une page à l'autre : des fiches sont venues plusieurs fois, d'autres ont pu manquer".to_owned(),
        ("run/empty", _) => "La source n'a donné aucune fiche".to_owned(),
        ("run/fewer-than-announced", _) => format!(
            "La source annonce {} fiches et n'en a donné que {}",
            number(run.announced.unwrap_or_default()),
            number(run.seen)
        ),
        ("run/more-than-announced", _) => format!(
            "La source annonce {} fiches et en a donné {} : son compte est faux",
            number(run.announced.unwrap_or_default()),
            number(run.seen)
        ),
        ("run/deletion-held", _) => format!(
            "{} du catalogue ne sont plus dans la liste de la source",
            fiches(run.held)
        ),
        ("run/broken-off", _) => "Plusieurs demandes de suite ont échoué".to_owned(),
        (other, _) => french_title(other),
    };
    match &finding.place {
        Some(place) => format!("{what} ({})", line(place, 300)),
        None => what,
    }
}

fn fiches(n: u64) -> String {
    Lang::Fr.records(n)
}

/// What the code of an answer says.
fn status(value: &str) -> Option<String> {
    let digits = |text: &str| -> Option<u64> {
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        text.get(..end)?.parse().ok()
    };
    let code = digits(value).filter(|code| (100..1000).contains(code))?;
    let says = match code {
        304 => {
            "le serveur répond que rien n'a changé, sans qu'on le lui ait demandé : un cache mal réglé répond à sa place"
        }
        401 | 403 | 407 => "le serveur refuse l'accès",
        404 | 410 => "l'adresse demandée n'existe pas, ou plus",
        408 | 504 => "le serveur n'a pas répondu à temps",
        429 => "le serveur demande de ralentir",
        500..=599 => "le serveur est en panne",
        _ => "le serveur ne donne pas la page demandée",
    };
    let wait = value
        .split_once("Retry-After: ")
        .and_then(|(_, wait)| digits(wait));
    Some(match wait {
        Some(wait) => format!(
            "{says} (réponse {code}) et d'attendre {} secondes",
            Lang::Fr.number(wait)
        ),
        None => format!("{says} (réponse {code})"),
    })
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    match rest.next() {
        Some(first) => first.to_uppercase().chain(rest).collect(),
        None => String::new(),
    }
}

fn done(run: &RunReport) -> String {
    match run.outcome {
        Outcome::Failed => "Rien n'est retiré du catalogue.".to_owned(),
        Outcome::Partial => {
            "Ce qui a été lu est publié, et rien n'est retiré du catalogue.".to_owned()
        }
        _ if run.held > 0 => format!("{} absentes restent au catalogue.", fiches(run.held)),
        _ => "Ce qui a été lu est publié.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_an_answer_is_told_in_words() {
        let said = |value: &str| status(value).unwrap_or_default();
        assert_eq!(said("503"), "le serveur est en panne (réponse 503)");
        assert_eq!(
            said("429 (Retry-After: 86400 s)"),
            "le serveur demande de ralentir (réponse 429) et d'attendre 86\u{202f}400 secondes"
        );
        for none in ["", "fiche-12", "7", "99999999999999999999999"] {
            assert_eq!(status(none), None);
        }
    }
}
