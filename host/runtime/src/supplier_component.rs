//! A supplier, answered by a component: a fresh instance for each call.

use crate::call::{Callee, Invoke};
use crate::contract::{describe, flight_price_check, flight_search, order, order_cancel, ticketing};
use crate::convert::offers::{Asked, price_in, reply_in};
use crate::convert::{faults, flights, orders};
use crate::exported::{answer, invoke};
use crate::interfaces::Exported;
use crate::stop::{Operation, Sent, Stop};
use crate::supplier::{
    CancelRequest, Capabilities, FindRequest, OrderRef, OrderRequest, PriceReply, PriceRequest, SearchRequest,
    Supplier, SupplierDescription, TicketRequest,
};
use crate::version::PluginVersion;
use async_trait::async_trait;
use interline_domain::fault::Fault;
use interline_domain::offer::SupplierReply;
use interline_domain::order::{CancelQuote, Cancellation, FindOutcome, SupplierOrder};
use std::time::Duration;

pub(crate) struct SupplierComponent {
    pub(crate) callee: Callee,
    exports: Exports,
    description: SupplierDescription,
    /// A replayed reply answers another request than the one made.
    pub(crate) replayed: bool,
}

/// The interfaces that were found.
#[derive(Clone)]
struct Exports {
    search: Option<flight_search::GuestIndices>,
    price_check: Option<flight_price_check::GuestIndices>,
    order: Option<order::GuestIndices>,
    ticketing: Option<ticketing::GuestIndices>,
    cancel: Option<order_cancel::GuestIndices>,
}

impl SupplierComponent {
    /// Looks at its interfaces, and asks it who it is.
    pub(crate) async fn load(callee: Callee, exported: &Exported) -> Result<Self, String> {
        let exports = Exports::probe(&callee, exported)?;
        let describing = describe::GuestIndices::new(&callee.pre).map_err(|error| wrong(&callee, &error))?;
        let probes = exports.clone();
        let invoke: Invoke<_> = Box::new(move |store, instance| {
            Box::pin(async move {
                // Loading checks the types of all functions: a component that lies about one is refused here.
                probes.search.map(|indices| indices.load(&mut *store, &instance)).transpose()?;
                probes.price_check.map(|indices| indices.load(&mut *store, &instance)).transpose()?;
                probes.order.map(|indices| indices.load(&mut *store, &instance)).transpose()?;
                probes.ticketing.map(|indices| indices.load(&mut *store, &instance)).transpose()?;
                probes.cancel.map(|indices| indices.load(&mut *store, &instance)).transpose()?;
                describing.load(&mut *store, &instance)?.call_describe(store).await
            })
        });
        let timeout = Duration::from_millis(callee.limits.call_timeout_ms);
        let convert = |description| Ok(orders::description_in(description)?.into());
        let description = callee.call(Operation::DESCRIBE, timeout, invoke, convert).await;
        let description = description.map_err(|fault| format!("component `{}`: {fault}", callee.version.name))?;
        let replayed = matches!(callee.given.egress, crate::egress::Egress::Recorded(_));
        Ok(Self { callee, exports, description, replayed })
    }

    /// Shorter of what the caller and the operator allow.
    fn timeout(&self, asked: Duration) -> Duration {
        asked.min(Duration::from_millis(self.callee.limits.call_timeout_ms))
    }
}

impl Exports {
    fn probe(callee: &Callee, exported: &Exported) -> Result<Self, String> {
        let pre = &callee.pre;
        macro_rules! probe {
            ($interface:ident, $name:literal) => {
                exported
                    .has($name, "0.1.0")
                    .then(|| $interface::GuestIndices::new(pre))
                    .transpose()
                    .map_err(|error| wrong(callee, &error))?
            };
        }
        Ok(Self {
            search: probe!(flight_search, "flight-search"),
            price_check: probe!(flight_price_check, "flight-price-check"),
            order: probe!(order, "order"),
            ticketing: probe!(ticketing, "ticketing"),
            cancel: probe!(order_cancel, "order-cancel"),
        })
    }
}

fn wrong(callee: &Callee, error: &wasmtime::Error) -> String {
    format!("component `{}`: {error:#}", callee.version.name)
}

/// The interface, or the fault that says that there is none.
fn found<I: Clone>(indices: &Option<I>, operation: Operation, interface: &'static str) -> Result<I, Fault> {
    indices.clone().ok_or_else(|| Stop::Unsupported(interface).fault(operation, Sent::default()))
}

#[async_trait]
impl Supplier for SupplierComponent {
    fn name(&self) -> &str {
        &self.callee.version.name
    }

