//! What the guard's reader makes of a script, in the form that both readers are compared in.

use crate::form::{self, Form, Source};
use crate::shell::{
    Assignment, ShellCommand, CommandKind, Operator, Parameter, Piece, Redirection, Script, Target, Texts, Word,
};
use crate::taint;

/// The commands of a text, or `None` if it cannot be read.
pub(crate) fn read(text: &str) -> Option<Form> {
    let mut form = Form::new();
    // As the guard reads it: what one line leaves open goes on in the next.
    let texts = Texts::default();
    for line in crate::shell::lines_below(text, &texts, 0) {
        form.extend(of_script(&line.ok()?, Source::of(text)));
    }
    Some(form)
}

fn of_script(script: &Script, source: Source) -> Form {
    let mut form = Form::new();
    for pipeline in &script.pipelines {
        for (at, stage) in pipeline.stages.iter().enumerate() {
            if at > 0 {
                form.push("|".to_owned());
            }
            form.extend(
                of_command(stage, source)
                    .into_iter()
                    .filter(|line| !line.is_empty()),
            );
        }
        if pipeline.background {
            form.push("&".to_owned());
        }
    }
    form
}

fn of_command(command: &ShellCommand, source: Source) -> Form {
    let redirections = command.redirections.iter();
    let redirections: Vec<String> = redirections.map(|one| redirection(one, source)).collect();
    let script = |script: &Script| of_script(script, source);
    match &command.kind {
        CommandKind::Simple(assignments, words) => vec![form::call(
            assignments.iter().map(|one| assignment(one, source)),
            words.iter().map(|one| word(one, source)),
            redirections,
        )],
        CommandKind::Group(inner) => form::compound("{", vec![script(inner)], redirections),
        CommandKind::Subshell(inner) => form::compound("(", vec![script(inner)], redirections),
        CommandKind::Arms(subjects, arms) => {
            let subjects: Vec<String> = subjects.iter().map(|one| word(one, source)).collect();
            let head = format!("arms {}", subjects.join(" "));
            form::compound(&head, arms.iter().map(script).collect(), redirections)
        }
        CommandKind::For(each) => {
            let words: Vec<String> = each.words.iter().map(|one| word(one, source)).collect();
            let head = format!("for {} {}", each.name, words.join(" "));
            form::compound(&head, vec![script(&each.body)], redirections)
        }
        CommandKind::Function(name, body) => form::compound(
            &format!("function {name}"),
            vec![of_command(body, source)],
            redirections,
        ),
        CommandKind::Test(words) => {
            let words = words.iter().map(cooked);
            form::compound(&form::test(words), Vec::new(), redirections)
        }
    }
}

fn assignment(assignment: &Assignment, source: Source) -> String {
    let values = assignment.values.iter().map(|one| word(one, source));
    let subscript = assignment.subscript.as_ref().map(|inner| pieces(inner));
    let name = form::subscripted(assignment.name, subscript);
    form::assignment(&name, assignment.appends, values)
}

fn redirection(redirection: &Redirection, source: Source) -> String {
    let operator = match redirection.operator {
        Operator::Read => "<",
        Operator::Write => ">",
        Operator::Append => ">>",
        Operator::ReadWrite => "<>",
        Operator::WriteBoth => "&>",
        Operator::Duplicate => "dup",
        Operator::HereString => "<<<",
        Operator::HereDocument => "<<",
    };
    let target = match &redirection.target {
        Target::Word(target) => word(target, source),
        Target::Document(place) => match place.get() {
            Some(document) => pieces(document),
            None => "never reached".to_owned(),
        },
    };
    form::redirection(redirection.descriptor, operator, &target)
}

fn word(word: &Word, source: Source) -> String {
    source.word(&cooked(word), word.written)
}

/// A word after quote removal.
fn cooked(word: &Word) -> String {
    match &word.pieces {
        Some(made_of) => pieces(made_of),
        None => word.written.to_owned(),
    }
}

fn pieces(pieces: &[Piece]) -> String {
    pieces.iter().map(piece).collect()
}

fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Literal(text) => text.replace(taint::EMPTY, "").replace(taint::TILDE, "~"),
        Piece::Parameter(parameter) => of_parameter(parameter),
        Piece::Substitution(script, quoted) => {
            form::substitution(&of_script(script, Source::LOST), *quoted)
        }
        Piece::Process(script) => form::process(&of_script(script, Source::LOST)),
        Piece::Consumer(script) => form::process(&of_script(script, Source::LOST)),
        Piece::Arithmetic(inner) => form::arithmetic(&pieces(inner)),
    }
}

fn of_parameter(parameter: &Parameter) -> String {
    let operand = format!("{}{}", parameter.operator, pieces(&parameter.operand));
    let subscript = parameter.subscript.as_ref().map(|inner| pieces(inner));
    let name = form::subscripted(parameter.name, subscript);
    form::parameter(parameter.prefix, &name, &operand, parameter.quoted)
}
