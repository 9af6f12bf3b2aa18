using Microsoft.AspNetCore.Mvc;

namespace SegmentEngine.Server.Hosting;

/// <summary>The revision that the answer to a read must reflect, in the query or in a header; the query goes before.</summary>
public readonly record struct Reflecting([FromQuery(Name = "at_least")] long? AtLeast, [FromHeader(Name = "At-Least-Revision")] long? AtLeastRevision)
{
    public long? Revision => AtLeast ?? AtLeastRevision;
}
