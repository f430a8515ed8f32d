//! Repositories whose settings, hooks and remotes name programs.

use std::fs::{self, File};

use super::Ground;
use crate::site::Site;

/// Settings of a repository that name a program, each with its own mark.
const GIT_SETTINGS: &str = r#"
[core]
	fsmonitor = @MARK-fsmonitor@; false
	hooksPath = hooks
	pager = @MARK-pager@; cat
	editor = @MARK-editor@
	askPass = ./askpass
	sshCommand = @MARK-ssh@; false
	gitProxy = ./proxy
	alternateRefsCommand = @MARK-alternates@
[sequence]
	editor = @MARK-sequence@
[interactive]
	diffFilter = @MARK-diff-filter@; cat
[credential]
	helper = !@MARK-credential@
[log]
	showSignature = true
[gpg]
	program = ./gpg
[diff]
	external = @MARK-external-diff@; true
[diff "evil"]
	command = @MARK-diff-command@; true
	textconv = @MARK-textconv@; cat
[alias]
	st = !@MARK-alias@
	status = !@MARK-alias-of-status@
[remote "origin"]
	url = ext::sh -c @MARK-remote@
	uploadpack = @MARK-upload@
	fetch = +refs/heads/*:refs/remotes/origin/*
[protocol "ext"]
	allow = always
[url "ext::sh -c @MARK-instead@ "]
	insteadOf = https:
	pushInsteadOf = ssh:
[merge "evil"]
	driver = @MARK-merge@
[difftool "evil"]
	cmd = @MARK-difftool@
[commit]
	template = ../a.txt
	gpgSign = true
[submodule]
	recurse = true
[include]
	path = ../included
[includeIf "gitdir:**"]
	path = ../included-if
[includeIf "onbranch:**"]
	path = ../included-if
[includeIf "hasconfig:remote.*.url:**"]
	path = ../included-if
"#;

/// The filters, which an agent that asks for the status would start for a file that looks changed.
const GIT_FILTERS: &str = r#"
[filter "evil"]
	clean = @MARK-clean@; cat
	smudge = @MARK-smudge@; cat
[filter "process"]
	process = @MARK-process@
"#;

const GIT_HOOKS: [&str; 6] = [
    "post-index-change",
    "reference-transaction",
    "post-checkout",
    "pre-auto-gc",
    "fsmonitor-watchman",
    "pre-commit",
];

const TRACKED: [&str; 4] = ["a.txt", "b.md", "c.c", "d.h"];

/// A repository with a signed commit and an index that is out of date.
pub(super) fn repository(ground: &Ground) {
    ground.git(&["init", "-q", "."]);
    for path in TRACKED {
        ground.write(path, "text\n");
    }
    ground.git(&[&["add"][..], &TRACKED].concat());
    let tree = ground.git(&["write-tree"]);
    let commit = format!(
        "tree {tree}\nauthor n <e@example.org> 1700000000 +0000\ncommitter n <e@example.org> 1700000000 +0000\n\
         gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n\nx\n"
    );
    ground.write("commit", &commit);
    let commit = ground.git(&["hash-object", "-t", "commit", "-w", "commit"]);
    let branch = ground.git(&["symbolic-ref", "HEAD"]);
    ground.git(&["update-ref", &branch, &commit]);
    for path in TRACKED {
        let file = File::options()
            .append(true)
            .open(ground.work_dir().join(path));
        let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        file.and_then(|file| file.set_modified(long_ago))
            .expect("it is ours");
    }
    ground.write(
        ".gitattributes",
        "*.txt filter=evil merge=evil\n*.md filter=process diff=evil\n*.c filter=included\n*.h filter=included-if\n",
    );
    for name in ["askpass", "proxy", "gpg"] {
        ground.write(name, &format!("#!/bin/sh\n@MARK-program-{name}@\n"));
    }
    for hook in GIT_HOOKS {
        ground.write(
            &format!("hooks/{hook}"),
            &format!("#!/bin/sh\n@MARK-hook-{hook}@\n"),
        );
    }
}

pub(in crate::repository) fn git(site: &Site, name: &str) -> Ground {
    let ground = Ground::new(site, name);
    repository(&ground);
    let path = ground.work_dir().join(".git/config");
    let own = fs::read_to_string(path).expect("settings of git");
    ground.write(".git/config", &format!("{own}{GIT_SETTINGS}{GIT_FILTERS}"));
    ground.write("included", INCLUDED);
    ground.write("included-if", &INCLUDED.replace("included", "included-if"));
    ground
}

const INCLUDED: &str = r#"
[core]
	pager = @MARK-included@; cat
[filter "included"]
	clean = @MARK-included-clean@; cat
"#;

/// Objects are missing, and the settings say from where git has them: by what program, from which
/// stranger.
pub(in crate::repository) fn partial_git(site: &Site, name: &str) -> Ground {
    let ground = Ground::new(site, name);
    repository(&ground);
    let objects = ["HEAD^{tree}", "HEAD:a.txt"].map(|name| ground.git(&["rev-parse", name]));
    for object in objects {
        let (directory, file) = object.split_at(2);
        let path = ground.work_dir().join(".git/objects").join(directory);
        fs::remove_file(path.join(file)).expect("it is loose");
    }
    let path = ground.work_dir().join(".git/config");
    let own = fs::read_to_string(path).expect("settings of git");
    let own = own.replace("repositoryformatversion = 0", "repositoryformatversion = 1");
    ground.write("fetch", "#!/bin/sh\n@MARK-address@\n");
    let settings = GIT_REMOTES.replace(
        "@FETCH@",
        &ground.work_dir().join("fetch").display().to_string(),
    );
    ground.write(".git/config", &format!("{own}{settings}"));
    ground
}

const GIT_REMOTES: &str = r#"
[extensions]
	partialClone = origin
[remote "origin"]
	promisor = true
	url = ext::@FETCH@
[remote "ssh"]
	promisor = true
	url = ssh://127.0.0.1/x
[remote "file"]
	promisor = true
	url = .
	uploadpack = @MARK-uploadpack@;
[remote "http"]
	promisor = true
	url = http://127.0.0.1:9/x
[protocol]
	allow = always
[protocol "ext"]
	allow = always
[core]
	sshCommand = @MARK-ssh@; false
	askPass = ./fetch
	alternateRefsCommand = @MARK-alternates@
"#;

/// A submodule has filters of its own, and is not to be ignored.
pub(in crate::repository) fn submodule_git(site: &Site, name: &str) -> Ground {
    let ground = Ground::new(site, name);
    repository(&ground);
    ground.write("sub/a.txt", "a\n");
    for arguments in [&["init", "-q"][..], &["add", "."], &["commit", "-qm", "x"]] {
        let arguments = [&["-C", "sub"], arguments].concat();
        ground.git(&arguments);
    }
    ground.git(&["-c", "advice.addEmbeddedRepo=false", "add", "sub"]);
    ground.write(
        ".gitmodules",
        "[submodule \"s\"]\n\tpath = sub\n\turl = ./sub\n\tignore = none\n",
    );
    let path = ground.work_dir().join("sub/.git/config");
    let own = fs::read_to_string(path).expect("settings of git");
    let filters = GIT_FILTERS.replace("MARK-", "MARK-submodule-");
    ground.write("sub/.git/config", &format!("{own}{GIT_SETTINGS}{filters}"));
    ground.write("sub/.git/info/attributes", "* filter=evil\n");
    let file = File::options()
        .append(true)
        .open(ground.work_dir().join("sub/a.txt"));
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    file.and_then(|file| file.set_modified(long_ago))
        .expect("it is ours");
    ground
}

/// What is another repository's of the user: its commits, and the names of its files.
pub(in crate::repository) fn git_of_others(site: &Site, name: &str) -> Ground {
    let ground = Ground::new(site, name);
    let (work, outside) = (ground.work_dir(), ground.directory.join("outside"));
    let own = outside.join("own");
    fs::create_dir_all(&own).expect("a directory");
    fs::write(own.join("WORDS-OF-a-file"), "x").expect("a file");
    let at = own.display().to_string();
    for arguments in [
        &["init", "-q", "-b", "WORDS-OF-a-branch"][..],
        &["commit", "-qm", "WORDS-OF-a-commit", "--allow-empty"],
    ] {
        ground.git(&[&["-C", &at], arguments].concat());
    }
    match name.bytes().last().unwrap_or(0) % 3 {
        0 => ground.write(".git", "gitdir: ../../outside/own/.git\n"),
        1 => ground.link(".git", own.join(".git")),
        _ => {
            ground.git(&["init", "-q", "."]);
            let path = work.join(".git/config");
            let settings = fs::read_to_string(&path).expect("settings of git");
            let settings = format!("{settings}\tworktree = {at}\n");
            fs::write(path, settings).expect("settings");
        }
    }
    ground
}

/// The same by a file that names the directory.
pub(in crate::repository) fn planted_git(site: &Site, name: &str) -> Ground {
    let ground = git(site, name);
    let work = ground.work_dir();
    fs::rename(work.join(".git"), work.join("planted")).expect("it was laid");
    ground.write(".git", "gitdir: planted\n");
    ground
}
