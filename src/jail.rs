//! The name of what keeps an agent in its place. Layer 0: imports nothing of ours.

use serde::Deserialize;

use crate::spelled::spelled;

spelled! {
    /// How far an agent, and all that it starts, can reach into the file system.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
    #[serde(rename_all = "lowercase")]
    #[non_exhaustive]
    pub enum Jail {
        /// As much as the user may.
        Off = "off",
        /// It reads all that the user can read, and writes only to its work directory, the
        /// `jail_roots`, temporary files of its own, caches of the jail's own and its own state.
        Write = "write",
        /// It also reads only these, the directories of the system, and its own installation.
        Strict = "strict",
    }
}
