//! What the messages say: HTML and text, made from the booking alone.

use crate::failure::Failure;
use crate::items::Item;
use crate::passengers;
use crate::rows::BookingRow;
use crate::view::{Bag, BookedPassenger, Flight};
use askama::Template;
use interline_domain::money::Money;
use lettre::Message;
use lettre::message::{Mailbox, MultiPart};

/// Kinds of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Tickets are issued.
    Ticket,
    /// Money is back.
    Refunded,
    /// Cancelled with nothing to give back.
    Cancelled,
}

impl Kind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Ticket => "e-ticket",
            Self::Refunded => "refunded",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A traveller and the tickets.
struct Traveller {
    name: String,
    kind: &'static str,
    tickets: Vec<String>,
}

/// A flight in words.
struct Leg {
    code: String,
    from: String,
    to: String,
    departs: String,
    arrives: String,
    cabin: String,
    operated_by: Option<String>,
    baggage: Vec<String>,
}

/// What a message tells.
pub(super) struct Letter {
    booking: String,
    locator: String,
    travellers: Vec<Traveller>,
    legs: Vec<Leg>,
    total: String,
    refund: String,
    cancellation: Vec<String>,
}

#[derive(Template)]
#[template(path = "e-ticket.html")]
struct TicketHtml<'a> {
    letter: &'a Letter,
}

#[derive(Template)]
#[template(path = "e-ticket.txt")]
struct TicketText<'a> {
    letter: &'a Letter,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticeHtml<'a> {
    letter: &'a Letter,
    refunded: bool,
}

#[derive(Template)]
#[template(path = "notice.txt")]
struct NoticeText<'a> {
    letter: &'a Letter,
    refunded: bool,
}

impl Letter {
    pub(super) fn new(booking: &BookingRow, item: &Item, refund: Money) -> Result<Self, Failure> {
        let passengers: Vec<BookedPassenger> = passengers::view(&booking.passengers)?;
        let flights: Vec<Flight> = serde_json::from_value(booking.flight_segments.clone())?;
        let bags: Vec<Bag> = serde_json::from_value(item.baggage.clone())?;
        let order = item.order.as_ref();
        let tickets = order.map(|order| order.tickets.as_slice()).unwrap_or_default();
        let travellers = passengers
            .iter()
            .enumerate()
            .map(|(index, passenger)| Traveller {
                name: passenger.name.clone(),
                kind: match passenger.kind.as_str() {
                    "CHD" => "child",
                    "INF" => "infant",
                    _ => "adult",
                },
                tickets: tickets
                    .iter()
                    .filter(|ticket| usize::from(ticket.traveller) == index)
                    .map(|ticket| ticket.number.clone())
                    .collect(),
            })
            .collect();
        let legs = flights
            .into_iter()
            .enumerate()
            .map(|(index, flight)| Leg {
                baggage: baggage(&bags, index, &passengers),
                from: place(&flight.src, flight.src_terminal.as_deref()),
                to: place(&flight.dst, flight.dst_terminal.as_deref()),
                departs: when(&flight.dep_time),
                arrives: when(&flight.arr_time),
                cabin: flight.cabin.replace('_', " "),
                code: flight.flight_code,
                operated_by: flight.operated_by,
            })
            .collect();
        Ok(Self {
            booking: booking.id.to_string(),
            locator: order.map(|order| order.locator.clone()).unwrap_or_default(),
            travellers,
            legs,
            total: booking.total.to_string(),
            refund: refund.to_string(),
            cancellation: Vec::new(),
        })
    }

    /// What cancelling costs, when, in words.
    pub(super) fn with_cancellation(mut self, windows: &[crate::view::CancellationWindow]) -> Self {
        let words = |amount: &crate::view::Amount| format!("{} {}", amount.currency, amount.amount);
        self.cancellation = windows
            .iter()
            .map(|window| {
                let until = window.until.strftime("%d %b %Y %H:%M UTC");
                format!("until {until}: {} kept, {} given back", words(&window.penalty), words(&window.refund))
            })
            .collect();
        self
    }

