using System.Runtime.InteropServices;

namespace SegmentEngine.Storage;

#pragma warning disable IDE1006 // SQLite's own names.

/// <summary>
/// The calls of the hot loops, straight into the library that the program has loaded. The same through SQLitePCLRaw counts a reference to a handle up and down for every value that is bound or read.
/// Those marked <see cref="SuppressGCTransitionAttribute"/> do next to nothing and never wait.
/// </summary>
internal static unsafe partial class NativeSqlite
{
    private const string Library = "e_sqlite3";
    private const DllImportSearchPath Search = DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory;

    /// <summary>SQLite makes a copy of what is bound.</summary>
    public static readonly nint Transient = -1;

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sqlite3_step(nint statement);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sqlite3_reset(nint statement);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sqlite3_clear_bindings(nint statement);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sqlite3_changes(nint database);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sqlite3_bind_int64(nint statement, int parameter, long value);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sqlite3_bind_null(nint statement, int parameter);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sqlite3_bind_text(nint statement, int parameter, byte* text, int length, nint destructor);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sqlite3_bind_blob(nint statement, int parameter, byte* blob, int length, nint destructor);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sqlite3_column_type(nint statement, int column);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    [DefaultDllImportSearchPaths(Search)]
    public static partial long sqlite3_column_int64(nint statement, int column);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(Search)]
    public static partial byte* sqlite3_column_blob(nint statement, int column);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    [DefaultDllImportSearchPaths(Search)]
    public static partial int sqlite3_column_bytes(nint statement, int column);
}
