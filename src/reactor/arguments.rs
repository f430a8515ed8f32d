//! The command line of one process: what the agent is told by arguments, within what the system takes.

use std::ffi::OsString;
use std::path::PathBuf;

use super::spawn_config::SpawnConfig;
use crate::error::{Error, ErrorKind};
use crate::process;
use crate::provider::{Start, SystemPrompt};

/// Linux takes no single argument of 128 KiB or more; the flag's own name needs room as well.
const LONGEST_ARGUMENT: usize = 128 * 1024 - 64;

/// The program's path and name, the mark, and what the kernel adds to them.
const ROOM_FOR_THE_REST: usize = 16 * 1024;

/// All arguments of a process, and the file that they point to if they have not room for the system
/// prompt.
pub(super) fn arguments(
    config: &SpawnConfig,
    start: &Start<'_>,
    environment: &[(OsString, OsString)],
    text: &str,
) -> Result<(Vec<String>, Option<PathBuf>), Error> {
    let with = |system_prompt| {
        let own = config.program_arguments.iter().cloned();
        let provided = config.provider.arguments(&Start {
            system_prompt,
            ..*start
        });
        own.chain(provided).collect::<Vec<String>>()
    };
    let given = with(SystemPrompt::Given(text));
    let fits = text.len() <= LONGEST_ARGUMENT
        && size_of_start(&given, environment) <= process::argument_room();
    if text.is_empty() || fits {
        return Ok((given, None));
    }
    let length = text.len();
    let refused = |why: String| {
        let message = format!(
            "the system prompt has {length} bytes, too many for an argument, and no file: {why}"
        );
        Error::new(ErrorKind::SpawnFailed, message)
    };
    let file = config.state.keep_prompt(text).map_err(refused)?;
    let path = file.to_str().ok_or("its path is not UTF-8".to_owned());
    let arguments = with(SystemPrompt::InFile(path.map_err(refused)?));
    Ok((arguments, Some(file)))
}

/// What the system counts of a program's start: each text with its zero byte and its pointer.
fn size_of_start(arguments: &[String], environment: &[(OsString, OsString)]) -> usize {
    let variables = environment
        .iter()
        .map(|(name, value)| name.len() + value.len() + 10);
    let arguments = arguments.iter().map(|argument| argument.len() + 9);
    arguments.chain(variables).sum::<usize>() + ROOM_FOR_THE_REST
}
