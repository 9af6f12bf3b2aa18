using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Rules;

/// <summary>What checking a rule gave.</summary>
/// <param name="Rule">Null where a diagnostic is an error.</param>
/// <param name="Diagnostics">Everything found, errors and warnings.</param>
public sealed record RuleCheck(CheckedRule? Rule, ImmutableArray<RuleDiagnostic> Diagnostics);

/// <summary>Holds a rule against a schema: types, operands, references. Reports all that is wrong at once; never throws on what a rule says.</summary>
public sealed class RuleChecker
{
    private const string CustomPrefix = "custom_data.";

    /// <summary>Shorter names are near to too many others.</summary>
    private const int SlipLengthMin = 3;

    /// <summary>In a larger schema not every name is looked at, for a rule may name many.</summary>
    private const int SlipAmongMax = 1_000;

    private readonly RuleContext context;
    private readonly List<RuleDiagnostic> diagnostics = [];
    private readonly List<(string Path, Condition Condition, Formula Formula)> leaves = [];
    private readonly List<(string Path, Condition Condition, Formula Formula)> groups = [];

    /// <summary>The events of the steps before the one whose condition is being checked; null outside of sequences.</summary>
    private List<string>? earlierSteps;

    private RuleChecker(RuleContext context) => this.context = context;

    /// <summary>Reads and checks a definition.</summary>
    public static RuleCheck Check(string json, RuleContext context) => Check(RuleJson.Read(json), context);

    /// <inheritdoc cref="Check(string, RuleContext)"/>
    public static RuleCheck Check(JsonElement json, RuleContext context) => Check(RuleJson.Read(json), context);

    /// <summary>Checks what was read; where reading failed in one place the rest is checked all the same.</summary>
    public static RuleCheck Check(RuleReading reading, RuleContext context)
    {
        if (reading.Condition is not { } condition)
        {
            return new(null, reading.Diagnostics);
        }

        var checker = new RuleChecker(context);
        var formula = checker.Node(condition, "$");
        ImmutableArray<RuleDiagnostic> found = [.. reading.Diagnostics, .. checker.diagnostics.Distinct()];
        if (found.Any(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error))
        {
            return new(null, found);
        }

        found = [.. found, .. RuleLints.Of(condition, checker.leaves, context)];
        return new(new(condition, formula, context, [.. checker.leaves], [.. checker.groups], found), found);
    }

    private Formula Node(Condition condition, string path, string? ofEvent = null)
    {
        var formula = FormulaOf(condition, path, ofEvent);
        if (ofEvent is null)
        {
            (condition is Condition.Leaf and not Condition.Group ? leaves : groups).Add((path, condition, formula));
        }

        return formula;
    }

    private Formula FormulaOf(Condition condition, string path, string? ofEvent) => condition switch
    {
        Condition.AllOf all => new Formula.All([.. all.Of.Select((of, i) => Node(of, $"{path}.and[{i}]", ofEvent))]),
        Condition.AnyOf any => new Formula.Any([.. any.Of.Select((of, i) => Node(of, $"{path}.or[{i}]", ofEvent))]),
        Condition.Negation not => new Formula.Negation(Node(not.Of, $"{path}.not", ofEvent)),
        Condition.Group group => Node(group.Node, $"{path}.node", ofEvent),
        Condition.ValueTest test => ValueTest(test, path, ofEvent),
        Condition.DateTest test => DateTest(test, path, ofEvent),
        Condition.AllContacts => Leaf(new Atom.Constant(Truth.True)),
        Condition.NoContacts => Leaf(new Atom.Constant(Truth.False)),
        Condition.ContactIdIn ids => Leaf(new Atom.IdIn(ids.ContactIds.Select(static id => Guid.TryParse(id, out var guid) ? guid : Guid.Empty).ToFrozenSet())),
        Condition.CreatedAtBetween between => CreatedAtBetween(between),
        Condition.EmailDomainIn domains => EmailDomainIn(domains, path),
        Condition.DidEvent did => DidEvent(did, path),
        Condition.FirstOrLastEvent edge => FirstOrLast(edge, path),
        Condition.EventAggregate aggregate => Aggregate(aggregate, path),
        Condition.InSegment segment => InSegment(segment, path),
        Condition.Unsupported unsupported => Unsupported(unsupported, path),
        Condition.TraitAge age => TraitAge(age, path),
        Condition.EventSequence sequence => Sequence(sequence, path),
        Condition.EventFrequency frequency => Frequency(frequency, path),
        Condition.EventLifecycle lifecycle => Leaf(new Atom.EventLifecycle(Select(lifecycle.Choice, null, path, static name => new(name)), lifecycle.State, lifecycle.Active, lifecycle.Quiet)),
        Condition.InList list => Negated(Belongs(ValueSource.Lists, list.ListId, context.HasList, $"{path}.list_id", "unknown_list", "list"), list.Negated),
        Condition.AffectedBySequence affected => Belongs(ValueSource.Sequences, affected.SequenceId, context.HasSequence, $"{path}.sequence_id", "unknown_sequence", "sequence"),
        Condition.Sample sample => Leaf(new Atom.OfValue(ValueSource.Bucket(sample.Salt), new ValueCheck.OfNumber(TraitOperator.Lt, new(sample.Percent)), Quantifier.Any, MissingAs.Unknown)),
        Condition.Unreadable => Unusable,
        _ => throw new InvalidOperationException($"no check for {condition.GetType().Name}"),
    };

