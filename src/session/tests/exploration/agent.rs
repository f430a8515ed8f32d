//! A small model of an agent: what it may say next, and nothing of how long that takes.

use std::collections::VecDeque;

/// How an agent marks what it says. Each is that of a version that was measured, or of an agent
/// that was met in the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Dialect {
    /// Claude Code 2.1.330: names prompts at their start and in results, and says of what it began
    /// by itself that it did.
    Names,
    /// The same without names in results.
    Origins,
    /// The same without either: only starts are named.
    NamedStarts,
    /// Up to 2.0.76: a start without a name, for whatever it begins.
    MarksEach,
    /// Introduces itself in its first turn and never marks a start again.
    MarksOnce,
    /// Marks nothing.
    MarksNothing,
    /// As `MarksEach`, but what it begins by itself can cross a prompt, and then nobody can tell.
    Crosses,
}

impl Dialect {
    pub(super) const ALL: [Dialect; 6] = [
        Dialect::Names,
        Dialect::Origins,
        Dialect::NamedStarts,
        Dialect::MarksEach,
        Dialect::MarksOnce,
        Dialect::MarksNothing,
    ];

    pub(super) fn names_starts(self) -> bool {
        matches!(
            self,
            Dialect::Names | Dialect::Origins | Dialect::NamedStarts
        )
    }

    pub(super) fn tells_origins(self) -> bool {
        matches!(self, Dialect::Names | Dialect::Origins)
    }

    /// Its first start says already that it names prompts.
    fn announces(self) -> bool {
        matches!(self, Dialect::Names | Dialect::Origins)
    }

    /// A start comes before everything that belongs to a prompt.
    pub(super) fn marks_every_start(self) -> bool {
        self.names_starts() || matches!(self, Dialect::MarksEach | Dialect::Crosses)
    }
}

/// One thing the agent says. `None` is something that it began by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Line {
    NamesTurns,
    Queued(u64),
    NamedStart(u64),
    Start,
    Answer(Option<u64>),
    Over(u64),
    Result(Option<u64>),
    /// A result that says whose it is: prompts, or none.
    SignedResult(Option<u64>),
    /// The result of something of its own, into which it had taken a prompt that it does not name.
    ResultOfBoth(u64),
    Failure(Option<u64>),
    SignedFailure(Option<u64>),
    Question,
}

/// What the agent works on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Job {
    turn: Option<u64>,
    /// Marks that stand before the first word.
    marks: VecDeque<Line>,
    answered: bool,
    /// The prompt was taken into something that the agent had begun by itself.
    taken_in: bool,
    over: bool,
    interrupted: bool,
}

/// What the agent does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Read,
    Begin,
    BeginByItself,
    Mark,
    Answer,
    TakeIn,
    GetThrough,
    End,
    LateWord,
    LateResult,
    Ask,
}

const STEPS: [Step; 11] = [
    Step::Read,
    Step::Begin,
    Step::BeginByItself,
    Step::Mark,
    Step::Answer,
    Step::TakeIn,
    Step::GetThrough,
    Step::End,
    Step::LateWord,
    Step::LateResult,
    Step::Ask,
];

/// One process of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Agent {
    pub(super) dialect: Dialect,
    resumed: bool,
    pub(super) closing: bool,
    unread: VecDeque<u64>,
    read: Option<u64>,
    job: Option<Job>,
    introduced: bool,
    pub(super) last_ended: Option<u64>,
    turns_ended: u8,
    /// How often it still does what it need not do.
    late: u8,
    own: u8,
    questions: u8,
}

impl Agent {
    pub(super) fn new(dialect: Dialect, resumed: bool, extras: u8) -> Agent {
        Agent {
            dialect,
            resumed,
            closing: false,
            unread: VecDeque::new(),
            read: None,
            job: None,
            introduced: false,
            last_ended: None,
            turns_ended: 0,
            late: extras,
            own: extras,
            questions: 1,
        }
    }

    pub(super) fn prompt(&mut self, turn: u64) {
        self.unread.push_back(turn);
    }

    /// What a resumed agent has to say to itself is said at once, and is not interrupted.
    pub(super) fn interrupt(&mut self) {
        let at_resume = self.turns_ended == 0 && !self.dialect.names_starts();
        if let Some(job) = &mut self.job {
            job.interrupted = job.turn.is_some() || !at_resume;
        }
    }

    /// It still has something to say for this turn.
    pub(super) fn owes(&self, turn: u64) -> bool {
        let job = self.job.as_ref();
        self.unread.contains(&turn)
            || self.read == Some(turn)
            || job.is_some_and(|job| job.turn == Some(turn))
    }

