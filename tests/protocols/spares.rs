//! Spares: started ahead, given to a new session, and missed by nobody if they die.

use hotplex::{Engine, EventKind, WarmUp};

use crate::common::{PATIENCE, Stage, finish, signal, until};
use crate::speakers::{each, each_engine, open};

/// Starts spares, and waits until they are ready. Gives their numbers.
fn prewarm(stage: &Stage, engine: &Engine, count: usize) -> Vec<u32> {
    let warm_up = WarmUp::new(stage.work_dir());
    engine.prewarm(&warm_up, count).expect("spares");
    let ready = || engine.info().expect("figures").ready_spares == count;
    assert!(until(PATIENCE, ready), "no spare");
    let list = engine.sessions().expect("a list").into_iter();
    list.filter(|one| one.spare)
        .filter_map(|one| one.pid)
        .collect()
}

#[test]
fn sessions_take_them_and_no_two_the_same() {
    each_engine(|stage, engine| {
        let spares = prewarm(stage, engine, 2);
        let names = ["a", "b", "c"];
        let turns = names.map(|name| stage.execute(engine, name, "!pid"));
        let mut pids =
            turns.map(|turn| finish(turn).answers()[0].parse::<u32>().expect("a number"));
        pids.sort_unstable();
        assert!(pids.windows(2).all(|pair| pair[0] != pair[1]), "{pids:?}");
        assert!(spares.iter().all(|spare| pids.contains(spare)), "{pids:?}");
        assert_eq!(engine.info().expect("figures").spare_hits, 2);
    });
}

#[test]
fn the_conversation_begun_in_one_is_found_again_and_none_takes_up_another_s() {
    each(|stage, builder, _| {
        for round in 0..3 {
            let engine = open(builder.clone());
            prewarm(stage, &engine, 1);
            let played = stage.play(&engine, "a", "history");
            assert_eq!(played.answers(), [format!("history: {round}")]);
            let hits = engine.info().expect("figures").spare_hits;
            assert_eq!(hits, u64::from(round == 0));
        }
    });
}

#[test]
fn one_that_dies_while_it_waits_is_told_and_missed_by_nobody() {
    each_engine(|stage, engine| {
        let spares = prewarm(stage, engine, 2);
        signal("KILL", spares[0]);
        let told = engine
            .background_events()
            .recv_timeout(PATIENCE)
            .expect("told");
        assert!(matches!(&told.kind, EventKind::Notice(notice) if notice.code == "agent_ended"));
        assert_eq!(told.session.as_str(), "");
        stage.echo(engine, "a", "hello");
        stage.echo(engine, "b", "hello");
    });
}

/// Dead, but not yet seen to be: the session that takes it must not pay for that.
#[test]
fn a_session_that_takes_a_dying_one_is_served_all_the_same() {
    each(|stage, builder, _| {
        for _ in 0..8 {
            let engine = open(builder.clone());
            let spares = prewarm(stage, &engine, 1);
            signal("KILL", spares[0]);
            stage.echo(&engine, &format!("s{}", spares[0]), "hello");
        }
    });
}

#[test]
fn those_that_cannot_start_are_told_and_leave_nothing() {
    each(|stage, builder, _| {
        let engine = open(builder.env("STAND_IN_FAIL", "Invalid API key"));
        let warm_up = WarmUp::new(stage.work_dir());
        engine.prewarm(&warm_up, 2).expect("they are tried");
        for _ in 0..2 {
            let told = engine
                .background_events()
                .recv_timeout(PATIENCE)
                .expect("told");
            let reason = told.kind.text().unwrap_or_default();
            assert!(reason.contains("Invalid API key"), "{told:?}");
        }
        assert!(until(PATIENCE, || engine
            .info()
            .expect("figures")
            .live_processes
            == 0));
        assert!(engine.sessions().expect("a list").is_empty());
    });
}
