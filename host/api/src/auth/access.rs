//! Letting requests in: by API key, scope and bucket, and by user where a booking is concerned.

use super::jwks::Unproven;
use super::key::{ApiKey, Scope, Secret};
use super::user;
use crate::problem::{Problem, catalog};
use crate::state::Api;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use interline_booking::{ApiKeyId, Caller, UserId};
use std::sync::Arc;

/// The API key that a request came with; there on every route behind [`admit`].
#[derive(Clone)]
pub struct Client(pub Arc<ApiKey>);

/// The API key and the user that a request came with.
pub struct Account {
    /// Both, as the write path wants them.
    pub caller: Caller,
}

/// Lets a request through if its API key has the scope and requests left.
pub async fn admit(State((api, scope)): State<(Api, Scope)>, mut request: Request, next: Next) -> Response {
    let key = match authenticate(&api, request.headers()).await {
        Ok(key) => key,
        Err(problem) => return problem.into_response(),
    };
    tracing::Span::current().record("api_key", tracing::field::display(key.id));
    let verdict = api.limits().key(&key.rate_plan, key.id).take().await;
    let mut response = if let Some(wait) = verdict.wait {
        Problem::new(&catalog::RATE_LIMITED).detail("the API key's limit is reached").retry_after(wait).into_response()
    } else if !key.scopes.contains(&scope) {
        Problem::new(&catalog::FORBIDDEN).with("scope", scope.as_str()).into_response()
    } else {
        request.extensions_mut().insert(Client(key));
        next.run(request).await
    };
    verdict.write(response.headers_mut());
    response
}

/// The key that a request came with.
pub(crate) async fn authenticate(api: &Api, headers: &HeaderMap) -> Result<Arc<ApiKey>, Problem> {
    let refused = || {
        let challenge = HeaderValue::from_static("Bearer realm=\"interline\"");
        Problem::new(&catalog::UNAUTHENTICATED).header(WWW_AUTHENTICATE, challenge)
    };
    let presented = match headers.get("x-api-key") {
        Some(value) => value.to_str().ok(),
        None => bearer(headers),
    };
    let secret = presented.and_then(Secret::parse).ok_or_else(refused)?;
    let known = api.keys().find(secret.hash()).await.map_err(|error| {
        tracing::error!(%error, "API keys cannot be looked up");
        Problem::new(&catalog::UNAVAILABLE).retry_after(std::time::Duration::from_secs(1))
    })?;
    known.ok_or_else(refused)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::internal("a route is not behind `admit`"))
    }
}

impl FromRequestParts<Api> for Account {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let Client(key) = Client::from_request_parts(parts, api).await?;
        let refused = |detail: String| {
            let challenge = HeaderValue::from_static("Bearer realm=\"interline users\", error=\"invalid_token\"");
            Problem::new(&catalog::USER_TOKEN).detail(detail).header(WWW_AUTHENTICATE, challenge)
        };
        let tokens = key.users.as_ref().ok_or_else(|| refused(user::TokenError::NoUsers.to_string()))?;
        let token = match parts.headers.get("x-user-token") {
            Some(value) => value.to_str().ok(),
            // With the API key in its own header, `Authorization` is the user's.
            None if parts.headers.contains_key("x-api-key") => bearer(&parts.headers),
            None => None,
        };
        let token = token.ok_or_else(|| refused("the user's token is missing".to_owned()))?;
        let user = api.jwks().user(token, tokens).await.map_err(|error| match error {
            Unproven::Token(error) => refused(error.to_string()),
            error @ Unproven::NoKeys { retry_after } => {
                Problem::new(&catalog::UNAVAILABLE).detail(error.to_string()).retry_after(retry_after)
            }
        })?;
        Ok(Self { caller: Caller { api_key: ApiKeyId(key.id), user: UserId(user) } })
    }
}