    pub(super) fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        STEPS.into_iter().filter(|step| self.may(*step))
    }

    fn may(&self, step: Step) -> bool {
        let has_prompt = self.read.is_some() || !self.unread.is_empty();
        let free = self.job.is_none();
        let job = |test: fn(&Job) -> bool| self.job.as_ref().is_some_and(test);
        match step {
            Step::Read => self.read.is_none() && !self.unread.is_empty(),
            Step::Begin => free && self.read.is_some(),
            Step::BeginByItself => free && self.own > 0 && self.may_begin_by_itself(has_prompt),
            Step::Mark => job(|job| !job.marks.is_empty()),
            Step::Answer => {
                job(|job| job.marks.is_empty() && !job.answered && !job.interrupted)
                    && self.may_answer()
            }
            Step::TakeIn => {
                job(|job| job.turn.is_none() && job.marks.is_empty() && !job.interrupted)
                    && self.read.is_some()
                    && self.dialect.tells_origins()
            }
            Step::GetThrough => job(|job| job.taken_in && job.answered && !job.over),
            Step::End => job(|job| {
                let said = job.answered || job.turn.is_none() || job.interrupted;
                job.marks.is_empty() && said && (job.over || !job.taken_in)
            }),
            // Once the next prompt is begun nobody can tell late words from its own.
            Step::LateWord => {
                free && self.late > 0 && self.last_ended.is_some() && self.may_be_late(has_prompt)
            }
            Step::LateResult => {
                self.late > 0
                    && self.last_ended.is_some()
                    && (self.dialect == Dialect::Names || free)
                    && self.may_be_late(has_prompt)
            }
            Step::Ask => self.questions > 0 && self.turns_ended > 0,
        }
    }

    /// An agent that does not name starts is not sent a prompt while it works on something of its
    /// own, but the two can cross. Only at a resume is there a way to tell.
    fn may_begin_by_itself(&self, has_prompt: bool) -> bool {
        if self.dialect.names_starts() {
            return self.resumed || self.turns_ended > 0;
        }
        let at_resume = self.resumed && self.turns_ended == 0 && self.last_ended.is_none();
        match self.dialect {
            Dialect::Crosses => self.turns_ended > 0,
            Dialect::MarksEach => at_resume || (self.turns_ended > 0 && !has_prompt),
            Dialect::MarksNothing => at_resume && has_prompt,
            _ => false,
        }
    }

    /// Before anything is known of an agent, an own answer is the first turn's for everybody.
    fn may_answer(&self) -> bool {
        let own = self.job.as_ref().is_some_and(|job| job.turn.is_none());
        let known =
            self.dialect.announces() || (self.dialect.names_starts() && self.read.is_some());
        !own || known || self.turns_ended > 0
    }

    fn may_be_late(&self, has_prompt: bool) -> bool {
        self.dialect.marks_every_start() || !has_prompt
    }

    /// Does a step, and gives back what is said.
    pub(super) fn take(&mut self, step: Step) -> Vec<Line> {
        match step {
            Step::Read => {
                self.read = self.unread.pop_front();
                let queued = self.read.filter(|_| self.dialect.names_starts());
                queued.map(Line::Queued).into_iter().collect()
            }
            Step::Begin => {
                let turn = self.read.take();
                self.begin(turn);
                Vec::new()
            }
            Step::BeginByItself => {
                self.own -= 1;
                self.begin(None);
                let marks = self.job.as_mut().map(|job| &mut job.marks);
                // Without names, a prompt that crosses the start is begun by it for everybody.
                match marks.filter(|_| self.dialect == Dialect::MarksEach) {
                    Some(marks) => marks.drain(..).collect(),
                    None => Vec::new(),
                }
            }
            Step::Ask => {
                self.questions -= 1;
                vec![Line::Question]
            }
            Step::LateWord => {
                self.late -= 1;
                vec![Line::Answer(self.last_ended)]
            }
            Step::LateResult => {
                self.late -= 1;
                vec![self.result(self.last_ended, false)]
            }
            Step::End => self.end(),
            Step::Mark | Step::Answer | Step::TakeIn | Step::GetThrough => self.go_on(step),
        }
    }

    fn begin(&mut self, turn: Option<u64>) {
        let mut marks = VecDeque::new();
        if self.dialect.announces() && !self.introduced {
            marks.push_back(Line::NamesTurns);
        }
        if let Some(turn) = turn.filter(|_| self.dialect.names_starts()) {
            marks.push_back(Line::NamedStart(turn));
        }
        let introduces = match self.dialect {
            Dialect::MarksNothing => false,
            Dialect::MarksOnce => !self.introduced,
            _ => true,
        };
        if introduces {
            marks.push_back(Line::Start);
        }
        self.introduced = true;
        self.job = Some(Job {
            turn,
            marks,
            answered: false,
            taken_in: false,
            over: false,
            interrupted: false,
        });
    }

    fn go_on(&mut self, step: Step) -> Vec<Line> {
        let read = &mut self.read;
        let Some(job) = &mut self.job else {
            return Vec::new();
        };
        match step {
            Step::Mark => return job.marks.pop_front().into_iter().collect(),
            Step::Answer => {
                job.answered = true;
                return vec![Line::Answer(job.turn)];
            }
            Step::TakeIn => {
                job.turn = read.take();
                job.taken_in = true;
                job.answered = false;
                return job.turn.map(Line::NamedStart).into_iter().collect();
            }
            _ => job.over = true,
        }
        job.turn.map(Line::Over).into_iter().collect()
    }

    fn end(&mut self) -> Vec<Line> {
        let Some(job) = self.job.take() else {
            return Vec::new();
        };
        // Without its name the result of a prompt that was taken in says where it was taken.
        let signed_as_own = job.taken_in && self.dialect == Dialect::Origins;
        let line = match job.turn {
            Some(_) if signed_as_own && job.interrupted => Line::SignedFailure(None),
            Some(turn) if signed_as_own => Line::ResultOfBoth(turn),
            turn => self.result(turn, job.interrupted),
        };
        self.turns_ended += u8::from(job.turn.is_some());
        self.last_ended = job.turn.or(self.last_ended);
        let over = job
            .turn
            .filter(|_| self.dialect.names_starts() && !job.over);
        [Some(line), over.map(Line::Over)]
            .into_iter()
            .flatten()
            .collect()
    }

    fn result(&self, turn: Option<u64>, failed: bool) -> Line {
        let signed = match self.dialect {
            Dialect::Names => true,
            Dialect::Origins => turn.is_none(),
            _ => false,
        };
        match (signed, failed) {
            (true, false) => Line::SignedResult(turn),
            (true, true) => Line::SignedFailure(turn),
            (false, false) => Line::Result(turn),
            (false, true) => Line::Failure(turn),
        }
    }
}
