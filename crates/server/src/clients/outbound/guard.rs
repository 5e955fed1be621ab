//! Which addresses may be connected to. Destinations are entered by people whom the operator may
//! not know, so that nothing behind the operator's walls may be reached through us (FIELD cases
//! 50 and 51).

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 networks that are nobody's on the public internet, and one that is a cloud's own.
const CLOSED_V4: [([u8; 4], u8, &str); 17] = [
    ([0, 0, 0, 0], 8, "this network"),
    ([10, 0, 0, 0], 8, "private"),
    ([100, 64, 0, 0], 10, "behind a carrier's NAT"),
    ([127, 0, 0, 0], 8, "this machine"),
    ([168, 63, 129, 16], 32, "a cloud's metadata"),
    ([169, 254, 0, 0], 16, "link-local or a cloud's metadata"),
    ([172, 16, 0, 0], 12, "private"),
    ([192, 0, 0, 0], 24, "reserved"),
    ([192, 0, 2, 0], 24, "for documents only"),
    ([192, 88, 99, 0], 24, "a 6to4 relay"),
    ([192, 168, 0, 0], 16, "private"),
    ([198, 18, 0, 0], 15, "for measurements only"),
    ([198, 51, 100, 0], 24, "for documents only"),
    ([203, 0, 113, 0], 24, "for documents only"),
    ([224, 0, 0, 0], 4, "multicast"),
    ([240, 0, 0, 0], 4, "reserved"),
    ([255, 255, 255, 255], 32, "broadcast"),
];

/// IPv6 networks within `2000::/3` that lead somewhere else; all outside it is closed anyway.
const CLOSED_V6: [([u16; 8], u8, &str); 5] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, "a tunnel or reserved"),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, "for documents only"),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, "a 6to4 tunnel"),
    ([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48, "reserved"),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, "for documents only"),
];

/// What may be connected to: the public internet, and the networks that the operator named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    allowed: Vec<IpNet>,
}

impl Guard {
    /// Also allows these networks.
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    /// Why this address may not be connected to; `None`: it may.
    pub fn objection(&self, address: IpAddr) -> Option<&'static str> {
        // ::ffff:10.0.0.1 is 10.0.0.1, whatever it looks like.
        let address = address.to_canonical();
        if self.allowed.iter().any(|net| net.contains(&address)) {
            return None;
        }
        match address {
            IpAddr::V4(address) => closed_v4(address),
            IpAddr::V6(address) => closed_v6(address),
        }
    }
}

fn closed_v4(address: Ipv4Addr) -> Option<&'static str> {
    let mut closed = CLOSED_V4.iter().filter_map(|(start, bits, what)| {
        let net = Ipv4Net::new(Ipv4Addr::from(*start), *bits).ok()?;
        net.contains(&address).then_some(*what)
    });
    // The narrower of two says more: 255.255.255.255 is also reserved.
    closed.next_back()
}

/// Of IPv6 only what is given out as global is open: that leaves out `::1`, `::10.0.0.1`,
/// `64:ff9b::` (NAT64), `fc00::/7`, `fe80::/10`, multicast and all that is yet to be given out.
fn closed_v6(address: Ipv6Addr) -> Option<&'static str> {
    let first = address.segments().first().copied().unwrap_or_default();
    if first & 0xe000 != 0x2000 {
        return Some("not on the public internet");
    }
    CLOSED_V6.iter().find_map(|(start, bits, what)| {
        let net = Ipv6Net::new(Ipv6Addr::from(*start), *bits).ok()?;
        net.contains(&address).then_some(*what)
    })
}

/// Reads the operator's list: networks (`10.1.0.0/16`, `fd00::/8`) or single addresses.
pub fn read_networks(texts: &[String]) -> Result<Vec<IpNet>, String> {
    let read = |text: &String| {
        let text = text.trim();
        let net = text.parse::<IpNet>().ok();
        let single = || text.parse::<IpAddr>().ok().map(IpNet::from);
        net.or_else(single)
            .ok_or_else(|| format!("\"{text}\" is no network such as 10.1.0.0/16"))
    };
    texts.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allowed: &[&str]) -> Guard {
        let texts: Vec<_> = allowed.iter().map(|text| (*text).to_owned()).collect();
        Guard::new(read_networks(&texts).unwrap())
    }

    #[test]
    fn what_is_not_public_is_closed() {
        // FIELD case 50
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::7f00:1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2620:4f:8000::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            let address: IpAddr = address.parse().unwrap();
            assert!(guard(&[]).objection(address).is_some(), "{address}");
        }
    }

    #[test]
    fn what_is_public_is_open() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:1.1.1.1",
            "2001:200::1",
            "2606:4700::1111",
            "2a00::1",
        ] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(guard(&[]).objection(address), None, "{address}");
        }
    }

    #[test]
    fn the_operator_opens_networks_and_nothing_beside_them() {
        let guard = guard(&["10.1.0.0/16", "127.0.0.1", " fd00:1::/32"]);
        for (address, open) in [
            ("10.1.255.255", true),
            ("10.2.0.0", false),
            ("127.0.0.1", true),
            ("127.0.0.2", false),
            ("::ffff:10.1.0.1", true),
            ("fd00:1::5", true),
            ("fd00:2::5", false),
            ("64:ff9b::a01:1", false),
        ] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(guard.objection(address).is_none(), open, "{address}");
        }
    }

    #[test]
    fn a_network_that_is_none_is_named() {
        let error = read_networks(&["10.0.0.0/8".to_owned(), "intranet".to_owned()]);
        assert!(error.unwrap_err().contains("\"intranet\""));
    }
}
