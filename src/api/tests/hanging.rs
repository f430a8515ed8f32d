//! What hangs in the kernel: a process that outlives KILL, a file system that does not answer. The engine
//! ends all the same, and says what is left.

use std::ffi::OsStr;
use std::io;
use std::os::fd::RawFd;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use super::*;
use crate::process::{
    Exit, HostWatch, Launch, Launched, Launcher, Leftover, Local, ProcessGroup, SpawnError,
    SweepTargets, Tree, WorkDir,
};

/// A launcher whose children no signal ends.
#[derive(Default)]
struct Hanging {
    disk: Option<Disk>,
    /// Until when each child was waited for, after how many kills of any.
    waits: Arc<Mutex<Vec<(Instant, usize)>>>,
    kills: Arc<AtomicUsize>,
}

/// A file system that does not answer.
struct Disk {
    /// Hears that somebody asks.
    asked: Sender<()>,
    /// Who asks has an answer when the other end is dropped.
    answers: Mutex<Receiver<()>>,
}

/// Nothing reaches it until it is dropped, as if the kernel had let go of it.
struct OutOfReach {
    group: Box<dyn ProcessGroup>,
    waits: Arc<Mutex<Vec<(Instant, usize)>>>,
    kills: Arc<AtomicUsize>,
}

impl ProcessGroup for OutOfReach {
    fn pid(&self) -> u32 {
        self.group.pid()
    }

    fn exit_descriptor(&self) -> RawFd {
        self.group.exit_descriptor()
    }

    fn interrupt(&self) {}

    fn terminate(&self) {}

    fn kill(&self) {
        self.kills.fetch_add(1, Ordering::SeqCst);
    }

    fn reap(&mut self) -> Exit {
        self.group.reap()
    }

    fn end_by(&mut self, until: Instant) {
        let kills = self.kills.load(Ordering::SeqCst);
        self.waits.lock().unwrap().push((until, kills));
    }
}

impl Launcher for Hanging {
    fn find_program(&self, name: &str, path: Option<&OsStr>) -> Result<PathBuf, Vec<PathBuf>> {
        Local.find_program(name, path)
    }

    fn make_work_dir(&self, directory: &Path) -> io::Result<()> {
        if let Some(disk) = &self.disk {
            disk.asked.send(()).unwrap();
            let _ = disk.answers.lock().unwrap().recv();
        }
        Local.make_work_dir(directory)
    }

    fn open_work_dir(&self, directory: &Path, homes: &Homes) -> io::Result<WorkDir> {
        Local.open_work_dir(directory, homes)
    }

    fn spawn(&self, launch: &Launch<'_>) -> Result<Launched, SpawnError> {
        let script = ["-c", "cat; exec sleep 1000"].map(str::to_owned);
        let child = Local.spawn(&Launch {
            program: Path::new("/bin/sh"),
            arguments: &script,
            environment: launch.environment,
            work_dir: launch.work_dir,
            mark: launch.mark,
            jail: None,
        })?;
        Ok(Launched {
            stdin: child.stdin,
            stdout: child.stdout,
            stderr: child.stderr,
            group: Box::new(OutOfReach {
                group: child.group,
                waits: Arc::clone(&self.waits),
                kills: Arc::clone(&self.kills),
            }),
        })
    }

    fn note_tree(&self, _: u32) -> Tree {
        Tree::default()
    }

    fn sweep(&self, _: &SweepTargets, _: Instant) -> Leftover {
        Leftover::default()
    }

    fn watch_host(&self, mark: &EngineMark) -> io::Result<Arc<dyn HostWatch>> {
        Local.watch_host(mark)
    }
}

fn engine_with(launcher: Hanging) -> Engine {
    let options = EngineOptions::default();
    let config = SpawnConfig {
        launcher: Box::new(launcher),
        ..config_of(Echo { script: None }, &options, 0, state())
    };
    Engine::start(options, BaseDir::here(), Arc::new(config)).unwrap()
}

/// For a caller who only waits for the end of the events, as those in C do.
fn assert_events_end(engine: &Engine) {
    let mut stream = engine.event_stream().unwrap();
    engine.begin_close(Duration::from_millis(100));
    while stream.recv().is_some() {}
    assert!(stream.is_over());
}

#[test]
fn a_process_that_no_kill_ends_is_named_and_the_engine_ends_without_it() {
    let engine = engine_with(Hanging::default());
    assert_eq!(ask(&engine, "a", "hello").outcome, Outcome::Completed);
    let pid = engine.sessions().unwrap()[0].pid.unwrap();
    assert_events_end(&engine);
    let left = engine.close(Duration::from_millis(100)).unwrap_err();
    assert_eq!(left.kind(), ErrorKind::Internal);
    let expected = format!("processes [{pid}] could not be ended");
    assert_eq!(left.message(), expected);
}

/// Many such would hold up the end of the engine by the sum of their waits.
#[test]
fn processes_that_no_kill_ends_are_waited_for_together() {
    const SESSIONS: usize = 5;
    let launcher = Hanging::default();
    let (waits, kills) = (Arc::clone(&launcher.waits), Arc::clone(&launcher.kills));
    let engine = engine_with(launcher);
    for session in 0..SESSIONS {
        let answer = ask(&engine, &session.to_string(), "hello");
        assert_eq!(answer.outcome, Outcome::Completed);
    }
    engine.close(Duration::from_millis(100)).unwrap_err();
    let waits = waits.lock().unwrap();
    assert_eq!(waits.len(), SESSIONS);
    let all = (waits[0].0, kills.load(Ordering::SeqCst));
    assert!(waits.iter().all(|wait| *wait == all), "{waits:?}, {all:?}");
}

#[test]
fn a_start_that_hangs_on_its_disk_holds_up_no_end() {
    let (answer, answers) = channel();
    let (asked, asks) = channel();
    let answers = Mutex::new(answers);
    let disk = Some(Disk { asked, answers });
    let engine = engine_with(Hanging {
        disk,
        ..Hanging::default()
    });
    let turn = engine.execute(Request::new("a", "/tmp", "hello")).unwrap();
    asks.recv().unwrap();
    assert_events_end(&engine);
    assert_eq!(turn.wait().outcome, Outcome::Stopped);
    let left = engine.close(Duration::from_millis(100)).unwrap_err();
    assert!(left.message().contains("the spawn thread"), "{left}");
    drop(answer);
}
