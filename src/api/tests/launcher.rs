//! Agents may run elsewhere: another launcher than the local one is all that this takes.

use std::ffi::OsStr;
use std::io;
use std::sync::Mutex;
use std::time::Instant;

use super::*;
use crate::process::{
    HostWatch, Launch, Launched, Launcher, Leftover, Local, SpawnError, SweepTargets, Tree, WorkDir,
};

/// A program that only [`ThroughShell`] finds.
const ELSEWHERE: &str = "an-agent-that-is-elsewhere";

/// Starts everything through a shell, and notes what it was asked for.
struct ThroughShell(Arc<Mutex<Vec<&'static str>>>);

impl ThroughShell {
    fn note(&self, what: &'static str) {
        let mut noted = self.0.lock().unwrap();
        if !noted.contains(&what) {
            noted.push(what);
        }
    }
}

impl Launcher for ThroughShell {
    fn find_program(&self, name: &str, path: Option<&OsStr>) -> Result<PathBuf, Vec<PathBuf>> {
        match name {
            ELSEWHERE => Ok(PathBuf::from("/bin/cat")),
            name => Local.find_program(name, path),
        }
    }

    fn make_work_dir(&self, directory: &Path) -> io::Result<()> {
        self.note("make");
        Local.make_work_dir(directory)
    }

    fn open_work_dir(&self, directory: &Path, homes: &Homes) -> io::Result<WorkDir> {
        self.note("open");
        Local.open_work_dir(directory, homes)
    }

    fn spawn(&self, launch: &Launch<'_>) -> Result<Launched, SpawnError> {
        self.note("spawn");
        let program = launch.program.display().to_string();
        let script = "\"$0\" \"$@\" | sed -u 's/hello/hello through a shell/'".to_owned();
        let mut arguments = vec!["-c".to_owned(), script, program];
        arguments.extend_from_slice(launch.arguments);
        Local.spawn(&Launch {
            program: Path::new("/bin/sh"),
            arguments: &arguments,
            environment: launch.environment,
            work_dir: launch.work_dir,
            mark: launch.mark,
            jail: None,
        })
    }

    fn note_tree(&self, pid: u32) -> Tree {
        self.note("note_tree");
        Local.note_tree(pid)
    }

    fn sweep(&self, wanted: &SweepTargets, deadline: Instant) -> Leftover {
        self.note("sweep");
        Local.sweep(wanted, deadline)
    }

    fn watch_host(&self, mark: &EngineMark) -> io::Result<Arc<dyn HostWatch>> {
        self.note("watch_host");
        Local.watch_host(mark)
    }
}

#[test]
fn an_engine_runs_its_agents_through_the_launcher_that_it_has_and_asks_it_for_everything() {
    let noted = Arc::new(Mutex::new(Vec::new()));
    let launcher = ThroughShell(Arc::clone(&noted));
    let config = SpawnConfig {
        launcher: Box::new(launcher),
        ..config_of(Echo { script: None }, &EngineOptions::default(), 0, state())
    };
    let engine =
        Engine::start(EngineOptions::default(), BaseDir::here(), Arc::new(config)).unwrap();
    let turn = engine.execute(Request::new("a", "/tmp", "hello")).unwrap();
    let answers: Vec<_> = turn
        .filter_map(|event| event.kind.text().map(str::to_owned))
        .collect();
    assert!(
        answers
            .iter()
            .any(|answer| answer == "hello through a shell"),
        "{answers:?}"
    );
    assert_eq!(ask(&engine, "a", "again").outcome, Outcome::Completed);
    engine.close(Duration::from_secs(2)).unwrap();
    let expected = ["watch_host", "make", "open", "spawn", "note_tree", "sweep"];
    assert_eq!(*noted.lock().unwrap(), expected);
}

#[test]
fn the_program_is_looked_for_where_agents_run() {
    let options = || EngineOptions {
        program: Some(ELSEWHERE.to_owned()),
        state_dir: Some(state()),
        ..EngineOptions::default()
    };
    let here = Engine::open(options()).map(drop).unwrap_err();
    assert_eq!(here.kind(), ErrorKind::SpawnFailed, "{here}");
    let launcher = ThroughShell(Arc::default());
    let engine = Engine::open_with(options(), Box::new(launcher)).unwrap();
    engine.close(Duration::from_secs(2)).unwrap();
}
