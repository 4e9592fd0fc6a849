//! The exported component.

use crate::{cancel, find, order, price, search, ticketing};
use interline_plugin_sdk::supplier::{Description, Lookup};

interline_plugin_sdk::flight_supplier! {
    /// The adapter.
    pub struct Duffel {
        describe: describe,
        search: search::search,
        check_price: price::check,
        create: order::create,
        retrieve: order::retrieve,
        find_order: find::find,
        issue: ticketing::issue,
        quote_cancel: cancel::quote,
        cancel: cancel::cancel,
    }
}

fn describe() -> Description {
    let absence_is_proof = if find::absence_is_proof() { vec![Lookup::ClientReference] } else { Vec::new() };
    Description {
        name: "duffel".to_owned(),
        protocol: "Duffel API v2".to_owned(),
        lookups: vec![Lookup::ClientReference, Lookup::Locator],
        absence_is_proof,
    }
}
