using System.Net;
using System.Net.Sockets;

namespace SegmentEngine.Server.Webhooks;

/// <summary>
/// Which addresses are somebody's on the public internet. All others are refused, lest whoever may make a webhook reach what stands beside the server: loopback, link-local, private and otherwise special networks.
/// After IANA's registries of special-purpose addresses (RFC 6890): https://www.iana.org/assignments/iana-ipv4-special-registry, iana-ipv6-special-registry.
/// </summary>
public static class PublicAddresses
{
    private static readonly IPNetwork[] special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",

            // Of the global unicast addresses; what lies outside of them is special altogether. 2001::/23 has Teredo, 2002::/16 is 6to4: both carry an IPv4 address of anybody's choice.
            "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
        }.Select(static text => IPNetwork.Parse(text)),
    ];

    private static readonly IPNetwork globalUnicast = IPNetwork.Parse("2000::/3");

    public static bool Has(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return (plain.AddressFamily == AddressFamily.InterNetwork || globalUnicast.Contains(plain)) && !Array.Exists(special, network => network.BaseAddress.AddressFamily == plain.AddressFamily && network.Contains(plain));
    }
}
