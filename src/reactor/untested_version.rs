//! Whether a session has told that its agent is of a release that was never tested. Pure.

use crate::event::EventKind;
use crate::notice::NoticeCode;
use crate::provider::Provider;

/// A version is a few digits; of what an agent says in its place no more is kept.
const LONGEST_VERSION: usize = 64;

/// The notice of a session whose agent is of a release that was never tested.
#[derive(Debug, Default)]
pub(super) enum UntestedVersion {
    /// No agent has said that it is of one.
    #[default]
    NotSeen,
    /// For the first turn.
    Waiting(EventKind),
    Told,
}

impl UntestedVersion {
    /// The agent has said which release it is.
    pub(super) fn note(&mut self, version: &str, provider: &dyn Provider) {
        let tested = provider.tested_versions();
        if !matches!(self, UntestedVersion::NotSeen)
            || tested.is_empty()
            || tested.contains(&version)
        {
            return;
        }
        let version: String = version.chars().take(LONGEST_VERSION).collect();
        let text = format!(
            "the agent says that it is {version}; as {} were tested {}",
            provider.name(),
            tested.join(", ")
        );
        let notice = EventKind::info(NoticeCode::UntestedVersion, text);
        *self = UntestedVersion::Waiting(notice);
    }

    /// What is to be told, once.
    pub(super) fn take(&mut self) -> Option<EventKind> {
        if !matches!(self, UntestedVersion::Waiting(_)) {
            return None;
        }
        match std::mem::replace(self, UntestedVersion::Told) {
            UntestedVersion::Waiting(notice) => Some(notice),
            _ => None,
        }
    }
}
