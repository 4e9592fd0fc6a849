//! A service with its fakes, and the ways through it that the tests share.

use crate::provider::{FakeProvider, Providers};
use crate::rules::{FEE, Rules};
use crate::supplier::{FakeSupplier, OneSupplier};
use async_trait::async_trait;
use interline_booking::*;
use interline_domain::booking::Status;
use interline_domain::itinerary::{LocalTime, Segment};
use interline_domain::money::Money;
use interline_domain::offer::{
    BagKind, Baggage, Condition, Conditions, Offer, OfferSegment, OfferSlice, PassengerFare, SupplierReply,
};
use interline_domain::order::{DocumentKind, Gender};
use interline_domain::passengers::{PassengerKind, PassengerMix};
use interline_domain::trip::{Cabin, SliceQuery, SupplierScope, Trip};
use interline_pricing::{PricedOffer, Pricing, PricingContext, PricingInput, RateTable};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use sqlx::PgPool;
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;

pub const NET: i64 = 41_230;

pub struct World {
    pub pool: PgPool,
    pub service: BookingService,
    pub supplier: Arc<FakeSupplier>,
    pub provider: Arc<FakeProvider>,
    pub other_provider: Arc<FakeProvider>,
    pub caller: Caller,
    pub mail: TempDir,
}

/// Knows one offer: as it was shown.
pub struct Finder {
    found: FoundOffer,
}

#[async_trait]
impl OfferFinder for Finder {
    async fn find(&self, offer_id: &str) -> Result<FoundOffer, OfferLookupError> {
        match offer_id {
            "offer" => Ok(self.found.clone()),
            "gone" => Err(OfferLookupError::Gone),
            "old" => Err(OfferLookupError::Expired),
            _ => Err(OfferLookupError::Unknown),
        }
    }
}

pub fn eur(units: i64) -> Money {
    Money::new(units, "EUR".parse().unwrap())
}

/// Two months ahead: dates of tests do not grow old.
pub fn departure_date() -> Date {
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    today.checked_add(60.days()).unwrap()
}

pub fn trip() -> Trip {
    let slice = SliceQuery {
        origin: "CGK".parse().unwrap(),
        destination: "NRT".parse().unwrap(),
        departure_date: departure_date(),
    };
    Trip::new(vec![slice], PassengerMix::new(2, vec![], 0).unwrap(), Cabin::Economy).unwrap()
}

pub fn reply() -> SupplierReply {
    let day = departure_date();
    let local = |at| LocalTime { at, offset_minutes: None };
    let segment = Segment {
        origin: "CGK".into(),
        destination: "NRT".into(),
        origin_terminal: Some("3".into()),
        destination_terminal: None,
        departure: local(day.at(23, 30, 0, 0)),
        arrival: local(day.tomorrow().unwrap().at(8, 50, 0, 0)),
        marketing_carrier: "QZ".into(),
        marketing_flight_number: "204".into(),
        operating_carrier: None,
        operating_flight_number: None,
        aircraft: None,
        duration_minutes: None,
        stops: vec![],
    };
    let at = OfferSegment {
        segment: 0,
        cabin: Cabin::Economy,
        booking_class: Some("Y".into()),
        fare_basis: None,
        seats_left: Some(4),
    };
    let fare = PassengerFare {
        kind: PassengerKind::Adult,
        passengers: vec![0, 1],
        base: eur(NET / 2 - 5_000),
        taxes: vec![],
        taxes_total: eur(5_000),
        total: eur(NET / 2),
    };
    let bag =
        |passenger| Baggage { passenger, segment: 0, kind: BagKind::Checked, pieces: Some(1), weight_kg: Some(23) };
    let offer = Offer {
        id: "one-offer".into(),
        token: Arc::from(&b"token"[..]),
        owner: "QZ".into(),
        slices: vec![OfferSlice { segments: vec![at], fare_brand: Some("Plus".into()), duration_minutes: None }],
        fares: vec![fare],
        base: eur(NET - 10_000),
        taxes: eur(10_000),
        total: eur(NET),
        baggage: vec![bag(0), bag(1)],
        conditions: Conditions {
            refund_before_departure: Some(Condition { allowed: true, penalty: Some(eur(2_000)) }),
            ..Conditions::default()
        },
        expires_at: None,
        ticketing_deadline: None,
        holdable: true,
    };
    SupplierReply { segments: vec![segment], offers: vec![offer], skipped: vec![] }
}

