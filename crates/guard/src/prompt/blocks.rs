//! Blocks of commands in a message: fences, indented lines and lists.

use super::prose::is_prose;

/// Whether a line begins or ends a fenced block.
pub(super) fn is_fence(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("```") || line.starts_with("~~~")
}

/// The text of a message that is one block of commands and nothing else.
pub(super) fn fenced(text: &str) -> Option<&str> {
    let (first, rest) = text.split_once('\n')?;
    let body = rest.strip_suffix("```")?;
    (first.starts_with("```") && is_code(first, true)).then_some(body.trim())
}

/// Where a block ends, and the commands in it.
pub(super) fn block(lines: &[&str], start: usize, is_fenced: bool) -> (usize, String) {
    if is_fenced {
        let length = lines[start + 1..].iter().position(|line| is_fence(line));
        let end = start + 1 + length.unwrap_or(lines.len() - start - 1);
        return (end + 1, typed(&lines[start + 1..end]));
    }
    let length = lines[start..]
        .iter()
        .position(|line| line.trim().is_empty());
    let end = start + length.unwrap_or(lines.len() - start);
    let commands: Vec<&str> = lines[start..end]
        .iter()
        .map(|line| listed(line))
        .filter(|line| !is_prose(line))
        .collect();
    (end, typed(&commands))
}

/// The command of an item, which may say behind its code span what it is for.
fn listed(line: &str) -> &str {
    let text = item(line).unwrap_or(line).trim();
    let span = text.strip_prefix('`').and_then(|rest| rest.split_once('`'));
    match span {
        Some((command, rest)) if rest.is_empty() || rest.starts_with([',', ';', '.', '(']) => {
            command
        }
        Some((command, rest)) if rest.starts_with(" (") || rest.starts_with(" #") => command,
        _ => text.trim_matches('`'),
    }
}

/// What somebody types in a session that is shown: the lines behind its prompt, or else all.
fn typed(lines: &[&str]) -> String {
    let prompted: Vec<&str> = lines
        .iter()
        .filter_map(|line| behind_prompt(line))
        .collect();
    if !prompted.is_empty() {
        return prompted.join("\n");
    }
    let is_root = |line: &&str| line.trim().is_empty() || line.starts_with("# ");
    if lines.len() == 1 && lines.iter().all(is_root) {
        return lines[0].trim_start_matches("# ").to_owned();
    }
    lines.join("\n")
}

/// The rest of a line behind `$ ` or `user@host:~$ `.
fn behind_prompt(line: &str) -> Option<&str> {
    let line = line.trim_start();
    if let Some(rest) = line.strip_prefix("$ ").or_else(|| line.strip_prefix("% ")) {
        return Some(rest);
    }
    let (prompt, rest) = line.split_once(['$', '#'])?;
    let is_prompt = prompt.contains('@') && !prompt.contains([' ', '\'', '"', '=']);
    (is_prompt && rest.starts_with(' ')).then(|| rest.trim_start())
}

/// What a block would have a shell run; nothing for logs and data, which are no orders. Code of
/// another language is what its interpreter would be given.
pub(super) fn to_run(line: &str, is_fence: bool, body: String) -> Option<String> {
    const INTERPRETERS: [(&str, &str); 10] = [
        ("python", "python3"),
        ("python3", "python3"),
        ("py", "python3"),
        ("javascript", "node"),
        ("js", "node"),
        ("node", "node"),
        ("ruby", "ruby"),
        ("rb", "ruby"),
        ("perl", "perl"),
        ("php", "php"),
    ];
    if is_code(line, is_fence) {
        return Some(body);
    }
    let tag = language(line);
    let (_, interpreter) = INTERPRETERS.iter().find(|(name, _)| *name == tag)?;
    Some(format!("{interpreter} - <<'CODE'\n{body}\nCODE"))
}

fn language(line: &str) -> String {
    let tag = line.trim().trim_start_matches(['`', '~']).to_lowercase();
    tag.split_whitespace().next().unwrap_or_default().to_owned()
}

/// Whether a fence holds commands.
fn is_code(line: &str, is_fence: bool) -> bool {
    let language = language(line);
    let shells = [
        "",
        "sh",
        "bash",
        "shell",
        "zsh",
        "ksh",
        "fish",
        "console",
        "terminal",
        "cmd",
        "bat",
        "powershell",
        "pwsh",
        "ps1",
        "shell-session",
        "shellsession",
        "sh-session",
        "shellscript",
        "text",
        "txt",
        "plaintext",
    ];
    !is_fence || shells.contains(&language.as_str())
}

/// The text of a list's item.
pub(super) fn item(line: &str) -> Option<&str> {
    let line = line.trim_start();
    if let Some(rest) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some(rest);
    }
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = rest.len() < line.len() && line.len() - rest.len() <= 3;
    is_numbered
        .then(|| rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") ")))
        .flatten()
}
