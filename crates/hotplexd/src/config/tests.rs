use super::super::print::print;
use super::*;

fn settings(flags: Serve, environment: Environment, file: &str) -> Result<Settings, String> {
    let name = format!(
        "hotplexd-config-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    );
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, file).expect("the file is written");
    let config = Some(path.clone());
    let settings = Settings::new(&Serve { config, ..flags }, &environment);
    std::fs::remove_file(path).expect("the file is removed");
    settings
}

fn home() -> Environment {
    Environment {
        home: Some("/home/dev".into()),
        ..Environment::default()
    }
}

fn port_of(settings: &Settings) -> String {
    settings.listen[0].to_string()
}

#[test]
fn a_flag_wins_over_the_environment_that_over_the_file_and_that_over_the_default() {
    let with_variable = Environment {
        port: Some("2".to_owned()),
        ..home()
    };
    let flag = Serve {
        port: Some(1),
        ..Serve::default()
    };
    let table = [
        (flag, with_variable.clone(), "port = 3", "127.0.0.1:1"),
        (Serve::default(), with_variable, "port = 3", "127.0.0.1:2"),
        (Serve::default(), home(), "port = 3", "127.0.0.1:3"),
        (Serve::default(), home(), "", "127.0.0.1:8080"),
    ];
    for (flags, environment, file, expected) in table {
        let settings = settings(flags, environment, file).expect(expected);
        assert_eq!(port_of(&settings), expected);
    }
}

