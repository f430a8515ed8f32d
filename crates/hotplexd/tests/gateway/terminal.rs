//! A terminal, as a person has it before him.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::daemon::{PATIENCE, Stage, until};

/// What the line editor writes as the last thing, once the terminal is as it was before.
const BRACKETED_PASTE_OFF: &str = "\x1b[?2004l";

/// A program at a terminal of its own.
pub(crate) struct Terminal {
    child: Child,
    keyboard: File,
    screen: Arc<Mutex<String>>,
    /// All before this was looked at.
    seen: usize,
}

impl Terminal {
    pub(crate) fn new(stage: &Stage, arguments: &[&str]) -> Terminal {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let own = openpt(flags).expect("a terminal");
        grantpt(&own).expect("a terminal");
        unlockpt(&own).expect("a terminal");
        let name = ptsname(&own, Vec::new()).expect("its name");
        let name = name.to_str().expect("a path").to_owned();
        let theirs = || {
            let file = File::options().read(true).write(true).open(&name);
            Stdio::from(file.expect("the other end"))
        };
        // Makes it the controlling terminal: Ctrl-C is a signal then.
        let mut command = Command::new("setsid");
        command
            .arg("--ctty")
            .arg(env!("CARGO_BIN_EXE_hotplexd"))
            .args(arguments);
        stage.surround(&mut command);
        command.env("TERM", "xterm").env_remove("NO_COLOR");
        let child = command
            .stdin(theirs())
            .stdout(theirs())
            .stderr(theirs())
            .spawn();
        let screen = Arc::new(Mutex::new(String::new()));
        let keyboard = File::from(own);
        let mut output = keyboard.try_clone().expect("a second descriptor");
        let shown = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The end is an error, once nobody has the other end any more.
            while let Ok(length @ 1..) = output.read(&mut bytes) {
                let text = String::from_utf8_lossy(&bytes[..length]);
                shown.lock().expect("the screen").push_str(&text);
            }
        });
        Terminal {
            child: child.expect("setsid of util-linux runs it"),
            keyboard,
            screen,
            seen: 0,
        }
    }

    /// Types as it is; `\r` is the enter key.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard
            .write_all(keys.as_bytes())
            .expect("it is typed");
    }

    /// Types a line once the program waits for one, and waits until the line editor has taken it: what is
    /// waited for next is not the echo, and a Ctrl-C is a signal again, not a key of the editor's.
    pub(crate) fn line(&mut self, line: &str) {
        self.until("> ");
        self.press(&format!("{line}\r"));
        self.until(BRACKETED_PASTE_OFF);
    }

    /// Waits until this is shown after what was waited for before; what came in between.
    pub(crate) fn until(&mut self, part: &str) -> String {
        let begin = Instant::now();
        loop {
            {
                let screen = self.screen.lock().expect("the screen");
                if let Some(at) = screen[self.seen..].find(part) {
                    let passed = screen[self.seen..self.seen + at].to_owned();
                    self.seen += at + part.len();
                    return passed;
                }
                assert!(
                    begin.elapsed() < PATIENCE,
                    "no {part:?} in {:?}, behind {:?}",
                    &screen[self.seen..],
                    &screen[..self.seen]
                );
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    pub(crate) fn ended(mut self) -> ExitStatus {
        let mut status = None;
        until("the program ends", || {
            status = self.child.try_wait().expect("a status");
            status.is_some()
        });
        status.expect("a status")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
