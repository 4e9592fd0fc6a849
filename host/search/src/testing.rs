//! Suppliers, rules and a clock for tests to race.

mod rules;
mod sales;
mod suppliers;

pub use rules::TestRules;
pub use sales::{Sale, direct, reply};
pub use suppliers::{Fleet, Scripted, fault};

use crate::clock::Clock;
use crate::config::SearchConfig;
use crate::filter::Filters;
use crate::offer_id::{OfferSigner, SigningKey};
use crate::request::{SearchRequest, Sort};
use crate::service::{SearchParts, SearchService};
use crate::{MemoryCache, SupersetCache};
use interline_domain::money::Currency;
use interline_domain::passengers::PassengerMix;
use interline_domain::trip::{Cabin, SliceQuery, SupplierScope, Trip};
use interline_pricing::{Pricing, PricingContext, RateTable};
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// 2027-01-01T00:00:00Z.
pub const NEW_YEAR: i64 = 1_798_761_600;

#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(NEW_YEAR)))
    }

    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }

    pub fn clock(&self) -> Clock {
        let clock = self.clone();
        Clock::new(move || clock.now())
    }
}

pub fn euro() -> Currency {
    "EUR".parse().unwrap()
}

pub fn rates() -> RateTable {
    RateTable::new("test", "2027-01-01".parse().unwrap(), "a test", euro(), Default::default()).unwrap()
}

pub fn signer() -> OfferSigner {
    OfferSigner::new(SigningKey::new(1, &[7; 32]).unwrap(), vec![])
}

/// CGK to NRT on 20 January 2027, one adult.
pub fn trip() -> Trip {
    let slice = SliceQuery {
        origin: "CGK".parse().unwrap(),
        destination: "NRT".parse().unwrap(),
        departure_date: "2027-01-20".parse().unwrap(),
    };
    Trip::new(vec![slice], PassengerMix::new(1, vec![], 0).unwrap(), Cabin::Economy).unwrap()
}

pub fn scope() -> SupplierScope {
    SupplierScope { credential_set: "main".into(), point_of_sale: "ID".into(), currency: None }
}

pub fn context() -> PricingContext {
    PricingContext {
        point_of_sale: "ID".into(),
        channel: "web".into(),
        customer_segment: "retail".into(),
        display_currency: euro(),
        rates: rates().version().clone(),
    }
}

pub fn request() -> SearchRequest {
    SearchRequest {
        trip: trip(),
        scope: scope(),
        context: context(),
        filters: Filters::default(),
        sort: Sort::Price,
        alternatives: SearchRequest::MAX_ALTERNATIVES,
        limit: 20,
        cursor: None,
    }
}

/// A service with its clock, rules and suppliers at hand.
pub struct Rig {
    pub service: SearchService,
    pub clock: TestClock,
    pub rules: TestRules,
    pub fleet: Fleet,
    pub cache: Arc<dyn SupersetCache>,
}

impl Rig {
    pub fn new(suppliers: impl IntoIterator<Item = Arc<Scripted>>) -> Self {
        Self::with(SearchConfig::default(), suppliers, Arc::new(MemoryCache::new(1 << 26)))
    }

    pub fn with(
        config: SearchConfig,
        suppliers: impl IntoIterator<Item = Arc<Scripted>>,
        cache: Arc<dyn SupersetCache>,
    ) -> Self {
        let (clock, rules, fleet) = (TestClock::new(), TestRules::new(), Fleet::of(suppliers));
        let pricing = Pricing::new(Arc::new(rules.clone()), rates());
        let parts = SearchParts::new(Arc::new(fleet.clone()), pricing, Arc::clone(&cache), signer());
        let service = SearchService::new(config, SearchParts { clock: clock.clock(), ..parts });
        Self { service, clock, rules, fleet, cache }
    }
}
