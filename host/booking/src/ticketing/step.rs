//! What comes next for a booking that is to be ticketed: decided from what stands in its rows, and nothing else.

use super::attempt::{Attempt, Operation};
use crate::items::Item;
use interline_domain::order::OrderStatus;
use jiff::Timestamp;

/// The next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Make the order.
    Create,
    /// Find out what became of an attempt to make it.
    FindOrder(Attempt),
    /// Have the tickets issued.
    Issue,
    /// See how the order stands, and with it what became of an attempt to have it ticketed.
    LookAtOrder(Option<Attempt>),
    /// All tickets are there.
    Finish,
    /// The money goes back, for this reason.
    Fail(String),
}

/// Decides. An order is never made or ticketed while it is not known what became of the last try, and never after the
/// limit; nothing fails while something is open.
pub(crate) fn next(item: &Item, attempts: &[Attempt], travellers: usize, limit: Timestamp, now: Timestamp) -> Step {
    let Some(order) = &item.order else {
        return match Attempt::open(attempts, Operation::Create) {
            Some(open) => Step::FindOrder(open.clone()),
            None => match &item.failing {
                Some(why) => Step::Fail(why.clone()),
                None if now >= limit => Step::Fail("the ticketing limit has passed".to_owned()),
                None => Step::Create,
            },
        };
    };
    let open = Attempt::open(attempts, Operation::Issue);
    match order.status {
        OrderStatus::Ticketed if has_all_tickets(order.tickets.iter().map(|ticket| ticket.traveller), travellers) => {
            Step::Finish
        }
        OrderStatus::Ticketed | OrderStatus::Pending => Step::LookAtOrder(open.cloned()),
        OrderStatus::Held => match (open, &item.failing) {
            (Some(open), _) => Step::LookAtOrder(Some(open.clone())),
            (None, Some(why)) => Step::Fail(why.clone()),
            (None, None) if now >= limit => Step::Fail("the ticketing limit has passed".to_owned()),
            (None, None) => Step::Issue,
        },
        OrderStatus::Cancelled => Step::Fail("the supplier has cancelled the order".to_owned()),
    }
}

/// Whether every traveller has a ticket.
pub(crate) fn has_all_tickets(ticketed: impl Iterator<Item = u8>, travellers: usize) -> bool {
    let mut ticketed: Vec<u8> = ticketed.collect();
    ticketed.sort_unstable();
    ticketed.dedup();
    ticketed.len() >= travellers
}

#[cfg(test)]
mod tests {
    use super::super::attempt::AttemptOutcome;
    use super::*;
    use crate::items::Order;
    use interline_domain::money::Money;
    use interline_domain::order::Ticket;
    use uuid::Uuid;

    fn item(order: Option<(OrderStatus, usize)>, failing: bool) -> Item {
        let tickets = |count: usize| (0..count).map(|n| Ticket { traveller: n as u8, number: format!("{n:013}") });
        let total = Money::new(10_000, "EUR".parse().unwrap());
        Item {
            id: Uuid::nil(),
            booking: Uuid::nil(),
            quote: Uuid::nil(),
            supplier: "one".into(),
            offer_id: "offer".into(),
            offer_token: Vec::new().into(),
            quoted: total,
            expected: total,
            baggage: serde_json::Value::Null,
            origin: "CGK".into(),
            departure_date: "2027-01-20".parse().unwrap(),
            departs_at: None,
            create_reference: "c".into(),
            ticket_reference: "t".into(),
            cancel_reference: "x".into(),
            order: order.map(|(status, count)| Order {
                id: "order".into(),
                token: Vec::new(),
                status,
                locator: "ABC123".into(),
                tickets: tickets(count).collect(),
            }),
            ticketing_deadline: None,
            failing: failing.then(|| "sold out".to_owned()),
        }
    }

    fn attempt(operation: Operation, outcome: AttemptOutcome) -> Attempt {
        let moment = Timestamp::UNIX_EPOCH;
        Attempt { id: Uuid::nil(), operation, outcome, ends_by: moment, started_at: moment }
    }

    /// Every state that rows can be in, as far as the decision sees it.
    fn every_state(mut look: impl FnMut(&Item, &[Attempt], bool)) {
        let outcomes = [
            AttemptOutcome::Pending,
            AttemptOutcome::Succeeded,
            AttemptOutcome::Failed,
            AttemptOutcome::Unknown,
            AttemptOutcome::Absent,
        ];
        let orders = [
            None,
            Some((OrderStatus::Held, 0)),
            Some((OrderStatus::Pending, 0)),
            Some((OrderStatus::Ticketed, 1)),
            Some((OrderStatus::Ticketed, 2)),
            Some((OrderStatus::Cancelled, 0)),
        ];
        let mut histories = vec![vec![]];
        for operation in [Operation::Create, Operation::Issue] {
            for outcome in outcomes {
                histories.push(vec![attempt(operation, outcome)]);
                histories.push(vec![attempt(operation, AttemptOutcome::Failed), attempt(operation, outcome)]);
            }
        }
        for order in orders {
            for history in &histories {
                for failing in [false, true] {
                    for late in [false, true] {
                        look(&item(order, failing), history, late);
                    }
                }
            }
        }
    }

    fn decide(item: &Item, attempts: &[Attempt], late: bool) -> Step {
        let limit: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
        let now = if late { limit } else { Timestamp::UNIX_EPOCH };
        next(item, attempts, 2, limit, now)
    }

    #[test]
    fn nothing_is_made_or_given_up_while_something_is_open() {
        every_state(|item, attempts, late| {
            let step = decide(item, attempts, late);
            let open = |operation| Attempt::open(attempts, operation).is_some();
            if item.order.is_none() && open(Operation::Create) {
                assert!(matches!(step, Step::FindOrder(_)), "{step:?}");
            }
            if matches!(&item.order, Some(order) if order.status == OrderStatus::Held) && open(Operation::Issue) {
                assert!(matches!(step, Step::LookAtOrder(Some(_))), "{step:?}");
            }
        });
    }

    #[test]
    fn an_order_is_made_once_and_ticketed_once() {
        every_state(|item, attempts, late| {
            let step = decide(item, attempts, late);
            assert!(step != Step::Create || item.order.is_none());
            let held = matches!(&item.order, Some(order) if order.status == OrderStatus::Held);
            assert!(step != Step::Issue || held);
        });
    }

    #[test]
    fn nothing_is_bought_after_the_limit_or_for_a_booking_that_fails() {
        every_state(|item, attempts, late| {
            let step = decide(item, attempts, late);
            if late || item.failing.is_some() {
                assert!(!matches!(step, Step::Create | Step::Issue), "{step:?}");
            }
        });
    }

    #[test]
    fn a_booking_is_ticketed_when_everybody_has_a_ticket() {
        every_state(|item, attempts, late| {
            let all = matches!(&item.order, Some(o) if o.status == OrderStatus::Ticketed && o.tickets.len() == 2);
            assert_eq!(decide(item, attempts, late) == Step::Finish, all);
        });
    }
}
