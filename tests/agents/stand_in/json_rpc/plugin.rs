//! The guard plugin of the stand-in as OpenCode: it greets when a session is opened, and asks the engine
//! before each call.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::thread;

use serde_json::{Value, json};

/// Where to ask, as the engine wrote it into the plugin that the settings name.
pub(crate) struct Plugin {
    socket: String,
    secret: String,
}

/// A question that is open. To drop it is to hang up.
pub(crate) struct Question(UnixStream);

impl Drop for Question {
    fn drop(&mut self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

impl Plugin {
    pub(crate) fn load() -> Option<Plugin> {
        let settings = std::env::var("OPENCODE_CONFIG_CONTENT").ok()?;
        let settings: Value = serde_json::from_str(&settings).ok()?;
        let source = std::fs::read_to_string(path_of(settings["plugin"][0].as_str()?)).ok()?;
        let constant = |name: &str| {
            let head = format!("const {name} = ");
            let line = source.lines().find_map(|line| line.strip_prefix(&head))?;
            serde_json::from_str::<String>(line).ok()
        };
        Some(Plugin {
            socket: constant("SOCKET")?,
            secret: constant("SECRET")?,
        })
    }

    /// Says which directory it was loaded in, and waits until that is heard.
    pub(crate) fn greet(&self) {
        let directory = std::env::current_dir().unwrap_or_default();
        if let Some(stream) = self.write(&json!({"hello": directory})) {
            let _ = BufReader::new(stream).read_line(&mut String::new());
        }
    }

    /// Asks about a call; the answer comes as a message with the call's name, beside those of the engine.
    pub(crate) fn ask(
        &self,
        call: &str,
        command: &str,
        session: &str,
        told: Sender<Value>,
    ) -> Option<Question> {
        let stream = self.write(&json!({
            "tool": "bash", "call": call, "session": session, "args": {"command": command}, "beside": [],
        }))?;
        let reader = stream.try_clone().ok()?;
        let call = call.to_owned();
        thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(reader).read_line(&mut line);
            let answer: Value = serde_json::from_str(&line).unwrap_or_default();
            let _ = told.send(json!({"id": call, "allow": answer["allow"] == true}));
        });
        Some(Question(stream))
    }

    fn write(&self, hook: &Value) -> Option<UnixStream> {
        let mut stream = connect(Path::new(&self.socket)).ok()?;
        writeln!(stream, "{}", json!({"secret": self.secret, "hook": hook})).ok()?;
        Some(stream)
    }
}

/// A path of more than 107 bytes is no address: then the directory is held, and has a short name.
fn connect(socket: &Path) -> io::Result<UnixStream> {
    match (
        UnixStream::connect(socket),
        socket.parent(),
        socket.file_name(),
    ) {
        (Err(error), Some(parent), Some(name)) if error.kind() == io::ErrorKind::InvalidInput => {
            let directory = File::open(parent)?;
            let held = format!("/proc/self/fd/{}", directory.as_raw_fd());
            UnixStream::connect(Path::new(&held).join(name))
        }
        (connected, ..) => connected,
    }
}

/// The file of an address `file:///a%20b`.
fn path_of(address: &str) -> PathBuf {
    let mut parts = address.trim_start_matches("file://").split('%');
    let mut path = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let code = part
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        path.push(code.unwrap_or(b'?'));
        path.extend(part.bytes().skip(2));
    }
    String::from_utf8_lossy(&path).into_owned().into()
}
