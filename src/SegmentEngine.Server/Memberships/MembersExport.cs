using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Hosting;

namespace SegmentEngine.Server.Memberships;

/// <summary>All members of a segment as one stream, from one snapshot: CSV with a head line, or JSON Lines.</summary>
public static class MembersExport
{
    public static PushStreamHttpResult Stream(string format, MembershipAnswers answers, WorkspaceSnapshot snapshot, WorkspaceId workspace, SegmentState segment) => TypedResults.Stream(
        async stream =>
        {
            await using var writer = ContactsExport.Writer(stream);
            if (format == ContactsExport.Csv)
            {
                await writer.WriteLineAsync("contact_id,external_id,since");
            }

            string? next = null;
            do
            {
                _ = MembershipEndpoints.TryReadCursor(next, out var after);
                var page = answers.Members(snapshot, workspace, segment, after, RequestLimits.MembersPageSizeMax);
                foreach (var member in page.Items)
                {
                    await writer.WriteLineAsync(format == ContactsExport.Csv ? Line(member) : JsonSerializer.Serialize(member, WireJson.Default.Member));
                }

                next = page.Next;
            }
            while (next is not null);
        },
        ContactsExport.MediaType(format), $"members.{format}");

    private static string Line(Member member) =>
        $"{member.ContactId},{ContactsExport.Field(member.ExternalId ?? "")},{(member.Since is { } since ? since.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", null) : "")}";
}
