//! Lines of IPython that a shell runs: `!command`, `name = !command`, `%sx command`, `%%bash`.

use crate::facts::Facts;

/// What a line begins with whose rest is a command.
const LINES: [&str; 4] = ["!!", "!", "%sx ", "%system "];

/// What a line begins with behind which all lines are a script.
const CELLS: [&str; 5] = ["%%bash", "%%sh", "%%script", "%%sx", "%%system"];

/// Leaves the commands of such lines to be evaluated.
pub(super) fn check_lines(run: &mut Facts, text: &str) {
    let mut rest = text;
    while !rest.is_empty() {
        let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        let line = line.trim();
        if CELLS.iter().any(|cell| line.starts_with(cell)) {
            return run.defer_source(behind);
        }
        if let Some(command) = command(line) {
            run.defer_source(command);
        }
        rest = behind;
    }
}

fn command(line: &str) -> Option<&str> {
    let behind = |text| {
        LINES
            .iter()
            .find_map(|start| str::strip_prefix(text, start))
    };
    // `names = !ls`, which no comparison looks like.
    let assigned = || line.split_once("= ").and_then(|(_, value)| behind(value));
    behind(line).or_else(assigned)
}
