//! Servers under load, and two of them in turns.

use crate::load::{Load, Measured, Mix};
use anyhow::{Result, ensure};
use std::time::Duration;
use tokio_util::task::AbortOnDropHandle;

/// Turns of each server in one round.
const TURNS: u32 = 20;
/// The longest between two ticks of a kernel (`CONFIG_HZ` is 250 or more).
const TICK: Duration = Duration::from_millis(4);
/// A server that does something by itself is never at rest.
const MOST_TICKS: usize = 25;

/// A server under load.
pub struct Side<'a, C: Fn() -> Result<Duration>> {
    /// Its connections.
    pub load: &'a Load,
    /// What is asked.
    pub mix: &'a Mix,
    /// Processor time that it has used.
    pub cpu: C,
}

/// What a request costs one of them.
pub struct Cost {
    /// Processor time of a request, in microseconds.
    pub cpu: f64,
    /// How the answers came.
    pub measured: Measured,
}

impl<C: Fn() -> Result<Duration>> Side<'_, C> {
    /// Loads it for so long. A single answer that is no success is an error.
    async fn turn(&self, time: Duration) -> Result<(Duration, Measured)> {
        let before = self.settled().await?;
        let measured = self.load.run_for(self.mix, time).await?;
        let spent = self.settled().await?.saturating_sub(before);
        ensure!(measured.failures == 0, "{} requests failed", measured.failures);
        Ok((spent, measured))
    }

    /// Processor time, once it is at rest: of a thread that runs the kernel knows no more than at its last tick.
    async fn settled(&self) -> Result<Duration> {
        let mut seen = (self.cpu)()?;
        for _ in 0..MOST_TICKS {
            tokio::time::sleep(TICK).await;
            let before = std::mem::replace(&mut seen, (self.cpu)()?);
            if seen.saturating_sub(before) < TICK / 20 {
                break;
            }
        }
        Ok(seen)
    }

    /// What a request costs it, over so long.
    pub async fn cost(&self, time: Duration) -> Result<Cost> {
        let (spent, measured) = self.turn(time).await?;
        Ok(Cost::of(spent, measured))
    }
}

/// What a request costs two servers that are loaded for so long each, turn by turn: a machine's speed changes from second to
/// second, and turns are shorter. The driver never sleeps meanwhile: a sleeper is woken at the expense of the server on the same
/// machine, most often by the slower of two, and real clients are elsewhere.
pub async fn in_turns<A, B>(one: &Side<'_, A>, other: &Side<'_, B>, time: Duration) -> Result<(Cost, Cost)>
where
    A: Fn() -> Result<Duration>,
    B: Fn() -> Result<Duration>,
{
    let _awake = AbortOnDropHandle::new(tokio::task::spawn_local(async {
        loop {
            tokio::task::yield_now().await;
        }
    }));
    let turn = time / TURNS;
    let (mut ones, mut others) = (one.turn(turn).await?, other.turn(turn).await?);
    for _ in 1..TURNS {
        add(&mut ones, one.turn(turn).await?)?;
        add(&mut others, other.turn(turn).await?)?;
    }
    Ok((Cost::of(ones.0, ones.1), Cost::of(others.0, others.1)))
}

fn add(sum: &mut (Duration, Measured), turn: (Duration, Measured)) -> Result<()> {
    sum.0 += turn.0;
    sum.1.add(&turn.1)
}

impl Cost {
    fn of(spent: Duration, measured: Measured) -> Self {
        Self { cpu: spent.as_secs_f64() * 1e6 / measured.answers as f64, measured }
    }
}
