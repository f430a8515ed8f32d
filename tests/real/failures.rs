//! Errors of the model.

use hotplex::{ErrorKind, Outcome};

use crate::site::Site;

pub(crate) fn errors_of_the_model_fail_the_turn_and_not_the_session(site: &Site) {
    let engine = site.engine();
    for status in [401, 500, 529] {
        let played = site
            .stage
            .play(&engine, "a", &format!("MODEL:status {status}"));
        played.assert_outcome(Outcome::Failed);
        let kind = played.end.error.as_ref().map(|error| error.kind());
        assert_eq!(kind, Some(ErrorKind::AgentFailed), "{played:?}");
        assert!(
            played.error().contains(&status.to_string()),
            "{}",
            played.error()
        );
        let told = !played.notices("api_retry").is_empty();
        assert_eq!(told, site.release.announces_retries, "{played:?}");
    }
    site.ask(&engine, "a", "MODEL:text fine", "fine");
    assert_eq!(
        engine.info().expect("figures").spawned,
        1,
        "the process lives on"
    );
}
