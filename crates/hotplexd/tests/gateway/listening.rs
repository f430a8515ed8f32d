//! Where the daemon listens: sockets in the file system, sockets of systemd, HTTPS.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use rustix::thread::set_thread_res_uid;
use serde_json::json;

use crate::client::Client;
use crate::daemon::{Daemon, PATIENCE, Stage, until};

const HEALTH: &str = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// What the daemon at this socket says of itself; empty if it says nothing.
fn health(path: &Path) -> String {
    let mut answer = Vec::new();
    let asked = UnixStream::connect(path).and_then(|mut stream| {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(HEALTH.as_bytes())?;
        stream.read_to_end(&mut answer)
    });
    match asked {
        Ok(_) => String::from_utf8_lossy(&answer).into_owned(),
        // Closed before all was read.
        Err(_) => String::new(),
    }
}

/// Names of sockets are short: the test's own directory may be too deep.
fn socket_path(name: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("hotplexd-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    directory.join("sock")
}

#[test]
fn a_socket_in_the_file_system_serves_its_user_and_nobody_else() {
    let stage = Stage::new("unix");
    let path = socket_path("unix");
    let listen = format!("unix:{}", path.display());
    let flags = ["--no-token", "--listen", &listen];
    let command = || Command::new(env!("CARGO_BIN_EXE_hotplexd"));
    let mut daemon = Daemon::run(&stage, &mut command(), &flags, &json!({}));
    assert!(
        health(&path).starts_with("HTTP/1.1 200"),
        "{}",
        health(&path)
    );
    let mode = std::fs::metadata(&path)
        .expect("the socket")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let run = stage.hotplexd(&["run", "hello"]).output().expect("it runs");
    assert_eq!(String::from_utf8_lossy(&run.stdout), "echo: hello\n");

    // What the mode lets through is looked at all the same.
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o666)).expect("a mode");
    if rustix::process::geteuid().is_root() {
        let there = path.clone();
        let nobody = std::thread::spawn(move || {
            let id = rustix::process::Uid::from_raw(65534);
            set_thread_res_uid(id, id, id).expect("another user");
            health(&there)
        });
        assert_eq!(nobody.join().expect("an answer"), "");
        until("it is in the log", || daemon.log().contains("another user"));
    }

    // A second daemon does not take it over; one that comes after a kill does.
    let mut second = stage.hotplexd(&["serve", "--no-token", "--listen", &listen]);
    let refused = second.output().expect("it runs");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("another daemon"));
    daemon.signal(Signal::KILL);
    daemon.ended();
    assert!(path.exists());
    let daemon = Daemon::run(&stage, &mut command(), &flags, &json!({}));
    assert!(health(&path).starts_with("HTTP/1.1 200"));
    drop(daemon);
    assert!(!path.exists(), "a clean end takes the socket away");
    std::fs::remove_dir_all(path.parent().expect("its directory")).expect("cleared");
}

/// As systemd starts a program: the socket is descriptor 3, and the variables name this process.
fn activated(socket: OwnedFd) -> Command {
    let mut command = Command::new("sh");
    let script = "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$@\"";
    command.args(["-c", script, env!("CARGO_BIN_EXE_hotplexd")]);
    command.stdin(Stdio::from(socket));
    command
}

#[test]
fn a_socket_of_systemd_is_served_in_the_place_of_the_addresses() {
    let stage = Stage::new("activation");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let taken = format!("127.0.0.1:{port}");
    let mut command = activated(listener.into());
    // The address is taken: the daemon must not try to have it.
    let flags = ["--no-token", "--listen", &taken];
    let mut daemon = Daemon::run(&stage, &mut command, &flags, &json!({}));
    assert_eq!(daemon.port, port);
    let mut client = Client::v1(&daemon);
    client.send(
        &json!({"type": "execute", "session_id": "s", "prompt": "hello", "work_dir": stage.work()}),
    );
    client.until("completed");
    daemon.signal(Signal::TERM);
    assert_eq!(client.closed(), 1012);
    assert!(daemon.ended().success());

    // In the file system as well; the file is systemd's and stays.
    let path = socket_path("activation");
    let listener = std::os::unix::net::UnixListener::bind(&path).expect("a socket");
    let mut command = activated(listener.into());
    let listen = format!("unix:{}", path.display());
    let flags = ["--no-token", "--listen", &listen];
    let daemon = Daemon::run(&stage, &mut command, &flags, &json!({}));
    assert!(health(&path).starts_with("HTTP/1.1 200"));
    drop(daemon);
    assert!(path.exists());
    std::fs::remove_dir_all(path.parent().expect("its directory")).expect("cleared");
}

