//! The jails with Claude Code in them: what its tools must not do they cannot, and it works on.

use std::fs;

use hotplex::{Engine, GuardConfig, Jail};

use crate::common;
use crate::site::Site;
use crate::tools::tool_result;

pub(crate) fn it_holds_the_tools_and_the_work_goes_on(site: &Site) {
    let precious = site.stage.home().join("precious");
    fs::write(&precious, "kept").expect("a file");
    for jail in [Jail::Write, Jail::Strict] {
        let engine = jailed(site, jail);
        let session = jail.as_str();
        for command in [
            "rm -f $HOME/precious",
            "echo x > $HOME/precious",
            "mkdir $HOME/new",
        ] {
            let (failed, said) = run(site, &engine, session, command);
            assert!(failed, "{jail:?} let it: {command}: {said}");
        }
        assert_eq!(fs::read_to_string(&precious).expect("it is there"), "kept");
        let (failed, said) = run(site, &engine, session, "cat $HOME/precious");
        assert_eq!(failed, jail == Jail::Strict, "{jail:?}: {said}");
        for command in [
            "mkdir -p node_modules/x && rm -rf node_modules",
            "f=$(mktemp) && echo x > $f && mv $f moved && rm moved",
            "git init -q repository && git -C repository status",
        ] {
            let (failed, said) = run(site, &engine, session, command);
            assert!(!failed, "{jail:?} refused: {command}: {said}");
        }
        engine.close(common::PATIENCE).expect("it ends");
    }
}

/// Its transcripts are state, which it must be able to write and to find again.
pub(crate) fn a_conversation_goes_on_in_it(site: &Site) {
    for jail in [Jail::Write, Jail::Strict] {
        for turn in [1, 2] {
            let engine = jailed(site, jail);
            let words = format!("turn {turn}");
            site.ask(
                &engine,
                jail.as_str(),
                &format!("MODEL:text {words}"),
                &words,
            );
            if turn == 2 {
                let messages = site.count_messages(&engine, jail.as_str());
                assert!(messages >= 5, "{jail:?}: {messages} messages");
            }
            engine.close(common::PATIENCE).expect("it ends");
        }
    }
}

/// The guard sleeps, so that the jail has to hold by itself.
fn jailed(site: &Site, jail: Jail) -> Engine {
    let guard = GuardConfig {
        enabled: false,
        ..GuardConfig::default()
    };
    let builder = site.builder().permission_mode("bypassPermissions");
    let builder = builder.guard(guard);
    builder.jail(jail).open().expect("a jail")
}

/// Whether it failed, and what it said.
fn run(site: &Site, engine: &Engine, session: &str, command: &str) -> (bool, String) {
    let played = site
        .stage
        .play(engine, session, &format!("MODEL:bash {command}"));
    played.assert_completed();
    let result = tool_result(&played);
    (result.is_error, result.text.clone())
}
