//! What the stand-in sees of itself: proof of how it was started.

use std::fs;

/// The answer to a question about this process; `None` if the word asks none.
pub(crate) fn answer(word: &str, rest: &str) -> Option<String> {
    Some(match word {
        "!pid" => std::process::id().to_string(),
        "!cwd" => std::env::current_dir()
            .unwrap_or_default()
            .display()
            .to_string(),
        "!args" => std::env::args().skip(1).collect::<Vec<_>>().join("\n"),
        "!print-env" => variable(rest.trim()),
        "!masks" => signal_masks(),
        "!fds" => descriptors(),
        _ => return None,
    })
}

fn variable(name: &str) -> String {
    match std::env::var_os(name) {
        Some(value) => format!("{name}={}", value.to_string_lossy()),
        None => format!("{name} is unset"),
    }
}

fn signal_masks() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let masks = status.lines().filter(|line| line.starts_with("Sig"));
    masks.collect::<Vec<_>>().join("\n")
}

/// A line for each open descriptor and what it is; the one that reads the list is left out.
fn descriptors() -> String {
    let Ok(entries) = fs::read_dir("/proc/self/fd") else {
        return String::new();
    };
    let mut lines: Vec<String> = entries
        .flatten()
        .filter_map(|entry| {
            let target = fs::read_link(entry.path()).ok()?;
            let own = target.ends_with(format!("{}/fd", std::process::id()));
            let number = entry.file_name().to_string_lossy().into_owned();
            (!own).then(|| format!("{number} {}", target.display()))
        })
        .collect();
    lines.sort();
    lines.join("\n")
}