    fn version(&self) -> &PluginVersion {
        &self.callee.version
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            search: self.exports.search.is_some(),
            price_check: self.exports.price_check.is_some(),
            order: self.exports.order.is_some(),
            ticketing: self.exports.ticketing.is_some(),
            cancel: self.exports.cancel.is_some(),
        }
    }

    fn description(&self) -> &SupplierDescription {
        &self.description
    }

    fn search_timeout(&self) -> Duration {
        Duration::from_millis(self.callee.limits.search_timeout_ms)
    }

    async fn search(&self, request: &SearchRequest) -> Result<SupplierReply, Fault> {
        let operation = Operation::SEARCH;
        let indices = found(&self.exports.search, operation, "flight-search")?;
        let timeout = request.timeout.min(self.search_timeout());
        let invoke = invoke!(indices, call_search, flights::search_out(request, timeout));
        let asked = match self.replayed {
            true => Asked::default(),
            false => {
                Asked { slices: Some(request.trip.slices().len()), passengers: Some(request.trip.passengers.count()) }
            }
        };
        let most = request.max_offers as usize;
        let convert = |reply: Result<_, _>| Ok(reply_in(reply.map_err(faults::refused)?, asked, most));
        self.callee.call(operation, timeout, invoke, convert).await
    }

    async fn check_price(&self, request: &PriceRequest) -> Result<PriceReply, Fault> {
        let operation = Operation::CHECK_PRICE;
        let indices = found(&self.exports.price_check, operation, "flight-price-check")?;
        let timeout = self.timeout(request.timeout);
        let invoke = invoke!(indices, call_check_price, flights::price_out(request, timeout));
        let passengers = (!self.replayed).then_some(request.passengers.len());
        let asked = Asked { slices: None, passengers };
        self.callee.call(operation, timeout, invoke, |reply| answer(reply, |reply| price_in(reply, asked))).await
    }

    async fn create_order(&self, request: &OrderRequest) -> Result<SupplierOrder, Fault> {
        let operation = Operation::CREATE;
        let indices = found(&self.exports.order, operation, "order")?;
        let timeout = self.timeout(request.timeout);
        let invoke = invoke!(indices, call_create, orders::create_out(request, timeout));
        self.callee.call(operation, timeout, invoke, |reply| answer(reply, orders::order_in)).await
    }

    async fn retrieve_order(&self, order: &OrderRef) -> Result<SupplierOrder, Fault> {
        let operation = Operation::RETRIEVE;
        let indices = found(&self.exports.order, operation, "order")?;
        let timeout = self.timeout(order.timeout);
        let invoke = invoke!(indices, call_retrieve, orders::order_ref_out(order, timeout));
        self.callee.call(operation, timeout, invoke, |reply| answer(reply, orders::order_in)).await
    }

    async fn find_order(&self, request: &FindRequest) -> Result<FindOutcome, Fault> {
        let operation = Operation::FIND_ORDER;
        let indices = found(&self.exports.order, operation, "order")?;
        let timeout = self.timeout(request.timeout);
        let invoke = invoke!(indices, call_find_order, orders::find_out(request, timeout));
        self.callee.call(operation, timeout, invoke, |reply| answer(reply, orders::found_in)).await
    }

    async fn issue_tickets(&self, request: &TicketRequest) -> Result<SupplierOrder, Fault> {
        let operation = Operation::ISSUE;
        let indices = found(&self.exports.ticketing, operation, "ticketing")?;
        let timeout = self.timeout(request.order.timeout);
        let invoke = invoke!(indices, call_issue, orders::issue_out(request, timeout));
        self.callee.call(operation, timeout, invoke, |reply| answer(reply, orders::order_in)).await
    }

    async fn quote_cancel(&self, order: &OrderRef) -> Result<CancelQuote, Fault> {
        let operation = Operation::QUOTE_CANCEL;
        let indices = found(&self.exports.cancel, operation, "order-cancel")?;
        let timeout = self.timeout(order.timeout);
        let invoke = invoke!(indices, call_quote_cancel, orders::order_ref_out(order, timeout));
        self.callee.call(operation, timeout, invoke, |reply| answer(reply, orders::quote_in)).await
    }

    async fn cancel_order(&self, request: &CancelRequest) -> Result<Cancellation, Fault> {
        let operation = Operation::CANCEL;
        let indices = found(&self.exports.cancel, operation, "order-cancel")?;
        let timeout = self.timeout(request.order.timeout);
        let invoke = invoke!(indices, call_cancel, orders::cancel_out(request, timeout));
        self.callee.call(operation, timeout, invoke, |reply| answer(reply, orders::cancellation_in)).await
    }
}