    /// <summary>Stands where an error was reported; a rule that holds one is never given out.</summary>
    private static Formula.Leaf Unusable => Leaf(new Atom.Constant(Truth.Unknown));

    private static Formula.Leaf Leaf(Atom atom) => new(atom);

    private Formula.Leaf CreatedAtBetween(Condition.CreatedAtBetween between)
    {
        static DateOperand? End(JsonElement json) => TraitSchema.TryInstant(json, out var instant) ? new(instant, null) : null;
        var check = new DateCheck.InStretch(DateOperator.Between, End(between.After), End(between.Before), null, new(context.Zone));
        return Leaf(new Atom.OfValue(new(ValueOrigin.Trait, TraitPath.CreatedAt, new(TraitKind.DateTime)), check, Quantifier.Any, between.Missing ?? MissingAs.Unknown));
    }

    private Formula.Leaf EmailDomainIn(Condition.EmailDomainIn domains, string path)
    {
        var canonical = domains.DomainNames.Select(EmailDomain.Canonical).ToList();
        for (var i = 0; i < canonical.Count; i++)
        {
            if (canonical[i] is null)
            {
                Error($"{path}.domain_name_in[{i}]", "wrong_type", $"\"{domains.DomainNames[i]}\" is no domain name");
            }
        }

        var check = new ValueCheck.OfText(ValueCheck.TextMatch.Equals, canonical.OfType<string>(), TextFolding.Exact);
        return Leaf(new Atom.OfValue(new(ValueOrigin.EmailDomain, TraitPath.Email, new(TraitKind.Text)), check, Quantifier.Any, domains.Missing ?? MissingAs.Unknown));
    }

    private Formula InSegment(Condition.InSegment segment, string path)
    {
        Formula leaf;
        if (context.FindSegment(segment.SegmentId) is { } id)
        {
            leaf = Leaf(new Atom.InSegment(id));
        }
        else
        {
            if (!context.AllowUnknownSegments)
            {
                Error($"{path}.segment_id", "unknown_segment", $"there is no segment \"{segment.SegmentId}\"");
            }

            leaf = Leaf(new Atom.Constant(Truth.Unknown));
        }

        return Negated(leaf, segment.Negated);
    }

    private static Formula Negated(Formula formula, bool negated) => negated ? new Formula.Negation(formula) : formula;

    private Formula.Leaf Belongs(ValueSource source, string id, Func<string, bool> exists, string path, string code, string what)
    {
        if (exists(id))
        {
            return Leaf(Atom.Belongs(source, id));
        }

        if (!context.AllowUnknownSegments)
        {
            Error(path, code, $"there is no {what} \"{id}\"");
        }

        return Leaf(new Atom.Constant(Truth.Unknown));
    }

    private Formula.Leaf TraitAge(Condition.TraitAge age, string path)
    {
        var source = SourceOf(age.Subject, path, ofEvent: null);
        if (!QuantifierFits(age.Subject, source, path))
        {
            return Unusable;
        }

        if (source.Type is { Kind: TraitKind.Date or TraitKind.DateTime } type)
        {
            Error($"{path}.trait", "wrong_type", $"{Named(source)} is {type}, which `eq` does not compare; an age is asked of texts, numbers, true or false, and versions");
            return Unusable;
        }

        var equal = new Condition.ValueTest(age.Subject, TraitOperator.Eq) { Value = age.Value };
        if (new OperandReader(this, equal, source.Type?.Kind, path).Read(TraitOperator.Eq) is not { } check)
        {
            return Unusable;
        }

        var quantifier = age.Subject.Quantifier ?? Quantifier.Any;
        var inHistory = source.Path.InHistory;
        var changes = new EventSelector(ContactEvent.Traits)
        {
            Where = Leaf(new Atom.OfValue(new(ValueOrigin.HasKey, inHistory, new(TraitKind.Boolean)), new ValueCheck.OfWhole(empty: false), Quantifier.Any, MissingAs.Unknown)),
            Is = Leaf(new Atom.OfValue(new(ValueOrigin.Property, inHistory, source.Type), check, quantifier, MissingAs.NoMatch)),
        };
        return Leaf(new Atom.TraitAge(new(source, check, quantifier, MissingAs.Unknown), new([changes], null), age.Operator, age.For, age.Missing ?? MissingAs.Unknown));
    }

