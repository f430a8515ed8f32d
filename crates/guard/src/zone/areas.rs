//! The parts of a machine.

/// The parts of a machine, as far as their destruction differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Zone {
    Work,
    /// All that is in the work directory, by a glob.
    WholeWork,
    /// The work directory itself, or its `.git`.
    WorkDir,
    Temporary,
    Cache,
    Outside,
    Home,
    HomeRoot,
    Credentials,
    System,
    Device,
    HarmlessDevice,
    Unknown,
}

impl Zone {
    /// Whether a file may be made, changed or deleted there without a word.
    pub(crate) fn is_free(self) -> bool {
        matches!(
            self,
            Zone::Work | Zone::Temporary | Zone::Cache | Zone::HarmlessDevice
        )
    }
}
