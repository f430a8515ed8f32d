//! Redirections: where input comes from, and what becomes of output.

use std::borrow::Cow;

use super::evaluation::Eval;
use crate::checks::{self, is_loopback};
use crate::programs::{ProgramKind, is_of_kind};
use crate::rules;
use crate::shell::{Operator, Piece, Redirection, ShellCommand, Target};
use crate::taint::{self, REMOTE, SHELL, UNKNOWN};

/// What the redirections of a command come to.
#[derive(Default)]
struct Streams<'d> {
    input: Option<Cow<'d, str>>,
    /// The path of standard output, and whether it is appended to.
    output: Option<(String, bool)>,
    /// Files that are written besides.
    others: Vec<(String, bool)>,
    to_network: bool,
}

impl<'c> Eval<'c> {
    pub(super) fn redirected(&mut self, command: &ShellCommand<'c>, input: &str) -> String {
        let mut streams = Streams::default();
        for redirection in &command.redirections {
            self.redirection(redirection, &mut streams);
        }
        let input = streams.input.as_deref().unwrap_or(input);
        let stdout_captured =
            self.stdout_captured || streams.output.is_some() || streams.to_network;
        let printed = self.capturing_stdout(stdout_captured, |run| {
            run.kind(&command.kind, input, streams.to_network)
        });
        let sent = if streams.to_network {
            format!("{input}{printed}")
        } else {
            String::new()
        };
        if streams.to_network && sent.contains(taint::SECRET) {
            self.report(&rules::EXFILTRATION, "a network address");
        }
        if streams.to_network && sent.contains(SHELL) {
            self.report(&rules::REVERSE_SHELL, "a network address");
        }
        for (path, appends) in &streams.others {
            self.check(|facts| checks::check_write(facts, path, "", *appends));
        }
        match streams.output {
            Some((path, appends)) => {
                self.check(|facts| {
                    checks::check_write(facts, &path, &printed, appends);
                    facts.keep(&path, printed, appends);
                });
                String::new()
            }
            None => printed,
        }
    }

    /// The text of a here-document; one in which nothing is expanded is not copied.
    fn document<'d>(&mut self, pieces: &'d [Piece<'c>]) -> Cow<'d, str> {
        match pieces {
            [Piece::Literal(text)] => Cow::Borrowed(text.as_ref()),
            pieces => self.marked(pieces).into(),
        }
    }

    /// A text becomes the input, or what another descriptor reads.
    fn opened<'d>(
        &mut self,
        redirection: &Redirection,
        text: Cow<'d, str>,
        streams: &mut Streams<'d>,
    ) {
        match redirection.descriptor {
            None | Some(0) => streams.input = Some(text),
            Some(number) => drop(self.files.insert(format!("&{number}"), text.into_owned())),
        }
    }

    /// A connection to another machine, which a number may stand for from here on.
    fn connected(&mut self, redirection: &Redirection, streams: &mut Streams) {
        streams.to_network = true;
        if redirection.operator != Operator::Write {
            streams.input = Some(REMOTE.to_string().into());
        }
        let number = redirection.descriptor.unwrap_or(0);
        self.note_connection(number, redirection.operator != Operator::Write);
    }

    /// Notes that a descriptor leads to another machine.
    pub(super) fn note_connection(&mut self, number: u32, reads: bool) {
        if reads {
            self.files.insert(format!("&{number}"), REMOTE.to_string());
        }
        let sent = sent_by(&number.to_string());
        self.files.insert(sent, String::new());
    }

    fn redirection<'d>(&mut self, redirection: &'d Redirection<'c>, streams: &mut Streams<'d>) {
        let word = match &redirection.target {
            Target::Word(word) => self.joined(word),
            Target::Document(place) => {
                let text = place.get().map(|pieces| self.document(pieces));
                return self.opened(redirection, text.unwrap_or_default(), streams);
            }
        };
        if let Some(address) = network_address(&word) {
            if !is_loopback(address) {
                self.connected(redirection, streams);
            }
            return;
        }
        let is_output = redirection.descriptor.is_none_or(|number| number == 1);
        match redirection.operator {
            Operator::Duplicate | Operator::WriteBoth
                if is_output && self.files.contains_key(&sent_by(&word)) =>
            {
                // `<&5` and `>&5` are one operator: both are meant.
                streams.to_network = true;
                let text = self.files.get(&format!("&{word}")).cloned();
                streams.input = text.map(Cow::from).or(streams.input.take());
            }
            Operator::Read => {
                let text = self.contents(&word).into_owned();
                self.opened(redirection, text.into(), streams);
            }
            Operator::HereString => self.opened(redirection, format!("{word}\n").into(), streams),
            Operator::Duplicate if word.parse::<u32>().is_ok() || word == "-" => {
                if let Some(text) = self.files.get(&format!("&{word}")) {
                    streams.input = Some(text.clone().into());
                }
            }
            Operator::HereDocument => {}
            Operator::Append if is_output => streams.output = Some((word, true)),
            _ if is_output => streams.output = Some((word, false)),
            operator => streams.others.push((word, operator == Operator::Append)),
        }
    }
}

/// The name under which it is noted that what is written to a descriptor leaves the machine.
fn sent_by(number: &str) -> String {
    format!(">&{number}")
}

fn network_address(word: &str) -> Option<&str> {
    word.strip_prefix("/dev/tcp/")
        .or_else(|| word.strip_prefix("/dev/udp/"))
}

impl Eval<'_> {
    /// Hands a shell the text on its input.
    pub(super) fn shell_input(&mut self, name: &str, input: &str) -> String {
        if input.is_empty() {
            return SHELL.to_string();
        }
        let printed = match is_of_kind(name, ProgramKind::Shell) {
            true => self.source_text(input),
            false => {
                self.evaluate_code(name, input);
                UNKNOWN.to_string()
            }
        };
        match input.contains(UNKNOWN) {
            true => format!("{printed}{SHELL}"),
            false => printed,
        }
    }
}
