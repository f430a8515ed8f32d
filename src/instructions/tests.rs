use std::os::fd::AsRawFd;
use std::os::unix::fs::symlink;

use super::*;
use crate::scratch::Scratch;

const FILES: ProjectFiles = ProjectFiles {
    instructions: &["AGENTS.md", ".agent/RULES.md", ".agent/rules/"],
    others: &[
        (".agent/settings.json", "settings"),
        (".servers", "servers"),
    ],
    above: &[("AGENTS.md", "instructions")],
    skills: &[".agent/skills"],
    opened: &[".agent/settings.json", ".env"],
};

/// A work directory with a secret beside it, gone with the value.
struct Scene(Scratch);

impl Scene {
    fn new() -> Scene {
        let scene = Scene(Scratch::new());
        fs::create_dir_all(scene.work()).unwrap();
        fs::write(scene.0.join("secret"), "SECRET").unwrap();
        scene
    }

    fn work(&self) -> PathBuf {
        self.0.join("repository/work")
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.work().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn link(&self, name: &str, to: &str) {
        let path = self.work().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(to, path).unwrap();
    }

    fn read(&self) -> Instructions {
        Instructions::read(&self.work(), &FILES, |path| {
            let held = File::open(path)?;
            let itself = format!("/proc/self/fd/{}", held.as_raw_fd());
            Ok((held, PathBuf::from(itself)))
        })
    }
}

#[test]
fn files_imports_and_rules_come_in_their_order_and_once() {
    let scene = Scene::new();
    scene.write("AGENTS.md", "one @docs/two.md @.agent/RULES.md @nobody");
    scene.write("docs/two.md", "two @../AGENTS.md @three.md");
    scene.write("docs/three.md", "three");
    scene.write(".agent/RULES.md", "four");
    scene.write(".agent/rules/b.md", "six");
    scene.write(".agent/rules/a/a.md", "five");
    scene.write(".agent/rules/c.txt", "none");
    let found = scene.read();
    let words = ["one", "two", "three", "four", "five", "six"];
    let places: Vec<_> = words
        .iter()
        .map(|word| found.text.find(&format!("\n{word}")))
        .collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{found:?}"
    );
    assert_eq!(found.text.matches("Contents of").count(), 6, "{found:?}");
    assert!(found.refused.is_empty(), "{found:?}");
}

#[test]
fn no_link_and_no_import_leads_out() {
    let secret = |scene: &Scene| scene.0.join("secret").display().to_string();
    let hostile: [fn(&Scene, &str); 9] = [
        |scene, secret| scene.link("AGENTS.md", secret),
        |scene, _| scene.link("AGENTS.md", "../../secret"),
        |scene, _| scene.link(".agent", "../.."),
        |scene, _| {
            scene.link(".agent/rules", "../../..");
            scene.write("../../x.md", "SECRET");
        },
        |scene, secret| scene.link(".agent/rules/a.md", secret),
        |scene, secret| scene.write("AGENTS.md", &format!("@{secret}")),
        |scene, _| scene.write("AGENTS.md", "@../../secret"),
        |scene, _| {
            scene.write("AGENTS.md", "@way/secret");
            scene.link("way", "../..");
        },
        |scene, _| scene.write("AGENTS.md", "@~/secret"),
    ];
    for (number, build) in hostile.into_iter().enumerate() {
        let scene = Scene::new();
        build(&scene, &secret(&scene));
        let found = scene.read();
        assert!(!found.text.contains("SECRET"), "{number}: {found:?}");
        let told = found.refused.iter().any(|told| told.contains("leads out"));
        // A directory that leads out holds nothing that has the name of a file of instructions.
        assert!(told || number == 2, "{number}: {found:?}");
    }
}

#[test]
fn a_link_that_stays_inside_is_followed() {
    let scene = Scene::new();
    scene.write("docs/real.md", "inside");
    scene.link("AGENTS.md", "docs/real.md");
    let found = scene.read();
    assert!(
        found.text.contains("inside") && found.refused.is_empty(),
        "{found:?}"
    );
}

#[test]
fn what_is_no_file_is_refused() {
    let scene = Scene::new();
    fs::create_dir_all(scene.work().join("AGENTS.md")).unwrap();
    fs::create_dir_all(scene.work().join(".agent")).unwrap();
    let socket = scene.work().join(".agent/RULES.md");
    let _listens = std::os::unix::net::UnixListener::bind(socket).unwrap();
    let found = scene.read();
    assert_eq!(found.text, "");
    assert_eq!(found.refused.len(), 2, "{found:?}");
}

