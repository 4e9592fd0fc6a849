//! Which addresses a request may be sent to, after its host's name was resolved.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The instance metadata services of cloud providers that answer outside link-local addresses.
const METADATA: [IpAddr; 3] = [
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
];

/// Whether a request may go there. `allow_private` adds private and loopback addresses, nothing else.
pub(crate) fn is_allowed(address: IpAddr, allow_private: bool) -> bool {
    if METADATA.contains(&address) {
        return false;
    }
    match class(address) {
        Class::Public => true,
        Class::Private => allow_private,
        Class::Never => false,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Public,
    Private,
    /// Link-local (where metadata services live), unspecified, multicast, reserved.
    Never,
}

fn class(address: IpAddr) -> Class {
    match address {
        IpAddr::V4(address) => class_v4(address),
        IpAddr::V6(address) => class_v6(address),
    }
}

fn class_v4(address: Ipv4Addr) -> Class {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        (127 | 10, ..) | (192, 168, _) => Class::Private,
        (172, 16..=31, _) | (100, 64..=127, _) => Class::Private,
        (0, ..) | (224..=255, ..) | (169, 254, _) => Class::Never,
        // IETF assignments, documentation, benchmarks.
        (192, 0, 0 | 2) | (198, 51, 100) | (203, 0, 113) | (198, 18..=19, _) => Class::Never,
        _ => Class::Public,
    }
}

fn class_v6(address: Ipv6Addr) -> Class {
    if let Some(inner) = embedded(address) {
        return class_v4(inner);
    }
    if address.is_loopback() {
        return Class::Private;
    }
    match address.segments()[0] {
        0xfc00..=0xfdff => Class::Private,
        // Global unicast is 2000::/3; of it, documentation and Teredo are not for us.
        0x2001 if matches!(address.segments()[1], 0 | 0xdb8) => Class::Never,
        0x2000..=0x3fff => Class::Public,
        _ => Class::Never,
    }
}

/// The IPv4 address that an IPv6 one stands for: mapped, NAT64, 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let from = |high: u16, low: u16| Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match segments {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => from(high, low),
        [0x2002, high, low, ..] => from(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(address: &str, allow_private: bool) -> bool {
        is_allowed(address.parse().unwrap(), allow_private)
    }

    #[test]
    fn public_addresses_are_allowed() {
        for address in ["93.184.216.34", "2606:2800:220:1::1", "8.8.8.8"] {
            assert!(allowed(address, false), "{address}");
        }
    }

    #[test]
    fn private_and_loopback_addresses_need_the_operators_word() {
        for address in ["127.0.0.1", "10.1.2.3", "172.20.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd12::1"] {
            assert!(!allowed(address, false), "{address}");
            assert!(allowed(address, true), "{address}");
        }
    }

    #[test]
    fn metadata_multicast_and_reserved_addresses_are_never_allowed() {
        let addresses = [
            "169.254.169.254",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "fe80::1",
            "ff02::1",
            "fd00:ec2::254",
            "100.100.100.200",
            "240.0.0.1",
        ];
        for address in addresses {
            assert!(!allowed(address, true), "{address}");
        }
    }

    #[test]
    fn an_address_in_ipv6_clothes_is_the_same_address() {
        for address in ["::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"] {
            assert!(!allowed(address, false), "{address}");
        }
        assert!(!allowed("::ffff:169.254.169.254", true));
    }
}
