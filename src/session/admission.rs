//! Admission: the bounds a caller's thread checks before a turn is accepted.
//!
//! Pure. Stands behind one short lock, taken by callers in `execute` and by the io thread when a
//! turn ends or a session leaves the pool; nothing is done under it but counting. It exists so that
//! `Busy` and a wrong work directory are answers of `execute` and not ends of accepted turns.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind};
use crate::event::SessionId;
use crate::project::Project;

/// The bounds, from the engine's options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Turns that may wait behind a session's current one.
    pub(crate) queue_turns: usize,
    /// Live processes; 0 is no bound. As many sessions as may wait in a queue may wait for one.
    pub(crate) max_processes: usize,
}

/// What is promised to one session.
struct AdmittedSession<A> {
    unfinished: usize,
    work_dir: PathBuf,
    model: Option<String>,
    project: Project,
    arrival: A,
}

/// What binds a session to its process, as one request has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binding<'a> {
    pub(crate) work_dir: &'a Path,
    pub(crate) model: Option<&'a str>,
    pub(crate) project: Project,
    /// The level of the project stands in the request itself, and is not the engine's.
    pub(crate) names_project: bool,
}

/// Whether a turn was admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admitted {
    /// The session is in the pool, or on its way there.
    Known,
    /// The session is new, and so its arrival was taken over.
    New,
    /// Nothing was let in: the session is new, and nothing is known of it yet.
    Unknown,
}

/// Every session that is in the pool or has a turn on its way there, with what was known of it when
/// it arrived.
pub(crate) struct Admission<A> {
    bounds: Bounds,
    sessions: HashMap<SessionId, AdmittedSession<A>>,
    active: usize,
    closed: bool,
}

impl<A> Admission<A> {
    pub(crate) fn new(bounds: Bounds) -> Admission<A> {
        Admission {
            bounds,
            sessions: HashMap::new(),
            active: 0,
            closed: false,
        }
    }

    /// Lets a turn in. Of a session that is new the `arrival` must be given; what is looked up for
    /// it takes time, and a prompt that comes meanwhile must find it as well.
    pub(crate) fn admit(
        &mut self,
        session: &SessionId,
        binding: &Binding<'_>,
        arrival: Option<A>,
    ) -> Result<Admitted, Error> {
        if self.closed {
            return Err(Error::new(ErrorKind::Closed, "the engine is closed"));
        }
        let Some(admitted) = self.sessions.get_mut(session) else {
            return match arrival {
                Some(arrival) => self.admit_new(session, binding, arrival),
                None => Ok(Admitted::Unknown),
            };
        };
        admitted.check_binding(session, binding)?;
        if admitted.unfinished > self.bounds.queue_turns {
            let waiting = admitted.unfinished - 1;
            let message = format!("session {session} has {waiting} turns waiting");
            return Err(Error::new(ErrorKind::Busy, message));
        }
        if admitted.unfinished == 0 {
            check_room(&self.bounds, self.active)?;
            self.active += 1;
        }
        admitted.unfinished += 1;
        Ok(Admitted::Known)
    }

    fn admit_new(
        &mut self,
        session: &SessionId,
        binding: &Binding<'_>,
        arrival: A,
    ) -> Result<Admitted, Error> {
        check_room(&self.bounds, self.active)?;
        self.active += 1;
        let admitted = AdmittedSession {
            unfinished: 1,
            work_dir: binding.work_dir.to_owned(),
            model: binding.model.map(str::to_owned),
            project: binding.project,
            arrival,
        };
        self.sessions.insert(session.clone(), admitted);
        Ok(Admitted::New)
    }

    /// True if the session is in the pool, or on its way there.
    pub(crate) fn knows(&self, session: &SessionId) -> bool {
        self.sessions.contains_key(session)
    }

    /// What was known of the session when it arrived.
    pub(crate) fn arrival(&self, session: &SessionId) -> Option<&A> {
        self.sessions.get(session).map(|admitted| &admitted.arrival)
    }

    /// A turn that was let in has ended.
    pub(crate) fn turn_ended(&mut self, session: &SessionId) {
        if let Some(admitted) = self.sessions.get_mut(session) {
            admitted.unfinished -= 1;
            if admitted.unfinished == 0 {
                self.active -= 1;
            }
        }
    }

    /// The pool wants to forget the session; false if a turn for it is on its way.
    pub(crate) fn release(&mut self, session: &SessionId) -> bool {
        let free = self
            .sessions
            .get(session)
            .is_none_or(|admitted| admitted.unfinished == 0);
        if free {
            self.sessions.remove(session);
        }
        free
    }

    /// Nothing is let in any more.
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }
}

/// Refuses a session that would have to wait for a process behind too many others.
fn check_room(bounds: &Bounds, active: usize) -> Result<(), Error> {
    if bounds.max_processes > 0 && active >= bounds.max_processes + bounds.queue_turns {
        let waiting = active - bounds.max_processes;
        let message = format!(
            "all {} processes are busy, {waiting} sessions wait",
            bounds.max_processes
        );
        return Err(Error::new(ErrorKind::Busy, message));
    }
    Ok(())
}

