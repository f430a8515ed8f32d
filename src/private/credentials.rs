//! A file of the user that an agent refreshes: its credentials.
//!
//! A process writes its copy, and the engine takes over what it wrote, if it has the shape of what
//! was there. A refreshed token has: the same names, with values of the same kinds. That nobody but
//! the agent wrote it cannot be told; what a jailed process can do at worst is to log its user out,
//! or in as another user.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;
use uuid::Uuid;

use crate::inode::open_regular;

/// No credentials are as long as that.
const LONGEST: u64 = 256 * 1024;

/// When a file was last changed, and how long it is.
type Stamp = Option<(SystemTime, u64)>;

#[derive(Debug)]
pub(super) struct Returned {
    /// The process's copy.
    here: PathBuf,
    /// The user's file.
    there: PathBuf,
    seen_here: Stamp,
    seen_there: Stamp,
}

impl Returned {
    /// Both have the same content now.
    pub(super) fn new(here: PathBuf, there: PathBuf) -> Returned {
        Returned {
            seen_here: stamp(&here),
            seen_there: stamp(&there),
            here,
            there,
        }
    }

    pub(super) fn sync(&mut self) {
        let (here, there) = (stamp(&self.here), stamp(&self.there));
        let (changed, changed_there) = (here != self.seen_here, there != self.seen_there);
        let settled = match (changed, changed_there) {
            (true, false) => self.take_back(),
            // The later refresh is the one that is valid.
            (true, true) if here > there => self.take_back(),
            (_, true) => self.hand_out(),
            (false, false) => return,
        };
        if let Err(error) = settled {
            let place = self.there.display();
            log::warn!("{place} and an agent's copy of it differ: {error}");
        }
        // One look a change: what was refused is not looked at again.
        (self.seen_here, self.seen_there) = (stamp(&self.here), stamp(&self.there));
    }

    fn take_back(&self) -> io::Result<()> {
        let (new, old) = (read(&self.here)?, read(&self.there)?);
        let parsed = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
        match (parsed(&new), parsed(&old)) {
            (Some(new), Some(old)) if same_shape(&new, &old) => {}
            _ => return Err(io::Error::other("what the agent wrote has another shape")),
        }
        // The user may keep it elsewhere, behind a link.
        replace(&fs::canonicalize(&self.there)?, &new)
    }

    /// In place: the process may write to the file and to nothing else in its directory, and holds on to it.
    fn hand_out(&self) -> io::Result<()> {
        fs::write(&self.here, read(&self.there)?)
    }
}

fn stamp(path: &Path) -> Stamp {
    let found = fs::metadata(path).ok()?;
    Some((found.modified().ok()?, found.len()))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_regular(path)?
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)?;
    match bytes.len() as u64 > LONGEST {
        true => Err(io::Error::other("it is too long")),
        false => Ok(bytes),
    }
}

/// By a new file and a rename, so that whoever reads it never sees half of it.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let new = path.with_extension(format!("{}.new", Uuid::new_v4().simple()));
    let mut options = OpenOptions::new();
    let options = options.write(true).create_new(true).mode(0o600);
    options.open(&new)?.write_all(content)?;
    fs::rename(&new, path).inspect_err(|_| {
        let _ = fs::remove_file(&new);
    })
}

/// The same names with values of the same kinds, all the way down. Lists may be of any length.
fn same_shape(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let fits = |(name, value): (&String, &Value)| {
                other
                    .get(name)
                    .is_some_and(|found| same_shape(value, found))
            };
            one.len() == other.len() && one.iter().all(fits)
        }
        (Value::Array(one), Value::Array(other)) => {
            let plain = |value: &Value| !value.is_object() && !value.is_array();
            one.iter()
                .all(|value| plain(value) || other.contains(value))
        }
        _ => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}
