//! What an agent asks before it runs a tool: judged at the gate, answered, reported and recorded.
//!
//! Runs on the io thread. What needs neither time nor the disk is judged at once. While a call is with
//! the judge thread, the agent's output after it waits here and no more is read: everything reaches
//! the session in the order it was written. What the gate does not block goes on to the session, whose
//! business permissions are.

use std::borrow::Cow;
use std::time::SystemTime;

use super::gate::SessionDirs;
use super::judge::{self, JudgeRequest};
use super::open_call::{OpenCall, ToolQuestion};
use super::slot::{Context, Slot};
use super::spawner::Job;
use crate::event::{DangerBlock, Decision, EventKind, PermissionRequest, ToolUse};
use crate::message::{GateQuestion, Message};
use crate::notice::NoticeCode;
use crate::store::AuditEntry;
use hotplex_guard::{ToolEffect, Verdict};

impl Slot {
    /// Takes over what the agent said.
    pub(super) fn handle_message(&mut self, message: Message, context: &mut Context<'_>) {
        if self.tool_gate.is_open() {
            return self.tool_gate.deferred.push_back(message);
        }
        let for_session = match message {
            Message::GateAsked(question) => self.on_call(ToolQuestion::Gate(question), context),
            Message::GateAskedAgain(question) => {
                self.on_call(ToolQuestion::Again(question), context)
            }
            Message::RanUnjudged(ran) => self.on_call(ToolQuestion::Ran(ran), context),
            Message::ApprovalAsked(request) => {
                self.on_call(ToolQuestion::Approval(request), context)
            }
            Message::ProgramVersion(version) => {
                self.note_version(&version, context);
                None
            }
            message => Some(message),
        };
        self.pass_on(for_session, context);
    }

    /// The judge thread has a verdict. It is of no use if nobody waits for it any more.
    pub(super) fn judged(&mut self, number: u64, verdict: Verdict, context: &mut Context<'_>) {
        if let Some(call) = self.tool_gate.take_open(|open| open.number == number) {
            self.finish_call(call, verdict, context);
        }
    }

    /// A verdict that does not come is a no.
    pub(super) fn expire_verdict(&mut self, context: &mut Context<'_>) {
        let now = context.now;
        if let Some(call) = self.tool_gate.take_open(|open| open.until <= now) {
            let limit = judge::LIMIT.as_secs();
            let why = format!("there was no verdict within {limit} s");
            let verdict = Verdict::failure(&call.tool().name, &why);
            self.finish_call(call, verdict, context);
        }
    }

    /// The process has ended: the verdict is not needed, and what was said behind the question
    /// is handled now.
    pub(super) fn drop_open_call(&mut self, context: &mut Context<'_>) {
        self.tool_gate.open = None;
        self.handle_deferred(context);
    }

    fn finish_call(&mut self, call: ToolQuestion, verdict: Verdict, context: &mut Context<'_>) {
        let for_session = self.answer(call, verdict, context);
        self.pass_on(for_session, context);
        self.handle_deferred(context);
    }

    fn handle_deferred(&mut self, context: &mut Context<'_>) {
        while !self.tool_gate.is_open()
            && let Some(message) = self.tool_gate.deferred.pop_front()
        {
            self.handle_message(message, context);
        }
    }

    fn pass_on(&mut self, message: Option<Message>, context: &mut Context<'_>) {
        if let Some(message) = message {
            self.session.message(message, context.now, context.actions);
        }
    }

    fn on_call(&mut self, call: ToolQuestion, context: &mut Context<'_>) -> Option<Message> {
        let shared = context.shared;
        let provider = shared.spawn_config.provider.as_ref();
        let verdict = match shared.gate.effects(call.tool(), provider) {
            Err(verdict) => *verdict,
            Ok(effects) => {
                let (name, dirs) = (&call.tool().name, self.dirs(&call));
                match shared.gate.judge_at_once(name, &effects, &dirs) {
                    Some(verdict) => verdict,
                    None => return self.send_to_judge(call, effects, context),
                }
            }
        };
        self.answer(call, verdict, context)
    }

