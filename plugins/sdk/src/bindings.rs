//! Generated from `wit/`; use it through [`crate::supplier`], [`crate::payment`] and [`crate::host`].
#![allow(missing_docs, unsafe_code, reason = "generated")]
#![allow(clippy::all, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "generated")]

pub mod supplier {
    wit_bindgen::generate!({
        path: ["../../wit/types", "../../wit/host", "../../wit/supplier"],
        world: "interline:supplier/flight-supplier",
        pub_export_macro: true,
        export_macro_name: "export_supplier",
        default_bindings_module: "interline_plugin_sdk::bindings::supplier",
        additional_derives: [PartialEq, Eq, Hash],
        generate_all,
    });
}

pub mod payment {
    wit_bindgen::generate!({
        path: ["../../wit/types", "../../wit/host", "../../wit/payment"],
        world: "interline:payment/payment-provider",
        pub_export_macro: true,
        export_macro_name: "export_provider",
        default_bindings_module: "interline_plugin_sdk::bindings::payment",
        with: {
            "interline:types/money@0.1.0": crate::bindings::supplier::interline::types::money,
            "interline:types/time@0.1.0": crate::bindings::supplier::interline::types::time,
            "interline:types/errors@0.1.0": crate::bindings::supplier::interline::types::errors,
            "interline:host/config@0.1.0": crate::bindings::supplier::interline::host::config,
            "interline:host/log@0.1.0": crate::bindings::supplier::interline::host::log,
            "interline:host/secrets@0.1.0": crate::bindings::supplier::interline::host::secrets,
            "interline:host/state@0.1.0": crate::bindings::supplier::interline::host::state,
        },
        additional_derives: [PartialEq, Eq, Hash],
        generate_all,
    });
}
