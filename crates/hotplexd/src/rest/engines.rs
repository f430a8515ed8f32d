//! Engines: what there is, their spares, their guard and its audit.

use std::path::PathBuf;

use axum::Json;
use axum::extract::State;
use hotplex::{Check, WarmUp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Body, Params, invalid};
use crate::access::{Principal, roots};
use crate::blocking::blocking;
use crate::http::gatekeeper::{Client, Shared};
use crate::http::problem::{FailureBody, Problem};
use crate::refusal::Refusal;

/// An engine that the client may use.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EngineBody {
    name: String,
    /// Which agent.
    provider: String,
    /// The one that a client gets who names none.
    default: bool,
    /// Its agent asks before each call of a tool: the guard judges them, lists of tools hold.
    tool_gate: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EngineList {
    engines: Vec<EngineBody>,
}

pub(crate) fn engines_of(shared: &Shared, client: &Principal) -> Vec<EngineBody> {
    let engines = &shared.hub.engines;
    let described = engines.of(client).map(|served| {
        let capabilities = served.engine.capabilities();
        EngineBody {
            name: served.name.clone(),
            provider: capabilities.provider.to_owned(),
            default: served.name == engines.default_of(client),
            tool_gate: capabilities.tool_gate,
        }
    });
    described.collect()
}

/// Lists the engines and what their agents can do.
#[utoipa::path(get, path = "/api/v1/engines", operation_id = "list_engines", responses(
    (status = 200, body = EngineList),
    (status = 401, body = FailureBody),
))]
pub(crate) async fn list(Client(client): Client, State(shared): State<Shared>) -> Json<EngineList> {
    let engines = engines_of(&shared, &client);
    Json(EngineList { engines })
}

/// A process that no session has taken yet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Spare {
    engine: String,
    pid: Option<u32>,
    state: String,
    work_dir: String,
    rss_bytes: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SpareList {
    spares: Vec<Spare>,
}

/// Lists the spares of the engines that the client may use.
#[utoipa::path(get, path = "/api/v1/spares", operation_id = "list_spares", responses(
    (status = 200, body = SpareList),
    (status = 401, body = FailureBody),
))]
pub(crate) async fn spares(
    Client(client): Client,
    State(shared): State<Shared>,
) -> Result<Json<SpareList>, Problem> {
    let spares = shared.hub.spares(&client).await?;
    let spares = spares.into_iter().map(|(engine, info)| Spare {
        engine,
        pid: info.pid,
        state: info.state.as_str().to_owned(),
        work_dir: info.work_dir.display().to_string(),
        rss_bytes: info.resident_bytes,
    });
    Ok(Json(SpareList {
        spares: spares.collect(),
    }))
}

/// Spares that are wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrewarmBody {
    /// Where their agents work.
    work_dir: String,
    /// How many, at most 100 [default: 1].
    #[schema(minimum = 0, maximum = 100)]
    count: Option<usize>,
    /// Name of an engine.
    engine: Option<String>,
    /// Their model.
    model: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Prewarmed {
    started: usize,
}

/// Starts spares, for sessions to come in the same directory. Returns before they are ready.
#[utoipa::path(post, path = "/api/v1/spares", operation_id = "prewarm", request_body = PrewarmBody,
    responses(
    (status = 200, body = Prewarmed),
    (status = 400, body = FailureBody),
    (status = 401, body = FailureBody),
    (status = 403, body = FailureBody),
    (status = 408, body = FailureBody),
    (status = 413, body = FailureBody),
    (status = 503, body = FailureBody),
))]
pub(crate) async fn prewarm(
    Client(client): Client,
    State(shared): State<Shared>,
    Body(body): Body<PrewarmBody>,
) -> Result<Json<Prewarmed>, Problem> {
    let forbidden = |message| Refusal::new("forbidden", message);
    let count = body.count.unwrap_or(1);
    if count > 100 {
        return Err(invalid("count is more than 100".to_owned()));
    }
    if shared.hub.is_draining() {
        return Err(Refusal::new("closed", "the daemon is ending").into());
    }
    let served = shared
        .hub
        .engines
        .find(&client, body.engine.as_deref())
        .map_err(forbidden)?;
    let work_dir = roots::check(&body.work_dir, &client.roots).map_err(forbidden)?;
    let mut spares = WarmUp::new(work_dir);
    if let Some(model) = body.model {
        spares = spares.model(model);
    }
    let engine = served.engine.clone();
    blocking(move || engine.prewarm(&spares, count)).await??;
    Ok(Json(Prewarmed { started: count }))
}

