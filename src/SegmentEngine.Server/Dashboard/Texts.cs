namespace SegmentEngine.Server.Dashboard;

/// <summary>Stands for the texts of the dashboard: Texts.resx, and a file beside it for each further language.</summary>
public sealed class Texts;
