namespace SegmentEngine.Cli.Importing;

internal enum ImportKind
{
    Contacts,
    Events,
}
