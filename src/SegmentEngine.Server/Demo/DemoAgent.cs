using SegmentEngine.Storage;

namespace SegmentEngine.Server.Demo;

/// <summary>What the demo's support agent may call and is told, and for whom.</summary>
internal static class DemoAgent
{
    public static IReadOnlyList<StoredAction> Actions { get; } =
    [
        Action(1, "look_up_order", "Look up an order and where it is"),
        Action(2, "hand_over", "Hand the conversation to a person", channels: ["web", "email", "whatsapp"]),
        Action(3, "extend_trial", "Add a week to the trial", "trial-users"),
        Action(4, "refund_order", "Refund an order without asking", "vip-customers", "loyal-customers"),
        Action(5, "book_a_call", "Book a call with the account manager", "vip-with-an-open-ticket", "vip-at-risk"),
        Action(6, "offer_payment_plan", "Offer to pay in parts", "payment-is-failing"),
    ];

    public static IReadOnlyList<StoredInstruction> Instructions { get; } =
    [
        Instruction(1, "BEHAVIORAL", "Tone", "Be brief and friendly. Say what you will do before you do it."),
        Instruction(2, "BEHAVIORAL", "No promises", "Never promise a date that is not in the ticket."),
        Instruction(3, "BEHAVIORAL", "German", "Answer in German, with Sie.", "speaks-german"),
        Instruction(4, "SCENARIO_SPECIFIC", "VIP", "Greet by name. Offer the account manager early.", "vip-customers"),
        Instruction(5, "SCENARIO_SPECIFIC", "Getting started", "Ask what they want to try, and point to the guide for it.", "trial-users", "trial-ending-soon"),
        Instruction(6, "SCENARIO_SPECIFIC", "Unhappy", "Begin with an apology. Ask what went wrong last time, and write it down.", "at-risk", "last-rating-was-bad"),
    ];

    private static StoredAction Action(int number, string name, string description, params string[] samples) => Action(number, name, description, channels: [], samples);

    private static StoredAction Action(int number, string name, string description, IReadOnlyList<string> channels, params string[] samples) => new()
    {
        Id = Id(1, number),
        Name = name,
        Description = description,
        Payload = $$"""{"method":"POST","path":"/tools/{{name}}"}""",
        RestrictedToSegments = [.. samples.Select(DemoSegments.IdOf)],
        RestrictedToChannels = channels,
    };

    private static StoredInstruction Instruction(int number, string type, string title, string content, params string[] samples) => new()
    {
        Id = Id(2, number),
        Type = type,
        Title = title,
        Content = content,
        RestrictedToSegments = [.. samples.Select(DemoSegments.IdOf)],
    };

    private static Guid Id(short kind, int number) => new(0x5e9e6f4a, kind, 0x4c7d, [0x9b, 0x1e, 0, 0, 0, 0, 0, (byte)number]);
}
