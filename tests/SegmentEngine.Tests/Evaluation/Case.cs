using System.Collections.Immutable;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Evaluation;

/// <summary>Some rules, in order of their references, and some people to ask them of.</summary>
/// <param name="Rules">A rule may refer to those before it.</param>
/// <param name="Outside">For segments that are no rule here: whether each of the people is a member. A segment that is absent has no members to read.</param>
internal sealed record Case(Instant Now, ImmutableArray<(SegmentId Segment, CheckedRule Rule)> Rules, ImmutableArray<Person> People, ImmutableDictionary<SegmentId, ImmutableArray<bool>> Outside);
