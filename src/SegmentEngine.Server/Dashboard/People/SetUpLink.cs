using System.Security.Cryptography;
using System.Text;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Dashboard.People;

/// <summary>The link by which the first person comes in: told to whoever starts the server, another at each start, and worth nothing once there is somebody.</summary>
public sealed class SetUpLink(PeopleStore people)
{
    private readonly string secret = Secrets.New();

    /// <summary>Null where there is somebody already.</summary>
    public string? Under(string address) => people.Any() ? null : $"{address.TrimEnd('/')}{DashboardServer.Path}/set-up?secret={secret}";

    public bool Opens(string? given) => given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(secret)) && !people.Any();
}

/// <summary>What stands in a link that lets somebody in.</summary>
public static class Secrets
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz234567";
    private const int Length = 32; // 160 bits

    public static string New() => RandomNumberGenerator.GetString(Letters, Length);

    /// <summary>What is stored of it.</summary>
    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
