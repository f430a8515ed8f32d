//! What runs in a container: its files are its own, but the data that it reaches may lie outside it.

use super::evaluation::Eval;
use crate::programs::Argv;

/// Follows `docker exec name command` and its kin for what they do to data.
pub(super) fn executed(run: &mut Eval, words: &[String], input: &str) {
    let Some(at) = words.iter().take(64).position(|word| word == "exec") else {
        return;
    };
    let rest = &words[at..];
    let argv = Argv::of("exec-in-container", rest);
    let Some(name) = argv.operands.first() else {
        return;
    };
    let separator = rest.iter().position(|word| word == "--");
    let inner = match separator {
        Some(at) => rest.get(at + 1..).unwrap_or_default(),
        None => argv.command(1),
    };
    run.unknown_names.push((*name).to_owned());
    let inner = inner.to_vec();
    let outer = std::mem::replace(&mut run.contained, true);
    run.argv(inner, input, false);
    run.contained = outer;
}
