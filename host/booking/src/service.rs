//! The service: what the API calls.

use crate::config::BookingConfig;
use crate::crypt::Keyring;
use crate::database;
use crate::error::{BookingError, InvalidField, ReceiveError, VerifyError};
use crate::events::EventHub;
use crate::idempotency::Answered;
use crate::identity::{Caller, Idempotency};
use crate::input::{BookingFilter, NewBooking, NewPayment, VerifyRequest};
use crate::offers::OfferFinder;
use crate::view::{Booking, BookingPage, CancellationQuote, Event, Payment, Verified};
use bytes::Bytes;
use futures::stream::BoxStream;
use interline_pricing::Pricing;
use interline_runtime::{PaymentProviders, Suppliers};
use sqlx::{PgPool, Postgres, Transaction};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// A booking's events, oldest first. It ends once the booking has come to rest.
pub type EventStream = BoxStream<'static, Result<Event, BookingError>>;

/// What the write path works with.
#[derive(Clone)]
pub struct BookingParts {
    /// The database, migrated.
    pub pool: PgPool,
    /// Suppliers.
    pub suppliers: Arc<dyn Suppliers>,
    /// Payment providers.
    pub payments: Arc<dyn PaymentProviders>,
    /// What things cost.
    pub pricing: Pricing,
    /// Where offers come from.
    pub offers: Arc<dyn OfferFinder>,
    /// Settings.
    pub config: BookingConfig,
}

/// Quotes, bookings, payments and after-sales. Cheap to clone.
#[derive(Clone)]
pub struct BookingService {
    pub(crate) parts: Arc<BookingParts>,
    pub(crate) keys: Arc<Keyring>,
    /// Listens from the first stream on.
    pub(crate) hub: Arc<OnceLock<EventHub>>,
}

impl BookingService {
    /// A service over its parts; fails if no usable master key is configured.
    pub fn new(parts: BookingParts) -> Result<Self, BookingError> {
        let keys = Arc::new(Keyring::new(&parts.config.master_keys)?);
        Ok(Self { parts: Arc::new(parts), keys, hub: Arc::default() })
    }

    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        database::begin(&self.parts.pool).await
    }

    /// Prices an offer live, and holds the price if it is the one shown or accepted.
    pub async fn verify(&self, request: &VerifyRequest) -> Result<Verified, VerifyError> {
        self.verify_offer(request).await
    }

    /// Makes a booking from a quote.
    pub async fn create_booking(
        &self,
        caller: Caller,
        new: NewBooking,
        idempotency: Idempotency,
    ) -> Result<Answered<Booking>, BookingError> {
        check_key(&idempotency)?;
        self.make_booking(caller, &new, &idempotency).await
    }

    /// A booking of the caller.
    pub async fn booking(&self, caller: Caller, id: Uuid) -> Result<Booking, BookingError> {
        let mut conn = self.parts.pool.acquire().await?;
        self.read_booking(&mut conn, caller, id).await
    }

    /// The caller's bookings, newest first, at most `limit` (capped at 100).
    pub async fn bookings(
        &self,
        caller: Caller,
        filter: BookingFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<BookingPage, BookingError> {
        self.list_bookings(caller, &filter, cursor, limit).await
    }

    /// What happens to a booking, from after the event `after`, else from the beginning. None: `after` was the last, and
    /// the booking is at rest.
    pub async fn events(
        &self,
        caller: Caller,
        id: Uuid,
        after: Option<i64>,
    ) -> Result<Option<EventStream>, BookingError> {
        self.follow(caller, id, after).await
    }

    /// Begins a payment of a booking, or answers the one that waits already.
    pub async fn create_payment(
        &self,
        caller: Caller,
        booking: Uuid,
        new: NewPayment,
        idempotency: Idempotency,
    ) -> Result<Answered<Payment>, BookingError> {
        check_key(&idempotency)?;
        self.begin_payment(caller, booking, &new, &idempotency).await
    }

    /// Takes in a provider's webhook. Once it answers, nothing of it can be lost.
    pub async fn receive_webhook(
        &self,
        provider: &str,
        headers: Vec<(String, String)>,
        body: Bytes,
    ) -> Result<(), ReceiveError> {
        self.take_in(provider, headers, body).await
    }

    /// What cancelling would give back.
    pub async fn quote_cancellation(&self, caller: Caller, booking: Uuid) -> Result<CancellationQuote, BookingError> {
        self.offer_cancellation(caller, booking).await
    }

    /// Cancels by a cancellation quote; the booking tells how it goes on.
    pub async fn cancel(
        &self,
        caller: Caller,
        booking: Uuid,
        quote: Uuid,
        idempotency: Idempotency,
    ) -> Result<Answered<Booking>, BookingError> {
        check_key(&idempotency)?;
        self.confirm_cancellation(caller, booking, quote, &idempotency).await
    }
}

/// A key is what the header may hold.
fn check_key(idempotency: &Idempotency) -> Result<(), BookingError> {
    let length = idempotency.key.chars().count();
    if (1..=255).contains(&length) && !idempotency.key.chars().any(char::is_control) {
        return Ok(());
    }
    Err(BookingError::Invalid(vec![InvalidField {
        field: "Idempotency-Key".to_owned(),
        rule: "idempotency_key".to_owned(),
        message: "1 to 255 characters".to_owned(),
    }]))
}
