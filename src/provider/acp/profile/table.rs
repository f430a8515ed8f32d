//! Which agents have a row.

use super::{Profile, any, claude};

/// The agents that are known, and under `acp` all others.
pub(in crate::provider) static PROFILES: [Profile; 2] = [any::PROFILE, claude::PROFILE];