    private Formula.Leaf Frequency(Condition.EventFrequency frequency, string path)
    {
        if (frequency.AtLeast > frequency.OutOf)
        {
            Warn($"{path}.at_least", "never_true", $"there are no {frequency.AtLeast} periods among {frequency.OutOf}");
        }

        return Leaf(new Atom.EventFrequency(Select(frequency.Choice, null, path, static name => new(name)), frequency.Period, frequency.AtLeast, frequency.OutOf));
    }

    private Formula.Leaf Sequence(Condition.EventSequence sequence, string path)
    {
        var names = sequence.Steps.Select((step, i) => Event(step.Choice.Names[0], $"{path}.steps[{i}].event")).ToList();
        var formulas = new List<Formula?>();
        for (var i = 0; i < names.Count; i++)
        {
            earlierSteps = names[..i];
            formulas.Add(sequence.Steps[i].Choice.Where is { } where ? Node(where, $"{path}.steps[{i}].where", names[i]) : null);
        }

        earlierSteps = null;
        var against = formulas.SelectMany(static formula => formula?.Atoms ?? []).OfType<Atom.AgainstStep>().ToList();
        var selectors = names.Select((name, i) =>
        {
            var comparesWithSteps = formulas[i]?.Atoms.Any(static atom => atom is Atom.AgainstStep) ?? false;
            return new EventSelector(name)
            {
                Where = comparesWithSteps ? null : formulas[i],
                Is = comparesWithSteps ? formulas[i] : null,
                Carried = [.. against.Where(atom => atom.Step == i).Select(static atom => atom.Operand).Distinct()],
            };
        });
        return Leaf(new Atom.EventSequence(new([.. selectors], WindowOf(sequence.Window, $"{path}.window")), [.. sequence.Steps.Select(static step => step.Within)]));
    }

    /// <summary>The property of an earlier step that an operand refers to; reported and null where there is none.</summary>
    private (int Step, ValueSource Operand)? Referenced(StepReference reference, ValueSource subject, string path)
    {
        if (earlierSteps is not { } earlier)
        {
            Error(path, "misplaced", "a value of an earlier step can be compared with only inside the `where` of a sequence's step");
            return null;
        }

        if (reference.Step >= earlier.Count)
        {
            Error(path, "unknown_step", earlier.Count == 0
                ? "the first step has no step before it"
                : $"step {reference.Step} is no earlier step; the steps before this one are 0{(earlier.Count == 1 ? "" : $" to {earlier.Count - 1}")}");
            return null;
        }

        var operand = Property(earlier[reference.Step], reference.Property, $"{path}.property");
        var (mine, theirs) = (Comparable(subject.Type), Comparable(operand.Type));
        if (mine is not null && theirs is not null && mine != theirs)
        {
            Warn(path, "never_true", $"{Named(subject)} is {subject.Type}, property `{reference.Property}` of step {reference.Step} is {operand.Type}; values of different kinds are never equal, greater or less");
        }

        return (reference.Step, operand);

        static TraitKind? Comparable(TraitType? type) => type?.Kind == TraitKind.Date ? TraitKind.DateTime : type?.Kind;
    }

    private Formula.Leaf Unsupported(Condition.Unsupported unsupported, string path)
    {
        Error(path, "unsupported", $"an importer could not say this of {unsupported.Origin} in the rule language; a rule that holds this cannot be published: replace it, or take it out");
        return Unusable;
    }

    private Formula ValueTest(Condition.ValueTest test, string path, string? ofEvent)
    {
        var source = SourceOf(test.Subject, path, ofEvent);
        var (op, negated) = Positive(test.Operator);
        var missing = test.Missing ?? MissingAs.Unknown;
        if (op is TraitOperator.IsSet or TraitOperator.IsEmpty)
        {
            return Signed(new(source, new ValueCheck.OfWhole(op == TraitOperator.IsEmpty), Quantifier.Any, MissingAs.Unknown), negated);
        }

        if (!QuantifierFits(test.Subject, source, path))
        {
            return Unusable;
        }

        if (ofEvent is not null && op is not (TraitOperator.Size or TraitOperator.In or TraitOperator.Between) && StepReference.TryRead(test.Value, out var reference))
        {
            return AgainstStep(test, op, negated, reference, source, path);
        }

        var check = op == TraitOperator.Size ? SizeCheck(test, source, path) : new OperandReader(this, test, source.Type?.Kind, path).Read(op);
        var quantifier = op == TraitOperator.Size ? Quantifier.Any : test.Subject.Quantifier ?? Quantifier.Any;
        return check is null ? Unusable : Signed(new(source, check, quantifier, negated ? Flipped(missing) : missing), negated);
    }

