//! The bindings, each with a program of its own that plays three turns with the real agent: text, a
//! tool that is asked about and allowed, and one that is cancelled. And the daemon and its page, which play more.
//!
//! What is run, and how it is built, is the Makefile's business; here it finds its agent and its
//! model server.

use std::process::Command;

use hotplex::InheritEnv;
use serde_json::{Value, json};

use crate::site::Site;

/// The command that plays the turns, by the language's name.
fn play(site: &Site, variable: &str) {
    let command = std::env::var(variable);
    let command = command.unwrap_or_else(|_| panic!("{variable} names the program to run"));
    let work_dir = site.stage.work_dir();
    let output = Command::new("/bin/sh")
        .args(["-c", &command])
        .env("HOTPLEX_REAL_OPTIONS", options(site).to_string())
        .env("HOTPLEX_REAL_WORK_DIR", &work_dir)
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}:\n{said}\n{complained}");
}

/// The turns of a binding. The tool must have run.
fn play_turns(site: &Site, variable: &str) {
    play(site, variable);
    assert!(site.has_file("asked"), "the tool ran");
}

/// The options of the site's engines, as a caller of the C interface writes them.
fn options(site: &Site) -> Value {
    let builder = site.builder();
    let options = builder.options();
    let InheritEnv::Named(inherited) = &options.inherit_env else {
        panic!("the site names what agents inherit");
    };
    json!({
        "program": options.program,
        "program_args": options.program_args,
        "state_dir": options.state_dir,
        "env": options.env,
        "inherit_env": inherited,
    })
}

pub(crate) fn c(site: &Site) {
    play_turns(site, "HOTPLEX_REAL_C");
}

pub(crate) fn go(site: &Site) {
    play_turns(site, "HOTPLEX_REAL_GO");
}

pub(crate) fn node(site: &Site) {
    play_turns(site, "HOTPLEX_REAL_NODE");
}

pub(crate) fn python(site: &Site) {
    play_turns(site, "HOTPLEX_REAL_PYTHON");
}

pub(crate) fn daemon(site: &Site) {
    play(site, "HOTPLEX_REAL_DAEMON");
}

/// The daemon's page, in a browser.
pub(crate) fn page(site: &Site) {
    play(site, "HOTPLEX_REAL_PAGE");
}
