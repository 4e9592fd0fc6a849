//! The write path: quotes, bookings, payments, the ledger, ticketing, refunds and after-sales.
//!
//! [`BookingService`] answers what the HTTP API asks; [`Worker`] does what takes time: ticketing, compensation, mail and
//! the sweeps. Both keep nothing in memory that counts: PostgreSQL holds the truth, so that any process may die at any
//! moment and another one goes on from its rows.

#![deny(missing_docs)]

mod alerts;
mod backlog;
mod bookings;
mod cancellation;
mod compensation;
mod config;
mod crypt;
mod database;
mod decisions;
mod error;
mod events;
mod failure;
mod flights;
mod idempotency;
mod identity;
mod input;
mod instant;
mod items;
mod jobs;
mod kafka;
mod ledger;
mod mail;
mod observer;
mod offers;
mod operators;
mod outbox;
mod passengers;
mod payments;
mod quotes;
mod refunds;
mod rows;
mod service;
mod sweep;
mod ticketing;
mod view;
mod webhooks;
mod worker;

pub use backlog::Pile;
pub use config::{BookingConfig, MailConfig, MailTransport, MasterKey, QueueConfig, WorkerConfig};
pub use decisions::Decision;
pub use error::{BookingError, InvalidField, ReceiveError, VerifyError};
pub use idempotency::Answered;
pub use identity::{ApiKeyId, Caller, Idempotency, UserId};
pub use input::{BookingFilter, ContactInput, DocumentInput, NewBooking, NewPayment, PassengerInput, VerifyRequest};
pub use instant::Instant;
pub use kafka::{KafkaConfig, KafkaSasl, KafkaSecurity, KafkaTls, SaslMechanism};
pub use observer::{JobEnd, JobObserver, MessageFate};
pub use offers::{FoundOffer, OfferFinder, OfferLookupError};
pub use operators::{Alert, Attention, DeadLetter, QueueState};
pub use service::{BookingParts, BookingService, EventStream};
pub use view::{
    Amount, Bag, BookedPassenger, Booking, BookingPage, CancellationQuote, CancellationWindow, Change, Event, Flight,
    Payment, Quote, Refund, TicketNumber, Verified,
};
pub use worker::Worker;

/// The schema, as `migrations/` in the workspace has it.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
