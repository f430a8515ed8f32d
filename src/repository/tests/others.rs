//! Ways that lead to another repository.

use std::fs;

use super::{Scene, link, text};

/// What git says would be shown to a model.
#[test]
fn what_git_would_tell_of_another_repository_is_held_off() {
    type Case<'a> = (&'a str, &'a dyn Fn(&Scene), bool);
    let work_git = "work/.git";
    let gone = |scene: &Scene| fs::remove_dir_all(scene.0.join(work_git)).unwrap();
    let cases: [Case<'_>; 13] = [
        ("its own", &|_| {}, false),
        (
            "a file",
            &|scene| {
                gone(scene);
                text(scene, work_git, "gitdir: ../other/.git");
            },
            true,
        ),
        (
            "a link",
            &|scene| {
                gone(scene);
                link(scene, work_git, "../other/.git");
            },
            true,
        ),
        (
            "a setting",
            &|scene| {
                scene.add("work/.git/config", "[core]\nworktree = ../../other\n");
            },
            true,
        ),
        (
            "what is shared",
            &|scene| {
                text(scene, "work/.git/commondir", "../../other/.git");
            },
            true,
        ),
        (
            "objects",
            &|scene| {
                fs::remove_dir_all(scene.0.join("work/.git/objects")).unwrap();
                link(scene, "work/.git/objects", "../../other/.git/objects");
            },
            true,
        ),
        (
            "packs",
            &|scene| {
                fs::remove_dir_all(scene.0.join("work/.git/objects/pack")).unwrap();
                link(
                    scene,
                    "work/.git/objects/pack",
                    "../../../other/.git/objects/pack",
                );
            },
            true,
        ),
        (
            "borrowed objects",
            &|scene| {
                text(
                    scene,
                    "work/.git/objects/info/alternates",
                    "../../../other/.git/objects\n",
                );
            },
            true,
        ),
        (
            "a head",
            &|scene| {
                fs::remove_file(scene.0.join("work/.git/HEAD")).unwrap();
                link(scene, "work/.git/HEAD", "../../other/.git/HEAD");
            },
            true,
        ),
        (
            "elsewhere in the project",
            &|scene| {
                fs::rename(scene.0.join(work_git), scene.0.join("work/planted")).unwrap();
                text(scene, work_git, "gitdir: planted");
            },
            false,
        ),
        (
            "a linked worktree",
            &|scene| {
                fs::remove_dir_all(scene.work()).unwrap();
                scene.must_git("other", &["worktree", "add", "-q", "../work"]);
            },
            false,
        ),
        (
            "a forged worktree",
            &|scene| {
                scene.must_git("other", &["worktree", "add", "-q", "../tree"]);
                gone(scene);
                text(scene, work_git, "gitdir: ../other/.git/worktrees/tree");
            },
            true,
        ),
        (
            "a submodule",
            &|scene| {
                fs::rename(scene.0.join(work_git), scene.0.join("modules")).unwrap();
                scene.add("modules/config", "[core]\nworktree = ../work\n");
                text(scene, work_git, "gitdir: ../modules");
            },
            false,
        ),
    ];
    for (name, lay, is_held_off) in cases {
        let scene = Scene::new();
        scene.repository("other");
        lay(&scene);
        let told = scene.held_off().unwrap();
        let is_told = told.iter().any(|(key, _)| key == "core.abbrev");
        assert_eq!(is_told, is_held_off, "{name}: {told:?}");
        for arguments in [&["status"][..], &["log"], &["branch"], &["diff"]] {
            let said = scene.git("work", arguments, &told);
            let is_silent = !said.status.success() && said.stdout.is_empty();
            assert_eq!(is_silent, is_held_off, "{name} {arguments:?}: {said:?}");
        }
    }
}
