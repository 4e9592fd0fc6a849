//! Raw supersets in Redis: one hash for each broad key, one field for each supplier.

use crate::codec::{Codec, Packed, Unreadable};
use crate::lease::{Claimed, Held, claim, lease_key, millis};
use crate::link::Link;
use crate::script::LuaScript;
use crate::wake::{Waiting, channel, listen};
use async_trait::async_trait;
use interline_domain::trip::SearchKey;
use interline_search::{Claim, Clock, Lease, Part, Superset, SupersetCache, Wakes};
use redis::{ToRedisArgs, cmd};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio_util::task::AbortOnDropHandle;

/// Keys: value, lease. Arguments: token (0: none), milliseconds to keep, channel, word, then supplier and block by turns.
/// Answers whether they were put: not with a token below one that a value was put with, and not without one while somebody
/// asks the suppliers.
static PUT: LazyLock<LuaScript> = LazyLock::new(|| {
    LuaScript::new(
        "put",
        "local token = tonumber(ARGV[1])
        if token == 0 then
            if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
        else
            if token < tonumber(redis.call('HGET', KEYS[1], '#') or 0) then return 0 end
            redis.call('HSET', KEYS[1], '#', ARGV[1])
        end
        redis.call('HSET', KEYS[1], unpack(ARGV, 5))
        if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
        redis.call('PUBLISH', ARGV[3], ARGV[4])
        return 1",
    )
});

/// Supersets shared by all nodes. Cheap to clone.
#[derive(Clone)]
pub struct RedisCache {
    link: Link,
    codec: Arc<Codec>,
    waiting: Waiting,
    clock: Clock,
    _listener: Arc<AbortOnDropHandle<()>>,
}

/// Bytes that are unpacked where they are asked for: those of 400 offers, 0.3 ms of work.
const AT_ONCE: usize = 128 << 10;

/// A supplier's block.
struct Block(String, Vec<u8>);

impl ToRedisArgs for Block {
    fn write_redis_args<W: ?Sized + redis::RedisWrite>(&self, out: &mut W) {
        out.write_arg(self.0.as_bytes());
        out.write_arg(&self.1);
    }

    fn num_of_args(&self) -> usize {
        2
    }
}

impl RedisCache {
    /// Over a link; starts listening for other nodes' puts.
    pub fn new(link: Link, codec: Codec, clock: Clock) -> Self {
        let waiting = Waiting::default();
        let listener = Arc::new(listen(&link, waiting.clone()));
        Self { link, codec: Arc::new(codec), waiting, clock, _listener: listener }
    }

    /// The same supersets over another link, served by the threads that started that one. Word of other nodes' puts comes as before.
    #[must_use]
    pub fn over(&self, link: Link) -> Self {
        Self { link, ..self.clone() }
    }

    fn key(&self, key: &SearchKey) -> String {
        format!("{}{key}", self.link.config().prefix)
    }

    /// Unpacks blocks, large ones away from the tasks that serve. What can't be read is counted, and is not there.
    async fn unpack(&self, blocks: Vec<Option<Vec<u8>>>) -> Option<Superset> {
        let metrics = self.link.metrics().clone();
        let count = |result: &str, number: usize| {
            metrics.reads.with_label_values(&[result]).inc_by(number as u64);
        };
        let asked = blocks.len();
        let blocks: Vec<Vec<u8>> = blocks.into_iter().flatten().collect();
        count("absent", asked - blocks.len());
        if blocks.is_empty() {
            return None;
        }
        let bytes: usize = blocks.iter().map(Vec::len).sum();
        metrics.bytes.with_label_values(&["in"]).inc_by(bytes as u64);
        let unpacked = blocks.iter().map(|block| Codec::length(block).max(block.len())).fold(0, usize::saturating_add);
        let (codec, now) = (Arc::clone(&self.codec), self.clock.now());
        let read = move || -> Vec<Result<Option<Packed>, Unreadable>> {
            let read = |block: &Vec<u8>| match codec.freshness(block)? {
                times if times.stale_until.max(times.fresh_until) <= now => Ok(None),
                _ => codec.unpack(block).map(Some),
            };
            blocks.iter().map(read).collect()
        };
        let read = match unpacked {
            ..=AT_ONCE => read(),
            // It only fails if the process ends.
            _ => spawn_blocking(read).await.ok()?,
        };
        let mut superset: Option<Superset> = None;
        for packed in read {
            match packed {
                Ok(Some(packed)) => {
                    count("hit", 1);
                    let Packed { trip, scope, part } = packed;
                    let read = Superset::new(trip, scope, vec![Arc::new(part)]);
                    superset = Some(match superset {
                        Some(before) => before.joined(read),
                        None => read,
                    });
                }
                Ok(None) => count("stale", 1),
                Err(why) => count(why.as_str(), 1),
            }
        }
        superset
    }

    async fn pack(&self, superset: Superset) -> Vec<Block> {
        let codec = Arc::clone(&self.codec);
        let pack = move || {
            let Superset { trip, scope, parts } = superset;
            let pack = |part: Arc<Part>| {
                let part = Arc::unwrap_or_clone(part);
                let supplier = part.supplier.clone();
                let block = codec.pack(&Packed { trip: trip.clone(), scope: scope.clone(), part })?;
                Some(Block(supplier, block))
            };
            parts.into_iter().filter_map(pack).collect()
        };
        spawn_blocking(pack).await.unwrap_or_default()
    }
}

#[async_trait]
impl SupersetCache for RedisCache {
    async fn get(&self, key: &SearchKey, suppliers: &[&str]) -> Option<Superset> {
        if suppliers.is_empty() {
            return None;
        }
        let key = self.key(key);
        let mut command = cmd("HMGET");
        command.arg(&key).arg(suppliers);
        match self.link.call("get", &key, &command).await {
            Ok(blocks) => self.unpack(blocks).await,
            Err(_) => None,
        }
    }

    async fn put(&self, key: &SearchKey, parts: Superset, keep: Duration, lease: Option<&Lease>) {
        let key = self.key(key);
        if !self.link.allows(&key) {
            return;
        }
        let blocks = self.pack(parts).await;
        if blocks.is_empty() {
            return;
        }
        let bytes: usize = blocks.iter().map(|block| block.1.len()).sum();
        let token = lease.map_or(0, Lease::token).to_string();
        let (keep, channel) = (millis(keep), channel(&self.link.config().prefix));
        let lease = lease_key(&key);
        match PUT.run::<bool>(&self.link, &[&key, &lease], &[&token, &keep, &channel, &key, &blocks]).await {
            Ok(true) => self.link.metrics().bytes.with_label_values(&["out"]).inc_by(bytes as u64),
            Ok(false) => self.link.metrics().leases.with_label_values(&["fenced"]).inc(),
            // Counted by the link.
            Err(_) => {}
        }
    }

    async fn claim(&self, key: &SearchKey, suppliers: &[&str]) -> Claim {
        let key = self.key(key);
        match claim(&self.link, &key, suppliers).await {
            Claimed::Held(token, blocks) => {
                let lease = Lease::new(token, Held::new(self.link.clone(), key, token));
                Claim::Mine(lease, self.unpack(blocks).await)
            }
            Claimed::Elsewhere(left) => Claim::Elsewhere(left),
            Claimed::Unknown => Claim::Unreachable,
        }
    }

    fn watch(&self, key: &SearchKey) -> Wakes {
        self.waiting.wait_for(&self.key(key))
    }
}
