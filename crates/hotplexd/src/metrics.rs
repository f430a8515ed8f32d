//! Figures for Prometheus. The engines' counters are read at each request.

use std::time::Duration;

use hotplex::{EngineInfo, Outcome, SessionInfo};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

type Labels = Vec<(&'static str, String)>;

/// Seconds to a turn's first event: hot ones take less than a millisecond here, cold ones seconds.
const FIRST_EVENT: [f64; 10] = [0.0005, 0.001, 0.005, 0.02, 0.1, 0.5, 1.0, 2.0, 5.0, 15.0];

pub(crate) struct Metrics {
    turns: Family<Labels, Counter>,
    begun: Family<Labels, Counter>,
    first_event: Histogram,
    blocks: Family<Labels, Counter>,
    pub(crate) connections: Gauge,
    pub(crate) refused: Family<Labels, Counter>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics {
            turns: Family::default(),
            begun: Family::default(),
            first_event: Histogram::new(FIRST_EVENT),
            blocks: Family::default(),
            connections: Gauge::default(),
            refused: Family::default(),
        }
    }
}

/// What an engine holds at the moment.
pub(crate) struct Snapshot {
    pub(crate) engine: String,
    pub(crate) info: EngineInfo,
    pub(crate) sessions: Vec<SessionInfo>,
}

impl Metrics {
    /// A turn was accepted; `hot` if its session had a process already.
    pub(crate) fn turn_began(&self, hot: bool) {
        let start = if hot { "hot" } else { "cold" };
        let labels = vec![("start", start.to_owned())];
        self.begun.get_or_create(&labels).inc();
    }

    pub(crate) fn turn_ended(&self, outcome: Outcome) {
        let labels = vec![("outcome", outcome.as_str().to_owned())];
        self.turns.get_or_create(&labels).inc();
    }

    pub(crate) fn first_event(&self, after: Duration) {
        self.first_event.observe(after.as_secs_f64());
    }

    /// The guard kept something from happening.
    pub(crate) fn blocked(&self, rule: &str) {
        let labels = vec![("rule", rule.to_owned())];
        self.blocks.get_or_create(&labels).inc();
    }

    /// A connection or request was turned away.
    pub(crate) fn refused(&self, why: &'static str) {
        self.refused
            .get_or_create(&vec![("why", why.to_owned())])
            .inc();
    }

    /// All figures in the text form of OpenMetrics.
    pub(crate) fn text(&self, snapshots: &[Snapshot]) -> String {
        let mut registry = Registry::with_prefix("hotplex");
        registry.register("turns", "Turns that ended, by outcome", self.turns.clone());
        registry.register(
            "turns_begun",
            "Turns that were accepted: hot into a process that was there, cold into a new one or a spare",
            self.begun.clone(),
        );
        registry.register(
            "first_event_seconds",
            "From a turn's acceptance to its first event",
            self.first_event.clone(),
        );
        registry.register(
            "blocks",
            "What the guard kept from happening, by rule",
            self.blocks.clone(),
        );
        registry.register("connections", "Open connections", self.connections.clone());
        registry.register(
            "refused",
            "Connections and requests turned away, by reason",
            self.refused.clone(),
        );
        register_engines(&mut registry, snapshots);
        let mut text = String::new();
        // Writing into a string cannot fail.
        let _ = encode(&mut text, &registry);
        text
    }
}

/// Name, help, and where the figure is found.
type Figure<F> = (&'static str, &'static str, F);

type OfSnapshot = fn(&Snapshot) -> i64;
type OfEngine = fn(&EngineInfo) -> u64;

const GAUGES: [Figure<OfSnapshot>; 6] = [
    ("processes", "Agent processes alive", |s| {
        s.info.live_processes as i64
    }),
    ("sessions", "Sessions in the pool", |s| {
        s.info.sessions as i64
    }),
    ("ready_spares", "Spares that wait for a session", |s| {
        s.info.ready_spares as i64
    }),
    ("queued_turns", "Turns that wait behind another", |s| {
        s.sum(|session| session.queued as i64)
    }),
    (
        "resident_bytes",
        "Memory of the agents' own processes",
        |s| s.sum(|session| session.resident_bytes as i64),
    ),
    (
        "buffered_bytes",
        "Bytes of events that wait to be taken",
        |s| s.sum(|session| session.buffered_bytes as i64),
    ),
];

const COUNTERS: [Figure<OfEngine>; 4] = [
    (
        "spawned",
        "Agent processes started: cold turns and spares",
        |i| i.spawned,
    ),
    ("spare_hits", "New sessions that a spare served", |i| {
        i.spare_hits
    }),
    (
        "spare_misses",
        "New sessions that found no spare that fits",
        |i| i.spare_misses,
    ),
    (
        "hibernated",
        "Idle sessions that made room for another",
        |i| i.hibernated,
    ),
];

impl Snapshot {
    fn sum(&self, of: impl Fn(&SessionInfo) -> i64) -> i64 {
        self.sessions.iter().map(of).sum()
    }
}

fn register_engines(registry: &mut Registry, snapshots: &[Snapshot]) {
    for (name, help, read) in GAUGES {
        let family: Family<Labels, Gauge> = Family::default();
        for snapshot in snapshots {
            family.get_or_create(&labels(snapshot)).set(read(snapshot));
        }
        registry.register(name, help, family);
    }
    for (name, help, read) in COUNTERS {
        let family: Family<Labels, Counter> = Family::default();
        for snapshot in snapshots {
            let counter = family.get_or_create(&labels(snapshot));
            counter.inc_by(read(&snapshot.info));
        }
        registry.register(name, help, family);
    }
}

fn labels(snapshot: &Snapshot) -> Labels {
    vec![("engine", snapshot.engine.clone())]
}
