//! Commands: lists, pipelines, compound commands, redirections.

use super::few::Few;
use super::parameters::bracketed;
use super::reader::Reader;
use super::syntax::{
    Assignment, CommandKind, Operator, Piece, Pipeline, Redirection, Script, ShellCommand, Target,
    Unreadable, Word, ends_word, is_name,
};

impl<'t> Reader<'t> {
    /// Commands up to a `)`, the end, or one of the words that may close this list.
    pub(super) fn script(&mut self, closers: &[&str]) -> Result<Script<'t>, Unreadable> {
        let mut script = Script {
            pipelines: Vec::with_capacity(1),
        };
        loop {
            self.separators()?;
            match self.byte() {
                None | Some(b')') => break,
                Some(_) if self.at_closer(closers)? => break,
                Some(_) => self.pipeline_into(&mut script)?,
            }
        }
        Ok(script)
    }

    /// The commands of one line, up to its end; `None` at the end of the text. A command that goes on
    /// in further lines belongs to its first.
    pub(super) fn line(&mut self) -> Result<Option<Script<'t>>, Unreadable> {
        let mut script = Script {
            pipelines: Vec::with_capacity(1),
        };
        loop {
            self.blanks();
            match self.byte() {
                None => break,
                Some(b'\n') => {
                    self.lines()?;
                    if !script.pipelines.is_empty() {
                        break;
                    }
                }
                Some(b')') => return Err(Unreadable::Syntax),
                Some(_) if self.at_closer(&[])? => break,
                Some(b';') => self.at += 1,
                Some(_) => self.pipeline_into(&mut script)?,
            }
        }
        Ok(Some(script).filter(|script| !script.pipelines.is_empty()))
    }

    fn at_closer(&self, closers: &[&str]) -> Result<bool, Unreadable> {
        match self.closer() {
            None => Ok(false),
            Some(word) if closers.contains(&word) => Ok(true),
            Some(_) => Err(Unreadable::Syntax),
        }
    }

    /// The word at the cursor that ends a list when it stands where a command would.
    fn closer(&self) -> Option<&'static str> {
        let word = match self.text.as_bytes().get(self.at..)? {
            [b';', b';', ..] => return Some(";;"),
            [b';', b'&', ..] => return Some(";&"),
            [b't', b'h', b'e', b'n', ..] => "then",
            [b'e', b'l', b's', b'e', ..] => "else",
            [b'e', b'l', b'i', b'f', ..] => "elif",
            [b'e', b's', b'a', b'c', ..] => "esac",
            [b'f', b'i', ..] => "fi",
            [b'd', b'o', b'n', b'e', ..] => "done",
            [b'd', b'o', ..] => "do",
            [b'}', ..] => "}",
            _ => return None,
        };
        self.ends_behind(word).then_some(word)
    }

    /// Whether a word ends where this text at the cursor does. A joined line ends none.
    fn ends_behind(&self, text: &str) -> bool {
        match self.byte_after(text.len()) {
            Some(b'\\') => {
                let rest = self.rest()[text.len()..].trim_start_matches("\\\n");
                rest.bytes().next().is_none_or(ends_word)
            }
            byte => byte.is_none_or(ends_word),
        }
    }

    /// Whether this very word stands at the cursor, unquoted and whole.
    pub(super) fn at_keyword(&self, word: &str) -> bool {
        if !self.starts(word) {
            return false;
        }
        word.starts_with(';') || self.ends_behind(word)
    }

    pub(super) fn take_keyword(&mut self, word: &str) -> bool {
        let found = self.at_keyword(word);
        if found {
            self.at += word.len();
        }
        found
    }

    pub(super) fn expect_keyword(&mut self, word: &str) -> Result<(), Unreadable> {
        match self.take_keyword(word) {
            true => Ok(()),
            false => Err(Unreadable::Syntax),
        }
    }

    /// Blanks, joined lines and comments.
    pub(super) fn blanks(&mut self) {
        loop {
            match self.byte() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\\') if self.byte_after(1) == Some(b'\n') => self.at += 2,
                Some(b'#') if self.begins_word() => {
                    let rest = self.rest().as_bytes();
                    self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                }
                _ => return,
            }
        }
    }

    fn begins_word(&self) -> bool {
        let before = self.text.as_bytes().get(self.at.wrapping_sub(1));
        before.is_none_or(|byte| ends_word(*byte))
    }

    /// Blanks and line ends, with the documents that follow a line.
    pub(super) fn lines(&mut self) -> Result<(), Unreadable> {
        loop {
            self.blanks();
            if !self.take("\n") {
                return Ok(());
            }
            self.documents()?;
        }
    }

    pub(super) fn separators(&mut self) -> Result<(), Unreadable> {
        loop {
            self.lines()?;
            let separates = self.byte() == Some(b';') && !self.starts(";;") && !self.starts(";&");
            if !separates {
                return Ok(());
            }
            self.at += 1;
        }
    }

    /// Stages between `|`, and the `&&`, `||`, `;`, `&` behind them.
    fn pipeline_into(&mut self, script: &mut Script<'t>) -> Result<(), Unreadable> {
        // Read in its place: moving commands about takes longer than reading them.
        script.pipelines.push(Pipeline {
            stages: Few::One(ShellCommand::default()),
            background: false,
        });
        let pipeline = script.pipelines.last_mut().ok_or(Unreadable::Syntax)?;
        let mut is_empty = self.prefixes();
        loop {
            if !std::mem::take(&mut is_empty) {
                self.command(pipeline.stages.last_mut().ok_or(Unreadable::Syntax)?)?;
            }
            self.blanks();
            if self.starts("||") || !(self.take("|&") || self.take("|")) {
                break;
            }
            self.lines()?;
            pipeline.stages.push(ShellCommand::default());
        }
        if self.take("&&") || self.take("||") {
            self.lines()?;
            let ends = matches!(self.byte(), None | Some(b')' | b';' | b'&' | b'|'));
            if ends && !self.starts("&>") {
                return Err(Unreadable::Syntax);
            }
        } else if self.byte() == Some(b'&') && self.byte_after(1) != Some(b'>') {
            self.at += 1;
            pipeline.background = true;
        }
        Ok(())
    }

    /// `!` and `time` say nothing about what runs; whether they stand alone is told.
    fn prefixes(&mut self) -> bool {
        let mut found = false;
        loop {
            self.blanks();
            if !matches!(self.byte(), Some(b'!' | b't' | b'-')) {
                break;
            }
            if !(self.take_keyword("!") || self.take_keyword("time") || self.take_keyword("-p")) {
                break;
            }
            found = true;
        }
        let ends = matches!(self.byte(), None | Some(b'\n' | b';' | b')' | b'&' | b'|'));
        found && ends && !self.starts("&>")
    }

    /// Reads into a place of the caller's: moving commands about takes longer than reading them.
    pub(super) fn command(&mut self, command: &mut ShellCommand<'t>) -> Result<(), Unreadable> {
        self.blanks();
        let compound = match self.byte() {
            Some(b'(') => Some(self.parentheses()?),
            Some(b'{' | b'i' | b'w' | b'u' | b'f' | b's' | b'c' | b'[') => self.compound()?,
            _ => None,
        };
        match compound {
            Some(kind) => command.kind = kind,
            None => self.simple(command)?,
        }
        match command.kind {
            CommandKind::Simple(..) => Ok(()),
            _ => self.trailing_redirections(&mut command.redirections),
        }
    }

    fn trailing_redirections(&mut self, into: &mut Vec<Redirection<'t>>) -> Result<(), Unreadable> {
        loop {
            self.blanks();
            match self.redirection()? {
                Some(redirection) => into.push(redirection),
                None => return Ok(()),
            }
        }
    }

    fn simple(&mut self, command: &mut ShellCommand<'t>) -> Result<(), Unreadable> {
        let CommandKind::Simple(assignments, words) = &mut command.kind else {
            return Err(Unreadable::Syntax);
        };
        loop {
            self.blanks();
            match self.byte() {
                Some(b'<' | b'>' | b'&' | b'0'..=b'9')
                    if let Some(redirection) = self.redirection()? =>
                {
                    command.redirections.push(redirection);
                    continue;
                }
                None | Some(b'\n' | b';' | b'&' | b'|' | b')') => break,
                Some(b'(') => {
                    command.kind = self.function_or_error(assignments, words)?;
                    return Ok(());
                }
                _ => {}
            }
            if words.is_empty()
                && let Some((name, subscript, appends)) = self.assigned()
            {
                let is_array = !subscript.is_empty() || self.byte() == Some(b'(');
                // What an array holds besides the one element stays there.
                let appends = appends || !subscript.is_empty();
                let subscript = self.subscript(subscript)?;
                let values = self.values()?;
                assignments.push(Assignment {
                    name,
                    subscript,
                    appends,
                    is_array,
                    values,
                });
            } else if let Some(text) = self.plain_word() {
                words.push(Word::plain(text));
            } else {
                words.push(self.argument()?);
            }
        }
        match assignments.is_empty() && words.is_empty() && command.redirections.is_empty() {
            true => Err(Unreadable::Syntax),
            false => Ok(()),
        }
    }

    /// A word, or the array that `declare a=(...)` is given.
    fn argument(&mut self) -> Result<Word<'t>, Unreadable> {
        let word = self.word_or_error()?;
        if self.byte() != Some(b'(') || !word.written.ends_with('=') {
            return Ok(word);
        }
        self.at += 1;
        let written = word.written;
        let mut pieces = word.into_pieces();
        for (at, value) in self.array()?.into_iter().enumerate() {
            if at > 0 {
                pieces.push(Piece::Literal(" ".into()));
            }
            pieces.extend(value.into_pieces());
        }
        Ok(Word::made_of(pieces, written))
    }

    fn function_or_error(
        &mut self,
        assignments: &[Assignment],
        words: &[Word<'t>],
    ) -> Result<CommandKind<'t>, Unreadable> {
        let name = match words {
            [name] if assignments.is_empty() => name.written,
            _ => return Err(Unreadable::Syntax),
        };
        self.at += 1;
        self.blanks();
        if !self.take(")") {
            return Err(Unreadable::Syntax);
        }
        self.function(name)
    }

    /// `name=`, `name+=` and `name[i]=`: the name, the subscript, and whether the value is appended.
    fn assigned(&mut self) -> Option<(&'t str, &'t str, bool)> {
        let bytes = self.rest().as_bytes();
        let is_letter = |b: &u8| *b == b'_' || b.is_ascii_alphanumeric();
        let mut length = bytes.iter().take_while(|b| is_letter(b)).count();
        let name = &self.text[self.at..self.at + length];
        if !is_name(name) {
            return None;
        }
        let name_length = length;
        if bytes.get(length) == Some(&b'[') {
            length += bracketed(&bytes[length..bytes.len().min(length + 64)])?;
        }
        let subscript = &self.rest()[name_length..length];
        let appends = bytes.get(length) == Some(&b'+') && bytes.get(length + 1) == Some(&b'=');
        length += usize::from(appends);
        if bytes.get(length) != Some(&b'=') {
            return None;
        }
        self.at += length + 1;
        Some((name, subscript, appends))
    }

    /// What stands behind the `=`.
    fn values(&mut self) -> Result<Few<Word<'t>>, Unreadable> {
        Ok(match self.take("(") {
            true => Few::from(self.array()?),
            false => Few::One(self.word()?),
        })
    }

    fn array(&mut self) -> Result<Vec<Word<'t>>, Unreadable> {
        let mut words = Vec::new();
        loop {
            self.lines()?;
            match self.byte() {
                Some(b')') => {
                    self.at += 1;
                    return Ok(words);
                }
                None => return Err(Unreadable::Syntax),
                _ => words.push(self.word_or_error()?),
            }
        }
    }

    fn redirection(&mut self) -> Result<Option<Redirection<'t>>, Unreadable> {
        if !matches!(self.byte(), Some(b'<' | b'>' | b'&' | b'0'..=b'9')) {
            return Ok(None);
        }
        let start = self.at;
        let descriptor = self.descriptor();
        let is_process = self.byte_after(1) == Some(b'(') && self.at == start;
        let operator = match self.byte() {
            Some(b'<' | b'>') if !is_process => self.redirection_operator(),
            Some(b'&') if self.byte_after(1) == Some(b'>') && self.at == start => {
                self.at += if self.starts("&>>") { 3 } else { 2 };
                Some(Operator::WriteBoth)
            }
            _ => None,
        };
        let Some(operator) = operator else {
            self.at = start;
            return Ok(None);
        };
        if operator == Operator::HereDocument {
            let strips_tabs = self.take("-");
            self.blanks();
            return self.document(descriptor, strips_tabs).map(Some);
        }
        self.blanks();
        let target = Target::Word(self.word_or_error()?);
        Ok(Some(Redirection {
            operator,
            descriptor,
            target,
        }))
    }

    /// `2` of `2>`, or the `{name}` of `{name}>`.
    fn descriptor(&mut self) -> Option<u32> {
        let bytes = self.rest().as_bytes();
        let digits = bytes.iter().take(4).take_while(|b| b.is_ascii_digit());
        let length = digits.count();
        if length == 0 || !matches!(bytes.get(length), Some(b'<' | b'>')) {
            return None;
        }
        let number = self.text[self.at..self.at + length].parse().ok();
        self.at += length;
        number
    }

    fn redirection_operator(&mut self) -> Option<Operator> {
        const OPERATORS: [(&str, Operator); 9] = [
            ("<<<", Operator::HereString),
            ("<<", Operator::HereDocument),
            ("<>", Operator::ReadWrite),
            ("<&", Operator::Duplicate),
            ("<", Operator::Read),
            (">>", Operator::Append),
            (">&", Operator::Duplicate),
            (">|", Operator::Write),
            (">", Operator::Write),
        ];
        let found = OPERATORS.into_iter().find(|(text, _)| self.take(text));
        found.map(|(_, operator)| operator)
    }
}
