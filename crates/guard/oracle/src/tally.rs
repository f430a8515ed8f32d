//! What came of the comparison of many scripts.

use std::fmt;

use crate::faults::{self, FAULTS};
use crate::form::{self, Form};
use crate::{bash, ours, theirs};

/// So many differences without an explanation are shown; the rest is counted.
const SHOWN: usize = 20;

pub(crate) struct Tally {
    subject: &'static str,
    same: usize,
    unread_by_both: usize,
    /// Read by the guard and by bash, but not by brush-parser.
    only_theirs_fails: usize,
    /// Not read by the guard or by brush-parser, and not by bash either.
    no_script: usize,
    known: [usize; FAULTS.len()],
    unexplained: usize,
    shown: Vec<String>,
}

impl Tally {
    pub(crate) fn new(subject: &'static str) -> Tally {
        Tally {
            subject,
            same: 0,
            unread_by_both: 0,
            only_theirs_fails: 0,
            no_script: 0,
            known: [0; FAULTS.len()],
            unexplained: 0,
            shown: Vec::new(),
        }
    }

    /// Compares a script about which bash may be asked.
    pub(crate) fn add(&mut self, text: &str) -> std::io::Result<()> {
        let (ours, theirs) = (ours::read(text), theirs::read(text));
        if ours.is_some() && theirs.is_some() {
            self.add_read(text, ours.as_ref(), theirs.as_ref());
            return Ok(());
        }
        // What stands in these bash looks at when it runs them.
        let is_late = ["`", "<(", ">("].iter().any(|open| text.contains(open));
        if ours.is_none() && theirs.is_none() && is_late {
            self.unread_by_both += 1;
            return Ok(());
        }
        match (bash::reads(text)?, &ours) {
            (false, _) => self.no_script += 1,
            (true, Some(_)) => self.only_theirs_fails += 1,
            (true, None) => self.differs(text, None, theirs.as_ref()),
        }
        Ok(())
    }

    /// Compares a command that nobody else may see.
    pub(crate) fn add_data(&mut self, text: &str) {
        self.add_read(text, ours::read(text).as_ref(), theirs::read(text).as_ref());
    }

    fn add_read(&mut self, text: &str, ours: Option<&Form>, theirs: Option<&Form>) {
        match (ours, theirs) {
            (None, None) => self.unread_by_both += 1,
            (ours, theirs) if ours == theirs => self.same += 1,
            (ours, theirs) => self.differs(text, ours, theirs),
        }
    }

    fn differs(&mut self, text: &str, ours: Option<&Form>, theirs: Option<&Form>) {
        if let Some(fault) = faults::of(text) {
            self.known[fault] += 1;
            return;
        }
        self.unexplained += 1;
        if self.shown.len() < SHOWN {
            let (ours, theirs) = (form::shown(ours), form::shown(theirs));
            self.shown
                .push(format!("{text:?}\n  guard  {ours}\n  brush  {theirs}"));
        }
    }

    pub(crate) fn is_explained(&self) -> bool {
        self.unexplained == 0
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, to: &mut fmt::Formatter) -> fmt::Result {
        let all = self.known.iter().sum::<usize>()
            + self.same
            + self.unread_by_both
            + self.only_theirs_fails
            + self.no_script
            + self.unexplained;
        writeln!(to, "{all:>7} {}", self.subject)?;
        writeln!(to, "{:>7} the same commands and words", self.same)?;
        writeln!(to, "{:>7} read by neither", self.unread_by_both)?;
        writeln!(
            to,
            "{:>7} not read by brush-parser alone, says bash",
            self.only_theirs_fails
        )?;
        writeln!(to, "{:>7} not read by bash either", self.no_script)?;
        for (count, fault) in self.known.iter().zip(&FAULTS) {
            writeln!(to, "{count:>7} {}", fault.reason)?;
        }
        writeln!(to, "{:>7} unexplained", self.unexplained)?;
        self.shown
            .iter()
            .try_for_each(|shown| writeln!(to, "{shown}"))
    }
}
