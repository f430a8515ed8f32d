//! The guard's tables of commands. Their lines are data here, as everywhere: nobody runs them, and
//! not even bash is shown them.

use std::path::Path;

/// Every command of every table, with the table it stands in. The tables of prompts are no shell.
pub(crate) fn commands() -> std::io::Result<Vec<(String, String)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpora");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let table = std::fs::read_to_string(&path)?;
        let mut lines = table.lines();
        if !lines.next().is_some_and(|head| head.ends_with("\tcommand")) {
            continue;
        }
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let commands = lines.filter_map(|line| line.splitn(3, '\t').nth(2));
        found.extend(commands.map(|text| (name.clone(), unescaped(text))));
    }
    Ok(found)
}

/// The tables write a newline, a tab and a backslash with a backslash.
fn unescaped(text: &str) -> String {
    let marked = text.replace("\\\\", "\u{1}");
    let lines = marked.replace("\\n", "\n").replace("\\t", "\t");
    lines.replace('\u{1}', "\\")
}
