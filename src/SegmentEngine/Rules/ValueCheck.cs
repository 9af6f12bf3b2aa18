using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using SegmentEngine.Contacts;

namespace SegmentEngine.Rules;

/// <summary>What a positive operator asks of one usable value that is no list. A value of another type is UNKNOWN to it. The cases are all in this file and <c>DateCheck.cs</c>.</summary>
internal abstract class ValueCheck(string key)
{
    public string Key { get; } = key;

    public virtual bool ReadsClock => false;

    public abstract Truth Of(TraitValue value, Instant now);

    /// <summary>The checks of which one is enough; a check by itself where it is no choice.</summary>
    public static IEnumerable<ValueCheck> Parts(ValueCheck check) => check is AnyOf any ? any.Checks.SelectMany(Parts) : [check];

    /// <summary>Whether a comparison's sign satisfies an ordering operator.</summary>
    public static bool Holds(TraitOperator op, int order) => op switch
    {
        TraitOperator.Eq => order == 0,
        TraitOperator.Neq => order != 0,
        TraitOperator.Lt => order < 0,
        TraitOperator.Lte => order <= 0,
        TraitOperator.Gt => order > 0,
        TraitOperator.Gte => order >= 0,
        _ => throw new InvalidOperationException($"{op} is no comparison"),
    };

    /// <summary><c>is_set</c> and <c>is_empty</c>: they speak of the whole value and are always TRUE or FALSE.</summary>
    public sealed class OfWhole(bool empty) : ValueCheck(empty ? "is_empty" : "is_set")
    {
        /// <summary><c>is_empty</c>; otherwise <c>is_set</c>.</summary>
        public bool Empty { get; } = empty;

        public Truth Of(TraitValue? value) => Kleene.Of(Empty
            ? value is null or TraitValue.Text { Value: "" } or TraitValue.List { Elements.IsEmpty: true }
            : value is not null);

        public override Truth Of(TraitValue value, Instant now) => Of(value);
    }

    /// <summary><c>size</c>: the length of a list, elements that do not convert included.</summary>
    public sealed class Length(TraitOperator op, long n) : ValueCheck($"size {op} {n}")
    {
        public bool Holds(long length) => Holds(op, length.CompareTo(n));

        public override Truth Of(TraitValue value, Instant now) => Truth.Unknown;
    }

    public enum TextMatch
    {
        Equals,
        Contains,
        StartsWith,
        EndsWith,
    }

    /// <summary>Text equals, contains, starts or ends with one of some texts.</summary>
    public sealed class OfText : ValueCheck
    {
        private readonly TextMatch match;
        private readonly TextFolding folding;
        private readonly HashSet<string> folded;

        public OfText(TextMatch match, IEnumerable<string> texts, TextFolding folding) : this(match, texts.Select(folding.Fold).ToHashSet(StringComparer.Ordinal), folding)
        {
        }

        private OfText(TextMatch match, HashSet<string> folded, TextFolding folding)
            : base($"{match} {folding} [{string.Join(',', folded.Order(StringComparer.Ordinal).Select(Quote))}]")
        {
            this.match = match;
            this.folding = folding;
            this.folded = folded;
        }

        public TextMatch Match => match;

        /// <summary>The operands as they are compared.</summary>
        public IReadOnlyCollection<string> Folded => folded;

        public override Truth Of(TraitValue value, Instant now)
        {
            if (value is not TraitValue.Text { Value: var text })
            {
                return Truth.Unknown;
            }

            var mine = folding.Fold(text);
            return Kleene.Of(match switch
            {
                TextMatch.Equals => folded.Contains(mine),
                TextMatch.Contains => folded.Any(part => mine.Contains(part, StringComparison.Ordinal)),
                TextMatch.StartsWith => folded.Any(part => mine.StartsWith(part, StringComparison.Ordinal)),
                TextMatch.EndsWith => folded.Any(part => mine.EndsWith(part, StringComparison.Ordinal)),
                _ => throw new InvalidOperationException($"no meaning for {match}"),
            });
        }
    }

    /// <summary>A regular expression found anywhere in the text.</summary>
    public sealed class OfPattern(Regex pattern) : ValueCheck($"matches {pattern.Options} {Quote(pattern.ToString())}")
    {
        public override Truth Of(TraitValue value, Instant now)
        {
            if (value is not TraitValue.Text { Value: var text } || Encoding.UTF8.GetByteCount(text) > Limits.MatchedBytesMax)
            {
                return Truth.Unknown;
            }

            try
            {
                return Kleene.Of(pattern.IsMatch(text));
            }
            catch (RegexMatchTimeoutException)
            {
                return Truth.Unknown;
            }
        }
    }

