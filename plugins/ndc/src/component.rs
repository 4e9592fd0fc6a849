//! The exported component.

use crate::{cancel, check, find, order, search, ticketing};
use interline_plugin_sdk::http::Wasi;
use interline_plugin_sdk::supplier::*;

/// The adapter.
#[derive(Debug)]
pub struct Ndc;

impl Describe for Ndc {
    fn describe() -> Description {
        Description {
            name: "ndc".to_owned(),
            protocol: "IATA NDC 21.3".to_owned(),
            lookups: vec![Lookup::Locator],
            absence_is_proof: Vec::new(),
        }
    }
}

impl FlightSearch for Ndc {
    fn search(request: SearchRequest) -> Result<SearchReply, Fault> {
        search::search(&Wasi::within(request.timeout_ms), &request)
    }
}

impl FlightPriceCheck for Ndc {
    fn check_price(request: PriceRequest) -> Result<PriceReply, Fault> {
        check::check(&Wasi::within(request.timeout_ms), &request)
    }
}

impl Orders for Ndc {
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

impl Ticketing for Ndc {
    fn issue(request: TicketRequest) -> Result<Order, Fault> {
        ticketing::issue(&Wasi::within(request.order.timeout_ms), &request)
    }
}

impl OrderCancel for Ndc {
    fn quote_cancel(order: OrderRef) -> Result<CancelQuote, Fault> {
        cancel::quote(&Wasi::within(order.timeout_ms), &order)
    }

    fn cancel(request: CancelRequest) -> Result<Cancellation, Fault> {
        cancel::cancel(&Wasi::within(request.order.timeout_ms), &request)
    }
}

// Only in the component: the names that it exports are none that a native linker takes.
#[cfg(target_family = "wasm")]
interline_plugin_sdk::export_supplier!(Ndc);