    /// Hands a call to the judge thread; without one it does not run.
    fn send_to_judge(
        &mut self,
        call: ToolQuestion,
        effects: Vec<ToolEffect>,
        context: &mut Context<'_>,
    ) -> Option<Message> {
        self.tool_gate.asked += 1;
        let number = self.tool_gate.asked;
        let question = JudgeRequest {
            slot: self.key,
            number,
            tool: call.tool().name.clone(),
            effects,
            dirs: self.dirs(&call).into_owned(),
        };
        if context.to_judge.send(question).is_err() {
            let verdict = Verdict::failure(&call.tool().name, "the judge thread has ended");
            return self.answer(call, verdict, context);
        }
        let until = context.now + judge::LIMIT;
        self.tool_gate.open = Some(OpenCall {
            number,
            call,
            until,
        });
        None
    }

    /// Answers the agent, and gives back what is for the session.
    fn answer(
        &mut self,
        call: ToolQuestion,
        verdict: Verdict,
        context: &mut Context<'_>,
    ) -> Option<Message> {
        match call {
            ToolQuestion::Gate(question) => self.answer_gate(*question, verdict, context),
            // A flag was reported when the hook asked.
            ToolQuestion::Again(question) if !verdict.is_blocked() => {
                self.tell_gate(&question, None, context);
                None
            }
            ToolQuestion::Again(question) => self.answer_gate(*question, verdict, context),
            ToolQuestion::Ran(ran) => {
                let told = verdict.of_what_ran(&ran.tool.name, &ran.tool.summary);
                self.report(told, ran.tool, context)
            }
            ToolQuestion::Approval(request) => self.answer_approval(request, verdict, context),
        }
    }

    fn answer_gate(
        &mut self,
        question: GateQuestion,
        verdict: Verdict,
        context: &mut Context<'_>,
    ) -> Option<Message> {
        let denied = verdict.is_blocked().then(|| denial_text(&verdict));
        self.tell_gate(&question, denied.as_deref(), context);
        self.report(verdict, question.tool, context)
    }

    fn tell_gate(
        &mut self,
        question: &GateQuestion,
        denied: Option<&str>,
        context: &mut Context<'_>,
    ) {
        if let Some(child) = &mut self.child {
            child.answer_gate(context.registry, &question.request_id, denied);
        }
    }

    fn answer_approval(
        &mut self,
        request: Box<PermissionRequest>,
        verdict: Verdict,
        context: &mut Context<'_>,
    ) -> Option<Message> {
        if !verdict.is_blocked() {
            return Some(Message::ApprovalAsked(request));
        }
        let decision = Decision::deny(denial_text(&verdict));
        if let Some(child) = &mut self.child {
            child.decide(context.registry, &request.request_id, &decision);
        }
        self.report(verdict, request.tool, context)
    }

    fn dirs<'a>(&'a self, call: &'a ToolQuestion) -> SessionDirs<'a> {
        let real = self.child.as_ref().map(|child| child.work_dir.as_path());
        let private = self
            .child
            .as_ref()
            .and_then(|child| child.private.as_deref());
        SessionDirs {
            work_dir: Cow::Borrowed(&self.spawn_key.work_dir),
            real_work_dir: real.map(Cow::Borrowed),
            private: private.map(Cow::Borrowed),
            current_dir: call.current_dir().map(Cow::Borrowed),
        }
    }

    /// Everything but a plain allow is recorded for the operator and reported to the caller.
    fn report(
        &mut self,
        verdict: Verdict,
        tool: ToolUse,
        context: &mut Context<'_>,
    ) -> Option<Message> {
        if verdict.is_plain_allow() {
            return None;
        }
        let entry = AuditEntry {
            at: SystemTime::now(),
            session: self.session.id().clone(),
            turn: self.session.running_turn(),
            tool: Some(tool.name.clone()),
            verdict: verdict.clone(),
        };
        let _ = context.jobs.send(Job::Audit(Box::new(entry)));
        Some(Message::Event(if verdict.is_blocked() {
            let tool = Some(tool);
            EventKind::DangerBlock(Box::new(DangerBlock { verdict, tool }))
        } else {
            EventKind::warning(NoticeCode::DangerFlag, verdict.reason)
        }))
    }
}

/// The model can only go on sensibly if it knows what was wrong.
fn denial_text(verdict: &Verdict) -> String {
    let mut text = format!("Denied by hotplex. {}.", verdict.reason);
    for suggestion in &verdict.suggestions {
        text.push_str(&format!(" Instead: {suggestion}."));
    }
    text
}