    /// The message, ready to be sent.
    pub(super) fn into_message(
        self,
        kind: Kind,
        from: &Mailbox,
        to: &str,
        message_id: &str,
    ) -> Result<Message, Failure> {
        let letter = &self;
        let refunded = kind == Kind::Refunded;
        let (subject, text, html) = match kind {
            Kind::Ticket => {
                let subject = format!("Your e-ticket, booking code {}", self.locator);
                (subject, TicketText { letter }.render(), TicketHtml { letter }.render())
            }
            Kind::Refunded | Kind::Cancelled => {
                let subject = if refunded { "Your money is on its way back" } else { "Your booking is cancelled" };
                let (text, html) = (NoticeText { letter, refunded }.render(), NoticeHtml { letter, refunded }.render());
                (subject.to_owned(), text, html)
            }
        };
        let rendered =
            |result: askama::Result<String>| result.map_err(|_| Failure::broken("a mail cannot be rendered"));
        let to: Mailbox = to.parse().map_err(|_| Failure::broken("a contact's address cannot be read"))?;
        Message::builder()
            .from(from.clone())
            .to(to)
            .subject(subject)
            .message_id(Some(message_id.to_owned()))
            .multipart(MultiPart::alternative_plain_html(rendered(text)?, rendered(html)?))
            .map_err(|_| Failure::broken("a mail cannot be put together"))
    }
}

fn place(code: &str, terminal: Option<&str>) -> String {
    let city = interline_domain::places::airport(code).map(|airport| airport.city).filter(|city| !city.is_empty());
    let name = city.map_or_else(|| code.to_owned(), |city| format!("{city} ({code})"));
    terminal.map_or_else(|| name.clone(), |terminal| format!("{name}, terminal {terminal}"))
}

/// `2027-01-20T23:30:00+07:00` as people read it: local, without the offset.
fn when(time: &str) -> String {
    let local = time.get(..19).and_then(|local| local.parse::<jiff::civil::DateTime>().ok());
    local.map_or_else(|| time.to_owned(), |local| local.strftime("%a %d %b %Y, %H:%M").to_string())
}

fn baggage(bags: &[Bag], flight: usize, passengers: &[BookedPassenger]) -> Vec<String> {
    bags.iter()
        .filter(|bag| bag.flight == flight)
        .map(|bag| {
            let who = passengers.get(usize::from(bag.passenger)).map_or("traveller", |passenger| &passenger.name);
            let kind = if bag.kind == "checked" { "checked" } else { "carry-on" };
            match (bag.pieces, bag.weight_kg) {
                (Some(0), _) => format!("{who}: no {kind} baggage"),
                (Some(pieces), Some(weight)) => format!("{who}: {pieces} × {weight} kg {kind}"),
                (Some(pieces), None) => format!("{who}: {pieces} {kind}"),
                (None, Some(weight)) => format!("{who}: {weight} kg {kind}"),
                (None, None) => format!("{who}: {kind} as the carrier has it"),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            booking: "01900000-0000-7000-8000-000000000000".into(),
            locator: "QX7LMN".into(),
            travellers: vec![Traveller {
                name: "Sari <b>O'Neil</b>".into(),
                kind: "adult",
                tickets: vec!["9990000000017".into()],
            }],
            legs: vec![Leg {
                code: "QZ204".into(),
                from: place("CGK", Some("3")),
                to: place("NRT", None),
                departs: when("2027-01-20T23:30:00+07:00"),
                arrives: when("2027-01-21T08:50:00+09:00"),
                cabin: "economy".into(),
                operated_by: None,
                baggage: vec!["Sari: 1 × 23 kg checked".into()],
            }],
            total: "EUR 512.40".into(),
            refund: "EUR 0.00".into(),
            cancellation: vec![],
        }
    }

    #[test]
    fn an_e_ticket_tells_everything_twice_and_lets_no_markup_in() {
        let from = "Tickets <tickets@example.com>".parse().unwrap();
        let message = letter().into_message(Kind::Ticket, &from, "sari@example.com", "<a.b@c>").unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        assert!(text.contains("Message-ID: <a.b@c>"), "{text}");
        assert!(text.contains("multipart/alternative"), "{text}");
        let html = TicketHtml { letter: &letter() }.render().unwrap();
        let plain = TicketText { letter: &letter() }.render().unwrap();
        for told in ["QX7LMN", "9990000000017", "QZ204", "EUR 512.40", "1 × 23 kg"] {
            assert!(html.contains(told) && plain.contains(told), "{told}");
        }
        assert!(!html.contains("<b>O"), "{html}");
        assert!(html.contains("Wed 20 Jan 2027, 23:30"), "{html}");
    }
}
