//! A search as it happens: each supplier's offers as they come, then all of them together.

use crate::columns::Columns;
use crate::error::SearchError;
use crate::flight::Progress;
use crate::loaded::Loaded;
use crate::page::CacheState;
use crate::pages::first_offers;
use crate::request::SearchRequest;
use crate::route::RouteRef;
use crate::service::{Inner, SupplierUpdate};
use crate::superset::{Part, Superset};
use crate::view::priced::PricedView;
use futures::Stream;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;

/// The reader is gone.
struct Gone;

/// One update for each supplier, then one for all. Ends early when nobody reads any more; the suppliers' answers go into
/// the cache nevertheless.
pub fn updates(inner: Arc<Inner>, request: SearchRequest) -> impl Stream<Item = SupplierUpdate> + Send + use<> {
    let (sender, receiver) = channel(4);
    let workshop = inner.parts.workshop.clone();
    workshop.spawn(async move {
        let mut told = Told { inner: &inner, request: &request, sender: &sender, suppliers: BTreeSet::new() };
        let last = match told.follow().await {
            Ok(Ok((loaded, cache))) => inner.answer(&request, loaded, cache).await,
            Ok(Err(error)) => Err(error),
            Err(Gone) => return,
        };
        let last = last.map_or_else(SupplierUpdate::Failed, SupplierUpdate::Summary);
        // Nobody left to read it: nothing to do about it.
        let _ = sender.send(last).await;
    });
    ReceiverStream::new(receiver)
}

struct Told<'a> {
    inner: &'a Arc<Inner>,
    request: &'a SearchRequest,
    sender: &'a Sender<SupplierUpdate>,
    suppliers: BTreeSet<String>,
}

impl Told<'_> {
    /// Tells supplier by supplier, until all are through.
    async fn follow(&mut self) -> Result<Result<(Arc<Loaded>, CacheState), SearchError>, Gone> {
        let route = RouteRef { trip: &self.request.trip, scope: &self.request.scope };
        if let Some((loaded, cache)) = self.inner.in_memory(route).await {
            self.tell(&loaded.superset.parts).await?;
            return Ok(Ok((loaded, cache)));
        }
        let route = route.to_owned();
        let mut seat = match self.inner.seat(&route, self.inner.parts.clock.now()) {
            Ok(seat) => seat,
            Err(error) => return Ok(Err(error)),
        };
        let landed = loop {
            let (parts, landed) = {
                let Progress { parts, landed } = &*seat.progress.borrow_and_update();
                (parts.clone(), landed.clone())
            };
            self.tell(&parts).await?;
            if let Some(landed) = landed {
                break landed.map(|landed| landed.seen_by(seat.is_first));
            }
            if seat.progress.changed().await.is_err() && seat.progress.borrow().landed.is_none() {
                // The flight died; who asks again starts another.
                break self.inner.fetch(&route, self.inner.parts.clock.now()).await;
            }
        };
        let (loaded, cache) = match landed {
            Ok(landed) => landed,
            Err(error) => return Ok(Err(error)),
        };
        self.tell(&loaded.superset.parts).await?;
        Ok(Ok((loaded, cache)))
    }

    /// Tells the suppliers not told yet.
    async fn tell(&mut self, parts: &[Arc<Part>]) -> Result<(), Gone> {
        for part in parts {
            if self.suppliers.insert(part.supplier.clone()) {
                let status = part.status(self.inner.parts.clock.now());
                let offers = self.offers(part).await;
                self.sender.send(SupplierUpdate::Supplier { status, offers }).await.map_err(|_| Gone)?;
            }
        }
        Ok(())
    }

    /// One supplier's offers. That they can't be priced is told with the summary.
    async fn offers(&self, part: &Arc<Part>) -> Vec<bytes::Bytes> {
        let (inner, request) = (self.inner, self.request);
        let alone = Superset::new(request.trip.clone(), request.scope.clone(), vec![Arc::clone(part)]);
        let alone = Arc::new(alone);
        let columns = Arc::new(Columns::new(&alone));
        let now = inner.parts.clock.now();
        let view =
            PricedView::build(alone, columns, request.context.clone(), &inner.parts.pricing, &inner.parts.signer, now)
                .await;
        view.map(|view| first_offers(&view, request)).unwrap_or_default()
    }
}
