//! What the guard is told of a session.

use std::sync::Arc;

use super::homes::caches_of;
use crate::links::Links;

/// What the judge has to know about the session whose command it reads.
#[derive(Clone, Debug)]
pub struct GuardContext {
    /// The absolute directory in which the agent works.
    pub work_dir: String,
    /// The home of the user as whom the agent runs.
    pub home: String,
    /// The name of that user.
    pub user: String,
    /// Further directories in which the agent may do as it likes.
    pub extra_roots: Vec<String>,
    /// The absolute directory in which a command starts, if it is not the work directory.
    pub current_dir: Option<String>,
    /// Directories for temporary files.
    pub temp_dirs: Vec<String>,
    /// Tells where links on the disk lead. With it a path counts as what it is called and as what it
    /// leads to, whichever is graver; without it as what it is called.
    pub links: Option<Arc<dyn Links>>,
}

impl GuardContext {
    /// A context with the usual temporary directories and no further roots.
    pub fn new(
        work_dir: impl Into<String>,
        home: impl Into<String>,
        user: impl Into<String>,
    ) -> GuardContext {
        let temp_dirs = ["/tmp", "/var/tmp", "/private/tmp"];
        GuardContext {
            work_dir: work_dir.into(),
            home: home.into(),
            user: user.into(),
            extra_roots: Vec::new(),
            current_dir: None,
            temp_dirs: temp_dirs.map(str::to_owned).to_vec(),
            links: None,
        }
    }

    /// The directories that are known by their names, besides the work directory. Who tells where
    /// links lead should call what is in one of them by that name.
    pub fn roots(&self) -> Vec<String> {
        let home = self.home.trim_end_matches('/');
        let homes = match home {
            "" => Vec::new(),
            home => caches_of(home).chain([home.to_owned()]).collect(),
        };
        let further = self.temp_dirs.iter().chain(&self.extra_roots);
        homes.into_iter().chain(further.cloned()).collect()
    }

    /// Where a command starts.
    pub(crate) fn current_dir(&self) -> &str {
        let current = self.current_dir.as_deref();
        current
            .filter(|path| path.starts_with('/'))
            .unwrap_or(&self.work_dir)
    }
}
