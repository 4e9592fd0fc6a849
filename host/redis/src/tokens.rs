//! Rate limits that hold across nodes: each bucket is one number in Redis, from which nodes draw tokens ahead of need.

use crate::lease::millis;
use crate::link::Link;
use crate::script::LuaScript;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

/// Key: bucket. Arguments: tokens a second, tokens when full, tokens wanted. Answers how many are given, how many are left,
/// and microseconds until there is one. The number kept is when the bucket will be full (GCRA's theoretical arrival time).
static DRAW: LazyLock<LuaScript> = LazyLock::new(|| {
    LuaScript::new(
        "draw",
        "local now = redis.call('TIME')
        now = now[1] * 1000000 + now[2]
        local step = 1000000 / ARGV[1]
        local full = step * ARGV[2]
        local filled = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
        local left = math.max(0, math.floor((now + full - filled) / step + 0.000001))
        local given = math.min(left, tonumber(ARGV[3]))
        if given > 0 then
            filled = filled + given * step
            redis.call('SET', KEYS[1], string.format('%.0f', filled), 'PX', math.ceil((filled - now) / 1000))
        end
        local wait = 0
        if given == left then wait = math.max(0, math.ceil(filled + step - full - now)) end
        return {given, left - given, wait}",
    )
});

/// Key: nodes. Arguments: this node, milliseconds after which one counts as gone. Answers how many there are.
static BEAT: LazyLock<LuaScript> = LazyLock::new(|| {
    LuaScript::new(
        "beat",
        "local now = redis.call('TIME')
        now = now[1] * 1000 + math.floor(now[2] / 1000)
        redis.call('ZADD', KEYS[1], now, ARGV[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return redis.call('ZCARD', KEYS[1])",
    )
});

const BEAT_EVERY: Duration = Duration::from_secs(2);
const GONE_AFTER: Duration = Duration::from_secs(7);

/// What a draw gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// Tokens, at most as many as were wanted.
    pub given: u32,
    /// Tokens left for others.
    pub left: u32,
    /// Until there is one; zero if any are left.
    pub wait: Duration,
}

/// Token buckets that all nodes draw from. Cheap to clone.
#[derive(Clone)]
pub struct Tokens {
    link: Link,
    nodes: Arc<AtomicU32>,
    _beating: Arc<AbortOnDropHandle<()>>,
}

impl Tokens {
    /// Over a link; this process counts as a node from now on.
    pub fn start(link: Link) -> Self {
        let nodes = Arc::new(AtomicU32::new(1));
        let beating = tokio::spawn(beat(link.clone(), Arc::clone(&nodes)));
        Self { link, nodes, _beating: Arc::new(AbortOnDropHandle::new(beating)) }
    }

    /// Takes tokens from a bucket that fills by `per_second` up to `burst`. None: Redis can't be asked.
    pub async fn draw(&self, bucket: &str, per_second: u32, burst: u32, wanted: u32) -> Option<Drawn> {
        let key = format!("{}interline:rate:{{{bucket}}}", self.link.config().prefix);
        let answer = DRAW.run::<(u32, u32, u64)>(&self.link, &[&key], &[&per_second, &burst, &wanted]).await;
        answer.ok().map(|(given, left, wait)| Drawn { given, left, wait: Duration::from_micros(wait) })
    }

    /// Nodes that share a limit while Redis can't be asked, this one included.
    pub fn nodes(&self) -> u32 {
        self.link.config().share_nodes.unwrap_or_else(|| self.nodes.load(Ordering::Relaxed)).max(1)
    }
}

async fn beat(link: Link, nodes: Arc<AtomicU32>) {
    let (key, node) = (format!("{}interline:nodes", link.config().prefix), Uuid::new_v4().to_string());
    loop {
        let counted = BEAT.run::<u32>(&link, &[&key], &[&node, &millis(GONE_AFTER)]).await;
        // Unanswered, the number last seen holds.
        if let Ok(counted) = counted {
            nodes.store(counted, Ordering::Relaxed);
            link.metrics().nodes.set(counted.into());
        }
        sleep(BEAT_EVERY.mul_f64(0.75 + 0.5 * rand::random::<f64>())).await;
    }
}
