//! Whether a message orders a command: it is one, or a sentence governs one.
//!
//! It finds literal commands (the whole message, code spans, code blocks, lists, the rest of a
//! line) and asks `orders` whether the words around them are an order. Pure; any thread.

mod between;
mod blocks;
mod doubts;
mod final_verbs;
mod frames;
mod imperative;
mod means;
mod orders;
mod prefilter;
mod prose;
mod questions;
mod sentences;
mod tail;
mod verbs;
mod wide;
mod wide_words;
mod words;

use std::borrow::Cow;

use crate::verdict::Verdict;

use blocks::{block, fenced, is_fence, item, to_run};
use prose::is_prose;

pub(super) use prefilter::is_plainly_harmless;

/// A message is people's text: beyond this many commands it is a document.
const MOST_COMMANDS: usize = 96;

/// A command that is ordered in a sentence is not longer than this.
const LONGEST_COMMAND: usize = 4096;

/// The verdict on the first command that is ordered and must not run.
pub(super) fn ordered(text: &str, check: impl Fn(&str) -> Option<Verdict>) -> Option<Verdict> {
    let mut search = Search {
        check,
        left: MOST_COMMANDS,
        looks: 8 * MOST_COMMANDS,
    };
    let text = crate::shell::beginning(text);
    let text = &*narrowed(text);
    search
        .whole(text)
        .or_else(|| search.blocks(text))
        .or_else(|| search.spans(text))
        .or_else(|| search.lines(text))
}

/// The text with the marks of a wide script as their narrow kin, so that all else knows one set.
fn narrowed(text: &str) -> Cow<'_, str> {
    let is_wide = |c: char| matches!(c, '\u{ff01}'..='\u{ff5e}' | '\u{3000}');
    if !text.contains(is_wide) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{ff01}' => out.push_str("! "),
            '\u{ff0c}' => out.push_str(", "),
            '\u{ff1a}' => out.push_str(": "),
            '\u{ff1b}' => out.push_str("; "),
            '\u{ff1f}' => out.push_str("? "),
            '\u{ff08}' => out.push('('),
            '\u{ff09}' => out.push(')'),
            '\u{3000}' => out.push(' '),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

/// The lines that are the writer's own words: neither quoted nor inside a fence.
fn spoken(text: &str) -> impl Iterator<Item = &str> {
    let mut is_fenced = false;
    let first = text.lines().next().unwrap_or_default();
    let lines = text.lines().zip(frames::material(text));
    let own = lines.filter(|(_, is_material)| !is_material);
    own.map(|(line, _)| line).filter(move |line| {
        let is_turn = is_turn(line) && *line != first;
        let is_fence = is_fence(line);
        is_fenced ^= is_fence;
        !is_fence && !is_fenced && !is_turn && !is_quoted(line)
    })
}

/// A line of a talk that is shown.
fn is_turn(line: &str) -> bool {
    ["User:", "Human:", "Q:", "A:", "Prompt:"]
        .iter()
        .any(|name| line.starts_with(name))
}

struct Search<J> {
    check: J,
    left: usize,
    /// How many more places are looked at.
    looks: usize,
}

impl<J: Fn(&str) -> Option<Verdict>> Search<J> {
    /// Judges one text as a command; what cannot be read is no reason to stop a message.
    fn check(&mut self, command: &str) -> Option<Verdict> {
        let command = command.trim();
        if self.left == 0 || command.is_empty() || command.len() > LONGEST_COMMAND {
            return None;
        }
        self.left -= 1;
        (self.check)(command)
            .filter(|verdict| !matches!(verdict.rule.as_str(), "code.unreadable" | "guard.budget"))
    }

    /// The whole message is a command.
    fn whole(&mut self, text: &str) -> Option<Verdict> {
        let text = text.trim();
        let prefixes = ["!", "$ ", "/bash ", "/run "];
        let command = prefixes
            .iter()
            .find_map(|prefix| text.strip_prefix(prefix))
            .unwrap_or(text);
        let command = fenced(command).unwrap_or(command);
        let command = command
            .strip_prefix('`')
            .and_then(|rest| rest.strip_suffix('`'))
            .unwrap_or(command);
        match command.len() > LONGEST_COMMAND || command.contains('`') || is_prose(command) {
            true => None,
            false => self.check(command),
        }
    }

    /// Fenced, indented and listed blocks behind a line that orders them.
    fn blocks(&mut self, text: &str) -> Option<Verdict> {
        let lines: Vec<&str> = text.lines().collect();
        let material = frames::material(text);
        let mut lead = "";
        let mut at = 0;
        while at < lines.len() {
            let line = lines[at];
            let is_start = is_fence(line);
            let is_block = is_start
                || line.starts_with("    ")
                || line.starts_with('\t')
                || item(line).is_some()
                || (lead.trim_end().ends_with(':') && !line.trim().is_empty());
            if !is_block {
                if !line.trim().is_empty() {
                    lead = if material[at] { "" } else { line };
                }
                at += 1;
                continue;
            }
            let (end, body) = block(&lines, at, is_start);
            let behind = lines.get(end).copied().unwrap_or_default();
            if orders::introduces(lead)
                && !behind.starts_with("What")
                && let Some(command) = to_run(line, is_start, body)
                && let Some(verdict) = self.check(&command)
            {
                return Some(verdict);
            }
            // A list may have blank lines in it; what else follows a block has no part in its order.
            let goes_on = item(line).is_some()
                && lines
                    .get(end + 1)
                    .copied()
                    .is_some_and(|next| item(next).is_some());
            lead = if goes_on { lead } else { "" };
            at = end.max(at + 1);
        }
        None
    }

