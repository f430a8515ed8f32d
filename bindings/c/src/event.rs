//! Events in the caller's hands.

use std::ffi::{CString, c_char};
use std::ptr::null;
use std::sync::OnceLock;

use hotplex::EventKind;

use crate::panics::quietly;
use crate::status::Status;

/// Something that happened in a session. It belongs to whoever took it, is never changed, and may be
/// read by several threads at once.
pub struct Event {
    event: hotplex::Event,
    session: OnceLock<CString>,
    text: OnceLock<Option<Text>>,
    json: OnceLock<Text>,
}

/// What happened. Numbers that this header does not know must be ignored: later versions of the
/// library give more.
///
/// cbindgen:rename-all=prefix:HOTPLEX_EVENT_
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::upper_case_acronyms,
    non_camel_case_types,
    reason = "cbindgen keeps the case, and in C constants are written like this"
)]
pub enum EventType {
    /// The agent's process began this conversation or took it up again. Told once a process.
    SESSION_START = 1,
    /// A finished piece of the model's thinking.
    THINKING = 2,
    /// A finished piece of the model's answer.
    ANSWER = 3,
    /// The model calls a tool.
    TOOL_USE = 4,
    /// A tool gave its result.
    TOOL_RESULT = 5,
    /// The agent asks whether it may run a tool; answer with hotplex_respond(), or
    /// with hotplex_respond_in_session() if it is of no turn.
    PERMISSION_REQUEST = 6,
    /// The guard kept the agent from doing something.
    DANGER_BLOCK = 7,
    /// Something worth knowing that is not part of the answer.
    NOTICE = 8,
    /// A line of the agent that nobody here understands, as it was.
    RAW = 9,
    /// The turn is over; nothing of it follows.
    TURN_END = 10,
    /// The next few characters of an answer (option `partial_messages`).
    ANSWER_DELTA = 11,
    /// The next few characters of thinking (option `partial_messages`).
    THINKING_DELTA = 12,
}

impl EventType {
    fn of(kind: &EventKind) -> i32 {
        let known = match kind {
            EventKind::SessionStart(_) => EventType::SESSION_START,
            EventKind::Thinking(_) => EventType::THINKING,
            EventKind::Answer(_) => EventType::ANSWER,
            EventKind::ToolUse(_) => EventType::TOOL_USE,
            EventKind::ToolResult(_) => EventType::TOOL_RESULT,
            EventKind::PermissionRequest(_) => EventType::PERMISSION_REQUEST,
            EventKind::DangerBlock(_) => EventType::DANGER_BLOCK,
            EventKind::Notice(_) => EventType::NOTICE,
            EventKind::TurnEnd(_) => EventType::TURN_END,
            EventKind::AnswerDelta(_) => EventType::ANSWER_DELTA,
            EventKind::ThinkingDelta(_) => EventType::THINKING_DELTA,
            _ => EventType::RAW,
        };
        known as i32
    }
}

/// Text with a NUL behind it, made when it is first asked for: a caller that wants the JSON does not
/// pay for the text.
struct Text(Vec<u8>);

impl Text {
    fn new(text: &str) -> Text {
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        Text(bytes)
    }

    /// # Safety
    /// `len` is NULL or may be written.
    unsafe fn lend(&self, len: *mut usize) -> *const c_char {
        if !len.is_null() {
            // SAFETY: the caller vouches for the pointer.
            unsafe { len.write(self.0.len() - 1) };
        }
        self.0.as_ptr().cast()
    }
}

impl Event {
    pub(crate) fn new(event: hotplex::Event) -> Box<Event> {
        Box::new(Event {
            event,
            session: OnceLock::new(),
            text: OnceLock::new(),
            json: OnceLock::new(),
        })
    }

    fn session(&self) -> &CString {
        // Names of sessions have no control characters, so nothing is lost here.
        self.session
            .get_or_init(|| CString::new(self.event.session.as_str()).unwrap_or_default())
    }

    fn text(&self) -> Option<&Text> {
        self.text
            .get_or_init(|| text_of(&self.event.kind).map(Text::new))
            .as_ref()
    }

