//! Asking suppliers: all at once, each within its own time.

use crate::clock::Clock;
use crate::config::SearchConfig;
use crate::observer::SearchObserver;
use crate::page::SupplierState;
use crate::route::Route;
use crate::superset::Part;
use crate::ttl::{earliest_departure, jittered};
use interline_domain::fault::{Disposition, Fault, Origin};
use interline_domain::offer::SupplierReply;
use interline_domain::table::OfferTable;
use interline_runtime::{SearchRequest, Supplier, Suppliers};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tracing::Instrument;

/// The host's own patience beyond the supplier's limit: the runtime stops the call before.
pub const GRACE: Duration = Duration::from_millis(250);

/// Suppliers asked for one route. Dropping it drops the calls.
pub struct FanOut {
    calls: JoinSet<Part>,
    /// Who has not answered, and what there is from before.
    open: BTreeMap<String, Asked>,
    names: BTreeMap<tokio::task::Id, String>,
    policy: Policy,
}

struct Asked {
    supplier: Arc<dyn Supplier>,
    before: Option<Arc<Part>>,
    since: Instant,
}

/// Whom to ask: what each of them said before goes along, to be kept if it can't be renewed.
pub struct Ask {
    pub supplier: Arc<dyn Supplier>,
    pub before: Option<Arc<Part>>,
}

/// How long what comes back is good for.
#[derive(Clone)]
pub struct Policy {
    pub config: Arc<SearchConfig>,
    pub observer: Arc<dyn SearchObserver>,
    pub clock: Clock,
    departure: Timestamp,
}

/// Those who can search flights.
pub fn searchable(suppliers: &dyn Suppliers) -> Vec<Arc<dyn Supplier>> {
    let mut all = suppliers.all();
    all.retain(|supplier| supplier.capabilities().search);
    all
}

impl FanOut {
    /// Asks them all.
    pub fn start(route: &Route, asks: Vec<Ask>, policy: Policy) -> Self {
        let mut fan_out = Self { calls: JoinSet::new(), open: BTreeMap::new(), names: BTreeMap::new(), policy };
        for ask in asks {
            let name = ask.supplier.name().to_owned();
            let timeout = ask.supplier.search_timeout();
            let request = SearchRequest {
                trip: route.trip.clone(),
                currency: route.scope.currency,
                point_of_sale: Some(route.scope.point_of_sale.clone()),
                timeout,
                max_offers: fan_out.policy.config.max_offers,
            };
            let (supplier, before, policy) = (Arc::clone(&ask.supplier), ask.before.clone(), fan_out.policy.clone());
            let since = Instant::now();
            let call = async move {
                let answer = tokio::time::timeout(timeout + GRACE, supplier.search(&request)).await;
                policy.part(&*supplier, answer.unwrap_or_else(|_| Err(late())), since.elapsed(), before)
            };
            let call = fan_out.calls.spawn(call.in_current_span());
            fan_out.names.insert(call.id(), name.clone());
            fan_out.open.insert(name, Asked { supplier: ask.supplier, before: ask.before, since });
        }
        fan_out
    }

    /// The next to be through; none when all are.
    pub async fn next(&mut self) -> Option<Part> {
        match self.calls.join_next_with_id().await? {
            Ok((_, part)) => {
                self.open.remove(&part.supplier);
                Some(part)
            }
            Err(died) => {
                let asked = self.names.get(&died.id()).and_then(|name| self.open.remove(name))?;
                tracing::error!(supplier = asked.supplier.name(), error = %died, "a supplier's call died in the host");
                Some(self.policy.part(&*asked.supplier, Err(broken()), asked.since.elapsed(), asked.before))
            }
        }
    }

    /// What to show for those who are not through at the search's deadline.
    pub fn late_parts(&self) -> Vec<Part> {
        let part = |asked: &Asked| {
            self.policy.outcome(&*asked.supplier, Err(late()), asked.since.elapsed(), asked.before.clone())
        };
        self.open.values().map(part).collect()
    }
}

fn late() -> Fault {
    fault("deadline", "no answer within the search's time")
}

fn broken() -> Fault {
    fault("panic", "the call died in the host")
}

