//! The lists against calls of tools, by their effects.

use super::*;

fn lists(allowed: &[&str], disallowed: &[&str]) -> Result<ToolLists, Error> {
    let owned = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    ToolLists::new(&owned(allowed), &owned(disallowed))
}

fn effect(tool: &str, about: &str) -> Vec<ToolEffect> {
    let about = about.to_owned();
    match tool {
        "Bash" => vec![ToolEffect::Run(about)],
        "Write" | "Edit" => vec![ToolEffect::Write(about)],
        "Read" => vec![ToolEffect::Read(about)],
        "WebFetch" => vec![ToolEffect::Fetch(about)],
        "Skill" => vec![ToolEffect::Use(about)],
        _ => Vec::new(),
    }
}

fn may(allowed: &[&str], disallowed: &[&str], tool: &str, about: &str) -> bool {
    let context = GuardContext::new("/home/dev/proj", "/home/dev", "dev");
    let lists = lists(allowed, disallowed).expect("the lists are good");
    !lists
        .check(tool, &effect(tool, about), &context)
        .is_blocked()
}

#[test]
fn what_is_not_on_the_list_does_not_run() {
    let table = [
        (&["Read"][..], "Read", "/etc/hosts", true),
        (&["Read"], "Bash", "ls", false),
        (&["Read"], "ReadMe", "", false),
        (&["Bash"], "Bash", "anything; at all", true),
        (&["Bash(*)"], "Bash", "anything; at all", true),
        (&["*"], "Whatever", "", true),
        (&["mcp__db__*"], "mcp__db__query", "", true),
        (&["mcp__db"], "mcp__db__query", "", true),
        (&["mcp__db"], "mcp__dbx__query", "", false),
        (&["mcp__db__query"], "mcp__db__drop", "", false),
        (&["Bash(git:*)"], "Bash", "git status", true),
        (&["Bash(git:*)"], "Bash", "git", true),
        (&["Bash(git:*)"], "Bash", "gitx status", false),
        (
            &["Bash(git:*)"],
            "Bash",
            "cd sub && git log | git shortlog",
            true,
        ),
        (&["Bash(git:*)"], "Bash", "git status; curl x", false),
        (&["Bash(git:*)"], "Bash", "git log $(curl x)", false),
        (&["Bash(git:*)"], "Bash", "git log `curl x`", false),
        (&["Bash(git:*)"], "Bash", "git log <(curl x)", false),
        (&["Bash(git:*)"], "Bash", "git log\ncurl x", false),
        (&["Bash(git:*)"], "Bash", "git log & curl x", false),
        (
            &["Bash(git:*)"],
            "Bash",
            "LD_PRELOAD=./x.so git status",
            false,
        ),
        (&["Bash(git:*)"], "Bash", "sudo git status", false),
        (&["Bash(git:*)"], "Bash", "sh -c 'git status'", false),
        (&["Bash(git:*)"], "Bash", "$X status", false),
        (&["Bash(git:*)"], "Bash", "git 'unclosed", false),
        (
            &["Bash(git:*)"],
            "Bash",
            "git() { curl x; }; git status",
            false,
        ),
        (
            &["Bash(git:*)"],
            "Bash",
            "alias git=curl\ngit status",
            false,
        ),
        (
            &["Bash(git:*)"],
            "Bash",
            "for c in a b c d e f git curl; do $c x; done",
            false,
        ),
        (&["Bash(git:*)"], "Bash", "./git status", false),
        (&["Bash(git:*)"], "Bash", "", true),
        (
            &["Bash(xargs:*)", "Bash(git:*)"],
            "Bash",
            "git ls-files | xargs curl",
            false,
        ),
        (
            &["Bash(git:*)", "Bash(npm run test:*)"],
            "Bash",
            "git pull && npm run test -- -w",
            true,
        ),
        (&["Bash(npm run test:*)"], "Bash", "npm run deploy", false),
        (&["Bash(npm run build)"], "Bash", "npm run build", true),
        (
            &["Bash(npm run build)"],
            "Bash",
            "npm run build evil",
            false,
        ),
        (&["Bash(git * main)"], "Bash", "git merge main", true),
        (&["Edit(src/**)"], "Edit", "/home/dev/proj/src/a/b.rs", true),
        (&["Edit(src/**)"], "Edit", "src/a.rs", true),
        (
            &["Edit(src/**)"],
            "Edit",
            "/home/dev/proj/src/../build.rs",
            false,
        ),
        (&["Edit(src/*)"], "Edit", "src/a/b.rs", false),
        (&["Edit(//tmp/**)"], "Edit", "/tmp/x", true),
        (&["Read(~/notes/*)"], "Read", "~/notes/a", true),
        (&["Read(~/notes/*)"], "Read", "/home/dev/.ssh/id_rsa", false),
        (
            &["WebFetch(domain:example.com)"],
            "WebFetch",
            "https://example.com/x",
            true,
        ),
        (
            &["WebFetch(domain:example.com)"],
            "WebFetch",
            "https://example.com@evil.org/",
            false,
        ),
        (
            &["WebFetch(domain:example.com)"],
            "WebFetch",
            "https://evil.org/example.com",
            false,
        ),
        (
            &["WebFetch(domain:*.example.com)"],
            "WebFetch",
            "http://a.EXAMPLE.com:80/",
            true,
        ),
        (
            &["WebFetch(domain:example.com)"],
            "WebFetch",
            "http://notexample.com/",
            false,
        ),
        (&["Skill(pdf)"], "Skill", "pdf", true),
        (&["Skill(pdf)"], "Skill", "deploy", false),
        (&["Unknown(x)"], "Unknown", "", false),
        (&[], "Bash", "ls", true),
    ];
    for (allowed, tool, about, expected) in table {
        assert_eq!(
            may(allowed, &[], tool, about),
            expected,
            "{allowed:?} {tool} {about:?}"
        );
    }
}

