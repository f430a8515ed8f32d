//! `hotplexd sessions`, `kill`, `prewarm`: what the daemon holds.

use std::io::IsTerminal;

use hyper::Method;
use serde_json::{Value, json};

use super::say::say;
use crate::cli::{Kill, Prewarm, Sessions, TurnArgs};
use crate::client::{Target, work_dir};
use crate::failure::{Failure, failed, unreachable};
use crate::terminal::{Style, clean, first_line, visible};

const HEAD: [&str; 7] = [
    "SESSION", "STATE", "ENGINE", "PID", "TURNS", "COST", "TITLE",
];

pub(super) async fn list(flags: Sessions) -> Result<(), Failure> {
    let target = Target::need(&flags.reach)?;
    let list = ask(&target, Method::GET, "/api/v1/sessions", None).await?;
    if flags.json {
        return say(format!("{}\n", list["sessions"]).as_bytes());
    }
    let rows = rows(&list["sessions"]);
    match std::io::stdout().is_terminal() {
        true => say(table(&rows, Style::of(&std::io::stdout())).as_bytes()),
        false => say(lines(&rows).as_bytes()),
    }
}

/// The cells of a list of sessions, with their heads.
pub(super) fn rows(sessions: &Value) -> Vec<[String; 7]> {
    let text = |value: &Value| clean(value.as_str().unwrap_or_default()).replace(['\t', '\n'], " ");
    let sessions = sessions.as_array().into_iter().flatten();
    let rows = sessions.map(|one| {
        [
            visible(one["session_id"].as_str().unwrap_or_default()),
            text(&one["state"]),
            text(&one["engine"]),
            one["pid"]
                .as_u64()
                .map_or("-".to_owned(), |pid| pid.to_string()),
            one["turns"].to_string(),
            format!("{:.4}", one["cost_usd"].as_f64().unwrap_or(0.0)),
            first_line(&text(&one["title"]), 60),
        ]
    });
    std::iter::once(HEAD.map(str::to_owned))
        .chain(rows)
        .collect()
}

/// For a person: columns.
pub(super) fn table(rows: &[[String; 7]], style: Style) -> String {
    let width = |at: usize| {
        rows.iter()
            .map(|row| row[at].chars().count())
            .max()
            .unwrap_or(0)
    };
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells = row.iter().enumerate().map(|(at, cell)| {
            let gap = width(at) - cell.chars().count();
            format!("{cell}{}", " ".repeat(gap))
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        let line = line.trim_end();
        let line = if number == 0 {
            style.bold(line)
        } else {
            line.to_owned()
        };
        text += &format!("{line}\n");
    }
    text
}

/// For a program: tabs.
fn lines(rows: &[[String; 7]]) -> String {
    rows.iter()
        .map(|row| format!("{}\n", row.join("\t")))
        .collect()
}

pub(super) async fn kill(flags: Kill) -> Result<(), Failure> {
    let target = Target::need(&flags.reach)?;
    let names = match flags.all {
        true => names(&ask(&target, Method::GET, "/api/v1/sessions", None).await?),
        false => flags.sessions,
    };
    let reason = flags.reason.unwrap_or_else(|| "hotplexd kill".to_owned());
    let body = json!({"reason": reason});
    // One that cannot be ended keeps none of the others alive.
    let mut problems = Vec::new();
    for name in names {
        let path = format!("/api/v1/sessions/{}/terminate", in_path(&name));
        match ask(&target, Method::POST, &path, Some(&body)).await {
            Ok(ended) => {
                let word = if ended["stopped"] == true {
                    "ended"
                } else {
                    "had no process"
                };
                say(format!("{}\t{word}\n", visible(&name)).as_bytes())?;
            }
            Err(failure) => problems.push(failure),
        }
    }
    let code = problems.iter().map(|problem| problem.code).max();
    let messages: Vec<String> = problems
        .into_iter()
        .map(|problem| problem.message)
        .collect();
    match code {
        None => Ok(()),
        Some(code) => Err(Failure {
            code,
            message: messages.join("; "),
        }),
    }
}

fn names(list: &Value) -> Vec<String> {
    let sessions = list["sessions"].as_array().into_iter().flatten();
    let names = sessions.filter_map(|one| one["session_id"].as_str());
    names.map(str::to_owned).collect()
}

/// A session's name as a part of a path.
fn in_path(name: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    name.bytes().map(byte).collect()
}

pub(super) async fn prewarm(flags: Prewarm) -> Result<(), Failure> {
    let target = Target::need(&flags.reach)?;
    let turn_args = TurnArgs {
        work_dir: flags.work_dir,
        ..TurnArgs::default()
    };
    let mut body = json!({"work_dir": work_dir(&turn_args)?, "count": flags.count});
    if let Some(engine) = flags.engine {
        body["engine"] = json!(engine);
    }
    if let Some(model) = flags.model {
        body["model"] = json!(model);
    }
    let asked = ask(&target, Method::POST, "/api/v1/spares", Some(&body)).await?;
    say(format!("{} started\n", asked["started"]).as_bytes())
}

/// Asks the daemon and takes what it refuses for a failure.
async fn ask(
    target: &Target,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<Value, Failure> {
    let (status, answer) = target.ask(method, path, body).await?;
    let message = || {
        answer["error"]["message"]
            .as_str()
            .unwrap_or("no reason given")
    };
    match status {
        200..=299 => Ok(answer),
        401 => Err(unreachable(format!("the daemon refuses: {}", message()))),
        _ => Err(failed(message())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_title_breaks_no_column() {
        let list = json!([{"session_id": "s", "state": "ready", "engine": "e", "pid": 7, "turns": 1,
            "cost_usd": 0.5, "title": "a\tb\u{1b}[2J\nc"}]);
        let text = lines(&rows(&list));
        assert_eq!(
            text.lines().nth(1),
            Some("s\tready\te\t7\t1\t0.5000\ta b[2J c")
        );
        assert_eq!(in_path("a/b c"), "a%2Fb%20c");
    }

    #[test]
    fn names_that_look_alike_are_told_apart() {
        let row = |name: &str| json!({"session_id": name, "title": "", "turns": 1});
        let list = json!([row("gpj"), row("\u{202e}gpj"), row("g\u{200b}pj")]);
        let names: Vec<_> = rows(&list).into_iter().map(|row| row[0].clone()).collect();
        let shown = ["SESSION", "gpj", "\\u{202e}gpj", "g\\u{200b}pj"];
        assert_eq!(names, shown);
    }
}
