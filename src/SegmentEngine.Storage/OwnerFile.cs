using System.Globalization;
using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>The process that has a database file open.</summary>
public sealed record DatabaseOwner(int ProcessId, string Machine, Instant Since);

/// <summary>
/// Makes one process the owner of a database file. The claim is an operating-system lock on <c>&lt;file&gt;.owner-lock</c>, which ends with the process however it ends;
/// <c>&lt;file&gt;.owner</c> only says who holds it. The lock file stays when the claim is given up: removing it would let two processes lock two files of one name.
/// </summary>
internal sealed class OwnerFile : IDisposable
{
    /// <summary>What is behind the name of the database in that of the lock.</summary>
    public const string LockEnding = ".owner-lock";

    private readonly FileStream claim;
    private readonly string path;

    private OwnerFile(FileStream claim, string path) => (this.claim, this.path) = (claim, path);

    public static OwnerFile Claim(string databasePath, Instant now)
    {
        var path = databasePath + ".owner";
        FileStream claim;
        try
        {
            claim = new(databasePath + LockEnding, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(databasePath + LockEnding))
        {
            throw new DatabaseInUseException(databasePath, Read(path));
        }

        File.WriteAllLines(path, [Environment.ProcessId.ToString(CultureInfo.InvariantCulture), Environment.MachineName, now.ToString()]);
        return new(claim, path);
    }

    public void Dispose()
    {
        File.Delete(path);
        claim.Dispose();
    }

    private static DatabaseOwner? Read(string path)
    {
        try
        {
            return File.ReadAllLines(path) is [var process, var machine, var since]
                && int.TryParse(process, CultureInfo.InvariantCulture, out var processId)
                && Instant.TryParse(since, out var started)
                ? new(processId, machine, started)
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
