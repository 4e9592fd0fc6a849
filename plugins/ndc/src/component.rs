//! The exported component.

use crate::{cancel, check, find, order, search, ticketing};
use interline_plugin_sdk::supplier::{Description, Lookup};

interline_plugin_sdk::flight_supplier! {
    /// The adapter.
    pub struct Ndc {
        describe: describe,
        search: search::search,
        check_price: check::check,
        create: order::create,
        retrieve: order::retrieve,
        find_order: find::find,
        issue: ticketing::issue,
        quote_cancel: cancel::quote,
        cancel: cancel::cancel,
    }
}

fn describe() -> Description {
    Description {
        name: "ndc".to_owned(),
        protocol: "IATA NDC 21.3".to_owned(),
        lookups: vec![Lookup::Locator],
        absence_is_proof: Vec::new(),
    }
}
