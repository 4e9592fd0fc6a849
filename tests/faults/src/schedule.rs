//! What goes wrong, and when: a pure function of the seed and of what there is to be killed.

#[cfg(test)]
mod tests;

use crate::weather::Weather;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// What there is, and for how long it is to suffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// Milliseconds.
    pub millis: u64,
    /// Gateways.
    pub nodes: usize,
    /// Workers.
    pub workers: usize,
    /// Primaries of the Redis Cluster; 0 where there is none.
    pub shards: usize,
    /// Whether there is a Kafka broker.
    pub broker: bool,
}

/// A process that can be killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A gateway, counted from 0.
    Gateway(usize),
    /// A worker, counted from 0.
    Worker(usize),
    /// Whoever is primary of this shard then.
    RedisPrimary(usize),
    /// The Kafka broker.
    Broker,
    /// PostgreSQL.
    Database,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gateway(index) => write!(f, "gateway {index}"),
            Self::Worker(index) => write!(f, "worker {index}"),
            Self::RedisPrimary(shard) => write!(f, "the Redis primary of shard {shard}"),
            Self::Broker => f.write_str("the broker"),
            Self::Database => f.write_str("PostgreSQL"),
        }
    }
}

/// What happens.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// SIGKILL.
    Kill(Target),
    /// What was killed is started again.
    Restart(Target),
    /// How suppliers and payments behave from now on.
    Weather(Weather),
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Milliseconds from the beginning.
    pub at: u64,
    /// What.
    pub what: What,
}

/// Kinds of targets. The first round kills one of each, so that even a short run has met them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gateway,
    Worker,
    Redis,
    Broker,
    Database,
}

/// Before it nothing dies.
const CALM: u64 = 2_000;
const PAUSE: Range<u64> = 2_500..6_000;
/// A shard has found its new primary, and the old one has caught up, before Redis is struck again.
const REDIS_REST: u64 = 12_000;
const REST: u64 = 1_500;

impl Kind {
    /// The kinds that there are, each as often as its weight.
    fn all(scope: &Scope) -> Vec<(Self, u32)> {
        let all = [
            (Self::Gateway, 4, scope.nodes > 1),
            (Self::Worker, 4, scope.workers > 0),
            (Self::Redis, 2, scope.shards > 0),
            (Self::Broker, 2, scope.broker),
            (Self::Database, 2, true),
        ];
        all.into_iter().filter(|(_, _, there)| *there).map(|(kind, weight, _)| (kind, weight)).collect()
    }

    /// How long it stays dead, in milliseconds.
    const fn downtime(self) -> Range<u64> {
        match self {
            Self::Gateway | Self::Worker | Self::Broker => 500..6_000,
            Self::Redis => 3_000..10_000,
            Self::Database => 200..2_500,
        }
    }

    fn targets(self, scope: &Scope) -> Vec<Target> {
        match self {
            Self::Gateway => (0..scope.nodes).map(Target::Gateway).collect(),
            Self::Worker => (0..scope.workers).map(Target::Worker).collect(),
            Self::Redis => (0..scope.shards).map(Target::RedisPrimary).collect(),
            Self::Broker => vec![Target::Broker],
            Self::Database => vec![Target::Database],
        }
    }
}

/// Everything that happens, in its order. The same seed and scope make the same schedule, for ever.
pub fn schedule(seed: u64, scope: &Scope) -> Vec<Event> {
    let mut events = kills(&mut ChaCha8Rng::seed_from_u64(seed), scope);
    // A generator of its own: other targets don't change the weather.
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(1);
    events.extend(weather(&mut rng, scope.millis));
    events.sort_by_key(|event| event.at);
    events
}

fn kills(rng: &mut ChaCha8Rng, scope: &Scope) -> Vec<Event> {
    let kinds = Kind::all(scope);
    let mut first: Vec<Kind> = kinds.iter().map(|(kind, _)| *kind).collect();
    first.shuffle(rng);
    let mut events = Vec::new();
    // Until when a target is to be left alone.
    let mut spared: BTreeMap<Target, u64> = BTreeMap::new();
    let mut at = CALM + rng.random_range(0..1_000);
    while at < scope.millis {
        let kind = match first.pop() {
            Some(kind) => Some(kind),
            None => kinds.choose_weighted(rng, |(_, weight)| *weight).ok().map(|(kind, _)| *kind),
        };
        let down = kind.map_or(0, |kind| rng.random_range(kind.downtime()));
        if let Some(target) = kind.and_then(|kind| choose(rng, kind, scope, &spared, at)) {
            let restart = (at + down).min(scope.millis);
            events.push(Event { at, what: What::Kill(target) });
            events.push(Event { at: restart, what: What::Restart(target) });
            spared.insert(target, restart + if matches!(target, Target::RedisPrimary(_)) { REDIS_REST } else { REST });
        }
        at += rng.random_range(PAUSE);
    }
    events
}

/// One that lives. One gateway is always left, and only one Redis is dead at a time: without the majority of its primaries
/// a cluster elects nobody.
fn choose(rng: &mut ChaCha8Rng, kind: Kind, scope: &Scope, spared: &BTreeMap<Target, u64>, at: u64) -> Option<Target> {
    let all = kind.targets(scope);
    let free: Vec<Target> =
        all.iter().copied().filter(|target| spared.get(target).is_none_or(|until| *until <= at)).collect();
    let least_alive = match kind {
        Kind::Gateway => 2,
        Kind::Redis => scope.shards,
        Kind::Worker | Kind::Broker | Kind::Database => 1,
    };
    if free.len() < least_alive { None } else { free.choose(rng).copied() }
}

fn weather(rng: &mut ChaCha8Rng, millis: u64) -> Vec<Event> {
    let mut events = Vec::new();
    let mut at = rng.random_range(0..CALM);
    while at < millis {
        events.push(Event { at, what: What::Weather(Weather::random(rng)) });
        at += rng.random_range(3_000..7_000);
        events.push(Event { at: at.min(millis), what: What::Weather(Weather::calm()) });
        at += rng.random_range(1_000..4_000);
    }
    events
}
