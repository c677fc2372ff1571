//! Client addresses: single addresses and networks.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// The addresses that a token may be used from: a single address, or a network in CIDR notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressRange(IpNet);

impl AddressRange {
    /// Whether an address lies in the range. An IPv4 address that came over an IPv6 socket counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// Whether every address of the other range lies in this one.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }
}

impl fmt::Display for AddressRange {
    /// Writes a single address without its prefix length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() { self.0.addr().fmt(f) } else { self.0.fmt(f) }
    }
}

/// The error for a text that is neither an address nor a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an address must have a form such as 192.0.2.7, 192.0.2.0/24, 2001:db8::7 or 2001:db8::/32")]
pub struct InvalidAddressRange;

impl FromStr for AddressRange {
    type Err = InvalidAddressRange;

    fn from_str(text: &str) -> Result<Self, InvalidAddressRange> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self(address.to_canonical().into()));
        }
        text.parse::<IpNet>().map(|net| Self(net.trunc())).map_err(|_| InvalidAddressRange)
    }
}

#[cfg(feature = "openapi")]
crate::schema::schema_is!(
    AddressRange = crate::schema::text("An IPv4 or IPv6 address, or a network in CIDR notation.").examples([
        "192.0.2.7",
        "192.0.2.0/24",
        "2001:db8::/32"
    ])
);

impl Serialize for AddressRange {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AddressRange {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_range_is_an_address_or_a_network() {
        let range = |text: &str| text.parse::<AddressRange>();
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(range("192.0.2.0/24").unwrap().contains(ip("::ffff:192.0.2.9")));
        assert!(!range("192.0.2.0/24").unwrap().contains(ip("192.0.3.9")));
        assert!(range("2001:db8::/32").unwrap().contains(ip("2001:db8:1::1")));
        assert_eq!(range("192.0.2.7").unwrap().to_string(), "192.0.2.7");
        assert_eq!(range("192.0.2.7/24").unwrap().to_string(), "192.0.2.0/24");
        for wrong in ["", "localhost", "192.0.2.0/33", "192.0.2"] {
            assert_eq!(range(wrong), Err(InvalidAddressRange), "{wrong}");
        }
    }
}
