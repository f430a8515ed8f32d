//! What is written to Claude Code's stdin. Each function appends exactly one line of valid JSON:
//! a malformed line ends the program (all versions), so nothing is ever put together by hand.

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::event::Decision;

/// Appends one line. Serialising cannot fail: the writer is a `Vec` and no map has keys other than text.
fn line(value: &impl Serialize, out: &mut Vec<u8>) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(start);
        return;
    }
    out.push(b'\n');
}

#[derive(Serialize)]
struct UserMessage<'a> {
    r#type: &'static str,
    message: PromptMessage<'a>,
    uuid: &'a str,
}

#[derive(Serialize)]
struct PromptMessage<'a> {
    role: &'static str,
    content: [TextBlock<'a>; 1],
}

#[derive(Serialize)]
struct TextBlock<'a> {
    r#type: &'static str,
    text: &'a str,
}

pub(super) fn prompt(text: &str, uuid: Uuid, out: &mut Vec<u8>) {
    let content = [TextBlock {
        r#type: "text",
        text,
    }];
    let message = PromptMessage {
        role: "user",
        content,
    };
    let mut buffer = Uuid::encode_buffer();
    let uuid = uuid.hyphenated().encode_lower(&mut buffer);
    line(
        &UserMessage {
            r#type: "user",
            message,
            uuid,
        },
        out,
    );
}

#[derive(Serialize)]
struct SentControlRequest<'a> {
    r#type: &'static str,
    request_id: &'a str,
    request: HostRequest,
}

#[derive(Serialize)]
#[serde(tag = "subtype", rename_all = "snake_case")]
enum HostRequest {
    Initialize { hooks: Hooks },
    Interrupt,
}

#[derive(Serialize)]
struct Hooks {
    #[serde(rename = "PreToolUse")]
    before_tools: [Hook; 1],
    #[serde(rename = "PostToolUse", skip_serializing_if = "Option::is_none")]
    after_tools: Option<[Hook; 1]>,
    #[serde(rename = "PostToolUseFailure", skip_serializing_if = "Option::is_none")]
    after_failures: Option<[Hook; 1]>,
}

/// Without a matcher it is called for every tool.
#[derive(Serialize)]
struct Hook {
    #[serde(rename = "hookCallbackIds")]
    callbacks: [&'static str; 1],
}

/// The name under which the agent calls the gate.
pub(super) const GATE: &str = "hotplex-gate";

/// The name under which it tells what has run.
pub(super) const RAN: &str = "hotplex-ran";

/// The handshake: the agent asks before each call of a tool from then on, and tells after it if it is
/// `followed`.
pub(super) fn initialize(request_id: &str, followed: bool, out: &mut Vec<u8>) {
    let after = || followed.then_some([Hook { callbacks: [RAN] }]);
    let hooks = Hooks {
        before_tools: [Hook { callbacks: [GATE] }],
        after_tools: after(),
        after_failures: after(),
    };
    request(request_id, HostRequest::Initialize { hooks }, out);
}

pub(super) fn interrupt(request_id: &str, out: &mut Vec<u8>) {
    request(request_id, HostRequest::Interrupt, out);
}

fn request(request_id: &str, request: HostRequest, out: &mut Vec<u8>) {
    line(
        &SentControlRequest {
            r#type: "control_request",
            request_id,
            request,
        },
        out,
    );
}

#[derive(Serialize)]
struct SentControlResponse<'a, T> {
    r#type: &'static str,
    response: SentResponse<'a, T>,
}

#[derive(Serialize)]
#[serde(tag = "subtype", rename_all = "snake_case")]
enum SentResponse<'a, T> {
    Success { request_id: &'a str, response: T },
    Error { request_id: &'a str, error: &'a str },
}

#[derive(Serialize)]
#[serde(tag = "behavior", rename_all = "snake_case")]
enum PermissionAnswer<'a, T> {
    Allow {
        #[serde(rename = "updatedInput")]
        updated_input: T,
    },
    Deny {
        message: &'a str,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        interrupt: bool,
    },
}

/// The caller's answer about a tool. `asked` is the input that the agent asked about. It is sent
/// back even if it is unchanged: 2.1.330 can do without it, of older versions that is not known.
pub(super) fn decision(request_id: &str, decision: &Decision, asked: &RawValue, out: &mut Vec<u8>) {
    match decision {
        Decision::Allow {
            updated_input: Some(input),
        } => {
            success(
                request_id,
                PermissionAnswer::Allow {
                    updated_input: input,
                },
                out,
            );
        }
        Decision::Allow {
            updated_input: None,
        } => {
            success(
                request_id,
                PermissionAnswer::Allow {
                    updated_input: asked,
                },
                out,
            );
        }
        denied @ Decision::Deny { .. } => denial(request_id, denied, out),
    }
}

/// A denial needs no input to be sent back.
pub(super) fn denial(request_id: &str, decision: &Decision, out: &mut Vec<u8>) {
    if let Decision::Deny { message, interrupt } = decision {
        let interrupt = *interrupt;
        let verdict: PermissionAnswer<'_, ()> = PermissionAnswer::Deny { message, interrupt };
        success(request_id, verdict, out);
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HookOutput<'a> {
    hook_specific_output: HookDecision<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HookDecision<'a> {
    hook_event_name: &'static str,
    permission_decision: &'static str,
    permission_decision_reason: &'a str,
}

/// The hook's word that a tool must not run, and why, for the model.
pub(super) fn hook_denial(request_id: &str, reason: &str, out: &mut Vec<u8>) {
    hook_decision(request_id, "deny", reason, out);
}

/// By this reason a question is known to be the gate's own.
pub(super) const AS_IT_RUNS: &str = "hotplex: judged as it runs";

/// The hook's word that it is to be asked about the call as it runs.
pub(super) fn hook_question(request_id: &str, out: &mut Vec<u8>) {
    hook_decision(request_id, "ask", AS_IT_RUNS, out);
}

fn hook_decision(request_id: &str, decision: &'static str, reason: &str, out: &mut Vec<u8>) {
    let hook_specific_output = HookDecision {
        hook_event_name: "PreToolUse",
        permission_decision: decision,
        permission_decision_reason: reason,
    };
    success(
        request_id,
        HookOutput {
            hook_specific_output,
        },
        out,
    );
}

#[derive(Serialize)]
struct Nothing {}

/// The answer that changes nothing: a hook that has no opinion.
pub(super) fn neutral(request_id: &str, out: &mut Vec<u8>) {
    success(request_id, Nothing {}, out);
}

fn success(request_id: &str, response: impl Serialize, out: &mut Vec<u8>) {
    respond(
        SentResponse::Success {
            request_id,
            response,
        },
        out,
    );
}

/// The answer that a request cannot be served.
pub(super) fn refusal(request_id: &str, error: &str, out: &mut Vec<u8>) {
    let response: SentResponse<'_, ()> = SentResponse::Error { request_id, error };
    respond(response, out);
}

fn respond<T: Serialize>(response: SentResponse<'_, T>, out: &mut Vec<u8>) {
    line(
        &SentControlResponse {
            r#type: "control_response",
            response,
        },
        out,
    );
}
