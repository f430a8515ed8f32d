//! The members by which a line is known that nobody can read.

use crate::provider::outline::{ENTRY, Path};

pub(super) const TYPE: Path = &["type"];
pub(super) const REQUEST_ID: Path = &["request_id"];
pub(super) const SUBTYPE: Path = &["request", "subtype"];
pub(super) const CALLBACK: Path = &["request", "callback_id"];
pub(super) const ANSWERED: Path = &["response", "request_id"];
pub(super) const CAUSE: Path = &["origin", "kind"];
pub(super) const PROMPTS: Path = &["user_message_uuids", ENTRY];

/// How 2.1.330 begins a result, whose type comes late. No other line has it.
pub(super) const DURATION: Path = &["duration_api_ms"];

pub(super) const OUTLINED: &[Path] = &[
    TYPE, REQUEST_ID, SUBTYPE, CALLBACK, ANSWERED, CAUSE, PROMPTS, DURATION,
];