fn fault(code: &str, message: &str) -> Fault {
    Fault {
        disposition: Disposition::RetryAfter { delay: Duration::ZERO },
        origin: Origin::Host,
        code: Some(code.to_owned()),
        message: message.to_owned(),
        field: None,
    }
}

impl Policy {
    pub fn new(config: Arc<SearchConfig>, observer: Arc<dyn SearchObserver>, clock: Clock, route: &Route) -> Self {
        Self { config, observer, clock, departure: earliest_departure(&route.trip) }
    }

    /// An answer that came, counted.
    fn part(
        &self,
        supplier: &dyn Supplier,
        answer: Result<SupplierReply, Fault>,
        latency: Duration,
        before: Option<Arc<Part>>,
    ) -> Part {
        let part = self.outcome(supplier, answer, latency, before);
        let (offers, skipped) = (part.offers.len(), part.offers.skipped().len());
        let (offers, skipped) = if part.is_ok() { (offers, skipped) } else { (0, 0) };
        self.observer.asked(&part.supplier, part.state, offers, skipped, latency);
        part
    }

    /// What to show of a supplier whom another node asks, and who has not answered it within the search's time. Counts as
    /// failed from `asked_at` on, so that an answer given since goes before.
    pub fn missed(&self, ask: &Ask, asked_at: Timestamp) -> Part {
        let waited = Duration::try_from(self.clock.now().duration_since(asked_at)).unwrap_or_default();
        let mut part = self.outcome(&*ask.supplier, Err(late()), waited, ask.before.clone());
        part.fetched_at = part.fetched_at.min(asked_at);
        part
    }

    fn outcome(
        &self,
        supplier: &dyn Supplier,
        answer: Result<SupplierReply, Fault>,
        latency: Duration,
        before: Option<Arc<Part>>,
    ) -> Part {
        let now = self.clock.now();
        let after = |pause: Duration| now.checked_add(pause).unwrap_or(Timestamp::MAX);
        let fault = match answer {
            Ok(reply) => {
                let life = self.config.freshness.lifetime(self.departure, now);
                let fresh_until = after(jittered(life.fresh, rand::random()));
                return Part {
                    supplier: supplier.name().to_owned(),
                    version: supplier.version().clone(),
                    state: SupplierState::Ok,
                    error: None,
                    fetched_at: now,
                    fresh_until,
                    stale_until: fresh_until.checked_add(life.stale).unwrap_or(fresh_until),
                    latency,
                    retry_after: None,
                    offers: Arc::new(reply.into()),
                };
            }
            Err(fault) => fault,
        };
        let state = SupplierState::of(&fault);
        tracing::warn!(supplier = supplier.name(), state = state.as_str(), %fault, "a supplier's search failed");
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let pause = match (state, &fault.disposition) {
            (SupplierState::Timeout, _) => seconds(self.config.partial_seconds),
            // Our own queue was full: a place comes free sooner than a supplier gets well.
            (SupplierState::Overloaded, _) => Duration::from_secs(1),
            (_, Disposition::RetryAfter { delay }) => {
                (*delay).min(seconds(self.config.longest_pause_seconds)).max(seconds(self.config.negative_seconds))
            }
            _ => seconds(self.config.negative_seconds),
        };
        let retry_after = Some(pause).filter(|_| state != SupplierState::Timeout);
        // An answer from before is better than none, for as long as it may be shown.
        let kept = before.filter(|part| part.stale_until > now && !part.offers.is_empty());
        let fresh_until = after(jittered(pause, rand::random()).max(retry_after.unwrap_or_default()));
        let (version, fetched_at, stale_until, offers) = match kept {
            Some(part) => (part.version.clone(), part.fetched_at, part.stale_until, Arc::clone(&part.offers)),
            None => (supplier.version().clone(), now, fresh_until, Arc::new(OfferTable::empty())),
        };
        Part {
            supplier: supplier.name().to_owned(),
            version,
            state,
            error: fault.code,
            fetched_at,
            fresh_until: fresh_until.min(stale_until.max(now)),
            stale_until,
            latency,
            retry_after,
            offers,
        }
    }
}