#[test]
fn the_flag_of_engine_options_is_that_of_the_default_engine() {
    let flags = Serve {
        engine_options: Some(r#"{"model":"m","partial_messages":false}"#.to_owned()),
        allowed_tools: Some(vec!["Bash".to_owned(), " Edit".to_owned()]),
        ..Serve::default()
    };
    let idle = Environment {
        idle_timeout: Some("1h30m".to_owned()),
        ..home()
    };
    let file = "[engines.default]\nmodel = \"old\"\nqueue_turns = 3\n[engines.other]\n";
    let settings = settings(flags, idle, file).expect("settings");
    let options = &settings.engines["default"];
    assert_eq!(options["model"], "m");
    assert_eq!(options["queue_turns"], 3);
    assert_eq!(options["partial_messages"], false);
    assert_eq!(options["idle_timeout_ms"], 5_400_000);
    assert_eq!(
        options["allowed_tools"],
        serde_json::json!(["Bash", "Edit"])
    );
    assert_eq!(settings.engines["other"]["partial_messages"], true);
}

#[test]
fn without_a_token_it_never_listens_beyond_loopback() {
    let flags = |listen: &str| Serve {
        listen: vec![listen.to_owned()],
        no_token: true,
        ..Serve::default()
    };
    for open in ["0.0.0.0:1", "[::]:1", "192.0.2.1:80"] {
        let error = settings(flags(open), home(), "").expect_err(open);
        assert!(error.contains("loopback"), "{error}");
    }
    for private in ["127.0.0.1:1", "[::1]:1", "unix:/tmp/x", "localhost:1"] {
        settings(flags(private), home(), "").expect(private);
    }
}

#[test]
fn mistakes_are_told_with_their_place() {
    let bad_port = Environment {
        port: Some("many".to_owned()),
        ..home()
    };
    let options = |json: &str| Serve {
        engine_options: Some(json.to_owned()),
        ..Serve::default()
    };
    let table = [
        (Serve::default(), bad_port, "", "PORT"),
        (options(r#"{"modle":"x"}"#), home(), "", "modle"),
        (options("[]"), home(), "", "--engine-options"),
        (
            Serve::default(),
            home(),
            "default_engine = \"x\"\n[engines.y]",
            "default_engine",
        ),
        (
            Serve::default(),
            home(),
            "[keys.ann]\ntoken_file = \"a\"\nengines = [\"none\"]",
            "keys.ann.engines",
        ),
        (
            Serve::default(),
            home(),
            "listen = [\"example.org:80\"]",
            "example.org",
        ),
    ];
    for (flags, environment, file, word) in table {
        let error = settings(flags, environment, file).expect_err(word);
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn a_mistake_of_the_file_is_told_with_line_and_key_whatever_it_is() {
    let ann = "token_file = \"a\"";
    let table = [
        (
            "\nlisten = [\"127.0.0.1:1\",\n\"here\"]".to_owned(),
            "line 3: listen: ",
            "here",
        ),
        ("listen = []".to_owned(), "line 1: listen: ", "no address"),
        (
            "port = 1\nlisten = [\"127.0.0.1:1\"]".to_owned(),
            "line 1: port: ",
            "already",
        ),
        (
            "no_token = true\ntoken_file = \"x\"".to_owned(),
            "line 2: token_file: ",
            "no_token",
        ),
        (
            "work_roots = [\"/no/such/place\"]".to_owned(),
            "line 1: work_roots: ",
            "/no/such/place",
        ),
        (
            "work_roots = []".to_owned(),
            "line 1: work_roots: ",
            "no directory",
        ),
        (
            "hosts = [\"a\", \"http://b\"]".to_owned(),
            "line 1: hosts: ",
            "http://b",
        ),
        (
            "\norigins = [\"app.example\"]".to_owned(),
            "line 2: origins: ",
            "app.example",
        ),
        (
            "origins = [\"https://a/b\"]".to_owned(),
            "line 1: origins: ",
            "https://a/b",
        ),
        (
            "[log]\n\nformat = \"xml\"".to_owned(),
            "line 3: log.format: ",
            "xml",
        ),
        (
            "[log]\nlevel = \"a=b=c\"".to_owned(),
            "line 2: log.level: ",
            "expected",
        ),
        (
            "[limits]\nframe_bytes = 0".to_owned(),
            "line 2: limits.frame_bytes: ",
            "nobody",
        ),
        (
            "[limits]\nheader_timeout = \"1us\"".to_owned(),
            "line 2: limits.header_timeout: ",
            "nobody",
        ),
        (
            "default_engine = \"x\"\n[engines.y]".to_owned(),
            "line 1: default_engine: ",
            "only y",
        ),
        (
            format!("[keys.\"a b\"]\n{ann}"),
            "line 1: keys.a b: ",
            "letters",
        ),
        (
            format!("[keys.ann]\n{ann}\nengines = [\"default\", \"none\"]"),
            "line 3: keys.ann.engines: ",
            "none",
        ),
        (
            format!("[keys.ann]\n{ann}\nengines = []"),
            "line 3: keys.ann.engines: ",
            "no use",
        ),
        (
            format!("[keys.ann]\n{ann}\nwork_roots = [\"/no/such\"]"),
            "line 3: keys.ann.work_roots: ",
            "/no/such",
        ),
        (
            format!("[keys.ann]\n{ann}\ncost_usd_per_day = nan"),
            "line 3: keys.ann.cost_usd_per_day: ",
            "dollars",
        ),
    ];
    for (file, place, why) in table {
        let error = settings(Serve::default(), home(), &file).expect_err(&file);
        assert!(
            error.contains(place) && error.contains(why),
            "{file}: {error}"
        );
    }
}

#[test]
fn an_engine_that_is_alone_is_the_default_one() {
    let alone = settings(Serve::default(), home(), "[engines.fast]\nmodel = \"m\"");
    assert_eq!(alone.expect("settings").default_engine, "fast");
    let two = settings(Serve::default(), home(), "[engines.a]\n[engines.b]");
    let error = two.expect_err("neither is the default");
    assert!(
        error.contains("default_engine") && error.contains("a, b"),
        "{error}"
    );
}

#[test]
fn what_is_printed_reads_as_the_same_settings() {
    let file =
        "grace = \"3s\"\n[engines.default.env]\nKEY = \"secret\"\n[limits]\nconnections = 7\n";
    let first = settings(Serve::default(), home(), file).expect("settings");
    let printed = print(&first);
    assert!(!printed.contains("secret"), "{printed}");
    let again = settings(Serve::default(), home(), &printed).expect(&printed);
    assert_eq!(print(&again), printed);
}
