//! What outlives the host: one small file a session, so that its conversation can be taken up again.
//!
//! Files are read on the caller's thread when a session is not in the pool, and written on the
//! spawn thread. A file is replaced by a rename, so a host that dies while it writes leaves the
//! old one; no sync is done, since a record lost to a power cut costs a conversation its name and
//! nothing else, and a sync costs milliseconds at every start.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What is known of a session's conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The caller's name of the session.
    pub(crate) session_id: String,
    /// The agent's name of the conversation.
    pub(crate) agent_session_id: String,
    /// Which provider holds it.
    pub(crate) provider: String,
    /// Where the agent worked: agents look conversations up by directory.
    pub(crate) work_dir: PathBuf,
}

/// What a look into the state directory told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Remembered {
    /// There was no such session.
    Nothing,
    /// The agent confirmed this conversation.
    Conversation(String),
    /// There was a session, but its record cannot be read: the derived name is worth a try.
    Damaged,
}

/// The state directory, and the Go hotplex's one beside it.
pub(crate) struct Records {
    directory: PathBuf,
    seed_markers: Option<PathBuf>,
}

impl Records {
    /// `state_dir` need not exist yet. `home` is where the Go hotplex left its marker files.
    pub(crate) fn new(state_dir: &Path, home: Option<&Path>) -> Records {
        Records {
            directory: state_dir.join("sessions"),
            seed_markers: home.map(|home| home.join(".hotplex/sessions")),
        }
    }

    /// What is known of the session whose derived conversation name is `key`.
    pub(crate) fn load(&self, key: &str, provider: &str) -> Remembered {
        match fs::read(self.file(key)) {
            Ok(bytes) => match serde_json::from_slice::<Record>(&bytes) {
                Ok(record) if record.provider != provider => Remembered::Nothing,
                Ok(record) => Remembered::Conversation(record.agent_session_id),
                Err(_) => Remembered::Damaged,
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.load_seed_marker(key),
            Err(_) => Remembered::Damaged,
        }
    }

    /// The Go hotplex 0.6.1 leaves an empty file named after the derived conversation.
    fn load_seed_marker(&self, key: &str) -> Remembered {
        let marker = self
            .seed_markers
            .as_ref()
            .map(|markers| markers.join(format!("{key}.lock")));
        match marker.is_some_and(|marker| marker.exists()) {
            true => Remembered::Conversation(key.to_owned()),
            false => Remembered::Nothing,
        }
    }

    /// Puts the record in place of an older one, in one step.
    pub(crate) fn save(&self, key: &str, record: &Record) -> io::Result<()> {
        fs::create_dir_all(&self.directory)?;
        // Two engines of one host may save the same session: their half-written files must differ.
        let unfinished = self
            .directory
            .join(format!(".{key}.{}", uuid::Uuid::new_v4().simple()));
        fs::write(&unfinished, serde_json::to_vec(record)?)?;
        fs::rename(&unfinished, self.file(key)).inspect_err(|_| {
            let _ = fs::remove_file(&unfinished);
        })
    }

    fn file(&self, key: &str) -> PathBuf {
        self.directory.join(format!("{key}.json"))
    }
}
