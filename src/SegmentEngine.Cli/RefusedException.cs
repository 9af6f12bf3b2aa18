namespace SegmentEngine.Cli;

/// <summary>What was asked for cannot be done. The message is for the person who asked, one sentence a line; the process ends with <see cref="ExitCode.Refused"/>.</summary>
internal sealed class RefusedException(string message) : Exception(message);
