//! What processes have used: processor time and memory, as the kernel counts it.

use anyhow::{Context, Result};
use nix::time::{ClockId, clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use std::time::Duration;

/// User and system time of a process, all its threads; exact when none of them runs.
pub fn cpu(process: u32) -> Result<Duration> {
    let clock = clock_getcpuclockid(Pid::from_raw(process.try_into()?))?;
    Ok(clock_gettime(clock)?.into())
}

/// User and system time of this process.
pub fn own_cpu() -> Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}

/// Resident memory of a process in bytes.
pub fn memory(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u64 = line.split_whitespace().next().context("no number")?.parse()?;
    Ok(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_shows_in_both_clocks_and_memory_is_there() {
        let (before, own) = (cpu(std::process::id()).unwrap(), own_cpu().unwrap());
        let mut sum = 0_u64;
        while own_cpu().unwrap() - own < Duration::from_millis(10) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(cpu(std::process::id()).unwrap() - before >= Duration::from_millis(10));
        assert!(memory(std::process::id()).unwrap() > 1_000_000);
    }
}