    /// Commands in backticks, and in the parentheses of a tool call.
    fn spans(&mut self, text: &str) -> Option<Verdict> {
        for line in spoken(text) {
            let mut at = 0;
            let mut is_chained = false;
            while let Some((start, end)) = span(line, at) {
                let behind = line.get(end + 1..).unwrap_or_default();
                if self.looks == 0 {
                    return None;
                }
                self.looks -= 1;
                let goes_on = is_chained && orders::goes_on(&line[at..start], behind);
                is_chained = goes_on || orders::leads(&line[..start], behind);
                if is_chained
                    && let Some(verdict) =
                        self.check(line[start..end].trim_matches(['`', '(', ')']))
                {
                    return Some(verdict);
                }
                at = end + 1;
            }
        }
        None
    }

    /// The rest of a line behind a verb.
    fn lines(&mut self, text: &str) -> Option<Verdict> {
        for line in spoken(text).filter(|line| line.len() <= LONGEST_COMMAND) {
            if self.looks == 0 {
                return None;
            }
            self.looks -= 1;
            let mut places = orders::beginnings(line);
            places.extend(wide::wide_beginnings(line));
            if let Some(command) = wide::ordered_behind(line)
                && let Some(verdict) = self.check(command)
            {
                return Some(verdict);
            }
            for place in places {
                if let Some(verdict) = self.rest(line.get(place..).unwrap_or_default()) {
                    return Some(verdict);
                }
            }
        }
        None
    }

    /// Where a command ends and the sentence goes on cannot be told, so each seam is tried.
    fn rest(&mut self, text: &str) -> Option<Verdict> {
        let text = without_lead(text);
        if !text.is_ascii() && !text.starts_with(|c: char| c.is_ascii()) {
            return None;
        }
        let mut ends: Vec<usize> = SEAMS.iter().filter_map(|seam| text.find(seam)).collect();
        ends.push(text.len());
        ends.sort_unstable();
        ends.dedup();
        let trimmed = |end: usize| without_end(&text[..end]);
        // What stands in backticks is a span of its own, and no part of a command.
        let bare = ends
            .into_iter()
            .map(trimmed)
            .filter(|command| !command.contains('`'));
        bare.take(12).find_map(|command| self.check(command))
    }
}

/// Where a sentence may go on behind a command.
const SEAMS: [&str; 44] = [
    " and ",
    " so ",
    ", ",
    ". ",
    " then ",
    " on ",
    " in ",
    " please",
    "? ",
    " to ",
    " for ",
    " because",
    " aus",
    ",",
    "。",
    "`",
    "\"",
    " real quick",
    " right ",
    " now",
    " if ",
    " anyway",
    " thanks",
    " ahora",
    " maintenant",
    " s'il",
    " with ",
    " when ",
    " after ",
    " before ",
    " — ",
    " as ",
    " sofort",
    " jetzt",
    " immediately",
    " und ",
    " et ",
    " y ",
    " e ",
    " и ",
    " danach",
    " uit",
    " asap",
    " at ",
];

/// What stands between a verb and a command; a function may have a colon for its name.
fn without_lead(text: &str) -> &str {
    let signs = [' ', ':', '-', '>', '"', '“', '$', ','];
    let trimmed = text.trim_start_matches(signs);
    match trimmed.starts_with("()") && text.contains(":()") {
        true => &text[text.len() - trimmed.len() - 1..],
        false => trimmed,
    }
}

/// Without the end of the sentence; a quote that closes one of the command's own stays.
fn without_end(text: &str) -> &str {
    let text = text.trim_end_matches(['.', '!', '?', '。', ' ']);
    match text.strip_suffix('"') {
        Some(rest) if rest.matches('"').count() % 2 == 0 => rest,
        _ => text,
    }
}

/// Whether this is quoted from someone else.
fn is_quoted(line: &str) -> bool {
    line.starts_with('>')
}

/// The next code span or `Bash(...)` from a place on: its first byte and its end.
fn span(line: &str, from: usize) -> Option<(usize, usize)> {
    let rest = line.get(from..)?;
    let tick = rest.find('`').and_then(|at| {
        let fence = rest[at..].chars().take_while(|c| *c == '`').count();
        let inside = at + fence;
        let end = rest[inside..].find(&"`".repeat(fence))?;
        Some((from + inside, from + inside + end))
    });
    let call = rest.find("Bash(").and_then(|at| {
        let end = rest[at..].rfind(')')?;
        Some((from + at + 4, from + at + end))
    });
    match (tick, call) {
        (Some(tick), Some(call)) => Some(if tick.0 < call.0 { tick } else { call }),
        (tick, call) => tick.or(call),
    }
}
