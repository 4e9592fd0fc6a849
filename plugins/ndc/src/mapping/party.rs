//! Who travels: the supplier's passenger ids ↔ the contract's indexes.

use super::Reason;
use crate::read;
use interline_plugin_sdk::supplier::{Passenger, PassengerType};
use interline_plugin_sdk::xml::Element;

/// The supplier's ids, in the order of the contract's passengers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    ids: Vec<String>,
    kinds: Vec<PassengerType>,
}

/// The contract's kind of a passenger type code. Discounted adults (students, seniors …) are adults.
pub fn kind(code: &str) -> PassengerType {
    match code {
        "INF" | "INS" | "IN" => PassengerType::Infant,
        "CHD" | "CNN" | "CH" | "UNN" | "UMN" => PassengerType::Child,
        _ if code.len() == 3 && code.starts_with('C') && code[1..].bytes().all(|b| b.is_ascii_digit()) => {
            PassengerType::Child
        }
        _ => PassengerType::Adult,
    }
}

/// The code of a kind.
pub fn code(kind: PassengerType) -> &'static str {
    match kind {
        PassengerType::Adult => "ADT",
        PassengerType::Child => "CHD",
        PassengerType::Infant => "INF",
    }
}

/// The id that requests give to the passenger at an index.
pub fn own_id(index: usize) -> String {
    format!("PAX{}", index + 1)
}

impl Party {
    /// The passengers asked for under `sent` ids (or this adapter's own), as the answer's `Pax` elements name them. A
    /// supplier that gives ids of its own is followed by passenger type.
    pub fn of(asked: &[Passenger], sent: &[String], list: &[&Element]) -> Result<Self, Reason> {
        let sent: Vec<String> = match sent.len() == asked.len() {
            true => sent.to_vec(),
            false => (0..asked.len()).map(own_id).collect(),
        };
        let kinds: Vec<PassengerType> = asked.iter().map(|passenger| passenger.kind).collect();
        if list.is_empty() {
            return Ok(Self { ids: sent, kinds });
        }
        let mut left = told(list);
        let same = |id: &String| left.iter().any(|(known, _)| known == id);
        if sent.iter().all(same) {
            return Ok(Self { ids: sent, kinds });
        }
        if left.len() != asked.len() {
            return Err("offered to other passengers than asked for".to_owned());
        }
        let mut ids = Vec::with_capacity(asked.len());
        for passenger in asked {
            let at = left.iter().position(|(_, kind)| *kind == passenger.kind);
            ids.push(left.remove(at.ok_or("offered to other passengers than asked for")?).0);
        }
        Ok(Self { ids, kinds })
    }

    /// The answer's own passengers, for replies recorded for a request that is not at hand.
    pub fn as_told(list: &[&Element]) -> Self {
        let (ids, kinds) = told(list).into_iter().unzip();
        Self { ids, kinds }
    }

    /// The index of the passenger of this id.
    pub fn index(&self, id: &str) -> Option<usize> {
        self.ids.iter().position(|known| known == id)
    }

    /// The kind of the passenger at an index.
    pub fn kind(&self, index: usize) -> PassengerType {
        self.kinds.get(index).copied().unwrap_or(PassengerType::Adult)
    }

    /// How many travel.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// The supplier's ids in the contract's order.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }
}

fn told(list: &[&Element]) -> Vec<(String, PassengerType)> {
    let one = |pax: &&Element| {
        let code = pax.child_text("PTC").unwrap_or("ADT");
        Some((read::text(pax, "PaxID")?.to_owned(), kind(code)))
    };
    list.iter().filter_map(one).collect()
}
