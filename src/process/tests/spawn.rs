//! What a child is started with, and what is said when it cannot be.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::*;
use crate::scratch::Scratch;

fn file(scratch: &Scratch, name: &str, content: &str, mode: u32) -> PathBuf {
    let path = scratch.join(name);
    fs::write(&path, content).expect("a new file");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
    path
}

#[test]
fn a_child_gets_its_arguments_directory_environment_and_mark() {
    let mark = EngineMark::new().spawn_mark(7);
    let scratch = Scratch::new();
    let mut child = spawn(&Launch {
        program: Path::new("/bin/sh"),
        arguments: &[
            "-c".into(),
            "echo \"$1\"; pwd -P; exec env".into(),
            "x".into(),
            "a b".into(),
        ],
        environment: &[
            ("KEY".into(), "va=lue".into()),
            ("HOTPLEX_SPAWN_ID".into(), "of-an-outer-engine.1".into()),
        ],
        work_dir: &scratch,
        mark: &mark,
        jail: None,
    })
    .expect("sh starts");
    let lines = read_lines(&mut child, 5);
    assert_eq!(lines[0], "a b");
    assert_eq!(Path::new(&lines[1]), scratch.to_owned());
    let mut variables: Vec<_> = lines[2..]
        .iter()
        .filter(|line| !line.starts_with("PWD="))
        .collect();
    variables.sort();
    assert_eq!(
        variables,
        [
            "HOTPLEX_SPAWN_ID=".to_owned() + &mark.to_string(),
            "KEY=va=lue".into()
        ]
        .iter()
        .collect::<Vec<_>>()
    );
    assert_eq!(exit_of(&mut child), Exit::Code(0));
}

#[test]
fn an_error_names_what_is_missing() {
    let scratch = Scratch::new();
    let plain = file(&scratch, "plain", "", 0o644);
    let orphan = file(&scratch, "orphan", "#!/nowhere/interpreter\n", 0o755);
    let gone = scratch.join("gone");
    let sh = PathBuf::from("/bin/sh");
    // program, work directory, what the text says
    let cases: &[(&Path, &Path, &str)] = &[
        (
            &gone,
            &scratch,
            &format!("cannot start {}: ", gone.display()),
        ),
        (
            &plain,
            &scratch,
            &format!("cannot start {}: ", plain.display()),
        ),
        (&orphan, &scratch, "whose interpreter is missing"),
        (
            &sh,
            &gone,
            &format!("in {}, which is no directory", gone.display()),
        ),
        (
            &sh,
            &plain,
            &format!("in {}, which is no directory", plain.display()),
        ),
        (
            Path::new("/bin/s\0h"),
            &scratch,
            "the program's path holds a zero byte",
        ),
    ];
    for (program, work_dir, text) in cases {
        let mark = EngineMark::new().spawn_mark(1);
        let error = spawn(&Launch {
            program,
            arguments: &[],
            environment: &[],
            work_dir,
            mark: &mark,
            jail: None,
        })
        .expect_err("it cannot start");
        assert!(
            error.to_string().contains(text),
            "{error} does not say {text}"
        );
    }
}

#[test]
fn a_program_is_found_as_a_shell_finds_it() {
    let (first, second) = (Scratch::new(), Scratch::new());
    file(&first, "both", "", 0o644);
    let both = file(&second, "both", "", 0o755);
    fs::create_dir(first.join("agent")).expect("a new directory");
    let agent = file(&second, "agent", "", 0o755);
    let path = std::env::join_paths([Path::new(""), &first, &second]).expect("no colon");
    let path = Some(path.as_os_str());
    assert_eq!(
        find_program("both", path),
        Ok(both),
        "a file that is not executable is passed over"
    );
    assert_eq!(
        find_program("agent", path),
        Ok(agent.clone()),
        "a directory is no program"
    );
    assert_eq!(
        find_program(agent.to_str().expect("plain"), None),
        Ok(agent)
    );
    let places = vec![first.join("none"), second.join("none")];
    assert_eq!(
        find_program("none", path),
        Err(places),
        "an empty entry is no place"
    );
    assert_eq!(find_program("sh", None), Err(vec![]));
    assert_eq!(find_program("", path), Err(vec![]));
}

#[test]
fn a_relative_program_becomes_absolute() {
    let here = std::env::current_dir().expect("there is one");
    assert_eq!(find_program("./none", None), Err(vec![here.join("none")]));
}

#[test]
fn memory_of_a_process_is_told_in_bytes() {
    let own = resident_bytes(std::process::id());
    assert!(own > 100_000 && own < 10_000_000_000, "{own}");
    assert_eq!(resident_bytes(u32::MAX / 4), 0, "nobody has this number");
}
