//! GnuPG in a jail: it signs with what the user has, and writes its locks elsewhere.
//!
//! GnuPG 2.2 makes a lock beside each file that it reads, and where it cannot it signs all the same and
//! then says that it failed (measured). So a process has a directory of its own for that, in which the
//! user's files are links, and the sockets of the user's agent are files that say where the sockets are.

use std::fs::{self, DirEntry};
use std::io;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::Path;

use super::{Private, make_directory};

/// Names the directory.
const VARIABLE: &str = "GNUPGHOME";

/// The socket that signing takes.
const AGENT: &str = "S.gpg-agent";

impl Private {
    /// Makes the directory, for a user who keeps `users` and whose sockets may be in `sockets`. A user
    /// without keys gets none.
    pub(crate) fn lay_gnupg(&mut self, users: &Path, sockets: Option<&Path>) -> io::Result<()> {
        let Ok(entries) = fs::read_dir(users) else {
            return Ok(());
        };
        let own = self.directory.join("gnupg");
        make_directory(&own)?;
        for entry in entries.flatten().filter(|entry| !is_lock(entry)) {
            let here = own.join(entry.file_name());
            match entry.file_type()?.is_socket() {
                true => point(&here, &entry.path())?,
                false => symlink(entry.path(), here)?,
            }
        }
        let elsewhere = sockets.map(|directory| directory.join(AGENT));
        if let Some(socket) = elsewhere.filter(|socket| socket.exists()) {
            point(&own.join(AGENT), &socket)?;
        }
        self.writable.push(own.clone());
        self.variables.push((VARIABLE, own));
        Ok(())
    }
}

fn is_lock(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    name.starts_with(".#lk") || name.ends_with(".lock")
}

/// What GnuPG reads where it looks for a socket and finds a file.
fn point(here: &Path, socket: &Path) -> io::Result<()> {
    fs::write(here, format!("%Assuan%\nsocket={}\n", socket.display()))
}
