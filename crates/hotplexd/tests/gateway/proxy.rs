//! The daemon behind nginx and Caddy, with the configurations that are shipped: only addresses and paths
//! are put in the place of theirs.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rcgen::{CertifiedKey, KeyPair};
use rustix::process::{Pid, Signal, kill_process};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::{Error, HandshakeError, Message, WebSocket};

use crate::client::get;
use crate::daemon::{Daemon, PATIENCE, Stage, until};
use crate::skipped::skip_row;

const NAME: &str = "agents.example";

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    let mut places = std::env::split_paths(&path).chain(usual);
    let found = places.find_map(|place| Some(place.join(name)).filter(|it| it.exists()));
    if found.is_none() {
        skip_row(&format!("no {name} is installed"));
    }
    found
}

/// What is put in whose place in a configuration.
type Replaced<'a> = [(&'a str, String)];

/// The text of a configuration that is shipped, for this test.
fn shipped(path: &str, replaced: &Replaced<'_>) -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let mut text = fs::read_to_string(source).expect("the configuration");
    for (old, new) in replaced {
        assert!(text.contains(old), "{path} has no {old}");
        text = text.replace(old, new);
    }
    text
}

/// A running proxy, which listens at a socket in the file system: no port can be taken by others.
struct Proxy {
    child: Child,
    directory: PathBuf,
}

