//! What a `$` begins: parameters, substitutions, arithmetic, and quotes with escapes.

use super::reader::Reader;
use super::syntax::{Parameter, Piece, Pieces, Subscript, Unreadable};
use super::words::{push_char, push_quoted};

impl<'t> Reader<'t> {
    pub(super) fn dollar(
        &mut self,
        pieces: &mut Pieces<'t>,
        quoted: bool,
    ) -> Result<(), Unreadable> {
        match self.byte_after(1) {
            Some(b'(') if self.byte_after(2) == Some(b'(') => {
                self.double_parenthesis(pieces, quoted)
            }
            Some(b'(') => self.substitution(pieces, quoted),
            Some(b'[') => self.old_arithmetic(pieces),
            Some(b'{') => self.braced(pieces, quoted),
            Some(b'\'') if !quoted => self.escape_quoted(pieces),
            Some(b'"') if !quoted => {
                // Text for translation: the quotes are read as usual.
                self.at += 1;
                Ok(())
            }
            // A shell joins the lines first, and then this may begin anything.
            Some(b'\\') if self.byte_after(2) == Some(b'\n') => Err(Unreadable::Syntax),
            Some(byte) if byte == b'_' || byte.is_ascii_alphabetic() => self.named(pieces, quoted),
            Some(byte) if b"0123456789@*#?$!-".contains(&byte) => {
                let name = &self.text[self.at + 1..self.at + 2];
                pieces.push(parameter(name, quoted));
                self.at += 2;
                Ok(())
            }
            _ => {
                push_char(pieces, '$');
                self.at += 1;
                Ok(())
            }
        }
    }

    fn named(&mut self, pieces: &mut Pieces<'t>, quoted: bool) -> Result<(), Unreadable> {
        self.at += 1;
        let name = self.name();
        let goes_on = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
        if self.starts("\\\n") && self.byte_after(2).is_some_and(goes_on) {
            return Err(Unreadable::Syntax);
        }
        pieces.push(parameter(name, quoted));
        Ok(())
    }

    fn name(&mut self) -> &'t str {
        let bytes = self.rest().as_bytes();
        let is_letter = |b: &u8| *b == b'_' || b.is_ascii_alphanumeric();
        let length = bytes.iter().take_while(|b| is_letter(b)).count();
        let name = &self.text[self.at..self.at + length];
        self.at += length;
        name
    }

    fn substitution(&mut self, pieces: &mut Pieces<'t>, quoted: bool) -> Result<(), Unreadable> {
        self.at += 2;
        let script = self.nested(|reader| reader.substituted())?;
        pieces.push(Piece::Substitution(Box::new(script), quoted));
        Ok(())
    }

    /// `$((` begins arithmetic, or a substitution that begins with a subshell.
    fn double_parenthesis(
        &mut self,
        pieces: &mut Pieces<'t>,
        quoted: bool,
    ) -> Result<(), Unreadable> {
        self.at += 1;
        let length = self.arithmetic_length();
        self.at -= 1;
        match length {
            Some(length) => self.arithmetic(pieces, length),
            None => self.substitution(pieces, quoted),
        }
    }

    /// `$[...]`, as bash wrote arithmetic before there was a standard.
    fn old_arithmetic(&mut self, pieces: &mut Pieces<'t>) -> Result<(), Unreadable> {
        let brackets = &self.rest()[1..];
        let length = bracketed(brackets.as_bytes()).ok_or(Unreadable::Syntax)?;
        let found = self.nested(|reader| reader.pieces_of(&brackets[1..length - 1]))?;
        self.at += 1 + length;
        pieces.push(Piece::Arithmetic(Box::new(found)));
        Ok(())
    }

    fn arithmetic(&mut self, pieces: &mut Pieces<'t>, length: usize) -> Result<(), Unreadable> {
        let end = self.at + 1 + length;
        let inside = self.text.get(self.at + 3..end - 2).unwrap_or_default();
        let found = self.nested(|reader| reader.pieces_of(inside))?;
        self.at = end;
        pieces.push(Piece::Arithmetic(Box::new(found)));
        Ok(())
    }

    /// A text read as if it stood in double quotes.
    pub(super) fn pieces_of(&self, text: &'t str) -> Result<Pieces<'t>, Unreadable> {
        let mut reader = Reader {
            text,
            texts: self.texts,
            at: 0,
            depth: self.depth,
            pending: Vec::new(),
        };
        let mut pieces = Pieces::default();
        reader.double_quoted(&mut pieces, None)?;
        Ok(pieces)
    }

    fn braced(&mut self, pieces: &mut Pieces<'t>, quoted: bool) -> Result<(), Unreadable> {
        self.at += 2;
        let prefix = self.prefix();
        let name = match self.byte() {
            Some(byte) if b"@*#?$!-".contains(&byte) => {
                self.at += 1;
                &self.text[self.at - 1..self.at]
            }
            _ => self.name(),
        };
        // Every value of an array is a word of its own, quotes or not.
        let quoted_value = quoted && (!self.starts("[") || self.starts("[*]"));
        let subscript = match self.byte() {
            Some(b'[') => bracketed(self.rest().as_bytes()).ok_or(Unreadable::Syntax)?,
            _ => 0,
        };
        let text = &self.rest()[..subscript];
        self.at += subscript;
        let subscript = self.subscript(text)?;
        let operator = self.operator();
        let operand = self.nested(|reader| match quoted {
            true => reader.operand_in_quotes(),
            false => reader.unquoted(b'}'),
        })?;
        if !self.take("}") {
            return Err(Unreadable::Syntax);
        }
        pieces.push(Piece::Parameter(Box::new(Parameter {
            name,
            subscript,
            quoted: quoted_value,
            prefix,
            operator,
            operand,
        })));
        Ok(())
    }

    /// Quotes count inside `"${x:-"y"}"` as they do outside.
    fn operand_in_quotes(&mut self) -> Result<Pieces<'t>, Unreadable> {
        let mut pieces = Pieces::default();
        while let Some(byte) = self.byte() {
            match byte {
                b'}' => break,
                b'"' => {
                    self.at += 1;
                    self.double_quoted(&mut pieces, Some(b'"'))?;
                    self.at += 1;
                }
                b'\\' => {
                    self.at += 1;
                    if let Some(c) = self.rest().chars().next() {
                        push_char(&mut pieces, c);
                        self.at += c.len_utf8();
                    }
                }
                b'$' => self.dollar(&mut pieces, true)?,
                b'`' => self.backticks(&mut pieces, true)?,
                _ => {
                    let rest = self.rest();
                    let special = |b: &u8| matches!(b, b'}' | b'"' | b'$' | b'`' | b'\\');
                    let length = rest.as_bytes().iter().position(special);
                    let length = length.unwrap_or(rest.len());
                    push_quoted(&mut pieces, &rest[..length]);
                    self.at += length;
                }
            }
        }
        Ok(pieces)
    }

    fn prefix(&mut self) -> Option<char> {
        let byte = self.byte()?;
        let follows_name = self
            .byte_after(1)
            .is_some_and(|b| b == b'_' || b.is_ascii_alphanumeric() || b == b'@');
        if !matches!(byte, b'!' | b'#') || !follows_name {
            return None;
        }
        self.at += 1;
        Some(byte as char)
    }

    /// What is substituted in brackets runs.
    pub(super) fn subscript(&mut self, text: &'t str) -> Result<Subscript<'t>, Unreadable> {
        if memchr::memchr2(b'$', b'`', text.as_bytes()).is_none() {
            return Ok(None);
        }
        let pieces = self.nested(|reader| reader.pieces_of(text))?;
        Ok(Some(Box::new(pieces)))
    }

    fn operator(&mut self) -> &'static str {
        const OPERATORS: [&str; 20] = [
            ":-", ":=", ":+", ":?", "-", "=", "+", "?", "##", "#", "%%", "%", "//", "/", "^^", "^",
            ",,", ",", "@", ":",
        ];
        let found = OPERATORS.into_iter().find(|operator| self.take(operator));
        found.unwrap_or_default()
    }

    /// `$'...'` with the escapes of C.
    fn escape_quoted(&mut self, pieces: &mut Pieces<'t>) -> Result<(), Unreadable> {
        self.at += 2;
        let start = self.at;
        loop {
            match self.byte() {
                None => return Err(Unreadable::Syntax),
                Some(b'\'') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
            }
        }
        let inside = self.text.get(start..self.at).ok_or(Unreadable::Syntax)?;
        push_quoted(pieces, self.texts.alloc(unescaped(inside)));
        self.at += 1;
        Ok(())
    }
}

