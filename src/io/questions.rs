//! What an agent asks before it runs a tool: judged at the gate, answered, told and kept.
//!
//! Runs on the io thread. What the gate does not block goes on to the session, whose business
//! permissions are.

use std::time::SystemTime;

use super::gate::Place;
use super::slot::{Context, Slot};
use super::spawner::Job;
use crate::audit::AuditEntry;
use crate::event::{DangerBlock, Decision, EventKind, PermissionRequest, ToolUse};
use crate::message::{GateQuestion, Message};
use crate::notice::NoticeCode;
use hotplex_guard::Verdict;

impl Slot {
    /// Answers what the gate is asked; gives back what is for the session.
    pub(super) fn at_the_gate(
        &mut self,
        message: Message,
        context: &mut Context<'_>,
    ) -> Option<Message> {
        match message {
            Message::GateAsked(question) => self.gate_asked(*question, context),
            Message::ApprovalAsked(request) => self.approval_asked(request, context),
            message => Some(message),
        }
    }

    fn gate_asked(&mut self, question: GateQuestion, context: &mut Context<'_>) -> Option<Message> {
        let GateQuestion {
            request_id,
            tool,
            current_dir,
        } = question;
        let verdict = self.judge(&tool, current_dir.as_deref(), context);
        let denied = verdict.is_blocked().then(|| told_to_model(&verdict));
        if let Some(link) = &mut self.link {
            link.write(context.registry, |dialogue, out| {
                dialogue.write_gate_answer(&request_id, denied.as_deref(), out);
            });
        }
        self.tell(verdict, tool, context)
    }

    /// The gate was asked about the same call before, by an agent that asks twice; a flag was told
    /// then, and a block is worth its second look.
    fn approval_asked(
        &mut self,
        request: Box<PermissionRequest>,
        context: &mut Context<'_>,
    ) -> Option<Message> {
        let verdict = self.judge(&request.tool, None, context);
        if !verdict.is_blocked() {
            return Some(Message::ApprovalAsked(request));
        }
        let decision = Decision::deny(told_to_model(&verdict));
        if let Some(link) = &mut self.link {
            link.write(context.registry, |dialogue, out| {
                dialogue.write_decision(&request.request_id, &decision, out);
            });
        }
        self.tell(verdict, request.tool, context)
    }

    fn judge(&self, tool: &ToolUse, current_dir: Option<&str>, context: &Context<'_>) -> Verdict {
        let shared = context.shared;
        let place = Place {
            work_dir: &self.setting.work_dir,
            real_work_dir: self.link.as_ref().map(|link| link.work_dir.as_path()),
            current_dir,
        };
        let provider = shared.surroundings.provider.as_ref();
        shared.gate.judge_tool(tool, provider, &place)
    }

    /// Everything but a plain allow is kept for the operator and told to the caller.
    fn tell(
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
            turn: self.session.turn_at_work(),
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
fn told_to_model(verdict: &Verdict) -> String {
    let mut text = format!("Denied by hotplex. {}.", verdict.reason);
    for suggestion in &verdict.suggestions {
        text.push_str(&format!(" Instead: {suggestion}."));
    }
    text
}
