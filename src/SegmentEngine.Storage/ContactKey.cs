namespace SegmentEngine.Storage;

/// <summary>What one contact of a workspace at most is known by.</summary>
public abstract record ContactKey
{
    private const string ExternalIdPrefix = "external_id:";
    private const string EmailPrefix = "email:";

    private ContactKey()
    {
    }

    public sealed record Id(ContactId Value) : ContactKey;

    public sealed record ExternalId(string Value) : ContactKey;

    /// <summary>Without regard to case.</summary>
    public sealed record Email(string Value) : ContactKey;

    /// <summary>A UUID, or <c>external_id:…</c>, or <c>email:…</c>; null where it is none of the three.</summary>
    public static ContactKey? Parse(string name) =>
        Guid.TryParseExact(name, "D", out var id) ? new Id(new(id))
        : name.StartsWith(ExternalIdPrefix, StringComparison.Ordinal) ? new ExternalId(name[ExternalIdPrefix.Length..])
        : name.StartsWith(EmailPrefix, StringComparison.Ordinal) ? new Email(name[EmailPrefix.Length..])
        : null;
}
