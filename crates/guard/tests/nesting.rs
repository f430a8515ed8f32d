//! Work directory, home, temporary directories and extra roots one within the other: of all that
//! contain a path the nearest decides, credentials stay credentials, and what holds a home or the
//! work directory is as precious as they are.
//!
//! Nothing of the table is ever run.

use hotplex_guard::{Guard, GuardContext, PathAccess};

const TABLE: &str = include_str!("corpora/nesting.tsv");

/// A column that says nothing.
const NONE: &str = "-";

struct Row<'t> {
    context: GuardContext,
    rule: &'t str,
    command: &'t str,
}

fn row(line: &str) -> Row<'_> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [work, home, temporary, extra, rule, command] = columns[..] else {
        panic!("six columns: {line}");
    };
    let given = |column: &str| (column != NONE).then(|| column.to_owned());
    let mut context = GuardContext::new(work, home, "dev");
    context.temp_dirs.extend(given(temporary));
    context.extra_roots.extend(given(extra));
    let rule = if rule == "allow" { "" } else { rule };
    Row {
        context,
        rule,
        command,
    }
}

fn rows() -> impl Iterator<Item = (&'static str, Row<'static>)> {
    TABLE.lines().skip(1).map(|line| (line, row(line)))
}

#[test]
fn the_nearest_root_decides() {
    let guard = Guard::default();
    let wrong: Vec<String> = rows()
        .filter_map(|(line, row)| {
            let found = guard.check_command(row.command, &row.context).rule;
            (found != row.rule).then(|| format!("{line}: {found:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tools_that_write_files_are_judged_by_the_same_roots() {
    let guard = Guard::default();
    for (line, row) in rows() {
        let path = row.command.strip_prefix("rm -rf ").expect("a path");
        if path.contains('*') {
            continue;
        }
        let verdict = guard.check_path(path, PathAccess::Write, &row.context);
        let may = row.rule.is_empty();
        // Writing to a directory itself replaces nothing in it.
        if may || !matches!(row.rule, "files.work-dir" | "files.home-root") {
            assert_eq!(!verdict.is_blocked(), may, "{line}: {verdict:?}");
        }
    }
}
