//! All books, as they are when everything has come to rest: the gateway's database, the suppliers', the payment
//! provider's, the mail that went out, and what frontends were told meanwhile.

use crate::journal::Notes;
use crate::postbox::Mail;
use anyhow::{Context, Result};
use interline_sandbox::Sandbox;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgPool;
use std::collections::BTreeMap;

/// Everything that is compared.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Books {
    /// What the gateway has.
    pub bookings: Vec<Booking>,
    /// What the suppliers have.
    pub orders: Vec<Order>,
    /// What the payment provider has.
    pub charges: Vec<Charge>,
    /// What travellers got.
    pub mails: Vec<Mail>,
    /// What frontends were told, and who died.
    pub notes: Notes,
}

/// A booking with all that hangs on it. Amounts are minor units.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Booking {
    /// UUID.
    pub id: String,
    /// Status.
    pub status: String,
    /// What the traveller is to pay.
    pub total: i64,
    /// ISO 4217.
    pub currency: String,
    /// Why a person must look.
    pub attention: Option<String>,
    /// Statuses that it has had, the first first.
    pub history: Vec<String>,
    /// What is bought at a supplier.
    pub item: Item,
    /// Calls that made something at the supplier.
    pub attempts: Vec<Attempt>,
    /// Payments at the provider.
    pub payments: Vec<Payment>,
    /// Refunds, as decided.
    pub refunds: Vec<Refund>,
    /// The ledger.
    pub ledger: Vec<Line>,
    /// Jobs that are not done.
    pub jobs: Vec<Job>,
    /// Message ids of mails that the gateway holds for sent.
    pub mails_sent: Vec<String>,
}

/// What is bought at a supplier.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Item {
    /// Name of the supplier's component.
    pub supplier: String,
    /// Goes with every try to make the order.
    pub create_reference: String,
    /// The supplier's id of the order.
    pub order_id: Option<String>,
    /// Its locator.
    pub locator: Option<String>,
    /// Ticket numbers.
    pub tickets: Vec<String>,
}

/// A call that made something at a supplier.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attempt {
    /// `create`, `issue` or `cancel`.
    pub operation: String,
    /// `pending`, `succeeded`, `failed`, `unknown` or `absent`.
    pub outcome: String,
}

/// A payment, as the gateway has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Payment {
    /// The provider's id.
    pub external_id: Option<String>,
    /// Status.
    pub status: String,
}

/// A refund, as the gateway has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refund {
    /// The provider's id.
    pub external_id: Option<String>,
    /// Status.
    pub status: String,
    /// Minor units, positive.
    pub amount: i64,
}

/// A row of the ledger.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// What happened.
    pub event: String,
    /// Minor units; what goes back is negative.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// The provider's id of the payment or refund.
    pub external_id: Option<String>,
}

/// A job that is not done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// What is to be done.
    pub kind: String,
    /// `ready`, `running` or `dead`.
    pub state: String,
    /// What the last try came to.
    pub last_error: Option<String>,
}

/// An order in a supplier's own book.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Order {
    /// Name of the supplier.
    pub supplier: String,
    /// The supplier's id.
    pub id: String,
    /// Record locator.
    pub locator: String,
    /// `held`, `ticketed` or `cancelled`.
    pub status: String,
    /// What the client called it, where the protocol has a place for that.
    pub client_reference: Option<String>,
    /// Ticket numbers.
    pub tickets: Vec<String>,
    /// How often money was taken for it.
    pub times_paid: u32,
}

/// A payment in the provider's own book.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Charge {
    /// The provider's id.
    pub id: String,
    /// Status.
    pub status: String,
    /// ISO 4217, lower case.
    pub currency: String,
    /// What was taken, minor units.
    pub charged: i64,
    /// What was given back, minor units.
    pub refunded: i64,
    /// How often money was taken.
    pub times_charged: u32,
    /// What the gateway attached: `booking_id` among it.
    pub metadata: BTreeMap<String, String>,
    /// Every refund.
    pub refunds: Vec<Given>,
}

/// A refund in the provider's own book.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Given {
    /// The provider's id.
    pub id: String,
    /// Minor units.
    pub amount: i64,
    /// Status.
    pub status: String,
}