#[test]
fn without_a_token_a_socket_of_systemd_must_be_on_loopback_too() {
    let stage = Stage::new("activation-open");
    let listener = TcpListener::bind("0.0.0.0:0").expect("a port");
    let mut command = activated(listener.into());
    command.args(["serve", "--no-token"]);
    stage.surround(&mut command);
    let output = command.output().expect("it runs");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("loopback"));
}

#[test]
fn systemd_hears_that_it_is_ready_alive_and_ending() {
    let stage = Stage::new("watchdog");
    let path = socket_path("watchdog");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket
        .set_read_timeout(Some(PATIENCE))
        .expect("a time limit");
    let hear = || {
        let mut bytes = [0; 256];
        let length = socket.recv(&mut bytes).expect("a message");
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    };
    let until_heard = |what: &str| while !hear().contains(what) {};
    let mut command = Command::new("sh");
    let script = "WATCHDOG_PID=$$ exec \"$0\" \"$@\"";
    command.args(["-c", script, env!("CARGO_BIN_EXE_hotplexd")]);
    command
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "200000");
    let flags = ["--no-token", "--listen", "127.0.0.1:0"];
    let mut daemon = Daemon::run(&stage, &mut command, &flags, &json!({}));
    until_heard("READY=1");
    for _ in 0..3 {
        until_heard("WATCHDOG=1");
    }
    // One that does not serve any more is silent.
    daemon.signal(Signal::STOP);
    socket
        .set_read_timeout(Some(Duration::from_millis(500)))
        .expect("a time limit");
    let mut bytes = [0; 256];
    // What was sent before.
    while socket.recv(&mut bytes).is_ok() {}
    socket
        .set_read_timeout(Some(PATIENCE))
        .expect("a time limit");
    daemon.signal(Signal::CONT);
    until_heard("WATCHDOG=1");
    daemon.signal(Signal::TERM);
    until_heard("STOPPING=1");
    assert!(daemon.ended().success());
    std::fs::remove_dir_all(path.parent().expect("its directory")).expect("cleared");
}

#[test]
fn systemd_takes_the_unit_files() {
    let stage = Stage::new("units");
    let units = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd");
    for name in ["hotplexd.service", "hotplexd.socket"] {
        let text = std::fs::read_to_string(units.join(name)).expect("a unit file");
        // It is looked whether the program is there.
        let program = env!("CARGO_BIN_EXE_hotplexd");
        let text = text.replace("/usr/local/bin/hotplexd", program);
        std::fs::write(stage.root.join(name), text).expect("a file");
    }
    let mut command = Command::new("systemd-analyze");
    command
        .arg("verify")
        .arg("--man=no")
        .arg(stage.root.join("hotplexd.socket"));
    let output = match command.output() {
        Ok(output) => output,
        Err(_) if std::env::var("CI").as_deref() != Ok("true") => return,
        Err(error) => panic!("systemd-analyze: {error}"),
    };
    let said = String::from_utf8_lossy(&output.stderr);
    let ours: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("hotplexd"))
        .collect();
    assert!(output.status.success() && ours.is_empty(), "{said}");
}

#[cfg(feature = "tls")]
mod tls {
    use std::net::TcpStream;
    use std::sync::Arc;

    use rustls::pki_types::{CertificateDer, ServerName};
    use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
    use tungstenite::Message;
    use tungstenite::client::IntoClientRequest;

    use super::*;

