namespace SegmentEngine.Importing;

internal enum ImportKind
{
    Contacts,
    Events,
}
