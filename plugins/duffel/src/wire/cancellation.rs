//! Order cancellations.

use serde::Deserialize;

/// A cancellation: pending until it is confirmed.
#[derive(Debug, Clone, Deserialize)]
pub struct Cancellation {
    pub id: String,
    #[serde(default)]
    pub order_id: Option<String>,
    /// None: the airline does not tell before.
    #[serde(default)]
    pub refund_amount: Option<String>,
    #[serde(default)]
    pub refund_currency: Option<String>,
    /// `balance`, `arc_bsp_cash`, `card`, `awaiting_payment`, or what is no money: `voucher`, `airline_credits`.
    #[serde(default)]
    pub refund_to: Option<String>,
    #[serde(default)]
    pub expires_at: Option<String>,
    #[serde(default)]
    pub confirmed_at: Option<String>,
}
