//! The command line, read as strictly as Claude Code's own parser does.
//!
//! A wrong flag must fail here as it would there, or the engine could ship arguments that no real
//! agent accepts. Both `--flag value` and `--flag=value` are understood.

use uuid::Uuid;

/// Which conversation the process is to serve.
pub(crate) enum Conversation {
    New(String),
    Resumed(String),
}

impl Conversation {
    pub(crate) fn id(&self) -> &str {
        match self {
            Conversation::New(id) | Conversation::Resumed(id) => id,
        }
    }
}

/// What the command line asks for.
pub(crate) struct CommandLine {
    pub(crate) conversation: Conversation,
    pub(crate) model: String,
    pub(crate) permission_mode: String,
    pub(crate) asks_permission: bool,
    pub(crate) partial_messages: bool,
    pub(crate) allowed_tools: Vec<String>,
    pub(crate) disallowed_tools: Vec<String>,
}

const SWITCHES: &[&str] = &[
    "--print",
    "--verbose",
    "--include-partial-messages",
    "--replay-user-messages",
    "--dangerously-skip-permissions",
];
const ONE_VALUE: &[&str] = &[
    "--output-format",
    "--input-format",
    "--session-id",
    "--model",
    "--permission-mode",
    "--permission-prompt-tool",
    "--append-system-prompt",
    "--append-system-prompt-file",
    "--system-prompt",
    "--settings",
    "--setting-sources",
];
const MANY_VALUES: &[&str] = &[
    "--allowed-tools",
    "--allowedTools",
    "--disallowed-tools",
    "--disallowedTools",
    "--add-dir",
    "--mcp-config",
];
const PERMISSION_MODES: &[&str] = &[
    "default",
    "acceptEdits",
    "plan",
    "bypassPermissions",
    "dontAsk",
    "auto",
];

/// A flag with the values that follow it.
type Flag = (String, Vec<String>);

pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<CommandLine, String> {
    let flags = split(arguments)?;
    demand_streaming(&flags)?;
    if let Some(file) = last(&flags, "--append-system-prompt-file") {
        std::fs::read_to_string(file)
            .map_err(|error| format!("Error reading append system prompt file: {error}"))?;
    }
    let permission_mode = last(&flags, "--permission-mode").unwrap_or("default");
    if !PERMISSION_MODES.contains(&permission_mode) {
        return Err(format!(
            "error: option '--permission-mode <mode>' argument '{permission_mode}' is invalid. \
             Allowed choices are {}.",
            PERMISSION_MODES.join(", ")
        ));
    }
    Ok(CommandLine {
        conversation: conversation(&flags)?,
        model: last(&flags, "--model").unwrap_or("stand-in-1").to_owned(),
        permission_mode: permission_mode.to_owned(),
        asks_permission: last(&flags, "--permission-prompt-tool") == Some("stdio"),
        partial_messages: has(&flags, "--include-partial-messages"),
        allowed_tools: all(&flags, &["--allowed-tools", "--allowedTools"]),
        disallowed_tools: all(&flags, &["--disallowed-tools", "--disallowedTools"]),
    })
}

fn split(arguments: impl Iterator<Item = String>) -> Result<Vec<Flag>, String> {
    let mut arguments = arguments.peekable();
    let mut flags = Vec::new();
    while let Some(argument) = arguments.next() {
        let (name, inline) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => {
                (name.to_owned(), Some(value.to_owned()))
            }
            _ => (argument, None),
        };
        let values = values(&name, inline, &mut arguments)?;
        flags.push((long_name(name), values));
    }
    Ok(flags)
}

fn long_name(name: String) -> String {
    match name.as_str() {
        "-p" => "--print".to_owned(),
        "-r" => "--resume".to_owned(),
        _ => name,
    }
}

/// The values of one flag. A flag that demands a value takes the next argument whatever it looks
/// like; further values, and the optional one of `--resume`, end at the next dash.
fn values(
    name: &str,
    inline: Option<String>,
    rest: &mut std::iter::Peekable<impl Iterator<Item = String>>,
) -> Result<Vec<String>, String> {
    let mut values: Vec<String> = inline.into_iter().collect();
    if SWITCHES.contains(&name) || name == "-p" {
        return Ok(values);
    }
    let optional = name == "--resume" || name == "-r";
    let many = MANY_VALUES.contains(&name);
    if !optional && !many && !ONE_VALUE.contains(&name) {
        return Err(unknown(name));
    }
    if values.is_empty() && !optional {
        let missing = || format!("error: option '{name} <value>' argument missing");
        values.push(rest.next().ok_or_else(missing)?);
    }
    while (many || values.is_empty()) && rest.peek().is_some_and(|next| !next.starts_with('-')) {
        values.extend(rest.next());
    }
    Ok(values)
}

fn unknown(argument: &str) -> String {
    if argument.starts_with('-') {
        format!("error: unknown option '{argument}'")
    } else {
        format!("error: unexpected argument '{argument}'")
    }
}

fn demand_streaming(flags: &[Flag]) -> Result<(), String> {
    let streams = |name| last(flags, name) == Some("stream-json");
    if !has(flags, "--print") || !streams("--input-format") || !streams("--output-format") {
        return Err("Error: the stand-in only speaks stream-json in print mode".to_owned());
    }
    if !has(flags, "--verbose") {
        return Err(
            "Error: When using --print, --output-format=stream-json requires --verbose".to_owned(),
        );
    }
    Ok(())
}

fn conversation(flags: &[Flag]) -> Result<Conversation, String> {
    let named = last(flags, "--session-id");
    if has(flags, "--resume") {
        let resumed = last(flags, "--resume");
        return match (resumed, named) {
            (Some(_), Some(_)) => Err(
                "Error: --session-id with --continue or --resume also needs --fork-session."
                    .to_owned(),
            ),
            (Some(id), None) => identifier(id).map(Conversation::Resumed),
            (None, _) => Err("Error: --resume requires a valid session ID".to_owned()),
        };
    }
    match named {
        Some(id) => identifier(id).map(Conversation::New),
        None => Ok(Conversation::New(Uuid::new_v4().to_string())),
    }
}

fn identifier(id: &str) -> Result<String, String> {
    match Uuid::try_parse(id) {
        Ok(_) => Ok(id.to_owned()),
        Err(_) => Err("Error: Invalid session ID. Must be a valid UUID.".to_owned()),
    }
}

fn has(flags: &[Flag], name: &str) -> bool {
    flags.iter().any(|flag| flag.0 == name)
}

fn last<'a>(flags: &'a [Flag], name: &str) -> Option<&'a str> {
    let flag = flags.iter().rev().find(|flag| flag.0 == name)?;
    flag.1.last().map(String::as_str)
}

/// The values of a list flag, which may themselves be lists with commas.
fn all(flags: &[Flag], names: &[&str]) -> Vec<String> {
    let named = flags.iter().filter(|flag| names.contains(&flag.0.as_str()));
    let values = named.flat_map(|flag| flag.1.iter());
    values
        .flat_map(|value| value.split(','))
        .map(|tool| tool.trim().to_owned())
        .collect()
}