pub async fn priced(pricing: &Pricing, reply: &SupplierReply, context: &PricingContext) -> PricedOffer {
    let trip = trip();
    let table = reply.clone().into();
    let input = PricingInput { trip: &trip, replies: vec![("one", &table)] };
    let priced = pricing.price(&input, context, Timestamp::now()).await.unwrap();
    priced.offers().remove(0).unwrap()
}

impl World {
    pub async fn new(pool: PgPool) -> Self {
        Self::with_config(pool, BookingConfig::default()).await
    }

    pub async fn with_config(pool: PgPool, config: BookingConfig) -> Self {
        let supplier = FakeSupplier::new(reply());
        let (provider, other_provider) = (FakeProvider::new("pay"), FakeProvider::new("other"));
        let pricing = Pricing::new(Rules::sets(), RateTable::sandbox().unwrap());
        let context = PricingContext {
            point_of_sale: "ID".into(),
            channel: "web".into(),
            customer_segment: "retail".into(),
            display_currency: "EUR".parse().unwrap(),
            rates: pricing.rates().version().clone(),
        };
        let found = FoundOffer {
            trip: trip(),
            scope: SupplierScope { credential_set: "main".into(), point_of_sale: "ID".into(), currency: None },
            priced: priced(&pricing, &reply(), &context).await,
            context,
            supplier: "one".into(),
            reply: reply(),
            shown: eur(NET + FEE),
            plugin_version: interline_runtime::PluginVersion {
                name: "one".into(),
                version: "1.2.3".into(),
                hash: "ab".repeat(32),
            },
        };
        let finder = Arc::new(Finder { found });
        let key = MasterKey { id: "test".into(), hex: "42".repeat(32) };
        let parts = BookingParts {
            pool: pool.clone(),
            suppliers: Arc::new(OneSupplier(supplier.clone())),
            payments: Arc::new(Providers(vec![provider.clone(), other_provider.clone()])),
            pricing,
            offers: finder,
            config: BookingConfig { master_keys: vec![key], ..config },
        };
        Self {
            pool,
            service: BookingService::new(parts).unwrap(),
            supplier,
            provider,
            other_provider,
            caller: Caller { api_key: ApiKeyId(Uuid::new_v4()), user: UserId(Uuid::new_v4()) },
            mail: tempfile::tempdir().unwrap(),
        }
    }

    pub fn worker(&self) -> Worker {
        let transport = MailTransport::Files { folder: self.mail.path().to_owned() };
        let config = WorkerConfig {
            payment_poll_seconds: 0,
            mail: MailConfig { transport, ..MailConfig::default() },
            ..WorkerConfig::default()
        };
        Worker::new(self.service.clone(), config).unwrap()
    }

    pub fn verify_request(&self) -> VerifyRequest {
        VerifyRequest { offer_id: "offer".into(), api_key: self.caller.api_key, accept: None }
    }

    pub async fn quote(&self) -> Quote {
        match self.service.verify(&self.verify_request()).await.unwrap() {
            Verified::Confirmed { quote } => quote,
            other => panic!("{other:?}"),
        }
    }

    pub fn new_booking(&self, quote_id: Uuid) -> NewBooking {
        let passenger = |given: &str| PassengerInput {
            kind: PassengerKind::Adult,
            title: Some("ms".into()),
            given_name: given.into(),
            family_name: "Wirya".into(),
            born_on: "1988-03-04".parse().unwrap(),
            gender: Gender::Female,
            document: Some(DocumentInput {
                kind: DocumentKind::Passport,
                number: "C4417302".into(),
                issuing_country: "ID".into(),
                nationality: "ID".into(),
                expires_on: departure_date().checked_add(5.years()).unwrap(),
            }),
            lap_of: None,
        };
        NewBooking {
            quote_id,
            passengers: vec![passenger("Sari"), passenger("Dewi")],
            contact: ContactInput { email: "sari@example.com".into(), phone: "+6281234567".into() },
        }
    }

    pub async fn booking(&self) -> Booking {
        let quote = self.quote().await;
        self.service.create_booking(self.caller, self.new_booking(quote.id), key()).await.unwrap().body
    }

    pub async fn begin_payment(&self, booking: Uuid) -> Payment {
        let new = NewPayment { provider: "pay".into() };
        self.service.create_payment(self.caller, booking, new, key()).await.unwrap().body
    }

