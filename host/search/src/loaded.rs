//! A superset in memory, with its columns and the views priced from it.

use crate::columns::Columns;
use crate::offer_id::OfferSigner;
use crate::superset::{Part, Superset};
use crate::view::priced::PricedView;
use arc_swap::ArcSwap;
use interline_pricing::{Pricing, PricingContext, PricingError, RulesVersion};
use interline_runtime::{PluginVersion, Supplier};
use jiff::Timestamp;
use semver::Version;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Views kept of one superset; the oldest goes first.
const MOST_VIEWS: usize = 8;

/// A view that could not be built.
struct Failure {
    context: PricingContext,
    at: Instant,
    error: PricingError,
}

/// A superset in memory.
pub struct Loaded {
    pub superset: Arc<Superset>,
    pub columns: Arc<Columns>,
    pub fresh_until: Timestamp,
    pub stale_until: Timestamp,
    pub is_complete: bool,
    /// The longest that a supplier took.
    pub took: Duration,
    views: ArcSwap<Vec<Arc<PricedView>>>,
    /// Held while a view is built; the last failure, for those who waited for it.
    building: Mutex<Option<Failure>>,
    /// Second in which the plugins' versions were last found to agree.
    agreed_at: AtomicI64,
    superseded: AtomicBool,
}

impl Loaded {
    /// Works out the columns.
    pub fn new(superset: Arc<Superset>) -> Self {
        let fresh_until = superset.fresh_until();
        Self {
            columns: Arc::new(Columns::new(&superset)),
            fresh_until,
            stale_until: superset.stale_until().max(fresh_until),
            is_complete: superset.is_complete(),
            took: superset.parts.iter().map(|part| part.latency).max().unwrap_or_default(),
            views: ArcSwap::default(),
            building: Mutex::new(None),
            agreed_at: AtomicI64::new(i64::MIN),
            superseded: AtomicBool::new(false),
            superset,
        }
    }

    /// The view of a context, if it is there and still holds.
    pub fn view(&self, context: &PricingContext, rules: &RulesVersion, now: Timestamp) -> Option<Arc<PricedView>> {
        let views = self.views.load();
        let fits = |view: &&Arc<PricedView>| now < view.valid_until && view.rules == *rules && view.context == *context;
        views.iter().find(fits).cloned()
    }

    /// The view of a context, built by one of those who want it while the others wait; should that one be cancelled, the
    /// next builds it. Should it fail, it fails for all who waited: rules that hang are not waited for one by one. `true`: it
    /// was built now.
    pub async fn view_or_build(
        &self,
        context: &PricingContext,
        pricing: &Pricing,
        signer: &OfferSigner,
        now: Timestamp,
    ) -> Result<(Arc<PricedView>, bool), PricingError> {
        let asked_at = Instant::now();
        let mut building = self.building.lock().await;
        let rules = pricing.rules_version();
        if let Some(view) = self.view(context, &rules, now) {
            return Ok((view, false));
        }
        if let Some(failure) = building.as_ref().filter(|failure| failure.at >= asked_at && failure.context == *context)
        {
            return Err(failure.error.clone());
        }
        let (superset, columns) = (Arc::clone(&self.superset), Arc::clone(&self.columns));
        let view = match PricedView::build(superset, columns, context.clone(), pricing, signer, now).await {
            Ok(view) => Arc::new(view),
            Err(error) => {
                *building = Some(Failure { context: context.clone(), at: Instant::now(), error: error.clone() });
                return Err(error);
            }
        };
        let mut views: Vec<_> = self.views.load().iter().cloned().collect();
        views.retain(|old| now < old.valid_until && old.rules == view.rules && old.context != view.context);
        if views.len() >= MOST_VIEWS {
            views.remove(0);
        }
        views.push(Arc::clone(&view));
        self.views.store(Arc::new(views));
        Ok((view, true))
    }

    /// A newer one is in its place.
    pub fn supersede(&self) {
        self.superseded.store(true, Ordering::Relaxed);
    }

    /// See [`Self::supersede`].
    pub fn is_superseded(&self) -> bool {
        self.superseded.load(Ordering::Relaxed)
    }

    /// Whether it holds a usable part of each of these suppliers, and of no other; looked at once a second.
    pub fn agrees(&self, now: Timestamp, suppliers: impl FnOnce() -> Vec<Arc<dyn Supplier>>) -> bool {
        if self.agreed_at.load(Ordering::Relaxed) == now.as_second() {
            return true;
        }
        let suppliers = suppliers();
        let agrees = suppliers.len() == self.superset.parts.len()
            && suppliers.iter().all(|supplier| {
                self.superset.part(supplier.name()).is_some_and(|part| is_usable(part, supplier.version()))
            });
        if agrees {
            self.agreed_at.store(now.as_second(), Ordering::Relaxed);
        }
        agrees
    }

    /// Bytes that it takes in memory, roughly.
    pub fn weight(&self) -> usize {
        let views: usize = self.views.load().iter().map(|view| view.weight()).sum();
        512 + self.superset.weight() + self.columns.weight() + views
    }
}

/// Whether the plugin that is active now may go on with what another version of it fetched. What a version made that was
/// since rolled back is not used; what an older one made is good until it ends.
pub fn is_usable(part: &Part, active: &PluginVersion) -> bool {
    if part.version.hash == active.hash {
        return true;
    }
    let parse = |version: &PluginVersion| Version::parse(&version.version).ok();
    part.version.name == active.name && parse(&part.version).zip(parse(active)).is_some_and(|(made, now)| made <= now)
}
