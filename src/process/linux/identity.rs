//! Names of processes that no other process ever has, and who this one acts for.

use std::fs;

use super::proc_files::Reader;

/// The name of this process: its number, when it was started, and in which namespace the number
/// counts. Without `/proc` it is the number alone, which another process may have later.
pub(crate) fn own_identity() -> String {
    let pid = std::process::id();
    match (start_of(pid), namespace()) {
        (Some(start), Some(namespace)) => format!("{pid} {start} {namespace}"),
        _ => pid.to_string(),
    }
}

/// True if the process of that name has ended. False for one of another namespace, which cannot be
/// seen from here, and for a name that is none.
pub(crate) fn has_ended(identity: &str) -> bool {
    let words: Vec<&str> = identity.split_whitespace().collect();
    let [pid, start, of] = words[..] else {
        return false;
    };
    let (Ok(pid), Some(own)) = (pid.parse(), namespace()) else {
        return false;
    };
    let started = start_of(pid).map(|start| start.to_string());
    of == own && start_of(std::process::id()).is_some() && started.as_deref() != Some(start)
}

/// `None` for a process that is gone, or a zombie.
fn start_of(pid: u32) -> Option<u64> {
    let status = Reader::default().status(pid).ok()??;
    status.lives().then_some(status.start_time)
}

/// The namespace of process numbers that this process is in.
fn namespace() -> Option<String> {
    let link = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(link.display().to_string())
}

/// The user that this process acts for.
pub(crate) fn effective_user() -> u32 {
    // SAFETY: the call takes nothing and cannot fail.
    unsafe { libc::geteuid() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_from_a_later_one_with_its_number() {
        let own = own_identity();
        assert!(!has_ended(&own), "{own}");
        let words: Vec<&str> = own.split_whitespace().collect();
        let [pid, start, namespace] = words[..] else {
            panic!("{own:?} has three words")
        };
        let table = [
            (format!("{pid} 1{start} {namespace}"), true),
            (format!("4194304 {start} {namespace}"), true),
            (format!("4194304 {start} pid:[1]"), false),
            (pid.to_owned(), false),
            (String::new(), false),
            ("no name at all".to_owned(), false),
        ];
        for (name, ended) in table {
            assert_eq!(has_ended(&name), ended, "{name}");
        }
    }
}
