//! Which agents have a row.

use super::{Profile, any, claude, gemini, opencode};

/// The agents that are known, and under `acp` all others.
pub(in crate::provider) static PROFILES: [Profile; 4] = [
    any::PROFILE,
    claude::PROFILE,
    gemini::PROFILE,
    opencode::PROFILE,
];
