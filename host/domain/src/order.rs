//! Orders at a supplier: who travels, what was made, what became of it.

use crate::itinerary::Segment;
use crate::money::Money;
use crate::passengers::PassengerKind;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A traveller as a supplier is told. `Debug` shows nothing of the person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traveller {
    /// Type.
    pub kind: PassengerKind,
    /// `mr`, `ms`, `mrs`, `miss`, `dr`.
    pub title: Option<String>,
    /// As in the travel document.
    pub given_name: String,
    /// As in the travel document.
    pub family_name: String,
    /// Birth date.
    pub born_on: Date,
    /// As in the travel document.
    pub gender: Gender,
    /// Where the route needs one.
    pub document: Option<Document>,
    /// For an infant: the index of the adult on whose lap it travels.
    pub lap_of: Option<u8>,
}

impl fmt::Debug for Traveller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Traveller({})", self.kind.iata_code())
    }
}

/// As in the travel document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gender {
    /// F.
    Female,
    /// M.
    Male,
    /// X.
    Unspecified,
}

/// A travel document. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Kind.
    pub kind: DocumentKind,
    /// Number.
    pub number: String,
    /// ISO 3166 alpha-2.
    pub issuing_country: String,
    /// ISO 3166 alpha-2.
    pub nationality: String,
    /// Last day of validity.
    pub expires_on: Date,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({:?})", self.kind)
    }
}

/// Kind of travel document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Passport.
    Passport,
    /// National identity card.
    IdentityCard,
}

/// How the traveller is reached. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// RFC 5321 address.
    pub email: String,
    /// E.164.
    pub phone: String,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact")
    }
}

/// Where an order stands at its supplier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Made, not ticketed.
    Held,
    /// The supplier works on it.
    Pending,
    /// Tickets are issued.
    Ticketed,
    /// Cancelled.
    Cancelled,
}

/// A supplier's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplierOrder {
    /// The supplier's key.
    pub id: String,
    /// Record locator (PNR) that the traveller is told.
    pub locator: String,
    /// The carriers' own locators: (carrier, locator).
    pub carrier_locators: Vec<(String, String)>,
    /// Where it stands.
    pub status: OrderStatus,
    /// What the agency owes for it.
    pub total: Money,
    /// Issued so far.
    pub tickets: Vec<Ticket>,
    /// Must be ticketed before.
    pub ticketing_deadline: Option<Timestamp>,
    /// As the supplier has them now.
    pub segments: Vec<Segment>,
    /// The adapter's own.
    pub token: Vec<u8>,
}

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Index of the traveller.
    pub traveller: u8,
    /// 13 digits.
    pub number: String,
}

/// What became of an order whose answer was lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindOutcome {
    /// It is there.
    Found(SupplierOrder),
    /// Proven: there is none.
    Absent,
    /// The supplier's look-ups can't tell; why.
    CannotTell(String),
}

/// What cancelling would give back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelQuote {
    /// To the agency.
    pub refund: Money,
    /// Holds until.
    pub expires_at: Option<Timestamp>,
    /// The adapter's own.
    pub token: Vec<u8>,
}

/// A cancellation carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// To the agency.
    pub refund: Money,
    /// The supplier's reference.
    pub reference: Option<String>,
}
