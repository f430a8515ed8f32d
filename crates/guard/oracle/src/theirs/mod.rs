//! What brush-parser makes of a script, in the form that both readers are compared in.

mod words;

use brush_parser::ast::{
    AndOr, Assignment, AssignmentName, AssignmentValue, Command, CommandPrefixOrSuffixItem,
    CompoundCommand, CompoundList, ExtendedTestExpr, FunctionBody, IoFileRedirectKind,
    IoFileRedirectTarget, IoRedirect, Pipeline, SeparatorOperator, SimpleCommand, UnaryPredicate,
    Word,
};
use brush_parser::word;
use brush_parser::{Parser, ParserOptions};

use crate::form::{self, Form, Source};
use crate::taint;
use words::{TransposeRead, cooked, of_pieces, of_word, quoted_text, with_index};

type Read<T> = Option<T>;

/// The commands of a text, or `None` if it cannot be read.
pub(crate) fn read(text: &str) -> Read<Form> {
    // Only whether there is a source matters here: these words bring their own text. brush-parser
    // panics on some texts, which is as good as an error.
    std::panic::catch_unwind(|| script(text, Source::of(text))).ok()?
}

fn options() -> ParserOptions {
    ParserOptions {
        tilde_expansion_at_word_start: false,
        ..ParserOptions::default()
    }
}

fn script(text: &str, source: Source) -> Read<Form> {
    let program = Parser::new(text.as_bytes(), &options()).parse_program();
    let mut form = Form::new();
    for list in &program.ok()?.complete_commands {
        form.extend(of_list(list, source)?);
    }
    Some(form)
}

fn of_list(list: &CompoundList, source: Source) -> Read<Form> {
    let mut form = Form::new();
    for item in &list.0 {
        form.extend(pipeline(&item.0.first, source)?);
        for more in &item.0.additional {
            let (AndOr::And(next) | AndOr::Or(next)) = more;
            form.extend(pipeline(next, source)?);
        }
        if let SeparatorOperator::Async = item.1 {
            form.push("&".to_owned());
        }
    }
    Some(form)
}

fn pipeline(pipeline: &Pipeline, source: Source) -> Read<Form> {
    let mut form = Form::new();
    for (at, stage) in pipeline.seq.iter().enumerate() {
        if at > 0 {
            form.push("|".to_owned());
        }
        form.extend(command(stage, source)?);
    }
    Some(form)
}

fn command(command: &Command, source: Source) -> Read<Form> {
    let listed = |list: &Option<brush_parser::ast::RedirectList>| match list {
        Some(list) => redirections(list.0.iter(), source),
        None => Some(Vec::new()),
    };
    match command {
        Command::Simple(simple) => Some(vec![of_simple(simple, source)?]),
        Command::Compound(inner, list) => compound(inner, listed(list)?, source),
        Command::Function(function) => {
            let FunctionBody(body, list) = &function.body;
            let body = compound(body, listed(list)?, source)?;
            let head = format!("function {}", function.fname.value);
            Some(form::compound(&head, vec![body], Vec::new()))
        }
        Command::ExtendedTest(test, list) => {
            let mut words = Vec::new();
            operands(&test.expr, &mut words)?;
            let head = form::test(words.into_iter());
            Some(form::compound(&head, Vec::new(), listed(list)?))
        }
    }
}

