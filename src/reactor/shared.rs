//! What callers and the io thread both see.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use super::gate::Gate;
use super::spawn_config::SpawnConfig;
use crate::lock::Mutex;
use crate::session::admission::Admission;
use crate::store::Remembered;

/// What callers and the loop both see. Nothing here is touched between a prompt and its answer
/// but the admission's counters.
pub(crate) struct Shared {
    pub(crate) admission: Mutex<Admission<Remembered>>,
    pub(crate) spawn_config: Arc<SpawnConfig>,
    pub(crate) gate: Gate,
    pub(crate) namespace: String,
    /// What events of no turn count their time from.
    pub(crate) opened: Instant,
}

/// The date of a moment by the clock as it stands: it may have been set since the engine was opened, and
/// the moments of a machine that slept stood still.
pub(crate) fn date_of(moment: Instant) -> SystemTime {
    let now = SystemTime::now();
    now.checked_sub(moment.elapsed()).unwrap_or(now)
}
