//! The WebSocket of docs/protocol.md, from the client's side.

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::byte_stream::ByteStream;
use crate::failure::{Failure, failed, unreachable};

/// Close code: the token is missing or wrong, and would be again.
const UNAUTHORIZED: u16 = 4401;

/// One frame of the daemon.
#[derive(Debug, Deserialize)]
pub(crate) struct Frame {
    pub(crate) event: String,
    #[serde(default)]
    pub(crate) data: Value,
    #[serde(default)]
    pub(crate) request_id: Option<u64>,
    #[serde(default)]
    pub(crate) seq: Option<u64>,
    /// As it came.
    #[serde(skip)]
    pub(crate) text: String,
}

impl Frame {
    /// A text of the event's own; empty if it has none of this name.
    pub(crate) fn text_of(&self, key: &str) -> &str {
        self.data[key].as_str().unwrap_or_default()
    }
}

/// A connection that requests go over.
pub(crate) struct Wire {
    socket: WebSocketStream<Box<dyn ByteStream>>,
    last_request: u64,
}

impl Wire {
    pub(super) async fn new(
        stream: Box<dyn ByteStream>,
        host: &str,
        token: Option<&str>,
    ) -> Result<Wire, Failure> {
        let request = format!("ws://{host}/ws/v1/agent").into_client_request();
        let mut request = request.map_err(|error| failed(error.to_string()))?;
        let header = |text: String| {
            text.parse()
                .map_err(|_| failed("the token has odd characters"))
        };
        let protocol = header("hotplex.v1".to_owned())?;
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        if let Some(token) = token {
            let value = header(format!("Bearer {token}"))?;
            request.headers_mut().insert("authorization", value);
        }
        // An agent may say more at once than the library takes by itself; it is our own daemon.
        let config = WebSocketConfig::default()
            .max_message_size(None)
            .max_frame_size(None);
        let shaken =
            tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await;
        match shaken {
            Ok((socket, _)) => Ok(Wire {
                socket,
                last_request: 0,
            }),
            Err(Error::Http(response)) => Err(unreachable(format!(
                "the daemon refuses with status {}",
                response.status()
            ))),
            Err(error) => Err(unreachable(format!("the daemon: {error}"))),
        }
    }

    /// Sends a request; the number that its answers carry.
    ///
    /// # Errors
    /// The daemon has gone.
    pub(crate) async fn send(&mut self, mut request: Value) -> Result<u64, Failure> {
        self.last_request += 1;
        request["request_id"] = json!(self.last_request);
        let sent = self.socket.send(Message::text(request.to_string())).await;
        sent.map_err(gone)?;
        Ok(self.last_request)
    }

    /// The next frame. Cancelling it loses none.
    ///
    /// # Errors
    /// The daemon has gone, and why it said it did.
    pub(crate) async fn next(&mut self) -> Result<Frame, Failure> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    let mut frame: Frame = serde_json::from_str(&text)
                        .map_err(|error| failed(format!("a frame of the daemon: {error}")))?;
                    frame.text = text.to_string();
                    return Ok(frame);
                }
                Some(Ok(Message::Close(Some(frame)))) if u16::from(frame.code) == UNAUTHORIZED => {
                    return Err(failed(format!(
                        "the daemon refuses: {}",
                        frame.reason.as_str()
                    )));
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    let reason = match frame.reason.as_str() {
                        "" => "it closed the connection",
                        reason => reason,
                    };
                    return Err(unreachable(format!("the daemon has gone: {reason}")));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(gone(error)),
                None => return Err(unreachable("the daemon has gone")),
            }
        }
    }

    /// Sends a request and waits for what answers it; the frames of turns meanwhile are dropped.
    ///
    /// # Errors
    /// What the daemon says against it.
    pub(crate) async fn ask(&mut self, request: Value) -> Result<Frame, Failure> {
        let id = self.send(request).await?;
        loop {
            let frame = self.next().await?;
            if frame.request_id == Some(id) {
                return match frame.event.as_str() {
                    "error" => Err(failed(frame.text_of("message"))),
                    _ => Ok(frame),
                };
            }
        }
    }
}

fn gone(error: Error) -> Failure {
    unreachable(format!("the daemon has gone: {error}"))
}