    fn json(&self) -> &Text {
        self.json.get_or_init(|| Text::new(&self.event.to_json()))
    }
}

fn text_of(kind: &EventKind) -> Option<&str> {
    match kind {
        EventKind::ToolUse(call) => Some(&call.summary),
        EventKind::PermissionRequest(request) => Some(&request.tool.summary),
        EventKind::TurnEnd(end) => end.error.as_ref().map(|error| error.message()),
        kind => kind.text(),
    }
}

/// Reads an event, or gives the other value for NULL.
///
/// # Safety
/// `event` is NULL or lives until the caller's function returns.
unsafe fn read<T>(event: *const Event, otherwise: T, get: impl FnOnce(&Event) -> T) -> T {
    // SAFETY: the caller vouches for the pointer.
    let event = unsafe { event.as_ref() };
    event
        .and_then(|event| quietly(|| get(event)))
        .unwrap_or(otherwise)
}

/// Returns the event's type, one of hotplex_event_type or a later one; HOTPLEX_INVALID_ARGUMENT for
/// NULL. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_event_get_type(event: *const Event) -> i32 {
    let otherwise = Status::INVALID_ARGUMENT as i32;
    // SAFETY: the caller vouches for the event.
    unsafe { read(event, otherwise, |event| EventType::of(&event.event.kind)) }
}

/// Returns the number of the turn that the event belongs to; 0 for what an agent does by itself, and
/// for NULL. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_event_turn(event: *const Event) -> u64 {
    let turn = |event: &Event| event.event.turn.map_or(0, |turn| turn.get());
    // SAFETY: the caller vouches for the event.
    unsafe { read(event, 0, turn) }
}

/// Returns the number that the caller gave the turn as `tag`; 0 if none, for what an agent does by itself,
/// and for NULL. Events are told apart by it before hotplex_execute() has given the turn's own number.
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_event_tag(event: *const Event) -> u64 {
    // SAFETY: the caller vouches for the event.
    unsafe { read(event, 0, |event| event.event.tag) }
}

/// Returns the name of the session that the event belongs to, "" for a spare; NULL for NULL. Valid
/// as long as the event. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_event_session_id(event: *const Event) -> *const c_char {
    // SAFETY: the caller vouches for the event.
    unsafe { read(event, null(), |event| event.session().as_ptr()) }
}

/// Returns the event's text, as far as it has one: the answer, the thinking, the tool's output, the
/// notice, the raw line, the guard's reason; of a tool's call and a permission request the summary
/// in one line; of a turn's end the error, and NULL if the turn completed. NULL for an event without
/// text and for NULL.
///
/// UTF-8, with a NUL behind it; `*len` gets its length without that, as the text may hold NULs
/// itself; `len` may be NULL. Valid as long as the event. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_event_text(event: *const Event, len: *mut usize) -> *const c_char {
    let lend = |event: &Event| match event.text() {
        // SAFETY: the caller vouches for `len`.
        Some(text) => unsafe { text.lend(len) },
        None => null(),
    };
    // SAFETY: the caller vouches for the event.
    unsafe { read(event, null(), lend) }
}

/// Returns the whole event as one line of JSON, and in `*len`, unless that is NULL, its length;
/// NULL for NULL. Valid as long as the event. Keys that the reader does not know must be ignored.
/// A tool's `parent` is the `id` of the call that started the sub-agent whose call it is, or null.
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_event_json(event: *const Event, len: *mut usize) -> *const c_char {
    // SAFETY: the caller vouches for `len`.
    let lend = |event: &Event| unsafe { event.json().lend(len) };
    // SAFETY: the caller vouches for the event.
    unsafe { read(event, null(), lend) }
}

/// Frees an event, and with it all that was borrowed from it. NULL is allowed. The engine may be
/// gone. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotplex_event_free(event: *mut Event) {
    if !event.is_null() {
        // SAFETY: the caller has it from a function of this library and gives it back once.
        quietly(|| drop(unsafe { Box::from_raw(event) }));
    }
}
