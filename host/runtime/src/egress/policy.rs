//! Where a component's requests may go: its manifest AND its operator's grant.

use crate::config::Grant;
use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};
use std::collections::BTreeMap;
use url::Url;

/// Manifest and grant, of one component.
pub(crate) struct Policy {
    wanted: Vec<String>,
    granted: Vec<String>,
    endpoints: BTreeMap<String, Endpoint>,
    pub(crate) allow_private: bool,
}

/// Another place that the operator sends a host's requests to.
struct Endpoint {
    scheme: Scheme,
    authority: Authority,
    /// Put before each path; without a slash at its end.
    prefix: String,
}

/// A request's way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// What is connected to.
    pub(crate) uri: Uri,
    /// The host as the guest named it, and as it is reached: `host` or `host:port`.
    pub(crate) names: [String; 2],
}

impl Policy {
    /// Refuses endpoints that are no base URLs.
    pub(crate) fn new(wanted: &[String], grant: &Grant) -> Result<Self, String> {
        let lower = |hosts: &[String]| hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        let endpoint = |(host, url): (&String, &Url)| Ok((host.to_ascii_lowercase(), Endpoint::new(host, url)?));
        Ok(Self {
            wanted: lower(wanted),
            granted: lower(&grant.hosts),
            endpoints: grant.endpoints.iter().map(endpoint).collect::<Result<_, String>>()?,
            allow_private: grant.allow_private,
        })
    }

    /// Where a request of the guest goes; else why it does not.
    pub(crate) fn target(&self, uri: &Uri) -> Result<Target, String> {
        let scheme = uri.scheme().unwrap_or(&Scheme::HTTPS);
        let asked = uri.authority().filter(|asked| !asked.as_str().contains('@')).ok_or("a request without a host")?;
        let name = name(asked, scheme);
        if !self.wanted.contains(&name) {
            return Err(format!("a request to {name}, which its manifest does not name"));
        }
        let target = match self.endpoints.get(&name) {
            Some(endpoint) => Target { uri: endpoint.join(uri)?, names: [name, endpoint.name()] },
            None if *scheme == Scheme::HTTPS || self.allow_private => {
                Target { uri: uri.clone(), names: [name.clone(), name] }
            }
            None => return Err(format!("a request to {name} without TLS")),
        };
        if !target.names.iter().any(|name| self.granted.contains(name)) {
            return Err(format!("a request to {}, which its operator does not grant", target.names[0]));
        }
        Ok(target)
    }
}

impl Endpoint {
    fn new(host: &str, url: &Url) -> Result<Self, String> {
        let refused = || format!("endpoint of {host}: `{url}` is not an http(s) URL of a host, a port and a path");
        let uri: Uri = url.as_str().parse().map_err(|_| refused())?;
        let parts = uri.into_parts();
        let scheme = parts.scheme.filter(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS);
        let authority = parts.authority.filter(|authority| !authority.as_str().contains('@'));
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused());
        }
        Ok(Self {
            scheme: scheme.ok_or_else(refused)?,
            authority: authority.ok_or_else(refused)?,
            prefix: url.path().trim_end_matches('/').to_owned(),
        })
    }

    fn name(&self) -> String {
        name(&self.authority, &self.scheme)
    }

    fn join(&self, uri: &Uri) -> Result<Uri, String> {
        let path = uri.path();
        // A far side that resolves them would be led out of the prefix.
        let climbs =
            path.split('/').any(|segment| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), ".."));
        if climbs {
            return Err("a request whose path climbs".to_owned());
        }
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        let path: PathAndQuery =
            format!("{}{path}{query}", self.prefix).parse().map_err(|_| "a request without a path".to_owned())?;
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(path)
            .build()
            .map_err(|error| error.to_string())
    }
}

/// `host`, or `host:port` where the port is not the scheme's own; lower case.
fn name(authority: &Authority, scheme: &Scheme) -> String {
    let host = authority.host().to_ascii_lowercase();
    let own = if *scheme == Scheme::HTTP { 80 } else { 443 };
    match authority.port_u16() {
        Some(port) if port != own => format!("{host}:{port}"),
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(granted: &[&str], endpoint: Option<&str>) -> Policy {
        let endpoints = endpoint.map(|url| ("api.example.com".to_owned(), url.parse().unwrap()));
        let grant = Grant {
            hosts: granted.iter().map(|host| (*host).to_owned()).collect(),
            endpoints: endpoints.into_iter().collect(),
            ..Grant::default()
        };
        Policy::new(&["api.example.com".to_owned()], &grant).unwrap()
    }

    fn target(policy: &Policy, uri: &'static str) -> Result<String, String> {
        policy.target(&Uri::from_static(uri)).map(|target| target.uri.to_string())
    }

    #[test]
    fn both_the_manifest_and_the_grant_must_name_a_host() {
        let both = policy(&["api.example.com"], None);
        assert!(target(&both, "https://API.example.com/a?b=c").is_ok());
        assert!(target(&both, "https://evil.example.com/").unwrap_err().contains("manifest"));
        assert!(target(&both, "https://api.example.com:8443/").is_err());
        assert!(target(&both, "https://user@api.example.com/").is_err());
        assert!(target(&policy(&[], None), "https://api.example.com/").unwrap_err().contains("grant"));
        assert!(target(&policy(&["evil.example.com"], None), "https://evil.example.com/").is_err());
    }

    #[test]
    fn without_tls_nothing_leaves() {
        assert!(target(&policy(&["api.example.com"], None), "http://api.example.com/").unwrap_err().contains("TLS"));
    }

    #[test]
    fn an_endpoint_leads_elsewhere_under_its_prefix() {
        let routed = policy(&["127.0.0.1:8090"], Some("http://127.0.0.1:8090/duffel/"));
        let uri = target(&routed, "https://api.example.com/air/orders?x=1").unwrap();
        assert_eq!(uri, "http://127.0.0.1:8090/duffel/air/orders?x=1");
        for climbing in ["https://api.example.com/../control", "https://api.example.com/a/%2E%2e/b"] {
            assert!(target(&routed, climbing).unwrap_err().contains("climbs"));
        }
    }

    #[test]
    fn an_endpoint_that_is_not_granted_leads_nowhere() {
        assert!(target(&policy(&[], Some("http://127.0.0.1:8090")), "https://api.example.com/").is_err());
    }
}