#[test]
fn size_number_and_depth_are_bounded_and_told() {
    let scene = Scene::new();
    scene.write("AGENTS.md", &"é".repeat(LONGEST_FILE));
    scene.write(".agent/RULES.md", &"x".repeat(LONGEST_FILE));
    scene.write(".agent/rules/a.md", &"y".repeat(LONGEST_FILE));
    let found = scene.read();
    assert!(
        found.text.len() < LONGEST_TEXT + 200,
        "{}",
        found.text.len()
    );
    assert_eq!(found.refused.len(), 3, "{:?}", found.refused);

    let scene = Scene::new();
    for number in 0..MOST_FILES + 50 {
        scene.write(&format!(".agent/rules/{number}.md"), "x");
    }
    let found = scene.read();
    assert!(found.text.matches("Contents of").count() <= MOST_FILES);

    let scene = Scene::new();
    scene.write("AGENTS.md", "@0.md");
    for number in 0..9 {
        scene.write(&format!("{number}.md"), &format!("@{}.md", number + 1));
    }
    let found = scene.read();
    assert!(!found.text.contains("Contents of 6.md"), "{found:?}");
    assert!(
        found.refused.iter().any(|told| told.contains("too deeply")),
        "{found:?}"
    );
}

#[test]
fn what_is_not_loaded_is_named_up_to_the_root_of_the_repository() {
    let scene = Scene::new();
    scene.write(".agent/settings.json", "{}");
    scene.link(".servers", "/nowhere");
    scene.write("../AGENTS.md", "of the repository");
    scene.write("../../AGENTS.md", "of nobody");
    assert_eq!(
        ignored(&scene.work(), &FILES),
        [".agent/settings.json (settings)", ".servers (servers)"]
    );
    fs::create_dir_all(scene.work().join("../.git")).unwrap();
    let found = ignored(&scene.work(), &FILES);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(
        found[2].ends_with("repository/AGENTS.md (instructions)"),
        "{found:?}"
    );
}

/// Those above the work directory and behind links too: whoever is to leave them out needs each name.
#[test]
fn every_skill_is_found_under_each_of_its_names() {
    let scene = Scene::new();
    let work = scene.0.join("work");
    fs::create_dir_all(scene.0.join(".git")).unwrap();
    for place in [
        "work/.agent/skills/a/SKILL.md",
        "work/.agent/skills/deep/er/b/SKILL.md",
        ".agent/skills/c/SKILL.md",
        "elsewhere/d/SKILL.md",
        "work/.agent/skills/a/other.md",
    ] {
        let path = scene.0.join(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    symlink("../../../elsewhere/d", work.join(".agent/skills/d")).unwrap();
    let found = skills(&work, &FILES);
    assert!(found.is_whole);
    let root: &Path = &scene.0;
    for place in [
        "work/.agent/skills/a/SKILL.md",
        "work/.agent/skills/deep/er/b/SKILL.md",
        ".agent/skills/c/SKILL.md",
        "work/.agent/skills/d/SKILL.md",
        "elsewhere/d/SKILL.md",
    ] {
        assert!(
            found.files.contains(&root.join(place)),
            "{place}: {found:?}"
        );
    }
    symlink(".", work.join(".agent/skills/again")).unwrap();
    assert!(!skills(&work, &FILES).is_whole, "a circle has no end");
}

#[test]
fn what_is_no_file_is_found_before_an_agent_waits_for_it() {
    let scene = Scene::new();
    let work = scene.0.join("work");
    fs::create_dir_all(work.join(".agent")).unwrap();
    fs::write(work.join(".agent/settings.json"), "{}").unwrap();
    fs::create_dir(work.join(".env")).unwrap();
    assert_eq!(waited_for(&work, &FILES), None);
    let root: &Path = &scene.0;
    let above = root.join(".env");
    symlink("/dev/zero", &above).unwrap();
    assert_eq!(waited_for(&work, &FILES), Some(above));
    let settings = work.join(".agent/settings.json");
    fs::remove_file(&settings).unwrap();
    let listening = std::os::unix::net::UnixListener::bind(&settings).unwrap();
    let own = root.join("work/.agent/settings.json");
    assert_eq!(waited_for(&work, &FILES), Some(own));
    drop(listening);
}