fn compound(inner: &CompoundCommand, redirections: Vec<String>, source: Source) -> Read<Form> {
    let list = |list: &CompoundList| of_list(list, source);
    let (head, inside) = match inner {
        CompoundCommand::Arithmetic(inner) => {
            let inside = of_pieces(&quoted_text(&inner.expr.value)?, true)?;
            (form::test([inside].into_iter()), Vec::new())
        }
        CompoundCommand::ArithmeticForClause(inner) => {
            let parts = [&inner.initializer, &inner.condition, &inner.updater];
            let parts = parts.map(|part| part.as_ref().map_or("", |part| &part.value));
            let head = of_pieces(&quoted_text(&parts.join(";"))?, true)?;
            let test = form::compound(&form::test([head].into_iter()), Vec::new(), Vec::new());
            let each = form::compound("for", vec![list(&inner.body.list)?], Vec::new());
            ("{".to_owned(), vec![[test, each].concat()])
        }
        CompoundCommand::BraceGroup(inner) => ("{".to_owned(), vec![list(&inner.list)?]),
        CompoundCommand::Subshell(inner) => ("(".to_owned(), vec![list(&inner.list)?]),
        CompoundCommand::ForClause(inner) => {
            let words = inner.values.iter().flatten();
            let words: Read<Vec<String>> = words.map(|one| of_word(one, source)).collect();
            let head = format!("for {} {}", inner.variable_name, words?.join(" "));
            (head, vec![list(&inner.body.list)?])
        }
        CompoundCommand::CaseClause(inner) => {
            let arms = inner
                .cases
                .iter()
                .map(|arm| arm.cmd.as_ref().map_or(Some(Vec::new()), list));
            let mut head = format!("arms {}", of_word(&inner.value, source)?);
            for pattern in inner.cases.iter().flat_map(|arm| &arm.patterns) {
                let pattern = of_word(pattern, source)?;
                if pattern.contains("$(") || pattern.contains("${") {
                    head = format!("{head} {pattern}");
                }
            }
            (head, arms.collect::<Read<_>>()?)
        }
        CompoundCommand::IfClause(inner) => {
            let mut arms = vec![list(&inner.condition)?, list(&inner.then)?];
            for other in inner.elses.iter().flatten() {
                arms.extend(other.condition.as_ref().map(list).transpose_read()?);
                arms.push(list(&other.body)?);
            }
            ("arms".to_owned(), arms)
        }
        CompoundCommand::WhileClause(inner) | CompoundCommand::UntilClause(inner) => (
            "arms".to_owned(),
            vec![list(&inner.0)?, list(&inner.1.list)?],
        ),
        CompoundCommand::Coprocess(inner) => {
            let mut inside = command(&inner.body, source)?;
            inside.push("&".to_owned());
            ("{".to_owned(), vec![inside])
        }
    };
    Some(form::compound(&head, inside, redirections))
}

fn of_simple(simple: &SimpleCommand, source: Source) -> Read<String> {
    let (mut assignments, mut words, mut targets) = (Vec::new(), Vec::new(), Vec::new());
    for item in simple.prefix.iter().flat_map(|prefix| &prefix.0) {
        match item {
            CommandPrefixOrSuffixItem::AssignmentWord(one, _) => {
                assignments.push(assignment(one, source)?);
            }
            other => of_item(other, source, &mut words, &mut targets)?,
        }
    }
    if let Some(name) = &simple.word_or_name {
        words.push(of_word(name, source)?);
    }
    for item in simple.suffix.iter().flat_map(|suffix| &suffix.0) {
        of_item(item, source, &mut words, &mut targets)?;
    }
    Some(form::call(
        assignments.into_iter(),
        words.into_iter(),
        targets,
    ))
}

fn of_item(
    item: &CommandPrefixOrSuffixItem,
    source: Source,
    words: &mut Vec<String>,
    targets: &mut Vec<String>,
) -> Read<()> {
    match item {
        CommandPrefixOrSuffixItem::IoRedirect(one) => targets.extend(redirection(one, source)?),
        CommandPrefixOrSuffixItem::Word(word) => words.push(of_word(word, source)?),
        CommandPrefixOrSuffixItem::AssignmentWord(one, word) => match &one.value {
            AssignmentValue::Scalar(_) => words.push(of_word(word, source)?),
            AssignmentValue::Array(values) => {
                let sign = if one.append { "+=" } else { "=" };
                let name = name_as_written(&one.name);
                let values: Read<Vec<String>> = values.iter().map(element).collect();
                words.push(format!("[{name}{sign}{}]", values?.join(" ")));
            }
        },
        CommandPrefixOrSuffixItem::ProcessSubstitution(_, inner) => {
            let inside = of_list(&inner.list, Source::LOST)?;
            words.push(format!("[{}]", form::process(&inside)));
        }
    }
    Some(())
}

fn name_as_written(name: &AssignmentName) -> String {
    match name {
        AssignmentName::VariableName(name) => name.clone(),
        AssignmentName::ArrayElementName(name, index) => {
            format!("{name}{}{index}]", taint::BRACKET)
        }
    }
}

/// `[key]=value` is a word like others for the guard.
fn element((key, value): &(Option<Word>, Word)) -> Read<String> {
    let value = cooked(&value.value)?;
    Some(match key {
        Some(key) => format!("{}{}]={value}", taint::BRACKET, cooked(&key.value)?),
        None => value,
    })
}

