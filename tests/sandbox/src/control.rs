//! The sandbox's own side: counts, books, faults and webhooks, for tests and for people.

pub(crate) mod http;

use std::sync::Arc;

use crate::books::OrderView;
use crate::calls::Counts;
use crate::faults::{Armed, Fault};
use crate::stripe::PaymentView;
use crate::stripe::webhooks::{self, Delivery, Flaw, Plan};
use crate::supplier::Supplier;
use crate::world::World;

/// A handle on a sandbox. `/control` over HTTP does the same.
#[derive(Debug, Clone)]
pub struct Control {
    world: Arc<World>,
}

impl Control {
    pub(crate) fn new(world: Arc<World>) -> Self {
        Control { world }
    }

    /// Calls by supplier and operation.
    pub fn calls(&self) -> Counts {
        self.world.calls.counts()
    }

    /// Calls of one operation.
    pub fn calls_of(&self, supplier: Supplier, operation: &str) -> u64 {
        self.calls().get(&supplier).and_then(|calls| calls.get(operation)).copied().unwrap_or(0)
    }

    /// Every order, oldest first.
    pub fn orders(&self) -> Vec<OrderView> {
        self.world.books.view()
    }

    /// Every payment, oldest first.
    pub fn payments(&self) -> Vec<PaymentView> {
        self.world.stripe.payments()
    }

    /// These faults, and no others. The faults are taken as they are: [`Fault::check`] tells whether they can happen.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.world.faults.set(faults);
    }

    /// One fault more.
    pub fn add_fault(&self, fault: Fault) {
        self.world.faults.add(fault);
    }

    /// The faults on order, and how often each fired.
    pub fn faults(&self) -> Vec<Armed> {
        self.world.faults.list()
    }

    /// How webhooks are sent now.
    pub fn webhooks(&self) -> Plan {
        self.world.stripe.webhooks.plan()
    }

    /// How webhooks are sent from now on.
    pub fn set_webhooks(&self, plan: Plan) {
        self.world.stripe.webhooks.set_plan(plan);
    }

    /// Every try to deliver a webhook, newest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.world.stripe.webhooks.deliveries()
    }

    /// Every event of the payment provider as it was or would have been sent, newest first.
    pub fn events(&self) -> Vec<serde_json::Value> {
        self.world.stripe.webhooks.events()
    }

    /// Sends an event again, so many times at once. False: there is no such event.
    pub fn resend(&self, event: &str, copies: u32) -> bool {
        webhooks::resend(&self.world, event, copies)
    }

    /// Sends an event of a known payment that is not genuine. Answers the receiver's status; none when it couldn't be
    /// reached, or when there is no such payment.
    pub async fn forge(&self, payment: &str, kind: &str, flaw: Flaw) -> Option<u16> {
        let mut object = self.world.stripe.intent_json(payment)?;
        object["status"] = kind.rsplit('.').next().unwrap_or_default().into();
        webhooks::forge(&self.world, kind, object, flaw).await
    }

    /// Forgets everything but the webhooks' address.
    pub fn reset(&self) {
        self.world.reset();
    }
}

#[cfg(test)]
mod tests;
