//! What agents cost, as measured: docs/capacity.md has the same table and says how.

/// One kind of agent.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) provider: &'static str,
    pub(super) version: &'static str,
    /// Resident memory of its processes after some turns, in bytes; the greater end of what was seen.
    pub(super) rss: u64,
    /// What a turn waits longer if its process has to be started, in seconds.
    pub(super) start: f64,
}

const fn row(provider: &'static str, version: &'static str, rss_mb: u64, start: f64) -> Figures {
    Figures {
        provider,
        version,
        rss: rss_mb * 1_000_000,
        start,
    }
}

/// The first is the default.
pub(super) const MEASURED: [Figures; 7] = [
    row("claude-code", "2.1.330", 255, 0.4),
    row("claude-agent-acp", "0.101.0", 450, 0.9),
    row("codex", "0.169.0", 150, 0.15),
    row("codex-acp", "0.16.0", 80, 0.16),
    row("gemini", "0.61.0", 240, 2.0),
    row("opencode", "1.18.33", 700, 5.1),
    row("aider", "0.86.2", 244, 3.3),
];

pub(super) fn of(provider: &str) -> Option<&'static Figures> {
    MEASURED.iter().find(|row| row.provider == provider)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_the_same_figures() {
        let document = include_str!("../../../../../docs/capacity.md");
        for row in &MEASURED {
            let (provider, version) = (row.provider, row.version);
            let (rss, start) = (row.rss / 1_000_000, row.start);
            let line = format!("| `{provider}` | {version} | {rss} MB | {start} s |");
            assert!(document.contains(&line), "{line}");
        }
    }
}
