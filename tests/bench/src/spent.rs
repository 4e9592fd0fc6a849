//! What processes have used: processor time and memory, as the kernel counts it.

use anyhow::{Context, Result};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::{SysconfVar, sysconf};
use std::time::Duration;

/// User and system time of a process, all its threads.
pub fn cpu(process: u32) -> Result<Duration> {
    let path = format!("/proc/{process}/stat");
    let stat = std::fs::read_to_string(&path).with_context(|| path.clone())?;
    // The name, in parentheses, may hold anything; utime and stime are the 12th and 13th field behind it.
    let (_, fields) = stat.rsplit_once(')').context("no process name")?;
    let ticks: Vec<u64> = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    let [user, system] = ticks[..] else { anyhow::bail!("{path} has no times") };
    let per_second = sysconf(SysconfVar::CLK_TCK)?.context("no clock ticks")?;
    Ok(Duration::from_secs_f64((user + system) as f64 / per_second as f64))
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
        while own_cpu().unwrap() - own < Duration::from_millis(60) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(cpu(std::process::id()).unwrap() - before >= Duration::from_millis(40));
        assert!(memory(std::process::id()).unwrap() > 1_000_000);
    }
}