    private Formula AgainstStep(Condition.ValueTest test, TraitOperator op, bool negated, StepReference reference, ValueSource source, string path)
    {
        if (op is TraitOperator.Matches or TraitOperator.InCidr)
        {
            Error($"{path}.value", "wrong_operand", $"`{RuleNames.Of(test.Operator)}` takes a text that is written in the rule, not a value of an event");
            return Unusable;
        }

        if (!new OperandReader(this, test, source.Type?.Kind, path).TakesReference(op) || Referenced(reference, source, $"{path}.value") is not var (step, operand))
        {
            return Unusable;
        }

        var missing = test.Missing ?? MissingAs.Unknown;
        var comparison = new StepComparison.OfValue(op, new(test.CaseSensitive ?? false, test.AccentSensitive ?? true));
        return Negated(Leaf(new Atom.AgainstStep(source, comparison, test.Subject.Quantifier ?? Quantifier.Any, negated ? Flipped(missing) : missing, step, operand)), negated);
    }

    private Formula DateTest(Condition.DateTest test, string path, string? ofEvent)
    {
        var source = SourceOf(test.Subject, path, ofEvent);
        if (!QuantifierFits(test.Subject, source, path))
        {
            return Unusable;
        }

        switch (source.Type?.Kind)
        {
            case null:
                Warn(path, "never_true", $"{Named(source)} is not declared, so its values are never days or instants; declare it as date or datetime, or add `value_type`");
                break;
            case TraitKind.Date when test.Span?.Unit is TimeUnit.Minute or TimeUnit.Hour:
                Error($"{path}.unit", "wrong_unit", $"{Named(source)} is a day; count in days or longer units");
                return Unusable;
            case TraitKind.Date or TraitKind.DateTime:
                break;
            case var kind:
                Error($"{path}.op", "wrong_type", $"{Named(source)} is {new TraitType(kind.Value)}; `{RuleNames.Of(test.Operator)}` compares dates");
                return Unusable;
        }

        var (op, negated) = test.Operator switch
        {
            DateOperator.NotInLast => (DateOperator.InLast, true),
            DateOperator.NotInNext => (DateOperator.InNext, true),
            var positive => (positive, false),
        };
        var calendar = CalendarOf(test.Span);
        if (StepReference.TryRead(test.Value, out var reference))
        {
            return Referenced(reference, source, $"{path}.value") is var (step, operand)
                ? Leaf(new Atom.AgainstStep(source, new StepComparison.OfDate(op, calendar), test.Subject.Quantifier ?? Quantifier.Any, test.Missing ?? MissingAs.Unknown, step, operand))
                : Unusable;
        }

        DateCheck check = op == DateOperator.AnniversaryInNext
            ? new DateCheck.Anniversary(test.Span!, calendar)
            : new DateCheck.InStretch(op, Operand(test.Values.IsDefault ? test.Value : test.Values[0]), test.Values.IsDefault ? null : Operand(test.Values[1]), test.Span, calendar);
        var missing = test.Missing ?? MissingAs.Unknown;
        return Signed(new(source, check, test.Subject.Quantifier ?? Quantifier.Any, negated ? Flipped(missing) : missing), negated);
    }

    private static DateOperand? Operand(JsonElement json) =>
        TraitSchema.TryInstant(json, out var instant) ? new(instant, null) : TraitSchema.TryText(json, out var text) && TraitSchema.TryDay(text, out var day) ? new(null, day) : null;

    private static Formula Signed(Atom.OfValue atom, bool negated) => negated ? new Formula.Negation(Leaf(atom)) : Leaf(atom);

    /// <summary>A missing value's answer belongs to the leaf, so under the negation that a negative operator becomes it is turned round.</summary>
    private static MissingAs Flipped(MissingAs missing) => missing switch
    {
        MissingAs.Match => MissingAs.NoMatch,
        MissingAs.NoMatch => MissingAs.Match,
        _ => MissingAs.Unknown,
    };

    private static (TraitOperator Operator, bool Negated) Positive(TraitOperator op) => op switch
    {
        TraitOperator.IsNotSet => (TraitOperator.IsSet, true),
        TraitOperator.IsNotEmpty => (TraitOperator.IsEmpty, true),
        TraitOperator.Neq => (TraitOperator.Eq, true),
        TraitOperator.NotIn => (TraitOperator.In, true),
        TraitOperator.NotContains => (TraitOperator.Contains, true),
        TraitOperator.NotStartsWith => (TraitOperator.StartsWith, true),
        TraitOperator.NotEndsWith => (TraitOperator.EndsWith, true),
        TraitOperator.NotMatches => (TraitOperator.Matches, true),
        TraitOperator.NotInCidr => (TraitOperator.InCidr, true),
        TraitOperator.NotBetween => (TraitOperator.Between, true),
        _ => (op, false),
    };

