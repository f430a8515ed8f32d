//! What the options make of the jail: what is enforced, how far it reaches, and where nobody works.
//!
//! Looks at the file system, on the thread that opens an engine or asks for a turn. What is decided
//! here for all agents is carried out for each of them when it is started.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::config::{self, EngineOptions};
use super::surroundings::{self, Variables};
use crate::error::Error;
use crate::jail::Jail;
use crate::process::{Enforced, Homes, Reach, landlock_abi, resolved};
use crate::provider::{Provider, State};

/// How many seconds pyenv waits for the lock on its shims. Users run those outside of the jail, so
/// they are not opened; access(2), which pyenv asks, says that they are, and older versions then wait
/// a minute for a lock that they can never take.
const REHASH_TIMEOUT: &str = "PYENV_REHASH_TIMEOUT";

/// What of the jail that was asked for this kernel holds.
pub(super) fn enforced(options: &EngineOptions) -> Result<Enforced, Error> {
    let enforced = Enforced::decide(options.jail, landlock_abi()).map_err(Error::invalid)?;
    if let Some(shortfall) = enforced.shortfall() {
        log::warn!("agents run without a jail: {shortfall}");
    }
    Ok(enforced)
}

/// The homes that the host and its agents know of.
pub(super) fn homes(environment: &[(OsString, OsString)]) -> Homes {
    let of_agents = Variables(environment).path("HOME");
    let known = of_agents.into_iter().chain(config::home());
    Homes::new(known.map(|home| resolved(&home)))
}

/// Refuses a directory in which everything of a user would be at hand, under whatever name.
pub(super) fn check_work_dir(work_dir: &Path, homes: &Homes) -> Result<(), Error> {
    let real = resolved(work_dir);
    let Some(objection) = homes.objection(&real) else {
        return Ok(());
    };
    let leading = if real == work_dir {
        String::new()
    } else {
        format!(", that is {},", real.display())
    };
    let message = format!("work_dir {}{leading} {objection}", work_dir.display());
    Err(Error::invalid(message))
}

/// Gathers what the agents need to write and to read, and makes what is missing of their own.
pub(super) fn reach(
    options: &EngineOptions,
    enforced: &Enforced,
    provider: &dyn Provider,
    program: &Path,
    environment: &mut Vec<(OsString, OsString)>,
) -> Result<Reach, Error> {
    let roots = options.jail_roots.iter().map(|root| existing(root));
    let roots = roots.collect::<Result<_, _>>()?;
    if enforced.jail() == Jail::Off {
        return Ok(Reach::default());
    }
    let variables = Variables(environment);
    let state = provider.state(&|name| variables.path(name));
    let mut reach = Reach {
        roots,
        writable: surroundings::temporary(&variables),
        readable: surroundings::installation(program, &options.program_args),
    };
    let homes = homes(environment);
    let apart = |place: &PathBuf| homes.objection(&resolved(place)).is_none();
    let caches = surroundings::caches(&variables).into_iter();
    reach.writable.extend(caches.filter(apart));
    let readable = surroundings::tools(&variables).into_iter();
    reach.readable.extend(readable.filter(apart));
    let waits_for_no_lock = variables.path(REHASH_TIMEOUT).is_some();
    if !waits_for_no_lock {
        environment.push((REHASH_TIMEOUT.into(), "1".into()));
    }
    settle(&state);
    let set = state.variables.into_iter();
    environment.extend(set.map(|(name, value)| (name.into(), value.into())));
    reach.writable.extend(state.directories);
    Ok(reach)
}

fn existing(root: &Path) -> Result<PathBuf, Error> {
    fs::canonicalize(root).map_err(|error| {
        let message = format!("jail_roots: {}: {error}", root.display());
        Error::invalid(message).because(error)
    })
}

/// Makes the agent's directories. One that cannot be made is the agent's to complain about: it
/// could not have made it either.
fn settle(state: &State) {
    for directory in &state.directories {
        surroundings::make_private(directory);
    }
    for (from, to) in &state.copies {
        if let Err(error) = copy_if_newer(from, to) {
            log::warn!(
                "{} could not be copied to {}: {error}",
                from.display(),
                to.display()
            );
        }
    }
}

/// By a new file and a rename: the target is where agents write, and whatever link one of them put
/// there must not lead this thread, which is in no jail, anywhere else.
fn copy_if_newer(from: &Path, to: &Path) -> io::Result<()> {
    let changed = |path: &Path| fs::symlink_metadata(path).and_then(|found| found.modified());
    let Ok(wanted) = changed(from) else {
        return Ok(());
    };
    if changed(to).is_ok_and(|present| present >= wanted) {
        return Ok(());
    }
    let new = to.with_extension(format!("{}.new", Uuid::new_v4().simple()));
    let mut source = fs::File::open(from)?;
    let mut options = fs::OpenOptions::new();
    let mut target = std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600)
        .write(true)
        .create_new(true)
        .open(&new)?;
    io::copy(&mut source, &mut target)?;
    fs::rename(&new, to)
}
