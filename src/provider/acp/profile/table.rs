//! Which agents have a row.

use super::{Profile, any, claude, codex, gemini, opencode};

/// The agents that are known, and under `acp` all others.
pub(in crate::provider) static PROFILES: [Profile; 5] = [
    any::PROFILE,
    claude::PROFILE,
    codex::PROFILE,
    gemini::PROFILE,
    opencode::PROFILE,
];
