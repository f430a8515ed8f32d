//! Questions of agents: which are open, and their answers.

use axum::Json;
use axum::extract::State;
use hotplex::Decision;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::extract::{Body, invalid};
use crate::http::gatekeeper::{Client, Shared};
use crate::http::problem::{FailureBody, Problem};
use crate::hub::list::Open;
use crate::refusal::Refusal;

/// Questions that wait for an answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApprovalList {
    approvals: Vec<Open>,
}

/// Lists the questions that wait for an answer.
#[utoipa::path(get, path = "/api/v1/approvals", operation_id = "list_approvals", responses(
    (status = 200, body = ApprovalList),
    (status = 401, body = FailureBody),
))]
pub(crate) async fn list(
    Client(client): Client,
    State(shared): State<Shared>,
) -> Json<ApprovalList> {
    let approvals = shared.hub.approvals(&client);
    Json(ApprovalList { approvals })
}

/// An answer to a question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerBody {
    /// `allow` or `deny`.
    decision: Word,
    /// With `allow`: replaces the tool's whole input.
    #[schema(value_type = Option<Object>)]
    updated_input: Option<Value>,
    /// With `deny`: what the model is told.
    message: Option<String>,
    /// With `deny`: ends the turn as well.
    #[serde(default)]
    interrupt: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Word {
    Allow,
    Deny,
}

/// A question that was answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Answered {
    approval_id: String,
    session_id: String,
    decision: String,
}

/// Answers a question. The first answer counts.
#[utoipa::path(post, path = "/api/v1/approvals/{approval_id}", operation_id = "answer_approval",
    params(("approval_id" = String, Path, description = "The question")),
    request_body = AnswerBody,
    responses(
    (status = 200, body = Answered),
    (status = 400, body = FailureBody),
    (status = 401, body = FailureBody),
    (status = 404, body = FailureBody),
    (status = 408, body = FailureBody),
    (status = 413, body = FailureBody),
))]
pub(crate) async fn answer(
    Client(client): Client,
    path: Result<axum::extract::Path<String>, axum::extract::rejection::PathRejection>,
    State(shared): State<Shared>,
    Body(body): Body<AnswerBody>,
) -> Result<Json<Answered>, Problem> {
    let axum::extract::Path(approval_id) =
        path.map_err(|rejection| invalid(rejection.body_text()))?;
    let open = shared.hub.approvals(&client);
    let open = open
        .into_iter()
        .find(|open| open.approval_id == approval_id);
    let gone = || Refusal::new("not_found", format!("approval {approval_id} is not open"));
    let session_id = open.ok_or_else(gone)?.session_id;
    let (word, decision) = match body.decision {
        Word::Allow => (
            "allow",
            Decision::Allow {
                updated_input: body.updated_input,
            },
        ),
        Word::Deny => (
            "deny",
            Decision::Deny {
                message: body
                    .message
                    .unwrap_or_else(|| "the user denied it".to_owned()),
                interrupt: body.interrupt,
            },
        ),
    };
    let key = client.key_of(&session_id);
    shared
        .hub
        .answer(&key, &approval_id, decision, &client.name)
        .await?;
    Ok(Json(Answered {
        approval_id,
        session_id,
        decision: word.to_owned(),
    }))
}
