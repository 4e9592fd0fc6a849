//! An answer's head. Each thread has one for all searches that are answered alike: what every request reads stays in the
//! processor's caches, where a thousand copies would not.

use super::Known;
use crate::auth::access::Client;
use crate::limits::{self, Bucket, Limits, Verdict};
use crate::trace::{self, REQUEST_ID, TRACEPARENT};
use arc_swap::ArcSwapOption;
use http::header::VARY;
use http::{HeaderMap, HeaderName, HeaderValue};
use interline_runtime::TraceContext;
use std::net::IpAddr;
use std::sync::Arc;
use uuid::Uuid;

/// Of which each answer has its own, at the end of its head in this order: that of [`Verdict::values`] and [`trace::values`].
static OWN: [HeaderName; 4] = [limits::LIMIT, limits::POLICY, REQUEST_ID, TRACEPARENT];

/// Shared with no other thread.
pub struct Head {
    headers: HeaderMap,
    client: Client,
    /// Of the API key.
    pub key: Bucket<Uuid>,
    /// Of the address that asked last.
    address: ArcSwapOption<Bucket<IpAddr>>,
}

impl Head {
    /// For what is known of a search.
    pub fn of(known: &Known, limits: &Limits) -> Self {
        let mut headers = known.headers.clone();
        // Others are static; these are put together by the layer that knows of origins.
        let made = headers.iter_mut().filter(|(name, _)| **name == VARY || name.as_str().starts_with("access-"));
        for (_, value) in made {
            *value = HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone());
        }
        Self::new(headers, known.asked.client.clone(), limits)
    }

    fn new(headers: HeaderMap, client: Client, limits: &Limits) -> Self {
        let key = limits.key(&client.0.rate_plan, client.0.id);
        Self { headers, client, key, address: ArcSwapOption::empty() }
    }

    /// Whether another search is answered alike.
    pub fn serves(&self, known: &Known) -> bool {
        *self.client.0 == *known.asked.client.0 && self.headers == known.headers
    }

    /// The bucket of an address.
    pub fn address(&self, limits: &Limits, address: IpAddr) -> Arc<Bucket<IpAddr>> {
        if let Some(bucket) = &*self.address.load()
            && *bucket.key() == limits::client(address)
        {
            return Arc::clone(bucket);
        }
        let bucket = Arc::new(limits.address(address));
        self.address.store(Some(Arc::clone(&bucket)));
        bucket
    }

    /// One answer's.
    pub fn written(&self, verdict: &Verdict, place: TraceContext) -> HeaderMap {
        let mut headers = self.headers.clone();
        let own = verdict.values().into_iter().chain(trace::values(place));
        // The last, as they were put there: four names need not be looked for.
        let others = headers.len() - OWN.len();
        headers.values_mut().skip(others).zip(own).for_each(|(place, own)| *place = own);
        headers
    }
}

/// Makes place at the end for what each answer has its own of.
pub fn blank(headers: &mut HeaderMap) {
    for name in &OWN {
        headers.remove(name);
    }
    for name in &OWN {
        headers.insert(name, HeaderValue::from_static(""));
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::auth::key::{ApiKey, Market};
    use crate::limits::RatePlan;
    use http::header::CONTENT_TYPE;
    use std::collections::BTreeMap;

    pub fn limits() -> Limits {
        let plan = RatePlan { per_second: 5, burst: 10 };
        Limits::new(plan, &BTreeMap::from([("standard".to_owned(), plan)]), None)
    }

    /// A client whose key has this rate plan.
    pub fn client(plan: &str) -> Client {
        Client(Arc::new(ApiKey {
            id: Uuid::from_u128(1),
            name: String::new(),
            scopes: Vec::new(),
            rate_plan: plan.to_owned(),
            market: Market {
                point_of_sale: "GB".to_owned(),
                channel: "web".to_owned(),
                customer_segment: "retail".to_owned(),
                currency: "GBP".parse().unwrap(),
                credential_set: "default".to_owned(),
            },
            users: None,
        }))
    }

    #[tokio::test]
    async fn a_head_is_written_as_if_each_of_its_own_had_been_looked_for() {
        let mut headers = HeaderMap::new();
        for (name, value) in
            [(REQUEST_ID, "a"), (CONTENT_TYPE, "b"), (limits::LIMIT, "c"), (VARY, "d"), (VARY, ""), (TRACEPARENT, "f")]
        {
            headers.append(name, HeaderValue::from_static(value));
        }
        blank(&mut headers);
        let limits = limits();
        let head = Head::new(headers.clone(), client("standard"), &limits);
        let (verdict, place) = (head.key.take().await, TraceContext::begin());
        verdict.overwrite(&mut headers);
        trace::tell(place, &mut headers);
        assert_eq!(head.written(&verdict, place), headers);
        assert_eq!(headers[limits::LIMIT], "\"key\";r=9;t=1");
        assert_eq!(headers.values().filter(|value| value.is_empty()).count(), 1, "what is empty stays so");
    }
}
