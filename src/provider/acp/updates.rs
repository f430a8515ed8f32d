//! What the agent tells of a turn, and how the turn ends.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, from_str};

use super::calls::CallUpdate;
use super::protocol::AcpProtocol;
use super::speech::Voice;
use crate::event::{EventKind, TurnId};
use crate::message::{Message, Origin, TurnResult};
use crate::provider::count::{Count, dollars};
use crate::provider::json_line::{Text, Unknown};
use crate::provider::json_rpc::Fault;
use crate::provider::mend;
use crate::provider::summary::one_line;
use crate::stats::Usage;

/// Longest error text, in characters. It becomes part of an error's one line.
const ERROR_AT_MOST: usize = 1000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Params<'a> {
    #[serde(borrow, default)]
    session_id: Option<Text<'a>>,
    #[serde(borrow)]
    update: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateKind<'a> {
    #[serde(borrow)]
    session_update: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chunk<'a> {
    #[serde(borrow)]
    content: Content<'a>,
    #[serde(borrow, default)]
    message_id: Option<Text<'a>>,
    #[serde(default, rename = "_meta")]
    meta: Option<Value>,
}

/// The same with the text as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CutChunk<'a> {
    #[serde(borrow)]
    content: CutContent<'a>,
    #[serde(borrow, default)]
    message_id: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct CutContent<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow)]
    text: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Commands {
    #[serde(default)]
    available_commands: Vec<SlashCommand>,
}

#[derive(Deserialize)]
struct SlashCommand {
    name: String,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct UsageUpdate {
    #[serde(default)]
    cost: Option<Cost>,
    #[serde(default, rename = "_meta")]
    meta: Option<Value>,
}

#[derive(Deserialize)]
struct Cost {
    #[serde(default)]
    amount: f64,
    #[serde(default)]
    currency: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PromptResult {
    stop_reason: String,
    usage: Option<Value>,
    #[serde(rename = "_meta")]
    meta: Option<Value>,
}

impl AcpProtocol {
    pub(super) fn update(
        &mut self,
        params: &RawValue,
        line: &str,
        messages: &mut Vec<Message>,
    ) -> Result<(), Unknown> {
        let Params { session_id, update } = from_str(params.get())?;
        let UpdateKind { session_update } = from_str(update.get())?;
        let told = session_id.as_ref();
        let is_own = told.is_none_or(|told| told.as_str() == self.session);
        if is_own {
            self.told_at_start(&session_update, messages);
        }
        match &*session_update {
            // Of a conversation that is none of the caller's, as a sub-agent's is.
            "available_commands_update" | "usage_update" if !is_own => Ok(()),
            "available_commands_update" => {
                let told: Commands = from_str(update.get())?;
                let names = told.available_commands.into_iter();
                self.commands = names.map(|command| command.name).collect();
                Ok(())
            }
            // What the agent has to say about itself, and what the caller said.
            "config_option_update" | "session_info_update" | "user_message_chunk" => Ok(()),
            // A conversation that is taken up is told from its beginning.
            _ if !self.stage.is_up() => Ok(()),
            // A sub-agent's words are no answer to the caller.
            "agent_message_chunk" | "agent_thought_chunk" if !is_own => Err(Unknown),
            "agent_message_chunk" => self.chunk(Voice::Answer, update, messages),
            "agent_thought_chunk" => self.chunk(Voice::Thought, update, messages),
            "tool_call" | "tool_call_update" => {
                let update: CallUpdate = mend::read(update)?;
                if update.tool_call_id.is_empty() {
                    return Err(Unknown);
                }
                self.note_word(messages);
                self.speech.finish(messages);
                self.assert_leave(&update, messages);
                let is_known = session_update == "tool_call_update";
                if is_known && self.calls.has_ended(&update.tool_call_id) {
                    messages.push(Message::Event(EventKind::Raw(line.to_owned())));
                    return Ok(());
                }
                self.calls.update(update, self.profile.tools, messages);
                Ok(())
            }
            "usage_update" => {
                let update: UsageUpdate = from_str(update.get())?;
                self.spent(update);
                Ok(())
            }
            // A plan, or what later releases have: all the same a word of the turn.
            _ => {
                self.note_word(messages);
                self.speech.finish(messages);
                messages.push(Message::Event(EventKind::Raw(line.to_owned())));
                Ok(())
            }
        }
    }

    fn chunk(
        &mut self,
        voice: Voice,
        update: &RawValue,
        messages: &mut Vec<Message>,
    ) -> Result<(), Unknown> {
        let read = from_str(update.get()).ok();
        let Some(read) = read.filter(|_| !self.speech.is_cut()) else {
            return self.cut_chunk(voice, update, messages);
        };
        let Chunk {
            content,
            message_id,
            meta,
        } = read;
        let text = content.text.filter(|_| content.r#type == "text");
        let Text(text) = text.ok_or(Unknown)?;
        let message = message_id.as_ref().map(Text::as_str);
        if let Some(meta) = meta {
            self.used_beside(&meta);
        }
        if self.has_prompt() && self.speech.is_of_ended_turn(message) {
            return Err(Unknown);
        }
        self.note_word(messages);
        self.speech.piece(voice, message, &text, messages);
        self.end_speech_of_no_turn(messages);
        Ok(())
    }

    /// One that ends or begins within a character.
    fn cut_chunk(
        &mut self,
        voice: Voice,
        update: &RawValue,
        messages: &mut Vec<Message>,
    ) -> Result<(), Unknown> {
        let CutChunk {
            content,
            message_id,
        } = from_str(update.get())?;
        if content.r#type != "text" || !content.text.get().starts_with('"') {
            return Err(Unknown);
        }
        let message = message_id.as_ref().map(Text::as_str);
        if self.has_prompt() && self.speech.is_of_ended_turn(message) {
            return Err(Unknown);
        }
        self.note_word(messages);
        if !self
            .speech
            .cut_piece(voice, message, content.text, messages)
        {
            return Err(Unknown);
        }
        self.end_speech_of_no_turn(messages);
        Ok(())
    }

