//! What the doctor says of one thing.

use serde::Serialize;

use crate::terminal::{Style, clean};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Grade {
    Ok,
    Warning,
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    pub(super) grade: Grade,
    pub(super) what: String,
    pub(super) found: String,
    /// What to do about it; empty if nothing needs to be done.
    pub(super) advice: String,
}

impl Finding {
    pub(super) fn ok(what: &str, found: impl Into<String>) -> Finding {
        Finding {
            grade: Grade::Ok,
            what: what.to_owned(),
            found: found.into(),
            advice: String::new(),
        }
    }

    pub(super) fn warning(
        what: &str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Finding {
        Finding {
            grade: Grade::Warning,
            advice: advice.into(),
            ..Finding::ok(what, found)
        }
    }

    pub(super) fn problem(
        what: &str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Finding {
        Finding {
            grade: Grade::Problem,
            advice: advice.into(),
            ..Finding::ok(what, found)
        }
    }

    pub(super) fn line(&self, style: Style) -> String {
        let word = match self.grade {
            Grade::Ok => style.green("ok     "),
            Grade::Warning => style.yellow("warning"),
            Grade::Problem => style.red("problem"),
        };
        let advice = match self.advice.as_str() {
            "" => String::new(),
            advice => format!("\n         -> {}", clean(advice)),
        };
        format!("{word}  {}: {}{advice}\n", self.what, clean(&self.found))
    }
}
