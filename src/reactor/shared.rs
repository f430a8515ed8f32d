//! What callers and the io thread both see.

use std::sync::Arc;

use super::gate::Gate;
use super::spawn_config::SpawnConfig;
use crate::lock::Mutex;
use crate::session::admission::Admission;
use crate::session::turn::Epoch;
use crate::store::Remembered;

/// What callers and the loop both see. Nothing here is touched between a prompt and its answer
/// but the admission's counters.
pub(crate) struct Shared {
    pub(crate) admission: Mutex<Admission<Remembered>>,
    pub(crate) spawn_config: Arc<SpawnConfig>,
    pub(crate) gate: Gate,
    pub(crate) namespace: String,
    pub(crate) epoch: Epoch,
}
