//! The answer's body, held by one thread for the rest of the second: until then memory would give the same.

use bytes::Bytes;
use interline_search::{CacheState, Packing, Repeated, SearchService};
use jiff::Timestamp;

/// A body that goes out as it is.
pub struct Held {
    generation: u64,
    /// In the front's milliseconds.
    until: u64,
    /// Where the page came from.
    pub cache: CacheState,
    /// Shared with nobody else: its references are counted here.
    pub body: [Bytes; 2],
}

impl Held {
    /// What memory has of a search; `now` in the front's milliseconds. None: it can't answer.
    pub async fn new(search: &SearchService, asked: &Repeated, packing: Option<Packing>, now: u64) -> Option<Self> {
        // Both before the page is looked for: what changes meanwhile ends it.
        let generation = search.generation();
        let second = u64::from(Timestamp::now().subsec_nanosecond().unsigned_abs()) / 1_000_000;
        let page = search.cached(asked).await?;
        let body = match packing {
            Some(packing) => page.packed(packing)?,
            None => page.body(),
        };
        let until = now + 1_000_u64.saturating_sub(second);
        Some(Self { generation, until, cache: page.cache, body: body.map(Bytes::from_owner) })
    }

    /// Whether it is still what memory would give.
    pub fn stands(&self, search: &SearchService, now: u64) -> bool {
        now < self.until && self.generation == search.generation()
    }
}
