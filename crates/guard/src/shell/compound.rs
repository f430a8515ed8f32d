//! Compound commands: branches, loops, cases, functions, tests.

use std::rc::Rc;

use super::few::Few;
use super::reader::Reader;
use super::syntax::{CommandKind, For, Piece, Pipeline, Script, ShellCommand, Unreadable, Word};

/// The words that begin a compound command.
const KEYWORDS: [&str; 10] = [
    "{", "if", "while", "until", "for", "select", "case", "function", "[[", "coproc",
];

impl<'t> Reader<'t> {
    /// The length of the arithmetic at the cursor, which stands on `((`. What closes the inner
    /// parenthesis stands right before what closes the outer one; in `((a); (b))` two subshells run.
    pub(super) fn arithmetic_length(&self) -> Option<usize> {
        let inner = self.balanced(1)?;
        (self.byte_after(1 + inner) == Some(b')')).then_some(inner + 2)
    }

    fn double(&mut self, length: usize) -> Result<CommandKind<'t>, Unreadable> {
        let inside = self.text.get(self.at + 2..self.at + length - 2);
        let pieces = self.nested(|reader| reader.pieces_of(inside.unwrap_or_default()))?;
        self.at += length;
        let word = Word::made_of(pieces, inside.unwrap_or_default());
        Ok(CommandKind::Test(vec![word]))
    }

    /// Arithmetic or a subshell.
    pub(super) fn parentheses(&mut self) -> Result<CommandKind<'t>, Unreadable> {
        if self.starts("((")
            && let Some(length) = self.arithmetic_length()
        {
            return self.double(length);
        }
        self.at += 1;
        self.nested(|reader| reader.enclosed())
            .map(CommandKind::Subshell)
    }

    pub(super) fn compound(&mut self) -> Result<Option<CommandKind<'t>>, Unreadable> {
        let first = self.byte();
        let mut likely = KEYWORDS
            .iter()
            .filter(|word| word.as_bytes().first() == first.as_ref());
        let Some(keyword) = likely.find(|word| self.take_keyword(word)) else {
            return Ok(None);
        };
        self.nested(|reader| match *keyword {
            "{" => reader.closed_by("}").map(CommandKind::Group),
            "if" => reader.branches(),
            "while" | "until" => reader.repeated(),
            "for" | "select" => reader.each(),
            "case" => reader.cases(),
            "function" => reader.function_keyword(),
            "coproc" => reader.coprocess(),
            _ => reader.test(),
        })
        .map(Some)
    }

    fn closed_by(&mut self, closer: &str) -> Result<Script<'t>, Unreadable> {
        let script = self.script(&[closer])?;
        self.expect_keyword(closer)?;
        Ok(script)
    }

    fn branches(&mut self) -> Result<CommandKind<'t>, Unreadable> {
        let mut arms = vec![self.closed_by("then")?];
        loop {
            arms.push(self.script(&["elif", "else", "fi"])?);
            if self.take_keyword("fi") {
                return Ok(CommandKind::Arms(Vec::new(), arms));
            }
            if self.take_keyword("elif") {
                arms.push(self.closed_by("then")?);
            } else {
                self.expect_keyword("else")?;
            }
        }
    }

    fn repeated(&mut self) -> Result<CommandKind<'t>, Unreadable> {
        let condition = self.closed_by("do")?;
        let body = self.closed_by("done")?;
        Ok(CommandKind::Arms(Vec::new(), vec![condition, body]))
    }

    fn each(&mut self) -> Result<CommandKind<'t>, Unreadable> {
        self.blanks();
        if self.starts("((") {
            return self.counted();
        }
        let name = self.word()?.written;
        self.lines()?;
        let mut words = Vec::new();
        if self.take_keyword("in") {
            words = self.words_of_line()?;
        }
        self.for_each(name, words)
    }

    /// `for ((a; b; c))`: what is substituted in the head, and then a loop over nothing that is known.
    fn counted(&mut self) -> Result<CommandKind<'t>, Unreadable> {
        let length = self.arithmetic_length().ok_or(Unreadable::Syntax)?;
        let head = self.double(length)?;
        let each = self.for_each("", Vec::new())?;
        let pipelines = vec![Pipeline::of(head), Pipeline::of(each)];
        Ok(CommandKind::Group(Script { pipelines }))
    }

    fn for_each(
        &mut self,
        name: &'t str,
        words: Vec<Word<'t>>,
    ) -> Result<CommandKind<'t>, Unreadable> {
        let body = self.body()?;
        Ok(CommandKind::For(Box::new(For { name, words, body })))
    }

    fn body(&mut self) -> Result<Script<'t>, Unreadable> {
        self.separators()?;
        if self.take_keyword("{") {
            return self.closed_by("}");
        }
        self.expect_keyword("do")?;
        self.closed_by("done")
    }

    fn words_of_line(&mut self) -> Result<Vec<Word<'t>>, Unreadable> {
        let mut words = Vec::new();
        loop {
            self.blanks();
            match self.byte() {
                None | Some(b'\n' | b';' | b')' | b'&' | b'|') => return Ok(words),
                _ => words.push(self.word_or_error()?),
            }
        }
    }

    /// A word that moves the cursor, or an error: nothing may be read for ever.
    pub(super) fn word_or_error(&mut self) -> Result<Word<'t>, Unreadable> {
        let before = self.at;
        let word = self.word()?;
        match self.at > before {
            true => Ok(word),
            false => Err(Unreadable::Syntax),
        }
    }

    fn cases(&mut self) -> Result<CommandKind<'t>, Unreadable> {
        self.blanks();
        let subject = self.word_or_error()?;
        self.lines()?;
        self.expect_keyword("in")?;
        let (mut subjects, mut arms) = (vec![subject], Vec::new());
        loop {
            self.separators()?;
            if self.take_keyword("esac") {
                return Ok(CommandKind::Arms(subjects, arms));
            }
            self.pattern(&mut subjects)?;
            arms.push(self.script(&["esac", ";;", ";&"])?);
            let ends = [";;&", ";;", ";&"];
            let found = ends.into_iter().any(|end| self.take(end));
            if !found && !self.at_keyword("esac") {
                return Err(Unreadable::Syntax);
            }
        }
    }

    /// `(a|b)` in front of an arm, of which only what is substituted matters.
    fn pattern(&mut self, subjects: &mut Vec<Word<'t>>) -> Result<(), Unreadable> {
        self.take("(");
        loop {
            self.lines()?;
            match self.byte() {
                Some(b')') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'|') => self.at += 1,
                None => return Err(Unreadable::Syntax),
                _ => {
                    let word = self.word_or_error()?;
                    let mut pieces = word.pieces.iter().flat_map(|pieces| pieces.iter());
                    let is_text = pieces.all(|piece| matches!(piece, Piece::Literal(_)));
                    subjects.extend((!is_text).then_some(word));
                }
            }
        }
    }

    /// A command that runs beside the shell. Before a compound command the name of a variable may stand.
    fn coprocess(&mut self) -> Result<CommandKind<'t>, Unreadable> {
        self.blanks();
        let start = self.at;
        if !self.at_compound() && self.plain_word().is_some() {
            self.blanks();
            if !self.at_compound() {
                self.at = start;
            }
        }
        let mut command = ShellCommand::default();
        self.command(&mut command)?;
        let pipeline = Pipeline {
            stages: Few::One(command),
            background: true,
        };
        let pipelines = vec![pipeline];
        Ok(CommandKind::Group(Script { pipelines }))
    }

    fn at_compound(&self) -> bool {
        self.starts("(") || KEYWORDS.iter().any(|word| self.at_keyword(word))
    }

    fn function_keyword(&mut self) -> Result<CommandKind<'t>, Unreadable> {
        self.blanks();
        let name = self.word_or_error()?.written;
        self.blanks();
        let start = self.at;
        let has_parentheses = self.take("(") && {
            self.blanks();
            self.take(")")
        };
        if !has_parentheses {
            // What stands here is the body, which may be a subshell.
            self.at = start;
        }
        self.function(name)
    }

    pub(super) fn function(&mut self, name: &'t str) -> Result<CommandKind<'t>, Unreadable> {
        self.lines()?;
        let mut body = ShellCommand::default();
        self.nested(|reader| reader.command(&mut body))?;
        Ok(CommandKind::Function(name, Rc::new(body)))
    }

    /// `[[ ... ]]`, where `<`, `>`, `(`, `|` and `&` are no operators of the shell.
    fn test(&mut self) -> Result<CommandKind<'t>, Unreadable> {
        let mut words = Vec::new();
        loop {
            self.lines()?;
            if self.take_keyword("]]") {
                return Ok(CommandKind::Test(words));
            }
            match self.byte() {
                None => return Err(Unreadable::Syntax),
                Some(b'<' | b'>' | b'(' | b')' | b'|' | b'&' | b';') => self.at += 1,
                _ => words.push(self.word_or_error()?),
            }
        }
    }
}
