//! Searches asked again and again in the same words: whoever asks remembers where the page stands, and need not look for it.

use crate::loaded::Loaded;
use crate::page::SearchPage;
use crate::pages::Kept;
use crate::request::SearchRequest;
use crate::route::RouteRef;
use crate::service::Inner;
use crate::view::priced::PricedView;
use arc_swap::ArcSwapOption;
use jiff::Timestamp;
use std::sync::{Arc, Weak};

/// A search that may be asked again.
pub struct Repeated {
    request: SearchRequest,
    last: ArcSwapOption<Last>,
}

/// Where a page stood when it was shown last. Memory may let go of it at any time.
struct Last {
    loaded: Weak<Loaded>,
    view: Weak<PricedView>,
    kept: Weak<Kept>,
}

/// A page, and what it was made of.
pub struct Found {
    pub page: Arc<SearchPage>,
    loaded: Arc<Loaded>,
    view: Arc<PricedView>,
    kept: Arc<Kept>,
}

impl Repeated {
    /// Of a request.
    pub fn new(request: SearchRequest) -> Self {
        Self { request, last: ArcSwapOption::empty() }
    }

    /// What is asked.
    pub fn request(&self) -> &SearchRequest {
        &self.request
    }
}

impl Inner {
    /// The page of a search, if memory has it.
    pub async fn cached(self: &Arc<Self>, request: &SearchRequest) -> Option<Found> {
        let (loaded, cache) = self.in_memory(RouteRef { trip: &request.trip, scope: &request.scope }).await?;
        let now = self.parts.clock.now();
        let view = self.with_rules(now, |rules| loaded.view(&request.context, rules, now))?;
        let kept = self.pages.made(request, &view).await?;
        Some(Found { page: kept.tell(&loaded, cache, now), loaded, view, kept })
    }

    /// The same, from where it stood when that is still the place.
    pub async fn repeated(self: &Arc<Self>, repeated: &Repeated) -> Option<Arc<SearchPage>> {
        if let Some(page) = self.again(repeated, self.parts.clock.now()) {
            return Some(page);
        }
        let Found { page, loaded, view, kept } = self.cached(&repeated.request).await?;
        let last = Last { loaded: Arc::downgrade(&loaded), view: Arc::downgrade(&view), kept: Arc::downgrade(&kept) };
        repeated.last.store(Some(Arc::new(last)));
        Some(page)
    }

    fn again(self: &Arc<Self>, repeated: &Repeated, now: Timestamp) -> Option<Arc<SearchPage>> {
        let last = repeated.last.load();
        let last = last.as_ref()?;
        let (loaded, view, kept) = (last.loaded.upgrade()?, last.view.upgrade()?, last.kept.upgrade()?);
        if loaded.is_superseded() || now >= view.valid_until || !self.with_rules(now, |rules| view.rules == *rules) {
            return None;
        }
        let request = &repeated.request;
        let cache = self.shown(&loaded, RouteRef { trip: &request.trip, scope: &request.scope }, now)?;
        Some(kept.tell(&loaded, cache, now))
    }
}
