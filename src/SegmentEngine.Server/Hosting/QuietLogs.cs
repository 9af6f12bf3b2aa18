namespace SegmentEngine.Server.Hosting;

/// <summary>Keeps out of the logs, at whatever level they are set to, what libraries write of requests: a path or a message may name a contact, and logs are not erased with it.</summary>
public static class QuietLogs
{
    public static void KeepContactsOutOfLogs(this WebApplicationBuilder builder) => builder.Logging
        .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None) // the path, in a scope around every line
        .AddFilter("Microsoft.AspNetCore.Routing.Matching", LogLevel.Warning) // the path
        .AddFilter("ModelContextProtocol", LogLevel.Warning);                 // whole messages
}
