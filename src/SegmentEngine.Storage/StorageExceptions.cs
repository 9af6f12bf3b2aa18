namespace SegmentEngine.Storage;

/// <summary>The file cannot be opened by this program as it is. The message says why and is meant for the person who starts it.</summary>
public class DatabaseRefusedException(string message) : Exception(message);

/// <summary>Another process has the file open.</summary>
public sealed class DatabaseInUseException(string path, DatabaseOwner? owner) : DatabaseRefusedException(
    owner is null
        ? $"'{path}' is in use by another process; one process at a time owns a database file"
        : $"'{path}' is in use by process {owner.ProcessId} on {owner.Machine} since {owner.Since}; one process at a time owns a database file")
{
    public DatabaseOwner? Owner { get; } = owner;
}

/// <summary>No such thing in this workspace; another workspace's thing is no such thing.</summary>
public sealed class NotInWorkspaceException(string message) : Exception(message)
{
    public MissingThing What { get; init; }
}

/// <summary>What a write named and the workspace does not have.</summary>
public enum MissingThing
{
    Segment,
    Directory,
}

/// <summary>The write clashes with what is stored, such as a name that is taken. Nothing was written.</summary>
public sealed class StoreConflictException(string message) : Exception(message);

/// <summary>The connection that writes is beyond use. Nothing was written, and nothing will be until the file is opened again.</summary>
public sealed class WriterBrokenException(Exception cause) : Exception($"the database takes no writes until it is opened again: its connection could not be brought back to a state that is known ({cause.Message})", cause);

/// <summary>The shard's lease went to another writer. Nothing was written; take a new lease and reload the shard.</summary>
public sealed class StaleLeaseException(int shard, long epoch, long current) : Exception($"the lease of shard {shard} with epoch {epoch} is no longer held; its epoch is {current}")
{
    public int Shard { get; } = shard;
}
