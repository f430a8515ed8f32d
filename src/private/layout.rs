//! How the table of an agent's state becomes a directory.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

use super::credentials::Returned;
use super::{Private, make_directory};
use crate::agent_files::{AgentFiles, Kept};
use crate::inode::read_regular;

impl Private {
    pub(super) fn fill(&mut self, state: &AgentFiles) -> io::Result<()> {
        let top = Private::agents_own(&self.directory);
        let own = state.below.map_or(top.clone(), |name| top.join(name));
        make_directory(&own)?;
        for row in &state.rows {
            self.lay(&own, &state.users, &row.name, &row.kept)?;
        }
        self.link_the_rest(&own, state);
        for place in &state.in_place {
            // One that cannot be made is the agent's to complain about.
            let _ = make_directory(place);
            self.writable.push(place.clone());
        }
        for place in &state.read {
            let _ = make_directory(place);
            self.readable.push(place.clone());
        }
        self.variables.push((state.variable, top.clone()));
        self.readable.push(top);
        Ok(())
    }

    fn lay(&mut self, own: &Path, users: &Path, name: &str, kept: &Kept) -> io::Result<()> {
        let (here, there) = (own.join(name), users.join(name));
        match kept {
            Kept::Own => {
                make_directory(&here)?;
                self.writable.push(here);
            }
            Kept::Copy(sources) => {
                let content = sources.iter().find_map(|source| read_regular(source).ok());
                write_new(&here, content.as_deref().unwrap_or(b"{}"))?;
                self.writable.push(here);
            }
            Kept::Given(text) => {
                write_new(&here, text.as_bytes())?;
                self.writable.push(here);
            }
            Kept::Returned => self.copy_returned(here, there)?,
            Kept::Users => self.use_users(&there, here)?,
            Kept::Holding(entry) => {
                for directory in holding(&there, entry) {
                    let name = directory.file_name().unwrap_or_default();
                    self.link(&directory, &here.join(name))?;
                }
            }
        }
        Ok(())
    }

    /// Where the user can have no such directory, as in a home that cannot be written or under a name
    /// that is too long, the process has one of its own and works all the same.
    fn use_users(&mut self, there: &Path, here: PathBuf) -> io::Result<()> {
        match make_directory(there) {
            Ok(()) => self.link(there, &here),
            Err(error) => {
                log::warn!("{} is not kept: {error}", there.display());
                if make_directory(&here).is_ok() {
                    self.writable.push(here);
                }
                Ok(())
            }
        }
    }

    /// A user who has no such file is given none.
    fn copy_returned(&mut self, here: PathBuf, there: PathBuf) -> io::Result<()> {
        let Ok(content) = read_regular(&there) else {
            return Ok(());
        };
        write_new(&here, &content)?;
        self.writable.push(here.clone());
        self.returned.push(Returned::new(here, there));
        Ok(())
    }

    /// What the user has is written through the link, and by its real place in the jail's rules.
    fn link(&mut self, there: &Path, here: &Path) -> io::Result<()> {
        match symlink(there, here) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => self.writable.push(there.to_owned()),
        }
        Ok(())
    }

    fn link_the_rest(&mut self, own: &Path, state: &AgentFiles) {
        let first = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
        let named: HashSet<String> = state.rows.iter().map(|row| first(&row.name)).collect();
        for entry in fs::read_dir(&state.users).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let is_named = name.to_str().is_some_and(|name| {
                let mut endings = state.unlinked.iter();
                named.contains(name) || endings.any(|ending| name.ends_with(ending))
            });
            if !is_named && symlink(entry.path(), own.join(&name)).is_ok() {
                self.readable.push(entry.path());
            }
        }
    }
}

/// The directories in a directory that hold an entry of this name.
fn holding(directory: &Path, entry: &str) -> Vec<PathBuf> {
    let all = fs::read_dir(directory).into_iter().flatten().flatten();
    let all = all.map(|found| found.path());
    all.filter(|found| fs::symlink_metadata(found.join(entry)).is_ok())
        .collect()
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create_new(true).mode(0o600);
    options.open(path)?.write_all(content)
}