impl Proxy {
    fn nginx(program: &Path, name: &str, replaced: &Replaced<'_>) -> Proxy {
        let directory = Proxy::directory(name);
        let text = shipped(&format!("nginx/{name}"), replaced);
        let socket = format!("listen \"unix:{}\"", directory.join("sock").display());
        let text = text
            .replace("listen 443", &socket)
            .replace("listen 80", &socket);
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| {
            let path = directory.join(kind);
            format!("{kind}_temp_path {path:?};\n")
        });
        let whole = format!(
            "daemon off; master_process off; pid \"{0}/pid\"; error_log \"{0}/log\" info;\nevents {{}}\n\
             http {{\naccess_log off;\n{1}\n{text}\n}}\n",
            directory.display(),
            temporary.concat(),
        );
        let configuration = directory.join("nginx.conf");
        fs::write(&configuration, whole).expect("a file");
        let mut command = Command::new(program);
        command.arg("-e").arg(directory.join("log"));
        command.arg("-c").arg(&configuration);
        Proxy::start(directory, command)
    }

    /// `tls`: the files of the certificate and its key.
    fn caddy(program: &Path, tls: [&Path; 2], daemon: &Daemon) -> Proxy {
        let directory = Proxy::directory("caddy");
        let site = format!("{NAME} {{");
        let [certificate, key] = tls;
        let socket = directory.join("sock");
        let bound = format!(
            "{site}\n\tbind unix/{}\n\ttls {certificate:?} {key:?}",
            socket.display()
        );
        let replaced = [
            (site.as_str(), bound),
            ("127.0.0.1:8080", format!("127.0.0.1:{}", daemon.port)),
        ];
        let text = shipped("caddy/Caddyfile", &replaced);
        let configuration = directory.join("Caddyfile");
        let whole = format!("{{\n\tadmin off\n\tauto_https off\n}}\n{text}");
        fs::write(&configuration, whole).expect("a file");
        let mut command = Command::new(program);
        command
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(&configuration);
        for home in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            command.env(home, &directory);
        }
        command.stderr(fs::File::create(directory.join("log")).expect("a file"));
        Proxy::start(directory, command)
    }

    /// Short: names of sockets are.
    fn directory(name: &str) -> PathBuf {
        let own = format!("hotplexd-{name}-{}", std::process::id());
        let directory = std::env::temp_dir().join(own);
        fs::create_dir_all(&directory).expect("a directory");
        directory
    }

    fn start(directory: PathBuf, mut command: Command) -> Proxy {
        let child = command.stdin(Stdio::null()).spawn().expect("it starts");
        let mut proxy = Proxy { child, directory };
        until("the proxy listens", || {
            let ended = proxy.child.try_wait().expect("a status");
            assert!(ended.is_none(), "{}", proxy.log());
            UnixStream::connect(proxy.directory.join("sock")).is_ok()
        });
        proxy
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }

    fn connect(&self) -> UnixStream {
        let stream = UnixStream::connect(self.directory.join("sock")).expect("a connection");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a time limit");
        stream
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

trait ReadWrite: Read + Write {}

impl<S: Read + Write> ReadWrite for S {}

fn request(method: &str, path: &str, headers: &str, body: Option<&Value>) -> String {
    let body = body.map(Value::to_string).unwrap_or_default();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n{headers}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn ask(mut stream: impl ReadWrite, request: &str) -> String {
    stream.write_all(request.as_bytes()).expect("it is sent");
    let mut answer = Vec::new();
    // It may close without the farewell of TLS.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The WebSocket, or the status that the upgrade is refused with.
fn websocket<S: ReadWrite>(
    stream: S,
    query: &str,
    headers: &[(&'static str, &str)],
) -> Result<WebSocket<S>, u16> {
    let url = format!("ws://{NAME}/ws/v1/agent{query}");
    let mut request = url.into_client_request().expect("a request");
    for (name, value) in headers {
        let value = value.parse().expect("a value");
        request.headers_mut().insert(*name, value);
    }
    match tungstenite::client(request, stream) {
        Ok((socket, _)) => Ok(socket),
        Err(HandshakeError::Failure(Error::Http(response))) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// One turn; all that was said.
fn turn<S: ReadWrite>(
    socket: &mut WebSocket<S>,
    stage: &Stage,
    session: &str,
    prompt: &str,
) -> String {
    let execute = json!({"type": "execute", "session_id": session, "prompt": prompt,
        "work_dir": stage.work()});
    socket
        .send(Message::text(execute.to_string()))
        .expect("it is sent");
    let mut said = String::new();
    while !said.contains("\"completed\"") {
        said += &socket.read().expect("a frame").to_string();
    }
    said
}

/// Reads until it is there, and no further.
fn read_until(stream: &mut impl Read, text: &str) {
    let mut said = Vec::new();
    while !String::from_utf8_lossy(&said).contains(text) {
        let mut byte = [0; 512];
        let count = stream.read(&mut byte).expect("more of it");
        assert!(count > 0, "no {text} in {}", String::from_utf8_lossy(&said));
        said.extend(&byte[..count]);
    }
}

/// One daemon behind TLS.
struct Front {
    proxy: Proxy,
    made: CertifiedKey<KeyPair>,
}

impl Front {
    /// `start` is given the files of the certificate and its key.
    fn new(stage: &Stage, start: impl FnOnce([&Path; 2]) -> Proxy) -> Front {
        let names = [NAME.to_owned()];
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
        let (certificate, key) = (stage.root.join("cert.pem"), stage.root.join("key.pem"));
        fs::write(&certificate, made.cert.pem()).expect("a file");
        fs::write(&key, made.signing_key.serialize_pem()).expect("a file");
        let proxy = start([&certificate, &key]);
        Front { proxy, made }
    }

    fn connect(&self) -> StreamOwned<ClientConnection, UnixStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.made.cert.der().clone()).expect("a root");
        let provider = rustls::crypto::ring::default_provider();
        let config = ClientConfig::builder_with_provider(provider.into());
        let config = config
            .with_safe_default_protocol_versions()
            .expect("versions");
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from(NAME).expect("a name");
        let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
        StreamOwned::new(connection, self.proxy.connect())
    }
}

#[test]
fn behind_nginx_websockets_streams_and_the_check_of_names_are_as_without() {
    let Some(program) = program("nginx") else {
        return;
    };
    let stage = Stage::new("nginx");
    let daemon = stage.serve(&["--host", NAME], &json!({}));
    let front = Front::new(&stage, |[certificate, key]| {
        let replaced = [
            ("127.0.0.1:8080", format!("127.0.0.1:{}", daemon.port)),
            ("/etc/ssl/agents.example.pem", format!("{certificate:?}")),
            ("/etc/ssl/agents.example.key", format!("{key:?}")),
        ];
        Proxy::nginx(&program, "hotplexd.conf", &replaced)
    });
    is_as_without(&stage, &daemon, &front);
}

#[test]
fn behind_caddy_it_is_the_same() {
    let Some(program) = program("caddy") else {
        return;
    };
    let stage = Stage::new("caddy");
    let daemon = stage.serve(&["--host", NAME], &json!({}));
    let front = Front::new(&stage, |tls| Proxy::caddy(&program, tls, &daemon));
    is_as_without(&stage, &daemon, &front);
}

fn is_as_without(stage: &Stage, daemon: &Daemon, front: &Front) {
    let token = format!("Bearer {}", stage.token());
    let bearer = format!("Authorization: {token}\r\n");

    let page = ask(front.connect(), &request("GET", "/", "", None));
    assert!(
        page.starts_with("HTTP/1.1 200") && page.contains("<html"),
        "{page}"
    );
    let list = request("GET", "/api/v1/sessions", "", None);
    assert!(ask(front.connect(), &list).starts_with("HTTP/1.1 401"));

    let own = [
        ("authorization", token.as_str()),
        ("origin", "https://agents.example"),
    ];
    let mut socket = websocket(front.connect(), "", &own).expect("the upgrade");
    assert!(turn(&mut socket, stage, "s", "hello").contains("echo: hello"));
    let foreign = [
        ("authorization", token.as_str()),
        ("origin", "https://evil.example"),
    ];
    assert_eq!(websocket(front.connect(), "", &foreign).err(), Some(403));
    // A name that is pointed at the proxy: the daemon refuses it, if it hears of it at all.
    let rebound = request("GET", "/api/v1/sessions", &bearer, None).replace(NAME, "evil.example");
    let said = ask(front.connect(), &rebound);
    assert!(!said.contains("\"sessions\""), "{said}");

    // An event of a turn that does not end by itself: it was not held back.
    let body =
        json!({"prompt": "!text begun\n!hang-soft", "stream": true, "work_dir": stage.work()});
    let execute = request(
        "POST",
        "/api/v1/sessions/hangs/execute",
        &bearer,
        Some(&body),
    );
    let mut stream = front.connect();
    stream.write_all(execute.as_bytes()).expect("it is sent");
    read_until(&mut stream, "begun");
    // And the daemon sees that the client has gone: its turn is cancelled.
    drop(stream);
    until("the turn is over", || {
        let path = "/api/v1/sessions/hangs";
        let one = crate::client::http(daemon, "GET", path, &bearer, None).json();
        one["state"] == "ready" || one["state"] == "ended"
    });
}

#[test]
fn one_name_for_many_machines_leads_each_session_to_one_of_them() {
    let Some(program) = program("nginx") else {
        return;
    };
    let stages = [Stage::new("machine"), Stage::new("machine")];
    let flags = ["--no-token", "--host", NAME];
    let mut machines = stages
        .each_ref()
        .map(|stage| stage.serve(&flags, &json!({})));
    let [one, other] = machines
        .each_ref()
        .map(|it| format!("127.0.0.1:{}", it.port));
    let replaced = [("10.0.0.11:8080", one), ("10.0.0.12:8080", other)];
    let nginx = Proxy::nginx(&program, "many.conf", &replaced);

    let mut homes = Vec::new();
    // The ports are others each time, and so is what becomes of a name.
    while homes.len() < 6 || !homes.contains(&0) || !homes.contains(&1) {
        assert!(homes.len() < 100, "{homes:?}");
        let name = &format!("user-{}", homes.len());
        // Each works in its own machine's directory: which one it will be is not known.
        let query = format!("?session={name}");
        let mut socket = websocket(nginx.connect(), &query, &[]).expect("the upgrade");
        let execute = json!({"type": "execute", "session_id": name, "prompt": "hello"});
        socket
            .send(Message::text(execute.to_string()))
            .expect("it is sent");
        while !socket
            .read()
            .expect("a frame")
            .to_string()
            .contains("\"completed\"")
        {}
        let knows =
            |machine: &Daemon| get(machine, &format!("/api/v1/sessions/{name}")).status == 200;
        let known: Vec<usize> = (0..2).filter(|at| knows(&machines[*at])).collect();
        assert_eq!(known.len(), 1, "{name} is known to {known:?}");
        homes.push(known[0]);
        // REST and its streams lead to the same.
        let body = json!({"prompt": "history", "stream": true});
        let path = format!("/api/v1/sessions/{name}/execute");
        let said = ask(nginx.connect(), &request("POST", &path, "", Some(&body)));
        assert!(said.contains("history: 1"), "{said}");
    }

    // Without a name nothing is begun anywhere, and what is one machine's is not asked here.
    assert_eq!(websocket(nginx.connect(), "", &[]).err(), Some(400));
    let list = request("GET", "/api/v1/sessions", "", None);
    assert!(ask(nginx.connect(), &list).starts_with("HTTP/1.1 404"));

    // A machine that has gone takes its own sessions with it and no others.
    machines[1].signal(Signal::TERM);
    machines[1].ended();
    for (number, home) in homes.into_iter().enumerate() {
        let name = format!("user-{number}");
        let path = format!("/api/v1/sessions/{name}");
        let said = ask(nginx.connect(), &request("GET", &path, "", None));
        let expected = if home == 0 {
            "HTTP/1.1 200"
        } else {
            "HTTP/1.1 502"
        };
        assert!(said.starts_with(expected), "{name}: {said}");
    }
}
