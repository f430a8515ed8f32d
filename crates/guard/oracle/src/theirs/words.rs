//! Words of brush-parser's and what they are made of.

use brush_parser::ast::Word;
use brush_parser::word::{self, Parameter, ParameterExpr, ParameterTestType, SubstringMatchKind};
use brush_parser::word::{ParameterTransformOp, WordPiece, WordPieceWithSource};

use super::{Read, options, script};
use crate::form::{self, Place, Source};
use crate::taint;

/// An absent thing is read; one that is there and cannot be read is not.
pub(super) trait TransposeRead<T> {
    fn transpose_read(self) -> Read<Option<T>>;
}

impl<T> TransposeRead<T> for Option<Read<T>> {
    fn transpose_read(self) -> Read<Option<T>> {
        match self {
            None => Some(None),
            Some(None) => None,
            Some(found) => Some(found),
        }
    }
}

pub(super) fn of_word(word: &Word, source: Source) -> Read<String> {
    Some(source.word(&cooked(&word.value)?, &word.value))
}

/// A word after quote removal.
pub(super) fn cooked(text: &str) -> Read<String> {
    of_pieces(&word::parse(text, &options()).ok()?, false)
}

pub(super) fn quoted_text(text: &str) -> Read<Vec<WordPieceWithSource>> {
    word::parse_heredoc(text, &options()).ok()
}

pub(super) fn of_pieces(pieces: &[WordPieceWithSource], quoted: bool) -> Read<String> {
    of_pieces_in(if quoted { Place::Quotes } else { Place::Word }, pieces)
}

fn of_pieces_in(place: Place, pieces: &[WordPieceWithSource]) -> Read<String> {
    let mut out = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        out.push_str(&of_piece(&piece.piece, place, at + 1 < pieces.len())?);
    }
    Some(out)
}

fn of_piece(piece: &WordPiece, place: Place, more: bool) -> Read<String> {
    let quoted = matches!(place, Place::Quotes | Place::OperandInQuotes);
    Some(match piece {
        // Quotes count in `"${x:-"y"}"` as they do outside.
        WordPiece::Text(text) if place == Place::OperandInQuotes => text.replace('"', ""),
        WordPiece::Text(text) if quoted => text.replace("\\\n", ""),
        WordPiece::Text(text) => form::unquoted(text, more, place),
        WordPiece::SingleQuotedText(text) => text.clone(),
        WordPiece::AnsiCQuotedText(text) => crate::shell::unescaped(text),
        WordPiece::DoubleQuotedSequence(inner) | WordPiece::GettextDoubleQuotedSequence(inner) => {
            of_pieces(inner, true)?
        }
        WordPiece::TildeExpansion(_) => return None,
        WordPiece::ParameterExpansion(inner) => of_parameter(inner, quoted)?,
        WordPiece::CommandSubstitution(text) => {
            form::substitution(&script(text, Source::LOST)?, quoted)
        }
        WordPiece::BackquotedCommandSubstitution(text) => {
            let text = text.replace("\\$", "$").replace("\\\\", "\\");
            form::substitution(&script(&text, Source::LOST)?, quoted)
        }
        WordPiece::EscapeSequence(text) => text[1..].replace('\n', ""),
        WordPiece::ArithmeticExpression(inner) => {
            form::arithmetic(&of_pieces(&quoted_text(&inner.value)?, true)?)
        }
    })
}

/// The text behind the name, read as the place has it: quotes count, or are text.
fn operand(text: &str, quoted: bool) -> Read<String> {
    match quoted {
        true => of_pieces_in(Place::OperandInQuotes, &quoted_text(text)?),
        false => of_pieces_in(Place::Operand, &word::parse(text, &options()).ok()?),
    }
}

