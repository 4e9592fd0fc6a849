//! The suppliers' own books: every order, and what became of it.

use std::collections::BTreeMap;

use interline_domain::airlines;
use jiff::Timestamp;
use parking_lot::Mutex;
use serde::Serialize;

use crate::dice::Dice;
use crate::inventory::{PassengerKind, Product};
use crate::supplier::Supplier;

/// Someone on an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Traveller {
    /// The supplier's id of the passenger.
    pub id: String,
    /// Adult, child or infant.
    pub kind: PassengerKind,
    /// As given.
    pub title: Option<String>,
    /// As given.
    pub given_name: String,
    /// As given.
    pub family_name: String,
    /// `YYYY-MM-DD`.
    pub born_on: Option<String>,
    /// As the protocol codes it.
    pub gender: Option<String>,
    /// As given.
    pub email: Option<String>,
    /// As given.
    pub phone: Option<String>,
    /// The infant on the lap.
    pub infant: Option<String>,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Made, and waiting for payment.
    Held,
    /// Paid and ticketed.
    Ticketed,
    /// Cancelled.
    Cancelled,
}

/// An order, as the supplier has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Whose.
    pub supplier: Supplier,
    /// The supplier's key of it.
    pub id: String,
    /// The record locator.
    pub locator: String,
    /// The offer that it was made from.
    pub offer: String,
    /// What was bought.
    pub product: Product,
    /// For whom.
    pub travellers: Vec<Traveller>,
    /// Where it stands.
    pub status: Status,
    /// Under which reference of the client, where the protocol carries one.
    pub client_reference: Option<String>,
    /// What else the client attached.
    pub metadata: BTreeMap<String, String>,
    /// Index of the traveller and ticket number, 13 digits.
    pub tickets: Vec<(usize, String)>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it must be paid by, while it is held.
    pub pay_by: Option<Timestamp>,
    /// When tickets were issued.
    pub ticketed_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// What was given back, in minor units.
    pub refunded: Option<i64>,
    /// How often money was taken for it: more than once is a mistake.
    pub times_paid: u32,
}

/// An order as `GET /control/orders` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderView {
    /// Whose.
    pub supplier: Supplier,
    /// The supplier's key of it.
    pub id: String,
    /// The record locator.
    pub locator: String,
    /// Where it stands.
    pub status: Status,
    /// Under which reference of the client.
    pub client_reference: Option<String>,
    /// How many travel, infants included.
    pub travellers: usize,
    /// Decimal.
    pub total: String,
    /// ISO 4217.
    pub currency: &'static str,
    /// Ticket numbers.
    pub tickets: Vec<String>,
    /// Decimal, in the same currency.
    pub refunded: Option<String>,
    /// How often money was taken for it.
    pub times_paid: u32,
    /// When it was made.
    pub made_at: Timestamp,
    /// When tickets were issued.
    pub ticketed_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
}

impl Order {
    /// Takes the money and issues a ticket for every traveller.
    pub fn issue(&mut self, now: Timestamp) {
        let prefix = ticket_prefix(self.product.owner.code);
        let roll = Dice::new(0).with(&self.id).with(self.supplier.name());
        self.tickets = (0..self.travellers.len())
            .map(|index| (index, format!("{prefix}{}", roll.with_number(index as i64).word(b"0123456789", 10))))
            .collect();
        self.status = Status::Ticketed;
        self.ticketed_at = Some(now);
        self.pay_by = None;
        self.times_paid += 1;
    }

    /// Cancels it; what was paid comes back as far as the fare allows.
    pub fn cancel(&mut self, now: Timestamp) {
        self.refunded = Some(if self.status == Status::Ticketed { self.product.refundable() } else { 0 });
        self.status = Status::Cancelled;
        self.cancelled_at = Some(now);
    }

    fn view(&self) -> OrderView {
        let currency = self.product.currency;
        OrderView {
            supplier: self.supplier,
            id: self.id.clone(),
            locator: self.locator.clone(),
            status: self.status,
            client_reference: self.client_reference.clone(),
            travellers: self.travellers.len(),
            total: currency.decimal(self.product.total()),
            currency: currency.code,
            tickets: self.tickets.iter().map(|(_, number)| number.clone()).collect(),
            refunded: self.refunded.map(|refunded| currency.decimal(refunded)),
            times_paid: self.times_paid,
            made_at: self.made_at,
            ticketed_at: self.ticketed_at,
            cancelled_at: self.cancelled_at,
        }
    }
}

/// The three digits that a carrier's tickets begin with.
fn ticket_prefix(carrier: &str) -> &'static str {
    airlines::airline(carrier).and_then(|airline| airline.ticket_prefix).unwrap_or("997")
}

/// All orders of all suppliers, oldest first.
#[derive(Debug, Default)]
pub struct Books {
    orders: Mutex<Vec<Order>>,
}

impl Books {
    /// Writes an order down.
    pub fn add(&self, order: Order) {
        self.orders.lock().push(order);
    }

    /// A copy of the one that fits, the newest first.
    pub fn find(&self, supplier: Supplier, fits: impl Fn(&Order) -> bool) -> Option<Order> {
        self.orders.lock().iter().rev().find(|order| order.supplier == supplier && fits(order)).cloned()
    }

    /// Copies of all of a supplier's that fit, newest first.
    pub fn all(&self, supplier: Supplier, fits: impl Fn(&Order) -> bool) -> Vec<Order> {
        self.orders.lock().iter().rev().filter(|order| order.supplier == supplier && fits(order)).cloned().collect()
    }

    /// Changes one order under the lock, and answers what the change answered; none if there is no such order.
    pub fn change<T>(&self, supplier: Supplier, id: &str, change: impl FnOnce(&mut Order) -> T) -> Option<T> {
        self.orders.lock().iter_mut().find(|order| order.supplier == supplier && order.id == id).map(change)
    }

    /// Writes an order down unless one that fits is there already; answers whether it was written.
    pub fn add_unless(&self, order: Order, taken: impl Fn(&Order) -> bool) -> bool {
        let mut orders = self.orders.lock();
        let free = !orders.iter().any(|other| other.supplier == order.supplier && taken(other));
        if free {
            orders.push(order);
        }
        free
    }

    /// The book as control tells it.
    pub fn view(&self) -> Vec<OrderView> {
        self.orders.lock().iter().map(Order::view).collect()
    }

    /// Starts afresh.
    pub fn clear(&self) {
        self.orders.lock().clear();
    }
}
