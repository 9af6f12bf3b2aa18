using System.Globalization;
using System.Text;
using System.Text.Json;
using Bogus;
using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Demo;

/// <summary>
/// The contacts of a made-up support desk and what they did, from a fixed seed: the same start gives the same people and events, to the second.
/// Times are counted back from the start, so that what was lately is lately.
/// </summary>
internal sealed class DemoDesk
{
    public const int ContactCount = 10_000;
    public const int EventCount = 100_000;

    private const int Seed = 20_260_115;
    private const int CompanyCount = 1_500;
    private const int HistoryDays = 400;

    /// <summary>Those whom the sample "Pilot group" names.</summary>
    private static readonly Guid[] pilots =
    [
        new("5e9e6f4a-0001-4c7d-9b1e-7a2f3c4d5e6f"), new("5e9e6f4a-0002-4c7d-9b1e-7a2f3c4d5e6f"), new("5e9e6f4a-0003-4c7d-9b1e-7a2f3c4d5e6f"),
    ];

    private static readonly (string Country, string Language, string Names, float Share)[] places =
    [
        ("US", "en-US", "en_US", 0.30f), ("DE", "de", "de", 0.16f), ("GB", "en-GB", "en_GB", 0.12f), ("FR", "fr", "fr", 0.10f), ("AT", "de-AT", "de_AT", 0.05f), ("CH", "de-CH", "de_CH", 0.04f),
        ("ES", "es", "es", 0.06f), ("NL", "nl", "nl", 0.05f), ("BR", "pt-BR", "pt_BR", 0.05f), ("PL", "pl", "pl", 0.04f), ("JP", "ja", "ja", 0.03f),
    ];

    private static readonly string[] plans = ["free", "trial", "starter", "pro", "enterprise"];
    private static readonly float[] planShares = [0.28f, 0.16f, 0.26f, 0.22f, 0.08f];
    private static readonly string[] tags = ["newsletter", "beta", "early-access", "webinar", "reference", "reseller"];
    private static readonly string[] versions = ["2.4.0", "2.9.3", "2.10.1", "3.0.0-rc.1", "3.0.0", "3.1.2", "3.2.0"];
    private static readonly string[] topics = ["billing", "login", "shipping", "api", "reports", "how-to", "bug"];
    private static readonly string[] priorities = ["low", "normal", "high", "urgent"];
    private static readonly float[] priorityShares = [0.25f, 0.50f, 0.17f, 0.08f];
    private static readonly string[] features = ["inbox", "macros", "reports", "api", "automations", "help-center", "voice", "chat"];
    private static readonly string[] devices = ["web", "ios", "android"];
    private static readonly (string Id, float Share)[] lists = [("launch-2026", 0.05f), ("leave-alone", 0.03f)];
    private static readonly string[] sequences = ["welcome", "winter-sale", "trial-tips"];

    private readonly Instant start;
    private readonly Randomizer chance = new(Seed);
    private readonly Dictionary<string, Faker> namers;
    private readonly List<Company> companies;
    private readonly List<Person> people = [];
    private readonly List<EventWrite> events = [];

    private DemoDesk(Instant start)
    {
        this.start = start;
        namers = places.Select(static place => place.Names).ToDictionary(static names => names, names => new Faker(names) { Random = chance });
        companies = [.. Enumerable.Range(0, CompanyCount).Select(NewCompany)];
        var addresses = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < ContactCount; i++)
        {
            people.Add(NewPerson(i, addresses));
        }