    /// The payment of a booking.
    pub async fn payment_of(&self, booking: Uuid) -> Uuid {
        sqlx::query_scalar("SELECT id FROM payments WHERE booking_id = $1")
            .bind(booking)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// A booking whose money is there.
    pub async fn paid(&self) -> Booking {
        let booking = self.booking().await;
        let payment = self.begin_payment(booking.id).await;
        self.pay(payment.id).await;
        let booking = self.read(booking.id).await;
        assert_eq!(booking.status, Status::PendingTicket);
        booking
    }

    /// The traveller pays, and the webhook comes.
    pub async fn pay(&self, payment: Uuid) {
        let id = self.provider.charge(payment).told.id;
        self.provider.confirm(&id);
        self.webhook(&Uuid::new_v4().to_string(), &id).await.unwrap();
    }

    pub async fn webhook(&self, event: &str, id: &str) -> Result<(), ReceiveError> {
        let headers = vec![("signature".to_owned(), "good".to_owned())];
        self.service.receive_webhook("pay", headers, self.provider.event(event, id)).await
    }

    pub async fn read(&self, booking: Uuid) -> Booking {
        self.service.booking(self.caller, booking).await.unwrap()
    }

    /// Time passes: leases run out, calls can't be on their way any more, what waits is due.
    pub async fn time_passes(&self) {
        for statement in [
            "UPDATE jobs SET lease_until = now() - interval '1 second' WHERE state = 'running'",
            "UPDATE jobs SET run_at = now() WHERE state = 'ready'",
            "UPDATE attempts SET ends_by = now() - interval '1 second' WHERE outcome IN ('pending', 'unknown')",
        ] {
            sqlx::query(statement).execute(&self.pool).await.unwrap();
        }
    }

    /// Works until no job is left, or only those that wait for what does not come.
    pub async fn work(&self) {
        let worker = self.worker();
        for _ in 0..40 {
            self.time_passes().await;
            if worker.drain().await.unwrap() == 0 {
                return;
            }
        }
    }

    /// Money that moved for a booking, by the ledger.
    pub async fn balance(&self, booking: Uuid) -> i64 {
        sqlx::query_scalar(
            "SELECT coalesce(sum(amount), 0)::bigint FROM transactions
             WHERE booking_id = $1 AND event_type IN ('PAYMENT_SUCCESS', 'REFUND_COMPLETED')",
        )
        .bind(booking)
        .fetch_one(&self.pool)
        .await
        .unwrap()
    }

    pub fn mails(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.mail.path()).unwrap();
        let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// What must hold of a booking that has come to its end, however it got there.
    pub async fn assert_at_its_end(&self, id: Uuid) -> Status {
        let booking = self.read(id).await;
        let reference: String = sqlx::query_scalar("SELECT create_reference FROM booking_items WHERE booking_id = $1")
            .bind(id)
            .fetch_one(&self.pool)
            .await
            .unwrap();
        let orders: Vec<_> = self
            .supplier
            .with(|books| books.orders.iter().filter(|order| order.reference == reference).cloned().collect());
        let alive: Vec<_> =
            orders.iter().filter(|order| order.status != interline_domain::order::OrderStatus::Cancelled).collect();
        let refunds = self.provider.refunds(id);
        assert!(alive.len() <= 1, "two orders for one booking: {orders:?}");
        assert!(orders.iter().all(|order| order.issued <= 1), "ticketed twice: {orders:?}");
        match booking.status {
            Status::Ticketed => {
                assert_eq!(alive.len(), 1);
                assert!(refunds.is_empty(), "{refunds:?}");
                assert_eq!(self.balance(id).await, NET + FEE);
                assert_eq!(booking.tickets.len(), 2);
            }
            Status::Refunded => {
                assert_eq!(alive.len(), 0, "{orders:?}");
                assert_eq!(refunds.len(), 1, "{refunds:?}");
                assert_eq!(self.balance(id).await, 0);
            }
            Status::NeedsAttention => {
                assert!(refunds.is_empty(), "{refunds:?}");
                assert_eq!(self.balance(id).await, NET + FEE);
            }
            other => panic!("{other} is no end: {:?}", self.jobs().await),
        }
        booking.status
    }

    /// For messages of failing tests.
    pub async fn jobs(&self) -> Vec<(String, String, i32, Option<String>)> {
        sqlx::query_as("SELECT kind, state, tries, last_error FROM jobs ORDER BY created_at")
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }
}

/// A new idempotency key, with a body of its own.
pub fn key() -> Idempotency {
    Idempotency { key: Uuid::new_v4().to_string(), hash: [7; 32] }
}
