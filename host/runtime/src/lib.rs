//! The component host: engine, linking, limits, capabilities, egress, registry, hot swap.
//!
//! Outward it speaks domain types, through [`Suppliers`], [`PaymentProviders`] and [`RuleSets`]; inward the contract in
//! `wit/`. Whatever goes wrong with a component comes out as an [`interline_domain::fault::Fault`].

#![deny(missing_docs)]

mod artifacts;
mod call;
mod component;
mod config;
mod contract;
mod convert;
mod egress;
mod engine;
mod exported;
mod gate;
mod host_calls;
mod interfaces;
mod manifest;
mod observer;
mod payment;
mod payment_component;
mod printed;
mod registry;
mod replay;
mod rules;
mod rules_component;
mod runtime;
mod secrets;
mod state;
mod stop;
mod supplier;
mod supplier_component;
mod trace;
mod version;
mod watch;

pub use config::{Grant, LimitOverrides, Limits, RuntimeConfig, SecretEnv, SecretFile, SecretSource};
pub use observer::{CallObserver, CallOutcome, CallRecord, Unobserved};
pub use payment::{PaymentProvider, PaymentProviders, PaymentRequest, RefundRequest, Webhook};
pub use replay::{RecordedReply, ReplayError, Replayed, Replayer, SeenRequest};
pub use rules::{
    Allowance, BaggageRules, CancellationRules, Column, FactTable, FareLine, FareRules, LineKind, PenaltyRow,
    PricedLines, RuleInfo, RuleSetInfo, RuleSets, Values,
};
pub use runtime::{Runtime, StartError};
pub use state::{MemoryStateStore, Sealed, StateEntry, StateError, StateStore};
pub use supplier::{
    CancelRequest, Capabilities, FindRequest, Lookup, OrderRef, OrderRequest, PriceReply, PriceRequest, SearchRequest,
    Supplier, SupplierDescription, Suppliers, TicketRequest,
};
pub use trace::{NoTrace, TraceContext};
pub use version::{ComponentKind, ComponentState, ComponentStatus, PluginVersion};
pub use watch::watch;