    /// Nothing will end it, and it must not become part of the next turn.
    fn end_speech_of_no_turn(&mut self, messages: &mut Vec<Message>) {
        if !self.has_prompt() {
            self.speech.finish(messages);
        }
    }

    /// Qwen Code 0.15.10 tells the tokens of each answer of its model beside the last piece of it, those of
    /// sub-agents as well. What was read from a cache is among the input there.
    fn used_beside(&mut self, meta: &Value) {
        let Some(told) = meta.get("usage").filter(|told| told.is_object()) else {
            return;
        };
        let of = |name: &str| Count::of(Some(told), name).unwrap_or_default();
        let cached = of("cachedReadTokens");
        self.spending.usage.get_or_insert_default().add(&Usage {
            input_tokens: of("inputTokens").saturating_sub(cached),
            output_tokens: of("outputTokens"),
            cache_write_tokens: of("cachedWriteTokens"),
            cache_read_tokens: cached,
        });
    }

    fn spent(&mut self, update: UsageUpdate) {
        if let Some(cost) = update.cost.filter(|cost| cost.currency == "USD") {
            self.spending.total_usd = dollars(cost.amount);
        }
        let model = update.meta.as_ref();
        let model = model.and_then(|meta| meta.get("_claude/model")?.as_str());
        if let Some(model) = model {
            self.spending.model = Some(model.to_owned());
        }
    }

    pub(super) fn end_turn(
        &mut self,
        turn: TurnId,
        answer: Result<Option<&RawValue>, Fault>,
        messages: &mut Vec<Message>,
    ) {
        self.speech.finish(messages);
        self.calls.finish(self.profile.tools, messages);
        self.forget_asks(messages);
        let result = match answer {
            Ok(result) => {
                let result = result.and_then(|result| mend::read(result).ok());
                let result = self.result(result.unwrap_or_default());
                if !result.interrupted {
                    self.assert_prompt_was_asked_about(messages);
                }
                result
            }
            Err(fault) => {
                self.end_failed_work(messages);
                TurnResult {
                    is_error: true,
                    error: Some(one_line(&fault.text(), ERROR_AT_MOST)),
                    ..TurnResult::default()
                }
            }
        };
        self.speech.take_last_answer();
        self.speech.end_turn();
        messages.push(Message::TurnResult(Box::new(TurnResult {
            origin: Origin::Turns(vec![turn]),
            ..result
        })));
    }

    /// Written before the end is told, and so before the next prompt.
    fn end_failed_work(&self, messages: &mut Vec<Message>) {
        if self.profile.works_on_after_errors {
            let mut out = Vec::new();
            self.write_cancel(&mut out);
            messages.push(Message::Reply(out));
        }
    }

    fn result(&mut self, result: PromptResult) -> TurnResult {
        let interrupted = result.stop_reason == "cancelled";
        // Others say that the agent had to stop: for want of tokens, of turns, or of good will.
        let is_error = !interrupted && result.stop_reason != "end_turn";
        let error = match result.stop_reason.as_str() {
            "end_turn" => None,
            "cancelled" => Some("the agent says that the turn was cancelled".to_owned()),
            "" => Some("the agent gave no reason for the end of the turn".to_owned()),
            other => Some(format!("the agent stopped: {}", one_line(other, 100))),
        };
        let spending = &mut self.spending;
        let cost_usd = (spending.total_usd - spending.told_usd).max(0.0);
        spending.told_usd = spending.total_usd;
        let quota = result.meta.as_ref().and_then(|meta| meta.get("quota"));
        let used = quota.and_then(|quota| quota.pointer("/model_usage/0/model")?.as_str());
        let model = self.spending.model.clone().or(used.map(str::to_owned));
        let beside = self.spending.usage.take();
        TurnResult {
            is_error,
            interrupted,
            error,
            text: self.speech.take_last_answer(),
            usage: match beside {
                Some(usage) if result.usage.is_none() => usage,
                _ => usage(result.usage.as_ref(), quota),
            },
            cost_usd,
            model,
            ..TurnResult::default()
        }
    }
}

/// Tokens stand in `usage`, or with Gemini in its quota.
fn usage(usage: Option<&Value>, quota: Option<&Value>) -> Usage {
    let counted = quota.and_then(|quota| quota.get("token_count"));
    let first =
        |one: &str, other: &str| Count::of(usage, one).or_else(|| Count::of(counted, other));
    Usage {
        input_tokens: first("inputTokens", "input_tokens").unwrap_or_default(),
        output_tokens: first("outputTokens", "output_tokens").unwrap_or_default(),
        cache_write_tokens: Count::of(usage, "cachedWriteTokens").unwrap_or_default(),
        cache_read_tokens: Count::of(usage, "cachedReadTokens").unwrap_or_default(),
    }
}
