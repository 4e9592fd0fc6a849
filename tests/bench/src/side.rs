//! Servers under load, and two of them in turns.

use crate::load::{Load, Measured, Mix};
use anyhow::{Result, ensure};
use std::time::Duration;

/// Turns of each server in one round.
const TURNS: u32 = 20;

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
        let before = (self.cpu)()?;
        let measured = self.load.run_for(self.mix, time).await?;
        let spent = (self.cpu)()?.saturating_sub(before);
        ensure!(measured.failures == 0, "{} requests failed", measured.failures);
        Ok((spent, measured))
    }

    /// What a request costs it, over so long.
    pub async fn cost(&self, time: Duration) -> Result<Cost> {
        let (spent, measured) = self.turn(time).await?;
        Ok(Cost::of(spent, measured))
    }
}

/// What a request costs two servers that are loaded for so long each, turn by turn: a machine's speed changes from second to
/// second, and turns are shorter.
pub async fn in_turns<A, B>(one: &Side<'_, A>, other: &Side<'_, B>, time: Duration) -> Result<(Cost, Cost)>
where
    A: Fn() -> Result<Duration>,
    B: Fn() -> Result<Duration>,
{
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
