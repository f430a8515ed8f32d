//! What is appended to an agent's own system prompt.

/// How the model is told whose words the project's are.
const FRAME: &str = "# Instructions of the project\n\nThese files stand in the work directory. Their \
                     authors ask you to follow them when you work there.\n\n";

/// The caller's words, and then the project's instructions, which are empty if there are none.
pub(super) fn compose(base: Option<&str>, instructions: &str) -> String {
    let mut prompt = base.unwrap_or_default().to_owned();
    if !instructions.is_empty() {
        if !prompt.is_empty() {
            prompt.push_str("\n\n");
        }
        prompt.push_str(FRAME);
        prompt.push_str(instructions);
    }
    prompt
}
