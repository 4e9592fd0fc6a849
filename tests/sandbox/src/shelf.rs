//! Offers that were shown and can be bought, for protocols that name them by id.
//!
//! Only searches are kept; an offer's id tells its search and its place in it, and its product is made again.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

use crate::inventory::{PassengerKind, Product, Query};
use crate::world::World;

/// Searches remembered; older ones are forgotten, and their offers with them.
const SEARCHES_KEPT: usize = 50_000;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A passenger of a search.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub id: String,
    pub kind: PassengerKind,
    pub age: Option<i64>,
}

/// A search that offers came from.
#[derive(Debug)]
pub(crate) struct Search {
    pub number: u64,
    pub query: Query,
    pub passengers: Vec<Asked>,
    pub made_at: Timestamp,
}

impl Search {
    /// When its offers can't be bought any more.
    pub fn expires_at(&self, world: &World) -> Timestamp {
        self.made_at + SignedDuration::try_from(world.config.offer_life).unwrap_or(SignedDuration::from_mins(30))
    }

    /// Ids and kinds of those who travel.
    pub fn people(&self) -> Vec<(String, PassengerKind)> {
        self.passengers.iter().map(|asked| (asked.id.clone(), asked.kind)).collect()
    }
}

/// An offer found again by its id.
pub(crate) struct Offer {
    pub id: String,
    pub search: Arc<Search>,
    pub index: usize,
    /// At the price of now.
    pub product: Product,
}

/// Why an offer can't be bought.
pub(crate) enum Gone {
    SoldOut,
    Expired,
}

/// A supplier's offers.
#[derive(Debug, Default)]
pub(crate) struct Shelf(Mutex<Content>);

#[derive(Debug, Default)]
struct Content {
    searches: HashMap<u64, Arc<Search>>,
    oldest: VecDeque<u64>,
    price_changes: HashMap<String, i64>,
    sold_out: HashSet<String>,
}

impl Shelf {
    /// Keeps a search.
    pub fn put(&self, search: Search) -> Arc<Search> {
        let search = Arc::new(search);
        let mut content = self.0.lock();
        content.oldest.push_back(search.number);
        content.searches.insert(search.number, Arc::clone(&search));
        if content.oldest.len() > SEARCHES_KEPT
            && let Some(oldest) = content.oldest.pop_front()
        {
            content.searches.remove(&oldest);
        }
        search
    }

    /// The search of an id with this prefix.
    pub fn search(&self, world: &World, prefix: &str, id: &str) -> Option<Arc<Search>> {
        let (number, _) = parse_id(world, prefix, id)?;
        self.0.lock().searches.get(&number).map(Arc::clone)
    }

    /// The offer of an id with this prefix.
    pub fn offer(&self, world: &World, prefix: &str, offer_id: &str) -> Option<Offer> {
        let (number, index) = parse_id(world, prefix, offer_id)?;
        let (search, change) = {
            let content = self.0.lock();
            (Arc::clone(content.searches.get(&number)?), content.price_changes.get(offer_id).copied())
        };
        let index = usize::try_from(index).ok()?;
        let product = world.inventory.search(&search.query).get(index)?.clone();
        let product = change.map_or_else(|| product.clone(), |percent| product.dearer_by(percent));
        Some(Offer { id: offer_id.to_owned(), search, index, product })
    }

    /// The base fare of an offer is dearer from now on.
    pub fn change_price(&self, offer: &str, percent: i64) {
        self.0.lock().price_changes.insert(offer.to_owned(), percent);
    }

    /// An offer is sold out from now on.
    pub fn sell_out(&self, offer: &str) {
        self.0.lock().sold_out.insert(offer.to_owned());
    }

    /// Whether an offer can still be bought.
    pub fn check(&self, world: &World, offer: &Offer) -> Result<(), Gone> {
        if self.0.lock().sold_out.contains(&offer.id) {
            return Err(Gone::SoldOut);
        }
        if offer.search.expires_at(world) <= Timestamp::now() { Err(Gone::Expired) } else { Ok(()) }
    }

    /// Starts afresh.
    pub fn clear(&self) {
        *self.0.lock() = Content::default();
    }
}

fn base62(mut number: u64, width: usize) -> String {
    let mut digits = vec![b'0'; width];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

fn unbase62(text: &str) -> Option<u64> {
    text.bytes().try_fold(0_u64, |number, byte| {
        let digit = DIGITS.iter().position(|known| *known == byte)? as u64;
        number.checked_mul(62)?.checked_add(digit)
    })
}

/// An id that names a search and a place in it, and ends in a check that no other sandbox makes.
pub(crate) fn id(world: &World, prefix: &str, search: u64, index: u64) -> String {
    let check = world.dice().with(prefix).with_number(search.cast_signed()).with_number(index.cast_signed());
    format!("{prefix}0000{}{}{}", base62(search, 7), base62(index, 4), check.word(DIGITS, 7))
}

fn parse_id(world: &World, prefix: &str, text: &str) -> Option<(u64, u64)> {
    let rest = text.strip_prefix(prefix)?.strip_prefix("0000")?;
    let (search, index) = (unbase62(rest.get(..7)?)?, unbase62(rest.get(7..11)?)?);
    (id(world, prefix, search, index) == text).then_some((search, index))
}