    private ValueSource SourceOf(Subject subject, string path, string? ofEvent)
    {
        var (name, declared) = ofEvent is null
            ? (TraitPath.Of(subject.Name), context.Schema.TypeOf(TraitPath.Of(subject.Name)))
            : (TraitPath.OfProperty(subject.Name), context.Schema.TypeOf(ofEvent, TraitPath.OfProperty(subject.Name)));
        if (declared is not null && subject.ValueType is not null)
        {
            Error($"{path}.value_type", "already_declared", $"`{subject.Name}` is declared as {declared}; `value_type` is for what is not declared");
        }

        if (declared is null && subject.ValueType is null && name.BuiltIn is null)
        {
            WarnOfSlip(subject.Name, ofEvent is null ? TraitNames : PropertyNames(ofEvent), $"{path}.{(ofEvent is null ? "trait" : "property")}");
        }

        var any = subject.Source == DataSource.Any && name.BuiltIn is null;
        return new(ofEvent is null ? ValueOrigin.Trait : ValueOrigin.Property, name, declared ?? subject.ValueType, any);
    }

    /// <summary>What the schema does not declare is taken as it comes; but a name that is nearly a declared one is hardly meant.</summary>
    private void WarnOfSlip(string name, IEnumerable<string> declared, string path)
    {
        var custom = name.StartsWith(CustomPrefix, StringComparison.Ordinal) ? name[CustomPrefix.Length..] : name;
        if (custom.Length >= SlipLengthMin && RuleNames.Nearest(custom, declared.Take(SlipAmongMax)) is { } near)
        {
            Warn(path, "undeclared", $"`{name}` is not declared", near);
        }
    }

    private IEnumerable<string> TraitNames =>
        TraitPath.BuiltInNames.Concat(context.Schema.Traits.Keys.Select(static trait => trait.ToString() is var name && name.StartsWith(CustomPrefix, StringComparison.Ordinal) ? name[CustomPrefix.Length..] : name));

    private IEnumerable<string> PropertyNames(string eventName) => context.Schema.Properties(eventName).Keys.Select(static property => property.ToString());

    private bool QuantifierFits(Subject subject, ValueSource source, string path)
    {
        if (subject.Quantifier is null || source.Type is null or { IsList: true })
        {
            return true;
        }

        Error($"{path}.quantifier", "not_a_list", $"{Named(source)} is {source.Type}, not a list; leave `quantifier` out");
        return false;
    }

    private ValueCheck.Length? SizeCheck(Condition.ValueTest test, ValueSource source, string path)
    {
        if (source.Type is { IsList: false } scalar)
        {
            Error($"{path}.op", "not_a_list", $"{Named(source)} is {scalar}, which has no size");
            return null;
        }

        var fields = ImmutableArray.CreateBuilder<RuleDiagnostic>();
        if (test.Value.ValueKind != JsonValueKind.Object)
        {
            Error($"{path}.value", "wrong_type", "`size` takes a comparison such as {\"op\": \"gte\", \"n\": 2}");
            return null;
        }

        var comparison = new RuleFields(test.Value, $"{path}.value", fields);
        var op = comparison.RequiredWord<TraitOperator>("op", "unknown_operator");
        var n = comparison.RequiredWhole("n", least: 0);
        comparison.Done();
        diagnostics.AddRange(fields);
        if (op is { } known && !RuleReader.IsComparison(known))
        {
            Error($"{path}.value.op", "unknown_operator", $"a size is compared with eq, neq, lt, lte, gt or gte, not `{RuleNames.Of(known)}`");
            return null;
        }

        return op is null || n is null ? null : new(op.Value, n.Value);
    }

    private Formula.Leaf DidEvent(Condition.DidEvent did, string path)
    {
        var selection = Select(did.Choice, did.Window, path, name => new(name) { Distinct = did.DistinctBy is { } property ? Property(name, property, $"{path}.distinct_by") : null });
        return Leaf(new Atom.EventCount(selection, did.Count is { } count ? new(count.Operator, count.N) : new(TraitOperator.Gte, 1)));
    }

    private Formula.Leaf FirstOrLast(Condition.FirstOrLastEvent edge, string path)
    {
        var selection = Select(edge.Choice, null, path, name => new(name)
        {
            Per = edge.Per is { } property ? Property(name, property, $"{path}.per") : null,
            Is = edge.Is is { } condition ? Node(condition, $"{path}.is", name) : null,
        });
        return Leaf(new Atom.EventEdge(selection, edge.Last, WindowOf(edge.Window, $"{path}.window"), edge.Missing ?? MissingAs.Unknown));
    }

