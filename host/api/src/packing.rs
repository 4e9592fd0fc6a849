//! Which packing of a body a client takes.

use http::HeaderMap;
use http::header::ACCEPT_ENCODING;
use interline_search::Packing;

/// The packing that the client likes best, zstd before gzip; none: the body as it is (RFC 9110, 12.5.3).
pub fn accepted(headers: &HeaderMap) -> Option<Packing> {
    let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let weights: Vec<(&str, f32)> = lines.flat_map(|line| line.split(',')).map(weight).collect();
    let of = |name: &str| {
        let told = weights.iter().find(|(coding, _)| coding.eq_ignore_ascii_case(name));
        told.or_else(|| weights.iter().find(|(coding, _)| *coding == "*")).map_or(0.0, |(_, weight)| *weight)
    };
    let (zstd, gzip) = (of("zstd"), of("gzip"));
    match zstd.max(gzip) {
        none if none <= 0.0 => None,
        _ if zstd >= gzip => Some(Packing::Zstd),
        _ => Some(Packing::Gzip),
    }
}

/// `gzip;q=0.5`
fn weight(coding: &str) -> (&str, f32) {
    let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
    let weight = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("q="));
    (name.trim(), weight.map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_client_gets_what_it_likes_best_and_never_what_it_refuses() {
        let accepted = |text: &'static str| {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(text))]);
            accepted(&headers)
        };
        assert_eq!(accepted("gzip, deflate, br, zstd"), Some(Packing::Zstd));
        assert_eq!(accepted("GZIP;q=1.0, zstd;q=0.5"), Some(Packing::Gzip));
        assert_eq!(accepted("br, deflate"), None);
        assert_eq!(accepted("zstd;q=0, gzip;q=0"), None);
        assert_eq!(accepted("zstd;q=0, *"), Some(Packing::Gzip));
        assert_eq!(accepted("identity"), None);
        assert_eq!(super::accepted(&HeaderMap::new()), None);
    }
}
