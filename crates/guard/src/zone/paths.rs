//! Paths as text: joined, normalised, and compared by component.

use crate::taint::UNKNOWN;

/// A path without `.`, `..` and doubled slashes; relative ones are joined to the directory.
pub(crate) fn absolute(path: &str, directory: &str) -> String {
    let is_rooted = path.starts_with('/');
    let base = if is_rooted || path.starts_with(UNKNOWN) {
        ""
    } else {
        directory
    };
    let floats = !is_rooted && !base.starts_with('/');
    let mut joined = String::with_capacity(base.len() + path.len() + 1);
    let mut left_unknown = false;
    // The directory was normalised when it was entered.
    if base.len() > 1 {
        joined.push_str(if floats { "/" } else { "" });
        joined.push_str(base);
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                let above = joined.rfind('/').unwrap_or(0);
                left_unknown |=
                    floats && joined[above..].trim_start_matches('/').starts_with(UNKNOWN);
                joined.truncate(above);
            }
            part => {
                joined.push('/');
                joined.push_str(part);
            }
        }
    }
    rooted(joined, floats, left_unknown)
}

/// What lies above an unknown directory is outside, wherever that is.
fn rooted(joined: String, floats: bool, left_unknown: bool) -> String {
    let stays = joined
        .get(1..)
        .is_some_and(|rest| rest.starts_with(UNKNOWN));
    match (floats, left_unknown || !stays) {
        (true, true) => format!("/above-unknown{joined}"),
        (true, false) => joined[1..].to_owned(),
        _ if joined.is_empty() => "/".to_owned(),
        _ => joined,
    }
}

/// The last component of a path.
pub(crate) fn name_of(path: &str) -> &str {
    match memchr::memrchr(b'/', path.as_bytes()) {
        Some(at) => &path[at + 1..],
        None => path,
    }
}

/// What of a path lies below a root: empty for the root itself.
pub(crate) fn below<'p>(path: &'p str, root: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(root.strip_suffix('/').unwrap_or(root))?;
    match rest.strip_prefix('/') {
        Some(rest) => Some(rest),
        None => rest.is_empty().then_some(rest),
    }
}

/// How long a root is, and what of a path lies below it.
pub(super) fn below_root<'p>(path: &'p str, root: &str) -> Option<(usize, &'p str)> {
    if root.is_empty() {
        return None;
    }
    let root = root.trim_end_matches('/');
    Some((root.len(), below(path, root)?))
}
