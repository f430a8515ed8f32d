//! The files that a patch in Codex's own format changes.

use hotplex_guard::ToolEffect;

/// What stands before a file's name.
const MARKS: [&str; 4] = ["Add File:", "Update File:", "Delete File:", "Move to:"];

/// A write of each file that the patch names, before and after a move. A line of a file that looks like
/// the head of another one counts as one: it denies rather than passes.
///
/// # Errors
/// The patch names no file.
pub(in crate::provider) fn effects(patch: &str) -> Result<Vec<ToolEffect>, String> {
    let heads = patch.lines().filter_map(|line| {
        let head = line.trim().trim_start_matches(['+', '-', ' ']);
        let head = head.strip_prefix("***")?.trim_start();
        let mut named = MARKS.iter().filter_map(|mark| head.strip_prefix(mark));
        named.next().map(str::trim)
    });
    let paths: Vec<&str> = heads.collect();
    if paths.is_empty() || paths.contains(&"") {
        return Err("it changes files and does not name each".to_owned());
    }
    let write = |path: &str| ToolEffect::Write(path.to_owned());
    Ok(paths.into_iter().map(write).collect())
}