    private Formula.Leaf Aggregate(Condition.EventAggregate aggregate, string path)
    {
        var distinct = aggregate.Function == AggregateFunction.CountDistinct;
        var selection = Select(aggregate.Choice, aggregate.Window, path, name =>
        {
            var source = Property(name, aggregate.Property, $"{path}.property");
            if (!distinct && source.Type is { } type && type != new TraitType(TraitKind.Number))
            {
                Error($"{path}.property", "wrong_type", $"property `{aggregate.Property}` of `{name}` is {type}; `{RuleNames.Of(aggregate.Function)}` takes numbers");
            }

            return distinct ? new(name) { Distinct = source } : new(name) { Number = source with { OnlyNumbers = source.Type is null } };
        });
        if (!Numeric.TryParse(aggregate.Value.GetRawText(), out var operand))
        {
            return Unusable;
        }

        return Leaf(distinct
            ? new Atom.EventCount(selection, WholeCount(aggregate.Operator, operand))
            : new Atom.EventAggregate(selection, aggregate.Function, new(aggregate.Operator, operand), aggregate.Missing ?? MissingAs.Unknown));
    }

    /// <summary>A count compared with any number, said with a whole one.</summary>
    private static CountCheck WholeCount(TraitOperator op, Numeric operand)
    {
        const double beyond = long.MaxValue / 2;
        var whole = operand.IsExact ? decimal.IsInteger(operand.Exact) : double.IsInteger(operand.Approximate);
        var floor = Math.Floor(Math.Clamp(operand.IsExact ? (double)Math.Floor(Math.Clamp(operand.Exact, -1e18m, 1e18m)) : operand.Approximate, -beyond, beyond));
        return (op, whole) switch
        {
            (_, true) => new(op, (long)floor),
            (TraitOperator.Gt or TraitOperator.Gte, _) => new(TraitOperator.Gte, (long)floor + 1),
            (TraitOperator.Lt or TraitOperator.Lte, _) => new(TraitOperator.Lte, (long)floor),
            (TraitOperator.Eq, _) => new(TraitOperator.Lt, 0),
            _ => new(TraitOperator.Gte, 0),
        };
    }

    private ValueSource Property(string eventName, string property, string path)
    {
        var name = TraitPath.OfProperty(property);
        var declared = context.Schema.TypeOf(eventName, name);
        if (declared is null)
        {
            WarnOfSlip(property, PropertyNames(eventName), path);
        }

        return new(ValueOrigin.Property, name, declared);
    }

    private EventSelection Select(EventChoice choice, Window? window, string path, Func<string, EventSelector> select)
    {
        var names = choice.Names.Select((name, i) => Event(name, choice.IsList ? $"{path}.event_in[{i}]" : $"{path}.event")).Distinct(StringComparer.Ordinal);
        var selectors = names.Select(name => select(name) with { Where = choice.Where is { } where ? Node(where, $"{path}.where", name) : null });
        return new([.. selectors], WindowOf(window, $"{path}.window"));
    }

    /// <summary>An event's name as events have it.</summary>
    private string Event(string written, string path)
    {
        if (written == ContactEvent.Traits)
        {
            Error(path, "reserved_name", $"\"{written}\" is no event but the history of traits; ask how long a trait has had a value with trait_age");
        }

        var name = written.Normalize(NormalizationForm.FormC);
        if (!context.Schema.Events.Contains(name))
        {
            WarnOfSlip(name, context.Schema.Events, path);
        }

        return name;
    }

    private EventWindow? WindowOf(Window? window, string path)
    {
        if (window is null)
        {
            return null;
        }

        static Instant? End(JsonElement json) => TraitSchema.TryInstant(json, out var instant) ? instant : null;
        var (from, to) = (End(window.From), End(window.To));
        if (from >= to)
        {
            Warn(path, "never_true", "the window ends before it begins, so no event lies in it");
        }

        return new(window.Last, from, to, CalendarOf(window.Last));
    }

    private ZoneCalendar CalendarOf(Span? span) => new(span?.Zone is { } zone ? TimeZoneInfo.FindSystemTimeZoneById(zone) : context.Zone);

    private static string Named(ValueSource source) => source.Origin == ValueOrigin.Property ? $"property `{source.Path}`" : $"trait `{source.Path}`";

    private void Error(string path, string code, string message, string? suggestion = null) => diagnostics.Add(new(path, code, DiagnosticSeverity.Error, message, suggestion));

    private void Warn(string path, string code, string message, string? suggestion = null) => diagnostics.Add(new(path, code, DiagnosticSeverity.Warning, message, suggestion));

