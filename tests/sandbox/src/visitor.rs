//! A client for the tests of this crate.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::{Config, Sandbox, Supplier};

/// A sandbox and someone who calls it.
pub(crate) struct Visitor {
    pub sandbox: Sandbox,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }
}

impl Visitor {
    pub async fn arrive() -> Self {
        Visitor::with(Config::on_a_free_port()).await
    }

    pub async fn with(config: Config) -> Self {
        let sandbox = Sandbox::start(config).await.unwrap();
        Visitor { sandbox, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// None: the connection was cut.
    pub async fn call(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Option<Answer> {
        let mut request = http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.client.request(request.body(Full::new(body.into())).unwrap()).await.ok()?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    pub async fn duffel(&self, method: &str, path: &str, body: Value) -> Option<Answer> {
        let url = format!("{}{path}", self.sandbox.url(Supplier::Duffel));
        let headers = [
            ("authorization", "Bearer duffel_test_sandbox"),
            ("duffel-version", "v2"),
            ("content-type", "application/json"),
        ];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.call(method, &url, &headers, body).await
    }

    pub async fn stripe(&self, method: &str, path: &str, form: &str, key: &str) -> Option<Answer> {
        let url = format!("{}{path}", self.sandbox.url(Supplier::Stripe));
        let mut headers =
            vec![("authorization", "Bearer sk_test_sandbox"), ("content-type", "application/x-www-form-urlencoded")];
        if !key.is_empty() {
            headers.push(("idempotency-key", key));
        }
        self.call(method, &url, &headers, form.to_owned()).await
    }

    pub async fn control(&self, method: &str, path: &str, body: Value) -> Answer {
        let url = format!("http://{}/control{path}", self.sandbox.addr());
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.call(method, &url, &[], body).await.unwrap()
    }
}

/// Waits until it is so; gives up, and says so, after a while.
pub(crate) async fn until(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain until {what}");
}
