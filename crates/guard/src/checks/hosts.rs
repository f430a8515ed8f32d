//! Hosts in words: in front of a path, and whether they are this machine. A leaf.

/// The host in front of a path; a colon behind a slash belongs to the path.
pub(super) fn host_and_path(word: &str) -> Option<(&str, &str)> {
    if let Some((scheme, rest)) = word.split_once("://") {
        return (scheme != "file").then_some((scheme, rest));
    }
    let (host, path) = word.split_once(':')?;
    (!host.contains('/') && !host.is_empty()).then_some((host, path))
}

pub(crate) fn is_loopback(address: &str) -> bool {
    const LOOPBACK: [&str; 5] = ["localhost", "127.", "[::1]", "::1", "0.0.0.0"];
    LOOPBACK.iter().any(|host| address.starts_with(host))
}
