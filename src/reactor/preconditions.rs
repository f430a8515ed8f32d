//! What must be so before an agent starts, and before it is spoken to. Looks at the disk, so it runs
//! on the spawn thread.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::{Error, ErrorKind};
use crate::provider::{FileOfProject, Obstacle};

/// How long after the next minute has begun by our clock it has by the agent's as well.
const SURELY: Duration = Duration::from_millis(100);

/// # Errors
/// Which file is in the way. A directory that cannot be looked into counts as one: the agent may be
/// able to.
pub(super) fn no_obstacle(obstacles: &[Obstacle]) -> Result<(), Error> {
    for obstacle in obstacles {
        let directory = Path::new(obstacle.directory);
        let found = match fs::read_dir(directory) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => format!("{} cannot be looked into: {error}", directory.display()),
            Ok(entries) => {
                let names = entries.flatten().map(|entry| entry.file_name());
                let mut names = names.map(|name| name.to_string_lossy().into_owned());
                match names.find(|name| name.ends_with(obstacle.ending)) {
                    None => continue,
                    Some(name) => format!("{} is there", directory.join(name).display()),
                }
            }
        };
        let message = format!("the agent is not started: {found}; {}", obstacle.why);
        return Err(Error::new(ErrorKind::SpawnFailed, message));
    }
    Ok(())
}

/// How long the minute of `now` goes on, if there is such a file.
pub(super) fn rest_of_minute(file: &FileOfProject, now: SystemTime) -> Option<Duration> {
    let projects = fs::read_dir(&file.projects).into_iter().flatten().flatten();
    let mut files = projects.map(|project| project.path().join(&file.file));
    files.any(|file| file.exists()).then(|| {
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Duration::from_secs(60 - seconds % 60) + SURELY
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn no_agent_starts_beside_what_would_undo_its_gate() {
        let scratch = Scratch::new();
        let directory: &'static str = scratch.display().to_string().leak();
        let obstacle = |directory| {
            no_obstacle(&[Obstacle {
                directory,
                ending: ".toml",
                why: "it would not ask",
            }])
        };
        fs::write(scratch.join("note.txt"), "").unwrap();
        obstacle(directory).unwrap();
        let missing: &'static str = format!("{directory}/missing").leak();
        obstacle(missing).unwrap();
        let file: &'static str = format!("{directory}/note.txt").leak();
        assert!(obstacle(file).is_err(), "what cannot be looked into");
        fs::write(scratch.join("admin.toml"), "").unwrap();
        let error = obstacle(directory).unwrap_err();
        let told = error.message();
        assert!(
            told.contains("admin.toml is there") && told.contains("it would not ask"),
            "{told}"
        );
    }

    #[test]
    fn what_was_begun_in_this_minute_waits_for_the_next() {
        let scratch = Scratch::new();
        let file = FileOfProject {
            projects: scratch.to_owned(),
            file: "chats/young".to_owned(),
        };
        let now = UNIX_EPOCH + Duration::from_secs(125);
        assert_eq!(rest_of_minute(&file, now), None);
        fs::create_dir_all(scratch.join("p/chats")).unwrap();
        fs::write(scratch.join("p/chats/young"), "").unwrap();
        let expected = Duration::from_secs(55) + SURELY;
        assert_eq!(rest_of_minute(&file, now), Some(expected));
    }
}
