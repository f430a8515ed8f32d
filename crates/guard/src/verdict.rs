//! What the guard says: the words its callers read. Layer 0: imports nothing of ours.

/// What becomes of a command or a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Judgement {
    /// It may run, and nothing is to be said about it.
    Allow,
    /// It may run, and its owner may want to know that it did.
    Flag,
    /// It must not run.
    Block,
}

/// How much is lost if the rule is right and the command runs all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Level {
    /// Work that may be had again: flagged, never blocked by default.
    Moderate,
    /// Work, history or a service of others: blocked, unless the operator switches the rule off.
    High,
    /// The machine, the home or its secrets: blocked, whatever the rules are set to.
    Critical,
}

impl Level {
    /// Every level.
    pub const ALL: &'static [Level] = &[Level::Moderate, Level::High, Level::Critical];

    /// The level as events and rule files spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Moderate => "moderate",
            Level::High => "high",
            Level::Critical => "critical",
        }
    }
}

/// The guard's answer, with what a person or a model needs to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// What is to be done.
    pub judgement: Judgement,
    /// The id of the rule that decided; empty for a plain allow.
    pub rule: String,
    /// The level of that rule; `None` for a plain allow.
    pub level: Option<Level>,
    /// The subject of the rule, such as `files` or `git`; empty for a plain allow.
    pub category: String,
    /// The command that the rule is about, as far as it is known, in at most 200 characters.
    pub operation: String,
    /// One line that names the rule and the target.
    pub reason: String,
    /// What can be done instead.
    pub suggestions: Vec<String>,
}

impl Judgement {
    /// Every judgement.
    pub const ALL: &'static [Judgement] = &[Judgement::Allow, Judgement::Flag, Judgement::Block];

    /// The judgement as the JSON of verdicts spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Judgement::Allow => "allow",
            Judgement::Flag => "flag",
            Judgement::Block => "block",
        }
    }
}

impl Verdict {
    /// Nothing to say.
    pub fn allow() -> Verdict {
        Verdict {
            judgement: Judgement::Allow,
            rule: String::new(),
            level: None,
            category: String::new(),
            operation: String::new(),
            reason: String::new(),
            suggestions: Vec::new(),
        }
    }

    /// The judge failed at a call of a tool, which therefore must not run.
    pub fn failure(operation: &str, why: &str) -> Verdict {
        Verdict {
            judgement: Judgement::Block,
            rule: "guard.failure".to_owned(),
            level: Some(Level::Critical),
            category: "guard".to_owned(),
            operation: operation.to_owned(),
            reason: format!("guard.failure: {operation} could not be judged: {why}"),
            suggestions: Vec::new(),
        }
    }

    /// The judge failed at something that another judge will see again.
    pub fn failure_passed(operation: &str, why: &str) -> Verdict {
        Verdict {
            judgement: Judgement::Flag,
            level: Some(Level::Moderate),
            ..Verdict::failure(operation, why)
        }
    }

    /// The same about a call that has run otherwise than it was judged, or without a judgement: it can
    /// only be told. `tool` and `summary` say what ran.
    pub fn of_what_ran(self, tool: &str, summary: &str) -> Verdict {
        let opinion = match self.judgement {
            Judgement::Allow => String::new(),
            Judgement::Flag => format!(" ({})", self.reason),
            Judgement::Block => format!(", and would have been denied ({})", self.reason),
        };
        Verdict {
            judgement: Judgement::Flag,
            rule: "guard.unjudged".to_owned(),
            level: self.level.max(Some(Level::Moderate)),
            category: "guard".to_owned(),
            operation: tool.to_owned(),
            reason: format!(
                "guard.unjudged: {tool} has run, and not as it was judged: {summary}{opinion}"
            ),
            suggestions: Vec::new(),
        }
    }

    /// The one that weighs more; of equals the first.
    pub fn graver(self, other: Verdict) -> Verdict {
        let weight = |verdict: &Verdict| (verdict.judgement, verdict.level);
        if weight(&other) > weight(&self) {
            other
        } else {
            self
        }
    }

    /// Whether there is nothing to say about this.
    pub fn is_plain_allow(&self) -> bool {
        self.judgement == Judgement::Allow
    }

    /// Whether this must not run.
    pub fn is_blocked(&self) -> bool {
        self.judgement == Judgement::Block
    }
}
