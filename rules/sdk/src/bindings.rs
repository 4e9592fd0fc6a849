//! Generated from `wit/rules` and `wit/rules-0.2`: one module a world, all three with the same facts.
//!
//! A world's description enters a rule set with its export macro, so that a crate carries only the one it exports.

#![allow(missing_docs, unsafe_code, clippy::all)]

pub mod fares {
    wit_bindgen::generate!({
        path: ["../../wit/rules", "../../wit/rules-0.2"],
        world: "interline:rules/fare-rules@0.2.0",
        pub_export_macro: true,
        export_macro_name: "export_fares",
        default_bindings_module: "::interline_rules_sdk::bindings::fares",
        with: { "interline:rules/facts@0.1.0": generate },
        additional_derives: [PartialEq],
    });
}

pub mod baggage {
    wit_bindgen::generate!({
        path: "../../wit/rules",
        world: "baggage-rules",
        pub_export_macro: true,
        export_macro_name: "export_baggage",
        default_bindings_module: "::interline_rules_sdk::bindings::baggage",
        with: { "interline:rules/facts@0.1.0": crate::bindings::fares::interline::rules0_1_0::facts },
        additional_derives: [PartialEq],
    });
}

pub mod cancellation {
    wit_bindgen::generate!({
        path: "../../wit/rules",
        world: "cancellation-rules",
        pub_export_macro: true,
        export_macro_name: "export_cancellation",
        default_bindings_module: "::interline_rules_sdk::bindings::cancellation",
        with: { "interline:rules/facts@0.1.0": crate::bindings::fares::interline::rules0_1_0::facts },
        additional_derives: [PartialEq],
    });
}
