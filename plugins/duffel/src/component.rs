//! The exported component.

use crate::{cancel, find, order, price, search, ticketing};
use interline_plugin_sdk::http::Wasi;
use interline_plugin_sdk::supplier::*;

/// The adapter.
#[derive(Debug)]
pub struct Duffel;

impl Describe for Duffel {
    fn describe() -> Description {
        let absence_is_proof = if find::absence_is_proof() { vec![Lookup::ClientReference] } else { Vec::new() };
        Description {
            name: "duffel".to_owned(),
            protocol: "Duffel API v2".to_owned(),
            lookups: vec![Lookup::ClientReference, Lookup::Locator],
            absence_is_proof,
        }
    }
}

impl FlightSearch for Duffel {
    fn search(request: SearchRequest) -> Result<SearchReply, Fault> {
        search::search(&Wasi::within(request.timeout_ms), &request)
    }
}

impl FlightPriceCheck for Duffel {
    fn check_price(request: PriceRequest) -> Result<PriceReply, Fault> {
        price::check(&Wasi::within(request.timeout_ms), &request)
    }
}

impl Orders for Duffel {
    fn create(request: OrderRequest) -> Result<Order, Fault> {
        order::create(&Wasi::within(request.timeout_ms), &request)
    }

    fn retrieve(order: OrderRef) -> Result<Order, Fault> {
        order::retrieve(&Wasi::within(order.timeout_ms), &order)
    }

    fn find_order(request: FindRequest) -> Result<FindOutcome, Fault> {
        find::find(&Wasi::within(request.timeout_ms), &request)
    }
}

impl Ticketing for Duffel {
    fn issue(request: TicketRequest) -> Result<Order, Fault> {
        ticketing::issue(&Wasi::within(request.order.timeout_ms), &request)
    }
}

impl OrderCancel for Duffel {
    fn quote_cancel(order: OrderRef) -> Result<CancelQuote, Fault> {
        cancel::quote(&Wasi::within(order.timeout_ms), &order)
    }

    fn cancel(request: CancelRequest) -> Result<Cancellation, Fault> {
        cancel::cancel(&Wasi::within(request.order.timeout_ms), &request)
    }
}

// Only in the component: the names that it exports are none that a native linker takes.
#[cfg(target_family = "wasm")]
interline_plugin_sdk::export_supplier!(Duffel);
