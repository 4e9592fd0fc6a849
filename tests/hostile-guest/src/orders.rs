//! What each offer's id makes it do when it is ordered.

use crate::replies::{money, order};
use crate::search::FAR;
use interline_plugin_sdk::fault;
use interline_plugin_sdk::http::{Method, Request, Response, Transport, Wasi};
use interline_plugin_sdk::supplier::*;

/// `STEPS` in order: `get` and `post` ask the far side, the last one says how it ends.
pub fn create(request: &OrderRequest) -> Result<Order, Fault> {
    for step in request.offer_id.split(' ') {
        match step {
            "get" => drop(send(Method::Get, "/ok")?),
            "post" => drop(send(Method::Post, "/ok")?),
            "post-never" => drop(send(Method::Post, "/never")?),
            "post-cut" => drop(send(Method::Post, "/cut")?),
            "post-forbidden" => {
                drop(Wasi::within(600_000).send(Request::new(Method::Post, "https://forbidden.example.com/"))?);
            }
            "loop" => crate::search::search(&looping()).map(drop)?,
            "panic" => panic!("as asked"),
            "garbage" => return Ok(order("made", Money { exponent: 9, ..money(1) })),
            "unknown" => return Err(fault::coded(Disposition::OutcomeUnknown, "lost", "it may be there")),
            "sold-out" => return Err(fault::coded(Disposition::SoldOut, "full", "no seats")),
            "good" => return Ok(order("made", money(1))),
            other => return Err(fault::rejected(format!("no step {other}"))),
        }
    }
    Err(fault::rejected("no end"))
}

/// Loops.
pub fn retrieve(order: &OrderRef) -> Result<Order, Fault> {
    send(Method::Post, "/ok")?;
    if order.id == "loop" {
        crate::search::search(&looping()).map(drop)?;
    }
    Ok(crate::replies::order(&order.id, money(1)))
}

fn send(method: Method, path: &str) -> Result<Response, Fault> {
    let body = if method == Method::Post { b"{}".to_vec() } else { Vec::new() };
    let mut request = Request::new(method, format!("{FAR}{path}"));
    request.body = body;
    Wasi::within(600_000).send(request)
}

fn looping() -> SearchRequest {
    let departure_date = Date { year: 2027, month: 1, day: 20 };
    let slice = SliceQuery { origin: "SIN".to_owned(), destination: "NRT".to_owned(), departure_date };
    SearchRequest {
        slices: vec![slice],
        passengers: Vec::new(),
        cabin: Cabin::Economy,
        currency: None,
        point_of_sale: None,
        timeout_ms: 1,
        max_offers: 1,
    }
}