/// A text for the guard to judge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckBody {
    /// `command` or `prompt`.
    kind: String,
    text: String,
    /// Where it would act. Default: the first root.
    work_dir: Option<String>,
    /// Name of an engine, whose guard is asked.
    engine: Option<String>,
}

/// Asks the guard about a command or a prompt. Nothing is run.
#[utoipa::path(post, path = "/api/v1/guard/check", operation_id = "check", request_body = CheckBody,
    responses(
    (status = 200, body = Object, description = "`verdict` is `allow`, `flag` or `block`; unless plain allow also `operation`, `reason`, `rule`, `level`, `category`, `suggestions`"),
    (status = 400, body = FailureBody),
    (status = 401, body = FailureBody),
    (status = 403, body = FailureBody),
    (status = 408, body = FailureBody),
    (status = 413, body = FailureBody),
))]
pub(crate) async fn check(
    Client(client): Client,
    State(shared): State<Shared>,
    Body(body): Body<CheckBody>,
) -> Result<Json<Value>, Problem> {
    let forbidden = |message| Refusal::new("forbidden", message);
    let served = shared
        .hub
        .engines
        .find(&client, body.engine.as_deref())
        .map_err(forbidden)?;
    let first = || client.roots.first().map(|root| root.display().to_string());
    let work_dir = body.work_dir.or_else(first).unwrap_or_default();
    let context = json!({"kind": body.kind, "work_dir": work_dir}).to_string();
    let check = Check::from_json(&context)?;
    let guard = served.engine.guard();
    let verdict = blocking(move || check.ask(&guard, &body.text)).await?;
    Ok(Json(serde_json::to_value(&verdict).unwrap_or_default()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// The last so many lines at most [default: 100].
    #[param(minimum = 1, maximum = 10000)]
    limit: Option<usize>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditTail {
    /// Oldest first, as the audit file has them.
    #[schema(value_type = Vec<Object>)]
    entries: Vec<Value>,
}

/// The last lines of the guard's audit files. For the owner of the daemon alone.
#[utoipa::path(get, path = "/api/v1/audit", operation_id = "audit", params(AuditQuery), responses(
    (status = 200, body = AuditTail),
    (status = 400, body = FailureBody),
    (status = 401, body = FailureBody),
    (status = 403, body = FailureBody),
    (status = 404, body = FailureBody, description = "No engine has an audit file"),
))]
pub(crate) async fn audit(
    Client(client): Client,
    Params(query): Params<AuditQuery>,
    State(shared): State<Shared>,
) -> Result<Json<AuditTail>, Problem> {
    if !client.is_owner() {
        return Err(Refusal::new("forbidden", "the audit is the owner's").into());
    }
    let mut files: Vec<PathBuf> = shared
        .hub
        .engines
        .all()
        .filter_map(|served| served.audit_file.clone())
        .collect();
    files.sort();
    files.dedup();
    if files.is_empty() {
        return Err(Refusal::new("not_found", "no engine has an audit file").into());
    }
    let limit = query.limit.unwrap_or(100).min(10_000);
    let read = blocking(move || {
        let lines = files.iter().flat_map(|file| last_lines(file, limit));
        lines.collect::<Vec<Value>>()
    });
    let mut entries = read.await?;
    entries.drain(..entries.len().saturating_sub(limit));
    Ok(Json(AuditTail { entries }))
}

/// About the last 1 MiB of a file is looked at: an audit file may have any size.
fn last_lines(file: &std::path::Path, limit: usize) -> Vec<Value> {
    use std::io::{Read, Seek, SeekFrom};
    const WINDOW: u64 = 1 << 20;
    let mut text = Vec::new();
    let read = std::fs::File::open(file).and_then(|mut file| {
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(WINDOW)))?;
        file.read_to_end(&mut text)
    });
    if let Err(error) = read {
        tracing::warn!(%error, file = %file.display(), "the audit file cannot be read");
    }
    let lines = text.split(|byte| *byte == b'\n').rev();
    let read = lines.filter_map(|line| serde_json::from_slice(line).ok());
    let mut found: Vec<Value> = read.take(limit).collect();
    found.reverse();
    found
}
