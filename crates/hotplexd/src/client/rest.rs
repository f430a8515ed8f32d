//! One request over HTTP.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Method, Request, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;

use crate::byte_stream::ByteStream;
use crate::failure::{Failure, failed, unreachable};

pub(super) async fn ask(
    stream: Box<dyn ByteStream>,
    host: &str,
    token: Option<&str>,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<(u16, Value), Failure> {
    let broken = |error: hyper::Error| unreachable(format!("the daemon: {error}"));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    // It ends with the answer, or with the sender.
    tokio::spawn(connection);
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, host);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let text = body.map(Value::to_string).unwrap_or_default();
    let request = request.body(Full::new(Bytes::from(text)));
    let request = request.map_err(|error| failed(error.to_string()))?;
    let answer = sender.send_request(request).await.map_err(broken)?;
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.map_err(broken)?;
    let value = serde_json::from_slice(&body.to_bytes());
    let value = value.map_err(|_| failed(format!("status {status}: that is no hotplexd")))?;
    Ok((status, value))
}
