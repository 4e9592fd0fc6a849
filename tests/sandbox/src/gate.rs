//! Where every call passes: it is named, counted, struck by the faults on order, and answered.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::StreamExt;
use http::{Response, StatusCode, request::Parts};

use crate::faults::{Kind, Operation};
use crate::supplier::Supplier;
use crate::wire::{Call, Reply};
use crate::world::World;
use crate::{duffel, ndc, stripe, travelport};

/// A hang ends at last, so that a forgotten one doesn't hold a socket for ever.
const LONGEST_HANG: Duration = Duration::from_secs(900);
const DRIPS: usize = 40;

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection was cut, as ordered")]
pub(crate) struct Cut;

/// Marks an answer that must reach the client bit by bit, and so isn't compressed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dripping;

/// The names of a supplier's operations, as in `GET /control/calls`.
pub fn operations(supplier: Supplier) -> Vec<&'static str> {
    match supplier {
        Supplier::Duffel => duffel::OPERATIONS.iter().map(|operation| operation.name).collect(),
        Supplier::Stripe => stripe::OPERATIONS.iter().map(|operation| operation.name).collect(),
        Supplier::Travelport => travelport::OPERATIONS.iter().map(|operation| operation.name).collect(),
        Supplier::Ndc => ndc::OPERATIONS.iter().map(|operation| operation.name).collect(),
    }
}

fn operation(supplier: Supplier, call: &Call) -> Operation {
    match supplier {
        Supplier::Duffel => duffel::operation(call),
        Supplier::Stripe => stripe::operation(call),
        Supplier::Travelport => travelport::operation(call),
        Supplier::Ndc => ndc::operation(call),
    }
}

async fn answer(world: &Arc<World>, supplier: Supplier, call: &Arc<Call>) -> Reply {
    if supplier == Supplier::Stripe {
        return stripe::answer(world, call).await;
    }
    // A search takes its time; the timers of other calls must not wait for it.
    let (of, asked) = (Arc::clone(world), Arc::clone(call));
    let answered = tokio::task::spawn_blocking(move || match supplier {
        Supplier::Duffel => duffel::answer(&of, &asked),
        Supplier::Travelport => travelport::answer(&of, &asked),
        Supplier::Ndc | Supplier::Stripe => ndc::answer(&of, &asked),
    });
    answered.await.unwrap_or_else(|_| refusal(world, supplier, 500))
}

/// An error of the server or of its rate limit, in the supplier's own words.
fn refusal(world: &World, supplier: Supplier, status: u16) -> Reply {
    match supplier {
        Supplier::Duffel => duffel::refusal(world, status),
        Supplier::Stripe => stripe::refusal(world, status),
        Supplier::Travelport => travelport::refusal(world, status),
        Supplier::Ndc => ndc::refusal(world, status),
    }
}

/// Answers one call to a supplier, or cuts it.
pub(crate) async fn pass(
    world: &Arc<World>,
    supplier: Supplier,
    parts: Parts,
    body: Bytes,
) -> Result<Response<Body>, Cut> {
    let prefix = supplier.name().len() + 1;
    let mut call = Call {
        path: parts.uri.path().get(prefix..).unwrap_or("/").to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        method: parts.method,
        headers: parts.headers,
        body,
        faults: Default::default(),
    };
    let operation = operation(supplier, &call);
    world.calls.count(supplier, operation.name);
    call.faults = world.faults.take(supplier, &operation);
    let latency = call.faults.latency();
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    for kind in call.faults.kinds() {
        match kind {
            Kind::Hang {} => {
                tokio::time::sleep(LONGEST_HANG).await;
                return Err(Cut);
            }
            Kind::Cut {} => return Err(Cut),
            Kind::Status { status } => return Ok(whole(refusal(world, supplier, *status))),
            Kind::RateLimited { retry_after_s } => {
                let reply = refusal(world, supplier, 429).with("retry-after", retry_after_s.to_string());
                return Ok(whole(reply));
            }
            _ => {}
        }
    }
    let call = Arc::new(call);
    let reply = answer(world, supplier, &call).await;
    after(&call, reply)
}

/// What goes wrong once it is done.
fn after(call: &Call, mut reply: Reply) -> Result<Response<Body>, Cut> {
    let mut drip = None;
    for kind in call.faults.kinds() {
        match kind {
            Kind::LostAnswer {} => return Err(Cut),
            Kind::Malformed {} => reply.body = garble(&reply.body),
            Kind::SlowDrip { total_ms } => drip = Some(Duration::from_millis(*total_ms)),
            _ => {}
        }
    }
    Ok(match drip {
        Some(total) => drip_by_drip(reply, total),
        None => whole(reply),
    })
}

fn garble(body: &Bytes) -> Bytes {
    let mut garbled = body.slice(..body.len() / 2).to_vec();
    garbled.extend_from_slice(b"\x00<{ here the line went dead");
    garbled.into()
}

fn whole(reply: Reply) -> Response<Body> {
    let body = Body::from(reply.body.clone());
    head(&reply, body)
}

fn drip_by_drip(reply: Reply, total: Duration) -> Response<Body> {
    let size = reply.body.len().div_ceil(DRIPS).max(1);
    let drips: Vec<Bytes> = reply.body.chunks(size).map(Bytes::copy_from_slice).collect();
    let pause = total / u32::try_from(drips.len().max(1)).unwrap_or(1);
    let stream = futures::stream::iter(drips).then(move |drip| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, std::convert::Infallible>(drip)
    });
    let mut response = head(&reply, Body::from_stream(stream));
    response.extensions_mut().insert(Dripping);
    response
}

fn head(reply: &Reply, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(reply.content_type));
    for (name, value) in &reply.headers {
        if let Ok(value) = http::HeaderValue::from_str(value) {
            headers.insert(*name, value);
        }
    }
    response
}
