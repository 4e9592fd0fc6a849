//! The right to ask suppliers for one key: held for a short time, renewed while the holder lives, fenced by its token.
//!
//! The token rises with every lease of a key: it is the primary's clock in microseconds, or one more than the highest that
//! a value was put with, should a replica with a clock behind have become the primary. A value is put only if none was put
//! with a higher one.

use crate::link::Link;
use crate::script::LuaScript;
use crate::wake::channel;
use redis::Value;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::task::AbortOnDropHandle;

/// Keys: value, lease. Arguments: milliseconds, suppliers. The value's field `#`, which no supplier is called, has the highest
/// token that it was put with. Answers `[token, 0, blocks…]` or `["0", milliseconds left]`.
static CLAIM: LazyLock<LuaScript> = LazyLock::new(|| {
    LuaScript::new(
        "claim",
        "local left = redis.call('PTTL', KEYS[2])
        if left >= 0 then return {'0', left} end
        local now = redis.call('TIME')
        local token = now[1] * 1000000 + now[2]
        local fence = tonumber(redis.call('HGET', KEYS[1], '#') or 0)
        if token <= fence then token = fence + 1 end
        token = string.format('%.0f', token)
        redis.call('SET', KEYS[2], token, 'PX', ARGV[1])
        return {token, 0, unpack(redis.call('HMGET', KEYS[1], unpack(ARGV, 2)))}",
    )
});

/// Key: lease. Arguments: token, milliseconds. Answers whether it is still held.
static RENEW: LazyLock<LuaScript> = LazyLock::new(|| {
    LuaScript::new(
        "renew",
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('PEXPIRE', KEYS[1], ARGV[2])",
    )
});

/// Key: lease. Arguments: token, channel, word.
static RELEASE: LazyLock<LuaScript> = LazyLock::new(|| {
    LuaScript::new(
        "release",
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('DEL', KEYS[1])
        redis.call('PUBLISH', ARGV[2], ARGV[3])
        return 1",
    )
});

/// What a claim came to.
pub enum Claimed {
    /// Held, with this token; beside it the blocks that are there now, in the order of the suppliers.
    Held(u64, Vec<Option<Vec<u8>>>),
    /// Held by another, for so long unless renewed.
    Elsewhere(Duration),
    /// Nobody can tell.
    Unknown,
}

/// The key of a value's lease, in the value's slot.
pub fn lease_key(key: &str) -> String {
    format!("{{{key}}}:lease")
}

/// Asks for the lease of a value.
pub async fn claim(link: &Link, key: &str, suppliers: &[&str]) -> Claimed {
    let milliseconds = millis(link.config().lease());
    let answer = CLAIM.run::<Vec<Value>>(link, &[key, &lease_key(key)], &[&milliseconds, &suppliers]).await;
    let Ok(Some((token, left, blocks))) = answer.map(read_claim) else { return Claimed::Unknown };
    if token > 0 {
        link.metrics().leases.with_label_values(&["held"]).inc();
        return Claimed::Held(token, blocks);
    }
    link.metrics().leases.with_label_values(&["elsewhere"]).inc();
    Claimed::Elsewhere(Duration::from_millis(left))
}

fn read_claim(answer: Vec<Value>) -> Option<(u64, u64, Vec<Option<Vec<u8>>>)> {
    let mut answer = answer.into_iter();
    let token = redis::from_redis_value(answer.next()?).ok()?;
    let left = redis::from_redis_value(answer.next()?).ok()?;
    let blocks = answer.map(|block| redis::from_redis_value(block).ok()).collect::<Option<_>>()?;
    Some((token, left, blocks))
}

/// A lease that is held: renewed until dropped, then given back.
pub struct Held {
    link: Link,
    key: String,
    token: u64,
    renewing: Option<AbortOnDropHandle<()>>,
}

impl Held {
    /// Starts renewing.
    pub fn new(link: Link, key: String, token: u64) -> Self {
        let renewing = tokio::spawn(renew(link.clone(), key.clone(), token));
        Self { link, key, token, renewing: Some(AbortOnDropHandle::new(renewing)) }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Before it is given back, lest it be renewed after.
        drop(self.renewing.take());
        let Ok(runtime) = Handle::try_current() else { return };
        let (link, key, token) = (self.link.clone(), std::mem::take(&mut self.key), self.token.to_string());
        runtime.spawn(async move {
            let channel = channel(&link.config().prefix);
            // Not given back, it ends by itself.
            let _ = RELEASE.run::<bool>(&link, &[&lease_key(&key)], &[&token, &channel, &key]).await;
        });
    }
}

/// Renews three times within the lease's life; ends when another has got it.
async fn renew(link: Link, key: String, token: u64) {
    let life = link.config().lease();
    let mut ticks = interval(life / 3);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let (token, life) = (token.to_string(), millis(life));
        if RENEW.run::<bool>(&link, &[&lease_key(&key)], &[&token, &life]).await == Ok(false) {
            link.metrics().leases.with_label_values(&["lost"]).inc();
            break;
        }
    }
}

/// Whole milliseconds, at least one.
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}
