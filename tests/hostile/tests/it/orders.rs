//! What may follow when an order's call is stopped: the property on which "never twice" rests, on a real component.

use interline_domain::fault::{Disposition, Fault};
use interline_hostile::{Lab, contract_order};
use interline_runtime::{LimitOverrides, OrderRef};
use std::time::Duration;

fn limits() -> LimitOverrides {
    LimitOverrides { call_timeout_ms: Some(1000), ..Default::default() }
}

async fn disposition(lab: &Lab, steps: &str) -> Disposition {
    let supplier = lab.supplier("hostile").unwrap();
    let result = supplier.create_order(&contract_order(steps).unwrap()).await;
    result.map(|_| ()).map_err(|fault: Fault| fault.disposition).unwrap_err()
}

#[tokio::test]
async fn stopped_after_a_request_that_may_have_made_it_the_outcome_is_unknown() {
    let lab = Lab::start(&["hostile"], limits()).await.unwrap();
    for steps in ["post-never", "post loop", "post panic", "post garbage", "get post panic", "post unknown"] {
        assert_eq!(disposition(&lab, steps).await, Disposition::OutcomeUnknown, "{steps}");
    }
}

#[tokio::test]
async fn stopped_before_any_such_request_it_may_be_tried_again() {
    let lab = Lab::start(&["hostile"], limits()).await.unwrap();
    for steps in ["loop", "panic", "get panic", "get loop", "garbage", "unknown"] {
        let disposition = disposition(&lab, steps).await;
        assert!(matches!(disposition, Disposition::RetryAfter { .. }), "{steps}: {disposition:?}");
    }
}

#[tokio::test]
async fn a_request_that_no_connection_took_never_left() {
    let mut lab = Lab::start(&["hostile"], limits()).await.unwrap();
    // Nobody listens there any more.
    lab.far.stop().await;
    let disposition = disposition(&lab, "post").await;
    assert!(matches!(disposition, Disposition::RetryAfter { .. }), "{disposition:?}");
}

#[tokio::test]
async fn the_far_sides_own_word_stands() {
    let lab = Lab::start(&["hostile"], limits()).await.unwrap();
    assert_eq!(disposition(&lab, "post sold-out").await, Disposition::SoldOut);
    assert_eq!(disposition(&lab, "post-forbidden").await, Disposition::Rejected);
    let made = lab.supplier("hostile").unwrap().create_order(&contract_order("post good").unwrap()).await.unwrap();
    assert_eq!((made.id.as_str(), made.locator.as_str()), ("made", "ABC123"));
}

#[tokio::test]
async fn reading_an_order_is_never_of_unknown_outcome() {
    let lab = Lab::start(&["hostile"], limits()).await.unwrap();
    let order = OrderRef { id: "loop".to_owned(), token: Vec::new(), timeout: Duration::from_millis(300) };
    let fault = lab.supplier("hostile").unwrap().retrieve_order(&order).await.unwrap_err();
    assert!(matches!(fault.disposition, Disposition::RetryAfter { .. }), "{fault:?}");
    assert_eq!(lab.far.seen("/ok"), 1);
}