    type Secure = StreamOwned<ClientConnection, TcpStream>;

    fn secure(daemon: &Daemon, certificate: &CertificateDer<'static>) -> Secure {
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).expect("a root");
        let config =
            ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into());
        let config = config
            .with_safe_default_protocol_versions()
            .expect("versions");
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from("localhost").expect("a name");
        let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
        let stream = TcpStream::connect(("127.0.0.1", daemon.port)).expect("a connection");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a time limit");
        StreamOwned::new(connection, stream)
    }

    #[test]
    fn https_is_served_with_a_certificate_and_plain_http_is_not() {
        let stage = Stage::new("tls");
        let made =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let (certificate, key) = (stage.root.join("cert.pem"), stage.root.join("key.pem"));
        std::fs::write(&certificate, made.cert.pem()).expect("a file");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("a file");
        let config = stage.root.join("config.toml");
        let text = format!("[tls]\ncertificate = {certificate:?}\nkey = {key:?}\n");
        std::fs::write(&config, text).expect("a file");
        let config = config.display().to_string();
        let daemon = stage.serve(&["--no-token", "--config", &config], &json!({}));

        let mut stream = secure(&daemon, made.cert.der());
        stream.write_all(HEALTH.as_bytes()).expect("it is sent");
        let mut answer = String::new();
        // It may close without the farewell of TLS.
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

        let url = format!("wss://localhost:{}/ws/v1/agent", daemon.port);
        let request = url.into_client_request().expect("a request");
        let (mut socket, _) =
            tungstenite::client(request, secure(&daemon, made.cert.der())).expect("the upgrade");
        let execute = json!({"type": "execute", "session_id": "s", "prompt": "hello", "work_dir": stage.work()});
        socket
            .send(Message::text(execute.to_string()))
            .expect("it is sent");
        let mut said = String::new();
        while !said.contains("completed") {
            said += &socket.read().expect("a frame").to_string();
        }
        assert!(said.contains("echo: hello"));
        let plain = crate::client::raw(&daemon, HEALTH);
        assert!(!plain.starts_with("HTTP/1.1 200"), "{plain}");
        // A client that says nothing keeps nobody waiting.
        let _silent = crate::client::opened(&daemon, "");
        let mut stream = secure(&daemon, made.cert.der());
        stream.write_all(HEALTH.as_bytes()).expect("it is sent");
        let mut first = [0; 12];
        stream.read_exact(&mut first).expect("an answer");
        assert_eq!(&first, b"HTTP/1.1 200");
    }

    #[test]
    fn a_certificate_that_cannot_be_used_is_named() {
        let stage = Stage::new("tls-wrong");
        let config = stage.root.join("config.toml");
        std::fs::write(
            &config,
            "[tls]\ncertificate = \"/nowhere.pem\"\nkey = \"/nowhere.key\"\n",
        )
        .expect("a file");
        let config = config.display().to_string();
        let mut command = stage.hotplexd(&[
            "serve",
            "--no-token",
            "--listen",
            "127.0.0.1:0",
            "--config",
            &config,
        ]);
        command.args(["--engine-options", &stage.engine(&json!({}))]);
        let output = command.output().expect("it runs");
        assert!(!output.status.success());
        assert!(String::from_utf8_lossy(&output.stderr).contains("/nowhere.pem"));
    }
}

/// What is built without TLS says so and does not serve without it.
#[cfg(not(feature = "tls"))]
#[test]
fn without_the_feature_https_is_refused_and_not_left_out() {
    let stage = Stage::new("no-tls");
    let config = stage.root.join("config.toml");
    std::fs::write(&config, "[tls]\ncertificate = \"a\"\nkey = \"b\"\n").expect("a file");
    let config = config.display().to_string();
    let mut command = stage.hotplexd(&[
        "serve",
        "--no-token",
        "--listen",
        "127.0.0.1:0",
        "--config",
        &config,
    ]);
    command.args(["--engine-options", &stage.engine(&json!({}))]);
    let output = command.output().expect("it runs");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("tls"));
}
