//! What the C interface costs beside the Rust API: the same turns through both, one after the other
//! in rounds, and the best round of each.
//!
//! CPU is that of the host's process, all its threads, without the agent's. This program measures
//! the Rust API in a process of its own as well: `overhead rust-turn|rust-stream|rust-echo COUNT`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use hotplex::{Engine, EventKind, Request};
use rustix::time::{ClockId, clock_gettime};

const ROUNDS: usize = 7;
const EVENTS: &str = "200000";
const TURNS: &str = "3000";

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [kind, count] if kind.starts_with("rust-") => measure_rust(kind, count.parse()?),
        _ => compare(),
    }
}

/// Two figures of one run of a program.
fn figures(program: &Path, kind: &str, count: &str, stage: &Path) -> Outcome<(f64, f64)> {
    let output = Command::new(program)
        .args([kind, count])
        .env("STAND_IN", release().join("stand-in-agent"))
        .env("STAND_IN_INIT", "once")
        .env("STAGE", stage)
        // Engines make directories at home for their agents.
        .env("HOME", stage.join("home"))
        .env("LD_LIBRARY_PATH", release())
        .output()?;
    let said = String::from_utf8(output.stdout)?;
    let (one, two) = said.trim().split_once(' ').ok_or("no figures")?;
    Ok((one.parse()?, two.parse()?))
}

fn release() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    target.unwrap_or(Path::new("target")).join("release")
}

/// Cargo builds neither the library nor another package's program for a bench.
fn build() -> Outcome<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for what in [
        ["-p", "hotplex-capi", "--lib"].as_slice(),
        &["-p", "hotplex", "--bin", "stand-in-agent"],
    ] {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--release"]).args(what);
        cargo.current_dir(&root).status()?.exit_ok_or("cargo")?;
    }
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("overhead");
    let mut compiler = Command::new("cc");
    compiler
        .args(["-std=c11", "-O2"])
        .arg("-I")
        .arg(root.join("include"));
    compiler.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/overhead.c"));
    compiler.arg("-o").arg(&program).arg("-L").arg(release());
    compiler.arg("-lhotplex").status()?.exit_ok_or("cc")?;
    Ok(program)
}

/// `ExitStatus::exit_ok` is not stable.
trait ExitOk {
    fn exit_ok_or(self, what: &str) -> Outcome;
}

impl ExitOk for std::process::ExitStatus {
    fn exit_ok_or(self, what: &str) -> Outcome {
        match self.success() {
            true => Ok(()),
            false => Err(format!("{what}: {self}").into()),
        }
    }
}

fn compare() -> Outcome {
    let c = build()?;
    let rust = std::env::current_exe()?;
    let stage = Path::new(env!("CARGO_TARGET_TMPDIR")).join("overhead-stage");
    std::fs::create_dir_all(&stage)?;
    let floods = [
        ("Rust, a turn's iterator", &rust, "rust-turn"),
        ("Rust, the event stream", &rust, "rust-stream"),
        ("C, hotplex_next_events", &c, "next_events"),
        ("C, hotplex_drain_json", &c, "drain_json"),
    ];
    let echoes = [("Rust", &rust, "rust-echo"), ("C", &c, "echo")];
    let mut best = [(0f64, f64::MAX); 4];
    let mut echo = [f64::MAX; 2];
    for _ in 0..ROUNDS {
        for (best, (_, program, kind)) in best.iter_mut().zip(floods) {
            let (rate, cpu) = figures(program, kind, EVENTS, &stage)?;
            *best = (best.0.max(rate), best.1.min(cpu));
        }
        for (best, (_, program, kind)) in echo.iter_mut().zip(echoes) {
            *best = best.min(figures(program, kind, TURNS, &stage)?.0);
        }
    }
    report(&format!(
        "{:26} {:>12} {:>14}",
        "", "events/s", "us CPU/event"
    ));
    for ((rate, cpu), (name, ..)) in best.iter().zip(floods) {
        report(&format!("{name:26} {rate:12.0} {cpu:14.3}"));
    }
    for (median, (name, ..)) in echo.iter().zip(echoes) {
        report(&format!("an echo turn through {name}: {median:.1} us"));
    }
    Ok(())
}

/// A bench is a program, and its figures are its output.
#[allow(clippy::print_stdout, reason = "a bench is a program that prints")]
fn report(line: &str) {
    println!("{line}");
}

fn cpu_seconds() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

fn variable(name: &str) -> Outcome<String> {
    Ok(std::env::var(name)?)
}

fn measure_rust(kind: &str, count: usize) -> Outcome {
    let stage = variable("STAGE")?;
    let engine = Engine::builder()
        .program(variable("STAND_IN")?)
        .state_dir(format!("{stage}/state").into())
        .open()?;
    let request = |prompt: &str| Request::new("s", &stage, prompt);
    let mut stream = engine.event_stream()?;
    let mut turn = |prompt: &str| -> Outcome<usize> {
        if kind == "rust-stream" {
            engine.submit(request(prompt))?;
            let is_end = |kind: &EventKind| matches!(kind, EventKind::TurnEnd(_));
            return Ok(1 + stream
                .by_ref()
                .take_while(|event| !is_end(&event.kind))
                .count());
        }
        Ok(engine.execute(request(prompt))?.count())
    };
    turn("hello")?;
    if kind == "rust-echo" {
        let mut times = Vec::new();
        for _ in 0..count {
            let start = Instant::now();
            turn("0123456789")?;
            times.push(start.elapsed().as_secs_f64() * 1e6);
        }
        times.sort_by(f64::total_cmp);
        report(&format!("{:.1} 0", times[count / 2]));
        return Ok(());
    }
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let events = turn(&format!("!flood {count} 100"))? as f64;
    let (took, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    report(&format!("{:.0} {:.3}", events / took, cpu / events * 1e6));
    Ok(())
}
