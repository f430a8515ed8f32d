//! Lines of a message that are material: what a line in front of them says is to be read, not done.

use super::between::LEADING;
use super::blocks::is_fence;
use super::doubts::AUTHORING;
use super::sentences::words;
use super::verbs::has;

/// For every line of a text whether the paragraph that it stands in is material.
pub(super) fn material(text: &str) -> Vec<bool> {
    if !text.contains('\n') {
        return vec![false];
    }
    let mut frame = Frame::None;
    let mut is_fenced = false;
    let judged = text.lines().map(|line| {
        is_fenced ^= is_fence(line);
        let is_blank = line.trim().is_empty();
        let is_material = matches!(frame, Frame::Open | Frame::Within) && !is_blank;
        frame = match frame {
            _ if is_fenced => frame,
            Frame::Within if is_blank => Frame::None,
            Frame::Open | Frame::Within if is_rule(line) || is_blank => frame,
            Frame::Open | Frame::Within => Frame::Within,
            Frame::None if frames(line) => Frame::Open,
            Frame::None => Frame::None,
        };
        is_material
    });
    judged.collect()
}

#[derive(Clone, Copy)]
enum Frame {
    None,
    /// The paragraph follows.
    Open,
    Within,
}

fn is_rule(line: &str) -> bool {
    line.trim().chars().all(|c| matches!(c, '-' | '=' | '*'))
}

/// Whether a line makes material of what follows it: `Translate this:`, `The mail says:`.
fn frames(line: &str) -> bool {
    let line = line.trim();
    let may_frame = line.ends_with([':', '?'])
        || ["below", "following", "reproduce", "eport"]
            .iter()
            .any(|word| line.contains(word));
    if !may_frame || line.len() > 300 {
        return false;
    }
    let lower = line.to_lowercase();
    let all = || words(&lower).map(|(_, word)| word);
    let first = all().find(|word| !has(LEADING, word)).unwrap_or_default();
    let is_text =
        AUTHORING.contains(&first) || matches!(first, "classify" | "grade" | "rate" | "summarise");
    let points = || all().any(|word| matches!(word, "below" | "following"));
    let tells = || {
        all().any(|word| {
            matches!(
                word,
                "says" | "said" | "reads" | "wrote" | "writes" | "tells" | "told" | "reports"
            )
        })
    };
    let asks = || {
        let is_polite = matches!(first, "can" | "could" | "would" | "will");
        all().count() <= 8 && !is_polite && all().any(|word| matches!(word, "this" | "these"))
    };
    lower.contains("to reproduce")
        || lower.contains("bug report")
        || is_text && (line.ends_with(':') || points())
        || line.ends_with(':') && tells()
        || line.ends_with('?') && asks()
}
