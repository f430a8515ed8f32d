//! `hotplexd tail` while the daemon goes and comes back.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::client::post;
use crate::daemon::{Daemon, Stage, until};

fn turn(daemon: &Daemon, stage: &Stage, prompt: &str) {
    let body = json!({"prompt": prompt, "work_dir": stage.work()});
    let answer = post(daemon, "/api/v1/sessions/s/execute", &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// The texts of answers, and gaps, in order.
fn told(path: &std::path::Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("what it wrote");
    let whole = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let worth = whole.filter_map(|frame| match frame["event"].as_str() {
        Some("answer") => frame["data"]["text"].as_str().map(str::to_owned),
        Some("gap") => Some("gap".to_owned()),
        _ => None,
    });
    worth.collect()
}

#[test]
fn it_waits_for_the_daemon_and_catches_up() {
    let stage = Stage::new("tail");
    let mut daemon = stage.open();
    turn(&daemon, &stage, "first");
    let (out, err) = (stage.root.join("tail-out"), stage.root.join("tail-err"));
    let file = |path| fs::File::create(path).expect("a file");
    let mut tail = stage.hotplexd(&["tail", "s"]);
    let mut tail = tail
        .stdout(Stdio::from(file(&out)))
        .stderr(Stdio::from(file(&err)))
        .spawn()
        .expect("it runs");
    until("what is held is told", || told(&out) == ["echo: first"]);

    daemon.signal(Signal::KILL);
    daemon.ended();
    until("it says that it waits", || {
        fs::read_to_string(&err).is_ok_and(|said| said.contains("waiting"))
    });
    // At another port: the run file tells where.
    let daemon = stage.open();
    turn(&daemon, &stage, "second");
    // What came before it was back is not missed, and the gap is told.
    until("it has caught up", || {
        told(&out).last().is_some_and(|text| text == "echo: second")
    });
    assert_eq!(told(&out), ["echo: first", "gap", "echo: second"]);
    turn(&daemon, &stage, "third");
    until("and goes on", || {
        told(&out).last().is_some_and(|text| text == "echo: third")
    });

    assert!(tail.try_wait().expect("a status").is_none());
    kill_process(Pid::from_child(&tail), Signal::TERM).expect("a signal");
    tail.wait().expect("its end");
}

#[test]
fn a_refused_token_is_not_tried_again() {
    let stage = Stage::new("tail-refused");
    let daemon = stage.serve(&[], &json!({}));
    let wrong = stage.root.join("wrong");
    fs::write(&wrong, "wrong-but-long-enough\n").expect("a file");
    fs::set_permissions(&wrong, fs::Permissions::from_mode(0o600)).expect("its mode");
    let url = format!("http://127.0.0.1:{}", daemon.port);
    let wrong = wrong.display().to_string();
    let flags = ["tail", "s", "--url", &url, "--token-file", &wrong];
    let output = stage.hotplexd(&flags).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code() == Some(1) && said.contains("token"),
        "{said}"
    );
}

#[cfg(feature = "tls")]
#[test]
fn an_https_daemon_is_asked_if_its_certificate_is_vouched_for() {
    let stage = Stage::new("tls-client");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (certificate, key) = (stage.root.join("cert.pem"), stage.root.join("key.pem"));
    fs::write(&certificate, made.cert.pem()).expect("a file");
    fs::write(&key, made.signing_key.serialize_pem()).expect("a file");
    let config = stage.root.join("config.toml");
    let text = format!("[tls]\ncertificate = {certificate:?}\nkey = {key:?}\n");
    fs::write(&config, text).expect("a file");
    let daemon = stage.serve(&["--config", &config.display().to_string()], &json!({}));
    let url = format!("https://localhost:{}", daemon.port);
    let ask = |arguments: &[&str], vouched: bool| {
        let mut command = stage.hotplexd(&[arguments, &["--url", &url]].concat());
        command.env_remove("SSL_CERT_FILE");
        command.arg("--token-file").arg(stage.root.join("token"));
        if vouched {
            command.arg("--ca").arg(&certificate);
        }
        let output = command.output().expect("it runs");
        let texts = [output.stdout, output.stderr];
        let texts = texts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        (output.status.code(), texts.concat())
    };
    // Over WebSocket and over REST.
    let (code, said) = ask(&["run", "-s", "s", "hello"], true);
    assert_eq!((code, said.as_str()), (Some(0), "echo: hello\n"));
    let (code, said) = ask(&["sessions"], true);
    assert!(code == Some(0) && said.contains("s\tready"), "{said}");
    // Nobody the system trusts has signed it; a machine without any list says that.
    let (code, said) = ask(&["sessions"], false);
    assert!(
        matches!(code, Some(2 | 4)) && !said.contains("ready"),
        "{code:?} {said}"
    );
}