        companies.Zip(people).ToList().ForEach(each => Invoice(each.First, payer: each.Second));
        people.ForEach(Live);
        FillWithLogins();
        Contacts = [.. people.Select(Written)];
        Events = [.. events.OrderBy(static happened => happened.At).Select(static (happened, i) => happened with { MessageId = string.Create(CultureInfo.InvariantCulture, $"demo-{i}") })];
    }

    public IReadOnlyList<ContactWrite> Contacts { get; }

    /// <summary>In the order they happened, each with a message id, so that writing them twice stores them once.</summary>
    public IReadOnlyList<EventWrite> Events { get; }

    public static DemoDesk Founded(Instant start) => new(start);

    private Company NewCompany(int i)
    {
        var place = places[chance.WeightedRandom([.. Enumerable.Range(0, places.Length)], [.. places.Select(static place => place.Share)])];
        var plan = chance.WeightedRandom(plans, planShares);
        var seats = plan switch { "enterprise" => chance.Int(50, 900), "pro" => chance.Int(8, 120), "starter" => chance.Int(1, 15), _ => chance.Int(1, 5) };
        var price = plan switch { "enterprise" => 39m, "pro" => 29m, "starter" => 19m, _ => 0m };
        var age = chance.Int(20, 2_200);
        var name = i switch { 0 => "Acme", 1 => "Globex", _ => namers[place.Names].Company.CompanyName() };
        return new(
            name,
            i < 2 ? name.ToLowerInvariant() + ".example" : string.Create(CultureInfo.InvariantCulture, $"{Letters(name, "company")}-{i}.example"),
            place, plan, seats, Math.Round(seats * price * chance.Decimal(0.85m, 1m), 2), age,
            Paying: price > 0, TrialEndsInDays: plan == "trial" ? chance.Int(-6, 21) : null);
    }

    private Person NewPerson(int i, HashSet<string> addresses)
    {
        // The first employees of every company come first, so that each has one; then companies fill up by chance, large ones more.
        var company = i < CompanyCount ? companies[i] : companies[(int)(CompanyCount * Math.Pow(chance.Double(), 1.6))];
        var namer = namers[company.Place.Names];
        var (first, last) = (namer.Name.FirstName(), namer.Name.LastName());
        var mailbox = chance.Bool(0.006f)
            ? string.Create(CultureInfo.InvariantCulture, $"{chance.ArrayElement(["test", "qa", "demo"])}+{i}")
            : $"{Letters(first, "mail")}.{Letters(last, string.Create(CultureInfo.InvariantCulture, $"n{i}"))}";
        var address = $"{mailbox}@{company.Domain}";
        if (!addresses.Add(address))
        {
            address = string.Create(CultureInfo.InvariantCulture, $"{mailbox}.{i}@{company.Domain}");
            _ = addresses.Add(address);
        }

        return new(
            i < pilots.Length ? pilots[i] : chance.Guid(),
            string.Create(CultureInfo.InvariantCulture, $"c-{i:00000}"),
            $"{first} {last}", address, company,
            CreatedDaysAgo: Math.Min(company.AgeDays, chance.Int(1, 2_200)),
            Activity: Math.Pow(chance.Double(), 2.5),
            Mood: company.AgeDays % 7 == 0 ? 2.2 : 3.9);
    }

    private ContactWrite Written(Person person)
    {
        var company = person.Company;
        var data = new Dictionary<string, object> { ["company"] = company.Name };
        Set(data, "plan", company.Plan, missing: 0.02f);
        Set(data, "seats", company.Seats, missing: 0.05f);
        Set(data, "mrr", company.Mrr, missing: 0.03f);
        Set(data, "language", company.Place.Language, missing: 0.05f);
        if (chance.Bool(0.01f))
        {
            data["vip"] = true;
        }

        if (company.TrialEndsInDays is { } days)
        {
            data["trial_ends_on"] = Day(days);
        }

        if (company.Paying)
        {
            data["customer_since"] = Day(-company.AgeDays);
        }

        if (chance.Bool(0.35f))
        {
            data["tags"] = chance.ArrayElements(tags, chance.Int(1, 3));
        }

        if (chance.Bool(0.8f))
        {
            data["app_version"] = chance.ArrayElement(versions);
        }

        if (chance.Bool(0.7f))
        {
            data["last_ip"] = chance.Bool(0.04f) ? (chance.Bool() ? Office() : OfficeV6()) : namers[company.Place.Names].Internet.Ip();
        }

        var tellsCountry = chance.Bool(0.9f);
        if (tellsCountry)
        {
            data["country"] = company.Place.Country;
        }

        return new()
        {
            Id = new(person.Id),
            ExternalId = person.ExternalId,
            Name = person.Name,
            Email = person.Email,
            CreatedAt = Ago(TimeSpan.FromDays(person.CreatedDaysAgo)),
            LastSeenAt = person.LastSeen,
            CustomData = Json(data),
            ChangedAt = Ago(TimeSpan.FromDays(chance.Int(0, person.CreatedDaysAgo))),
            Lists = [.. lists.Where(list => chance.Bool(list.Share)).Select(static list => list.Id)],
            Sequences = chance.Bool(0.4f) ? chance.ArrayElements(sequences, chance.Int(1, 2)) : [],
            NonVerifiedCustomData = tellsCountry ? null : Json(new() { ["country"] = company.Place.Country }),
        };
    }

    /// <summary>An address in the networks that the sample "In the office network" names.</summary>
    private string Office() => string.Create(CultureInfo.InvariantCulture, $"198.51.100.{chance.Int(1, 254)}");

    private string OfficeV6() => string.Create(CultureInfo.InvariantCulture, $"2001:db8:a::{chance.Int(1, 65_535):x}");

    /// <summary>Somebody at each paying company gets an invoice a month; now and then one fails, and is mostly paid later.</summary>
    private void Invoice(Company company, Person payer)
    {
        if (!company.Paying)
        {
            return;
        }

        var months = Math.Min(12, company.AgeDays / 30);
        for (var month = 0; month < months; month++)
        {
            var at = Ago(TimeSpan.FromDays((month * 30) + 2 + chance.Double(0, 3)));
            var invoice = $"I-{payer.ExternalId[2..]}-{month}";
            if (chance.Bool(0.04f))
            {
                Happened(payer, "invoice_failed", at, ("invoice_id", invoice), ("outcome", "failed"));
                at = at.Plus(TimeSpan.FromHours(chance.Int(4, 40)));
                if (month == 0 || chance.Bool(0.15f))
                {
                    continue;
                }
            }

            Happened(payer, "invoice_paid", at, ("invoice_id", invoice), ("outcome", "paid"));
        }
    }

    private void Live(Person person)
    {
        var history = Math.Min(person.CreatedDaysAgo, HistoryDays);
        Buy(person, history);
        foreach (var ticket in Enumerable.Range(0, Times(person.Activity * 4)))
        {
            Ask(person, $"T-{person.ExternalId[2..]}-{ticket}", Within(history));
        }

        if (chance.Bool(0.015f))
        {
            foreach (var ticket in Enumerable.Range(0, chance.Int(3, 6)))
            {
                Ask(person, $"T-{person.ExternalId[2..]}-lately-{ticket}", chance.Double(0, Math.Min(history, 25)));
            }
        }

        var explores = chance.Bool(0.12f);
        for (var left = Times(person.Activity * (explores ? 14 : 5)); left > 0; left--)
        {
            Happened(person, "feature_used", Ago(TimeSpan.FromDays(explores ? chance.Double(0, Math.Min(history, 20)) : Within(history))), ("feature", chance.ArrayElement(features)));
        }
    }

    private void Buy(Person person, int history)
    {
        if (!chance.Bool(0.3f))
        {
            return;
        }

        foreach (var order in Enumerable.Range(0, chance.Int(1, 5)))
        {
            var value = Math.Round(chance.Decimal(9, 90) * (person.Company.Plan == "enterprise" ? 12 : 3), 2);
            Happened(person, "order_placed", Ago(TimeSpan.FromDays(Within(history))), ("order_id", $"O-{person.ExternalId[2..]}-{order}"), ("value", value));
        }
    }

    /// <summary>A ticket is made, opened, mostly solved, and sometimes rated.</summary>
    private void Ask(Person person, string ticket, double daysAgo)
    {
        var at = Ago(TimeSpan.FromDays(daysAgo));
        Happened(person, "ticket_created", at,
            ("ticket_id", ticket), ("priority", chance.WeightedRandom(priorities, priorityShares)), ("topic", chance.ArrayElement(topics)), ("channel", chance.ArrayElement(["email", "web", "whatsapp"])));
        Happened(person, "ticket_status_changed", at.Plus(TimeSpan.FromSeconds(1)), ("ticket_id", ticket), ("status", "open"));
        at = at.Plus(TimeSpan.FromHours(chance.Double(0.5, 90)));
        if (at > start || chance.Bool(0.03f))
        {
            return;
        }

        Happened(person, "ticket_status_changed", at, ("ticket_id", ticket), ("status", chance.Bool(0.04f) ? "pending" : "solved"));
        var rated = at.Plus(TimeSpan.FromHours(chance.Double(0.2, 30)));
        if (rated <= start && chance.Bool(0.4f))
        {
            Happened(person, "csat_submitted", rated, ("ticket_id", ticket), ("score", Math.Clamp((int)Math.Round(person.Mood + chance.Double(-1.6, 1.6)), 1, 5)));
        }
    }

    /// <summary>What is left to the full number are logins: of the active more, and more of them lately.</summary>
    private void FillWithLogins()
    {
        if (events.Count > EventCount)
        {
            throw new InvalidOperationException($"the desk made {events.Count} events; there is to be room for logins below {EventCount}");
        }

        while (events.Count < EventCount)
        {
            var person = people[chance.Int(0, people.Count - 1)];
            if (chance.Double() < 0.15 + person.Activity)
            {
                var at = Ago(TimeSpan.FromDays(Math.Min(person.CreatedDaysAgo, HistoryDays) * Math.Pow(chance.Double(), 3)));
                Happened(person, "login", at, ("device", chance.ArrayElement(devices)));
                person.LastSeen = person.LastSeen is { } seen && seen > at ? seen : at;
            }
        }
    }

    private void Happened(Person person, string name, Instant at, params (string Name, object Value)[] properties) =>
        events.Add(new() { User = person.ExternalId, Name = name, At = at, Properties = Json(properties.ToDictionary(static property => property.Name, static property => property.Value)) });

    private void Set(Dictionary<string, object> data, string trait, object value, float missing)
    {
        if (!chance.Bool(missing))
        {
            data[trait] = value;
        }
    }

    /// <summary>A whole number of times, whose mean is given.</summary>
    private int Times(double mean) => (int)mean + (chance.Double() < mean - Math.Floor(mean) ? 1 : 0);

    /// <summary>A number of days ago, lately rather than long since.</summary>
    private double Within(int days) => days * Math.Pow(chance.Double(), 1.4);

    private Instant Ago(TimeSpan span) => new(start.Plus(-span).Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond);

    private string Day(int daysFromStart) => DateOnly.FromDateTime(start.ToDateTimeOffset().UtcDateTime).AddDays(daysFromStart).ToString("O", CultureInfo.InvariantCulture);

    private static JsonElement Json(Dictionary<string, object> values) => JsonSerializer.SerializeToElement(values);

    /// <summary>A name as it may stand in an address: small ASCII letters, without accents.</summary>
    private static string Letters(string name, string orElse)
    {
        var letters = string.Concat(name.Normalize(NormalizationForm.FormD).Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        return letters.Length > 0 ? letters : orElse;
    }

    private sealed record Company(
        string Name, string Domain, (string Country, string Language, string Names, float Share) Place, string Plan, int Seats, decimal Mrr, int AgeDays, bool Paying, int? TrialEndsInDays);

    /// <param name="Activity">From 0 to 1; most are near 0.</param>
    /// <param name="Mood">The rating this contact tends to.</param>
    private sealed record Person(Guid Id, string ExternalId, string Name, string Email, Company Company, int CreatedDaysAgo, double Activity, double Mood)
    {
        public Instant? LastSeen { get; set; }
    }
}
