//! Tells addresses on the public internet from those that lead into a private network.
//!
//! A webhook makes the server send a request for a stranger. It must not reach hosts that only the server can reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Describes an address that is not on the public internet, in words that complete "it is a … address"; `None` for a
/// public address.
///
/// The ranges are those of the IANA special-purpose registries
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>,
/// <https://www.iana.org/assignments/iana-ipv6-special-registry>) that are not globally reachable. For an IPv6 address
/// that carries an IPv4 address (mapped, NAT64, 6to4), the IPv4 address decides.
///
/// ```
/// use recto_domain::public_address::why_not_public;
///
/// assert_eq!(why_not_public("10.0.0.1".parse().unwrap()), Some("private"));
/// assert_eq!(why_not_public("9.9.9.9".parse().unwrap()), None);
/// ```
#[must_use]
pub fn why_not_public(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => why_not_public_v4(address),
        IpAddr::V6(address) => match carried_v4(address) {
            Some(carried) => why_not_public_v4(carried),
            None => why_not_public_v6(address),
        },
    }
}

fn why_not_public_v4(address: Ipv4Addr) -> Option<&'static str> {
    match address.octets() {
        [0, 0, 0, 0] => Some("unspecified"),
        [127, ..] => Some("loopback"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some("private"),
        [100, 64..=127, ..] => Some("carrier-grade NAT"),
        [169, 254, ..] => Some("link-local"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Some("documentation"),
        [198, 18..=19, ..] => Some("benchmarking"),
        [224..=239, ..] => Some("multicast"),
        [255, 255, 255, 255] => Some("broadcast"),
        [0 | 240..=255, ..] | [192, 0, 0, _] | [192, 88, 99, _] => Some("reserved"),
        _ => None,
    }
}

fn why_not_public_v6(address: Ipv6Addr) -> Option<&'static str> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some("unspecified"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("loopback"),
        [0xfc00..=0xfdff, ..] => Some("private"),
        [0xfe80..=0xfebf, ..] => Some("link-local"),
        [0xfec0..=0xfeff, ..] => Some("site-local"),
        [0xff00..=0xffff, ..] => Some("multicast"),
        [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => Some("documentation"),
        // Teredo, ORCHID and other protocols; no server has such an address.
        [0x2001, 0..=0x01ff, ..] => Some("reserved"),
        [0x2000..=0x3fff, ..] => None,
        // Only 2000::/3 is allocated.
        _ => Some("reserved"),
    }
}

/// The IPv4 address that an IPv6 address carries.
fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Some(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x0064, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            v4(high, low)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn why(text: &str) -> Option<&'static str> {
        why_not_public(text.parse().unwrap())
    }

    #[test]
    fn addresses_of_ones_own_network_are_told_from_public_ones() {
        for (text, expected) in [
            ("127.0.0.1", Some("loopback")),
            ("10.1.2.3", Some("private")),
            ("172.16.0.1", Some("private")),
            ("172.31.255.255", Some("private")),
            ("172.32.0.1", None),
            ("192.168.0.1", Some("private")),
            ("169.254.169.254", Some("link-local")),
            ("100.64.0.1", Some("carrier-grade NAT")),
            ("100.128.0.1", None),
            ("0.0.0.0", Some("unspecified")),
            ("0.1.2.3", Some("reserved")),
            ("198.51.100.7", Some("documentation")),
            ("224.0.0.251", Some("multicast")),
            ("255.255.255.255", Some("broadcast")),
            ("8.8.8.8", None),
            ("::1", Some("loopback")),
            ("::", Some("unspecified")),
            ("fd00::1", Some("private")),
            ("fe80::1", Some("link-local")),
            ("ff02::1", Some("multicast")),
            ("2001:db8::1", Some("documentation")),
            ("2001::1", Some("reserved")),
            ("::127.0.0.1", Some("reserved")),
            ("::ffff:127.0.0.1", Some("loopback")),
            ("::ffff:8.8.8.8", None),
            ("64:ff9b::10.0.0.1", Some("private")),
            ("2002:7f00:1::", Some("loopback")),
            ("2606:4700::1111", None),
        ] {
            assert_eq!(why(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_the_standard_library_knows_as_not_public_is_refused(bits: u32) {
            let address = Ipv4Addr::from(bits);
            if address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast()
                || address.is_unspecified() || address.is_broadcast() || address.is_documentation()
            {
                prop_assert!(why_not_public(address.into()).is_some());
            }
        }

        #[test]
        fn an_ipv4_address_is_judged_the_same_however_it_is_carried(bits: u32) {
            let address = Ipv4Addr::from(bits);
            let [a, b, c, d] = address.octets().map(u16::from);
            let (high, low) = (a << 8 | b, c << 8 | d);
            for carrier in [
                address.to_ipv6_mapped(),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
            ] {
                prop_assert_eq!(why_not_public(carrier.into()), why_not_public(address.into()));
            }
        }

        #[test]
        fn what_is_not_given_out_is_refused(bits: u128) {
            let address = Ipv6Addr::from(bits);
            let given_out = address.segments()[0] >> 13 == 1;
            if !given_out && carried_v4(address).is_none() {
                prop_assert!(why_not_public(address.into()).is_some());
            }
        }

        #[test]
        fn private_ranges_are_refused_to_their_last_address(bits: u32) {
            for (network, prefix) in [(0x0a00_0000_u32, 8), (0xac10_0000, 12), (0xc0a8_0000, 16), (0x7f00_0000, 8),
                (0xa9fe_0000, 16), (0x6440_0000, 10)]
            {
                let address = Ipv4Addr::from(network | bits >> prefix);
                prop_assert!(why_not_public(address.into()).is_some(), "{}", address);
            }
        }
    }
}