fn assignment(assignment: &Assignment, source: Source) -> Read<String> {
    // The guard keeps an array as one: an element is one more value of it.
    let (name, is_element) = match &assignment.name {
        AssignmentName::VariableName(name) => (name.clone(), false),
        AssignmentName::ArrayElementName(name, index) => (with_index(name, index)?, true),
    };
    let values: Read<Vec<String>> = match &assignment.value {
        AssignmentValue::Scalar(value) => [value]
            .map(|one| of_word(one, source))
            .into_iter()
            .collect(),
        AssignmentValue::Array(values) => values
            .iter()
            .map(|one| match one {
                (None, value) => of_word(value, source),
                (Some(key), value) => {
                    let text = format!("[{}]={}", key.value, value.value);
                    Some(source.word(&element(one)?, &text))
                }
            })
            .collect(),
    };
    Some(form::assignment(
        &name,
        assignment.append || is_element,
        values?.into_iter(),
    ))
}

fn redirections<'r>(
    list: impl Iterator<Item = &'r IoRedirect>,
    source: Source,
) -> Read<Vec<String>> {
    let mut found = Vec::new();
    for one in list {
        found.extend(redirection(one, source)?);
    }
    Some(found)
}

fn redirection(redirection: &IoRedirect, source: Source) -> Read<Option<String>> {
    let number =
        |descriptor: &Option<i32>| descriptor.and_then(|number| u32::try_from(number).ok());
    let (descriptor, operator, target) = match redirection {
        // `|&` is written as if the caller had written it out.
        IoRedirect::File(_, _, IoFileRedirectTarget::Fd(_)) => return Some(None),
        IoRedirect::File(descriptor, kind, target) => (
            number(descriptor),
            of_kind(kind),
            of_target(target, source)?,
        ),
        IoRedirect::HereDocument(descriptor, document) => {
            let text = match document.requires_expansion {
                true => of_pieces(
                    &word::parse_heredoc(&document.doc.value, &options()).ok()?,
                    true,
                )?,
                false => document.doc.value.clone(),
            };
            (number(descriptor), "<<", text)
        }
        IoRedirect::HereString(descriptor, text) => {
            (number(descriptor), "<<<", of_word(text, source)?)
        }
        IoRedirect::OutputAndError(target, _) => (None, "&>", of_word(target, source)?),
    };
    Some(Some(form::redirection(descriptor, operator, &target)))
}

fn of_kind(kind: &IoFileRedirectKind) -> &'static str {
    match kind {
        IoFileRedirectKind::Read => "<",
        IoFileRedirectKind::Write | IoFileRedirectKind::Clobber => ">",
        IoFileRedirectKind::Append => ">>",
        IoFileRedirectKind::ReadAndWrite => "<>",
        IoFileRedirectKind::DuplicateInput | IoFileRedirectKind::DuplicateOutput => "dup",
    }
}

fn of_target(target: &IoFileRedirectTarget, source: Source) -> Read<String> {
    match target {
        IoFileRedirectTarget::Filename(name) | IoFileRedirectTarget::Duplicate(name) => {
            of_word(name, source)
        }
        IoFileRedirectTarget::Fd(number) => Some(number.to_string()),
        IoFileRedirectTarget::ProcessSubstitution(_, inner) => {
            let inside = of_list(&inner.list, Source::LOST)?;
            Some(format!("[{}]", form::process(&inside)))
        }
    }
}

fn operands(test: &ExtendedTestExpr, words: &mut Vec<String>) -> Read<()> {
    match test {
        ExtendedTestExpr::And(left, right) | ExtendedTestExpr::Or(left, right) => {
            operands(left, words)?;
            operands(right, words)?;
        }
        ExtendedTestExpr::Not(inner) => {
            words.push("!".to_owned());
            operands(inner, words)?;
        }
        ExtendedTestExpr::Parenthesized(inner) => operands(inner, words)?,
        ExtendedTestExpr::UnaryTest(UnaryPredicate::StringHasNonZeroLength, word) => {
            words.push(cooked(&word.value)?);
        }
        ExtendedTestExpr::UnaryTest(predicate, word) => {
            words.push(predicate.to_string());
            words.push(cooked(&word.value)?);
        }
        ExtendedTestExpr::BinaryTest(predicate, left, right) => {
            words.push(cooked(&left.value)?);
            let predicate = predicate.to_string();
            words.extend((!["<", ">"].contains(&predicate.as_str())).then_some(predicate));
            words.push(cooked(&right.value)?);
        }
    }
    Some(())
}