/// The length of the brackets with which a text begins, if its first line closes them.
pub(super) fn bracketed(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' if depth == 1 => return Some(at + 1),
            b']' => depth -= 1,
            b'\n' => return None,
            _ => {}
        }
    }
    None
}

fn parameter(name: &str, quoted: bool) -> Piece<'_> {
    Piece::Parameter(Box::new(Parameter {
        name,
        subscript: None,
        quoted,
        prefix: None,
        operator: "",
        operand: Pieces::default(),
    }))
}

/// A text with the escapes that `$'...'`, `printf` and `echo -e` know.
pub(crate) fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        rest = escape(&rest[at + 1..], &mut bytes);
    }
    bytes.extend_from_slice(rest.as_bytes());
    let text = String::from_utf8_lossy(&bytes);
    crate::taint::without_marks(&text).replace('\0', "")
}

/// Reads one escape behind its backslash and gives back what follows it.
fn escape<'t>(text: &'t str, bytes: &mut Vec<u8>) -> &'t str {
    let Some(c) = text.chars().next() else {
        bytes.push(b'\\');
        return text;
    };
    let rest = &text[c.len_utf8()..];
    let simple = match c {
        'n' => b'\n',
        't' => b'\t',
        'r' => b'\r',
        'a' => 7,
        'b' => 8,
        'e' | 'E' => 27,
        'f' => 12,
        'v' => 11,
        '\\' | '\'' | '"' | '?' => c as u8,
        'x' => return number(rest, 16, 2, bytes),
        'u' => return number(rest, 16, 4, bytes),
        'U' => return number(rest, 16, 8, bytes),
        '0'..='7' => return number(text, 8, if c == '0' { 4 } else { 3 }, bytes),
        _ => {
            bytes.push(b'\\');
            bytes.extend_from_slice(&text.as_bytes()[..c.len_utf8()]);
            return rest;
        }
    };
    bytes.push(simple);
    rest
}

fn number<'t>(text: &'t str, base: u32, most: usize, bytes: &mut Vec<u8>) -> &'t str {
    let is_digit = |b: &u8| (*b as char).is_digit(base);
    let length = text.bytes().take(most).take_while(|b| is_digit(b)).count();
    let value = u32::from_str_radix(&text[..length], base).unwrap_or_default();
    if most > 4 || most == 4 && base == 16 {
        let c = char::from_u32(value).unwrap_or('\u{FFFD}');
        bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    } else {
        bytes.push(value as u8);
    }
    &text[length..]
}