    /// <summary>Types the operands of one value test by what its subject is declared to be, or by what they are themselves.</summary>
    private sealed class OperandReader(RuleChecker checker, Condition.ValueTest test, TraitKind? kind, string path)
    {
        /// <summary>Of <c>::ffff:0:0/96</c>, which holds the IPv4 addresses that are mapped into IPv6.</summary>
        private const int MappedPrefixLength = 96;

        public ValueCheck? Read(TraitOperator op) => op switch
        {
            TraitOperator.Eq => Equal(test.Value, $"{path}.value"),
            TraitOperator.In => In(),
            TraitOperator.Contains => Text(op, ValueCheck.TextMatch.Contains),
            TraitOperator.StartsWith => Text(op, ValueCheck.TextMatch.StartsWith),
            TraitOperator.EndsWith => Text(op, ValueCheck.TextMatch.EndsWith),
            TraitOperator.Matches => Pattern(),
            TraitOperator.InCidr => Network(),
            TraitOperator.Lt or TraitOperator.Lte or TraitOperator.Gt or TraitOperator.Gte => Ordered(op),
            TraitOperator.Between => Between(),
            _ => throw new InvalidOperationException($"no operands for {op}"),
        };

        /// <summary>Whether an operator may be asked of the subject at all; reported where not.</summary>
        public bool TakesReference(TraitOperator op) => op switch
        {
            TraitOperator.Eq when kind is TraitKind.Date or TraitKind.DateTime => Equal(test.Value, $"{path}.value") is not null,
            TraitOperator.Eq => true,
            TraitOperator.Lt or TraitOperator.Lte or TraitOperator.Gt or TraitOperator.Gte => kind == TraitKind.Version || OfKind(op, TraitKind.Number),
            _ => OfKind(op, TraitKind.Text),
        };

        private ValueCheck? Equal(JsonElement operand, string place)
        {
            var read = kind ?? operand.ValueKind switch
            {
                JsonValueKind.String => TraitKind.Text,
                JsonValueKind.Number => TraitKind.Number,
                JsonValueKind.True or JsonValueKind.False => TraitKind.Boolean,
                _ => null,
            };
            switch (read)
            {
                case TraitKind.Text:
                    return TextOperand(operand, place) is { } text ? new ValueCheck.OfText(ValueCheck.TextMatch.Equals, [text], Folding) : null;
                case TraitKind.Number:
                    return NumberOperand(operand, place) is { } number ? new ValueCheck.OfNumber(TraitOperator.Eq, number) : null;
                case TraitKind.Boolean:
                    return operand.ValueKind is JsonValueKind.True or JsonValueKind.False ? new ValueCheck.OfFlag(operand.GetBoolean()) : Mismatch(operand, place, "true or false");
                case TraitKind.Version:
                    return VersionOperand(operand, place) is { } version ? new ValueCheck.OfVersion(TraitOperator.Eq, version) : null;
                case TraitKind.Date or TraitKind.DateTime:
                    checker.Error($"{path}.op", "wrong_operator", $"`{test.Subject.Name}` is {new TraitType(read.Value)}; compare it with a `date` condition", "`on`");
                    return null;
                default:
                    return Mismatch(operand, place, "a text, a number, true or false");
            }
        }

        private ValueCheck? In()
        {
            if (kind == TraitKind.Version)
            {
                return WrongOperator(TraitOperator.In);
            }

            var kinds = test.Values.Select(static value => value.ValueKind is JsonValueKind.False ? JsonValueKind.True : value.ValueKind).Distinct().Count();
            if (kind is null && kinds > 1)
            {
                checker.Warn($"{path}.values", "mixed_values", $"`{test.Subject.Name}` is compared with values of several kinds; each is compared only with its own");
            }

            var checks = test.Values.Select((value, i) => Equal(value, $"{path}.values[{i}]")).ToList();
            if (checks.Exists(static check => check is null))
            {
                return null;
            }

            ImmutableArray<ValueCheck> merged =
            [
                .. Merged<ValueCheck.OfText>(checks, _ => new ValueCheck.OfText(ValueCheck.TextMatch.Equals, test.Values.Select(static value => TraitSchema.TryText(value, out var text) ? text : null).OfType<string>(), Folding)),
                .. Merged<ValueCheck.OfNumber>(checks, static numbers => numbers.Count == 1 ? numbers[0] : new ValueCheck.InNumbers(numbers.Select(static number => number.Operand))),
                .. checks.OfType<ValueCheck.OfFlag>().DistinctBy(static flag => flag.Operand),
            ];
            return merged.Length == 1 ? merged[0] : new ValueCheck.AnyOf(merged);
        }

        private static IEnumerable<ValueCheck> Merged<T>(List<ValueCheck?> checks, Func<List<T>, ValueCheck> merge) where T : ValueCheck =>
            checks.OfType<T>().ToList() is { Count: > 0 } some ? [merge(some)] : [];