#[test]
fn what_is_disallowed_does_not_run_whatever_is_allowed() {
    let table = [
        (&["Bash"][..], &["Bash(rm:*)"][..], "Bash", "ls", true),
        (&["Bash"], &["Bash(rm:*)"], "Bash", "ls; rm x", false),
        (&["Bash"], &["Bash(rm:*)"], "Bash", "sudo rm x", false),
        (&["Bash"], &["Bash(rm:*)"], "Bash", "sh -c 'rm x'", false),
        (&["Bash"], &["Bash(rm:*)"], "Bash", "ls | xargs rm", false),
        (&["Bash"], &["Bash(rm:*)"], "Bash", "/bin/rm x", false),
        (&["Bash"], &["Bash(rm:*)"], "Bash", "rm 'unclosed", false),
        (&["*"], &["WebFetch"], "WebFetch", "http://a", false),
        (&[], &["mcp__db__*"], "mcp__db__drop", "", false),
        (&[], &["mcp__db__*"], "Bash", "ls", true),
        (&[], &["Edit(.env)"], "Edit", "/home/dev/proj/.env", false),
        (&[], &["Unknown(x)"], "Unknown", "", false),
    ];
    for (allowed, disallowed, tool, about, expected) in table {
        let found = may(allowed, disallowed, tool, about);
        assert_eq!(
            found, expected,
            "{allowed:?} {disallowed:?} {tool} {about:?}"
        );
    }
}

#[test]
fn lists_that_contradict_themselves_are_refused_with_the_reason() {
    let table = [
        (&["Bash"][..], &["Bash"][..], "\"Bash\""),
        (&["Bash(git:*)"], &["Bash"], "\"Bash(git:*)\""),
        (&["mcp__db__query"], &["mcp__db__*"], "\"mcp__db__query\""),
        (&["Read"], &["*"], "\"*\""),
        (&["Bash("], &[], "\"Bash(\""),
        (&["Bash()"], &[], "\"Bash()\""),
        (&["(x)"], &[], "\"(x)\""),
        (&["Ba sh"], &[], "\"Ba sh\""),
        (&[], &[""], "\"\""),
    ];
    for (allowed, disallowed, named) in table {
        let error = lists(allowed, disallowed).expect_err("a contradiction");
        assert!(error.message().contains(named), "{error}");
    }
    for (allowed, disallowed) in [
        (&["Bash"][..], &["Bash(rm:*)"][..]),
        (&["*"], &["Bash"]),
        (&["Bash(git:*)"], &["Bash(git push:*)"]),
    ] {
        assert!(
            lists(allowed, disallowed).is_ok(),
            "{allowed:?} {disallowed:?}"
        );
    }
}

#[test]
fn lists_that_can_be_got_around_say_so() {
    let table: [(&[&str], &[&str], &[&str]); 12] = [
        (&[], &["Bash(*push*)"], &["other spellings"]),
        (&[], &["Bash(git push:*)"], &["unseen"]),
        (
            &["Bash"],
            &["Bash(git push:*)", "Edit"],
            &["unseen", "same files"],
        ),
        (&["Bash(python3:*)"], &["Bash(git push:*)"], &["unseen"]),
        (&["Bash(git:*)"], &["Bash(git push:*)"], &[]),
        (&["Bash(npm run test:*)"], &["Edit"], &[]),
        (&[], &["Write"], &["same files"]),
        (&[], &["WebFetch"], &["same addresses"]),
        (&[], &["Bash", "PowerShell", "Write"], &[]),
        (&["Read"], &["Edit(.env)"], &[]),
        (&["Bash(git:*)"], &[], &[]),
        (&[], &["mcp__db"], &[]),
    ];
    for (allowed, disallowed, expected) in table {
        let gaps = lists(allowed, disallowed).expect("good lists").gaps();
        assert_eq!(gaps.len(), expected.len(), "{disallowed:?}: {gaps:?}");
        for (gap, part) in gaps.iter().zip(expected) {
            assert!(gap.contains(part), "{gap}");
        }
    }
}
