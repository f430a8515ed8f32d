//! The members by which a message is known that nobody can read.

use crate::provider::json_rpc::{ERROR, ID, METHOD, RESULT};
use crate::provider::outline::Path;

pub(super) const THREAD: Path = &["params", "threadId"];
/// Of the turn that has ended.
pub(super) const ENDED: Path = &["params", "turn", "id"];
/// Of the turn that a prompt has begun.
pub(super) const BEGUN: Path = &["result", "turn", "id"];

pub(super) const OUTLINED: &[Path] = &[ID, METHOD, RESULT, ERROR, THREAD, ENDED, BEGUN];
