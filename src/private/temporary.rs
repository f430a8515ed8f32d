//! Where a jailed process has its temporary files: nowhere but in a directory of its own.
//!
//! In `/tmp` it could leave what a program without a jail later runs, obeys or connects to under a name
//! that it expects there. So no jail opens it, and these variables say where else to go.

use std::ffi::OsString;
use std::io;

use super::java::{JAVA_OPTIONS, java_option};
use super::{Private, make_directory};

/// By POSIX, by Windows' custom that Python and Node follow, and that of tmux, which asks for no other.
const VARIABLES: [&str; 4] = ["TMPDIR", "TMP", "TEMP", "TMUX_TMPDIR"];

impl Private {
    /// Makes the directory. `more` are variables that the agent itself obeys.
    pub(super) fn make_temporary(&mut self, more: &[&'static str]) -> io::Result<()> {
        let place = Private::temporary(&self.directory);
        make_directory(&place)?;
        let names = VARIABLES.iter().chain(more);
        self.variables
            .extend(names.map(|name| (*name, place.clone())));
        self.writable.push(place);
        Ok(())
    }

    /// Tells Java of it, after what it is told already.
    pub(super) fn add_java_option(&self, environment: &mut Vec<(OsString, OsString)>) {
        let place = Private::temporary(&self.directory);
        if !self.writable.contains(&place) {
            return;
        }
        let named = |(name, _): &(OsString, OsString)| name == JAVA_OPTIONS;
        let users = environment.iter().find(|entry| named(entry));
        let mut options = users.map_or_else(OsString::new, |(_, value)| value.clone());
        if !options.is_empty() {
            options.push(" ");
        }
        options.push(java_option("java.io.tmpdir", &place));
        environment.retain(|entry| !named(entry));
        environment.push((JAVA_OPTIONS.into(), options));
    }
}
