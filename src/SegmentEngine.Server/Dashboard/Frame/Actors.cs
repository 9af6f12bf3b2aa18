namespace SegmentEngine.Server.Dashboard.Frame;

/// <summary>What the audit log's names of who did something mean to a reader.</summary>
public static class Actors
{
    private const string Person = "person:";

    /// <summary>A person's address, or the key's id.</summary>
    public static string Of(string? actor) => actor is null ? "" : actor.StartsWith(Person, StringComparison.Ordinal) ? actor[Person.Length..] : actor;
}
