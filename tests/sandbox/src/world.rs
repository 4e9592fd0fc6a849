//! All that one sandbox holds.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use parking_lot::Mutex;

use crate::books::Books;
use crate::calls::Calls;
use crate::dice::Dice;
use crate::faults::Faults;
use crate::inventory::Inventory;
use crate::money::Currency;
use crate::shelf::Shelf;
use crate::{Config, StartError, duffel, stripe, travelport};

const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Letters of record locators: none that can be taken for another.
const LOCATOR: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// The currencies of the accounts that the gateway has with each supplier.
#[derive(Debug, Clone, Copy)]
pub struct Accounts {
    /// Duffel's.
    pub duffel: Currency,
    /// Travelport's.
    pub travelport: Currency,
    /// The NDC aggregator's.
    pub ndc: Currency,
}

/// All that one sandbox holds.
#[derive(Debug)]
pub struct World {
    /// As started.
    pub config: Config,
    /// What each supplier bills in.
    pub accounts: Accounts,
    /// What is on sale.
    pub inventory: Inventory,
    /// Calls counted.
    pub calls: Calls,
    /// Faults on order.
    pub faults: Faults,
    /// Orders of all suppliers.
    pub books: Books,
    /// Duffel's offers.
    pub(crate) duffel_shelf: Shelf,
    /// Duffel's payments and cancellations.
    pub duffel: Mutex<duffel::Store>,
    /// Travelport's prices and seats that changed.
    pub travelport: Mutex<travelport::Store>,
    /// The NDC aggregator's offers.
    pub(crate) ndc_shelf: Shelf,
    /// Stripe's payment intents, refunds, events and idempotency keys.
    pub stripe: stripe::Stripe,
    epoch: u64,
    minted: AtomicU64,
}

impl World {
    /// An empty one.
    pub fn new(config: Config) -> Result<Self, StartError> {
        let currency =
            |field, code: &String| Currency::of(code).ok_or_else(|| StartError::Currency { field, code: code.clone() });
        let accounts = Accounts {
            duffel: currency("duffel_currency", &config.duffel_currency)?,
            travelport: currency("travelport_currency", &config.travelport_currency)?,
            ndc: currency("ndc_currency", &config.ndc_currency)?,
        };
        Ok(World {
            accounts,
            inventory: Inventory::new(config.seed, config.offers_per_search),
            calls: Calls::default(),
            faults: Faults::default(),
            books: Books::default(),
            duffel_shelf: Shelf::default(),
            duffel: Mutex::default(),
            travelport: Mutex::default(),
            ndc_shelf: Shelf::default(),
            stripe: stripe::Stripe::new(&config),
            epoch: Timestamp::now().as_nanosecond() as u64,
            minted: AtomicU64::new(0),
            config,
        })
    }

    /// Forgets searches, orders, payments, calls and faults. Ids are never given twice, all the same.
    pub fn reset(&self) {
        self.calls.clear();
        self.faults.set(Vec::new());
        self.books.clear();
        self.duffel_shelf.clear();
        *self.duffel.lock() = duffel::Store::default();
        self.ndc_shelf.clear();
        *self.travelport.lock() = travelport::Store::default();
        self.stripe.reset(&self.config);
    }

    /// A die that falls differently in every sandbox: for ids.
    pub fn dice(&self) -> Dice {
        Dice::new(self.epoch)
    }

    /// A number that this sandbox has not given out yet.
    pub fn number(&self) -> u64 {
        self.minted.fetch_add(1, Ordering::Relaxed)
    }

    /// A new id of so many letters and digits after the prefix.
    pub fn id(&self, prefix: &str, length: usize) -> String {
        format!("{prefix}{}", self.dice().with("id").with_number(self.number().cast_signed()).word(LETTERS, length))
    }

    /// A new record locator.
    pub fn locator(&self) -> String {
        self.dice().with("locator").with_number(self.number().cast_signed()).word(LOCATOR, 6)
    }
}