impl Books {
    /// Reads all of them.
    pub async fn read(pool: &PgPool, sandbox: &Sandbox, mails: Vec<Mail>, notes: Notes) -> Result<Self> {
        Ok(Self {
            bookings: bookings(pool).await?,
            orders: control(sandbox, "orders").await?,
            charges: control(sandbox, "payments").await?,
            mails,
            notes,
        })
    }

    /// The booking of an id.
    pub fn booking(&self, id: &str) -> Option<&Booking> {
        self.bookings.iter().find(|booking| booking.id == id)
    }
}

impl Booking {
    /// The sum of the ledger's rows of one kind.
    pub fn ledger_sum(&self, event: &str) -> i64 {
        self.ledger.iter().filter(|line| line.event == event).map(|line| line.amount).sum()
    }

    /// Whether it has ever been in a status.
    pub fn was(&self, status: &str) -> bool {
        self.history.iter().any(|had| had == status)
    }
}

impl Order {
    /// Whether the supplier still keeps seats for it.
    pub fn is_live(&self) -> bool {
        self.status != "cancelled"
    }

    /// Whether it was made for this booking.
    pub fn is_of(&self, booking: &Booking) -> bool {
        self.supplier == booking.item.supplier
            && (booking.item.order_id.as_ref() == Some(&self.id)
                || self.client_reference.as_ref() == Some(&booking.item.create_reference))
    }
}

impl Charge {
    /// Whether it was made for this booking.
    pub fn is_of(&self, booking: &Booking) -> bool {
        self.metadata.get("booking_id") == Some(&booking.id)
            || booking.payments.iter().any(|payment| payment.external_id.as_ref() == Some(&self.id))
    }
}

const BOOKINGS: &str = "
SELECT jsonb_build_object(
    'id', b.id, 'status', b.status, 'total', b.total_amount, 'currency', b.currency, 'attention', b.attention,
    'history', (SELECT jsonb_agg(e.status ORDER BY e.id) FROM booking_events e WHERE e.booking_id = b.id),
    'item', (SELECT jsonb_build_object('supplier', i.supplier, 'create_reference', i.create_reference,
                 'order_id', i.order_id, 'locator', i.locator,
                 'tickets', (SELECT coalesce(jsonb_agg(t ->> 'number'), '[]') FROM jsonb_array_elements(i.tickets) t))
             FROM booking_items i WHERE i.booking_id = b.id),
    'attempts', (SELECT coalesce(jsonb_agg(jsonb_build_object('operation', a.operation, 'outcome', a.outcome)
                     ORDER BY a.started_at), '[]') FROM attempts a WHERE a.booking_id = b.id),
    'payments', (SELECT coalesce(jsonb_agg(jsonb_build_object('external_id', p.external_id, 'status', p.status)), '[]')
                 FROM payments p WHERE p.booking_id = b.id),
    'refunds', (SELECT coalesce(jsonb_agg(jsonb_build_object('external_id', r.external_id, 'status', r.status,
                    'amount', r.amount)), '[]') FROM refunds r WHERE r.booking_id = b.id),
    'ledger', (SELECT coalesce(jsonb_agg(jsonb_build_object('event', l.event_type, 'amount', l.amount,
                   'currency', l.currency, 'external_id', l.external_ref_id) ORDER BY l.created_at), '[]')
               FROM transactions l WHERE l.booking_id = b.id),
    'jobs', (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', j.kind, 'state', j.state, 'last_error', j.last_error)),
                 '[]') FROM jobs j WHERE j.booking_id = b.id AND j.state <> 'done'),
    'mails_sent', (SELECT coalesce(jsonb_agg(m.message_id), '[]') FROM mails m
                   WHERE m.booking_id = b.id AND m.sent_at IS NOT NULL))
FROM bookings b ORDER BY b.created_at";

async fn bookings(pool: &PgPool) -> Result<Vec<Booking>> {
    let rows: Vec<Value> = sqlx::query_scalar(BOOKINGS).fetch_all(pool).await.context("reading the bookings")?;
    rows.into_iter().map(|row| serde_json::from_value(row).context("a booking is not as expected")).collect()
}

/// One of the sandbox's books.
async fn control<T: DeserializeOwned>(sandbox: &Sandbox, book: &str) -> Result<Vec<T>> {
    let url = format!("http://{}/control/{book}", sandbox.addr());
    let mut answer: Value = reqwest::get(&url).await?.error_for_status()?.json().await?;
    serde_json::from_value(answer[book].take()).with_context(|| format!("{url} is not as expected"))
}
