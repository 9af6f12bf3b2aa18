using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>What was found of one contact.</summary>
/// <param name="Pairs">The segments it was judged for.</param>
/// <param name="Wrong">Those whose membership was wrong three times over.</param>
/// <param name="Mended">Those of them that are mended; the others were changed by somebody else each time, and are found again where they are still wrong.</param>
public readonly record struct AuditedContact(int Pairs, int Wrong, int Mended);

/// <summary>Judges a contact. What is wrong three times over is counted, logged, listed and mended: the row is made what it should be, and the contact evaluated again.</summary>
public sealed partial class MembershipAuditor(MembershipJudge judge, AuditFindings findings, SegmentDatabase database, WorkspaceEngines engines, TimeProvider clock, ILogger<MembershipAuditor> logger)
{
    /// <summary>Between two looks at a pair that seems wrong. What a commit is about to change is right by then.</summary>
    private static readonly TimeSpan again = TimeSpan.FromMilliseconds(300);

    private const int Looks = 3;
    private const int MendsMax = 10;

    /// <summary>Null where nothing can be said just now.</summary>
    public async Task<AuditedContact?> Audit(WorkspaceId workspace, ContactId contact, CancellationToken cancel)
    {
        if (await judge.Judge(workspace, contact, cancel) is not { } judged)
        {
            return null;
        }

        findings.Judged(workspace, judged.Pairs.Count);
        var wrong = judged.Pairs.Where(static pair => !pair.IsRight).ToList();
        for (var look = 1; look < Looks && wrong.Count > 0; look++)
        {
            await Task.Delay(again, cancel);
            var still = await judge.Judge(workspace, contact, cancel);
            judged = still ?? judged;
            wrong = still is null ? [] : [.. still.Pairs.Where(pair => !pair.IsRight && wrong.Exists(before => before.Segment.Id == pair.Segment.Id))];
        }

        return new(judged.Pairs.Count, wrong.Count, wrong.Count > 0 && await Mend(workspace, contact, judged, wrong, cancel) ? wrong.Count : 0);
    }

    private async Task<bool> Mend(WorkspaceId workspace, ContactId contact, Judgement judged, List<JudgedPair> wrong, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var isMended = false;
        for (var tries = 0; tries < MendsMax && !isMended; tries++)
        {
            // Whatever was written since may have mended it, or made it something else.
            judged = tries == 0 ? judged : await judge.Judge(workspace, contact, cancel) ?? judged;
            var rows = judged.Pairs.Where(static pair => !pair.IsRight).Select(static pair => (pair.Segment.Number, pair.Expected)).ToList();
            isMended = rows.Count == 0 || await database.Memberships.Mend(workspace, judged.Contact, rows, judged.At, Instant.From(now), cancel);
        }

        foreach (var pair in wrong)
        {
            findings.Mismatch(workspace, new() { SegmentId = pair.Segment.Id.Value, ContactId = contact.Value, Expected = pair.Expected, Answered = pair.Answered, Stored = pair.Stored, FoundAt = now });
            LogMismatch(logger, workspace, pair.Segment.Id, contact, pair.Expected, pair.Answered, pair.Stored, isMended);
        }

        engines.ContactsChanged(workspace);
        return isMended;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Workspace {Workspace}: a membership was wrong; mended: {Mended}. Segment {Segment}, contact {Contact}: the rule says {Expected}, reads answered {Answered}, the tables held {Stored}")]
    private static partial void LogMismatch(ILogger logger, WorkspaceId workspace, SegmentId segment, ContactId contact, bool expected, bool answered, bool stored, bool mended);
}
