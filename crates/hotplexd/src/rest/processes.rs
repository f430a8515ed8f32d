//! The processes of a session, as the system shows them.

use std::collections::HashMap;
use std::fs;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::Id;
use super::sessions::no_session;
use crate::blocking::blocking;
use crate::http::gatekeeper::{Client, Shared};
use crate::http::problem::{FailureBody, Problem};

/// A process and those it started.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Process {
    pid: u32,
    /// The program's short name.
    name: String,
    /// Number of its process group.
    pgid: u32,
    /// Memory that is resident for it.
    rss_bytes: u64,
    /// How many descriptors it has open; `null` if that may not be seen.
    descriptors: Option<usize>,
    /// The processes that it started and that are still its children.
    #[schema(no_recursion)]
    children: Vec<Process>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProcessTree {
    session_id: String,
    /// `null` if the session has none.
    process: Option<Process>,
}

/// The agent's process and those below it.
#[utoipa::path(get, path = "/api/v1/sessions/{id}/processes", operation_id = "session_processes",
    params(("id" = String, Path, description = "The session")),
    responses(
    (status = 200, body = ProcessTree),
    (status = 400, body = FailureBody),
    (status = 401, body = FailureBody),
    (status = 404, body = FailureBody),
))]
pub(crate) async fn processes(
    Client(client): Client,
    Id(id): Id,
    State(shared): State<Shared>,
) -> Result<Json<ProcessTree>, Problem> {
    let sessions = shared.hub.list(&client).await?;
    let found = sessions
        .into_iter()
        .find(|session| session.session_id == id);
    let pid = found.ok_or_else(|| no_session(&id))?.pid;
    let process = blocking(move || pid.and_then(tree)).await?;
    Ok(Json(ProcessTree {
        session_id: id,
        process,
    }))
}

struct Stat {
    pid: u32,
    name: String,
    parent: u32,
    group: u32,
    resident_pages: u64,
}

fn tree(root: u32) -> Option<Process> {
    let mut stats = HashMap::new();
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let pid = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        if let Some(stat) = pid.and_then(stat_of) {
            children.entry(stat.parent).or_default().push(stat.pid);
            stats.insert(stat.pid, stat);
        }
    }
    grow(root, &mut stats, &children)
}

/// A process is taken out when it is placed: what is read while processes come and go can hold a
/// circle.
fn grow(
    pid: u32,
    stats: &mut HashMap<u32, Stat>,
    children: &HashMap<u32, Vec<u32>>,
) -> Option<Process> {
    let stat = stats.remove(&pid)?;
    let below = children.get(&pid).into_iter().flatten();
    let children = below
        .filter_map(|child| grow(*child, stats, children))
        .collect();
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd"));
    Some(Process {
        pid,
        name: stat.name,
        pgid: stat.group,
        rss_bytes: stat.resident_pages * rustix::param::page_size() as u64,
        descriptors: descriptors.ok().map(Iterator::count),
        children,
    })
}

fn stat_of(pid: u32) -> Option<Stat> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The name stands in brackets and may hold anything, brackets too; what follows does not.
fn parse(text: &str) -> Option<Stat> {
    let (pid, rest) = text.split_once(" (")?;
    let (name, rest) = rest.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let number = |at: usize| fields.get(at)?.trim().parse::<u64>().ok();
    Some(Stat {
        pid: pid.parse().ok()?,
        name: name.to_owned(),
        parent: number(1)? as u32,
        group: number(2)? as u32,
        resident_pages: number(21)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_shifts_nothing() {
        let line = "7 (a) b (c) S 3 7 7 0 -1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 4096 99 18";
        let stat = parse(line).expect("a line");
        assert_eq!((stat.pid, stat.name.as_str()), (7, "a) b (c"));
        assert_eq!((stat.parent, stat.group, stat.resident_pages), (3, 7, 99));
    }

    #[test]
    fn this_process_is_there() {
        let process = tree(std::process::id()).expect("this process");
        assert!(process.rss_bytes > 0 && process.descriptors > Some(2));
    }
}
