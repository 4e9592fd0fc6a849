//! `IATA_OrderReshopRQ` as the quote of a cancellation, and `IATA_OrderCancelRQ`.

use crate::api::{Answer, Message};
use crate::read;
use crate::token::{self, CancelToken, OrderToken};
use crate::{order, request};
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::supplier::{
    CancelQuote, CancelRequest, Cancellation, Disposition, Fault, Money, OrderRef, OrderStatus,
};
use interline_plugin_sdk::xml::{Element, Node};
use interline_plugin_sdk::{decimal, fault, host};

/// What cancelling would give back. For an order that is not ticketed, or cancelled already, that is nothing, where the
/// supplier quotes none.
pub fn quote(transport: &dyn Transport, order: &OrderRef) -> Result<CancelQuote, Fault> {
    let cancel = Node::new("CancelOrderRef").leaf("OrderRefID", &order.id);
    let body = Node::new("Request").leaf("OrderRefID", &order.id).child(Node::new("UpdateOrder").child(cancel));
    let quoted = Message::new("IATA_OrderReshopRQ", body).send(transport).and_then(|answer| {
        let (refund, expires_at) = refund(&answer).map_err(|why| answer.unreadable(why))?;
        Ok(CancelQuote { token: token(&refund)?, refund, expires_at })
    });
    match quoted {
        Err(fault) if unquoted(&fault) => {
            let now = order::retrieve(transport, order)?;
            if !matches!(now.status, OrderStatus::Held | OrderStatus::Cancelled) {
                return Err(fault);
            }
            let nothing = Money { units: 0, ..now.total };
            Ok(CancelQuote { token: token(&nothing)?, refund: nothing, expires_at: None })
        }
        other => other,
    }
}

/// The supplier quotes no refund for it, which is no wonder where nothing was paid.
fn unquoted(fault: &Fault) -> bool {
    let refused = matches!(fault.disposition, Disposition::Rejected | Disposition::Unsupported);
    (refused || fault.code.as_deref() == Some("unreadable")) && !host::replaying()
}

fn token(refund: &Money) -> Result<Vec<u8>, Fault> {
    interline_plugin_sdk::token::encode(&CancelToken::of(refund))
}

/// The refund by the differences of price, or else by the total that is due back.
fn refund(answer: &Answer) -> Result<(Money, Option<u64>), String> {
    let results = answer.response.child("ReshopResults").ok_or("no result")?;
    let expires_at = read::earliest(&read::everything(results), read::EXPIRY);
    let mut sum: Option<Money> = None;
    for difference in results.descendants("PriceDifferential") {
        let Some(amount) = difference.path("DiffPrice/Price/TotalAmount") else { continue };
        let kind = difference.child_text("DifferentialTypeCode").unwrap_or_default().to_ascii_lowercase();
        let amount = read::money(amount, None)?;
        // What is to be paid on top is no refund.
        let back = if kind.contains("refund") || amount.units < 0 { amount.units.abs() } else { 0 };
        let amount = Money { units: back, ..amount };
        sum = Some(match sum {
            Some(sum) => decimal::add(&sum, &amount).map_err(|why| why.to_string())?,
            None => amount,
        });
    }
    let total = || -> Option<&Element> { results.descendants("TotalPrice").find_map(|p| p.child("TotalAmount")) };
    match sum {
        Some(sum) => Ok((sum, expires_at)),
        None => {
            let total = read::money(total().ok_or("a result without an amount")?, None)?;
            Ok((Money { units: total.units.abs(), ..total }, expires_at))
        }
    }
}

/// Cancels. An order cancelled already is a success, with what was quoted.
pub fn cancel(transport: &dyn Transport, request: &CancelRequest) -> Result<Cancellation, Fault> {
    let quoted = token::decode::<CancelToken>(&request.quote)?.refund();
    let token: OrderToken = token::decode(&request.order.token)?;
    let body = Node::new("Request").child(request::order(&request.order, token.owner.as_deref()));
    match Message::new("IATA_OrderCancelRQ", body).once(&request.client_reference).send(transport) {
        Ok(answer) => {
            let told = answer.response.find("RefundAmount").or_else(|| answer.response.find("TotalRefundAmount"));
            let told = told.map(|amount| read::money(amount, None)).transpose();
            // It is cancelled: a fault about the money must not say that nothing was done.
            let told = told.map_err(|why| fault::outcome_unknown(format!("cancelled, but {why}")))?;
            let refund = told.map(|money| Money { units: money.units.abs(), ..money }).or(quoted);
            let refund = refund.ok_or_else(|| fault::outcome_unknown("cancelled, and no refund was told"))?;
            let reference = ["CancellationID", "OrderRefID", "OrderID"]
                .into_iter()
                .find_map(|name| answer.response.find(name))
                .map(|id| id.text().to_owned());
            Ok(Cancellation { refund, reference })
        }
        Err(fault) if order::unknown(&fault) || fault.disposition == Disposition::Rejected => {
            let now = order::retrieve(transport, &request.order).ok();
            match (now.map(|order| order.status), quoted) {
                (Some(OrderStatus::Cancelled), Some(refund)) => Ok(Cancellation { refund, reference: None }),
                _ => Err(fault),
            }
        }
        Err(fault) => Err(fault),
    }
}
