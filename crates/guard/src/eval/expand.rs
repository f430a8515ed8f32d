//! Words into the strings that a command would be given.

use super::evaluation::Eval;
use crate::shell::{CommandKind, Operator, Piece, Script, Target, Word};
use crate::taint::{self, BRACKET, CLOSE, COMMA, EMPTY, OPEN, SPLIT, TILDE, UNKNOWN};
use std::rc::Rc;

/// More words than this are not made of one: the braces are left standing.
const MOST_WORDS: usize = 256;

impl<'c> Eval<'c> {
    /// The words that a list of words becomes.
    pub(super) fn words(&mut self, words: &[Word<'c>]) -> Vec<String> {
        let mut fields = Vec::with_capacity(words.len());
        for word in words {
            self.word_into(word, &mut fields);
        }
        fields
    }

    fn word_into(&mut self, word: &Word<'c>, fields: &mut Vec<String>) {
        let Some(pieces) = &word.pieces else {
            self.spend(word.written.len());
            return fields.push(self.field(word.written));
        };
        let marked = self.marked(pieces);
        self.spend(marked.len());
        // The mark of a quotation stands in front, and mostly it is the only one.
        let text = marked.strip_prefix(EMPTY).unwrap_or(&marked);
        if !marked.is_empty() && !taint::shape_words(text) {
            return fields.push(self.field(text));
        }
        if !marked.contains(OPEN) {
            return self.split_into(&marked, fields);
        }
        for text in braces(&marked) {
            self.split_into(&text, fields);
        }
    }

    /// The text of a word where nothing is split, as in an assignment.
    pub(super) fn joined(&mut self, word: &Word<'c>) -> String {
        let Some(pieces) = &word.pieces else {
            self.spend(word.written.len());
            return word.written.to_owned();
        };
        let marked = self.marked(pieces);
        self.spend(marked.len());
        if !taint::has_marks(&marked) {
            return marked;
        }
        let text = self.finished(&marked);
        match text.contains(SPLIT) {
            true => text.replace(SPLIT, " "),
            false => text,
        }
    }

    fn split_into(&mut self, text: &str, fields: &mut Vec<String>) {
        for part in text.split(SPLIT) {
            if !part.is_empty() {
                fields.push(self.finished(part));
            }
        }
    }

    /// Without the marks that have done their duty.
    fn finished(&self, text: &str) -> String {
        if !taint::has_marks(text) {
            return text.to_owned();
        }
        let is_done = |c: char| matches!(c, EMPTY | OPEN | COMMA | CLOSE | TILDE);
        // The mark of a quotation stands in front, and mostly it is the only one.
        let value = text.strip_prefix(EMPTY).unwrap_or(text);
        if !value.contains(is_done) {
            return value.to_owned();
        }
        let text: String = text.chars().filter(|c| *c != EMPTY).collect();
        let text = self.with_home(&text);
        let plain = |c: char| match c {
            OPEN => '{',
            COMMA => ',',
            CLOSE => '}',
            other => other,
        };
        // A tilde keeps its mark behind `=`, where only some programs read it as a home.
        text.chars().map(plain).collect()
    }

    pub(super) fn marked(&mut self, pieces: &[Piece<'c>]) -> String {
        let mut out = String::new();
        for piece in pieces {
            self.piece(piece, &mut out);
        }
        out
    }

    fn piece(&mut self, piece: &Piece<'c>, out: &mut String) {
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Parameter(parameter) => {
                let Some(value) = self.known(parameter) else {
                    return out.push(UNKNOWN);
                };
                let quoted = parameter.quoted && parameter.name != "@";
                self.push_value(out, &value, quoted);
            }
            Piece::Substitution(script, quoted) => {
                let text = match self.file_alone(script) {
                    Some(text) => text,
                    None => self.substituted(|run| run.script(script, "")),
                };
                self.push_value(out, text.trim_end_matches('\n'), *quoted);
            }
            Piece::Process(script) => {
                let text = self.substituted(|run| run.script(script, ""));
                let number = self.process_file(text);
                out.push_str(&number);
            }
            Piece::Consumer(script) => {
                let path = self.process_file(String::new());
                out.push_str(&path);
                self.consumers.push((path, Rc::clone(script)));
            }
            Piece::Arithmetic(pieces) => {
                let text = self.marked(pieces);
                match text.trim().parse::<i64>() {
                    Ok(number) => out.push_str(&number.to_string()),
                    Err(_) => out.push('1'),
                }
            }
        }
    }

    /// A value as it stands in a word: the separators split it, and globs in it count, unless it is
    /// quoted.
    fn push_value(&self, out: &mut String, value: &str, quoted: bool) {
        if quoted {
            out.push_str(value);
            return;
        }
        let separators = self.separators();
        for c in value.chars() {
            out.push(match c {
                c if separators.contains(c) => SPLIT,
                '*' => taint::STAR,
                '?' => taint::QUESTION,
                '[' => BRACKET,
                TILDE => '~',
                other => other,
            });
        }
    }

    /// `$(<file)` is what the file holds.
    fn file_alone(&mut self, script: &Script<'c>) -> Option<String> {
        let [pipeline] = script.pipelines.as_slice() else {
            return None;
        };
        let [command] = &*pipeline.stages else {
            return None;
        };
        let is_bare = matches!(&command.kind, CommandKind::Simple(assignments, words)
            if assignments.is_empty() && words.is_empty());
        match command.redirections.as_slice() {
            [only] if is_bare && only.operator == Operator::Read => match &only.target {
                Target::Word(word) => {
                    let file = self.joined(word);
                    Some(self.contents(&file).into_owned())
                }
                Target::Document(_) => None,
            },
            _ => None,
        }
    }

    fn substituted(&mut self, evaluate: impl FnOnce(&mut Self) -> String) -> String {
        self.capturing_stdout(true, |run| run.below(|run| run.in_subshell(evaluate)))
    }

    /// Follows what reads, by `>( )`, what a command wrote; what that is, is not always known, and then it may
    /// be all that the command read.
    pub(super) fn consumed(&mut self, input: &str) {
        for (path, script) in std::mem::take(&mut self.consumers) {
            let written = self.files.get(&path).filter(|text| !text.is_empty());
            let text = written.cloned().unwrap_or_else(|| input.to_owned());
            self.substituted(|run| run.script(&script, &text));
        }
    }

    /// The file under which a program reads a process; its contents are remembered.
    fn process_file(&mut self, text: String) -> String {
        let path = format!("/dev/fd/{}", 63 + self.files.len());
        self.files.insert(path.clone(), text);
        path
    }
}

/// The texts that the braces of a text make, itself if it has none.
fn braces(text: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut open = vec![text.to_owned()];
    let mut work = 0;
    while let Some(text) = open.pop() {
        let full = open.len() + done.len() > MOST_WORDS || work > MOST_WORDS * 512;
        match first_brace(&text) {
            Some((before, middle, after)) if !full => {
                let alternatives = alternatives(middle);
                work += alternatives.len() * text.len();
                let made = alternatives.iter().rev();
                open.extend(made.map(|choice| format!("{before}{choice}{after}")));
            }
            _ => done.push(text),
        }
    }
    done
}

/// The first pair of braces that makes words: it has a comma or a range.
fn first_brace(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    // Braces that make nothing are stepped over a few times, so that a long row of them stays cheap.
    for _ in 0..16 {
        let start = from + text[from..].find(OPEN)?;
        let inside = start + OPEN.len_utf8();
        let Some(end) = closing(&text[inside..]) else {
            from = inside;
            continue;
        };
        let middle = &text[inside..inside + end];
        if alternatives(middle).len() > 1 {
            return Some((
                &text[..start],
                middle,
                &text[inside + end + CLOSE.len_utf8()..],
            ));
        }
        from = inside;
    }
    None
}

fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            OPEN => depth += 1,
            CLOSE if depth == 0 => return Some(at),
            CLOSE => depth -= 1,
            _ => {}
        }
    }
    None
}

