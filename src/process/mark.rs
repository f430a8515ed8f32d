//! The names by which an engine finds again what its agents have started. Pure.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

/// The variable that carries the mark. Agents pass it on to their tools.
pub(super) const MARK_VARIABLE: &str = "HOTPLEX_SPAWN_ID";

/// The variable by which a sweep knows the watchdog of an engine, its own or that of a hotplex inside
/// an agent: if that one is killed, nothing ends the inner engine's tools when its host dies.
pub(super) const WATCHDOG_VARIABLE: &str = "HOTPLEX_HOST_GUARD";

/// The part of the mark that all children of one engine share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EngineMark(Arc<str>);

impl EngineMark {
    /// A mark that no other engine has, on this machine or in a container that shares its `/proc`.
    pub(crate) fn new() -> EngineMark {
        EngineMark(Uuid::new_v4().simple().to_string().into())
    }

    /// The mark of the engine's spawn number `n`.
    pub(crate) fn spawn_mark(&self, n: u64) -> Mark {
        Mark(format!("{}.{n}", self.0).into())
    }

    /// A number that no other engine has either, for where no text fits.
    pub(super) fn number(&self) -> u64 {
        let digits = self.0.get(..16).unwrap_or_default();
        let number = u64::from_str_radix(digits, 16).unwrap_or_default();
        // Neither small, as real limits are, nor the one that stands for no limit.
        (number | 1 << 62) & !(1 << 63)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    #[cfg(test)]
    pub(super) fn from_text(text: &str) -> EngineMark {
        EngineMark(text.into())
    }
}

/// The mark of one spawn: `<engine>.<spawn>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Mark(Arc<str>);

impl Mark {
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
