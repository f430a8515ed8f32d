//! What the repository of a work directory has git start, and how the agent's own git is held off that.
//!
//! Agents ask git for the status and the log by themselves, before and between the calls of tools. Git
//! then starts filters that the repository's settings name, also in its submodules, and fetches what is
//! missing by whatever program the settings name. Settings in the environment win over those of a
//! repository, but each names one key: so the repository is looked at first. Git itself is not asked, as
//! it would have to be found on a search path that may lead into the project.
//!
//! A repository may also be another one's than that of the work directory, by a link, a file or a setting.
//! The agent's own git then fails, rather than to tell the model of it.
//!
//! Only the agent itself is told so. What its tools start was judged, and needs the filters: a commit
//! without them would hold what they keep out.
//!
//! Runs on the spawn thread, once for each process. What was read then is looked at again on the callers'
//! threads, before each turn.

mod others;
mod search;
mod seen_file;
mod settings;
mod watch;

pub(crate) use search::GitSetting;
pub(crate) use watch::{Repositories, Watching};

#[cfg(test)]
mod tests;
