//! Every route, and who may reach it.

mod operation;

pub use operation::operation;

use crate::auth::access::admit;
use crate::auth::key::Scope;
use crate::problem::{Problem, catalog};
use crate::routes::{bookings, cancellations, documents, events, flights, health, offers, payments, stream, webhooks};
use crate::stack;
use crate::state::Api;
use axum::Router;
use axum::middleware::from_fn_with_state;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The whole application, its layers around it.
pub fn build(api: &Api) -> Router {
    let (routes, document) = parts(api);
    let routes = routes
        .merge(documents::serve(document))
        .fallback(|| async { Problem::new(&catalog::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { Problem::new(&catalog::METHOD_NOT_ALLOWED) })
        .with_state(api.clone());
    stack::wrap(routes, api)
}

fn parts(api: &Api) -> (Router<Api>, OpenApi) {
    let behind = |scope: Scope| from_fn_with_state((api.clone(), scope), admit);
    let searching = OpenApiRouter::new()
        .routes(routes!(flights::search, flights::search_trip))
        .routes(routes!(stream::stream))
        .routes(routes!(offers::verify))
        .route_layer(behind(Scope::Search));
    let booking = OpenApiRouter::new()
        .routes(routes!(bookings::create, bookings::list))
        .routes(routes!(bookings::read))
        .routes(routes!(events::events))
        .routes(routes!(payments::create))
        .route_layer(behind(Scope::Book));
    let cancelling = OpenApiRouter::new()
        .routes(routes!(cancellations::quote))
        .routes(routes!(cancellations::cancel))
        .route_layer(behind(Scope::Cancel));
    // A provider has no API key: its signature is checked by its component.
    let providers = OpenApiRouter::new().routes(routes!(webhooks::receive));
    let operation = OpenApiRouter::new()
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics));
    OpenApiRouter::with_openapi(documents::frame())
        .merge(searching)
        .merge(booking)
        .merge(cancelling)
        .merge(providers)
        .merge(operation)
        .split_for_parts()
}

#[cfg(test)]
mod tests;
