using Hangfire;
using Hangfire.Common;
using Hangfire.States;

namespace SegmentEngine.Server.Tests.Support;

/// <summary>Nudges that nobody hears: turns are taken by hand.</summary>
internal sealed class NoJobs : IBackgroundJobClient
{
    public string Create(Job job, IState state) => "";

    public bool ChangeState(string jobId, IState state, string expectedState) => false;
}
