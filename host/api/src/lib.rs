//! HTTP: routes, authentication, rate limits, problems, events, OpenAPI.
