//! What this process and its machine tell of themselves.

use std::fs;
use std::time::Duration;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};

use crate::Outcome;

/// User and system time of all threads of this process, ended ones included; not of its children.
pub(crate) fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Binds this process to the last core it may use. Threads and agents started from here on inherit
/// it, so this stands at the beginning of a measurement.
pub(crate) fn pin_to_one_core() -> Outcome {
    let allowed = sched_getaffinity(None)?;
    let last = (0..CpuSet::MAX_CPU)
        .rev()
        .find(|core| allowed.is_set(*core));
    let mut one = CpuSet::new();
    one.set(last.ok_or("no core is allowed")?);
    Ok(sched_setaffinity(None, &one)?)
}

/// Memory resident for this process, in bytes.
pub(crate) fn resident_bytes() -> Outcome<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    Ok(kilobytes.ok_or("no VmRSS")?.parse::<f64>()? * 1024.0)
}

/// Threads of this process.
pub(crate) fn threads() -> Outcome<usize> {
    Ok(fs::read_dir("/proc/self/task")?.count())
}

/// One line about the machine, because figures mean little without it.
pub(crate) fn description() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let cpus = read("/proc/cpuinfo");
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown CPU", |model| {
        model.trim_start_matches(['\t', ' ', ':'])
    });
    let cores = std::thread::available_parallelism().map_or(0, |cores| cores.get());
    let (kernel, load) = (read("/proc/sys/kernel/osrelease"), read("/proc/loadavg"));
    let load = load.split_whitespace().next().unwrap_or("?");
    format!(
        "{cores} cores of {model}, Linux {}, load {load}",
        kernel.trim()
    )
}
