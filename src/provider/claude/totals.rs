//! Running totals of a process, and what a turn added to them.

use std::collections::HashMap;

use super::line::ModelUsage;
use crate::provider::count::dollars;

/// The program's own word for a model that is none.
const NO_MODEL: &str = "<synthetic>";

/// What the results of this process have told so far, and who spoke since the last one.
#[derive(Default)]
pub(super) struct Totals {
    cost_usd: f64,
    /// The model of the turn's last message.
    pub(super) answered_by: Option<String>,
}

impl Totals {
    /// Notes the model of a message. Called for every message, so it copies only what is new.
    pub(super) fn answered_by(&mut self, model: &str) {
        if self.answered_by.as_deref() != Some(model) && model != NO_MODEL {
            self.answered_by = Some(model.to_owned());
        }
    }

    /// What the turn cost. `total` is of the whole conversation: 2.1.330 takes it up again when it
    /// resumes, so that its first result here would charge for all turns before. It tells the
    /// turn's own part as well, per model; older versions begin at nothing in every process.
    pub(super) fn cost(
        &mut self,
        own: Option<HashMap<String, ModelUsage>>,
        total: Option<f64>,
    ) -> f64 {
        let total = total.map_or(self.cost_usd, dollars);
        let growth = (total - self.cost_usd).max(0.0);
        self.cost_usd = total;
        // The sum of no numbers is minus zero.
        own.map_or(growth, |models| {
            let parts = models.values().map(|model| dollars(model.cost_usd));
            parts.fold(0.0, |sum, part| sum + part)
        })
    }
}
