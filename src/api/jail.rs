//! What the options make of the jail: what is enforced, how far it reaches, and which work directories are refused.
//!
//! Looks at the file system, on the thread that opens an engine or asks for a turn. What is decided
//! here for all agents is carried out for each of them when it is started.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, mem};

use super::caches::caches;
use super::config::{self, EngineOptions};
use super::environment_paths::{self, Variables};
use uuid::Uuid;

use crate::error::Error;
use crate::jail::Jail;
use crate::process::{Enforced, Homes, JailPaths, landlock_abi, resolved};

/// How many seconds pyenv waits for the lock on its shims. Users run those outside of the jail, so
/// they are not opened; access(2), which pyenv asks, says that they are, and older versions then wait
/// a minute for a lock that they can never take.
const REHASH_TIMEOUT: &str = "PYENV_REHASH_TIMEOUT";

/// What of the jail that was asked for this kernel holds.
pub(super) fn enforced(options: &EngineOptions) -> Result<Enforced, Error> {
    let enforced = Enforced::decide(options.jail, landlock_abi()).map_err(Error::invalid)?;
    if let Some(missing) = enforced.missing() {
        log::warn!("agents run without a jail: {missing}");
    }
    Ok(enforced)
}

/// The home that agents will find.
pub(super) fn home_of_agents(environment: &[(OsString, OsString)]) -> Option<PathBuf> {
    Variables(environment).path("HOME")
}

/// The homes that the host and its agents know of.
pub(super) fn homes(environment: &[(OsString, OsString)]) -> Homes {
    let known = home_of_agents(environment)
        .into_iter()
        .chain(config::home());
    Homes::new(known.map(|home| resolved(&home)))
}

/// Refuses a directory in which everything of a user would be at hand, under whatever name.
pub(super) fn check_work_dir(work_dir: &Path, homes: &Homes) -> Result<(), Error> {
    let real = resolved(work_dir);
    let Some(refusal_reason) = homes.refusal_reason(&real) else {
        return Ok(());
    };
    let leading = if real == work_dir {
        String::new()
    } else {
        format!(", that is {},", real.display())
    };
    let message = format!("work_dir {}{leading} {refusal_reason}", work_dir.display());
    Err(Error::invalid(message))
}

/// Where the agents' own directories may be. No jail opens one of them as a whole; the last is for a
/// host that may write nowhere else.
pub(super) fn private_places(state: &Path, environment: &[(OsString, OsString)]) -> Vec<PathBuf> {
    let of_user = Variables(environment).path("XDG_RUNTIME_DIR");
    let of_user = of_user.map(|directory| directory.join("hotplex"));
    let new = format!("hotplex-{}", Uuid::new_v4().simple());
    let temporary = std::env::temp_dir().join(new);
    let places = [Some(state.join("run")), of_user, Some(temporary)];
    places.into_iter().flatten().collect()
}

/// Gathers what all agents need to write and to read. What each has to itself comes with its start.
pub(super) fn jail_paths(
    options: &EngineOptions,
    enforced: &Enforced,
    program: &Path,
    state: &Path,
    environment: &mut Vec<(OsString, OsString)>,
) -> Result<JailPaths, Error> {
    let roots = options.jail_roots.iter().map(|root| existing(root));
    let roots = roots.collect::<Result<_, _>>()?;
    if enforced.jail() == Jail::Off {
        return Ok(JailPaths::default());
    }
    let variables = Variables(environment);
    let homes = homes(environment);
    // Where a home is below a place, opening it would open the home.
    let apart = |place: &PathBuf| homes.refusal_reason(&resolved(place)).is_none();
    let mut jail_paths = JailPaths {
        roots,
        writable: Vec::new(),
        readable: environment_paths::installation(program, &options.program_args),
    };
    let named = |variable: &str| options.names(variable);
    let mut caches = caches(&variables, &named, &state.join("caches"));
    let writable = mem::take(&mut caches.writable).into_iter();
    jail_paths.writable.extend(writable.filter(&apart));
    let readable = environment_paths::tools(&variables).into_iter();
    let readable = readable.chain(mem::take(&mut caches.readable));
    jail_paths.readable.extend(readable.filter(apart));
    let waits_for_no_lock = variables.path(REHASH_TIMEOUT).is_some();
    caches.add_to(environment);
    if !waits_for_no_lock {
        environment.push((REHASH_TIMEOUT.into(), "1".into()));
    }
    Ok(jail_paths)
}

fn existing(root: &Path) -> Result<PathBuf, Error> {
    fs::canonicalize(root).map_err(|error| {
        let message = format!("jail_roots: {}: {error}", root.display());
        Error::invalid(message).because(error)
    })
}