fn alternatives(middle: &str) -> Vec<String> {
    if let Some((from, to)) = middle.split_once("..") {
        return range(from, to);
    }
    let mut depth = 0usize;
    let mut parts = vec![String::new()];
    for c in middle.chars() {
        match c {
            OPEN => depth += 1,
            CLOSE => depth = depth.saturating_sub(1),
            COMMA if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

/// `{1..9}` and `{a..z}`; the ends of a long range speak for what lies between.
fn range(from: &str, to: &str) -> Vec<String> {
    let to = to.split("..").next().unwrap_or_default();
    if let (Ok(from), Ok(to)) = (from.parse::<i64>(), to.parse::<i64>()) {
        let (low, high) = (
            from.min(to),
            from.max(to).min(from.min(to).saturating_add(31)),
        );
        return (low..=high).map(|number| number.to_string()).collect();
    }
    let (mut a, mut b) = (from.chars(), to.chars());
    match (a.next(), b.next(), a.next(), b.next()) {
        (Some(a), Some(b), None, None) if a.is_ascii() && b.is_ascii() => {
            (a.min(b)..=a.max(b)).map(|c| c.to_string()).collect()
        }
        _ => Vec::new(),
    }
}

/// What stands for a value that only run time knows.
pub(super) fn unknown() -> String {
    UNKNOWN.to_string()
}