        private ValueCheck.OfText? Text(TraitOperator op, ValueCheck.TextMatch match) =>
            !OfKind(op, TraitKind.Text) ? null : TextOperand(test.Value, $"{path}.value") is { } text ? new ValueCheck.OfText(match, [text], Folding) : null;

        private ValueCheck.OfPattern? Pattern()
        {
            if (!OfKind(TraitOperator.Matches, TraitKind.Text) || TextOperand(test.Value, $"{path}.value") is not { } pattern)
            {
                return null;
            }

            if (RulePattern.TryCompile(pattern, test.CaseSensitive ?? false, out var regex, out var refused))
            {
                return new ValueCheck.OfPattern(regex);
            }

            checker.Error($"{path}.value", "bad_pattern", refused);
            return null;
        }

        private ValueCheck.OfAddress? Network()
        {
            if (!OfKind(TraitOperator.InCidr, TraitKind.Text) || TextOperand(test.Value, $"{path}.value") is not { } text)
            {
                return null;
            }

            if (System.Net.IPNetwork.TryParse(text, out var network))
            {
                return new ValueCheck.OfAddress([Unmapped(network)]);
            }

            checker.Error($"{path}.value", "wrong_type", $"\"{text}\" is no network; write an address and a prefix length, such as \"10.0.0.0/8\"");
            return null;
        }

        /// <summary>An IPv4 network that is mapped into IPv6 is that IPv4 network, since mapped addresses are IPv4 addresses.</summary>
        private static System.Net.IPNetwork Unmapped(System.Net.IPNetwork network) =>
            network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= MappedPrefixLength ? new(network.BaseAddress.MapToIPv4(), network.PrefixLength - MappedPrefixLength) : network;

        private ValueCheck? Ordered(TraitOperator op)
        {
            if (kind == TraitKind.Version)
            {
                return VersionOperand(test.Value, $"{path}.value") is { } version ? new ValueCheck.OfVersion(op, version) : null;
            }

            return OfKind(op, TraitKind.Number) && NumberOperand(test.Value, $"{path}.value") is { } number ? new ValueCheck.OfNumber(op, number) : null;
        }

        private ValueCheck.BetweenNumbers? Between()
        {
            if (!OfKind(TraitOperator.Between, TraitKind.Number))
            {
                return null;
            }

            var (low, high) = (NumberOperand(test.Values[0], $"{path}.values[0]"), NumberOperand(test.Values[1], $"{path}.values[1]"));
            if (low > high)
            {
                checker.Warn($"{path}.values", "never_true", "the low end is above the high end, so no number lies between");
            }

            return low is null || high is null ? null : new ValueCheck.BetweenNumbers(low.Value, high.Value);
        }

        private TextFolding Folding => new(test.CaseSensitive ?? false, test.AccentSensitive ?? true);

        private bool OfKind(TraitOperator op, TraitKind wanted)
        {
            if (kind is null || kind == wanted)
            {
                return true;
            }

            WrongOperator(op);
            return false;
        }

        private ValueCheck? WrongOperator(TraitOperator op)
        {
            checker.Error($"{path}.op", "wrong_operator", $"`{test.Subject.Name}` is {new TraitType(kind!.Value)}, which `{RuleNames.Of(op)}` does not compare",
                kind is TraitKind.Date or TraitKind.DateTime ? "a `date` condition" : null);
            return null;
        }

        private string? TextOperand(JsonElement operand, string place)
        {
            if (!TraitSchema.TryText(operand, out var text))
            {
                Mismatch(operand, place, "a text");
                return null;
            }

            if (Encoding.UTF8.GetByteCount(text) > Limits.TextBytesMax)
            {
                checker.Error(place, "text_too_long", $"the value is longer than {Limits.TextBytesMax} bytes");
                return null;
            }

            return text;
        }

        private Numeric? NumberOperand(JsonElement operand, string place)
        {
            if (operand.ValueKind == JsonValueKind.Number && Numeric.TryParse(operand.GetRawText(), out var number))
            {
                return number;
            }

            Mismatch(operand, place, "a number");
            return null;
        }

        private SemanticVersion? VersionOperand(JsonElement operand, string place)
        {
            if (TraitSchema.TryText(operand, out var text) && SemanticVersion.TryParse(text, out var version))
            {
                return version;
            }

            Mismatch(operand, place, "a version such as \"1.2.3\"");
            return null;
        }

        private ValueCheck? Mismatch(JsonElement operand, string place, string wanted)
        {
            checker.Error(place, "wrong_type", $"`{test.Subject.Name}` is {(kind is { } declared ? $"{new TraitType(declared)}, " : "")}compared with {RuleFields.Shown(operand)}; expected {wanted}");
            return null;
        }
    }
}
