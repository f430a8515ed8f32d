//! Names of conversations: what an agent is told to use, or, where the agent chooses its own, what
//! the record of a session goes by.

use uuid::Uuid;

/// Stands between the namespace and the session in the name that a conversation's id is made of.
const DELIMITER: &str = ":session:";

/// The name that belongs to a session, always the same.
///
/// The Go hotplex derives it in the same way, so its users find their conversations again: but
/// not for names that hold the delimiter, where two pairs of names would be one conversation.
pub(super) fn name(namespace: &str, session: &str) -> String {
    let mut name = format!("{namespace}{DELIMITER}{session}");
    // Two names with this length before them can only be equal if both their parts are; and
    // no name without it has the delimiter twice.
    if name.find(DELIMITER) != name.rfind(DELIMITER) {
        name.insert_str(0, &format!("{}:", namespace.len()));
    }
    Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()).to_string()
}

/// A name that no session derives.
pub(super) fn fresh_name() -> String {
    Uuid::new_v4().to_string()
}
