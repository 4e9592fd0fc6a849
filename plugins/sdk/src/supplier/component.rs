//! Declaring an adapter's component by its functions.

/// Declares the component of a flight supplier from one function for each operation, and exports it.
///
/// A function takes the transport, which has the time that the host gives the call, and the operation's request; `describe`
/// takes nothing. An adapter that lacks an operation implements the traits of [`crate::supplier`] one by one instead.
///
/// ```text
/// interline_plugin_sdk::flight_supplier! {
///     /// The adapter.
///     pub struct Adapter {
///         describe: describe,
///         search: search::search,
///         check_price: price::check,
///         create: order::create,
///         retrieve: order::retrieve,
///         find_order: find::find,
///         issue: ticketing::issue,
///         quote_cancel: cancel::quote,
///         cancel: cancel::cancel,
///     }
/// }
/// ```
#[macro_export]
macro_rules! flight_supplier {
    ($(#[$about:meta])* pub struct $adapter:ident {
        describe: $describe:path,
        search: $search:path,
        check_price: $check_price:path,
        create: $create:path,
        retrieve: $retrieve:path,
        find_order: $find_order:path,
        issue: $issue:path,
        quote_cancel: $quote_cancel:path,
        cancel: $cancel:path $(,)?
    }) => {
        $(#[$about])*
        #[derive(Debug)]
        pub struct $adapter;

        const _: () = {
            use $crate::http::Wasi;
            use $crate::supplier::*;

            impl Describe for $adapter {
                fn describe() -> Description {
                    $describe()
                }
            }

            impl FlightSearch for $adapter {
                fn search(request: SearchRequest) -> Result<SearchReply, Fault> {
                    $search(&Wasi::within(request.timeout_ms), &request)
                }
            }

            impl FlightPriceCheck for $adapter {
                fn check_price(request: PriceRequest) -> Result<PriceReply, Fault> {
                    $check_price(&Wasi::within(request.timeout_ms), &request)
                }
            }

            impl Orders for $adapter {
                fn create(request: OrderRequest) -> Result<Order, Fault> {
                    $create(&Wasi::within(request.timeout_ms), &request)
                }

                fn retrieve(order: OrderRef) -> Result<Order, Fault> {
                    $retrieve(&Wasi::within(order.timeout_ms), &order)
                }

                fn find_order(request: FindRequest) -> Result<FindOutcome, Fault> {
                    $find_order(&Wasi::within(request.timeout_ms), &request)
                }
            }

            impl Ticketing for $adapter {
                fn issue(request: TicketRequest) -> Result<Order, Fault> {
                    $issue(&Wasi::within(request.order.timeout_ms), &request)
                }
            }

            impl OrderCancel for $adapter {
                fn quote_cancel(order: OrderRef) -> Result<CancelQuote, Fault> {
                    $quote_cancel(&Wasi::within(order.timeout_ms), &order)
                }

                fn cancel(request: CancelRequest) -> Result<Cancellation, Fault> {
                    $cancel(&Wasi::within(request.order.timeout_ms), &request)
                }
            }
        };

        // Only in the component: the names that it exports are none that a native linker takes.
        #[cfg(target_family = "wasm")]
        $crate::export_supplier!($adapter);
    };
}