impl<A> AdmittedSession<A> {
    fn check_binding(&self, session: &SessionId, binding: &Binding<'_>) -> Result<(), Error> {
        let Binding {
            work_dir,
            model,
            project,
            names_project,
        } = *binding;
        // Nearly always the bytes are the same, which spares taking the paths apart.
        if self.work_dir.as_os_str() != work_dir.as_os_str() && self.work_dir != work_dir {
            let (bound, asked) = (self.work_dir.display(), work_dir.display());
            let message =
                format!("session {session} works in {bound}, not in {asked}: stop it first");
            return Err(Error::invalid(message));
        }
        if names_project && project != self.project {
            let (bound, asked) = (self.project.as_str(), project.as_str());
            let message = format!(
                "session {session} was started with project {bound}, not {asked}: stop it first"
            );
            return Err(Error::invalid(message));
        }
        match (model, &self.model) {
            (Some(asked), Some(bound)) if asked == bound => Ok(()),
            (None, _) => Ok(()),
            (Some(asked), bound) => {
                let bound = bound.as_deref().unwrap_or("the default model");
                let message =
                    format!("session {session} runs on {bound}, not on {asked}: stop it first");
                Err(Error::invalid(message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(queue_turns: usize, max_processes: usize) -> Admission<&'static str> {
        Admission::new(Bounds {
            queue_turns,
            max_processes,
        })
    }

    fn id(name: &str) -> SessionId {
        SessionId::new(name).unwrap()
    }

    fn binding<'a>(
        work_dir: &'a str,
        model: Option<&'a str>,
        project: Option<Project>,
    ) -> Binding<'a> {
        Binding {
            work_dir: Path::new(work_dir),
            model,
            project: project.unwrap_or_default(),
            names_project: project.is_some(),
        }
    }

    fn admit(admission: &mut Admission<&'static str>, name: &str) -> Result<bool, ErrorKind> {
        let answer = admission.admit(&id(name), &binding("/w", None, None), Some("it came"));
        let is_known = answer.map(|answer| answer == Admitted::Known);
        is_known.map_err(|error| error.kind())
    }

    #[test]
    fn one_turn_runs_and_the_bounded_rest_waits() {
        let mut door = admission(2, 0);
        assert_eq!(admit(&mut door, "a"), Ok(false));
        assert_eq!(admit(&mut door, "a"), Ok(true));
        assert_eq!(admit(&mut door, "a"), Ok(true));
        assert_eq!(admit(&mut door, "a"), Err(ErrorKind::Busy));
        assert_eq!(admit(&mut door, "b"), Ok(false));
        door.turn_ended(&id("a"));
        assert_eq!(admit(&mut door, "a"), Ok(true));
    }

    #[test]
    fn sessions_over_the_bound_wait_and_then_are_refused() {
        let mut door = admission(1, 2);
        for (name, expected) in [
            ("a", Ok(false)),
            ("b", Ok(false)),
            ("c", Ok(false)),
            ("d", Err(ErrorKind::Busy)),
        ] {
            assert_eq!(admit(&mut door, name), expected, "{name}");
        }
        door.turn_ended(&id("b"));
        assert_eq!(admit(&mut door, "d"), Ok(false));
    }

    #[test]
    fn a_session_keeps_its_work_dir_model_and_project_until_it_is_released() {
        let mut door = admission(4, 0);
        let a = id("a");
        let trusted = Some(Project::Trusted);
        let arrived = door.admit(&a, &binding("/w", Some("opus"), trusted), Some("first"));
        assert_eq!(arrived.unwrap(), Admitted::New);
        let table: [(&str, Option<&str>, Option<Project>, bool); 7] = [
            ("/w", Some("opus"), None, true),
            ("/w", None, None, true),
            ("/w/", None, trusted, true),
            ("/x", None, None, false),
            ("/w", Some("haiku"), None, false),
            ("/w", None, Some(Project::Instructions), false),
            ("/w", None, Some(Project::None), false),
        ];
        for (dir, model, project, fits) in table {
            let answer = door.admit(&a, &binding(dir, model, project), None);
            assert_eq!(answer.is_ok(), fits, "{dir} {model:?} {project:?}");
        }
        assert!(!door.release(&a));
        for _ in 0..4 {
            door.turn_ended(&a);
        }
        assert!(door.release(&a));
        let arrived = door.admit(&a, &binding("/x", None, None), Some("again"));
        assert_eq!(arrived.unwrap(), Admitted::New);
    }

    #[test]
    fn a_new_session_comes_in_with_what_is_known_of_it_and_not_before() {
        let mut door = admission(4, 1);
        let (a, work) = (id("a"), binding("/w", None, None));
        for _ in 0..2 {
            let answer = door.admit(&a, &work, None);
            assert_eq!(answer.unwrap(), Admitted::Unknown);
            assert_eq!(door.arrival(&a), None);
        }
        door.admit(&a, &work, Some("first")).unwrap();
        let answer = door.admit(&a, &work, Some("second"));
        assert_eq!(answer.unwrap(), Admitted::Known);
        assert_eq!(door.arrival(&a), Some(&"first"));
    }

    #[test]
    fn a_closed_door_lets_nobody_in() {
        let mut door = admission(4, 0);
        door.close();
        assert_eq!(admit(&mut door, "a"), Err(ErrorKind::Closed));
    }
}
