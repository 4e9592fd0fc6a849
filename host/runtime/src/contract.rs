//! Bindings to the contract in `wit/`: its wire types, host interfaces and exports.
//!
//! Nothing outside this crate sees them; `convert` turns them into domain types and back.

#[allow(missing_docs, clippy::all)]
mod bindings {
    wasmtime::component::bindgen!({
        path: [
            "../../wit/types", "../../wit/host", "../../wit/supplier", "../../wit/rules", "../../wit/rules-0.2",
            "../../wit/payment",
        ],
        inline: "
            package interline:gateway;

            world everything {
                import interline:host/config@0.1.0;
                import interline:host/log@0.1.0;
                import interline:host/secrets@0.1.0;
                import interline:host/state@0.1.0;
                export interline:supplier/describe@0.1.0;
                export interline:supplier/flight-search@0.1.0;
                export interline:supplier/flight-price-check@0.1.0;
                export interline:supplier/order@0.1.0;
                export interline:supplier/ticketing@0.1.0;
                export interline:supplier/order-cancel@0.1.0;
                export interline:rules/fares@0.1.0;
                export interline:rules/fares@0.2.0;
                export interline:rules/baggage@0.1.0;
                export interline:rules/cancellation@0.1.0;
                export interline:payment/provider@0.1.0;
            }
        ",
        world: "interline:gateway/everything",
        imports: { "interline:host/state": async },
        exports: { default: async },
        require_store_data_send: true,
    });
}

pub(crate) use bindings::exports::interline::payment::provider;
pub(crate) use bindings::exports::interline::rules0_1_0::{baggage, cancellation, fares as fares_0_1};
pub(crate) use bindings::exports::interline::rules0_2_0::fares;
pub(crate) use bindings::exports::interline::supplier::{
    describe, flight_price_check, flight_search, order, order_cancel, ticketing,
};
pub(crate) use bindings::interline::host;
pub(crate) use bindings::interline::rules0_1_0::facts;
pub(crate) use bindings::interline::types::{errors, flights, money, time};
