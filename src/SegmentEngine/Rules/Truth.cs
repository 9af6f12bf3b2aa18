namespace SegmentEngine.Rules;

/// <summary>The three values of a condition. A contact is a member only where the whole rule is <see cref="True"/>; <c>and</c>, <c>or</c>, <c>not</c> are Kleene's.</summary>
public enum Truth : byte
{
    False,
    Unknown,
    True,
}

internal static class Kleene
{
    public static Truth Of(bool value) => value ? Truth.True : Truth.False;

    public static Truth Not(Truth value) => (Truth)((byte)Truth.True - (byte)value);

    public static Truth And(Truth left, Truth right) => left < right ? left : right;

    public static Truth Or(Truth left, Truth right) => left > right ? left : right;
}
