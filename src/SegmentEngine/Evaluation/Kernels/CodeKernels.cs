using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SegmentEngine.Evaluation.Kernels;

/// <summary>Looks every row's code up in a table of a bit a code: how a check of a dictionary-coded column, made once for each distinct value, reaches the rows.</summary>
internal static class CodeKernels
{
    /// <summary>Words of the table of all one-byte codes.</summary>
    public const int ByteTableWords = 4;

    /// <summary>Sixteen to sixty-four rows at a time: the byte of the table that holds a code's bit is found by shuffling the table itself.</summary>
    public static void Lookup(ReadOnlySpan<byte> codes, ReadOnlySpan<ulong> table, Span<ulong> bits)
    {
        if (codes.Length != bits.Length * 64 || table.Length != ByteTableWords)
        {
            throw new ArgumentException($"{codes.Length} rows for {bits.Length} words of 64, and {table.Length} words of table for {ByteTableWords}");
        }

        if (Avx2.IsSupported)
        {
            Lookup256(codes, table, bits);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Lookup128(codes, table, bits);
        }
        else
        {
            LookupPlain(codes, table, bits);
        }
    }

    /// <summary>For codes of two bytes and more, a load a row; also the plain twin of the one-byte form.</summary>
    public static void LookupPlain<T>(ReadOnlySpan<T> codes, ReadOnlySpan<ulong> table, Span<ulong> bits) where T : unmanaged, IBinaryInteger<T>
    {
        unchecked
        {
            for (var word = 0; word < bits.Length; word++)
            {
                var filled = 0UL;
                var rows = codes.Slice(word * 64, 64);
                for (var i = 0; i < rows.Length; i++)
                {
                    var code = int.CreateTruncating(rows[i]);
                    filled |= ((table[code >> 6] >> (code & 63)) & 1) << i;
                }

                bits[word] = filled;
            }
        }
    }

    /// <summary>A byte of a table for every code.</summary>
    public static void Translate<T>(ReadOnlySpan<T> codes, ReadOnlySpan<byte> table, Span<byte> into) where T : unmanaged, IBinaryInteger<T>
    {
        if (codes.Length != into.Length)
        {
            throw new ArgumentException($"{codes.Length} codes for {into.Length} rows");
        }

        for (var i = 0; i < into.Length; i++)
        {
            into[i] = table[int.CreateTruncating(codes[i])];
        }
    }

    private static void Lookup256(ReadOnlySpan<byte> codes, ReadOnlySpan<ulong> table, Span<ulong> bits)
    {
        ref var row = ref MemoryMarshal.GetReference(codes);
        var lower = Vector256.Create(Vector128.Create(table[0], table[1]), Vector128.Create(table[0], table[1])).AsByte();
        var upper = Vector256.Create(Vector128.Create(table[2], table[3]), Vector128.Create(table[2], table[3])).AsByte();
        var bitOf = Vector256.Create(0x8040201008040201UL).AsByte();
        var (five, three) = (Vector256.Create((byte)0x1F), Vector256.Create((byte)7));
        unchecked
        {
            for (var word = 0; word < bits.Length; word++)
            {
                var filled = 0UL;
                for (var i = 0; i < 64; i += Vector256<byte>.Count)
                {
                    var code = Vector256.LoadUnsafe(ref row, (nuint)((word * 64) + i));
                    var index = Vector256.ShiftRightLogical(code.AsUInt16(), 3).AsByte() & five;

                    // A code's top bit says which half of the table its byte lies in, and is the bit a blend looks at.
                    var found = Avx2.BlendVariable(Avx2.Shuffle(lower, index), Avx2.Shuffle(upper, index), code);
                    var bit = Avx2.Shuffle(bitOf, code & three);
                    filled |= (ulong)Vector256.Equals(found & bit, bit).ExtractMostSignificantBits() << i;
                }

                bits[word] = filled;
            }
        }
    }

    public static void Lookup128(ReadOnlySpan<byte> codes, ReadOnlySpan<ulong> table, Span<ulong> bits)
    {
        ref var row = ref MemoryMarshal.GetReference(codes);
        var (lower, upper) = (Vector128.Create(table[0], table[1]).AsByte(), Vector128.Create(table[2], table[3]).AsByte());
        var bitOf = Vector128.Create(0x8040201008040201UL).AsByte();
        var (sixteen, three) = (Vector128.Create((byte)16), Vector128.Create((byte)7));
        unchecked
        {
            for (var word = 0; word < bits.Length; word++)
            {
                var filled = 0UL;
                for (var i = 0; i < 64; i += 16)
                {
                    var code = Vector128.LoadUnsafe(ref row, (nuint)((word * 64) + i));
                    var index = Vector128.ShiftRightLogical(code, 3);

                    // An index outside its half of the table shuffles to 0.
                    var found = Vector128.Shuffle(lower, index) | Vector128.Shuffle(upper, index - sixteen);
                    var bit = Vector128.Shuffle(bitOf, code & three);
                    filled |= (ulong)Vector128.Equals(found & bit, bit).ExtractMostSignificantBits() << i;
                }

                bits[word] = filled;
            }
        }
    }
}