fn of_parameter(expression: &ParameterExpr, quoted: bool) -> Read<String> {
    use ParameterExpr as P;
    let none = String::new();
    let (parameter, prefix, text) = match expression {
        P::Parameter {
            parameter,
            indirect,
        } => (parameter, indirected(*indirect), none),
        P::UseDefaultValues {
            parameter,
            indirect,
            test_type,
            default_value: value,
        } => (
            parameter,
            indirected(*indirect),
            tested(test_type, '-', value),
        ),
        P::AssignDefaultValues {
            parameter,
            indirect,
            test_type,
            default_value: value,
        } => (
            parameter,
            indirected(*indirect),
            tested(test_type, '=', value),
        ),
        P::IndicateErrorIfNullOrUnset {
            parameter,
            indirect,
            test_type,
            error_message: value,
        } => (
            parameter,
            indirected(*indirect),
            tested(test_type, '?', value),
        ),
        P::UseAlternativeValue {
            parameter,
            indirect,
            test_type,
            alternative_value: value,
        } => (
            parameter,
            indirected(*indirect),
            tested(test_type, '+', value),
        ),
        P::ParameterLength { parameter, .. } => (parameter, Some('#'), none),
        P::RemoveSmallestSuffixPattern {
            parameter,
            indirect,
            pattern,
        } => (parameter, indirected(*indirect), followed("%", pattern)),
        P::RemoveLargestSuffixPattern {
            parameter,
            indirect,
            pattern,
        } => (parameter, indirected(*indirect), followed("%%", pattern)),
        P::RemoveSmallestPrefixPattern {
            parameter,
            indirect,
            pattern,
        } => (parameter, indirected(*indirect), followed("#", pattern)),
        P::RemoveLargestPrefixPattern {
            parameter,
            indirect,
            pattern,
        } => (parameter, indirected(*indirect), followed("##", pattern)),
        P::UppercaseFirstChar {
            parameter,
            indirect,
            pattern,
        } => (parameter, indirected(*indirect), followed("^", pattern)),
        P::UppercasePattern {
            parameter,
            indirect,
            pattern,
        } => (parameter, indirected(*indirect), followed("^^", pattern)),
        P::LowercaseFirstChar {
            parameter,
            indirect,
            pattern,
        } => (parameter, indirected(*indirect), followed(",", pattern)),
        P::LowercasePattern {
            parameter,
            indirect,
            pattern,
        } => (parameter, indirected(*indirect), followed(",,", pattern)),
        P::Substring {
            parameter,
            indirect,
            offset,
            length,
        } => {
            let length = length.as_ref().map(|length| format!(":{}", length.value));
            let text = format!(":{}{}", offset.value, length.unwrap_or_default());
            (parameter, indirected(*indirect), text)
        }
        P::Transform {
            parameter,
            indirect,
            op,
        } => (
            parameter,
            indirected(*indirect),
            format!("@{}", of_transformation(op)),
        ),
        P::ReplaceSubstring {
            parameter,
            indirect,
            pattern,
            replacement,
            match_kind,
        } => {
            let kind = match match_kind {
                SubstringMatchKind::Prefix => "/#",
                SubstringMatchKind::Suffix => "/%",
                SubstringMatchKind::FirstOccurrence => "/",
                SubstringMatchKind::Anywhere => "//",
            };
            let replacement = replacement.as_ref().map(|text| format!("/{text}"));
            let text = format!("{kind}{pattern}{}", replacement.unwrap_or_default());
            (parameter, indirected(*indirect), text)
        }
        P::VariableNames {
            prefix,
            concatenate,
        } => {
            let star = match (*concatenate, quoted) {
                (false, _) => '@',
                (true, true) => '*',
                (true, false) => taint::STAR,
            };
            return Some(form::parameter(
                Some('!'),
                prefix,
                &star.to_string(),
                quoted,
            ));
        }
        P::MemberKeys {
            variable_name,
            concatenate,
        } => {
            return Some(form::parameter(
                Some('!'),
                variable_name,
                "",
                quoted && *concatenate,
            ));
        }
    };
    let (name, splits) = named(parameter)?;
    let (operator, text) = apart(&text);
    let operand = format!("{operator}{}", operand(text, quoted)?);
    Some(form::parameter(prefix, &name, &operand, quoted && !splits))
}

/// The operator is no text: `,` and `?` are no marks in it.
fn apart(text: &str) -> (&str, &str) {
    let second = text.chars().nth(1);
    let length = match text.chars().next() {
        None => 0,
        Some(':') if second.is_some_and(|c| "-=?+".contains(c)) => 2,
        Some(first @ ('%' | '#' | '/' | '^' | ',')) if second == Some(first) => 2,
        Some(_) => 1,
    };
    text.split_at(length)
}

fn indirected(indirect: bool) -> Option<char> {
    indirect.then_some('!')
}

fn tested(test: &ParameterTestType, sign: char, value: &Option<String>) -> String {
    let colon = match test {
        ParameterTestType::UnsetOrNull => ":",
        ParameterTestType::Unset => "",
    };
    format!("{colon}{sign}{}", value.as_deref().unwrap_or_default())
}

fn followed(operator: &str, pattern: &Option<String>) -> String {
    format!("{operator}{}", pattern.as_deref().unwrap_or_default())
}

fn of_transformation(transformation: &ParameterTransformOp) -> char {
    match transformation {
        ParameterTransformOp::CapitalizeInitial => 'u',
        ParameterTransformOp::ExpandEscapeSequences => 'E',
        ParameterTransformOp::PossiblyQuoteWithArraysExpanded {
            separate_words: true,
        } => 'k',
        ParameterTransformOp::PossiblyQuoteWithArraysExpanded { .. } => 'K',
        ParameterTransformOp::PromptExpand => 'P',
        ParameterTransformOp::Quoted => 'Q',
        ParameterTransformOp::ToAssignmentLogic => 'A',
        ParameterTransformOp::ToAttributeFlags => 'a',
        ParameterTransformOp::ToLowerCase => 'L',
        ParameterTransformOp::ToUpperCase => 'U',
    }
}

/// What is substituted in an index runs.
pub(super) fn with_index(name: &str, index: &str) -> Read<String> {
    let substitutes = index.contains(['$', '`']);
    let index = substitutes.then(|| of_pieces(&quoted_text(&format!("[{index}]"))?, true));
    Some(form::subscripted(name, index.transpose_read()?))
}

/// The name, and whether every value is a word of its own even in quotes. So is an element: which one it is the
/// guard does not know, and it takes all of the array.
fn named(parameter: &Parameter) -> Read<(String, bool)> {
    Some(match parameter {
        Parameter::Positional(number) => (number.to_string(), false),
        Parameter::Special(special) => (special.to_string(), false),
        Parameter::Named(name) => (name.clone(), false),
        Parameter::NamedWithIndex { name, index } => (with_index(name, index)?, true),
        Parameter::NamedWithAllIndices { name, concatenate } => (name.clone(), !concatenate),
    })
}
