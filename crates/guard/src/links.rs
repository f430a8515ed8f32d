//! Links on the disk, which the guard's user looks up: the guard itself reads no file. Imports nothing of ours.

use std::fmt::Debug;
use std::panic::RefUnwindSafe;

/// Tells where paths lead. The guard itself looks nothing up: it asks this, if a context has one.
///
/// Called on the thread that asks for a verdict, about some paths of a command again and again in
/// other judgements. Whoever implements it decides how often it looks, and may give up.
pub trait Links: Debug + Send + Sync + RefUnwindSafe {
    /// Where an absolute path leads, without links on its way and at its end; `None` for one that
    /// leads where it says, or if nobody knows.
    ///
    /// A `..` means what it means to the system: the directory above the one that a link leads to.
    /// Of a path that does not exist, or of which only a part does, the links of that part count:
    /// a file may be made behind a link that leads nowhere yet. The guard asks about patterns too,
    /// in which a character of the private use area stands for what only run time knows.
    fn target(&self, path: &str) -> Option<String>;
}
