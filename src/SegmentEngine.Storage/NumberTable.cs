using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SegmentEngine.Storage;

/// <summary>
/// Makes a blob of 64-bit numbers a table: <c>select value from numbers(?1)</c>, in the blob's order. SQLite reads it through a virtual table, at a third of what an array of JSON costs, and writing it takes a copy
/// instead of printing digits. The blob is copied when the reading begins, so that nothing of ours is held by SQLite for longer than a statement.
/// </summary>
internal static unsafe partial class NumberTable
{
    private const string Library = "e_sqlite3";
    private const int HiddenNumbers = 1;
    private const byte IsEqual = 2;

    /// <summary>Makes the table known to a connection, for as long as it is open.</summary>
    public static void Register(sqlite3 database)
    {
        fixed (byte* name = "numbers\0"u8)
        {
            SqliteException.ThrowExceptionForRC(sqlite3_create_module_v2(database.DangerousGetHandle(), name, module, 0, 0), database);
        }
    }

    /// <summary>The numbers as <c>numbers</c> takes them.</summary>
    public static ReadOnlySpan<byte> Blob(ReadOnlySpan<long> numbers) => MemoryMarshal.AsBytes(numbers);

    /// <summary>SQLite keeps the address for the life of every connection, so it is never freed.</summary>
    private static readonly Module* module = MakeModule();

    private static Module* MakeModule()
    {
        var made = (Module*)NativeMemory.AllocZeroed((nuint)sizeof(Module));
        made->Connect = &Connect;
        made->BestIndex = &BestIndex;
        made->Disconnect = &Disconnect;
        made->Open = &Open;
        made->Close = &Close;
        made->Filter = &Filter;
        made->Next = &Next;
        made->Eof = &Eof;
        made->Column = &Column;
        made->RowId = &RowId;
        return made;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Connect(nint database, void* auxiliary, int count, byte** arguments, Table** table, byte** error)
    {
        fixed (byte* columns = "create table numbers (value integer, numbers blob hidden)\0"u8)
        {
            var result = sqlite3_declare_vtab(database, columns);
            *table = result == raw.SQLITE_OK ? (Table*)NativeMemory.AllocZeroed((nuint)sizeof(Table)) : null;
            return result;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Disconnect(Table* table)
    {
        NativeMemory.Free(table);
        return raw.SQLITE_OK;
    }

    /// <summary>There is one way to read it: with the blob given.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int BestIndex(Table* table, IndexInfo* info)
    {
        for (var i = 0; i < info->ConstraintCount; i++)
        {
            var constraint = info->Constraints[i];
            if (constraint is { Column: HiddenNumbers, Operator: IsEqual })
            {
                if (constraint.Usable == 0)
                {
                    return raw.SQLITE_CONSTRAINT;
                }

                info->Usage[i].Argument = 1;
                info->Usage[i].Omit = 1;
            }
        }

        return raw.SQLITE_OK;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(Table* table, Cursor** cursor)
    {
        *cursor = (Cursor*)NativeMemory.AllocZeroed((nuint)sizeof(Cursor));
        return raw.SQLITE_OK;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(Cursor* cursor)
    {
        NativeMemory.Free(cursor->Numbers);
        NativeMemory.Free(cursor);
        return raw.SQLITE_OK;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Filter(Cursor* cursor, int index, byte* name, int count, nint* arguments)
    {
        var bytes = count == 0 ? 0 : sqlite3_value_bytes(arguments[0]);
        NativeMemory.Free(cursor->Numbers);
        cursor->Numbers = (long*)NativeMemory.Alloc((nuint)bytes);
        cursor->Count = bytes / sizeof(long);
        cursor->At = 0;
        if (bytes > 0)
        {
            NativeMemory.Copy(sqlite3_value_blob(arguments[0]), cursor->Numbers, (nuint)bytes);
        }

        return raw.SQLITE_OK;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Next(Cursor* cursor)
    {
        cursor->At++;
        return raw.SQLITE_OK;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Eof(Cursor* cursor) => cursor->At >= cursor->Count ? 1 : 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Column(Cursor* cursor, nint context, int column)
    {
        if (column != HiddenNumbers)
        {
            sqlite3_result_int64(context, cursor->Numbers[cursor->At]);
        }

        return raw.SQLITE_OK;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int RowId(Cursor* cursor, long* number)
    {
        *number = cursor->At;
        return raw.SQLITE_OK;
    }

#pragma warning disable CA1812, CS0649, IDE0044, IDE0051, IDE1006 // SQLite's own structures and names; it fills them.

    /// <summary>What SQLite keeps of a virtual table.</summary>
    private struct Table
    {
        public void* Module;
        public int References;
        public byte* Error;
    }

    private struct Cursor
    {
        public Table* Table;
        public long* Numbers;
        public long Count;
        public long At;
    }

    private struct Constraint
    {
        public int Column;
        public byte Operator;
        public byte Usable;
        public int Term;
    }

    private struct ConstraintUsage
    {
        public int Argument;
        public byte Omit;
    }

    /// <summary>The beginning of <c>sqlite3_index_info</c>, as far as it is read here.</summary>
    private struct IndexInfo
    {
        public int ConstraintCount;
        public Constraint* Constraints;
        public int OrderCount;
        public void* Orders;
        public ConstraintUsage* Usage;
    }

    /// <summary><c>sqlite3_module</c>; without <c>xCreate</c> the table is there by its name alone.</summary>
    private struct Module
    {
        public int Version;
        public void* Create;
        public delegate* unmanaged[Cdecl]<nint, void*, int, byte**, Table**, byte**, int> Connect;
        public delegate* unmanaged[Cdecl]<Table*, IndexInfo*, int> BestIndex;
        public delegate* unmanaged[Cdecl]<Table*, int> Disconnect;
        public void* Destroy;
        public delegate* unmanaged[Cdecl]<Table*, Cursor**, int> Open;
        public delegate* unmanaged[Cdecl]<Cursor*, int> Close;
        public delegate* unmanaged[Cdecl]<Cursor*, int, byte*, int, nint*, int> Filter;
        public delegate* unmanaged[Cdecl]<Cursor*, int> Next;
        public delegate* unmanaged[Cdecl]<Cursor*, int> Eof;
        public delegate* unmanaged[Cdecl]<Cursor*, nint, int, int> Column;
        public delegate* unmanaged[Cdecl]<Cursor*, long*, int> RowId;
        public void* Update, Begin, Sync, Commit, Rollback, FindFunction, Rename, Savepoint, Release, RollbackTo, ShadowName, Integrity;
    }

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int sqlite3_create_module_v2(nint database, byte* name, Module* module, nint auxiliary, nint destroy);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int sqlite3_declare_vtab(nint database, byte* sql);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial void sqlite3_result_int64(nint context, long value);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int sqlite3_value_bytes(nint value);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial void* sqlite3_value_blob(nint value);
}
