//! A page of offers, and how the suppliers did.

use crate::facets::Facets;
use crate::packed::{PackedOnce, Packing};
use bytes::Bytes;
use interline_domain::fault::{Disposition, Fault, Origin};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Answer to a search. Shared: a page asked for again within the second is the same one.
#[derive(Debug, Clone)]
pub struct SearchPage {
    /// What of it stands for minutes.
    pub content: Arc<PageContent>,
    /// Supplier by supplier, by name.
    pub suppliers: Vec<SupplierStatus>,
    /// Where the answer came from.
    pub cache: CacheState,
    /// Every supplier answered.
    pub complete: bool,
    /// What follows the content in the page's JSON.
    tail: Bytes,
}

/// Offers of a page, and what there is to choose by: the same until prices change.
#[derive(Debug)]
pub struct PageContent {
    /// Offers of this page, each a JSON object as [`crate::view::OfferView`] describes.
    pub offers: Vec<Bytes>,
    /// Offers that pass the filters, on all pages.
    pub total_matching: u32,
    /// What there is to filter by.
    pub facets: Facets,
    /// Names the page after this one.
    pub next_cursor: Option<String>,
    /// The page's JSON up to the suppliers; `offers` are slices of it.
    pub(crate) json: Bytes,
    pub(crate) packed: PackedOnce,
}

impl PageContent {
    /// Bytes that it takes in memory, roughly; packed forms, a fifth of it each, are counted as if they were there.
    pub(crate) fn weight(&self) -> usize {
        2_048 + self.json.len() * 7 / 5
    }
}

impl SearchPage {
    /// A page, as it is now.
    pub(crate) fn new(
        content: Arc<PageContent>,
        suppliers: Vec<SupplierStatus>,
        cache: CacheState,
        complete: bool,
    ) -> Self {
        let statuses = serde_json::to_string(&suppliers).unwrap_or_default();
        let cache_name = cache.as_str();
        let tail = format!("\"suppliers\":{statuses},\"cache\":\"{cache_name}\",\"complete\":{complete}}}");
        Self { content, suppliers, cache, complete, tail: tail.into() }
    }

    /// The whole page as JSON, as [`crate::view::PageView`] describes, in pieces to be sent one after the other: the first
    /// is shared by all seconds.
    pub fn body(&self) -> [Bytes; 2] {
        [self.content.json.clone(), self.tail.clone()]
    }

    /// The same, packed; the first piece for the first who asks. None: it can't be.
    pub fn packed(&self, packing: Packing) -> Option<[Bytes; 2]> {
        self.content.packed.body(&self.content.json, &self.tail, packing)
    }
}

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CacheState {
    /// From memory or another node's, fresh.
    Hit,
    /// From memory, past its time; a refresh is under way.
    Stale,
    /// From the suppliers, asked for this search.
    Miss,
    /// From the suppliers, asked for another search of the same trip, here or on another node.
    Coalesced,
}

impl CacheState {
    /// Stable name, for metrics and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Stale => "stale",
            Self::Miss => "miss",
            Self::Coalesced => "coalesced",
        }
    }
}

/// How a supplier did in a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SupplierStatus {
    /// The supplier.
    pub name: String,
    /// What came of the last call.
    pub status: SupplierState,
    /// Offers that it has in this answer, before filters.
    pub offers: u32,
    /// Offers of its reply that could not be used.
    pub skipped: u32,
    /// How long it took.
    pub latency_ms: u64,
    /// Since its offers were fetched.
    pub age_s: u64,
    /// Its error code, where it gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What came of a call to a supplier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SupplierState {
    /// It answered; perhaps that it sells nothing there.
    Ok,
    /// Not within its time; its offers may come with a later search.
    Timeout,
    /// Not asked, since it failed too often just now.
    CircuitOpen,
    /// Not asked, since too many calls to it are under way.
    Overloaded,
    /// It asks to be left alone for a while.
    RetryAfter,
    /// It refused the search.
    Rejected,
    /// It does not let us in.
    NotAuthorised,
    /// It does not sell such trips.
    Unsupported,
    /// It, or its adapter, failed.
    Failed,
}

impl SupplierState {
    /// Stable name, for metrics and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Timeout => "timeout",
            Self::CircuitOpen => "circuit_open",
            Self::Overloaded => "overloaded",
            Self::RetryAfter => "retry_after",
            Self::Rejected => "rejected",
            Self::NotAuthorised => "not_authorised",
            Self::Unsupported => "unsupported",
            Self::Failed => "failed",
        }
    }

    /// What a fault means for a search.
    pub(crate) fn of(fault: &Fault) -> Self {
        if fault.origin == Origin::Host {
            match fault.code.as_deref() {
                Some("deadline") => return Self::Timeout,
                Some("circuit_open") => return Self::CircuitOpen,
                Some("queue_full" | "queue_deadline" | "no_instance") => return Self::Overloaded,
                Some("unsupported") => {}
                _ => return Self::Failed,
            }
        }
        match fault.disposition {
            Disposition::RetryAfter { .. } => Self::RetryAfter,
            Disposition::Rejected => Self::Rejected,
            Disposition::NotAuthorised => Self::NotAuthorised,
            Disposition::Unsupported => Self::Unsupported,
            Disposition::SoldOut
            | Disposition::PriceChanged { .. }
            | Disposition::OfferExpired
            | Disposition::OutcomeUnknown => Self::Failed,
        }
    }
}
