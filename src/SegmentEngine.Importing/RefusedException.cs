namespace SegmentEngine.Importing;

/// <summary>What was asked for cannot be done. The message is for the person who asked, one sentence a line; it is no bug.</summary>
internal sealed class RefusedException(string message) : Exception(message);
