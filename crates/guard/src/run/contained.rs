//! What runs in a container: its files are its own, but the data that it reaches may be anybody's.

use super::super::judge::options::first_operand;
use super::Run;

const VALUED: &str = "-e -u -w -n -c --env --env-file --user --workdir --namespace --container";

/// Follows `docker exec name command` and its kin for what they do to data.
pub(super) fn executed(run: &mut Run, words: &[String], input: &str) {
    let Some(at) = words.iter().take(64).position(|word| word == "exec") else {
        return;
    };
    let rest = &words[at..];
    let Some(name) = first_operand(rest, VALUED) else {
        return;
    };
    let separator = rest.iter().position(|word| word == "--");
    let inner = rest.get(separator.unwrap_or(name) + 1..);
    let outer = std::mem::replace(&mut run.contained, true);
    run.unknown_names.push(rest[name].clone());
    run.argv(inner.unwrap_or_default().to_vec(), input, false);
    run.contained = outer;
}
