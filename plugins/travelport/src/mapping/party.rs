//! Who a price is for: uAPI's passenger types ↔ the contract's indexes.

use interline_plugin_sdk::supplier::{Passenger, PassengerType};
use interline_plugin_sdk::xml::Element;

/// uAPI's code of a passenger type.
pub fn code(kind: PassengerType) -> &'static str {
    match kind {
        PassengerType::Adult => "ADT",
        PassengerType::Child => "CNN",
        PassengerType::Infant => "INF",
    }
}

/// The kind of a code: children also go by their age (`C09`); seniors, students and the like are adults.
pub fn kind(code: &str) -> PassengerType {
    let by_age = |rest: &str| rest.len() == 2 && rest.bytes().all(|b| b.is_ascii_digit());
    match code {
        "CNN" | "CHD" | "UNN" | "INS" => PassengerType::Child,
        "INF" => PassengerType::Infant,
        _ if code.strip_prefix('C').is_some_and(by_age) => PassengerType::Child,
        _ => PassengerType::Adult,
    }
}

/// Hands out the request's passengers to the prices of an offer, each once.
#[derive(Debug)]
pub struct Party<'a> {
    asked: &'a [Passenger],
    taken: Vec<bool>,
    /// A replayed reply's passengers are not those asked for; they are counted up.
    replaying: bool,
    next: u8,
}

impl<'a> Party<'a> {
    /// Nobody has a price yet.
    pub fn of(asked: &'a [Passenger], replaying: bool) -> Self {
        Self { asked, taken: vec![false; asked.len()], replaying, next: 0 }
    }

    /// The passengers of one `AirPricingInfo`; none where nobody like that was asked for.
    pub fn take(&mut self, info: &Element) -> Option<(PassengerType, Vec<u8>)> {
        let types: Vec<&Element> = info.children("PassengerType").collect();
        let first = kind(types.first()?.attr("Code")?);
        let mut indexes = Vec::with_capacity(types.len());
        for one in types {
            let age = one.attr("Age").and_then(|age| age.parse::<u8>().ok());
            indexes.push(self.one(kind(one.attr("Code")?), age)?);
        }
        indexes.sort_unstable();
        Some((first, indexes))
    }

    fn one(&mut self, kind: PassengerType, age: Option<u8>) -> Option<u8> {
        if self.replaying {
            self.next += 1;
            return Some(self.next - 1);
        }
        let free = |(index, passenger): &(usize, &Passenger)| !self.taken[*index] && passenger.kind == kind;
        let mut of_kind = self.asked.iter().enumerate().filter(free);
        let exact = of_kind.clone().find(|(_, passenger)| age.is_some() && passenger.age == age);
        let index = exact.or_else(|| of_kind.next())?.0;
        self.taken[index] = true;
        u8::try_from(index).ok()
    }

    /// Everybody has a price.
    pub fn complete(&self) -> bool {
        self.replaying || self.taken.iter().all(|taken| *taken)
    }
}
