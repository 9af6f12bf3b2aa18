using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace SegmentEngine.Contacts;

/// <summary>The traits every contact has by itself, beside its custom data.</summary>
public enum BuiltInTrait
{
    Id,
    ExternalId,
    Email,
    PhoneNumber,
    Name,
    CreatedAt,
    UpdatedAt,
    LastSeenAt,
}

/// <summary>
/// Where a trait is found: a built-in one, or keys into the custom data. A dot nests, <c>\.</c> is a dot inside a key; a path never indexes into a list.
/// A bare name that is no built-in one means <c>custom_data.&lt;name&gt;</c>.
/// </summary>
public sealed class TraitPath : IEquatable<TraitPath>
{
    private const string CustomPrefix = "custom_data.";

    private static readonly Dictionary<string, BuiltInTrait> BuiltIns = new(StringComparer.Ordinal)
    {
        ["id"] = BuiltInTrait.Id,
        ["external_id"] = BuiltInTrait.ExternalId,
        ["email"] = BuiltInTrait.Email,
        ["phone_number"] = BuiltInTrait.PhoneNumber,
        ["name"] = BuiltInTrait.Name,
        ["created_at"] = BuiltInTrait.CreatedAt,
        ["updated_at"] = BuiltInTrait.UpdatedAt,
        ["last_seen_at"] = BuiltInTrait.LastSeenAt,
    };

    private readonly string canonical;

    private TraitPath(BuiltInTrait? builtIn, ImmutableArray<string> keys, string canonical)
    {
        BuiltIn = builtIn;
        Keys = keys;
        this.canonical = canonical;
    }

    /// <summary>The names of the built-in traits.</summary>
    public static IReadOnlyCollection<string> BuiltInNames => BuiltIns.Keys;

    public static TraitPath Email { get; } = Of("email");
    public static TraitPath CreatedAt { get; } = Of("created_at");

    /// <summary>The built-in trait this names, or null for a path into the custom data.</summary>
    public BuiltInTrait? BuiltIn { get; }

    /// <summary>The keys to follow, one for each level; empty for a built-in trait.</summary>
    public ImmutableArray<string> Keys { get; }

    /// <summary>Reads a trait's name, short (<c>plan</c>) or full (<c>custom_data.plan</c>).</summary>
    public static TraitPath Of(string name)
    {
        if (BuiltIns.TryGetValue(name, out var builtIn))
        {
            return new(builtIn, [], name);
        }

        var keys = Split(name.StartsWith(CustomPrefix, StringComparison.Ordinal) ? name[CustomPrefix.Length..] : name);
        return new(null, keys, CustomPrefix + Join(keys));
    }

    /// <summary>Reads the name of an event's property: keys into its properties, never a built-in trait.</summary>
    public static TraitPath OfProperty(string name)
    {
        var keys = Split(name);
        return new(null, keys, Join(keys));
    }

    /// <summary>The same place in the traits that an event of a contact's history set; a built-in trait stands there by its name.</summary>
    internal TraitPath InHistory => BuiltIn is null ? new(null, Keys, Join(Keys)) : OfProperty(canonical);

    /// <summary>Whether the first key is there, whatever its value: an update of a contact replaces or removes it whole.</summary>
    internal bool IsSetIn(JsonElement data) => data.ValueKind == JsonValueKind.Object && TryGet(data, Keys[0], out _);

    /// <summary>Follows the keys; null where one is absent or leads through anything that is no object.</summary>
    public JsonElement? Find(JsonElement data)
    {
        foreach (var key in Keys)
        {
            if (data.ValueKind != JsonValueKind.Object || !TryGet(data, key, out data))
            {
                return null;
            }
        }

        return data;
    }

    private static bool TryGet(JsonElement data, string key, out JsonElement value)
    {
        try
        {
            return data.TryGetProperty(key, out value);
        }
        catch (InvalidOperationException)
        {
            // Some other name holds half a surrogate pair, which is equal to no key.
            value = data.EnumerateObject().LastOrDefault(field => IsNamed(field, key)).Value;
            return value.ValueKind != JsonValueKind.Undefined;
        }
    }

    private static bool IsNamed(JsonProperty field, string key)
    {
        try
        {
            return field.NameEquals(key);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    public bool Equals(TraitPath? other) => other is not null && canonical == other.canonical;
    public override bool Equals(object? obj) => Equals(obj as TraitPath);
    public override int GetHashCode() => canonical.GetHashCode(StringComparison.Ordinal);

    /// <summary>The full name: two names of one trait print the same.</summary>
    public override string ToString() => canonical;

    private static ImmutableArray<string> Split(string name)
    {
        var keys = ImmutableArray.CreateBuilder<string>();
        var key = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '\\' && i + 1 < name.Length && name[i + 1] == '.')
            {
                key.Append('.');
                i++;
            }
            else if (name[i] == '.')
            {
                keys.Add(key.ToString());
                key.Clear();
            }
            else
            {
                key.Append(name[i]);
            }
        }

        keys.Add(key.ToString());
        return keys.DrainToImmutable();
    }

    private static string Join(ImmutableArray<string> keys) => string.Join('.', keys.Select(static key => key.Replace(".", "\\.", StringComparison.Ordinal)));
}
