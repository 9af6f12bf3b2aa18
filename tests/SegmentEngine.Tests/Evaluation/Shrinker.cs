using System.Text.Json;
using System.Text.Json.Nodes;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Evaluation;

/// <summary>Makes a case that fails smaller while it fails, so that what is printed is what matters.</summary>
internal static class Shrinker
{
    private const int RoundsMax = 200;
    private static readonly string[] connectives = ["and", "or", "not", "node"];

    /// <summary>The smallest failing rule and contact that could be found, in words to reproduce it by.</summary>
    public static string Smallest(Case failing, Func<Case, IEnumerable<Disagreement>> check)
    {
        bool Fails(Case smaller)
        {
            try
            {
                return check(smaller).Any();
            }
            catch (Exception)
            {
                return true;
            }
        }

        var rounds = 0;
        while (rounds++ < RoundsMax && Smaller(failing).FirstOrDefault(Fails) is { } smaller)
        {
            failing = smaller;
        }

        return Printed(failing, check);
    }

    private static IEnumerable<Case> Smaller(Case of)
    {
        // First whole people and rules, from the last rule on, since others may refer to an earlier one; then parts of them.
        for (var half = of.People.Length / 2; half > 0; half /= 2)
        {
            for (var first = 0; first + half <= of.People.Length; first += half)
            {
                yield return Keeping(of, Enumerable.Range(0, of.People.Length).Where(i => i < first || i >= first + half));
            }
        }

        for (var i = of.Rules.Length - 1; i >= 0 && of.Rules.Length > 1; i--)
        {
            var gone = of.Rules[i].Segment;
            if (of.Rules.All(rule => !rule.Rule.Reads.Segments.Contains(gone)))
            {
                yield return of with { Rules = of.Rules.RemoveAt(i) };
            }
        }

        for (var i = 0; i < of.Rules.Length; i++)
        {
            foreach (var smaller in SmallerNodes(JsonNode.Parse(RuleJson.Print(of.Rules[i].Rule.Condition))!))
            {
                if (RuleChecker.Check(smaller.ToJsonString(), of.Rules[i].Rule.Context).Rule is { } rule)
                {
                    yield return of with { Rules = of.Rules.SetItem(i, (of.Rules[i].Segment, rule)) };
                }
            }
        }

        for (var i = 0; i < of.People.Length; i++)
        {
            foreach (var smaller in SmallerPeople(of.People[i]))
            {
                yield return of with { People = of.People.SetItem(i, smaller) };
            }
        }
    }

    private static Case Keeping(Case of, IEnumerable<int> people)
    {
        var kept = people.ToList();
        return of with { People = [.. kept.Select(i => of.People[i])], Outside = of.Outside.ToDictionary(static pair => pair.Key, pair => kept.Select(i => pair.Value[i])).Aggregate(of.Outside, static (all, pair) => all.SetItem(pair.Key, [.. pair.Value])) };
    }

    private static IEnumerable<Person> SmallerPeople(Person person)
    {
        for (var i = 0; i < person.Events.Length; i++)
        {
            yield return person with { Events = [.. person.Events.Where((_, j) => j != i)] };
        }

        if (person.Contact.Email is not null || person.Contact.Name is not null || person.Contact.ExternalId is not null)
        {
            yield return person with { Contact = person.Contact with { Email = null, Name = null, ExternalId = null } };
        }

        foreach (var data in Without(person.Contact.CustomData))
        {
            yield return person with { Contact = person.Contact with { CustomData = data } };
        }

        foreach (var data in Without(person.Contact.NonVerifiedCustomData))
        {
            yield return person with { Contact = person.Contact with { NonVerifiedCustomData = data } };
        }

        for (var i = 0; i < person.Events.Length; i++)
        {
            foreach (var properties in Without(person.Events[i].Properties))
            {
                var events = person.Events.ToArray();
                events[i] = events[i] with { Properties = properties };
                yield return person with { Events = events };
            }
        }
    }

    private static IEnumerable<JsonElement> Without(JsonElement data) =>
        data.EnumerateObject().Select(gone => JsonElement.Parse($"{{{string.Join(',', data.EnumerateObject().Where(field => field.Name != gone.Name).Select(static field => $"{JsonSerializer.Serialize(field.Name)}:{field.Value.GetRawText()}"))}}}"));

    /// <summary>A node's own children in its place, the node without one of its fields or elements, and the same further down.</summary>
    private static IEnumerable<JsonNode> SmallerNodes(JsonNode node)
    {
        if (node is JsonObject fields)
        {
            foreach (var child in connectives.Select(name => fields[name]).SelectMany(static value => value is JsonArray array ? array.AsEnumerable() : [value]).OfType<JsonObject>())
            {
                yield return child.DeepClone();
            }

            foreach (var (name, value) in fields)
            {
                var without = (JsonObject)node.DeepClone();
                without.Remove(name);
                yield return without;
                foreach (var smaller in value is null ? [] : SmallerNodes(value))
                {
                    var changed = (JsonObject)node.DeepClone();
                    changed[name] = smaller;
                    yield return changed;
                }
            }
        }
        else if (node is JsonArray elements)
        {
            for (var i = 0; i < elements.Count; i++)
            {
                var without = (JsonArray)node.DeepClone();
                without.RemoveAt(i);
                yield return without;
                foreach (var smaller in elements[i] is { } element ? SmallerNodes(element) : [])
                {
                    var changed = (JsonArray)node.DeepClone();
                    changed[i] = smaller;
                    yield return changed;
                }
            }
        }
    }

    private static string Printed(Case failing, Func<Case, IEnumerable<Disagreement>> check)
    {
        var context = failing.Rules[0].Rule.Context;
        string found;
        try
        {
            found = string.Join('\n', check(failing).Take(5));
        }
        catch (Exception thrown)
        {
            found = thrown.ToString();
        }

        return $"""
            {found}
            now {failing.Now}, zone {context.Zone.Id}
            {string.Join('\n', failing.Rules.Select(static rule => $"rule {rule.Segment}: {RuleJson.Print(rule.Rule.Condition)}"))}
            {string.Join('\n', failing.People.Take(5).Select(static person => $"{person.Contact}, data {person.Contact.CustomData}, unverified {person.Contact.NonVerifiedCustomData}, events {string.Join<ContactEvent>("; ", person.Events)}"))}
            schema {context.Schema}
            """;
    }
}
