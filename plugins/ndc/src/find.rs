//! What became of a create whose answer was lost. NDC finds orders by order id or booking reference, and neither is known
//! unless an answer told it: without them nothing can be told, and never that there is no order.

use crate::errors::NO_ORDER;
use crate::order;
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::supplier::{Fault, FindOutcome, FindRequest, OrderRef};

/// Looks by order id where one is known.
pub fn find(transport: &dyn Transport, request: &FindRequest) -> Result<FindOutcome, Fault> {
    let Some(id) = request.order_id.clone().filter(|id| !id.is_empty()) else {
        let why = "NDC finds orders by order id or booking reference only, and no answer told them";
        return Ok(FindOutcome::CannotTell(why.to_owned()));
    };
    let order = OrderRef { id, token: Vec::new(), timeout_ms: request.timeout_ms };
    match order::retrieve(transport, &order) {
        Ok(order) => Ok(FindOutcome::Found(order)),
        Err(fault) if fault.code.as_deref() == Some(NO_ORDER) => {
            Ok(FindOutcome::CannotTell(format!("the supplier does not know that order: {}", fault.message)))
        }
        Err(fault) => Err(fault),
    }
}
