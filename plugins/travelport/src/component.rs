//! The exported component.

use crate::{cancel, find, order, price, search, ticketing};
use interline_plugin_sdk::supplier::{Description, Lookup};

interline_plugin_sdk::flight_supplier! {
    /// The adapter.
    pub struct Travelport {
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
    Description {
        name: "travelport".to_owned(),
        protocol: "Travelport uAPI v52".to_owned(),
        lookups: vec![Lookup::Locator, Lookup::TravellerAndDate],
        absence_is_proof: Vec::new(),
    }
}
