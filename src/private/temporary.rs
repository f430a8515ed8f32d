//! Where a jailed process has its temporary files: nowhere but in a directory of its own.
//!
//! In `/tmp` it could leave what a program without a jail later runs, obeys or connects to under a name
//! that it expects there. So no jail opens it, and these variables say where else to go.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use super::{Private, make_directory};

/// By POSIX, by Windows' custom that Python and Node follow, and that of tmux, which asks for no other.
const VARIABLES: [&str; 4] = ["TMPDIR", "TMP", "TEMP", "TMUX_TMPDIR"];

/// Java reads none of these. Each Java reads this one, and takes the last of two settings.
pub(crate) const JAVA_OPTIONS: &str = "JAVA_TOOL_OPTIONS";

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

/// A property that is a path, as [`JAVA_OPTIONS`] takes it: Java splits at white space outside of quotes,
/// and has no way to escape one.
pub(crate) fn java_option(property: &str, place: &Path) -> OsString {
    let text = place.to_string_lossy();
    let quote = match () {
        () if !text.contains([' ', '\t', '\n', '\'', '"']) => "",
        () if text.contains('"') => "'",
        () => "\"",
    };
    let mut option = OsString::from(quote);
    option.push(format!("-D{property}="));
    option.push(place);
    option.push(quote);
    option
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_is_told_in_one_word() {
        let table = [
            ("/run/tmp", "-Djava.io.tmpdir=/run/tmp"),
            ("/a b/tmp", "\"-Djava.io.tmpdir=/a b/tmp\""),
            ("/a's/tmp", "\"-Djava.io.tmpdir=/a's/tmp\""),
            ("/a\"b/tmp", "'-Djava.io.tmpdir=/a\"b/tmp'"),
        ];
        for (place, option) in table {
            assert_eq!(java_option("java.io.tmpdir", Path::new(place)), option);
        }
    }
}