    /// <summary>An IPv4 or IPv6 address inside one of some networks; text that is no address is UNKNOWN.</summary>
    public sealed class OfAddress(ImmutableArray<IPNetwork> networks) : ValueCheck($"in_cidr [{string.Join(',', networks)}]")
    {
        public override Truth Of(TraitValue value, Instant now) =>
            value is TraitValue.Text { Value: var text } && TryAddress(text, out var address)
                ? Kleene.Of(networks.Any(network => network.Contains(address)))
                : Truth.Unknown;

        /// <summary>Four decimal parts, or IPv6 without brackets and without a scope; an IPv4 address mapped into IPv6 is that IPv4 address, as a mapped network is that IPv4 network.</summary>
        private static bool TryAddress(string text, out IPAddress address)
        {
            if (!IPAddress.TryParse(text, out address!) || text.Contains('%', StringComparison.Ordinal) || text.Contains('[', StringComparison.Ordinal))
            {
                return false;
            }

            if (address.AddressFamily == AddressFamily.InterNetwork)
            {
                // .NET also takes 127.1 and 0x7f000001.
                return address.ToString() == text;
            }

            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            return true;
        }
    }

    /// <summary>A number compared with one number.</summary>
    public sealed class OfNumber(TraitOperator op, Numeric operand) : ValueCheck($"{op} {Print(operand)}")
    {
        public TraitOperator Operator { get; } = op;
        public Numeric Operand { get; } = operand;

        public bool Holds(Numeric number) => Holds(Operator, number.CompareTo(Operand));

        public override Truth Of(TraitValue value, Instant now) => value is TraitValue.Number { Value: var number } ? Kleene.Of(Holds(number)) : Truth.Unknown;
    }

    /// <summary>A number from one to another, both included; reversed ends hold for none.</summary>
    public sealed class BetweenNumbers(Numeric low, Numeric high) : ValueCheck($"between {Print(low)} {Print(high)}")
    {
        public Numeric Low { get; } = low;
        public Numeric High { get; } = high;

        public override Truth Of(TraitValue value, Instant now) =>
            value is TraitValue.Number { Value: var number } ? Kleene.Of(number >= Low && number <= High) : Truth.Unknown;
    }

    /// <summary>A number equal to one of some numbers.</summary>
    public sealed class InNumbers : ValueCheck
    {
        // Equality goes by decimal between exact numbers and by double otherwise, so it is not transitive: hence three sets.
        private readonly HashSet<decimal> exact;
        private readonly HashSet<double> inexact;
        private readonly HashSet<double> all;

        /// <summary>In order of size.</summary>
        public ImmutableArray<Numeric> Operands { get; }

        public InNumbers(IEnumerable<Numeric> operands) : this(operands.OrderBy(static number => number.Approximate).ToList())
        {
        }

        private InNumbers(List<Numeric> operands) : base($"in [{string.Join(',', operands.Select(Print).Order(StringComparer.Ordinal))}]")
        {
            Operands = [.. operands];
            exact = operands.Where(static number => number.IsExact).Select(static number => number.Exact).ToHashSet();
            inexact = operands.Where(static number => !number.IsExact).Select(static number => number.Approximate).ToHashSet();
            all = operands.Select(static number => number.Approximate).ToHashSet();
        }

        public bool Holds(Numeric number) =>
            number.IsExact ? exact.Contains(number.Exact) || inexact.Contains(number.Approximate) : all.Contains(number.Approximate);

        public override Truth Of(TraitValue value, Instant now) => value is TraitValue.Number { Value: var number } ? Kleene.Of(Holds(number)) : Truth.Unknown;
    }

    public sealed class OfFlag(bool operand) : ValueCheck(operand ? "eq true" : "eq false")
    {
        public bool Operand { get; } = operand;

        public override Truth Of(TraitValue value, Instant now) => value is TraitValue.Flag { Value: var flag } ? Kleene.Of(flag == Operand) : Truth.Unknown;
    }

    public sealed class OfVersion(TraitOperator op, SemanticVersion operand) : ValueCheck($"{op} version {operand}")
    {
        public override Truth Of(TraitValue value, Instant now) =>
            value is TraitValue.Version { Value: var version } ? Kleene.Of(Holds(op, version.CompareTo(operand))) : Truth.Unknown;
    }

    /// <summary>One of several checks holds: <c>in</c> over values of several kinds, each compared only with its own.</summary>
    public sealed class AnyOf(ImmutableArray<ValueCheck> checks) : ValueCheck($"any({string.Join(" | ", checks.Select(static check => check.Key))})")
    {
        public ImmutableArray<ValueCheck> Checks { get; } = checks;

        public override Truth Of(TraitValue value, Instant now)
        {
            var any = Truth.False;
            foreach (var check in Checks)
            {
                any = Kleene.Or(any, check.Of(value, now));
            }

            return any;
        }
    }

    private static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <summary>One print for equal exact numbers (1 and 1.0), another for a double of the same digits.</summary>
    private static string Print(Numeric number) => number.IsExact ? (number.Exact / 1.0000000000000000000000000000m).ToString(System.Globalization.CultureInfo.InvariantCulture) : $"~{number}";
}
