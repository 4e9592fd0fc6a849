//! A supplier that misbehaves in every way that is asked of it: a search by its origin, an order by its offer.
//!
//! Airports are the orders, since they are all that a search brings: see `search.rs`.

#[cfg(target_family = "wasm")]
mod orders;
#[cfg(target_family = "wasm")]
mod replies;
#[cfg(target_family = "wasm")]
mod search;

#[cfg(target_family = "wasm")]
mod component {
    use interline_plugin_sdk::supplier::*;

    /// The adapter.
    #[derive(Debug)]
    pub struct Hostile;

    impl Describe for Hostile {
        fn describe() -> Description {
            Description {
                name: "hostile".to_owned(),
                protocol: "none".to_owned(),
                lookups: vec![Lookup::ClientReference],
                absence_is_proof: Vec::new(),
            }
        }
    }

    impl FlightSearch for Hostile {
        fn search(request: SearchRequest) -> Result<SearchReply, Fault> {
            crate::search::search(&request)
        }
    }

    impl FlightPriceCheck for Hostile {
        fn check_price(_: PriceRequest) -> Result<PriceReply, Fault> {
            Err(interline_plugin_sdk::fault::rejected("not here"))
        }
    }

    impl Orders for Hostile {
        fn create(request: OrderRequest) -> Result<Order, Fault> {
            crate::orders::create(&request)
        }

        fn retrieve(order: OrderRef) -> Result<Order, Fault> {
            crate::orders::retrieve(&order)
        }

        fn find_order(_: FindRequest) -> Result<FindOutcome, Fault> {
            Ok(FindOutcome::CannotTell("not here".to_owned()))
        }
    }

    impl Ticketing for Hostile {
        fn issue(request: TicketRequest) -> Result<Order, Fault> {
            crate::orders::retrieve(&request.order)
        }
    }

    impl OrderCancel for Hostile {
        fn quote_cancel(_: OrderRef) -> Result<CancelQuote, Fault> {
            Err(interline_plugin_sdk::fault::rejected("not here"))
        }

        fn cancel(_: CancelRequest) -> Result<Cancellation, Fault> {
            Err(interline_plugin_sdk::fault::rejected("not here"))
        }
    }

    interline_plugin_sdk::export_supplier!(Hostile);
}
