//! How an example is told which agent to ask: `[--provider NAME] [PROGRAM [ARG]]`. The variable
//! `HOTPLEX_PROVIDER` stands in for the first.

use std::iter::Peekable;

use hotplex::EngineBuilder;

/// The options with what the command line says.
#[allow(dead_code, reason = "the quickstart chooses by itself")]
pub(crate) fn apply(options: EngineBuilder) -> EngineBuilder {
    let mut arguments = std::env::args().skip(1).peekable();
    let options = match provider(&mut arguments) {
        Some(name) => options.provider(name),
        None => options,
    };
    match arguments.next() {
        Some(program) => options.program(program).program_args(arguments),
        None => options,
    }
}

/// The provider that is named. One without a name is left to the engine to refuse.
pub(crate) fn provider<T: Iterator<Item = String>>(arguments: &mut Peekable<T>) -> Option<String> {
    if arguments.next_if(|word| word == "--provider").is_some() {
        return Some(arguments.next().unwrap_or_default());
    }
    let named = std::env::var("HOTPLEX_PROVIDER").ok();
    named.filter(|name| !name.is_empty())
}
